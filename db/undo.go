package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// Undo is the command to take back what an event announced.
type Undo struct {
	By Actor
	// EventID names the event; of several events of one command, any of them.
	EventID string
}

// Undo puts a job and its assignments back to what they were before an
// assignment, a reassignment, a move, an unassignment, a cancellation, a hold or a
// release, for UndoTime after it. It logs one ActionUndone for each event of that
// command, to the streams of that event, and an audit record. Sent again by the same
// user it does nothing more. It returns ErrNotFound when the event is not there or
// its job not the actor's, and *Conflict when it is too late, when the job has changed
// since, or when a contractor has been booked meanwhile or may not do the work any
// more; then nothing has changed.
func (db *DB) Undo(ctx context.Context, cmd Undo) (Outcome, error) {
	var about struct {
		JobID string `db:"job_id"`
		// First names the command: its first event.
		First string `db:"first"`
	}
	err := db.pool.GetContext(ctx, &about, `select e.job_id, coalesce((select f.event_id from event_log f
	    where f.job_id = e.job_id and f.correlation_id = e.correlation_id order by f.id limit 1), e.event_id) as first
	  from event_log e join jobs j on j.id = e.job_id where e.event_id = $1`, cmd.EventID)
	if err != nil {
		return Outcome{}, fmt.Errorf("undo event %s: %w", cmd.EventID, notFound(err))
	}
	command := Command{By: cmd.By, Key: "undo/" + about.First, RequestHash: "undo"}
	out, err := db.command(ctx, command, about.JobID, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		return undo(ctx, tx, j, command, cmd.EventID)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("undo event %s: %w", cmd.EventID, err)
	}
	return out, nil
}

func undo(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd Command, eventID string) (Outcome, error) {
	a, err := readAct(ctx, tx, j.ID, eventID)
	if err != nil {
		return Outcome{}, err
	}
	locked, err := lockContractors(ctx, tx, a.contractors(j)...)
	if err != nil {
		return Outcome{}, err
	}
	if err := a.standing(ctx, tx, j); err != nil {
		return Outcome{}, err
	}
	for _, was := range a.before.Assignments {
		if err := a.checkReturn(ctx, tx, j, locked, was, cmd); err != nil {
			return Outcome{}, err
		}
	}
	auditID, err := insertJobAudit(ctx, tx, j, cmd, auditUndo)
	if err != nil {
		return Outcome{}, err
	}
	if err := a.restore(ctx, tx, j); err != nil {
		return Outcome{}, err
	}
	evs := a.undone(j, cmd.By, auditID, locked)
	return Outcome{JobID: j.ID, AuditID: auditID, EventIDs: eventIDs(evs)}, appendEvents(ctx, tx, evs...)
}

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

// standing wants the job to be as the command left it, in time.
func (a act) standing(ctx context.Context, tx *sqlx.Tx, j *lockedJob) error {
	conflict := &Conflict{Kind: ConflictChanged, JobID: j.ID}
	for _, h := range j.crew {
		if a.did(h.ID) {
			conflict.AssignmentID = h.ID
		}
	}
	since, err := a.changedSince(ctx, tx, j)
	switch {
	case err != nil:
		return err
	case since != nil:
		conflict.Since = since
		return conflict
	case j.Version != a.before.Version+1:
		return conflict
	case !a.open:
		conflict.Kind = ConflictLate
		return conflict
	}
	return nil
}

// changedSince is what happened to the job after the command, nil if nothing did:
// what was last done to the job, else how far a contractor has come with the
// assignment. What only says who knows of it changes nothing.
func (a act) changedSince(ctx context.Context, tx *sqlx.Tx, j *lockedJob) (*Change, error) {
	last, err := a.lastEvent(ctx, tx, j.ID)
	if err != nil {
		return nil, err
	}
	if last != nil && slices.Contains(planning(), last.Kind) {
		return last, nil
	}
	for _, h := range j.crew {
		if a.did(h.ID) && h.Version > a.versions[h.ID] {
			return changedStatus(ctx, tx, h)
		}
	}
	return last, nil
}

