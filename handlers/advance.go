package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/events/relay"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// answer takes or declines an offer.
func (h *Handlers) answer(c echo.Context) error { return h.step(c, true) }

// advance tells how far the work is.
func (h *Handlers) advance(c echo.Context) error { return h.step(c, false) }

// step is a tap of a contractor on his phone, or what a dispatcher does for him.
func (h *Handlers) step(c echo.Context, answers bool) error {
	p, _ := principal(c)
	if p.Role != RoleContractor {
		return h.stepOnBehalf(c, answers)
	}
	id, err := pathID(c, "assignmentID")
	if err != nil {
		return err
	}
	held, err := h.db.HeldBy(c.Request().Context(), id, p.ContractorID)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	errs := views.Errors{}
	cmd := advanceCommand(c, f, errs, id, answers)
	if len(errs) > 0 {
		return h.tapRefused(c, http.StatusUnprocessableEntity, held, id, "This button is out of date: load the page again. Nothing was changed.")
	}
	_, err = h.measured(string(cmd.Act), func() (db.Outcome, error) { return h.db.Advance(c.Request().Context(), cmd) })
	var invalid *db.Invalid
	var conflict *db.Conflict
	switch {
	case errors.As(err, &invalid):
		return h.tapInvalid(c, held, cmd, invalid)
	case errors.As(err, &conflict):
		return h.tapTooLate(c, cmd, conflict)
	case err != nil:
		return err
	}
	if !isPartial(c) {
		return c.Redirect(http.StatusSeeOther, "/contractor")
	}
	fragment, err := h.phoneFragment(c.Request().Context(), p.ContractorID, held.JobID)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Contractor(fragment))
}

// advanceCommand reads the form of a tap. The time of a phone that makes no sense
// is as good as none.
func advanceCommand(c echo.Context, f Form, errs views.Errors, id string, answers bool) db.Advance {
	act := schedule.Act(f.Get("act"))
	if !act.IsStep() || act.IsAnswer() != answers {
		errs["act"] = "Choose what to do."
	}
	at, err := time.Parse(time.RFC3339, f.Get("client_at"))
	if err != nil {
		at = time.Time{}
	}
	cmd := db.Advance{Command: command(c, f, errs), AssignmentID: id, Act: act, Reason: events.StepReason(f.Get("reason")), ClientAt: at}
	if text := f.Get("reason_text"); text != "" {
		cmd.OverrideReason = text
	}
	return cmd
}

// phoneFragment is what a contractor's phone shows of a job now.
func (h *Handlers) phoneFragment(ctx context.Context, contractorID, jobID string) (views.ContractorFragment, error) {
	now, err := Fragments{DB: h.db}.read(ctx, []relay.Want{{Stream: events.ContractorStream(contractorID), Event: events.Logged{JobID: jobID}}})
	if err != nil {
		return views.ContractorFragment{}, err
	}
	return now.contractorFragment(now.cards[jobID], contractorID)
}

// tapInvalid shows the card again, with what is wrong beside the field.
func (h *Handlers) tapInvalid(c echo.Context, held db.Held, cmd db.Advance, invalid *db.Invalid) error {
	fragment, err := h.phoneFragment(c.Request().Context(), held.ContractorID, held.JobID)
	if err != nil {
		return err
	}
	for i := range fragment.Places {
		card := &fragment.Places[i].Card
		if card.AssignmentID != cmd.AssignmentID {
			continue
		}
		for k := range card.Steps {
			if step := &card.Steps[k]; step.Act == string(cmd.Act) {
				step.Reason, step.Text, step.Errors = string(cmd.Reason), cmd.OverrideReason, views.Errors{invalid.Field: sentence(invalid.Message)}
			}
		}
		if !isPartial(c) {
			return render(c, http.StatusUnprocessableEntity, views.PhoneStepPage(h.plainPage(c, card.Number), *card))
		}
	}
	return render(c, http.StatusUnprocessableEntity, views.Contractor(fragment))
}

// tapTooLate says why a tap changed nothing, beside the card as it is now. The story
// of the job keeps it, unless it may be sent once more.
func (h *Handlers) tapTooLate(c echo.Context, cmd db.Advance, conflict *db.Conflict) error {
	p, _ := principal(c)
	id := cmd.AssignmentID
	if conflict.Kind != db.ConflictBusy {
		if err := h.db.RecordRefusedTap(c.Request().Context(), cmd); err != nil {
			return err
		}
	}
	held, err := h.db.HeldBy(c.Request().Context(), id, p.ContractorID)
	if err != nil {
		return err
	}
	text, err := lateTap(held, conflict)
	if err != nil {
		return err
	}
	return h.tapRefused(c, http.StatusConflict, held, id, text)
}

func (h *Handlers) tapRefused(c echo.Context, status int, held db.Held, id, text string) error {
	refusal := views.PhoneRefusal{AssignmentID: id, Text: text, Sort: changeKey(h.now(), held.Number)}
	if !isPartial(c) {
		return render(c, status, views.PhoneRefusedPage(h.plainPage(c, "Nothing was changed"), refusal))
	}
	fragment, err := h.phoneFragment(c.Request().Context(), held.ContractorID, held.JobID)
	if err != nil {
		return err
	}
	return render(c, status, views.PhoneRefused(fragment, refusal))
}

// lateTap says to a contractor why his tap changed nothing. It never says who has
// the job now.
func lateTap(held db.Held, conflict *db.Conflict) (string, error) {
	loc, err := schedule.LoadZone(held.Zone)
	if err != nil {
		return "", fmt.Errorf("zone of job %s: %w", held.JobID, err)
	}
	number, at := numberOf(held.Number), schedule.ClockLabel(held.Changed, loc, loc)
	var refused *schedule.TransitionError
	expired := errors.As(conflict.Err, &refused) && refused.State == string(schedule.Expired)
	switch {
	case expired && held.AnswerBy.Valid:
		return "The offer of " + number + " ended " + schedule.ClockLabel(held.AnswerBy.Time, loc, loc) + ". Nothing was changed.", nil
	case held.Status == schedule.Unassigned:
		return number + " was taken off your list at " + at + byWhom(held.By) + ". Nothing was changed.", nil
	case held.Status == schedule.Cancelled:
		return number + " was cancelled at " + at + byWhom(held.By) + ". Nothing was changed.", nil
	case held.Status == schedule.Declined:
		return "You declined " + number + " at " + at + ". Nothing was changed.", nil
	case conflict.Kind == db.ConflictStale:
		return number + " changed at " + at + ": look at it again before you accept.", nil
	case conflict.Kind == db.ConflictBusy:
		return "Somebody else changed " + number + " at the same moment. Tap once more.", nil
	}
	return number + ": " + conflict.Err.Error() + ".", nil
}
