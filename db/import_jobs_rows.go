package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/schedule"
)

// jobJSON is a row of a batch of jobs.
type jobJSON struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	// Number is nil for the next one.
	Number  *int64             `json:"number"`
	Status  schedule.JobStatus `json:"status"`
	Title   string             `json:"title"`
	SiteID  string             `json:"site_id"`
	VisitID string             `json:"visit_id"`
	Region  string             `json:"region"`
	Reason  string             `json:"region_reason"`
	// Override is nil for a region that follows from the place.
	Override  *string  `json:"region_override"`
	Skills    []string `json:"skills"`
	Minutes   int      `json:"duration_minutes"`
	Headcount int      `json:"headcount"`
	Days      int      `json:"days"`
	Priority  string   `json:"priority"`
	Zone      string   `json:"zone"`
	// StartLocal and EndLocal are wall times of Zone, Start and End the
	// instants that they stand for.
	StartLocal string    `json:"window_start_local"`
	EndLocal   string    `json:"window_end_local"`
	Start      time.Time `json:"window_start"`
	End        time.Time `json:"window_end"`
	Notes      string    `json:"notes"`

	Address     string   `json:"address"`
	Postcode    string   `json:"postcode"`
	Lat         *float64 `json:"lat"`
	Lng         *float64 `json:"lng"`
	AccessNotes string   `json:"access_notes"`

	// CustomerID is nil for a site without a customer.
	CustomerID    *string `json:"customer_id"`
	CustomerName  string  `json:"customer_name"`
	CustomerPhone string  `json:"customer_phone"`
}

// newJobJSON takes over what is known before the place is.
func newJobJSON(n NewJob) jobJSON {
	j := jobJSON{
		ID: uuid.NewString(), SiteID: uuid.NewString(), VisitID: uuid.NewString(),
		ExternalID: n.ExternalID, Status: schedule.JobOpen, Title: n.Title, Skills: n.Skills, Minutes: n.DurationMinutes,
		Headcount: max(n.Headcount, 1), Days: max(n.Days, 1), Priority: n.Priority,
		StartLocal: n.WindowStart.String(), EndLocal: n.WindowEnd.String(), Notes: n.Notes,
		Address: n.Site.Address, Postcode: n.Site.Postcode, AccessNotes: n.Site.AccessNotes,
		CustomerName: n.CustomerName, CustomerPhone: n.CustomerPhone,
	}
	if n.Site.Point != nil {
		j.Lat, j.Lng = &n.Site.Point.Lat, &n.Site.Point.Lng
	}
	return j
}

// insertJobs adds jobs with their sites and visits.
func insertJobs(ctx context.Context, tx *sqlx.Tx, rows []jobJSON) error {
	err := execBatches(ctx, tx, "insert sites", `
	  insert into sites (id, customer_id, address, postcode, lat, lng, access_notes)
	  select site_id, customer_id, address, postcode, lat, lng, access_notes
	    from json_to_recordset($1::json) as x(site_id uuid, customer_id uuid, address text, postcode text, lat float8, lng float8, access_notes text)`, rows)
	if err != nil {
		return err
	}
	err = execBatches(ctx, tx, "insert jobs", `
	  insert into jobs (id, external_id, number, status, title, site_id, region, region_reason, region_override, skills, duration_minutes,
	      headcount, days, priority, zone, window_start_local, window_end_local, window_start, window_end, notes)
	  select id, external_id, coalesce(number, nextval('jobs_number_seq')), status, title, site_id, region, region_reason, region_override,
	      skills, duration_minutes, headcount, days, priority, zone, window_start_local, window_end_local, window_start, window_end, notes
	    from json_to_recordset($1::json) as x(id uuid, external_id text, number bigint, status text, title text, site_id uuid,
	      region text, region_reason text, region_override text, skills text[], duration_minutes integer, headcount integer, days integer,
	      priority text, zone text, window_start_local timestamp,
	      window_end_local timestamp, window_start timestamptz, window_end timestamptz, notes text)`, rows)
	if err != nil {
		return err
	}
	// The ids of the other days follow from that of the first.
	return execBatches(ctx, tx, "insert visits", `
	  insert into visits (id, job_id, number)
	  select case number when 1 then visit_id else md5(visit_id::text || number)::uuid end, id, number
	    from json_to_recordset($1::json) as x(visit_id uuid, id uuid, days integer), generate_series(1, days) number`, rows)
}

