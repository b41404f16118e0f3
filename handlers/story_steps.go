package handlers

import (
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// stepPayload holds the fields of the events about how far an assignment is.
type stepPayload struct {
	At         time.Time  `json:"at"`
	ClientAt   *time.Time `json:"clientAt"`
	ReasonCode string     `json:"reasonCode"`
	OnBehalf   bool       `json:"onBehalf"`
	Auto       bool       `json:"auto"`
}

// stepSentence is sentence for the answers and reports of contractors, "" for
// every other event.
func (p payload) stepSentence(e db.LoggedEvent) string {
	who := e.ContractorName
	switch e.Kind {
	case events.KindAssignmentAccepted:
		switch {
		case p.Auto:
			return who + " has it: accepts everything"
		case p.OnBehalf:
			return "Accepted for " + who
		}
		return who + " accepted"
	case events.KindAssignmentDeclined:
		return who + " declined: " + stepReasonWords(p.ReasonCode) + "; open again"
	case events.KindAssignmentExpired:
		return "The offer to " + who + " ended without an answer; open again"
	case events.KindTravelStarted:
		return who + " is on the way"
	case events.KindArrivedOnSite:
		return who + " is on site"
	case events.KindJobStarted:
		return who + " started work"
	case events.KindJobPaused:
		return who + " paused: " + stepReasonWords(p.Reason)
	case events.KindJobResumed:
		return who + " went on with the work"
	case events.KindJobCompleted:
		if p.OnBehalf {
			return "Completed for " + who
		}
		return who + " is done"
	case events.KindJobIncomplete:
		return who + " could not complete it: " + stepReasonWords(p.Reason) + "; it needs a return visit"
	}
	return ""
}

// clockNote says when a tap was made that was received later, and when the phone's
// clock was not believed.
func (p payload) clockNote(e db.LoggedEvent, loc *time.Location) string {
	if p.ClientAt == nil {
		return ""
	}
	label := func(t time.Time) string {
		if schedule.DayIn(t, loc) != schedule.DayIn(e.CreatedAt, loc) {
			return momentLabel(t, loc)
		}
		return schedule.ClockLabel(t, loc, loc)
	}
	switch {
	case !p.ClientAt.Truncate(time.Microsecond).Equal(p.At):
		return " (the phone's clock said " + label(*p.ClientAt) + ", which cannot be)"
	case e.CreatedAt.Sub(p.At) >= time.Minute:
		return " (at " + label(p.At) + ", received " + label(e.CreatedAt) + ")"
	}
	return ""
}
