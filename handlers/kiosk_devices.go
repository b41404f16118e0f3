package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

const (
	kiosksPath = "/admin/kiosks"
	// kiosksShown is how many displays are listed, revokedShown how long one is
	// that was revoked.
	kiosksShown  = 200
	revokedShown = 30 * 24 * time.Hour
)

// kioskDevices lists the wall displays, with the form for another one.
func (h *Handlers) kioskDevices(c echo.Context) error {
	return h.showKiosks(c, http.StatusOK, views.KioskForm{Errors: views.Errors{}})
}

// createKioskCode makes a code that turns a display into one of a region. Codes
// need no idempotency key: one that nobody types dies within ten minutes and
// has made nothing.
func (h *Handlers) createKioskCode(c echo.Context) error {
	f, err := form(c)
	if err != nil {
		return err
	}
	shown := views.KioskForm{Region: f.Get("region"), Name: f.Get("name"), Errors: views.Errors{}}
	required(f, shown.Errors, "name", maxKioskName, "Say where the display hangs.")
	region, err := h.kioskRegion(c, shown.Region)
	if err != nil {
		return err
	}
	if region == "" {
		shown.Errors["region"] = "Choose a region from the list."
	}
	if len(shown.Errors) > 0 {
		return h.showKiosks(c, http.StatusUnprocessableEntity, shown)
	}
	code, err := h.db.CreateKioskCode(c.Request().Context(), shown.Region, shown.Name, h.now())
	if err != nil {
		return err
	}
	h.logKiosk(c, "display code made", "region", shown.Region)
	return h.showKioskCode(c, views.KioskCode{Code: code, Name: shown.Name, RegionName: region})
}

// maxKioskName bounds the name of a display, in characters.
const maxKioskName = 100

// kioskRegion returns the name of a region that may have displays, "" for none.
func (h *Handlers) kioskRegion(c echo.Context, slug string) (string, error) {
	choices, err := h.regionChoices(c)
	if err != nil {
		return "", err
	}
	for _, r := range choices {
		if r.Value == slug {
			return r.Label, nil
		}
	}
	return "", nil
}

// changeKiosk ends the rights of a display: for good, or until it is given a new
// key with the code that is shown.
func (h *Handlers) changeKiosk(c echo.Context) error {
	id, err := pathID(c, "kioskID")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	kiosk, err := h.db.KioskByID(ctx, id)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	switch f.Get("act") {
	case "revoke":
		if err := h.db.RevokeKiosk(ctx, id); err != nil {
			return err
		}
		h.logKiosk(c, "display revoked", "kiosk_id", id)
		return c.Redirect(http.StatusSeeOther, kiosksPath+"?done=revoked")
	case "rotate":
		code, err := h.db.RotateKiosk(ctx, id, h.now())
		if err != nil {
			return err
		}
		h.logKiosk(c, "display key rotated", "kiosk_id", id)
		return h.showKioskCode(c, views.KioskCode{Code: code, Name: kiosk.Name, RegionName: kiosk.RegionName, Rotated: true})
	}
	return h.showKiosks(c, http.StatusUnprocessableEntity, views.KioskForm{
		Errors: views.Errors{"": "Say whether to revoke the display or to give it a new key."},
	})
}

func (h *Handlers) logKiosk(c echo.Context, act string, attrs ...any) {
	caller, _ := principal(c)
	h.log.InfoContext(c.Request().Context(), act, append(attrs, "by", caller.UserID)...)
}

func (h *Handlers) showKioskCode(c echo.Context, code views.KioskCode) error {
	page, err := h.page(c, "Code for a display", "admin")
	if err != nil {
		return err
	}
	code.Address = h.baseURL(c) + "/kiosk"
	return render(c, http.StatusOK, views.KioskCodePage(page, code))
}

func (h *Handlers) showKiosks(c echo.Context, status int, f views.KioskForm) error {
	list, err := h.db.Kiosks(c.Request().Context(), h.now().Add(-revokedShown), kiosksShown+1)
	if err != nil {
		return err
	}
	view := views.KioskDevices{Form: f}
	if len(list) > kiosksShown {
		list, view.Shown = list[:kiosksShown], kiosksShown
	}
	if status == http.StatusOK && c.QueryParam("done") == "revoked" {
		view.Done = "Revoked. It shows nothing any more."
	}
	if view.Form.Regions, err = h.regionChoices(c); err != nil {
		return err
	}
	for _, k := range list {
		view.Rows = append(view.Rows, h.kioskRow(k))
	}
	page, err := h.page(c, "Wall displays", "admin")
	if err != nil {
		return err
	}
	return render(c, status, views.KioskDevicesPage(page, view))
}

func (h *Handlers) kioskRow(k db.Kiosk) views.KioskRow {
	row := views.KioskRow{ID: k.ID, Name: k.Name, RegionName: k.RegionName, Enrolled: h.moment(k.CreatedAt)}
	if row.Name == "" {
		row.Name = "Without a name"
	}
	if k.LastSeen.Valid {
		row.LastSeen = h.moment(k.LastSeen.Time)
	}
	switch k.State(h.now()) {
	case db.KioskRevoked:
		row.State = views.AccessState{Slug: "off", Label: "Revoked"}
	case db.KioskWaits:
		row.State = views.AccessState{Slug: "waiting", Label: "Waits for its code"}
	case db.KioskAway:
		row.State = views.AccessState{Slug: "waiting", Label: "Away too long, needs a code"}
	default:
		row.State = views.AccessState{Slug: "on", Label: "Active"}
	}
	row.Revoked = k.RevokedAt.Valid
	return row
}