// planning lists what is done to a job, not with an assignment by who has it.
func planning() []events.Kind {
	return []events.Kind{
		events.KindJobAssigned, events.KindJobUnassigned, events.KindJobRescheduled, events.KindJobCancelled,
		events.KindJobUpdated, events.KindJobRegionChanged, events.KindActionUndone,
	}
}

// lastEvent is the last event of the job after those of the command, nil if there
// is none.
func (a act) lastEvent(ctx context.Context, tx *sqlx.Tx, jobID string) (*Change, error) {
	var rows []struct {
		Kind       events.Kind `db:"event_type"`
		By         string      `db:"by"`
		Contractor string      `db:"contractor"`
		Seconds    float64     `db:"seconds"`
		UndoOf     string      `db:"undo_of"`
	}
	err := tx.SelectContext(ctx, &rows, `select e.event_type, coalesce(u.name, '') as by, coalesce(c.name, '') as contractor,
	    extract(epoch from clock_timestamp() - e.created_at) as seconds, coalesce(e.payload->>'undoOf', '') as undo_of
	  from event_log e left join users u on u.id = e.actor_id left join contractors c on c.id = e.contractor_id
	 where e.job_id = $1 and e.id > $2 and e.event_type not in ('AwarenessChanged', 'TapRefused') order by e.id desc limit 1`,
		jobID, a.last)
	if err != nil {
		return nil, fmt.Errorf("what happened since: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	r := rows[0]
	same := slices.ContainsFunc(a.events, func(e undoneEvent) bool { return e.EventID == r.UndoOf })
	return &Change{Kind: r.Kind, By: r.By, Contractor: r.Contractor, Ago: ago(r.Seconds), Same: same}, nil
}

// changedStatus is how far a contractor has come with an assignment.
func changedStatus(ctx context.Context, tx *sqlx.Tx, h heldAssignment) (*Change, error) {
	var row struct {
		Contractor string  `db:"name"`
		Seconds    float64 `db:"seconds"`
	}
	err := tx.GetContext(ctx, &row, `select c.name, extract(epoch from clock_timestamp() - a.updated_at) as seconds
	  from assignments a join contractors c on c.id = a.contractor_id where a.id = $1`, h.ID)
	if err != nil {
		return nil, fmt.Errorf("what the contractor did: %w", err)
	}
	return &Change{Status: h.Status, Contractor: row.Contractor, Ago: ago(row.Seconds)}, nil
}

func ago(seconds float64) time.Duration {
	return max(0, time.Duration(seconds*float64(time.Second)))
}

// checkReturn wants a contractor who is to get an assignment back, or at its
// former time, to be still able to do it. What needed a reason has one: that it was
// so before.
func (a act) checkReturn(ctx context.Context, tx *sqlx.Tx, j *lockedJob, locked map[string]lockedContractor, was heldBefore, cmd Command) error {
	at := schedule.Span{Start: was.Start, End: was.End}
	if slices.ContainsFunc(j.crew, func(h heldAssignment) bool {
		return h.ID == was.ID && h.Start.Equal(at.Start) && h.End.Equal(at.End)
	}) {
		return nil
	}
	j.current = &heldAssignment{ID: was.ID, ContractorID: was.ContractorID}
	defer func() { j.current = nil }()
	c, err := eligible(ctx, tx, j, locked, was.ContractorID, at)
	if err == nil {
		cmd.OverrideReason = string(auditUndo)
		_, err = timeReasons(ctx, tx, j, cmd, c, at)
	}
	var conflict *Conflict
	var invalid *Invalid
	switch {
	case errors.As(err, &conflict):
		// There is but one time to go back to, so no other is looked for.
		conflict.ContractorID = ""
	case errors.As(err, &invalid):
		return &Conflict{Kind: ConflictState, JobID: j.ID, Err: invalid}
	}
	return err
}

// restore writes the job and its assignments as they were. What was not there
// ends as given by mistake, before others get their time and place back.
func (a act) restore(ctx context.Context, tx *sqlx.Tx, j *lockedJob) error {
	ids, starts, ends, statuses := make([]string, 0), make([]time.Time, 0), make([]time.Time, 0), make([]string, 0)
	for _, was := range a.before.Assignments {
		ids, statuses = append(ids, was.ID), append(statuses, string(was.Status))
		starts, ends = append(starts, was.Start), append(ends, was.End)
	}
	_, err := tx.ExecContext(ctx, `update assignments set status = 'unassigned', undone = true, version = version + 1, updated_at = now()
	  where job_id = $1 and active and id <> all($2::uuid[])`, j.ID, pq.Array(ids))
	if err != nil {
		return fmt.Errorf("end what was given by mistake: %w", err)
	}
	// Who has to answer an offer again has all the time for it again.
	_, err = tx.ExecContext(ctx, `update assignments a set status = w.status, during = tstzrange(w.starts, w.ends), undone = false,
	    version = version + 1, updated_at = now(),
	    answer_by = case when a.active or a.answer_by is null then a.answer_by else `+answerBy("$1", "w.status")+` end,
	    offered_at = case when a.active then a.offered_at else now() end
	  from unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[]) as w (id, status, starts, ends)
	  where a.job_id = $1 and a.id = w.id and (a.status, a.during) is distinct from (w.status, tstzrange(w.starts, w.ends))`,
		j.ID, pq.Array(ids), pq.Array(statuses), pq.Array(texts(starts)), pq.Array(texts(ends)))
	if err != nil {
		return fmt.Errorf("put assignments back: %w", err)
	}
	return setJobStatus(ctx, tx, j.ID, a.before.Status)
}

// texts writes instants as PostgreSQL reads them.
func texts(list []time.Time) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.Format(time.RFC3339Nano)
	}
	return out
}

