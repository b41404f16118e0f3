package db

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// Assign is the command to give an open job to a contractor.
type Assign struct {
	Command
	JobID, ContractorID string
	// Visit is the number of the day of the job, from 1; 0 is the first that needs
	// somebody.
	Visit int
	At    Times
}

// Assign gives a job, or one of the places of the crew of one of its days, to a
// contractor. In one transaction it locks both rows, checks headcount, status,
// version, the order of the days, skills, overlap and the hours of the day, and
// writes the assignment, the audit record, the job's status and JobAssigned. It
// returns ErrNotFound when the job is not there or not the actor's, *Invalid for
// bad input, *Conflict when somebody was faster, and ErrUnavailable when the
// database is away.
func (db *DB) Assign(ctx context.Context, cmd Assign) (Outcome, error) {
	out, err := db.command(ctx, cmd.Command, cmd.JobID, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		return assign(ctx, tx, j, cmd)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("assign job %s: %w", cmd.JobID, err)
	}
	return out, nil
}

func assign(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd Assign) (Outcome, error) {
	at, err := j.vacancy(cmd)
	if err != nil {
		return Outcome{}, err
	}
	c, err := lockEligible(ctx, tx, j, cmd.ContractorID, at)
	if err != nil {
		return Outcome{}, err
	}
	soft, err := timeReasons(ctx, tx, j, cmd.Command, c, at)
	if err != nil {
		return Outcome{}, err
	}
	auditID, err := insertAudit(ctx, tx, j, cmd.Command, decision{auditAssign, c.ID, at, soft})
	if err != nil {
		return Outcome{}, err
	}
	o, err := insertAssignment(ctx, tx, j, cmd.By, c, at, auditID, "")
	if err != nil {
		return Outcome{}, err
	}
	evs := j.offered(cmd.By, uuid.NewString(), c, o, streamsOf(j.Region, c.ID, c.Homes...), j.assigned(o.id, c.ID, at, auditID, ""))
	return Outcome{JobID: j.ID, AssignmentID: o.id, AuditID: auditID, EventIDs: eventIDs(evs), Warnings: details(soft)},
		appendEvents(ctx, tx, evs...)
}

// vacancy is when the new contractor is wanted; it chooses the day of the job.
func (j *lockedJob) vacancy(cmd Assign) (schedule.Span, error) {
	needed := j.chooseDay(cmd.Visit)
	if j.full() || !needed && cmd.Visit > 0 && cmd.Visit <= j.Days {
		return schedule.Span{}, &Conflict{Kind: ConflictTaken, JobID: j.ID}
	}
	if err := schedule.CanAssign(j.Status); err != nil {
		return schedule.Span{}, &Conflict{Kind: ConflictState, JobID: j.ID, Err: err}
	}
	if j.Version != cmd.Version {
		return schedule.Span{}, &Conflict{Kind: ConflictStale, JobID: j.ID}
	}
	if !needed {
		return schedule.Span{}, &Invalid{Message: fmt.Sprintf("This job has no day %d: open the form again.", cmd.Visit)}
	}
	at, err := j.span(cmd.At, j.duration())
	if err != nil {
		return schedule.Span{}, err
	}
	if err := j.checkNew(cmd.ContractorID); err != nil {
		return schedule.Span{}, err
	}
	return at, j.checkDates(at)
}

// lockEligible locks the contractor and checks everything that speaks against
// giving him the job at that time.
func lockEligible(ctx context.Context, tx *sqlx.Tx, j *lockedJob, contractorID string, at schedule.Span) (lockedContractor, error) {
	locked, err := lockContractors(ctx, tx, contractorID)
	if err != nil {
		return lockedContractor{}, err
	}
	return eligible(ctx, tx, j, locked, contractorID, at)
}

func eligible(ctx context.Context, tx *sqlx.Tx, j *lockedJob, locked map[string]lockedContractor, contractorID string, at schedule.Span) (lockedContractor, error) {
	c, ok := locked[contractorID]
	if !ok {
		return c, &Invalid{Field: "contractor_id", Message: "Choose a contractor from the list."}
	}
	if !c.Active {
		return c, &Invalid{Field: "contractor_id", Message: c.Name + " doesn't work here any more."}
	}
	if err := checkSkills(ctx, tx, j, c, at.Start); err != nil {
		return c, err
	}
	return c, checkFree(ctx, tx, j, c.ID, at)
}

func (j *lockedJob) assigned(id, contractorID string, at schedule.Span, auditID, replaces string) events.JobAssigned {
	return events.JobAssigned{
		JobID: j.ID, ContractorID: contractorID, AssignmentID: id,
		StartUTC: at.Start.UTC(), EndUTC: at.End.UTC(), Region: j.Region, Source: events.SourceManual, AuditID: auditID,
		TimeZone: j.Zone, StartLocal: j.local(at.Start), EndLocal: j.local(at.End),
		AssignmentVersion: 1, ReplacesAssignmentID: replaces, DayOfJob: j.dayOfJob(),
	}
}
