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

// Unassign is the command to take a job off a contractor.
type Unassign struct {
	Command
	AssignmentID string
}

// Unassign ends an assignment, opens its place of the job again and logs
// JobUnassigned. The
// errors are those of Assign; a contractor who is on his way is taken off only
// with a reason.
func (db *DB) Unassign(ctx context.Context, cmd Unassign) (Outcome, error) {
	out, err := db.commandOn(ctx, cmd.Command, cmd.AssignmentID, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		if err := schedule.CanUnassign(j.current.Status); err != nil {
			return Outcome{}, &Conflict{Kind: ConflictState, JobID: j.ID, Err: err}
		}
		return unassign(ctx, tx, j, cmd)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("unassign assignment %s: %w", cmd.AssignmentID, err)
	}
	return out, nil
}

func unassign(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd Unassign) (Outcome, error) {
	out, event, err := releaseJob(ctx, tx, j, cmd.Command)
	if err != nil {
		return Outcome{}, err
	}
	return out, appendEvents(ctx, tx, event)
}

// releaseJob takes a job off the contractor of the current assignment. The
// caller logs the event.
func releaseJob(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd Command) (Outcome, events.Event, error) {
	old := *j.current
	none := events.Event{}
	if err := needsReason(old.Status, cmd.OverrideReason); err != nil {
		return Outcome{}, none, err
	}
	if _, err := j.lockHolder(ctx, tx); err != nil {
		return Outcome{}, none, err
	}
	auditID, err := insertAudit(ctx, tx, j, cmd, decision{action: auditUnassign, contractorID: old.ContractorID, at: old.span()})
	if err != nil {
		return Outcome{}, none, err
	}
	if err := endAssignment(ctx, tx, old.ID); err != nil {
		return Outcome{}, none, err
	}
	event := j.newEvent(cmd.By, uuid.NewString(), old.ContractorID, streamsOf(j.Region, old.ContractorID, j.current.Homes...),
		j.unassigned(old, events.ReasonReleased, auditID, ""))
	j.crew, j.current = slices.DeleteFunc(j.crew, func(h heldAssignment) bool { return h.ID == old.ID }), nil
	if err := setJobStatus(ctx, tx, j.ID, j.status(len(j.crew))); err != nil {
		return Outcome{}, none, err
	}
	return Outcome{JobID: j.ID, AssignmentID: old.ID, AuditID: auditID, EventIDs: eventIDs([]events.Event{event})}, event, nil
}
