package events

import "time"

// Source says whether a person or the system picked the contractor.
type Source string

// The two sources of an assignment, spelled as the contract spells them.
const (
	SourceAuto   Source = "auto"
	SourceManual Source = "manual"
)

// JobAssigned announces that a contractor was given a job for a half-open
// range of time [StartUTC, EndUTC).
type JobAssigned struct {
	JobID        string `json:"jobId"`
	ContractorID string `json:"contractorId"`
	AssignmentID string `json:"assignmentId"`
	// StartUTC and EndUTC are instants, in UTC.
	StartUTC time.Time `json:"startUtc"`
	EndUTC   time.Time `json:"endUtc"`
	Region   string    `json:"region"`
	Source   Source    `json:"source"`
	// AuditID names the audit record of the decision; it is never empty.
	AuditID string `json:"auditId"`
	// TimeZone is the IANA zone of the job; StartLocal and EndLocal are the
	// wall times there, as 2006-01-02T15:04.
	TimeZone   string `json:"timeZone"`
	StartLocal string `json:"startLocal"`
	EndLocal   string `json:"endLocal"`
	// AssignmentVersion counts the changes of this assignment from 1.
	AssignmentVersion int `json:"assignmentVersion"`
	// AnswerBy is until when the contractor can answer; nil when he need not.
	AnswerBy *time.Time `json:"answerBy,omitempty"`
	DayOfJob
	// ReplacesAssignmentID is set on a reassignment; only dispatchers see it.
	ReplacesAssignmentID string `json:"replacesAssignmentId,omitempty"`
}

// DayOfJob says which day of a job an assignment is for, as in "day 2 of 3". Both
// are left out of a job of one day.
type DayOfJob struct {
	Day  int `json:"day,omitempty"`
	Days int `json:"days,omitempty"`
}

// EventKind implements Fact.
func (JobAssigned) EventKind() Kind { return KindJobAssigned }

// UnassignReason says why a contractor lost a job.
type UnassignReason string

// The reasons of the event catalogue that can occur.
const (
	ReasonReassigned UnassignReason = "reassigned"
	ReasonReleased   UnassignReason = "released"
)

// JobUnassigned announces that a contractor no longer has a job.
type JobUnassigned struct {
	JobID        string         `json:"jobId"`
	ContractorID string         `json:"contractorId"`
	AssignmentID string         `json:"assignmentId"`
	Region       string         `json:"region"`
	Reason       UnassignReason `json:"reason"`
	AuditID      string         `json:"auditId"`
	// PreviousStartUTC and PreviousEndUTC are when he had it, in UTC, TimeZone is
	// the IANA zone of the job.
	PreviousStartUTC time.Time `json:"previousStartUtc"`
	PreviousEndUTC   time.Time `json:"previousEndUtc"`
	TimeZone         string    `json:"timeZone"`
	DayOfJob
	// ReplacedBy is the contractor who got the job instead; only dispatchers
	// see it.
	ReplacedBy string `json:"replacedBy,omitempty"`
}

// EventKind implements Fact.
func (JobUnassigned) EventKind() Kind { return KindJobUnassigned }

// RescheduleCause says what moved an assignment.
type RescheduleCause string

// CauseDispatcher is a move by hand.
const CauseDispatcher RescheduleCause = "dispatcher"

// JobRescheduled announces that an assignment moved in time. The four instants
// are those of the assignment, not of the job's window.
type JobRescheduled struct {
	JobID             string          `json:"jobId"`
	ContractorID      string          `json:"contractorId"`
	AssignmentID      string          `json:"assignmentId"`
	Region            string          `json:"region"`
	PreviousStartUTC  time.Time       `json:"previousStartUtc"`
	PreviousEndUTC    time.Time       `json:"previousEndUtc"`
	StartUTC          time.Time       `json:"startUtc"`
	EndUTC            time.Time       `json:"endUtc"`
	TimeZone          string          `json:"timeZone"`
	StartLocal        string          `json:"startLocal"`
	EndLocal          string          `json:"endLocal"`
	Cause             RescheduleCause `json:"cause"`
	AuditID           string          `json:"auditId"`
	AssignmentVersion int             `json:"assignmentVersion"`
	// AnswerBy is until when the contractor can answer to the new times, if they
	// are an offer anew.
	AnswerBy *time.Time `json:"answerBy,omitempty"`
	DayOfJob
}

// EventKind implements Fact.
func (JobRescheduled) EventKind() Kind { return KindJobRescheduled }

// JobCreated announces a new job.
type JobCreated struct {
	JobID  string `json:"jobId"`
	Region string `json:"region"`
	// CopyOf is the job that it is a copy of.
	CopyOf string `json:"copyOf,omitempty"`
}

