package db

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"smartscheduler/schedule"
)

// JobImport is the command to take over a file of jobs.
type JobImport struct {
	By   Actor
	File JobFile
	// DryRun counts and checks everything and saves nothing. It takes no locks,
	// so what it found may be different a moment later.
	DryRun bool
	// OnlyGood leaves bad rows out, instead of saving nothing because of them.
	OnlyGood bool
	// batch correlates the events; "" means a new one. progress is told how many
	// of the jobs are saved; nil tells nobody.
	batch    string
	progress func(done, total int)
}

// ImportJobs adds the jobs of a file and changes those that differ from it, by
// external id, all or nothing unless only the good rows are asked for. Up to 50
// open jobs are logged one by one; more of them as one ImportCompleted for each
// region. A changed job that somebody holds always has its own event, because
// his phone follows no region. Rows of regions that are not the caller's are
// bad. It returns *Rejected for bad rows, ErrImportRunning and ErrUnavailable.
func (db *DB) ImportJobs(ctx context.Context, in JobImport) (Imported, error) {
	var done Imported
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		p, err := db.importJobs(ctx, tx, in)
		if err == nil {
			done = p.done
		}
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

func (db *DB) importJobs(ctx context.Context, tx *sqlx.Tx, in JobImport) (*jobPlan, error) {
	lock := takeImportLock
	if in.DryRun {
		lock = giveTime
	}
	if err := lock(ctx, tx); err != nil {
		return nil, err
	}
	if err := shareMapLock(ctx, tx); err != nil {
		return nil, err
	}
	p, err := db.newJobPlan(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	if err := p.compare(ctx, tx); err != nil {
		return nil, err
	}
	if err := rejected(p.bad); err != nil && !in.OnlyGood {
		return nil, err
	}
	if in.DryRun {
		return p, nil
	}
	if err := p.save(ctx, tx); err != nil {
		return nil, err
	}
	if err := p.lockHolders(ctx, tx); err != nil {
		return nil, err
	}
	return p, appendInBatches(ctx, tx, p.events())
}

// lockHolders takes the rows of those who have the changed jobs.
func (p *jobPlan) lockHolders(ctx context.Context, tx *sqlx.Tx) error {
	crews := make([]holders, len(p.changed))
	for i, j := range p.changed {
		crews[i] = j.before.crew
	}
	return lockHolders(ctx, tx, crews)
}

// jobPlan is what an import of jobs is going to write.
type jobPlan struct {
	JobImport
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
	p := &jobPlan{JobImport: in, index: index, zones: make(map[string]string), bad: slices.Clone(in.File.Bad)}
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
	stored, err := storedJobs(ctx, tx, externalIDs(p.File.Rows))
	if err != nil {
		return err
	}
	var differ []JobRow
	var ids []string
	for _, row := range p.File.Rows {
		before := stored[row.Job.ExternalID]
		j, ok := p.wanted(row, before)
		if ok && row.Neutralised {
			p.done.Neutralised++
		}
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
	if len(p.bad) == 0 || p.OnlyGood {
		if err := p.compareLocked(ctx, tx, differ, ids); err != nil {
			return err
		}
	}
	p.bad = inOrder(p.bad)
	p.done.Blocked = blocked(p.bad)
	p.done.Created, p.done.Updated = len(p.created), len(p.changed)
	for _, j := range p.created {
		if j.Region == schedule.Unrouted {
			p.done.Unrouted++
		}
	}
	return nil
}

func (p *jobPlan) compareLocked(ctx context.Context, tx *sqlx.Tx, differ []JobRow, ids []string) error {
	if !p.DryRun {
		if err := lockJobs(ctx, tx, ids); err != nil {
			return err
		}
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
		case before.closed():
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
