package db

import (
	"context"
	"fmt"
	"sync"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// Region is a service area with its dispatchers' stream.
type Region struct {
	Slug string `db:"slug"`
	Name string `db:"name"`
	// Zone is the IANA zone in which the region's days begin and its new jobs
	// are promised.
	Zone string `db:"zone"`
	// Geometry is GeoJSON, Polygon or MultiPolygon; empty or null without an area.
	Geometry  string         `db:"geometry"`
	Postcodes pq.StringArray `db:"postcodes"`
	Version   int            `db:"version"`
}

// Regions returns all regions but `unrouted`, by name, without geometry.
func (db *DB) Regions(ctx context.Context) ([]Region, error) {
	var rs []Region
	err := db.pool.SelectContext(ctx, &rs, `select slug, name, zone, '' as geometry, postcodes, version
	  from regions where slug <> $1 order by name, slug`, events.Unrouted)
	if err != nil {
		return nil, fmt.Errorf("list regions: %w", translate(err))
	}
	return rs, nil
}

// RegionBySlug returns one region without its geometry, or ErrNotFound.
func (db *DB) RegionBySlug(ctx context.Context, slug string) (Region, error) {
	return regionBySlug(ctx, db.pool, slug)
}

func regionBySlug(ctx context.Context, q sqlx.QueryerContext, slug string) (Region, error) {
	var r Region
	err := sqlx.GetContext(ctx, q, &r, `select slug, name, zone, '' as geometry, postcodes, version
	  from regions where slug = $1`, slug)
	if err != nil {
		return Region{}, fmt.Errorf("region %s: %w", slug, notFound(err))
	}
	return r, nil
}

// regionMapCache keeps the index of the region map that was current at version,
// which begins with the epoch of the log: a restored backup counts again from
// where it was.
type regionMapCache struct {
	mu      sync.Mutex
	version string
	index   *schedule.Map
}

// regionMap returns the index of the region map as this transaction sees it,
// built anew only when the map changed since the last call.
func (db *DB) regionMap(ctx context.Context, tx *sqlx.Tx) (*schedule.Map, error) {
	var version string
	if err := tx.GetContext(ctx, &version, `select h.epoch || '-' || m.version from region_map m, event_head h`); err != nil {
		return nil, fmt.Errorf("region map: %w", err)
	}
	cache := &db.regions
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if cache.index != nil && cache.version == version {
		return cache.index, nil
	}
	var rows []Region
	err := tx.SelectContext(ctx, &rows, `select slug, name, zone, coalesce(geometry::text, '') as geometry, postcodes, version
	  from regions where slug <> $1 order by slug`, events.Unrouted)
	if err != nil {
		return nil, fmt.Errorf("region map: %w", err)
	}
	regions := make([]schedule.Region, 0, len(rows))
	for _, r := range rows {
		regions = append(regions, schedule.Region{Slug: r.Slug, Geometry: []byte(r.Geometry), Postcodes: r.Postcodes})
	}
	index, err := schedule.NewMap(regions)
	if err != nil {
		return nil, fmt.Errorf("region map: %w", err)
	}
	cache.index, cache.version = index, version
	return index, nil
}