// undone lists one ActionUndone for each event of the command, for the streams of
// that event.
func (a act) undone(j *lockedJob, by Actor, auditID string, locked map[string]lockedContractor) []events.Event {
	var homes []string
	for _, e := range a.events {
		for _, id := range e.phones() {
			homes = append(homes, locked[id].Homes...)
		}
	}
	correlation := uuid.NewString()
	evs := make([]events.Event, len(a.events))
	for i, e := range a.events {
		to := []events.Stream{events.DispatchStream(j.Region)}
		for _, home := range homes {
			if s := events.DispatchStream(home); !slices.Contains(to, s) {
				to = append(to, s)
			}
		}
		for _, id := range e.phones() {
			to = append(to, events.ContractorStream(id))
		}
		evs[i] = j.newEvent(by, correlation, e.ContractorID, to, events.ActionUndone{
			UndoOf: e.EventID, Region: j.Region, JobID: j.ID, ContractorID: e.ContractorID, AssignmentID: e.AssignmentID, AuditID: auditID,
		})
	}
	return evs
}

// Undoable returns the last event of a job if what it announced can still be taken
// back, else nil.
func (db *DB) Undoable(ctx context.Context, jobID string) (*LoggedEvent, error) {
	found, err := db.selectLoggedEvents(ctx, `join audit_records a on a.id = (e.payload->>'auditId')::uuid and a.action in `+undoable+`
	  where e.job_id = $1 and e.correlation_id = (select s.correlation_id from event_log s
	      where s.job_id = $1 and s.event_type not in ('AwarenessChanged', 'TapRefused') order by s.id desc limit 1)
	    and e.created_at > now() - make_interval(secs => $2) and j.version = (a.before->>'version')::int + 1
	  order by e.id desc limit 1`, jobID, UndoTime.Seconds())
	if err != nil {
		return nil, fmt.Errorf("last act on job %s: %w", jobID, err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return &found[0], nil
}
