package events

import "time"

// Step is what the events about an assignment that its contractor has, or had,
// have in common.
type Step struct {
	JobID        string `json:"jobId"`
	ContractorID string `json:"contractorId"`
	AssignmentID string `json:"assignmentId"`
	Region       string `json:"region"`
	// At is when it happened, in UTC: ClientAt where that can be believed, else when
	// it was received.
	At time.Time `json:"at"`
	// ClientAt is what the clock of the phone showed; nil when it did not say.
	ClientAt *time.Time `json:"clientAt,omitempty"`
	// OnBehalf says that a dispatcher did it for him, AuditID names the record of
	// who and why; empty when there is nothing to record.
	OnBehalf bool   `json:"onBehalf,omitempty"`
	AuditID  string `json:"auditId,omitempty"`
	// AssignmentVersion counts the changes of this assignment from 1.
	AssignmentVersion int `json:"assignmentVersion"`
}

// AssignmentAccepted announces that a contractor takes a job that he was offered.
type AssignmentAccepted struct {
	Step
	// Auto says that nobody had to ask him: he accepts whatever he is given.
	Auto bool `json:"auto,omitempty"`
}

// EventKind implements Fact.
func (AssignmentAccepted) EventKind() Kind { return KindAssignmentAccepted }

// StepReason says why a contractor declined, paused or left a job. What was said
// in words may be about a person, so it stands in the audit record and not in the
// log.
type StepReason string

// StepOther is a reason in words.
const StepOther StepReason = "other"

// DeclineReasons lists why a contractor may decline, in the order in which a form
// offers them.
func DeclineReasons() []StepReason {
	return []StepReason{"too_far", "no_time", "wrong_trade", "unwell", StepOther}
}

// PauseReasons lists why a contractor may pause.
func PauseReasons() []StepReason {
	return []StepReason{"break", "parts", "customer", "weather", StepOther}
}

// IncompleteReasons lists why a contractor may leave a job that is not done.
func IncompleteReasons() []StepReason {
	return []StepReason{"no_access", "parts", "unsafe", "more_work", StepOther}
}

// AssignmentDeclined announces that a contractor does not take a job that he was
// offered, or no longer takes it.
type AssignmentDeclined struct {
	Step
	ReasonCode StepReason `json:"reasonCode"`
}

// EventKind implements Fact.
func (AssignmentDeclined) EventKind() Kind { return KindAssignmentDeclined }

// AssignmentExpired announces that an offer ended without an answer.
type AssignmentExpired struct {
	Step
	// AnswerBy is until when it could be answered.
	AnswerBy time.Time `json:"answerBy"`
}

// EventKind implements Fact.
func (AssignmentExpired) EventKind() Kind { return KindAssignmentExpired }

// TravelStarted announces that a contractor is on his way.
type TravelStarted struct{ Step }

// EventKind implements Fact.
func (TravelStarted) EventKind() Kind { return KindTravelStarted }

// ArrivedOnSite announces that he is there.
type ArrivedOnSite struct{ Step }

// EventKind implements Fact.
func (ArrivedOnSite) EventKind() Kind { return KindArrivedOnSite }

// JobStarted announces that the work has begun.
type JobStarted struct{ Step }

// EventKind implements Fact.
func (JobStarted) EventKind() Kind { return KindJobStarted }

// JobPaused announces that the work rests.
type JobPaused struct {
	Step
	Reason StepReason `json:"reason"`
}

// EventKind implements Fact.
func (JobPaused) EventKind() Kind { return KindJobPaused }

// JobResumed announces that the work goes on.
type JobResumed struct{ Step }

// EventKind implements Fact.
func (JobResumed) EventKind() Kind { return KindJobResumed }

// Ending is until when the contractor's time is taken after his work has ended.
type Ending struct {
	// StartUTC and EndUTC are the times of the assignment afterwards, and
	// PreviousEndUTC is the end that was planned. An end that would run into his next
	// job leaves the plan as it was: At tells the truth.
	StartUTC       time.Time `json:"startUtc"`
	EndUTC         time.Time `json:"endUtc"`
	PreviousEndUTC time.Time `json:"previousEndUtc"`
}

// JobCompleted announces that a contractor's work is done.
type JobCompleted struct {
	Step
	Ending
}

// EventKind implements Fact.
func (JobCompleted) EventKind() Kind { return KindJobCompleted }

// JobIncomplete announces that a contractor left a job that is not done; somebody
// has to come again.
type JobIncomplete struct {
	Step
	Ending
	Reason StepReason `json:"reason"`
}

// EventKind implements Fact.
func (JobIncomplete) EventKind() Kind { return KindJobIncomplete }

// TapRefused announces that a step of a contractor came too late, for example
// from a phone without a network: nothing was changed by it.
type TapRefused struct {
	Step
	// Tap is the act that was refused, such as accept, and State that of the
	// assignment by then.
	Tap   string `json:"tap"`
	State string `json:"state"`
}

// EventKind implements Fact.
func (TapRefused) EventKind() Kind { return KindTapRefused }
