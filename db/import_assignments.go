package db

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// AssignmentImport is the command to take over a file of assignments.
type AssignmentImport struct {
	By   Actor
	File AssignmentFile
	// DryRun counts and checks everything and saves nothing.
	DryRun bool
}

// ImportAssignments gives jobs to contractors as a file says, all or nothing,
// each with its audit record. Skills and working hours are not asked for: the file
// says what was decided elsewhere; but nobody gets more to do on one date than
// anybody may work. A job that has its contractor already stays with
// him, and a row that says otherwise is bad, as one is whose job or contractor is
// not there or that overlaps. Each contractor's phone gets its JobAssigned; so do
// the boards for up to 50 rows, and else one ImportCompleted each. It returns
// *Rejected for bad rows, ErrImportRunning, ErrUnavailable and, to everybody but
// administrators, ErrNotFound.
func (db *DB) ImportAssignments(ctx context.Context, in AssignmentImport) (Imported, error) {
	var done Imported
	err := db.inTx(ctx, func(tx *sqlx.Tx) (err error) {
		done, err = importAssignments(ctx, tx, in)
		return err
	})
	if err != nil {
		return Imported{}, fmt.Errorf("import assignments: %w", err)
	}
	if !in.DryRun && done.Created > 0 {
		db.signal()
	}
	return done, nil
}

func importAssignments(ctx context.Context, tx *sqlx.Tx, in AssignmentImport) (Imported, error) {
	if !in.By.AllRegions {
		return Imported{}, ErrNotFound
	}
	lock := takeImportLock
	if in.DryRun {
		lock = giveTime
	}
	if err := lock(ctx, tx); err != nil {
		return Imported{}, err
	}
	p := &assignmentPlan{AssignmentImport: in, now: time.Now(), done: Imported{Closed: in.File.Ended}}
	if err := p.read(ctx, tx); err != nil {
		return Imported{}, err
	}
	for _, row := range in.File.Rows {
		p.add(row)
	}
	days, err := p.rejectOverlaps(ctx, tx)
	if err != nil {
		return Imported{}, err
	}
	if err := p.checkHours(ctx, tx, days); err != nil {
		return Imported{}, err
	}
	p.done.Created = len(p.created)
	if err := rejected(in.File.Bad, p.bad); err != nil || in.DryRun {
		return p.done, err
	}
	if err := p.save(ctx, tx); err != nil {
		return Imported{}, err
	}
	return p.done, appendInBatches(ctx, tx, p.events())
}

// assignmentPlan is what an import of assignments is going to write.
type assignmentPlan struct {
	AssignmentImport
	// now is when the import began: who had to answer before is not asked again.
	now time.Time
	// jobs and contractors are by the names that the file has for them.
	jobs        map[string]*assignableJob
	contractors map[string]*storedContractor

	created []importedAssignment
	bad     []RowError
	done    Imported
}

// importedAssignment is one assignment as the import will leave it.
type importedAssignment struct {
	row        AssignmentRow
	id, audit  string
	job        *assignableJob
	contractor *storedContractor
	day, place int
	// rule is the one about the hours of a day that he breaks, "" if none.
	rule string
}

// read looks up the jobs and the contractors of the file and locks them, jobs
// first as everybody does.
func (p *assignmentPlan) read(ctx context.Context, tx *sqlx.Tx) (err error) {
	jobs, contractors := make([]string, len(p.File.Rows)), make(map[string]bool)
	for i, row := range p.File.Rows {
		jobs[i], contractors[row.Contractor] = row.Job, true
	}
	if p.jobs, err = assignableJobs(ctx, tx, jobs); err != nil {
		return err
	}
	if !p.DryRun {
		ids := make([]string, 0, len(p.jobs))
		for _, j := range p.jobs {
			ids = append(ids, j.ID)
		}
		if err := lockJobs(ctx, tx, ids); err != nil {
			return err
		}
		// As they are under the lock.
		if p.jobs, err = assignableJobs(ctx, tx, jobs); err != nil {
			return err
		}
	}
	p.contractors, err = storedContractors(ctx, tx, slices.Sorted(maps.Keys(contractors)))
	return err
}

// add sorts one row into bad, new and unchanged.
func (p *assignmentPlan) add(row AssignmentRow) {
	job, contractor := p.jobs[row.Job], p.contractors[row.Contractor]
	day := 0
	if job != nil {
		day = job.dayFor(row)
	}
	switch {
	case job == nil:
		p.reject(row, "job", row.Job, "there is no such job: import the jobs first")
	case contractor == nil:
		p.reject(row, "contractor", row.Contractor, "there is no such contractor: import the contractors first")
	case job.heldAs(row, contractor):
		p.done.Unchanged++
	case row.Day > job.Days:
		p.reject(row, "day", strconv.Itoa(row.Day), fmt.Sprintf("J-%d has %d days", job.Number, job.Days))
	case day == 0:
		p.reject(row, "job", row.Job, fmt.Sprintf("J-%d has everybody it needs already: change that on the board", job.Number))
	case job.outOfOrder(day, row) != "":
		p.reject(row, "start", row.At.Start.Format(time.RFC3339), job.outOfOrder(day, row))
	default:
		if err := schedule.CanAssign(job.Status); err != nil {
			p.reject(row, "job", row.Job, err.Error())
			return
		}
		if row.Status != schedule.Assigned || row.AnswerBy != nil && !row.AnswerBy.After(p.now) {
			row.Offered, row.AnswerBy = nil, nil
		}
		place := job.take(contractor, day, row)
		p.created = append(p.created, importedAssignment{row, uuid.NewString(), uuid.NewString(), job, contractor, day, place, ""})
	}
}

func (p *assignmentPlan) reject(row AssignmentRow, column, value, reason string) {
	p.bad = append(p.bad, RowError{Line: row.Line, Column: column, Value: value, Reason: reason})
}

// events lists what the import has to log.
func (p *assignmentPlan) events() []events.Event {
	log := importEvents{batch: uuid.NewString(), at: time.Now().UTC(), by: p.By}
	single := len(p.created) <= maxSingleEvents
	touched := make(map[string]events.ImportCompleted)
	evs := make([]events.Event, 0, len(p.created))
	for _, a := range p.created {
		to := streamsOf(a.job.Region, a.contractor.ID, a.contractor.HomeRegion)
		if !single {
			to = []events.Stream{events.ContractorStream(a.contractor.ID)}
			for _, region := range slices.Compact([]string{a.job.Region, a.contractor.HomeRegion}) {
				c := touched[region]
				c.Updated++
				touched[region] = c
			}
		}
		evs = append(evs, log.envelope(a.job.ID, a.contractor.ID, a.job.Region, to, a.fact()))
	}
	return append(log.completed(touched), evs...)
}
