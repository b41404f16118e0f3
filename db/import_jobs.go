package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"smartscheduler/schedule"
)

// JobImport is the command to take over a file of jobs.
type JobImport struct {
	By   Actor
	File JobFile
	// DryRun counts and checks everything and saves nothing.
	DryRun bool
}

// ImportJobs adds the jobs of a file and changes those that differ from it, by
// external id, all or nothing. Up to 50 open jobs are logged one by one; more
// of them as one ImportCompleted for each region. A changed job that somebody
// holds always has its own event, because his phone follows no region. It
// returns *Rejected for bad rows, ErrImportRunning and ErrUnavailable.
func (db *DB) ImportJobs(ctx context.Context, in JobImport) (Imported, error) {
	var done Imported
	err := db.inTx(ctx, func(tx *sqlx.Tx) (err error) {
		done, err = db.importJobs(ctx, tx, in)
		return err
	})
	if err != nil {
		return Imported{}, fmt.Errorf("import jobs: %w", err)
	}
	if !in.DryRun && done.Created+done.Updated > 0 {
		db.signal()
	}
	return done, nil
}

func (db *DB) importJobs(ctx context.Context, tx *sqlx.Tx, in JobImport) (Imported, error) {
	if err := takeImportLock(ctx, tx); err != nil {
		return Imported{}, err
	}
	if err := shareMapLock(ctx, tx); err != nil {
		return Imported{}, err
	}
	p, err := db.newJobPlan(ctx, tx, in)
	if err != nil {
		return Imported{}, err
	}
	if err := p.compare(ctx, tx); err != nil {
		return Imported{}, err
	}
	if err := rejected(in.File.Bad, p.bad); err != nil {
		return Imported{}, err
	}
	if in.DryRun {
		return p.done, nil
	}
	if err := p.save(ctx, tx); err != nil {
		return Imported{}, err
	}
	return p.done, appendInBatches(ctx, tx, p.events(in.By))
}

// jobPlan is what an import of jobs is going to write.
type jobPlan struct {
	file   JobFile
	index  *schedule.Map
	zones  map[string]string
	skills map[string]string

	created []*importedJob
	changed []*importedJob
	bad     []RowError
	done    Imported
}

// importedJob is one job as the import will leave it.
type importedJob struct {
	jobJSON
	// before is the job as it is; nil for a new one.
	before *storedJob
	// changes names the fields that differ.
	changes []string
}

func (db *DB) newJobPlan(ctx context.Context, tx *sqlx.Tx, in JobImport) (*jobPlan, error) {
	index, err := db.regionMap(ctx, tx)
	if err != nil {
		return nil, err
	}
	p := &jobPlan{file: in.File, index: index, zones: make(map[string]string)}
	var regions []Region
	if err := tx.SelectContext(ctx, &regions, `select slug, zone from regions`); err != nil {
		return nil, fmt.Errorf("zones of regions: %w", err)
	}
	for _, r := range regions {
		p.zones[r.Slug] = r.Zone
	}
	p.skills, err = skillSlugs(ctx, tx)
	return p, err
}

// compare sorts the rows into new, changed and unchanged jobs. Jobs that differ
// are locked and compared once more, because they may have changed meanwhile.
func (p *jobPlan) compare(ctx context.Context, tx *sqlx.Tx) error {
	stored, err := storedJobs(ctx, tx, externalIDs(p.file.Rows))
	if err != nil {
		return err
	}
	var differ []JobRow
	var ids []string
	for _, row := range p.file.Rows {
		before := stored[row.Job.ExternalID]
		j, ok := p.wanted(row, before)
		switch {
		case !ok:
		case before == nil:
			p.created = append(p.created, j)
		case len(j.changes) == 0:
			p.done.Unchanged++
		default:
			differ = append(differ, row)
			ids = append(ids, before.ID)
		}
	}
	if len(p.bad) == 0 {
		if err := p.compareLocked(ctx, tx, differ, ids); err != nil {
			return err
		}
	}
	p.done.Created, p.done.Updated = len(p.created), len(p.changed)
	for _, j := range p.created {
		if j.Region == schedule.Unrouted {
			p.done.Unrouted++
		}
	}
	return nil
}

