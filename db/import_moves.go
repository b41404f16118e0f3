package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// movableJob is what decides where a job belongs under a new map.
type movableJob struct {
	ID         string    `db:"id"`
	Number     int64     `db:"number"`
	Title      string    `db:"title"`
	Region     string    `db:"region"`
	Reason     string    `db:"region_reason"`
	Zone       string    `db:"zone"`
	StartLocal time.Time `db:"window_start_local"`
	EndLocal   time.Time `db:"window_end_local"`
	Start      time.Time `db:"window_start"`
	End        time.Time `db:"window_end"`
	Lat        *float64  `db:"lat"`
	Lng        *float64  `db:"lng"`
	Postcode   string    `db:"postcode"`
	// Holder is the name of the first contractor who has it, "" for an open job.
	Holder string `db:"holder"`
	// One is the holder of the row that was read, crew all of them.
	One  holder `db:"one"`
	crew holders
}

// jobMove is a job with its place under the new map.
type jobMove struct {
	movableJob
	to   schedule.Located
	zone string
}

// selectMovable reads the jobs that follow the map: those that are not over
// and whose region was not set by hand.
const selectMovable = `select j.id, j.number, j.title, j.region, j.region_reason, j.zone, j.window_start_local, j.window_end_local,
    j.window_start, j.window_end, s.lat, s.lng, s.postcode,
    coalesce(a.contractor_id::text, '') as "one.contractor_id", ` + homesOf + ` as "one.homes", coalesce(c.name, '') as holder
  from jobs j join sites s on s.id = j.site_id
  left join assignments a on a.job_id = j.id and a.active left join contractors c on c.id = a.contractor_id
 where j.region_override is null and j.status not in ('completed', 'cancelled')
   and (a.id is null or upper(a.during) > now())`

// movableJobs reads them by number, with all who have them by place.
func movableJobs(ctx context.Context, tx *sqlx.Tx, and string, args ...any) ([]movableJob, error) {
	var rows, jobs []movableJob
	if err := tx.SelectContext(ctx, &rows, selectMovable+and+` order by j.number, a.place`, args...); err != nil {
		return nil, fmt.Errorf("jobs under the map: %w", err)
	}
	for _, j := range rows {
		if last := len(jobs) - 1; last < 0 || jobs[last].ID != j.ID {
			jobs = append(jobs, j)
		}
		kept := &jobs[len(jobs)-1]
		kept.crew = kept.crew.with(j.One)
	}
	return jobs, nil
}

// movesUnder returns the jobs whose region or reason differs once the changed
// regions are saved, by number: locked and as they are under the lock, if that
// is wanted.
func movesUnder(ctx context.Context, tx *sqlx.Tx, changed []regionJSON, lock bool) ([]jobMove, error) {
	index, zones, err := mapWith(ctx, tx, changed)
	if err != nil {
		return nil, err
	}
	jobs, err := movableJobs(ctx, tx, "")
	if err != nil {
		return nil, err
	}
	affected := moved(jobs, index, zones)
	if !lock {
		return affected, nil
	}
	ids := make([]string, len(affected))
	for i, m := range affected {
		ids[i] = m.ID
	}
	if err := lockJobs(ctx, tx, ids); err != nil {
		return nil, err
	}
	jobs = nil
	for batch := range slices.Chunk(ids, batchRows) {
		part, err := movableJobs(ctx, tx, ` and j.id = any($1::uuid[])`, pq.Array(batch))
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, part...)
	}
	return moved(jobs, index, zones), nil
}

// leaving counts the moves to another region.
func leaving(moves []jobMove) int {
	n := 0
	for _, m := range moves {
		if m.to.Region != m.Region {
			n++
		}
	}
	return n
}

// moved finds the jobs that the map puts elsewhere, or there for another
// reason.
func moved(jobs []movableJob, index *schedule.Map, zones map[string]string) []jobMove {
	var moves []jobMove
	for _, j := range jobs {
		to := index.Locate(pointOf(j.Lat, j.Lng), j.Postcode)
		if to.Region == j.Region && to.Reason == j.Reason {
			continue
		}
		m := jobMove{movableJob: j, to: to, zone: j.Zone}
		if to.Region != j.Region {
			m.takeZone(zones[to.Region])
		}
		moves = append(moves, m)
	}
	return moves
}

func pointOf(lat, lng *float64) *schedule.Point {
	if lat == nil || lng == nil {
		return nil
	}
	return &schedule.Point{Lat: *lat, Lng: *lng}
}

