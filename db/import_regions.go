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
	// DryRun counts and checks everything and saves nothing.
	DryRun bool
}

// ImportRegions adds the regions of a file and changes those that differ from
// it, all or nothing; regions that the file lacks stay. Jobs that are not over
// and whose region was not set by hand follow the new map in the same
// transaction, each with its event. It returns *Rejected for bad rows,
// ErrImportRunning and ErrUnavailable.
func (db *DB) ImportRegions(ctx context.Context, in RegionImport) (Imported, error) {
	var done Imported
	logged := false
	err := rejected(in.File.Bad)
	if err == nil {
		err = db.inTx(ctx, func(tx *sqlx.Tx) (err error) {
			done, logged, err = importRegions(ctx, tx, in)
			return err
		})
	}
	if err != nil {
		return Imported{}, fmt.Errorf("import regions: %w", err)
	}
	if logged {
		db.signal()
	}
	return done, nil
}

func importRegions(ctx context.Context, tx *sqlx.Tx, in RegionImport) (done Imported, logged bool, err error) {
	if err := takeImportLock(ctx, tx); err != nil {
		return done, false, err
	}
	if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock($1)`, mapLock); err != nil {
		return done, false, fmt.Errorf("hold the region map: %w", err)
	}
	created, updated, err := regionChanges(ctx, tx, in.File.Rows)
	if err != nil {
		return done, false, err
	}
	done = Imported{Created: len(created), Updated: len(updated), Unchanged: len(in.File.Rows) - len(created) - len(updated)}
	changed := slices.Concat(created, updated)
	if len(changed) == 0 {
		return done, false, nil
	}
	moves, err := movesUnder(ctx, tx, changed)
	if err != nil {
		return done, false, err
	}
	for _, m := range moves {
		if m.to.Region != m.Region {
			done.Moved++
		}
	}
	if in.DryRun {
		return done, false, nil
	}
	if err := saveRegions(ctx, tx, changed); err != nil {
		return done, false, err
	}
	return done, len(moves) > 0, saveMoves(ctx, tx, in.By, moves)
}

// regionJSON is a row of a batch of regions.
type regionJSON struct {
	Slug     string          `json:"slug"`
	Name     string          `json:"name"`
	Zone     string          `json:"zone"`
	Geometry json.RawMessage `json:"geometry"`
	// Postcodes is null for "as they are".
	Postcodes []string `json:"postcodes"`
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
			Slug string `db:"slug"`
			New  bool   `db:"new"`
		}
		err = tx.SelectContext(ctx, &differ, `select x.slug, r.slug is null as new from `+regionRows+` left join regions r on r.slug = x.slug
		  where r.slug is null or (r.name, r.zone, r.geometry, r.postcodes)
		        is distinct from (x.name, x.zone, x.geometry, coalesce(x.postcodes, r.postcodes)) order by x.slug`, string(text))
		if err != nil {
			return nil, nil, fmt.Errorf("compare regions: %w", err)
		}
		for _, d := range differ {
			if d.New {
				created = append(created, bySlug[d.Slug])
			} else {
				updated = append(updated, bySlug[d.Slug])
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
