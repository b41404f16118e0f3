package handlers

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/views"
)

const (
	exportsPath = "/exports"
	// exportTime bounds the making of a file, downloadTime its way to the
	// browser. While it is on its way it is a file on disk and nothing else.
	exportTime   = 2 * time.Minute
	downloadTime = 10 * time.Minute
)

// mayExport lists what a caller may take away: administrators everything,
// dispatchers what is of their regions, auditors what they look at.
func mayExport(p Principal) []db.ExportKind {
	switch p.Role {
	case RoleAdmin:
		return db.ExportKinds()
	case RoleDispatcher:
		return []db.ExportKind{db.ExportContractors, db.ExportJobs, db.ExportAssignments}
	case RoleAuditor:
		return []db.ExportKind{db.ExportJobs, db.ExportAssignments, db.ExportEvents}
	}
	return nil
}

// exports is the page that offers the files.
func (h *Handlers) exports(c echo.Context) error {
	return h.showExports(c, http.StatusOK, views.Errors{}, "")
}

func (h *Handlers) showExports(c echo.Context, status int, errs views.Errors, notice string) error {
	p, _ := principal(c)
	page, err := h.page(c, "Export", "exports")
	if err != nil {
		return err
	}
	view := views.Exports{
		Region: c.QueryParam("region"), From: c.QueryParam("from"), To: c.QueryParam("to"), Errors: errs, Notice: notice,
	}
	for _, r := range page.Regions {
		view.Regions = append(view.Regions, views.Choice{Value: r.Slug, Label: r.Name})
	}
	view.Regions = append(view.Regions, views.Choice{Value: events.Unrouted, Label: "Unrouted"})
	for _, kind := range mayExport(p) {
		label, about := exportWords(kind)
		shown := views.ExportKind{Label: label, About: about}
		for _, format := range kind.Formats() {
			shown.Files = append(shown.Files, views.ExportFile{Path: exportsPath + "/" + string(kind) + "." + string(format), Label: formatLabel(format)})
		}
		view.Kinds = append(view.Kinds, shown)
	}
	return render(c, status, views.ExportsPage(page, view))
}

// exportFile hands out one file. Who took what away is noted in the log.
func (h *Handlers) exportFile(c echo.Context) error {
	p, _ := principal(c)
	kind, format, found := strings.Cut(c.Param("file"), ".")
	asked := db.Export{Kind: db.ExportKind(kind), Format: db.ExportFormat(format)}
	if !found || !slices.Contains(mayExport(p), asked.Kind) || !slices.Contains(asked.Kind.Formats(), asked.Format) {
		return db.ErrNotFound
	}
	errs := h.narrow(c, p, &asked)
	if len(errs) > 0 {
		return h.showExports(c, http.StatusUnprocessableEntity, errs, "")
	}
	file, err := h.makeExport(c.Request().Context(), p, asked)
	if errors.Is(err, errOwnUpload) || errors.Is(err, errAllUploads) {
		c.Response().Header().Set("Retry-After", "10")
		return h.showExports(c, http.StatusServiceUnavailable, errs, "No file was made: others are being made or read at the moment. Try again in a minute.")
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	h.log.InfoContext(c.Request().Context(), "export", "request_id", requestID(c), "user_id", p.UserID, "role", p.Role, "kind", kind, "format", format,
		"region", asked.Region, "from", asked.From, "to", asked.To, "rows", file.Rows, "bytes", file.Size)
	return h.send(c, file, asked, kind+"-"+h.now().UTC().Format(time.DateOnly)+"."+format)
}

// makeExport makes a file when it is its turn, which it gives back before the
// file goes out.
func (h *Handlers) makeExport(ctx context.Context, p Principal, asked db.Export) (*db.Exported, error) {
	giveBack, err := h.uploadTurn(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	defer giveBack()
	return h.db.Export(ctx, asked)
}

// narrow reads what is asked for and bounds it to what the caller may see.
func (h *Handlers) narrow(c echo.Context, p Principal, asked *db.Export) views.Errors {
	errs := views.Errors{}
	asked.Region, asked.From, asked.To = c.QueryParam("region"), c.QueryParam("from"), c.QueryParam("to")
	asked.Everywhere = p.Role == RoleAdmin || p.Role == RoleAuditor
	if !asked.Everywhere {
		asked.Regions = append([]string{events.Unrouted}, p.Regions...)
	}
	if asked.Region != "" && (!isSlug(asked.Region) || !p.MaySee(asked.Region)) {
		errs["region"] = "Choose a region from the list."
	}
	for name, day := range map[string]string{"from": asked.From, "to": asked.To} {
		if day != "" && !isDate(day) {
			errs[name] = "Give a date such as 2026-11-23."
		}
	}
	if len(errs) == 0 && asked.From != "" && asked.To != "" && asked.To < asked.From {
		errs["to"] = "The last day is before the first."
	}
	return errs
}

// send hands a finished file to the browser, which notices when it did not get
// all of it: by its size, or by the end of the compressed stream.
func (h *Handlers) send(c echo.Context, file *db.Exported, asked db.Export, name string) error {
	// Test recorders have no deadlines; their error changes nothing.
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(downloadTime))
	header := c.Response().Header()
	header.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	header.Set(echo.HeaderContentType, exportType(asked.Format))
	header.Set(echo.HeaderContentLength, strconv.FormatInt(file.Size, 10))
	c.Response().WriteHeader(http.StatusOK)
	if _, err := io.Copy(c.Response(), file); err != nil {
		h.log.WarnContext(c.Request().Context(), "export cut off", "request_id", requestID(c), "err", err)
	}
	return nil
}

func exportType(format db.ExportFormat) string {
	switch format {
	case db.ExportJSONL:
		return "application/jsonl; charset=utf-8"
	case db.ExportGeoJSON:
		return "application/geo+json"
	}
	return "text/csv; charset=utf-8"
}

func formatLabel(format db.ExportFormat) string {
	switch format {
	case db.ExportJSONL:
		return "JSON Lines"
	case db.ExportGeoJSON:
		return "GeoJSON"
	}
	return "CSV"
}

// exportWords names a kind, and says what its file holds.
func exportWords(kind db.ExportKind) (label, about string) {
	switch kind {
	case db.ExportRegions:
		return "Regions", "Their names, zones, outlines and postcodes."
	case db.ExportSkills:
		return "Skills", "Their short names and names."
	case db.ExportContractors:
		return "Contractors", "With skills, hours, days off, regions and base point."
	case db.ExportJobs:
		return "Jobs", "With customer, place, window, status and notes."
	case db.ExportAssignments:
		return "Assignments", "Who has which job when, with those that were taken back."
	}
	return "Events", "The log: everything that was changed, when and by whom."
}
