package schedule

import (
	"fmt"
	"time"
)

// JobStatus says what happened to a job.
type JobStatus string

// The states of a job.
const (
	JobDraft             JobStatus = "draft"
	JobOpen              JobStatus = "open"
	JobPartiallyAssigned JobStatus = "partially_assigned"
	JobAssigned          JobStatus = "assigned"
	JobInProgress        JobStatus = "in_progress"
	JobCompleted         JobStatus = "completed"
	JobOnHold            JobStatus = "on_hold"
	JobIncomplete        JobStatus = "incomplete"
	JobCancelled         JobStatus = "cancelled"
)

// AssignmentStatus says how far one contractor has come with one visit.
type AssignmentStatus string

// The states of an assignment.
const (
	Assigned   AssignmentStatus = "assigned"
	Accepted   AssignmentStatus = "accepted"
	EnRoute    AssignmentStatus = "en_route"
	OnSite     AssignmentStatus = "on_site"
	InProgress AssignmentStatus = "in_progress"
	Paused     AssignmentStatus = "paused"
	Completed  AssignmentStatus = "completed"
	Incomplete AssignmentStatus = "incomplete"
	Declined   AssignmentStatus = "declined"
	Expired    AssignmentStatus = "expired"
	Unassigned AssignmentStatus = "unassigned"
	Cancelled  AssignmentStatus = "cancelled"
)

// Act is a command that the state of a job or an assignment can refuse.
type Act string

// The acts of dispatchers. Those of contractors are in progress.go.
const (
	ActAssign   Act = "assign"
	ActReassign Act = "reassign"
	ActMove     Act = "move"
	ActUnassign Act = "unassign"
	// ActCorrect is a change of the job's own fields, such as its site.
	ActCorrect Act = "correct"
	ActCancel  Act = "cancel"
	ActHold    Act = "hold"
	ActRelease Act = "release"
)

// TransitionError refuses an act because of the state that the job or the
// assignment is in now. Error is a sentence for the dispatcher.
type TransitionError struct {
	Act   Act
	State string // the current JobStatus or AssignmentStatus
}

// Error says what cannot be done and why, in plain words.
func (e *TransitionError) Error() string {
	return actWords(e.Act) + ": " + stateWords(e)
}

// CanAssign reports whether a contractor may be put on a job in this state:
// nil for open and partially assigned jobs, else a *[TransitionError].
func CanAssign(s JobStatus) error {
	switch s {
	case JobOpen, JobPartiallyAssigned:
		return nil
	}
	return &TransitionError{Act: ActAssign, State: string(s)}
}

// Planned is the state of a job that is being planned and of whose headcount
// places booked are filled.
func Planned(booked, headcount int) JobStatus {
	switch {
	case booked == 0:
		return JobOpen
	case booked < headcount:
		return JobPartiallyAssigned
	}
	return JobAssigned
}

// Replanned is the state of a job in state s after its headcount, or who has it,
// has changed: see [Planned]. Only planning goes by numbers, so every other state
// stays.
func (s JobStatus) Replanned(booked, headcount int) JobStatus {
	switch s {
	case JobOpen, JobPartiallyAssigned, JobAssigned:
		return Planned(booked, headcount)
	}
	return s
}

// CanCorrect reports whether the fields of a job may change in this state: nil
// until it is closed, else a *[TransitionError].
func CanCorrect(s JobStatus) error {
	switch s {
	case JobDraft, JobOpen, JobPartiallyAssigned, JobAssigned, JobInProgress, JobOnHold, JobIncomplete:
		return nil
	}
	return &TransitionError{Act: ActCorrect, State: string(s)}
}

// CanCancel reports whether a job may be called off in this state: nil until it
// is closed, else a *[TransitionError].
func CanCancel(s JobStatus) error {
	if CanCorrect(s) == nil {
		return nil
	}
	return &TransitionError{Act: ActCancel, State: string(s)}
}

