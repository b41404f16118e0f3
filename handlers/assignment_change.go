package handlers

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// moveForm is the form for other times.
func (h *Handlers) moveForm(c echo.Context) error {
	card, id, err := h.heldCard(c)
	if err != nil {
		return err
	}
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	f := views.MoveForm{FormContext: formContext(c, card.Version, nil), AssignmentID: id}
	if card.AssignmentID == id {
		f.Start = schedule.WallTimeIn(card.Start.Time, z.job).String()
		f.End = schedule.WallTimeIn(card.End.Time, z.job).String()
		f.StartOffset, f.EndOffset = schedule.OffsetIfRepeated(card.Start.Time, z.job), schedule.OffsetIfRepeated(card.End.Time, z.job)
	}
	return h.showMoveForm(c, http.StatusOK, card, f)
}

// move gives the assignment other times.
func (h *Handlers) move(c echo.Context) error {
	card, id, err := h.heldCard(c)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	errs := views.Errors{}
	t := typed(f)
	cmd := db.Move{Command: command(c, f, errs), AssignmentID: id, At: t.parse(errs, false)}
	shown := views.MoveForm{
		FormContext: formContext(c, cmd.Version, errs), AssignmentID: id,
		Start: t.start, End: t.end, StartOffset: t.startOffset, EndOffset: t.endOffset, OverrideReason: cmd.OverrideReason,
	}
	if len(errs) > 0 {
		return h.showMoveForm(c, http.StatusUnprocessableEntity, card, shown)
	}
	out, err := h.measured("move", func() (db.Outcome, error) { return h.db.Move(c.Request().Context(), cmd) })
	if err != nil {
		return h.moveRefused(c, shown, err)
	}
	return h.confirm(c, "Moved", out)
}

func (h *Handlers) moveRefused(c echo.Context, shown views.MoveForm, err error) error {
	var invalid *db.Invalid
	var conflict *db.Conflict
	status := http.StatusUnprocessableEntity
	switch {
	case errors.As(err, &invalid):
		explainInvalid(invalid, &shown.FormContext, map[string]*[]views.OffsetChoice{
			"start": &shown.StartChoices, "end": &shown.EndChoices,
		})
	case errors.As(err, &conflict):
		status = http.StatusConflict
	default:
		return err
	}
	card, err := h.db.CardOfAssignment(c.Request().Context(), shown.AssignmentID)
	if err != nil {
		return err
	}
	if conflict == nil {
		return h.showMoveForm(c, status, card, shown)
	}
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	shown.Version = card.Version
	switch {
	case conflict.Kind == db.ConflictOverlap:
		shown.Conflict, err = overlapView(conflict, z)
	case card.AssignmentID == shown.AssignmentID && conflict.Kind == db.ConflictStale:
		shown.Stale = &views.Stale{Rows: []views.StaleRow{
			{Label: "Start", Yours: wallLabel(shown.Start, shown.StartOffset, z.job), Now: startLabel(card, z)},
			{Label: "End", Yours: cmp.Or(wallLabel(shown.End, shown.EndOffset, z.job), "as long as before"), Now: momentLabel(card.End.Time, z.job)},
			{Label: "Held by", Yours: "as when you opened the form", Now: holder(card, z)},
		}}
	default:
		return h.gone(c, conflict)
	}
	if err != nil {
		return err
	}
	return h.showMoveForm(c, status, card, shown)
}

func (h *Handlers) showMoveForm(c echo.Context, status int, card db.Card, f views.MoveForm) error {
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	f.Job, f.Current = jobSummary(card, z), holder(card, z)
	return h.panel(c, status, "Move "+f.Job.Number, views.MoveFormPanel(f))
}

// removalForm is the form to take the job off its contractor.
func (h *Handlers) removalForm(c echo.Context) error {
	card, id, err := h.heldCard(c)
	if err != nil {
		return err
	}
	f := views.RemovalForm{FormContext: formContext(c, card.Version, nil), AssignmentID: id}
	return h.showRemovalForm(c, http.StatusOK, card, f)
}

// remove takes the job off its contractor; it is open again.
func (h *Handlers) remove(c echo.Context) error {
	card, id, err := h.heldCard(c)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	errs := views.Errors{}
	cmd := db.Unassign{Command: command(c, f, errs), AssignmentID: id}
	cmd.OverrideReason = cmp.Or(cmd.OverrideReason, f.Get("reason"))
	shown := views.RemovalForm{FormContext: formContext(c, cmd.Version, errs), AssignmentID: id, Reason: cmd.OverrideReason}
	if len(errs) > 0 {
		return h.showRemovalForm(c, http.StatusUnprocessableEntity, card, shown)
	}
	out, err := h.measured("unassign", func() (db.Outcome, error) { return h.db.Unassign(c.Request().Context(), cmd) })
	var invalid *db.Invalid
	var conflict *db.Conflict
	switch {
	case errors.As(err, &invalid):
		shown.Errors[invalid.Field] = sentence(invalid.Message)
		return h.showRemovalForm(c, http.StatusUnprocessableEntity, card, shown)
	case errors.As(err, &conflict):
		return h.removalTooLate(c, shown, conflict)
	case err != nil:
		return err
	}
	return h.confirm(c, "Unassigned", out)
}

func (h *Handlers) removalTooLate(c echo.Context, shown views.RemovalForm, conflict *db.Conflict) error {
	card, err := h.db.CardOfAssignment(c.Request().Context(), shown.AssignmentID)
	if err != nil {
		return err
	}
	if card.AssignmentID != shown.AssignmentID || conflict.Kind != db.ConflictStale {
		return h.gone(c, conflict)
	}
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	shown.Version = card.Version
	shown.Stale = &views.Stale{Rows: []views.StaleRow{
		{Label: "Held by", Yours: "as when you opened the form", Now: holder(card, z)},
	}}
	return h.showRemovalForm(c, http.StatusConflict, card, shown)
}

func (h *Handlers) showRemovalForm(c echo.Context, status int, card db.Card, f views.RemovalForm) error {
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	f.Job, f.Current = jobSummary(card, z), holder(card, z)
	f.NeedsReason = schedule.NeedsReason(card.AssignmentStatus)
	return h.panel(c, status, "Unassign "+f.Job.Number, views.RemovalFormPanel(f))
}

// gone answers a command that the job does not allow any more: 409 with the
// sentence that says so and the job as it is now.
func (h *Handlers) gone(c echo.Context, conflict *db.Conflict) error {
	cards, err := h.db.CrewOf(c.Request().Context(), conflict.JobID)
	if err != nil {
		return err
	}
	z, err := zonesOf(cards[0])
	if err != nil {
		return err
	}
	panel, err := h.jobPanel(c, cards)
	if err != nil {
		return err
	}
	return h.panel(c, http.StatusConflict, panel.Number, views.TooLatePanel(conflictSentence(conflict, cards[0], z), panel))
}
