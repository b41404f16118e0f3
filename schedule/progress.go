package schedule

import (
	"fmt"
	"slices"
)

// The acts of contractors on their own assignments, and the expiry of an offer.
const (
	ActAccept     Act = "accept"
	ActDecline    Act = "decline"
	ActExpire     Act = "expire"
	ActTravel     Act = "travel"
	ActArrive     Act = "arrive"
	ActStart      Act = "start"
	ActPause      Act = "pause"
	ActResume     Act = "resume"
	ActComplete   Act = "complete"
	ActIncomplete Act = "incomplete"
)

// transition is one line of the table.
type transition struct {
	act  Act
	from []AssignmentStatus
	to   AssignmentStatus
}

// steps are the transitions that contractors bring about, and the expiry, in the
// order in which a phone offers them.
func steps() []transition {
	return []transition{
		{ActAccept, []AssignmentStatus{Assigned}, Accepted},
		{ActTravel, []AssignmentStatus{Accepted}, EnRoute},
		{ActArrive, []AssignmentStatus{EnRoute}, OnSite},
		{ActComplete, []AssignmentStatus{InProgress, Paused}, Completed},
		{ActStart, []AssignmentStatus{OnSite, EnRoute, Accepted}, InProgress},
		{ActResume, []AssignmentStatus{Paused}, InProgress},
		{ActPause, []AssignmentStatus{InProgress}, Paused},
		{ActIncomplete, []AssignmentStatus{OnSite, InProgress, Paused}, Incomplete},
		{ActDecline, []AssignmentStatus{Assigned, Accepted}, Declined},
		{ActExpire, []AssignmentStatus{Assigned}, Expired},
	}
}

// Next is the state that an act leads to from another, or a *[TransitionError].
func Next(act Act, from AssignmentStatus) (AssignmentStatus, error) {
	for _, s := range steps() {
		if s.act == act && slices.Contains(s.from, from) {
			return s.to, nil
		}
	}
	return "", &TransitionError{Act: act, State: string(from)}
}

// Steps are what a contractor may do with an assignment in a state, the likeliest
// first; none when it is over.
func Steps(from AssignmentStatus) []Act {
	var acts []Act
	for _, s := range steps() {
		if s.act != ActExpire && slices.Contains(s.from, from) {
			acts = append(acts, s.act)
		}
	}
	return acts
}

// IsAnswer tells whether an act answers an offer; every other step tells how far
// the work is.
func (a Act) IsAnswer() bool { return a == ActAccept || a == ActDecline }

// IsStep tells whether an act is one of the steps that contractors take.
func (a Act) IsStep() bool { return a.isStep() && a != ActExpire }

func (a Act) isStep() bool {
	return slices.ContainsFunc(steps(), func(s transition) bool { return s.act == a })
}

// OnBehalf reports whether a dispatcher may do a step for the contractor.
func (a Act) OnBehalf() bool { return a == ActAccept || a == ActComplete }

// NeedsWhy reports whether a step must be given a reason.
func (a Act) NeedsWhy() bool { return a == ActDecline || a == ActPause || a == ActIncomplete }

// Busies reports whether an act begins something that a contractor can do on one
// job at a time only, see [AssignmentStatus.Busy].
func (a Act) Busies() bool {
	return a == ActTravel || a == ActArrive || a == ActStart || a == ActResume
}

// Busy reports whether a contractor in this state is on the road or at work. One
// who paused may see to another job meanwhile.
func (s AssignmentStatus) Busy() bool { return s == EnRoute || s == OnSite || s == InProgress }

// Over reports whether nothing can be done with an assignment in this state any
// more.
func (s AssignmentStatus) Over() bool {
	switch s {
	case Completed, Incomplete, Declined, Expired, Unassigned, Cancelled:
		return true
	}
	return false
}

// Derived is the state of a job that needs so many assignments and has the active
// ones of crew: the least advanced of them decides. It is for jobs that are
// neither drafts nor on hold nor cancelled.
func Derived(crew []AssignmentStatus, places int) JobStatus {
	if len(crew) < places || len(crew) == 0 {
		return Planned(len(crew), places)
	}
	lowest := JobCompleted
	for _, s := range crew {
		switch s {
		case Completed:
		case Incomplete:
			if lowest == JobCompleted {
				lowest = JobIncomplete
			}
		case InProgress, Paused:
			lowest = JobInProgress
		default:
			return JobAssigned
		}
	}
	return lowest
}

func stepWords(a Act) string {
	switch a {
	case ActAccept:
		return "this job cannot be accepted"
	case ActDecline:
		return "this job cannot be declined"
	case ActExpire:
		return "this offer cannot end"
	case ActTravel:
		return "setting out is not possible"
	case ActArrive:
		return "arriving is not possible"
	case ActStart:
		return "the work cannot start"
	case ActPause:
		return "the work cannot be paused"
	case ActResume:
		return "the work cannot go on"
	case ActComplete:
		return "this job cannot be completed"
	case ActIncomplete:
		return "this job cannot be left incomplete"
	}
	return fmt.Sprintf("%s is not possible", a)
}

// BusyError refuses an act because the contractor is on the road to another job,
// or at work there. Error is a sentence for people.
type BusyError struct {
	Act Act
	// Job is the number of the other one, such as J-1042.
	Job string
}

// Error says what cannot be done and why, in plain words.
func (e *BusyError) Error() string {
	return actWords(e.Act) + ": " + e.Job + " is under way; finish or pause it first"
}
