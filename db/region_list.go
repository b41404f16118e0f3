package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// RegionLine is a region in the list of the administrators.
type RegionLine struct {
	Slug string `db:"slug"`
	Name string `db:"name"`
	Zone string `db:"zone"`
	// Postcodes counts its entries, OpenJobs the jobs that nobody has.
	Postcodes int `db:"postcodes"`
	OpenJobs  int `db:"open_jobs"`
	// Dispatchers are the names of those who look after it.
	Dispatchers pq.StringArray `db:"dispatchers"`
	Contractors int            `db:"contractors"`
	// HasMap tells whether it has an outline.
	HasMap bool `db:"has_map"`
}

const selectRegionLines = `
  select r.slug, r.name, r.zone, cardinality(r.postcodes) as postcodes, r.geometry is not null as has_map,
      (select count(*) from jobs j where j.region = r.slug and j.status in ('open', 'partially_assigned')) as open_jobs,
      (select count(*) from contractors c where c.home_region = r.slug and c.active) as contractors,
      array(select u.name from user_regions d join users u on u.id = d.user_id
             where d.region = r.slug and u.role = 'dispatcher' and u.disabled_at is null order by u.name) as dispatchers
    from regions r where r.slug <> $1 `

// RegionList returns all regions but `unrouted`, by name.
func (db *DB) RegionList(ctx context.Context) ([]RegionLine, error) {
	var list []RegionLine
	if err := db.pool.SelectContext(ctx, &list, selectRegionLines+`order by r.name, r.slug`, events.Unrouted); err != nil {
		return nil, fmt.Errorf("list regions: %w", translate(err))
	}
	return list, nil
}

// RegionRecord is a region with its map and the jobs on it.
type RegionRecord struct {
	RegionLine
	Geometry string
	Codes    []string
	Version  int
	// Jobs are those that are not over, by the start of their windows; there are
	// Total of them.
	Jobs  []RegionJob
	Total int
}

// RegionJob is a job on the map, without anything of its customer.
type RegionJob struct {
	ID     string `db:"id"`
	Number int64  `db:"number"`
	Status string `db:"status"`
	Reason string `db:"region_reason"`
	Zone   string `db:"zone"`
	// WindowStart is when the promised window begins.
	WindowStart time.Time       `db:"window_start"`
	Lat         sql.NullFloat64 `db:"lat"`
	Lng         sql.NullFloat64 `db:"lng"`
}

// RegionRecord returns a region with at most that many of its jobs, as of one
// instant. It returns ErrNotFound, also for `unrouted`.
func (db *DB) RegionRecord(ctx context.Context, slug string, jobs int) (RegionRecord, error) {
	var r RegionRecord
	err := db.inSnapshot(ctx, func(tx *sqlx.Tx) error {
		if err := tx.GetContext(ctx, &r.RegionLine, selectRegionLines+`and r.slug = $2`, events.Unrouted, slug); err != nil {
			return notFound(err)
		}
		stored, err := regionWithMap(ctx, tx, slug, "")
		if err != nil {
			return err
		}
		r.Geometry, r.Codes, r.Version = stored.Geometry, stored.Postcodes, stored.Version
		const notOver = ` from jobs j join sites s on s.id = j.site_id where j.region = $1 and j.status not in ('completed', 'cancelled') `
		if err := tx.GetContext(ctx, &r.Total, `select count(*)`+notOver, slug); err != nil {
			return fmt.Errorf("count jobs: %w", err)
		}
		err = tx.SelectContext(ctx, &r.Jobs, `select j.id, j.number, j.status, j.region_reason, j.zone, j.window_start, s.lat, s.lng`+
			notOver+`order by j.window_start, j.number limit $2`, slug, jobs)
		if err != nil {
			return fmt.Errorf("jobs on the map: %w", err)
		}
		return nil
	})
	if err != nil {
		return RegionRecord{}, fmt.Errorf("region %s: %w", slug, err)
	}
	return r, nil
}

// regionWithMap returns a region with its geometry; lock may take its row.
func regionWithMap(ctx context.Context, tx *sqlx.Tx, slug, lock string) (Region, error) {
	var r Region
	err := tx.GetContext(ctx, &r, `select slug, name, zone, coalesce(geometry::text, '') as geometry, postcodes, version
	  from regions where slug = $1`+lock, slug)
	return r, notFound(err)
}
