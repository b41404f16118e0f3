package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// undo takes back what an event announced. The event says all that a form could:
// it was the last of its job, or nothing is undone.
func (h *Handlers) undo(c echo.Context) error {
	id, err := pathID(c, "eventID")
	if err != nil {
		return err
	}
	if _, err := form(c); err != nil {
		return err
	}
	p, _ := principal(c)
	out, err := h.measured("undo", func() (db.Outcome, error) {
		return h.db.Undo(c.Request().Context(), db.Undo{By: actor(p), EventID: id})
	})
	var conflict *db.Conflict
	if errors.As(err, &conflict) {
		return h.notUndone(c, conflict)
	}
	if err != nil {
		return err
	}
	return h.confirm(c, "Undone", out)
}

// notUndone answers 409 with the reason, what may be done instead, and the job as
// it is now.
func (h *Handlers) notUndone(c echo.Context, conflict *db.Conflict) error {
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
	v := views.NotUndone{Panel: panel}
	if v.Message, err = whyNotUndone(conflict, cards[0], z); err != nil {
		return err
	}
	if conflict.Kind == db.ConflictLate || conflict.Since != nil && conflict.Since.Status != "" {
		v.Unassign = removable(panel, conflict.AssignmentID)
	}
	return h.panel(c, http.StatusConflict, panel.Number, views.NotUndonePanel(v))
}

// removable is the assignment if it may be ended instead, else "".
func removable(panel views.JobPanel, assignmentID string) string {
	for _, a := range panel.Crew {
		if a.AssignmentID == assignmentID && a.CanRemove {
			return assignmentID
		}
	}
	return ""
}

// whyNotUndone says in one sentence why something stays as it is.
func whyNotUndone(conflict *db.Conflict, card db.Card, z zones) (string, error) {
	var invalid *db.Invalid
	switch {
	case errors.As(conflict.Err, &invalid):
		return sentence(invalid.Message), nil
	case conflict.Kind == db.ConflictLate:
		return fmt.Sprintf("That was more than %d minutes ago.", int(db.UndoTime/time.Minute)), nil
	case conflict.Kind == db.ConflictOverlap && conflict.Winner != nil:
		w := conflict.Winner
		loc, err := schedule.LoadZone(w.Zone)
		if err != nil {
			return "", fmt.Errorf("zone of job %s: %w", w.JobID, err)
		}
		return fmt.Sprintf("%s was booked %s on %s%s meanwhile.", w.ContractorName,
			dayRange(schedule.Span{Start: w.Start, End: w.End}, loc, z.job), numberOf(w.JobNumber), byWhom(w.By)), nil
	case conflict.Kind == db.ConflictChanged:
		return sinceWords(conflict.Since, numberOf(card.Number)), nil
	}
	return conflictSentence(conflict, card, z), nil
}

// sinceWords says what happened to a job after what was to be undone.
func sinceWords(c *db.Change, number string) string {
	switch {
	case c == nil:
		return number + " changed since."
	case c.Status != "":
		return fmt.Sprintf("%s %s %s.", c.Contractor, progressWords(c.Status), agoLabel(c.Ago))
	case c.Kind == events.KindAssignmentDeclined:
		return fmt.Sprintf("%s declined %s.", c.Contractor, agoLabel(c.Ago))
	case c.Kind == events.KindAssignmentExpired:
		return fmt.Sprintf("The offer to %s ended %s.", c.Contractor, agoLabel(c.Ago))
	case c.Same:
		return fmt.Sprintf("That was undone already%s, %s.", byWhom(c.By), agoLabel(c.Ago))
	}
	return fmt.Sprintf("%s was %s since%s, %s.", number, changeWords(c.Kind), byWhom(c.By), agoLabel(c.Ago))
}

// progressWords says how a contractor came into a state.
func progressWords(s schedule.AssignmentStatus) string {
	switch s {
	case schedule.Accepted:
		return "accepted"
	case schedule.EnRoute:
		return "set out"
	case schedule.OnSite:
		return "arrived"
	case schedule.InProgress:
		return "started"
	case schedule.Paused:
		return "paused"
	case schedule.Completed:
		return "finished"
	case schedule.Incomplete:
		return "left"
	}
	return "went on"
}

// changeWords says what an event did to a job.
func changeWords(k events.Kind) string {
	switch k {
	case events.KindJobAssigned:
		return "given to somebody"
	case events.KindJobUnassigned:
		return "taken off somebody"
	case events.KindJobRescheduled:
		return "moved"
	case events.KindJobCancelled:
		return "cancelled"
	case events.KindJobRegionChanged:
		return "moved to another region"
	}
	return "changed"
}

// agoLabel writes how long ago something was, such as "2 s ago".
func agoLabel(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s ago", int(d/time.Second))
	}
	return lengthLabel(int(d/time.Minute)) + " ago"
}

// undoAct is the last thing that was done to a job, if it can still be taken back.
func (h *Handlers) undoAct(c echo.Context, card db.Card) (*views.UndoAct, error) {
	e, err := h.db.Undoable(c.Request().Context(), card.JobID)
	if err != nil || e == nil {
		return nil, err
	}
	known, err := h.places(c)
	if err != nil {
		return nil, err
	}
	t, err := newTelling(*e, known, card.Region)
	if err != nil {
		return nil, err
	}
	return &views.UndoAct{EventID: e.EventID, What: t.sentence(), By: t.actorName(), Until: instant(e.CreatedAt.Add(db.UndoTime))}, nil
}