// CanHold reports whether a job may be put on hold in this state: nil while
// nobody has it, else a *[TransitionError]. Who has it must be told first, by
// taking it off him.
func CanHold(s JobStatus) error {
	if s == JobOpen {
		return nil
	}
	return &TransitionError{Act: ActHold, State: string(s)}
}

// CanRelease reports whether a job may be opened again: nil for one on hold,
// else a *[TransitionError].
func CanRelease(s JobStatus) error {
	if s == JobOnHold {
		return nil
	}
	return &TransitionError{Act: ActRelease, State: string(s)}
}

// CanReassign reports whether the work may go to another contractor: nil until
// the first one has arrived, else a *[TransitionError]. See [NeedsReason].
func CanReassign(s AssignmentStatus) error {
	return takeOff(ActReassign, s)
}

// CanMove reports whether an assignment may get other times: nil until the
// contractor has set out, else a *[TransitionError].
func CanMove(s AssignmentStatus) error {
	switch s {
	case Assigned, Accepted:
		return nil
	}
	return &TransitionError{Act: ActMove, State: string(s)}
}

// CanUnassign reports whether an assignment may be taken off: nil until the
// contractor has arrived, else a *[TransitionError]. See [NeedsReason].
func CanUnassign(s AssignmentStatus) error {
	return takeOff(ActUnassign, s)
}

// NeedsReason reports whether taking the work off a contractor in this state
// (unassign or reassign) must be confirmed with a reason: he is on the road.
func NeedsReason(s AssignmentStatus) bool { return s == EnRoute }

// ResetsAcceptance reports whether moving a start from before to after is so
// much that an acceptance no longer holds: more than 15 minutes either way.
func ResetsAcceptance(before, after time.Time) bool {
	return after.Sub(before).Abs() > 15*time.Minute
}

func takeOff(act Act, s AssignmentStatus) error {
	switch s {
	case Assigned, Accepted, EnRoute:
		return nil
	}
	return &TransitionError{Act: act, State: string(s)}
}

func actWords(a Act) string {
	switch a {
	case ActAssign:
		return "this job cannot be assigned"
	case ActReassign:
		return "this job cannot go to someone else"
	case ActMove:
		return "this assignment cannot be moved"
	case ActUnassign:
		return "this assignment cannot be taken off"
	case ActCorrect:
		return "this job cannot be changed"
	case ActCancel:
		return "this job cannot be cancelled"
	case ActHold:
		return "this job cannot be put on hold"
	case ActRelease:
		return "this job cannot be released"
	}
	return stepWords(a)
}

// stateWords says why. A name that stands on both ladders means the same on
// both, but for assigned: only a job is ever refused because of it.
func stateWords(e *TransitionError) string {
	if e.Act == ActHold && (e.State == string(JobAssigned) || e.State == string(JobPartiallyAssigned)) {
		return "a contractor has it; take it off him first"
	}
	if e.Act.isStep() && e.State == string(Assigned) {
		return "it has not been accepted yet"
	}
	words := map[string]string{
		"draft":              "it is still a draft",
		"open":               "it is open",
		"on_hold":            "it is on hold",
		"incomplete":         "it was left incomplete and needs a follow-up visit",
		"completed":          "it is completed",
		"cancelled":          "it is cancelled",
		"assigned":           "it is assigned already; reassign it instead",
		"accepted":           "it has been accepted",
		"partially_assigned": "a part of the crew is assigned",
		"en_route":           "the contractor is on the way",
		"on_site":            "the contractor is on site",
		"in_progress":        "the work is in progress",
		"paused":             "the work is in progress, paused just now",
		"declined":           "the contractor declined it",
		"expired":            "the offer has ended",
		"unassigned":         "it was taken off already",
	}
	if w, ok := words[e.State]; ok {
		return w
	}
	return fmt.Sprintf("its state is %q", e.State)
}
