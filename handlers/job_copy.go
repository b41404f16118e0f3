package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// copyJobForm is the form to enter a job again: at first for a week later.
func (h *Handlers) copyJobForm(c echo.Context) error {
	card, err := h.changeableCard(c)
	if err != nil {
		return err
	}
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	f := views.JobCopyForm{FormContext: formContext(c, card.Version, nil), Times: "1"}
	f.FirstDay = schedule.DayIn(card.WindowStart, z.job).Add(7).String()
	return h.showCopyForm(c, http.StatusOK, card, f)
}

// copyJob enters it.
func (h *Handlers) copyJob(c echo.Context) error {
	card, err := h.changeableCard(c)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	errs := views.Errors{}
	cmd := db.CopyJob{
		Command: command(c, f, errs), JobID: card.JobID,
		StartOffset: f.Get("window_start_offset"), EndOffset: f.Get("window_end_offset"),
	}
	if cmd.First, err = schedule.ParseDay(f.Get("first_day")); err != nil {
		errs["first_day"] = "Give a date."
	}
	if cmd.Times, err = strconv.Atoi(cmp.Or(f.Get("times"), "1")); err != nil || cmd.Times < 1 || cmd.Times > db.MaxCopies {
		errs["times"] = fmt.Sprintf("From 1 to %d times.", db.MaxCopies)
	}
	shown := views.JobCopyForm{
		FormContext: formContext(c, cmd.Version, errs), FirstDay: f.Get("first_day"), Times: f.Get("times"),
		WindowStartOffset: cmd.StartOffset, WindowEndOffset: cmd.EndOffset,
	}
	if len(errs) > 0 {
		return h.showCopyForm(c, http.StatusUnprocessableEntity, card, shown)
	}
	out, err := h.measured("copy", func() (db.Outcome, error) { return h.db.CopyJob(c.Request().Context(), cmd) })
	var invalid *db.Invalid
	if errors.As(err, &invalid) {
		explainCopy(invalid, &shown)
		return h.showCopyForm(c, http.StatusUnprocessableEntity, card, shown)
	}
	if err != nil {
		return err
	}
	if cmd.Times == 1 {
		return h.confirm(c, "Copied", out)
	}
	return h.confirm(c, fmt.Sprintf("Copied %d times, the first", cmd.Times), out)
}

// explainCopy says what a copy lacks. A clock time that does not exist on a day
// is the fault of that day: there is no other field for it.
func explainCopy(invalid *db.Invalid, f *views.JobCopyForm) {
	var local *schedule.LocalTimeError
	clock := errors.As(invalid.Err, &local)
	switch {
	case clock && local.Kind == schedule.Missing:
		f.Errors["first_day"] = "On " + dayLabel(local.Wall.DB()) + " " + sentence(invalid.Message) + " Leave that day out, or enter it as a new job."
	case clock || invalid.Field == "times":
		explainInvalid(invalid, &f.FormContext, map[string]*[]views.OffsetChoice{
			"window_start": &f.WindowStartChoices, "window_end": &f.WindowEndChoices,
		})
		if clock {
			f.Errors[invalid.Field+"_offset"] = "On " + dayLabel(local.Wall.DB()) + " " + local.Question()
		}
	case invalid.Field == "window_start" || invalid.Field == "window_end":
		f.Errors[invalid.Field] = sentence(invalid.Message)
	default:
		f.Errors[""] = sentence(invalid.Message)
	}
}

func (h *Handlers) showCopyForm(c echo.Context, status int, card db.Card, f views.JobCopyForm) error {
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	f.Job = jobSummary(card, z)
	return h.panel(c, status, "Copy "+f.Job.Number, views.JobCopyPanel(f))
}
