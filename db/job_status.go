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
	holders, err := unfinished(ctx, tx, j)
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
	event := j.newEvent(cmd.By, uuid.NewString(), only(holders), streamsOfAll(j.Region, holders), events.JobCancelled{
		JobID: j.ID, Region: j.Region, Reason: reason, By: cmd.By.Kind, AuditID: auditID,
	})
	return Outcome{JobID: j.ID, AuditID: auditID, EventIDs: eventIDs([]events.Event{event})}, appendEvents(ctx, tx, event)
}

// unfinished locks and returns the contractors whose work on the job is still to
// be done. It refuses a job whose work is done.
func unfinished(ctx context.Context, tx *sqlx.Tx, j *lockedJob) ([]holder, error) {
	var rows []struct {
		ContractorID string                    `db:"contractor_id"`
		Status       schedule.AssignmentStatus `db:"status"`
	}
	err := tx.SelectContext(ctx, &rows, `select contractor_id, status from assignments where job_id = $1 and active
	 order by created_at, id`, j.ID)
	if err != nil {
		return nil, fmt.Errorf("assignments: %w", err)
	}
	var ids []string
	for _, r := range rows {
		if r.Status != schedule.Completed && r.Status != schedule.Incomplete {
			ids = append(ids, r.ContractorID)
		}
	}
	if len(rows) > 0 && len(ids) == 0 && rows[0].Status == schedule.Completed {
		err := &schedule.TransitionError{Act: schedule.ActCancel, State: string(schedule.Completed)}
		return nil, &Conflict{Kind: ConflictState, JobID: j.ID, Err: err}
	}
	locked, err := lockContractors(ctx, tx, slices.Clone(ids)...)
	if err != nil {
		return nil, err
	}
	left := make([]holder, len(ids))
	for i, id := range ids {
		left[i] = holder{ContractorID: id, Home: locked[id].HomeRegion}
	}
	return left, nil
}

// streamsOfAll lists the streams of an event about a job and all who have it.
func streamsOfAll(region string, holders []holder) []events.Stream {
	streams := []events.Stream{events.DispatchStream(region)}
	for _, h := range holders {
		for _, s := range h.streams(region)[1:] {
			streams = append(without(streams, s), s)
		}
	}
	return streams
}

// only is the contractor of an event that is about one, "" for none or several.
func only(holders []holder) string {
	if len(holders) != 1 {
		return ""
	}
	return holders[0].ContractorID
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
	_, err := tx.ExecContext(ctx, `
	  insert into audit_records (id, action, job_id, source, actor_kind, actor_id, override_reason)
	  values ($1, $2, $3, 'manual', $4, $5, $6)`, id, action, j.ID, cmd.By.Kind, nullable(cmd.By.UserID), cmd.OverrideReason)
	if err != nil {
		return "", fmt.Errorf("write audit record: %w", err)
	}
	return id, nil
}
