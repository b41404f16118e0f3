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
	day := func(key, start string, minutes int, reason string) db.WorldJob {
		j := worldJob(t, key, "cora")
		j.Start, j.Job.DurationMinutes, j.Reason = promised(t, "2027-03-09T"+start), minutes, reason
		return j
	}
	for name, jobs := range map[string][]db.WorldJob{
		"nobody works for so long":         {day("W-1", "06:00", 360, "Why not"), day("W-2", "12:00", 361, "Why not")},
		"a long day without a reason":      {day("W-1", "06:00", 360, ""), day("W-2", "12:00", 241, "")},
		"a day too long by one of several": {day("W-1", "06:00", 660, "It must be"), severalDays(t, "W-2", 2)},
		"no skill":                         {worldJob(t, "W-1", "dan")},
		"two at once":                      {worldJob(t, "W-1", "cora"), worldJob(t, "W-2", "cora")},
		"nobody of that":                   {worldJob(t, "W-1", "eve")},
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

// severalDays is an hour from 09:00 on each of some days from 8 March on, which
// cora has.
func severalDays(t *testing.T, key string, days int) db.WorldJob {
	t.Helper()
	j := worldJob(t, key, "cora")
	j.Start, j.Job.Days = promised(t, "2027-03-08T20:00"), days
	j.Job.WindowEnd = promised(t, "2027-03-12T12:00")
	return j
}

// TestSeedWorldOfSeveralDays: on each day of a job he comes from the same clock,
// also over a change of the clocks, and each day has its event and its record; the
// job is as far as the day that is the least far.
func TestSeedWorldOfSeveralDays(t *testing.T) {
	t.Parallel()
	app, _ := dbtest.Isolated(t)
	done, half, off := severalDays(t, "W-1", 2), severalDays(t, "W-2", 3), severalDays(t, "W-3", 2)
	done.Progress = schedule.Completed
	half.Start, half.Job.WindowStart, half.Job.WindowEnd = promised(t, "2027-03-13T09:00"), promised(t, "2027-03-13T08:00"), promised(t, "2027-03-15T17:00")
	half.Progress, half.Later = schedule.Completed, []schedule.AssignmentStatus{schedule.InProgress, schedule.Assigned}
	off.Start = promised(t, "2027-03-08T11:00")
	off.Progress = schedule.Declined
	if err := app.SeedWorld(t.Context(), progressWorld(done, half, off)); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		`select concat_ws(' ', external_id, days, status, version, (select count(*) from visits v where v.job_id = j.id)) as v from jobs j order by 1`: "W-1 2 completed 4 2\nW-2 3 assigned 5 3\nW-3 2 open 4 2",
		`select concat_ws(' ', j.external_id, v.number, a.status, lower(a.during) at time zone j.zone, upper(a.during) - lower(a.during)) from assignments a
		   join jobs j on j.id = a.job_id join visits v on v.id = a.visit_id order by 1`: "W-1 1 completed 2027-03-08 20:00:00 01:00:00\nW-1 2 completed 2027-03-09 20:00:00 01:00:00\n" +
			"W-2 1 completed 2027-03-13 09:00:00 01:00:00\nW-2 2 in_progress 2027-03-14 09:00:00 01:00:00\nW-2 3 assigned 2027-03-15 09:00:00 01:00:00\n" +
			"W-3 1 declined 2027-03-08 11:00:00 01:00:00\nW-3 2 declined 2027-03-09 11:00:00 01:00:00",
		`select count(distinct e.event_id) || ' ' || count(distinct r.id) from event_log e join audit_records r on r.id::text = e.payload->>'auditId'
		  where e.event_type = 'JobAssigned'`: "7 7",
	} {
		if got := rowsOf(t, app, query); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
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
