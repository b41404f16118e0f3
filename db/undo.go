package db

import (
	"context"
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
