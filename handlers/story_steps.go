package handlers

import (
	"strings"
	"time"

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
	Tap        string     `json:"tap"`
	State      string     `json:"state"`
}

// stepSentence is sentence for the answers and reports of contractors, "" for
// every other event.
func (t telling) stepSentence() string {
	who := t.contractor()
	switch t.Kind {
	case events.KindAssignmentAccepted:
		switch {
		case t.Auto:
			return who + " has it: accepts everything"
		case t.OnBehalf:
			return "Accepted for " + who
		}
		return who + " accepted"
	case events.KindAssignmentDeclined:
		return who + " declined: " + stepReasonWords(t.ReasonCode) + "; open again"
	case events.KindAssignmentExpired:
		return "The offer to " + who + " ended without an answer; open again"
	case events.KindTravelStarted:
		return who + " is on the way"
	case events.KindArrivedOnSite:
		return who + " is on site"
	case events.KindJobStarted:
		return who + " started work"
	case events.KindJobPaused:
		return who + " paused: " + stepReasonWords(t.Reason)
	case events.KindJobResumed:
		return who + " went on with the work"
	case events.KindJobCompleted:
		if t.OnBehalf {
			return "Completed for " + who
		}
		return who + " is done"
	case events.KindTapRefused:
		return who + " tapped too late to " + tapWords(t.Tap) + ": the booking was " + strings.ToLower(statusWords(t.State)) + " by then; nothing was changed"
	case events.KindJobIncomplete:
		return who + " could not complete it: " + stepReasonWords(t.Reason) + "; it needs a return visit"
	}
	return ""
}

// tapWords says what a refused tap was for.
func tapWords(act string) string {
	switch schedule.Act(act) {
	case schedule.ActTravel:
		return "be on the way"
	case schedule.ActIncomplete:
		return "say that it can't be completed"
	}
	return act
}

// clockNote says when a tap was made that was received later, and when the phone's
// clock was not believed.
func (t telling) clockNote() string {
	if t.ClientAt == nil {
		return ""
	}
	label := func(at time.Time) string {
		if schedule.DayIn(at, t.zone) != schedule.DayIn(t.CreatedAt, t.zone) {
			return momentLabel(at, t.zone)
		}
		return schedule.ClockLabel(at, t.zone, t.reader)
	}
	switch {
	case !t.ClientAt.Truncate(time.Microsecond).Equal(t.At):
		return " (the phone's clock said " + label(*t.ClientAt) + ", which cannot be)"
	case t.CreatedAt.Sub(t.At) >= time.Minute:
		return " (at " + label(t.At) + ", received " + label(t.CreatedAt) + ")"
	}
	return ""
}
