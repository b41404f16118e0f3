package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/views"
)

// jobAct is something that is done to a job as a whole, with a reason.
type jobAct struct {
	// name is the last part of the address.
	name string
	// form says what the form asks.
	form func(number string) views.JobActForm
	// run carries it out; done is what to say then.
	run  func(ctx context.Context, cmd db.JobCommand, reason string) (db.Outcome, error)
	done string
}

func (h *Handlers) cancelAct() jobAct {
	return jobAct{
		name: "cancellation", done: "Cancelled",
		form: func(number string) views.JobActForm {
			return views.JobActForm{
				Title: "Cancel " + number, Submit: "Cancel the job", WordsLabel: "In words",
				Means:   "The job is called off for good. It leaves all boards, and the phone of everybody who has it says that it was cancelled.",
				Reasons: cancelChoices(),
			}
		},
		run: func(ctx context.Context, cmd db.JobCommand, reason string) (db.Outcome, error) {
			return h.db.CancelJob(ctx, cmd, events.CancelReason(reason))
		},
	}
}

func cancelChoices() []views.Choice {
	choices := []views.Choice{{Value: "", Label: "Choose why"}}
	for _, r := range events.CancelReasons() {
		choices = append(choices, views.Choice{Value: string(r), Label: sentence(cancelWords(string(r)))})
	}
	return choices
}

func (h *Handlers) holdAct() jobAct {
	return jobAct{
		name: "hold", done: "On hold",
		form: func(number string) views.JobActForm {
			return views.JobActForm{
				Title: "Put " + number + " on hold", Submit: "Put on hold", WordsLabel: "What it waits for", WordsRequired: true,
				Means: "Nobody can be assigned until it is released. It stays at the end of the open list, marked as on hold.",
			}
		},
		run: func(ctx context.Context, cmd db.JobCommand, _ string) (db.Outcome, error) {
			return h.db.HoldJob(ctx, cmd)
		},
	}
}

func (h *Handlers) releaseAct() jobAct {
	return jobAct{
		name: "release", done: "Released",
		form: func(number string) views.JobActForm {
			return views.JobActForm{
				Title: "Release " + number, Submit: "Release", WordsLabel: "Reason",
				Means: "The job is open again and can be assigned. Check its window first: the day may have passed.",
			}
		},
		run: func(ctx context.Context, cmd db.JobCommand, _ string) (db.Outcome, error) {
			return h.db.ReleaseJob(ctx, cmd)
		},
	}
}

// jobActForm is the form that asks for the reason.
func (h *Handlers) jobActForm(act jobAct) echo.HandlerFunc {
	return func(c echo.Context) error {
		cards, err := h.changeableCards(c)
		if err != nil {
			return err
		}
		return h.showJobAct(c, http.StatusOK, cards, act, views.JobActForm{FormContext: formContext(c, cards[0].Version, nil)})
	}
}

// actOnJob carries it out.
func (h *Handlers) actOnJob(act jobAct) echo.HandlerFunc {
	return func(c echo.Context) error {
		cards, err := h.changeableCards(c)
		if err != nil {
			return err
		}
		card := cards[0]
		f, err := form(c)
		if err != nil {
			return err
		}
		errs := views.Errors{}
		cmd := db.JobCommand{Command: command(c, f, errs), JobID: card.JobID}
		shown := views.JobActForm{FormContext: formContext(c, cmd.Version, errs), Reason: f.Get("reason"), Words: cmd.OverrideReason}
		if len(errs) > 0 {
			return h.showJobAct(c, http.StatusUnprocessableEntity, cards, act, shown)
		}
		out, err := h.measured(act.name, func() (db.Outcome, error) { return act.run(c.Request().Context(), cmd, shown.Reason) })
		var invalid *db.Invalid
		var conflict *db.Conflict
		switch {
		case errors.As(err, &invalid):
			errs[invalid.Field] = sentence(invalid.Message)
			return h.showJobAct(c, http.StatusUnprocessableEntity, cards, act, shown)
		case errors.As(err, &conflict):
			return h.jobActTooLate(c, card.JobID, act, shown, conflict)
		case err != nil:
			return err
		}
		return h.confirm(c, act.done, out)
	}
}

func (h *Handlers) jobActTooLate(c echo.Context, jobID string, act jobAct, shown views.JobActForm, conflict *db.Conflict) error {
	if conflict.Kind != db.ConflictStale {
		return h.gone(c, conflict)
	}
	cards, err := h.db.CrewOf(c.Request().Context(), jobID)
	if err != nil {
		return err
	}
	card := cards[0]
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	shown.Version = card.Version
	shown.Stale = &views.Stale{Rows: []views.StaleRow{
		{Label: "Status", Yours: "as when you opened the form", Now: jobStatus(card.Status).Label},
		{Label: "Held by", Yours: "as when you opened the form", Now: holders(cards, z)},
	}}
	return h.showJobAct(c, http.StatusConflict, cards, act, shown)
}

// showJobAct draws the form with what was typed.
func (h *Handlers) showJobAct(c echo.Context, status int, cards []db.Card, act jobAct, typed views.JobActForm) error {
	card := cards[0]
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	f := act.form(numberOf(card.Number))
	f.FormContext, f.Act, f.Reason, f.Words = typed.FormContext, act.name, typed.Reason, typed.Words
	f.Job = jobSummary(card, z)
	if card.Assigned() {
		f.Current = holders(cards, z)
	}
	return h.panel(c, status, f.Title, views.JobActPanel(f))
}
