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

// Reassign is the command to give an assigned job to another contractor.
type Reassign struct {
	Command
	AssignmentID, ContractorID string
	// At are the new times; the zero value keeps the old ones.
	At Times
}

// Reassign takes a job from one contractor and gives it to another in one
// transaction: JobUnassigned and JobAssigned share a correlation id and stand
// next to each other in the log. The errors are those of Assign; if the new
// contractor cannot take it, nothing changes for the old one.
func (db *DB) Reassign(ctx context.Context, cmd Reassign) (Outcome, error) {
	out, err := db.commandOn(ctx, cmd.Command, cmd.AssignmentID, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		if err := schedule.CanReassign(j.current.Status); err != nil {
			return Outcome{}, &Conflict{Kind: ConflictState, JobID: j.ID, Err: err}
		}
		return reassign(ctx, tx, j, cmd)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("reassign assignment %s: %w", cmd.AssignmentID, err)
	}
	return out, nil
}

func reassign(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd Reassign) (Outcome, error) {
	old := *j.current
	if err := j.checkNew(cmd.ContractorID); err != nil {
		return Outcome{}, err
	}
	if err := needsReason(old.Status, cmd.OverrideReason); err != nil {
		return Outcome{}, err
	}
	at := old.span()
	if cmd.At != (Times{}) {
		var err error
		if at, err = j.span(cmd.At, old.span().Duration()); err != nil {
			return Outcome{}, err
		}
		if err := j.checkDates(at); err != nil {
			return Outcome{}, err
		}
	}
	locked, err := j.lockHolder(ctx, tx, cmd.ContractorID)
	if err != nil {
		return Outcome{}, err
	}
	c, err := eligible(ctx, tx, j, locked, cmd.ContractorID, at)
	if err != nil {
		return Outcome{}, err
	}
	soft, err := timeReasons(ctx, tx, j, cmd.Command, c, at)
	if err != nil {
		return Outcome{}, err
	}
	auditID, err := insertAudit(ctx, tx, j, cmd.Command, decision{auditReassign, c.ID, at, soft})
	if err != nil {
		return Outcome{}, err
	}
	if err := endAssignment(ctx, tx, old.ID); err != nil {
		return Outcome{}, err
	}
	o, err := insertAssignment(ctx, tx, j, cmd.By, c, at, auditID, old.ID)
	if err != nil {
		return Outcome{}, err
	}
	correlation, homes := uuid.NewString(), slices.Concat(j.current.Homes, c.Homes)
	evs := append([]events.Event{
		j.newEvent(cmd.By, correlation, old.ContractorID, streamsOf(j.Region, old.ContractorID, homes...),
			j.unassigned(old, events.ReasonReassigned, auditID, c.ID)),
	}, j.offered(cmd.By, correlation, c, o, streamsOf(j.Region, c.ID, homes...), j.assigned(o.id, c.ID, at, auditID, old.ID))...)
	return Outcome{JobID: j.ID, AssignmentID: o.id, AuditID: auditID, EventIDs: eventIDs(evs), Warnings: details(soft)},
		appendEvents(ctx, tx, evs...)
}

// needsReason refuses to take a contractor off without a reason once he is on
// his way.
func needsReason(status schedule.AssignmentStatus, reason string) error {
	if schedule.NeedsReason(status) && reason == "" {
		return &Invalid{Field: "override_reason", Message: "The contractor is on the way: say why."}
	}
	return nil
}

func endAssignment(ctx context.Context, tx *sqlx.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `update assignments set status = 'unassigned', version = version + 1, updated_at = now()
	  where id = $1`, id)
	if err != nil {
		return fmt.Errorf("end assignment: %w", err)
	}
	return nil
}

func (j *lockedJob) unassigned(old heldAssignment, reason events.UnassignReason, auditID, replacedBy string) events.JobUnassigned {
	return events.JobUnassigned{
		JobID: j.ID, ContractorID: old.ContractorID, AssignmentID: old.ID, Region: j.Region,
		Reason: reason, AuditID: auditID, ReplacedBy: replacedBy,
		PreviousStartUTC: old.Start.UTC(), PreviousEndUTC: old.End.UTC(), TimeZone: j.Zone, DayOfJob: j.dayOfJob(),
	}
}