func (p *jobPlan) compareLocked(ctx context.Context, tx *sqlx.Tx, differ []JobRow, ids []string) error {
	if err := lockJobs(ctx, tx, ids); err != nil {
		return err
	}
	stored, err := storedJobs(ctx, tx, externalIDs(differ))
	if err != nil {
		return err
	}
	for _, row := range differ {
		before := stored[row.Job.ExternalID]
		if before == nil {
			return fmt.Errorf("job %s: %w", row.Job.ExternalID, ErrNotFound)
		}
		j, ok := p.wanted(row, before)
		switch {
		case !ok:
		case len(j.changes) == 0:
			p.done.Unchanged++
		case before.Status == string(schedule.JobCompleted), before.Status == string(schedule.JobCancelled):
			p.done.Closed++
		default:
			p.changed = append(p.changed, j)
		}
	}
	return nil
}

func externalIDs(rows []JobRow) []string {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.Job.ExternalID
	}
	return ids
}

// wanted is the job of a row as the import will leave it; false if the row is
// bad.
func (p *jobPlan) wanted(row JobRow, before *storedJob) (*importedJob, bool) {
	n := row.Job
	n.Skills = p.knownSkills(row)
	j := &importedJob{before: before}
	j.jobJSON = newJobJSON(n)
	j.place(p, n, before)
	window, err := n.window(j.Zone)
	if err != nil {
		p.rejectWindow(row, err)
		return nil, false
	}
	if n.Skills == nil {
		return nil, false
	}
	j.Start, j.End = window.Start, window.End
	if before != nil {
		j.ID, j.SiteID = before.ID, before.SiteID
		p.keepAbsent(j)
		j.changes = before.differences(j.jobJSON)
		if !slices.Contains(j.changes, "customer") {
			j.CustomerID = before.CustomerID
		}
	}
	return j, true
}

// knownSkills returns the slugs of a row's skills, named by slug or by name,
// or nil if one is unknown.
func (p *jobPlan) knownSkills(row JobRow) []string {
	slugs, ok := []string{}, true
	for _, s := range row.Job.Skills {
		slug, known := p.skills[strings.ToLower(s)]
		if !known {
			p.bad = append(p.bad, RowError{Line: row.Line, Column: "skills", Value: s, Reason: "there is no such skill"})
			ok = false
		}
		slugs = append(slugs, slug)
	}
	if !ok {
		return nil
	}
	slices.Sort(slugs)
	return slices.Compact(slugs)
}

// rejectWindow says which end of the window is bad, and how a file names one of
// two equal hours.
func (p *jobPlan) rejectWindow(row JobRow, err error) {
	bad := RowError{Line: row.Line, Column: "window_start", Value: row.Job.WindowStart.String() + row.Job.WindowStartOffset, Reason: err.Error()}
	var invalid *Invalid
	if errors.As(err, &invalid) {
		bad.Reason = invalid.Message
		if invalid.Field == "window_end" {
			bad.Column, bad.Value = invalid.Field, row.Job.WindowEnd.String()+row.Job.WindowEndOffset
		}
	}
	var local *schedule.LocalTimeError
	if errors.As(err, &local) && local.Kind == schedule.Repeated && len(local.Choices) > 0 {
		bad.Reason += ", by writing it like " + bad.Value + local.Choices[0].Offset
	}
	p.bad = append(p.bad, bad)
}

// place decides region, reason and zone. A job that stays where it was keeps
// all three; one that moves takes the zone of its new region, unless its
// instants are booked.
func (j *importedJob) place(p *jobPlan, n NewJob, before *storedJob) {
	if before != nil && (before.Override != "" || before.at(n.Site)) {
		j.Region, j.Reason, j.Zone = before.Region, before.Reason, before.Zone
		return
	}
	found := p.index.Locate(n.Site.Point, n.Site.Postcode)
	j.Region, j.Reason, j.Zone = found.Region, found.Reason, p.zones[found.Region]
	if before != nil && before.ContractorID != "" {
		j.Zone = before.Zone
	}
}

// keepAbsent keeps what the file has no column for.
func (p *jobPlan) keepAbsent(j *importedJob) {
	if !p.file.HasCustomerName {
		j.CustomerName = j.before.CustomerName
	}
	if !p.file.HasCustomerPhone {
		j.CustomerPhone = j.before.CustomerPhone
	}
	if !p.file.HasNotes {
		j.Notes = j.before.Notes
	}
}
