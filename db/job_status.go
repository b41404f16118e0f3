package db

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// JobCommand is a command about a job as a whole. Its OverrideReason is the
// reason in words, kept in the audit record.
type JobCommand struct {
	Command
	JobID string
}

// CancelJob calls a job off for good: every assignment that is not done yet
// becomes cancelled, and JobCancelled goes to the job's dispatchers, to those of
// each contractor's home and to each contractor. The reason is required, and so
// are words when it is events.CancelOther. It returns ErrNotFound, *Invalid and
// *Conflict as Assign does.
func (db *DB) CancelJob(ctx context.Context, cmd JobCommand, reason events.CancelReason) (Outcome, error) {
	out, err := db.jobCommand(ctx, cmd, schedule.CanCancel, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		if !slices.Contains(events.CancelReasons(), reason) {
			return Outcome{}, &Invalid{Field: "reason", Message: "Choose why it is cancelled."}
		}
		if reason == events.CancelOther && cmd.OverrideReason == "" {
			return Outcome{}, &Invalid{Field: "override_reason", Message: "Say why it is cancelled."}
		}
		return cancelJob(ctx, tx, j, cmd, reason)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("cancel job %s: %w", cmd.JobID, err)
	}
	return out, nil
}

// HoldJob takes an open job out of planning, with a reason, and logs JobUpdated.
// A job that a contractor has is refused: he has to be told first, by taking it
// off him. The errors are those of CancelJob.
func (db *DB) HoldJob(ctx context.Context, cmd JobCommand) (Outcome, error) {
	out, err := db.jobCommand(ctx, cmd, schedule.CanHold, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		if cmd.OverrideReason == "" {
			return Outcome{}, &Invalid{Field: "override_reason", Message: "Say what it waits for."}
		}
		return setPlanning(ctx, tx, j, cmd, auditHold, schedule.JobOnHold)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("hold job %s: %w", cmd.JobID, err)
	}
	return out, nil
}

// ReleaseJob opens a job that is on hold and logs JobUpdated. The errors are
// those of CancelJob.
func (db *DB) ReleaseJob(ctx context.Context, cmd JobCommand) (Outcome, error) {
	out, err := db.jobCommand(ctx, cmd, schedule.CanRelease, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		return setPlanning(ctx, tx, j, cmd, auditRelease, schedule.JobOpen)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("release job %s: %w", cmd.JobID, err)
	}
	return out, nil
}

// jobCommand runs a command about a job that may be in a state and must be in
// the version that the form showed.
func (db *DB) jobCommand(ctx context.Context, cmd JobCommand, can func(schedule.JobStatus) error, do func(*sqlx.Tx, *lockedJob) (Outcome, error)) (Outcome, error) {
	return db.command(ctx, cmd.Command, cmd.JobID, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		if err := can(j.Status); err != nil {
			return Outcome{}, &Conflict{Kind: ConflictState, JobID: j.ID, Err: err}
		}
		if j.Version != cmd.Version {
			return Outcome{}, &Conflict{Kind: ConflictStale, JobID: j.ID}
		}
		return do(tx, j)
	})
}

func setPlanning(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd JobCommand, action auditAction, status schedule.JobStatus) (Outcome, error) {
	auditID, err := insertJobAudit(ctx, tx, j, cmd.Command, action)
	if err != nil {
		return Outcome{}, err
	}
	if err := setJobStatus(ctx, tx, j.ID, status); err != nil {
		return Outcome{}, err
	}
	event := j.newEvent(cmd.By, uuid.NewString(), "", []events.Stream{events.DispatchStream(j.Region)},
		events.JobUpdated{JobID: j.ID, Region: j.Region, Changed: []string{"status"}, Status: string(status), AuditID: auditID})
	return Outcome{JobID: j.ID, AuditID: auditID, EventIDs: eventIDs([]events.Event{event})}, appendEvents(ctx, tx, event)
}

func cancelJob(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd JobCommand, reason events.CancelReason) (Outcome, error) {
	left, err := j.unfinished(ctx, tx)
	if err != nil {
		return Outcome{}, err
	}
	auditID, err := insertJobAudit(ctx, tx, j, cmd.Command, auditCancel)
	if err != nil {
		return Outcome{}, err
	}
	_, err = tx.ExecContext(ctx, `update assignments set status = 'cancelled', version = version + 1, updated_at = now()
	  where job_id = $1 and active and status not in ('completed', 'incomplete')`, j.ID)
	if err != nil {
		return Outcome{}, fmt.Errorf("cancel assignments: %w", err)
	}
	if err := setJobStatus(ctx, tx, j.ID, schedule.JobCancelled); err != nil {
		return Outcome{}, err
	}
	event := j.newEvent(cmd.By, uuid.NewString(), left.only(), left.streams(j.Region), events.JobCancelled{
		JobID: j.ID, Region: j.Region, Reason: reason, By: cmd.By.Kind, AuditID: auditID,
	})
	return Outcome{JobID: j.ID, AuditID: auditID, EventIDs: eventIDs([]events.Event{event})}, appendEvents(ctx, tx, event)
}

// unfinished locks the crew and returns the contractors whose work on the job is
// still to be done. It refuses a job whose work is done: of one of several days,
// when all of them are.
func (j *lockedJob) unfinished(ctx context.Context, tx *sqlx.Tx) (holders, error) {
	if _, err := j.lockCrew(ctx, tx); err != nil {
		return nil, err
	}
	completed := 0
	var left holders
	for _, h := range j.crew {
		switch h.Status {
		case schedule.Completed:
			completed++
		case schedule.Incomplete:
		default:
			left = append(left, holder{ContractorID: h.ContractorID, Homes: h.Homes})
		}
	}
	if len(left) == 0 && completed > 0 && (j.Days == 1 || j.full()) {
		err := &schedule.TransitionError{Act: schedule.ActCancel, State: string(schedule.Completed)}
		return nil, &Conflict{Kind: ConflictState, JobID: j.ID, Err: err}
	}
	return left, nil
}

func setJobStatus(ctx context.Context, tx *sqlx.Tx, id string, status schedule.JobStatus) error {
	_, err := tx.ExecContext(ctx, `update jobs set status = $2, version = version + 1, updated_at = now() where id = $1`, id, status)
	if err != nil {
		return fmt.Errorf("set status: %w", err)
	}
	return nil
}

// insertJobAudit records who decided about a job as a whole, and why. It was not
// about who does it, so it has no candidates.
func insertJobAudit(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd Command, action auditAction) (string, error) {
	id := uuid.NewString()
	before, err := j.before()
	if err != nil {
		return "", err
	}
	_, err = tx.ExecContext(ctx, `
	  insert into audit_records (id, action, job_id, source, actor_kind, actor_id, override_reason, before)
	  values ($1, $2, $3, 'manual', $4, $5, $6, $7)`, id, action, j.ID, cmd.By.Kind, nullable(cmd.By.UserID), cmd.OverrideReason, before)
	if err != nil {
		return "", fmt.Errorf("write audit record: %w", err)
	}
	return id, nil
}
