package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// UndoImport is the command to take back what an import added.
type UndoImport struct {
	By      Actor
	ID      string
	Version int
	Now     time.Time
}

// UndoImport puts a finished import in the queue, to be undone by RunImport. It
// returns ErrNotFound, and ErrImportState when the import cannot be undone, or
// not any more.
func (db *DB) UndoImport(ctx context.Context, cmd UndoImport) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		b, err := importBatch(ctx, tx, cmd.By, cmd.ID, cmd.Now, "for update of b")
		if err != nil {
			return err
		}
		if b.Version != cmd.Version || !cmd.Now.Before(b.UndoUntil()) {
			return ErrImportState
		}
		_, err = tx.ExecContext(ctx, `update import_batches set state = 'undoing', queued_at = $2, queued_by = $3, attempts = 0, trouble = '', version = version + 1
		  where id = $1`, cmd.ID, cmd.Now, cmd.By.UserID)
		if err != nil {
			return fmt.Errorf("queue: %w", err)
		}
		return startProgress(ctx, tx, cmd.ID, b.Counts.Created)
	})
	if err != nil {
		return fmt.Errorf("undo import %s: %w", cmd.ID, err)
	}
	db.signalImport()
	return nil
}

// undoBatch removes what a batch added and nobody has assigned or changed.
func (db *DB) undoBatch(ctx context.Context, b waitingBatch, now func() time.Time) error {
	return db.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := takeImportLock(ctx, tx); err != nil {
			return err
		}
		if err := lockBatch(ctx, tx, b); err != nil {
			return err
		}
		var added []string
		if err := tx.SelectContext(ctx, &added, `select row_id from import_added where batch_id = $1 order by row_id`, b.ID); err != nil {
			return fmt.Errorf("what was added: %w", err)
		}
		undo := importUndo{by: b.by(), removed: make(map[string]int), report: db.progressOf(ctx, b.ID), total: len(added)}
		remove := undo.removeJobs
		if b.Kind == ImportOfContractors {
			remove = undo.removeContractors
		}
		for part := range slices.Chunk(added, batchRows) {
			if err := remove(ctx, tx, part); err != nil {
				return err
			}
		}
		evs, err := undo.events(ctx, tx, b, now())
		if err != nil {
			return err
		}
		if err := appendInBatches(ctx, tx, evs); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `update import_batches set state = 'undone', removed = $2, kept = $3, undone_at = $4, version = version + 1
		  where id = $1`, b.ID, undo.count(), undo.kept, now())
		if err != nil {
			return fmt.Errorf("finish undoing: %w", err)
		}
		return nil
	})
}

// importUndo is what an undo has done so far.
type importUndo struct {
	by Actor
	// removed counts what is gone by region, of contractors their home.
	removed     map[string]int
	kept        ImportKept
	report      func(done, total int)
	done, total int
}

// addedRow is a job or contractor that an import added, as it is now.
type addedRow struct {
	KeptRow
	SiteID  string    `db:"site_id"`
	Region  string    `db:"region"`
	Created time.Time `db:"created_at"`
	// Reason says why it must stay; "" if it may go.
	Reason string `db:"reason"`
}

// removeJobs deletes those of the jobs that nothing has happened to, in the order
// of their ids.
func (u *importUndo) removeJobs(ctx context.Context, tx *sqlx.Tx, ids []string) error {
	if _, err := tx.ExecContext(ctx, `select from jobs where id = any($1::uuid[]) order by id for update`, pq.Array(ids)); err != nil {
		return fmt.Errorf("lock jobs: %w", err)
	}
	var jobs []addedRow
	err := tx.SelectContext(ctx, &jobs, `
	  select j.id, j.number, '' as name, j.site_id, j.region, j.created_at,
	      case when exists (select from assignments a where a.job_id = j.id and a.active) then 'assigned by now'
	           when exists (select from audit_records r where r.job_id = j.id) then 'assigned meanwhile'
	           when j.version <> 1 or j.status <> 'open' then 'changed since the import'
	           else '' end as reason
	    from jobs j where j.id = any($1::uuid[]) order by j.number`, pq.Array(ids))
	if err != nil {
		return fmt.Errorf("look at jobs: %w", err)
	}
	var gone, sites []string
	var created time.Time
	for _, j := range jobs {
		u.checkRegion(&j)
		if j.Reason != "" {
			u.keep(j)
			continue
		}
		gone, sites, created = append(gone, j.ID), append(sites, j.SiteID), j.Created
		u.removed[j.Region]++
	}
	if err := deleteJobs(ctx, tx, gone, sites, created); err != nil {
		return err
	}
	u.did(len(ids))
	return nil
}

// checkRegion keeps what is in a region that is not, or not any more, of those of
// whoever asked for the undo.
func (u *importUndo) checkRegion(j *addedRow) {
	if !u.by.may(j.Region) {
		j.Reason = "not in your regions"
	}
}