// updateJobs writes changed jobs and their sites.
func updateJobs(ctx context.Context, tx *sqlx.Tx, rows []jobJSON) error {
	err := execBatches(ctx, tx, "update sites", `
	  update sites s set customer_id = x.customer_id, address = x.address, postcode = x.postcode, lat = x.lat, lng = x.lng,
	      access_notes = x.access_notes
	    from json_to_recordset($1::json) as x(site_id uuid, customer_id uuid, address text, postcode text, lat float8, lng float8, access_notes text)
	   where s.id = x.site_id`, rows)
	if err != nil {
		return err
	}
	err = execBatches(ctx, tx, "update jobs", `
	  update jobs j set title = x.title, region = x.region, region_reason = x.region_reason, skills = x.skills,
	      duration_minutes = x.duration_minutes, headcount = x.headcount, days = x.days, status = x.status, priority = x.priority, zone = x.zone,
	      window_start_local = x.window_start_local, window_end_local = x.window_end_local,
	      window_start = x.window_start, window_end = x.window_end, notes = x.notes, version = j.version + 1, updated_at = now()
	    from json_to_recordset($1::json) as x(id uuid, title text, region text, region_reason text, skills text[],
	      duration_minutes integer, headcount integer, days integer, status text, priority text, zone text,
	      window_start_local timestamp, window_end_local timestamp, window_start timestamptz, window_end timestamptz, notes text)
	   where j.id = x.id`, rows)
	if err != nil || !slices.ContainsFunc(rows, func(j jobJSON) bool { return j.Days > 1 }) {
		return err
	}
	return execBatches(ctx, tx, "add visits", `
	  insert into visits (job_id, number)
	  select id, number from json_to_recordset($1::json) as x(id uuid, days integer), generate_series(1, days) number
	  on conflict (job_id, number) do nothing`, rows)
}

// customerJSON is a customer as imports know him: by name and phone.
type customerJSON struct {
	ID    string `json:"id" db:"id"`
	Name  string `json:"name" db:"name"`
	Phone string `json:"phone" db:"phone"`
}

// setCustomers gives each row that has none yet the id of its customer, and adds
// the customers that are new.
func setCustomers(ctx context.Context, tx *sqlx.Tx, rows []*jobJSON) error {
	wanted := make(map[[2]string]string)
	names := make(map[string]bool)
	for _, r := range rows {
		if r.CustomerName != "" && r.CustomerID == nil {
			wanted[[2]string{r.CustomerName, r.CustomerPhone}] = ""
			names[r.CustomerName] = true
		}
	}
	known, err := customersNamed(ctx, tx, names)
	if err != nil {
		return err
	}
	for _, c := range known {
		if id, ok := wanted[[2]string{c.Name, c.Phone}]; ok && id == "" {
			wanted[[2]string{c.Name, c.Phone}] = c.ID
		}
	}
	var added []customerJSON
	for _, r := range rows {
		key := [2]string{r.CustomerName, r.CustomerPhone}
		id, ok := wanted[key]
		if !ok || r.CustomerID != nil {
			continue
		}
		if id == "" {
			id = uuid.NewString()
			wanted[key] = id
			added = append(added, customerJSON{ID: id, Name: r.CustomerName, Phone: r.CustomerPhone})
		}
		r.CustomerID = &id
	}
	return insertCustomers(ctx, tx, added)
}

func insertCustomers(ctx context.Context, tx *sqlx.Tx, added []customerJSON) error {
	return execBatches(ctx, tx, "insert customers", `
	  insert into customers (id, name, phone) select id, name, phone
	    from json_to_recordset($1::json) as x(id uuid, name text, phone text)`, added)
}

// customersNamed reads the customers of these names, those with the lowest id
// first.
func customersNamed(ctx context.Context, tx *sqlx.Tx, names map[string]bool) ([]customerJSON, error) {
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	var found []customerJSON
	for batch := range slices.Chunk(list, batchRows) {
		var part []customerJSON
		err := tx.SelectContext(ctx, &part, `select id, name, phone from customers where name = any($1) order by id`, pq.Array(batch))
		if err != nil {
			return nil, fmt.Errorf("customers: %w", err)
		}
		found = append(found, part...)
	}
	return found, nil
}
