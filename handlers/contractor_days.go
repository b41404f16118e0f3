package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// changeableDays is the contractor of the address, if the caller may enter time
// off for him.
func (h *Handlers) changeableDays(c echo.Context) (db.ContractorRecord, error) {
	r, err := h.visibleContractor(c)
	if err != nil {
		return r, err
	}
	if p, _ := principal(c); !p.MayDispatch(r.HomeRegion) {
		return r, db.ErrNotFound
	}
	return r, nil
}

// daysForm is the form to enter time off.
func (h *Handlers) daysForm(c echo.Context) error {
	r, err := h.changeableDays(c)
	if err != nil {
		return err
	}
	return h.showDaysForm(c, http.StatusOK, r, views.DaysForm{Kind: string(db.DaysOff), Version: r.Version})
}

// changeDays saves it.
func (h *Handlers) changeDays(c echo.Context) error {
	r, err := h.changeableDays(c)
	if err != nil {
		return err
	}
	p, _ := principal(c)
	f, err := form(c)
	if err != nil {
		return err
	}
	shown := views.DaysForm{
		From: f.Get("from"), To: f.Get("to"), Kind: f.Get("kind"), Hours: f.Get("hours"), Note: f.Get("note"), Errors: views.Errors{},
	}
	cmd := parseDays(f, shown.Errors)
	shown.Version = parseVersion(f, shown.Errors)
	if len(shown.Errors) > 0 {
		return h.showDaysForm(c, http.StatusUnprocessableEntity, r, shown)
	}
	cmd.By, cmd.ContractorID, cmd.Version, cmd.Now = actor(p), r.ID, shown.Version, h.now()
	err = h.db.ChangeDays(c.Request().Context(), cmd)
	var local *schedule.LocalTimeError
	var invalid *db.Invalid
	var conflict *db.Conflict
	var clashes *db.Clashes
	switch {
	case errors.As(err, &local):
		explainHours(local, cmd, &shown)
		return h.showDaysForm(c, http.StatusUnprocessableEntity, r, shown)
	case errors.As(err, &invalid):
		shown.Errors[invalid.Field] = sentence(invalid.Message)
		return h.showDaysForm(c, http.StatusUnprocessableEntity, r, shown)
	case errors.As(err, &clashes):
		shown.Confirmed = clashes.Digest()
		if shown.Clashes, err = futureJobs(clashes.Cards, nil); err != nil {
			return err
		}
		return h.showDaysForm(c, http.StatusConflict, r, shown)
	case errors.As(err, &conflict):
		return h.daysTooLate(c, shown, cmd)
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/contractors/"+r.ID+"?done=days")
}

// parseDays reads the fields of the form. Without a last day it is the first.
func parseDays(f Form, errs views.Errors) db.ChangeDays {
	cmd := db.ChangeDays{Kind: db.DaysKind(f.Get("kind")), Note: oneLine(f.Get("note")), Confirmed: f.Get("confirmed")}
	var err error
	if cmd.From, err = schedule.ParseDay(f.Get("from")); err != nil {
		errs["from"] = "Give the first day."
	}
	if cmd.To, err = schedule.ParseDay(cmp.Or(f.Get("to"), f.Get("from"))); err != nil && f.Get("to") != "" {
		errs["to"] = "Give the last day, or none."
	}
	if cmd.Kind != db.DaysHours {
		return cmd
	}
	spans, ok := parseHours(f.Get("hours"))
	if !ok || len(spans) != 1 {
		errs["hours"] = "Write one stretch of hours, like 09:00–12:00."
		return cmd
	}
	cmd.Start, cmd.End = spans[0][0], spans[0][1]
	return cmd
}

func (h *Handlers) showDaysForm(c echo.Context, status int, r db.ContractorRecord, shown views.DaysForm) error {
	loc, err := schedule.LoadZone(r.HomeZone)
	if err != nil {
		return fmt.Errorf("zone of contractor %s: %w", r.ID, err)
	}
	shown.ID, shown.Name, shown.ZoneLabel = r.ID, r.Name, zoneLabel(loc, h.now())
	page, err := h.page(c, "Time off", "contractors")
	if err != nil {
		return err
	}
	return render(c, status, views.DaysFormPage(page, shown))
}

// daysTooLate answers a change that came too late: with what was typed, and
// with what is entered for those days now.
func (h *Handlers) daysTooLate(c echo.Context, shown views.DaysForm, cmd db.ChangeDays) error {
	now, err := h.changeableDays(c)
	if err != nil {
		return err
	}
	var there []schedule.Exception
	for _, e := range now.Exceptions {
		if cmd.From.String() <= e.Day && e.Day <= cmd.To.String() {
			there = append(there, e)
		}
	}
	yours := views.SpecialDays{What: "As every week", Note: cmd.Note}
	switch cmd.Kind {
	case db.DaysOff:
		yours.What = "Off"
	case db.DaysHours:
		yours.What = cmd.Start + "–" + cmd.End
	}
	shown.Version = now.Version
	shown.Stale = &views.Stale{}
	for _, d := range specialDays(there, cmd.From) {
		shown.Stale.Rows = append(shown.Stale.Rows, views.StaleRow{Label: d.Label, Yours: daysWords(yours), Now: daysWords(d)})
	}
	if len(there) == 0 {
		shown.Stale.Rows = []views.StaleRow{{
			Label: daysLabel(cmd.From.String(), cmd.To.String()), Yours: daysWords(yours), Now: "As every week",
		}}
	}
	return h.showDaysForm(c, http.StatusConflict, now, shown)
}

func daysWords(d views.SpecialDays) string {
	if d.Note == "" {
		return d.What
	}
	return d.What + ": " + d.Note
}