// removeContractors deletes those of the contractors whom nobody has given a job
// or a way to sign in, or changed.
func (u *importUndo) removeContractors(ctx context.Context, tx *sqlx.Tx, ids []string) error {
	if _, err := tx.ExecContext(ctx, `select from contractors where id = any($1::uuid[]) order by id for update`, pq.Array(ids)); err != nil {
		return fmt.Errorf("lock contractors: %w", err)
	}
	var contractors []addedRow
	err := tx.SelectContext(ctx, &contractors, `
	  select c.id, 0 as number, c.external_id as name, '' as site_id, c.home_region as region, c.created_at,
	      case when exists (select from assignments a where a.contractor_id = c.id) then 'given a job since'
	           when exists (select from audit_records r where r.contractor_id = c.id) then 'given a job since'
	           when exists (select from users s where s.contractor_id = c.id)
	             or exists (select from contractor_links l where l.contractor_id = c.id) then 'given a sign-in link'
	           when c.version <> 1 or not c.active then 'changed since the import'
	           else '' end as reason
	    from contractors c where c.id = any($1::uuid[]) order by c.name, c.id`, pq.Array(ids))
	if err != nil {
		return fmt.Errorf("look at contractors: %w", err)
	}
	var gone []string
	for _, c := range contractors {
		if c.Reason != "" {
			u.keep(c)
			continue
		}
		gone = append(gone, c.ID)
		u.removed[c.Region]++
	}
	if _, err := tx.ExecContext(ctx, `delete from contractors where id = any($1::uuid[])`, pq.Array(gone)); err != nil {
		return fmt.Errorf("delete contractors: %w", err)
	}
	u.did(len(ids))
	return nil
}

func (u *importUndo) did(rows int) {
	u.done += rows
	u.report(u.done, u.total)
}

// shownKept bounds the jobs that are named for one reason.
const shownKept = 20

func (u *importUndo) keep(j addedRow) {
	i := slices.IndexFunc(u.kept, func(k KeptRows) bool { return k.Reason == j.Reason })
	if i < 0 {
		i = len(u.kept)
		u.kept = append(u.kept, KeptRows{Reason: j.Reason})
	}
	u.kept[i].Count++
	if len(u.kept[i].Examples) < shownKept {
		u.kept[i].Examples = append(u.kept[i].Examples, j.KeptRow)
	}
}

// deleteJobs deletes jobs with their visits and sites, and the customers whom
// the same transaction added, which has the time created, and who have no other
// site.
func deleteJobs(ctx context.Context, tx *sqlx.Tx, jobs, sites []string, created time.Time) error {
	var customers []string
	err := tx.SelectContext(ctx, &customers, `select customer_id from sites where id = any($1::uuid[]) and customer_id is not null`, pq.Array(sites))
	if err != nil {
		return fmt.Errorf("customers of jobs: %w", err)
	}
	for _, act := range []struct {
		what, query string
		args        []any
	}{
		{"delete visits", `delete from visits where job_id = any($1::uuid[])`, []any{pq.Array(jobs)}},
		{"delete jobs", `delete from jobs where id = any($1::uuid[])`, []any{pq.Array(jobs)}},
		{"delete sites", `delete from sites where id = any($1::uuid[])`, []any{pq.Array(sites)}},
		// In a statement of its own, so that the next one sees what others added.
		{"lock customers", `select from customers where id = any($1::uuid[]) order by id for update`, []any{pq.Array(customers)}},
		{"delete customers", `delete from customers c where id = any($1::uuid[]) and created_at = $2
		  and not exists (select from sites s where s.customer_id = c.id)`, []any{pq.Array(customers), created}},
	} {
		if _, err := tx.ExecContext(ctx, act.query, act.args...); err != nil {
			return fmt.Errorf("%s: %w", act.what, err)
		}
	}
	return nil
}

func (u *importUndo) count() int {
	n := 0
	for _, k := range u.removed {
		n += k
	}
	return n
}

// events lists one ActionUndone for each region that loses something, by region.
func (u *importUndo) events(ctx context.Context, tx *sqlx.Tx, b waitingBatch, now time.Time) ([]events.Event, error) {
	log := importEvents{batch: b.ID, at: now.UTC(), by: b.by()}
	regions := make([]string, 0, len(u.removed))
	for region := range u.removed {
		regions = append(regions, region)
	}
	slices.Sort(regions)
	var undone []struct {
		Region  string `db:"region"`
		EventID string `db:"event_id"`
	}
	err := tx.SelectContext(ctx, &undone, `select r.region, coalesce(e.event_id::text, '') as event_id
	  from unnest($1::text[]) with ordinality as r (region, place) left join lateral
	    (select event_id from event_log where region = r.region and correlation_id = $2 order by pos desc limit 1) e on true
	  order by place`, pq.Array(regions), b.ID)
	if err != nil {
		return nil, fmt.Errorf("events of import: %w", err)
	}
	evs := make([]events.Event, len(undone))
	for i, r := range undone {
		evs[i] = log.envelope("", "", r.Region, []events.Stream{events.DispatchStream(r.Region)},
			events.ActionUndone{UndoOf: r.EventID, BatchID: b.ID, Region: r.Region, Removed: u.removed[r.Region]})
	}
	return evs, nil
}
