package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// behalfAct is the only act of a form by which a dispatcher acts for a contractor.
func behalfAct(answers bool) schedule.Act {
	if answers {
		return schedule.ActAccept
	}
	return schedule.ActComplete
}

// answerForm is the form to accept for a contractor who said so by phone.
func (h *Handlers) answerForm(c echo.Context) error { return h.behalfForm(c, true) }

// statusForm is the form to say that a contractor's work is done.
func (h *Handlers) statusForm(c echo.Context) error { return h.behalfForm(c, false) }

func (h *Handlers) behalfForm(c echo.Context, answers bool) error {
	card, id, err := h.heldCard(c)
	if err != nil {
		return err
	}
	f := views.BehalfForm{FormContext: formContext(c, card.AssignmentVersion, nil), AssignmentID: id}
	return h.showBehalfForm(c, http.StatusOK, card, answers, f)
}

// stepOnBehalf takes a step for a contractor.
func (h *Handlers) stepOnBehalf(c echo.Context, answers bool) error {
	card, id, err := h.heldCard(c)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	errs := views.Errors{}
	cmd := advanceCommand(c, f, errs, id, answers)
	shown := views.BehalfForm{FormContext: formContext(c, cmd.Version, errs), AssignmentID: id, Words: cmd.OverrideReason}
	if len(errs) > 0 {
		return h.showBehalfForm(c, http.StatusUnprocessableEntity, card, answers, shown)
	}
	out, err := h.measured(string(cmd.Act), func() (db.Outcome, error) { return h.db.Advance(c.Request().Context(), cmd) })
	var invalid *db.Invalid
	var conflict *db.Conflict
	switch {
	case errors.As(err, &invalid):
		errs[invalid.Field] = sentence(invalid.Message)
		return h.showBehalfForm(c, http.StatusUnprocessableEntity, card, answers, shown)
	case errors.As(err, &conflict):
		return h.gone(c, conflict)
	case err != nil:
		return err
	}
	done := "Accepted"
	if !answers {
		done = "Completed"
	}
	return h.confirm(c, done, out)
}

func (h *Handlers) showBehalfForm(c echo.Context, status int, card db.Card, answers bool, f views.BehalfForm) error {
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	f.Job, f.Current, f.Act = jobSummary(card, z), holder(card, z), string(behalfAct(answers))
	return h.panel(c, status, f.Title(), views.BehalfPanel(f))
}
