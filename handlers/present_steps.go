package handlers

import (
	"strings"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// phoneSteps are what a contractor may do with an assignment in a state.
func phoneSteps(status schedule.AssignmentStatus) []views.PhoneStep {
	var list []views.PhoneStep
	for _, act := range schedule.Steps(status) {
		s := views.PhoneStep{Act: string(act), Label: stepLabel(act)}
		if act.NeedsWhy() {
			s.Ask = stepQuestion(act)
			for _, r := range stepReasons(act) {
				s.Reasons = append(s.Reasons, views.Choice{Value: string(r), Label: sentenceStart(stepReasonWords(string(r)))})
			}
		}
		list = append(list, s)
	}
	return list
}

// laterSteps are the steps of each state that a step leads to, for a phone that
// takes several of them before the server hears of the first.
func laterSteps() []views.LaterSteps {
	var list []views.LaterSteps
	for _, status := range []schedule.AssignmentStatus{schedule.Accepted, schedule.EnRoute, schedule.OnSite, schedule.InProgress, schedule.Paused} {
		list = append(list, views.LaterSteps{State: string(status), Steps: phoneSteps(status)})
	}
	return list
}

// answerUntil says until when an offer can be answered, on the clock of its job;
// "" when nothing waits for an answer.
func answerUntil(c db.Card, z zones) string {
	if c.AssignmentStatus != schedule.Assigned || !c.AnswerBy.Valid {
		return ""
	}
	return untilLabel(c.OfferedAt.Time, c.AnswerBy.Time, z.job, z.home)
}

// untilLabel writes the end of a time to answer, with its day unless that is the
// one on which it began.
func untilLabel(from, until time.Time, loc, shown *time.Location) string {
	label := schedule.ClockLabel(until, loc, shown)
	if schedule.DayIn(from, loc) != schedule.DayIn(until, loc) {
		label = dayLabel(until.In(loc)) + " " + label
	}
	return label
}

func stepLabel(act schedule.Act) string {
	switch act {
	case schedule.ActAccept:
		return "Accept"
	case schedule.ActDecline:
		return "Decline"
	case schedule.ActTravel:
		return "On my way"
	case schedule.ActArrive:
		return "I am here"
	case schedule.ActStart:
		return "Start work"
	case schedule.ActPause:
		return "Pause"
	case schedule.ActResume:
		return "Go on"
	case schedule.ActComplete:
		return "Done"
	}
	return "Can't complete"
}

func stepQuestion(act schedule.Act) string {
	switch act {
	case schedule.ActDecline:
		return "Why do you decline?"
	case schedule.ActPause:
		return "Why do you pause?"
	}
	return "Why can't it be completed?"
}

func stepReasons(act schedule.Act) []events.StepReason {
	switch act {
	case schedule.ActDecline:
		return events.DeclineReasons()
	case schedule.ActPause:
		return events.PauseReasons()
	}
	return events.IncompleteReasons()
}

// stepReasonWords says why somebody declined, paused or left a job.
func stepReasonWords(reason string) string {
	switch reason {
	case "too_far":
		return "too far"
	case "no_time":
		return "no time then"
	case "wrong_trade":
		return "not my kind of work"
	case "unwell":
		return "not well"
	case "break":
		return "a break"
	case "parts":
		return "parts are missing"
	case "customer":
		return "waiting for the customer"
	case "weather":
		return "the weather"
	case "no_access":
		return "no access"
	case "unsafe":
		return "not safe"
	case "more_work":
		return "more work than planned"
	}
	return "another reason"
}

func sentenceStart(words string) string { return strings.ToUpper(words[:1]) + words[1:] }

// lostWords says how a job came back to the open list, "" if it did not.
func lostWords(c db.Card, z zones) string {
	switch {
	case c.LostStatus == schedule.Declined:
		return "Declined by " + c.LostBy + ": " + stepReasonWords(c.LostReason)
	case c.LostStatus == schedule.Expired && c.LostAnswerBy.Valid:
		return "No answer from " + c.LostBy + " by " + momentLabel(c.LostAnswerBy.Time, z.job)
	case c.LostStatus == schedule.Expired:
		return "No answer from " + c.LostBy
	}
	return ""
}
