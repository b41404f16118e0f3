package db

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// Move is the command to give an assignment other times.
type Move struct {
	Command
	AssignmentID string
	At           Times
}

// Move changes the times of an assignment and logs JobRescheduled with the
// times before and after. An acceptance is reset when the start moves by more
// than 15 minutes. The errors are those of Assign.
func (db *DB) Move(ctx context.Context, cmd Move) (Outcome, error) {
	out, err := db.commandOn(ctx, cmd.Command, cmd.AssignmentID, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		if err := schedule.CanMove(j.current.Status); err != nil {
			return Outcome{}, &Conflict{Kind: ConflictState, JobID: j.ID, Err: err}
		}
		return move(ctx, tx, j, cmd)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("move assignment %s: %w", cmd.AssignmentID, err)
	}
	return out, nil
}

func move(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd Move) (Outcome, error) {
	old := *j.current
	at, err := j.span(cmd.At, old.span().Duration())
	if err != nil {
		return Outcome{}, err
	}
	if at.Start.Equal(old.Start) && at.End.Equal(old.End) {
		return Outcome{}, &Invalid{Field: "start", Message: "These are the times it has already."}
	}
	if err := j.checkDates(at); err != nil {
		return Outcome{}, err
	}
	c, err := lockEligible(ctx, tx, j, old.ContractorID, at)
	if err != nil {
		return Outcome{}, err
	}
	soft, err := timeReasons(ctx, tx, j, cmd.Command, c, at)
	if err != nil {
		return Outcome{}, err
	}
	auditID, err := insertAudit(ctx, tx, j, cmd.Command, decision{auditMove, c.ID, at, soft})
	if err != nil {
		return Outcome{}, err
	}
	o, err := saveMove(ctx, tx, j, c, at)
	if err != nil {
		return Outcome{}, err
	}
	evs := j.offered(cmd.By, uuid.NewString(), c, o, streamsOf(j.Region, c.ID, c.Homes...), j.rescheduled(old, at, auditID))
	return Outcome{JobID: j.ID, AssignmentID: old.ID, AuditID: auditID, EventIDs: eventIDs(evs), Warnings: details(soft)},
		appendEvents(ctx, tx, evs...)
}

// saveMove writes the new times. When the start moves far, the contractor is asked
// anew.
func saveMove(ctx context.Context, tx *sqlx.Tx, j *lockedJob, c lockedContractor, at schedule.Span) (offer, error) {
	old := *j.current
	o := offer{id: old.ID, kept: !schedule.ResetsAcceptance(old.Start, at.Start)}
	status, steps := old.Status, 1
	if !o.kept {
		status, steps = c.offered(), c.offeredVersion()
	}
	err := tx.GetContext(ctx, &o.answerBy, `with job as (update jobs set version = version + 1, updated_at = now() where id = $3)
	  update assignments set during = tstzrange($4, $5), version = version + $6, updated_at = now(), status = $7,
	    offered_at = case when $2 then offered_at else now() end, answer_by = case when $2 then answer_by else `+answerBy("$3", "$7")+` end
	  where id = $1 returning answer_by`, old.ID, o.kept, j.ID, at.Start, at.End, steps, status)
	if err != nil {
		return o, fmt.Errorf("move: %w", err)
	}
	return o, nil
}

func (j *lockedJob) rescheduled(old heldAssignment, at schedule.Span, auditID string) events.JobRescheduled {
	return events.JobRescheduled{
		JobID: j.ID, ContractorID: old.ContractorID, AssignmentID: old.ID, Region: j.Region,
		PreviousStartUTC: old.Start.UTC(), PreviousEndUTC: old.End.UTC(),
		StartUTC: at.Start.UTC(), EndUTC: at.End.UTC(), TimeZone: j.Zone,
		StartLocal: j.local(at.Start), EndLocal: j.local(at.End),
		Cause: events.CauseDispatcher, AuditID: auditID, AssignmentVersion: old.Version + 1,
		DayOfJob: j.dayOfJob(),
	}
}
