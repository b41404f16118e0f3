package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// seedJobs writes the jobs with their events, then assigns those that somebody
// has.
func (w World) seedJobs(ctx context.Context, tx *sqlx.Tx) error {
	rows, err := w.jobRows()
	if err != nil {
		return err
	}
	if err := w.seedCustomers(ctx, tx, rows); err != nil {
		return err
	}
	if err := insertJobs(ctx, tx, rows); err != nil {
		return err
	}
	created := make([]events.Event, len(rows))
	for i, j := range rows {
		created[i] = events.Event{
			ID: w.id("event/created", j.ExternalID), OccurredAt: time.Now().UTC(), Actor: systemActor().forEvent(),
			CorrelationID: w.id("world", ""), Region: j.Region, JobID: j.ID,
			PublishedTo: []events.Stream{events.DispatchStream(j.Region)}, Fact: events.JobCreated{JobID: j.ID, Region: j.Region},
		}
	}
	if err := appendInBatches(ctx, tx, created); err != nil {
		return err
	}
	return w.seedDecisions(ctx, tx, rows)
}

// systemActor is nobody in particular, with all rights.
func systemActor() Actor { return Actor{Kind: events.ActorSystem, AllRegions: true} }

// jobRows finds the regions and the instants of the jobs.
func (w World) jobRows() ([]jobJSON, error) {
	regions := make([]schedule.Region, len(w.Regions))
	zones := make(map[string]string, len(w.Regions))
	for i, r := range w.Regions {
		regions[i] = schedule.Region{Slug: r.Slug, Geometry: []byte(r.Geometry), Postcodes: r.Postcodes}
		zones[r.Slug] = r.Zone
	}
	zones[events.Unrouted] = w.Regions[0].Zone
	index, err := schedule.NewMap(regions)
	if err != nil {
		return nil, err
	}
	rows := make([]jobJSON, len(w.Jobs))
	for i, j := range w.Jobs {
		key := j.Job.ExternalID
		row := newJobJSON(j.Job)
		row.ID, row.SiteID, row.VisitID = w.JobID(key), w.id("site", key), w.id("visit", key)
		found := index.Locate(j.Job.Site.Point, j.Job.Site.Postcode)
		row.Region, row.Reason, row.Zone = found.Region, found.Reason, zones[found.Region]
		window, err := j.Job.window(row.Zone)
		if err != nil {
			return nil, fmt.Errorf("job %s: %w", key, err)
		}
		row.Start, row.End = window.Start, window.End
		row.Skills = slices.Sorted(slices.Values(append([]string{}, row.Skills...)))
		if row.Skills == nil {
			row.Skills = []string{}
		}
		rows[i] = row
	}
	return rows, nil
}

// seedCustomers adds one customer for each name.
func (w World) seedCustomers(ctx context.Context, tx *sqlx.Tx, rows []jobJSON) error {
	var customers []customerJSON
	seen := make(map[string]bool)
	for i, j := range rows {
		id := w.id("customer", j.CustomerName)
		rows[i].CustomerID = &id
		if !seen[id] {
			customers = append(customers, customerJSON{ID: id, Name: j.CustomerName, Phone: j.CustomerPhone})
		}
		seen[id] = true
	}
	return insertCustomers(ctx, tx, customers)
}
