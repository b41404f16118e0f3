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

// storedJob is a job as it is, for comparison with a row of a file.
type storedJob struct {
	ID            string         `db:"id"`
	ExternalID    string         `db:"external_id"`
	SiteID        string         `db:"site_id"`
	Title         string         `db:"title"`
	Region        string         `db:"region"`
	Reason        string         `db:"region_reason"`
	Override      string         `db:"region_override"`
	Skills        pq.StringArray `db:"skills"`
	Minutes       int            `db:"duration_minutes"`
	Headcount     int            `db:"headcount"`
	Days          int            `db:"days"`
	Priority      string         `db:"priority"`
	Zone          string         `db:"zone"`
	StartLocal    time.Time      `db:"window_start_local"`
	EndLocal      time.Time      `db:"window_end_local"`
	Start         time.Time      `db:"window_start"`
	End           time.Time      `db:"window_end"`
	Status        string         `db:"status"`
	Erased        bool           `db:"erased"`
	Notes         string         `db:"notes"`
	Address       string         `db:"address"`
	Postcode      string         `db:"postcode"`
	Lat           *float64       `db:"lat"`
	Lng           *float64       `db:"lng"`
	AccessNotes   string         `db:"access_notes"`
	CustomerID    *string        `db:"customer_id"`
	CustomerName  string         `db:"customer_name"`
	CustomerPhone string         `db:"customer_phone"`
	// One is the holder of the row that was read and Visit the number of his day;
	// crew and visits are those of all.
	One    holder `db:"one"`
	Visit  int    `db:"visit"`
	crew   holders
	visits []int
}

const selectStoredJobs = `
  select j.id, coalesce(j.external_id, '') as external_id, j.site_id, j.title, j.region, j.region_reason,
      coalesce(j.region_override, '') as region_override,
      j.skills, j.duration_minutes, j.headcount, j.days, j.priority, j.zone, j.window_start_local, j.window_end_local, j.window_start, j.window_end,
      j.status, j.erased_at is not null as erased, j.notes, s.address, s.postcode, s.lat, s.lng, s.access_notes,
      s.customer_id, coalesce(k.name, '') as customer_name, coalesce(k.phone, '') as customer_phone,
      coalesce(v.number, 0) as visit, coalesce(a.contractor_id::text, '') as "one.contractor_id", ` + homesOf + ` as "one.homes"
    from jobs j join sites s on s.id = j.site_id left join customers k on k.id = s.customer_id
    left join assignments a on a.job_id = j.id and a.active left join contractors c on c.id = a.contractor_id
    left join visits v on v.id = a.visit_id`

// storedJobOf reads one job that exists.
func storedJobOf(ctx context.Context, tx *sqlx.Tx, id string) (*storedJob, error) {
	jobs, err := selectStored(ctx, tx, ` where j.id = $1`, id)
	if err != nil {
		return nil, err
	}
	return jobs[0], nil
}

// selectStored reads jobs, with all who have them by day and place.
func selectStored(ctx context.Context, tx *sqlx.Tx, where string, args ...any) ([]*storedJob, error) {
	var rows, jobs []*storedJob
	if err := tx.SelectContext(ctx, &rows, selectStoredJobs+where+` order by j.id, v.number, a.place`, args...); err != nil {
		return nil, fmt.Errorf("look up jobs: %w", err)
	}
	for _, j := range rows {
		if last := len(jobs) - 1; last < 0 || jobs[last].ID != j.ID {
			jobs = append(jobs, j)
		}
		kept := jobs[len(jobs)-1]
		if kept.crew = kept.crew.with(j.One); j.Visit > 0 {
			kept.visits = append(kept.visits, j.Visit)
		}
	}
	return jobs, nil
}

// storedJobs reads the jobs of external ids, by external id. A job that has none
// goes by its own id, as in an export.
func storedJobs(ctx context.Context, tx *sqlx.Tx, externalIDs []string) (map[string]*storedJob, error) {
	found := make(map[string]*storedJob)
	for batch := range slices.Chunk(externalIDs, batchRows) {
		jobs, err := selectStored(ctx, tx, ` where j.external_id = any($1) or j.external_id is null and j.id = any($2::uuid[])`,
			pq.Array(batch), pq.Array(onlyUUIDs(batch)))
		if err != nil {
			return nil, err
		}
		for _, j := range jobs {
			if name := cmp.Or(j.ExternalID, j.ID); j.ExternalID != "" || found[name] == nil {
				found[name] = j
			}
		}
	}
	return found, nil
}

// closed tells whether imports leave the job as it is.
func (j *storedJob) closed() bool {
	return j.Erased || j.Status == string(schedule.JobCompleted) || j.Status == string(schedule.JobCancelled)
}

// onlyUUIDs leaves out what is no uuid.
func onlyUUIDs(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !isUUID(id) })
}

// at tells whether the job is at the place that decides the region of s.
func (j *storedJob) at(s Site) bool {
	own := pointOf(j.Lat, j.Lng)
	if own == nil || s.Point == nil {
		return own == nil && s.Point == nil && j.Postcode == s.Postcode
	}
	return *own == *s.Point && j.Postcode == s.Postcode
}

