package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

const (
	importsPath = "/imports"
	// shownImports bounds the list of imports, importRows the bad values on a page.
	shownImports = 50
	importRows   = 100
)

// imports is the form to upload a file, and the latest uploads.
func (h *Handlers) imports(c echo.Context) error {
	return h.showImports(c, http.StatusOK, c.QueryParam("kind"), views.Errors{})
}

// kindsOf are what the files of a role may hold.
func kindsOf(role string) []string {
	if role == RoleAdmin {
		return []string{db.ImportOfJobs, db.ImportOfContractors, db.ImportOfRegions}
	}
	return []string{db.ImportOfJobs}
}

// showImports draws the form with the kind of file that was chosen.
func (h *Handlers) showImports(c echo.Context, status int, kind string, errs views.Errors) error {
	p, _ := principal(c)
	now := h.now()
	batches, err := h.db.ImportBatches(c.Request().Context(), actor(p), now, shownImports)
	if err != nil {
		return err
	}
	view := views.Imports{Errors: errs, MaxSize: inMegabytes(maxUpload), Admin: p.Role == RoleAdmin, Kind: kind}
	for _, b := range batches {
		view.Batches = append(view.Batches, importRow(b, now))
	}
	page, err := h.page(c, "Import", "imports")
	if err != nil {
		return err
	}
	return render(c, status, views.ImportsPage(page, view))
}

// checkImport takes an uploaded file and leads to what its import would do.
// Nothing is saved before that is confirmed.
func (h *Handlers) checkImport(c echo.Context) error {
	p, _ := principal(c)
	giveBack, err := h.uploadTurn(c.Request().Context(), p.UserID)
	if err != nil {
		return h.noTurn(c, err)
	}
	defer giveBack()
	up, err := upload(c)
	var invalid *db.Invalid
	if errors.As(err, &invalid) {
		return h.showImports(c, http.StatusUnprocessableEntity, up.kind, views.Errors{invalid.Field: invalid.Message})
	}
	if err != nil {
		return err
	}
	if !slices.Contains(kindsOf(p.Role), up.kind) {
		return h.showImports(c, http.StatusUnprocessableEntity, up.kind, views.Errors{"kind": "Choose what the file holds."})
	}
	id, err := h.db.CheckImport(c.Request().Context(), db.ImportUpload{
		By: actor(p), Kind: up.kind, FileName: up.name, Content: up.content, Now: h.now(),
	})
	if errors.Is(err, db.ErrFile) {
		return h.showImports(c, http.StatusUnprocessableEntity, up.kind, views.Errors{"file": fileTrouble(err)})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, importsPath+"/"+id)
}

// importBatch shows one upload: what its import would do, how far it is, or what
// it did. While something runs the page asks for its content again.
func (h *Handlers) importBatch(c echo.Context) error {
	return h.showImport(c, http.StatusOK, "")
}

func (h *Handlers) showImport(c echo.Context, status int, notice string) error {
	id, err := pathID(c, "importID")
	if err != nil {
		return err
	}
	p, _ := principal(c)
	ctx := c.Request().Context()
	b, err := h.db.ImportBatch(ctx, actor(p), id, h.now())
	if err != nil {
		return err
	}
	view := importDetail(b, h.now())
	view.Notice, view.Others = notice, b.UserID != p.UserID
	first, _ := strconv.Atoi(c.QueryParam("from"))
	first = min(max(first, 0), b.Values)
	bad, err := h.db.ImportErrors(ctx, id, first, importRows)
	if err != nil {
		return err
	}
	addErrors(&view, b, bad, first)
	if err := h.addMap(ctx, &view, b); err != nil {
		return err
	}
	if isPartial(c) {
		return render(c, status, views.ImportContent(view))
	}
	page, err := h.page(c, "Import of "+b.FileName, "imports")
	if err != nil {
		return err
	}
	return render(c, status, views.ImportPage(page, view))
}

// addMap adds what the map of a batch would do or did, but not while it runs.
func (h *Handlers) addMap(ctx context.Context, view *views.ImportDetail, b db.ImportBatch) error {
	if view.IsMap = b.Kind == db.ImportOfRegions; !view.IsMap || b.State != db.ImportChecked && b.State != db.ImportDone {
		return nil
	}
	shown, err := h.db.ImportPreview(ctx, b.ID)
	if err == nil && shown != nil {
		view.Map = mapChange(*shown)
		view.Map.Done = b.State == db.ImportDone
	}
	return err
}

// confirmImport lets a checked file be imported.
func (h *Handlers) confirmImport(c echo.Context) error {
	return h.changeImport(c, func(p Principal, id string, version int, f Form) error {
		return h.db.ConfirmImport(c.Request().Context(), db.ConfirmImport{
			By: actor(p), ID: id, Version: version, OnlyGood: f.Get("rows") == "good", Now: h.now(),
		})
	})
}

// undoImport lets an import be taken back.
func (h *Handlers) undoImport(c echo.Context) error {
	return h.changeImport(c, func(p Principal, id string, version int, _ Form) error {
		return h.db.UndoImport(c.Request().Context(), db.UndoImport{By: actor(p), ID: id, Version: version, Now: h.now()})
	})
}

func (h *Handlers) changeImport(c echo.Context, change func(p Principal, id string, version int, f Form) error) error {
	id, err := pathID(c, "importID")
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	errs := views.Errors{}
	version := parseVersion(f, errs)
	if len(errs) > 0 {
		return h.showImport(c, http.StatusUnprocessableEntity, "Nothing was changed: the form was not whole. Try again.")
	}
	p, _ := principal(c)
	err = change(p, id, version, f)
	if errors.Is(err, db.ErrImportOfOther) {
		return h.showImport(c, http.StatusForbidden, "Nothing was imported: only who uploaded a file can import it. Upload it yourself to see what it would do with your regions.")
	}
	if errors.Is(err, db.ErrImportState) {
		return h.showImport(c, http.StatusConflict, "Nothing was changed by this: the import is not as it was when you opened the page, or its time is over. This is how it is now.")
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, importsPath+"/"+id)
}

// badRows hands out the rows that could not be taken, to be put right.
func (h *Handlers) badRows(c echo.Context) error {
	id, err := pathID(c, "importID")
	if err != nil {
		return err
	}
	p, _ := principal(c)
	giveBack, err := h.uploadTurn(c.Request().Context(), p.UserID)
	if err != nil {
		return h.noTurn(c, err)
	}
	file, err := func() ([]byte, error) {
		defer giveBack() // before the answer, which may be slow to go
		return h.db.BadRows(c.Request().Context(), actor(p), id, h.now())
	}()
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="bad-rows.csv"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", file)
}

func inMegabytes(bytes int) string { return fmt.Sprintf("%d MB", bytes>>20) }