// EventKind implements Fact.
func (JobCreated) EventKind() Kind { return KindJobCreated }

// JobUpdated announces that fields of a job changed; Changed holds their names.
type JobUpdated struct {
	JobID   string   `json:"jobId"`
	Region  string   `json:"region"`
	Changed []string `json:"changed"`
	// Before and After hold the changed fields that a plan is made of; of what
	// customers wrote or are called only the name of the field is told. Only
	// dispatchers see them. Nil if there are none.
	Before *Plan `json:"before,omitempty"`
	After  *Plan `json:"after,omitempty"`
	// Status is the new one, on_hold or open, and AuditID names the record with
	// the reason, when that is what changed.
	Status  string `json:"status,omitempty"`
	AuditID string `json:"auditId,omitempty"`
}

// EventKind implements Fact.
func (JobUpdated) EventKind() Kind { return KindJobUpdated }

// Plan holds fields of a job that decide who can have it and when. A field that an
// event says nothing about is empty.
type Plan struct {
	// WindowStartUTC and WindowEndUTC are the promised window, in UTC, TimeZone is
	// the IANA zone in which it was promised.
	WindowStartUTC  time.Time `json:"windowStartUtc,omitzero"`
	WindowEndUTC    time.Time `json:"windowEndUtc,omitzero"`
	TimeZone        string    `json:"timeZone,omitempty"`
	DurationMinutes int       `json:"durationMinutes,omitempty"`
	Headcount       int       `json:"headcount,omitempty"`
	Days            int       `json:"days,omitempty"`
	Priority        string    `json:"priority,omitempty"`
	// Skills are their slugs, sorted.
	Skills []string `json:"skills,omitempty"`
}

// CancelReason says why a job was cancelled. What was said in words may be
// about a person, so it stands in the audit record and not in the log.
type CancelReason string

// The reasons to choose from.
const (
	CancelCustomer   CancelReason = "customer"
	CancelDuplicate  CancelReason = "duplicate"
	CancelImpossible CancelReason = "impossible"
	CancelOther      CancelReason = "other"
)

// CancelReasons lists the reasons in the order in which a form offers them.
func CancelReasons() []CancelReason {
	return []CancelReason{CancelCustomer, CancelDuplicate, CancelImpossible, CancelOther}
}

// JobCancelled announces that a job was called off, and with it every
// assignment that was not done yet. One event goes to all who had the job, so
// it names none of them.
type JobCancelled struct {
	JobID  string       `json:"jobId"`
	Region string       `json:"region"`
	Reason CancelReason `json:"reason"`
	// By is what sort of actor cancelled it.
	By      ActorKind `json:"by"`
	AuditID string    `json:"auditId"`
}

// EventKind implements Fact.
func (JobCancelled) EventKind() Kind { return KindJobCancelled }

// JobRegionChanged announces that a job's site now lies in another region.
type JobRegionChanged struct {
	JobID      string `json:"jobId"`
	Region     string `json:"region"`
	FromRegion string `json:"fromRegion"`
	ToRegion   string `json:"toRegion"`
	// Cause is `site` (its location changed), `override` (by hand) or `map`
	// (the regions changed).
	Cause string `json:"cause"`
}

// EventKind implements Fact.
func (JobRegionChanged) EventKind() Kind { return KindJobRegionChanged }

// ImportCompleted announces one finished import instead of one event a row.
type ImportCompleted struct {
	BatchID string `json:"batchId"`
	Region  string `json:"region"`
	// Created and Updated count the jobs of this region; of contractors those
	// whose home it is or was, or who have jobs there.
	Created int `json:"created"`
	Updated int `json:"updated"`
}

// EventKind implements Fact.
func (ImportCompleted) EventKind() Kind { return KindImportCompleted }

// ActionUndone announces that something was taken back: what a dispatcher did to
// a job, or the jobs that an import had added. It goes to the streams of the event
// that it takes back, and means that the job is as it was before that one.
type ActionUndone struct {
	// UndoOf is the id of the event that announced what is undone.
	UndoOf  string `json:"undoOf"`
	BatchID string `json:"batchId,omitempty"`
	Region  string `json:"region"`
	// The following are empty when an import was undone. ContractorID and
	// AssignmentID are those of the event that is undone, AuditID names the record
	// of who took it back.
	JobID        string `json:"jobId,omitempty"`
	ContractorID string `json:"contractorId,omitempty"`
	AssignmentID string `json:"assignmentId,omitempty"`
	AuditID      string `json:"auditId,omitempty"`
	// Removed counts the jobs of this region that are gone.
	Removed int `json:"removed,omitempty"`
}

// EventKind implements Fact.
func (ActionUndone) EventKind() Kind { return KindActionUndone }