// differences names what a job would change into.
func (j *storedJob) differences(to jobJSON) []string {
	var names []string
	for _, field := range []struct {
		name    string
		differs bool
	}{
		{"title", j.Title != to.Title},
		{"site", j.Address != to.Address || j.Postcode != to.Postcode || !equalDegrees(j.Lat, to.Lat) || !equalDegrees(j.Lng, to.Lng)},
		{"customer", j.CustomerName != to.CustomerName || j.CustomerPhone != to.CustomerPhone && to.CustomerName != ""},
		{"skills", !slices.Equal(slices.Sorted(slices.Values(j.Skills)), to.Skills)},
		{"duration", j.Minutes != to.Minutes},
		{"headcount", j.Headcount != to.Headcount},
		{"days", j.Days != to.Days},
		{"priority", j.Priority != to.Priority},
		{"window", j.local(j.StartLocal) != to.StartLocal || j.local(j.EndLocal) != to.EndLocal || !j.Start.Equal(to.Start) || !j.End.Equal(to.End)},
		{"access_notes", j.AccessNotes != to.AccessNotes},
		{"notes", j.Notes != to.Notes},
	} {
		if field.differs {
			names = append(names, field.name)
		}
	}
	return names
}

func (*storedJob) local(t time.Time) string { return schedule.WallTimeFromDB(t).String() }

func equalDegrees(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// save writes the created and the changed jobs.
func (p *jobPlan) save(ctx context.Context, tx *sqlx.Tx) error {
	var rows []*jobJSON
	for _, j := range slices.Concat(p.created, p.changed) {
		rows = append(rows, &j.jobJSON)
	}
	if err := setCustomers(ctx, tx, rows); err != nil {
		return err
	}
	if err := p.takeNumbers(ctx, tx); err != nil {
		return err
	}
	saved := 0
	for _, part := range []struct {
		jobs []*importedJob
		save func(context.Context, *sqlx.Tx, []jobJSON) error
	}{{p.created, insertJobs}, {p.changed, updateJobs}} {
		for batch := range slices.Chunk(part.jobs, batchRows) {
			if err := part.save(ctx, tx, rowsOf(batch)); err != nil {
				return err
			}
			if saved += len(batch); p.progress != nil {
				p.progress(saved, len(rows))
			}
		}
	}
	return nil
}

func rowsOf(jobs []*importedJob) []jobJSON {
	rows := make([]jobJSON, len(jobs))
	for i, j := range jobs {
		rows[i] = j.jobJSON
	}
	return rows
}

// maxSingleEvents is how many open jobs an import logs one by one. Boards show
// those at once; for more they read their page anew, which is cheaper.
const maxSingleEvents = 50

// events lists what the import has to log.
func (p *jobPlan) events() []events.Event {
	log := importEvents{batch: cmp.Or(p.batch, uuid.NewString()), at: time.Now().UTC(), by: p.By}
	var held, open []events.Event
	opens := 0
	for _, j := range slices.Concat(p.created, p.changed) {
		if j.before != nil && len(j.before.crew) > 0 {
			held = append(held, log.job(j)...)
			continue
		}
		opens++
		open = append(open, log.job(j)...)
	}
	if opens > maxSingleEvents {
		open = log.summaries(p)
	}
	return slices.Concat(open, held)
}

// job lists the events of one job.
func (e importEvents) job(j *importedJob) []events.Event {
	if j.before == nil {
		return []events.Event{e.envelope(j.ID, "", j.Region, []events.Stream{events.DispatchStream(j.Region)},
			events.JobCreated{JobID: j.ID, Region: j.Region})}
	}
	var evs []events.Event
	changes := j.changes
	if from := j.before.Region; from != j.Region {
		evs = append(evs, e.envelope(j.ID, j.before.crew.only(), j.Region, j.before.crew.streamsOfMove(from, j.Region),
			events.JobRegionChanged{JobID: j.ID, Region: j.Region, FromRegion: from, ToRegion: j.Region, Cause: "site"}))
		// JobRegionChanged tells of the site already.
		changes = slices.DeleteFunc(slices.Clone(changes), func(name string) bool { return name == "site" })
	}
	if len(changes) > 0 {
		evs = append(evs, e.envelope(j.ID, j.before.crew.only(), j.Region, j.before.crew.streams(j.Region),
			j.before.updated(j.jobJSON, changes)))
	}
	return evs
}

// summaries lists one ImportCompleted for each region that got, lost or kept a
// job of the import, by region.
func (e importEvents) summaries(p *jobPlan) []events.Event {
	counts := make(map[string]events.ImportCompleted)
	for _, j := range p.created {
		c := counts[j.Region]
		c.Created++
		counts[j.Region] = c
	}
	for _, j := range p.changed {
		for _, region := range slices.Compact([]string{j.before.Region, j.Region}) {
			c := counts[region]
			c.Updated++
			counts[region] = c
		}
	}
	return e.completed(counts)
}

// completed lists one ImportCompleted for each region, by region.
func (e importEvents) completed(counts map[string]events.ImportCompleted) []events.Event {
	regions := make([]string, 0, len(counts))
	for region := range counts {
		regions = append(regions, region)
	}
	slices.Sort(regions)
	evs := make([]events.Event, len(regions))
	for i, region := range regions {
		c := counts[region]
		c.BatchID, c.Region = e.batch, region
		evs[i] = e.envelope("", "", region, []events.Stream{events.DispatchStream(region)}, c)
	}
	return evs
}