// takeZone gives an open job the zone of its new region, so that it keeps the
// wall times that the customer was promised. An assigned job keeps its zone,
// because its instants are booked; so does one whose wall times don't exist in
// the new zone, because nobody is there to choose others.
func (m *jobMove) takeZone(zone string) {
	if zone == m.Zone || len(m.crew) > 0 {
		return
	}
	window, err := NewJob{
		WindowStart: schedule.WallTimeFromDB(m.StartLocal), WindowEnd: schedule.WallTimeFromDB(m.EndLocal),
	}.window(zone)
	if err != nil {
		return
	}
	m.zone, m.Start, m.End = zone, window.Start, window.End
}

// mapWith builds the map as it will be, and the zones of its regions. It stays
// out of the cache of regionMap, as the transaction may yet be rolled back.
func mapWith(ctx context.Context, tx *sqlx.Tx, changed []regionJSON) (*schedule.Map, map[string]string, error) {
	var rows []Region
	err := tx.SelectContext(ctx, &rows, `select slug, name, zone, coalesce(geometry::text, '') as geometry, postcodes, version from regions order by slug`)
	if err != nil {
		return nil, nil, fmt.Errorf("region map: %w", err)
	}
	bySlug := make(map[string]schedule.Region, len(rows)+len(changed))
	zones := make(map[string]string, len(rows)+len(changed))
	for _, r := range rows {
		zones[r.Slug] = r.Zone
		if r.Slug != events.Unrouted {
			bySlug[r.Slug] = schedule.Region{Slug: r.Slug, Geometry: []byte(r.Geometry), Postcodes: r.Postcodes}
		}
	}
	for _, c := range changed {
		codes := c.Postcodes
		if codes == nil {
			codes = bySlug[c.Slug].Postcodes
		}
		zones[c.Slug] = c.Zone
		bySlug[c.Slug] = schedule.Region{Slug: c.Slug, Geometry: c.Geometry, Postcodes: codes}
	}
	regions := make([]schedule.Region, 0, len(bySlug))
	for _, r := range bySlug {
		regions = append(regions, r)
	}
	index, err := schedule.NewMap(regions)
	if err != nil {
		return nil, nil, fmt.Errorf("region map: %w", err)
	}
	return index, zones, nil
}

// moveJSON is a row of a batch of moved jobs.
type moveJSON struct {
	ID     string    `json:"id"`
	Region string    `json:"region"`
	Reason string    `json:"reason"`
	Zone   string    `json:"zone"`
	Start  time.Time `json:"window_start"`
	End    time.Time `json:"window_end"`
}

// saveMoves writes the moves and logs them, correlated by batch; "" means a new
// one.
func saveMoves(ctx context.Context, tx *sqlx.Tx, by Actor, batch string, moves []jobMove) error {
	rows := make([]moveJSON, len(moves))
	crews := make([]holders, len(moves))
	for i, m := range moves {
		rows[i] = moveJSON{ID: m.ID, Region: m.to.Region, Reason: m.to.Reason, Zone: m.zone, Start: m.Start, End: m.End}
		crews[i] = m.crew
	}
	err := execBatches(ctx, tx, "move jobs", `
	  update jobs j set region = x.region, region_reason = x.reason, zone = x.zone, window_start = x.window_start,
	      window_end = x.window_end, version = j.version + 1, updated_at = now()
	    from json_to_recordset($1::json) as x(id uuid, region text, reason text, zone text, window_start timestamptz, window_end timestamptz)
	   where j.id = x.id`, rows)
	if err != nil {
		return err
	}
	if err := lockHolders(ctx, tx, crews); err != nil {
		return err
	}
	evs := make([]events.Event, len(moves))
	log := importEvents{batch: cmp.Or(batch, uuid.NewString()), at: time.Now().UTC(), by: by}
	for i, m := range moves {
		evs[i] = log.moved(m)
	}
	return appendInBatches(ctx, tx, evs)
}

// moved is the event of a job that another map puts elsewhere. Its address is
// the same, so the contractors who hold it are not told.
func (e importEvents) moved(m jobMove) events.Event {
	if m.to.Region == m.Region {
		return e.envelope(m.ID, m.crew.only(), m.Region, []events.Stream{events.DispatchStream(m.Region)},
			events.JobUpdated{JobID: m.ID, Region: m.Region, Changed: []string{"region_reason"}})
	}
	streams := slices.DeleteFunc(m.crew.streamsOfMove(m.Region, m.to.Region), func(s events.Stream) bool { return s.ContractorID() != "" })
	return e.envelope(m.ID, m.crew.only(), m.to.Region, streams,
		events.JobRegionChanged{JobID: m.ID, Region: m.to.Region, FromRegion: m.Region, ToRegion: m.to.Region, Cause: "map"})
}
