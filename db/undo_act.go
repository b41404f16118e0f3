package db

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// jobBefore is a job and who had it at one time, as audit records keep it.
type jobBefore struct {
	Status      schedule.JobStatus `json:"status"`
	Version     int                `json:"version"`
	Assignments []heldBefore       `json:"assignments"`
}

// heldBefore is one of its active assignments.
type heldBefore struct {
	ID           string                    `json:"id"`
	ContractorID string                    `json:"contractorId"`
	Start        time.Time                 `json:"start"`
	End          time.Time                 `json:"end"`
	Status       schedule.AssignmentStatus `json:"status"`
	Version      int                       `json:"version"`
}

// before writes down what a command is going to change.
func (j *lockedJob) before() (string, error) {
	b := jobBefore{Status: j.Status, Version: j.Version, Assignments: make([]heldBefore, len(j.crew))}
	for i, h := range j.crew {
		b.Assignments[i] = heldBefore{h.ID, h.ContractorID, h.Start.UTC(), h.End.UTC(), h.Status, h.Version}
	}
	text, err := json.Marshal(b)
	if err != nil {
		return "", fmt.Errorf("write down job %s: %w", j.ID, err)
	}
	return string(text), nil
}

// act is what one command did to a job: the events that say so, and how the job was
// before.
type act struct {
	events []undoneEvent
	// versions are those of the assignments after it, by id. It may have had
	// consequences of its own, such as that of a contractor who need not be asked.
	versions map[string]int
	before   jobBefore
	// last is the last entry of the log that belongs to it.
	last int64
	// open says that so little time has passed that it can be taken back.
	open bool
}

type undoneEvent struct {
	LogID        int64          `db:"id"`
	EventID      string         `db:"event_id"`
	Kind         string         `db:"event_type"`
	ContractorID string         `db:"contractor_id"`
	AssignmentID string         `db:"assignment_id"`
	Version      int            `db:"assignment_version"`
	PublishedTo  pq.StringArray `db:"published_to"`
	Before       []byte         `db:"before"`
	Open         bool           `db:"open"`
}

// undoable are the actions that can be taken back, for an SQL list.
const undoable = `('assign', 'reassign', 'move', 'unassign', 'cancel', 'hold', 'release')`

// selectAct reads the events of the command that an event of a job belongs to, with
// before for those that can be taken back. Times are those of the database.
const selectAct = `select e.id, e.event_id, e.event_type, coalesce(e.contractor_id::text, '') as contractor_id,
    coalesce(e.payload->>'assignmentId', '') as assignment_id, coalesce((e.payload->>'assignmentVersion')::int, 0) as assignment_version,
    e.published_to, a.before, e.created_at > now() - make_interval(secs => $3) as open
  from event_log e left join audit_records a on a.id = (e.payload->>'auditId')::uuid and a.action in ` + undoable + `
 where e.job_id = $1 and e.correlation_id = (select correlation_id from event_log where event_id = $2) order by e.id`

// readAct reads the command that an event of a job belongs to. It returns
// ErrNotFound when nothing of it can be taken back.
func readAct(ctx context.Context, q sqlx.QueryerContext, jobID, eventID string) (act, error) {
	a := act{versions: map[string]int{}}
	var all []undoneEvent
	if err := sqlx.SelectContext(ctx, q, &all, selectAct, jobID, eventID, UndoTime.Seconds()); err != nil {
		return a, fmt.Errorf("read act: %w", err)
	}
	for _, e := range all {
		a.last = e.LogID
		a.versions[e.AssignmentID] = max(a.versions[e.AssignmentID], e.Version)
		if e.Before != nil {
			a.events = append(a.events, e)
		}
	}
	if len(a.events) == 0 {
		return a, ErrNotFound
	}
	a.open = a.events[0].Open
	if err := json.Unmarshal(a.events[0].Before, &a.before); err != nil {
		return a, fmt.Errorf("job before event %s: %w", eventID, err)
	}
	return a, nil
}

// contractors are all who have the job, had it or are to have it again.
func (a act) contractors(j *lockedJob) []string {
	var ids []string
	for _, h := range j.crew {
		ids = append(ids, h.ContractorID)
	}
	for _, h := range a.before.Assignments {
		ids = append(ids, h.ContractorID)
	}
	for _, e := range a.events {
		ids = append(ids, e.phones()...)
	}
	return ids
}

// phones are the contractors who were told of an event.
func (e undoneEvent) phones() []string {
	var ids []string
	for _, s := range e.PublishedTo {
		if id := events.Stream(s).ContractorID(); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// did tells whether the command gave, moved or took an assignment.
func (a act) did(assignmentID string) bool {
	return slices.ContainsFunc(a.events, func(e undoneEvent) bool { return e.AssignmentID == assignmentID })
}
