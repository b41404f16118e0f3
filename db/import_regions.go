package db

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
)

// RegionImport is the command to take over a file of regions.
type RegionImport struct {
	By   Actor
	File RegionFile
	// DryRun counts and checks everything and saves nothing. It takes no locks,
	// so what it found may be different a moment later.
	DryRun bool
	// batch correlates the events; "" means a new one.
	batch string
	// shown is the Digest of the MapPreview that was confirmed; "" asks nobody.
	shown string
}

// ImportRegions adds the regions of a file and changes those that differ from
// it, all or nothing; regions that the file lacks stay. Jobs that are not over
// and whose region was not set by hand follow the new map in the same
// transaction, each with its event. It returns *Rejected for bad rows,
// ErrImportRunning and ErrUnavailable.
func (db *DB) ImportRegions(ctx context.Context, in RegionImport) (Imported, error) {
	var p *regionPlan
	err := db.inTx(ctx, func(tx *sqlx.Tx) (err error) {
		p, err = importRegions(ctx, tx, in)
		return err
	})
	if err != nil {
		return Imported{}, fmt.Errorf("import regions: %w", err)
	}
	if !in.DryRun && len(p.moves) > 0 {
		db.signal()
	}
	return p.done, nil
}

// regionPlan is what an import of regions is going to write.
type regionPlan struct {
	created, updated []regionJSON
	moves            []jobMove
	done             Imported
}

func importRegions(ctx context.Context, tx *sqlx.Tx, in RegionImport) (*regionPlan, error) {
	if err := rejected(in.File.Bad); err != nil {
		return nil, err
	}
	p, err := planRegions(ctx, tx, in)
	if err != nil || in.DryRun {
		return p, err
	}
	if in.shown != "" && in.shown != p.digest() {
		shown, err := p.preview(ctx, tx)
		if err != nil {
			return nil, err
		}
		return nil, &MapMoves{MapPreview: shown, counts: p.done}
	}
	return p, p.save(ctx, tx, in)
}

// planRegions finds out what the good rows of a file change, under the locks of
// an import unless it is a dry run.
func planRegions(ctx context.Context, tx *sqlx.Tx, in RegionImport) (*regionPlan, error) {
	lock := takeMapLock
	if in.DryRun {
		lock = giveTime
	}
	if err := lock(ctx, tx); err != nil {
		return nil, err
	}
	p := &regionPlan{}
	var err error
	if p.created, p.updated, err = regionChanges(ctx, tx, in.File.Rows); err != nil {
		return nil, err
	}
	p.done = Imported{Created: len(p.created), Updated: len(p.updated), Unchanged: len(in.File.Rows) - len(p.created) - len(p.updated)}
	if len(p.created)+len(p.updated) == 0 {
		return p, nil
	}
	if p.moves, err = movesUnder(ctx, tx, slices.Concat(p.created, p.updated), !in.DryRun); err != nil {
		return nil, err
	}
	p.done.Moved = leaving(p.moves)
	return p, nil
}

// takeMapLock lets nobody else import, or look up a place, until the end of the
// transaction.
func takeMapLock(ctx context.Context, tx *sqlx.Tx) error {
	if err := takeImportLock(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock($1)`, mapLock); err != nil {
		return fmt.Errorf("hold the region map: %w", err)
	}
	return nil
}

func (p *regionPlan) save(ctx context.Context, tx *sqlx.Tx, in RegionImport) error {
	if err := saveRegions(ctx, tx, slices.Concat(p.created, p.updated)); err != nil {
		return err
	}
	return saveMoves(ctx, tx, in.By, in.batch, p.moves)
}

// regionJSON is a row of a batch of regions.
type regionJSON struct {
	Slug     string          `json:"slug"`
	Name     string          `json:"name"`
	Zone     string          `json:"zone"`
	Geometry json.RawMessage `json:"geometry"`
	// Postcodes is null for "as they are".
	Postcodes []string `json:"postcodes"`
	// version is of the stored region that it changes; 0 for a new one.
	version int
}

// regionRows is what json_to_recordset makes of a batch.
const regionRows = `json_to_recordset($1::json) as x(slug text, name text, zone text, geometry jsonb, postcodes text[])`

// regionBatch bounds the regions of one statement; one outline may have a
// hundred thousand points.
const regionBatch = 200

// regionChanges tells which rows are new and which differ from what is stored.
// PostgreSQL compares, because jsonb knows equal geometries by their numbers.
func regionChanges(ctx context.Context, tx *sqlx.Tx, rows []RegionRow) (created, updated []regionJSON, err error) {
	for batch := range slices.Chunk(rows, regionBatch) {
		list := make([]regionJSON, len(batch))
		bySlug := make(map[string]regionJSON, len(batch))
		for i, row := range batch {
			list[i] = regionJSON{Slug: row.Region.Slug, Name: row.Region.Name, Zone: row.Region.Zone, Geometry: json.RawMessage(row.Region.Geometry)}
			if row.HasPostcodes {
				list[i].Postcodes = row.Region.Postcodes
			}
			bySlug[row.Region.Slug] = list[i]
		}
		text, err := json.Marshal(list)
		if err != nil {
			return nil, nil, fmt.Errorf("compare regions: %w", err)
		}
		var differ []struct {
			Slug    string `db:"slug"`
			Version int    `db:"version"`
		}
		err = tx.SelectContext(ctx, &differ, `select x.slug, coalesce(r.version, 0) as version from `+regionRows+` left join regions r on r.slug = x.slug
		  where r.slug is null or (r.name, r.zone, r.geometry, r.postcodes)
		        is distinct from (x.name, x.zone, x.geometry, coalesce(x.postcodes, r.postcodes)) order by x.slug`, string(text))
		if err != nil {
			return nil, nil, fmt.Errorf("compare regions: %w", err)
		}
		for _, d := range differ {
			row := bySlug[d.Slug]
			if row.version = d.Version; row.version == 0 {
				created = append(created, row)
			} else {
				updated = append(updated, row)
			}
		}
	}
	return created, updated, nil
}

func saveRegions(ctx context.Context, tx *sqlx.Tx, changed []regionJSON) error {
	if len(changed) == 0 {
		return nil
	}
	for batch := range slices.Chunk(changed, regionBatch) {
		err := execBatches(ctx, tx, "save regions", `
		  insert into regions as r (slug, name, zone, geometry, postcodes)
		  select slug, name, zone, geometry, coalesce(postcodes, '{}') from `+regionRows+`
		  on conflict (slug) do update set name = excluded.name, zone = excluded.zone, geometry = excluded.geometry,
		      postcodes = coalesce((select y.postcodes from json_to_recordset($1::json) as y(slug text, postcodes text[])
		                             where y.slug = r.slug), r.postcodes),
		      version = r.version + 1, updated_at = now()`, batch)
		if err != nil {
			return err
		}
	}
	return adoptZone(ctx, tx)
}

// adoptZone gives the queue of unrouted jobs the zone of most regions, when
// these are the first regions of the business: its wall times are theirs.
func adoptZone(ctx context.Context, tx *sqlx.Tx) error {
	_, err := tx.ExecContext(ctx, `update regions set zone = (select zone from regions where slug <> $1 group by zone order by count(*) desc, zone limit 1)
	  where slug = $1 and exists (select from regions where slug <> $1)
	    and not exists (select from regions where slug <> $1 and created_at < now())`, events.Unrouted)
	if err != nil {
		return fmt.Errorf("zone of unrouted jobs: %w", err)
	}
	return nil
}
