package db_test

import (
	"errors"
	"testing"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// progressWorld has cora, who has the skill gas, and dan, who has none.
func progressWorld(jobs ...db.WorldJob) db.World {
	return db.World{
		Name:    "progress",
		Regions: []db.Region{{Slug: "west", Name: "West", Zone: newYork, Geometry: polygonAt(0, 0)}},
		Skills:  []db.Skill{{Slug: "gas", Name: "Gas"}},
		Contractors: []db.WorldContractor{
			{Key: "cora", Name: "Cora", Home: "west", Skills: []schedule.Skill{{Slug: "gas"}}},
			{Key: "dan", Name: "Dan", Home: "west"},
		},
		Jobs: jobs,
	}
}

// TestSeedWorldKeepsTheRules refuses a world that breaks a hard rule, and leaves
// nothing of it behind.
func TestSeedWorldKeepsTheRules(t *testing.T) {
	t.Parallel()
	app, _ := dbtest.Isolated(t)
	for name, jobs := range map[string][]db.WorldJob{
		"no skill":       {worldJob(t, "W-1", "dan")},
		"two at once":    {worldJob(t, "W-1", "cora"), worldJob(t, "W-2", "cora")},
		"nobody of that": {worldJob(t, "W-1", "eve")},
	} {
		var invalid *db.Invalid
		if err := app.SeedWorld(t.Context(), progressWorld(jobs...)); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if empty, err := app.Empty(t.Context()); !empty || err != nil {
		t.Errorf("a refused world left something behind: %v", err)
	}
}

// TestSeedWorldKnowsHowFarWorkIs: what was declined leaves the job open and its
// contractor free, what was called off is announced to him, and each record
// names all who could have been chosen as they were then.
func TestSeedWorldKnowsHowFarWorkIs(t *testing.T) {
	t.Parallel()
	app, _ := dbtest.Isolated(t)
	declined, off, done := worldJob(t, "W-1", "cora"), worldJob(t, "W-2", "cora"), worldJob(t, "W-3", "cora")
	declined.Progress, done.Progress = schedule.Declined, schedule.Completed
	off.Progress, off.Cancelled, off.Reason = schedule.Cancelled, events.CancelCustomer, "No wish"
	never := worldJob(t, "W-4", "")
	never.Cancelled = events.CancelDuplicate
	if err := app.SeedWorld(t.Context(), progressWorld(declined, off, done, never)); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		`select j.external_id || ' ' || j.status || ' ' || j.version || ' ' || coalesce(a.status || ' ' || a.version, '') as v
		   from jobs j left join assignments a on a.job_id = j.id order by j.number`: "W-1 open 3 declined 2\nW-2 cancelled 3 cancelled 2\nW-3 completed 3 completed 2\nW-4 cancelled 2 ",
		`select j.external_id || ' ' || r.action || ' ' || r.override_reason || (select coalesce(string_agg(' ' || c.name || ':' || (k->>'rule'), ''), '')
		   from jsonb_array_elements(r.candidates) k join contractors c on c.id = (k->>'contractorId')::uuid)
		   from audit_records r join jobs j on j.id = r.job_id order by 1`: "W-1 assign  Cora:outside_hours Dan:skill_missing\nW-2 assign  Cora:outside_hours Dan:skill_missing\n" +
			"W-2 cancel No wish\nW-3 assign  Cora:outside_hours Dan:skill_missing\nW-4 cancel ",
		`select e.event_type || ' ' || j.external_id || ' ' || cardinality(e.published_to) from event_log e join jobs j on j.id = e.job_id
		  where e.event_type <> 'JobCreated' order by e.id`: "JobAssigned W-1 2\nJobAssigned W-2 2\nJobCancelled W-2 2\nJobAssigned W-3 2\nJobCancelled W-4 1",
	} {
		if got := rowsOf(t, app, query); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
