package db_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// importer is who imports.
func importer() db.Actor { return db.Actor{Kind: events.ActorImport, AllRegions: true} }

// importWorld is a database with two regions that share the edge at longitude
// 1, a region further west in another zone, and contractor cora at home in east.
// Job W-1 in west is hers from 09:00 to 10:00 on Monday 8 March 2027, W-2 is
// open.
func importWorld(t testing.TB) *db.DB {
	t.Helper()
	app, _ := dbtest.Isolated(t)
	region := func(slug, zone string, x float64, codes ...string) db.Region {
		return db.Region{Slug: slug, Name: slug, Zone: zone, Geometry: polygonAt(x, 0), Postcodes: codes}
	}
	w := db.World{
		Name:    "import",
		Regions: []db.Region{region("west", newYork, 0, "100"), region("east", newYork, 1), region("central", "America/Chicago", -1)},
		Skills:  []db.Skill{{Slug: "gas", Name: "Gas"}, {Slug: "tile", Name: "Tile"}},
		Contractors: []db.WorldContractor{{Key: "cora", Name: "Cora", Home: "east",
			Skills: []schedule.Skill{{Slug: "gas"}, {Slug: "tile"}}}},
		Jobs: []db.WorldJob{worldJob(t, "W-1", "cora"), worldJob(t, "W-2", "")},
	}
	if err := app.SeedWorld(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	return app
}

func worldJob(t testing.TB, key, contractor string) db.WorldJob {
	t.Helper()
	return db.WorldJob{
		Job: db.NewJob{
			ExternalID: key, Title: "Old title", CustomerName: "Pia", CustomerPhone: "555-0100",
			Site:   db.Site{Address: "1 Main St", Point: &schedule.Point{Lat: 0.5, Lng: 0.5}},
			Skills: []string{"gas"}, DurationMinutes: 60, Priority: "normal", Notes: "Ring twice.",
			WindowStart: promised(t, "2027-03-08T09:00"), WindowEnd: promised(t, "2027-03-08T12:00"),
		},
		Contractor: contractor, Start: promised(t, "2027-03-08T09:00"),
	}
}

func promised(t testing.TB, s string) schedule.WallTime {
	t.Helper()
	w, err := schedule.ParseWallTime(s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// rowsOf returns the text rows of a query, one a line.
func rowsOf(t testing.TB, d *db.DB, query string) string {
	t.Helper()
	var text string
	if err := d.Scan(t.Context(), `select coalesce(string_agg(q.v, E'\n'), '') from (`+query+`) q(v)`, &text); err != nil {
		t.Fatal(err)
	}
	return text
}

// log is the events since the seeded ones: kind, streams and what they say.
func importLog(t testing.TB, d *db.DB) string {
	t.Helper()
	return strings.NewReplacer(contractorStream(t, d), "contractor/cora").Replace(rowsOf(t, d, `
	  select concat_ws(' ', e.event_type, coalesce(j.external_id, e.region), e.published_to::text, e.payload->>'changed', e.payload->>'fromRegion',
	         e.payload->>'toRegion', e.payload->>'cause', e.payload->>'created', e.payload->>'updated', nullif(e.actor_kind, 'import'))
	    from event_log e left join jobs j on j.id = e.job_id where e.actor_kind <> 'system' order by e.id`))
}

func contractorStream(t testing.TB, d *db.DB) string {
	t.Helper()
	return string(events.ContractorStream(rowsOf(t, d, `select id::text from contractors`)))
}

func importCSV(t testing.TB, d *db.DB, text string) db.Imported {
	t.Helper()
	done, err := d.ImportJobs(t.Context(), db.JobImport{By: importer(), File: readJobs(t, text)})
	if err != nil {
		var bad *db.Rejected
		if errors.As(err, &bad) {
			t.Log(bad.Rows)
		}
		t.Fatal(err)
	}
	return done
}

func TestImportJobs(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	text := jobHeader + ",customer_name,customer_phone,notes\n" +
		goodJob + ",Pia,555-0100,=1+1\n" +
		"A-2,On the edge,2 Main St,0.5,1,,,30,2027-03-08T09:00,2027-03-08T12:00,high,Pia,555-0100,\n" +
		"A-3,By postcode,3 Main St,,,100,\"tile;GAS;gas\",30,2027-11-07T01:30-05:00,2027-11-07T05:00,rush,Quinn,,\n" +
		"A-4,Nowhere,4 Main St,50,50,999,,30,2027-03-08T09:00,2027-03-08T12:00,normal,,,\n" +
		"A-5,Another zone,5 Main St,0.5,-0.5,,,30,2027-03-08T09:00,2027-03-08T12:00,normal,,,\n"
	if done := importCSV(t, d, text); done != (db.Imported{Created: 5, Unrouted: 1, Neutralised: 1}) {
		t.Errorf("first import: %+v", done)
	}
	want := `A-1 west polygon {gas} America/New_York 14:00:00 Pia =1+1
A-2 east border {} America/New_York 14:00:00 Pia 
A-3 west postcode {gas,tile} America/New_York 06:30:00 Quinn 
A-4 unrouted none {} America/New_York 14:00:00 - 
A-5 central polygon {} America/Chicago 15:00:00 - `
	state := `select concat_ws(' ', j.external_id, j.region, j.region_reason, j.skills::text, j.zone,
	    (j.window_start at time zone 'UTC')::time, coalesce(c.name, '-'), j.notes)
	  from jobs j join sites s on s.id = j.site_id join visits v on v.job_id = j.id left join customers c on c.id = s.customer_id
	 where j.external_id like 'A-%' order by j.number`
	if got := rowsOf(t, d, state); got != want {
		t.Errorf("jobs:\n%s\nwant:\n%s", got, want)
	}
	if got := rowsOf(t, d, `select name || ' ' || count(*) from customers group by name order by 1`); got != "Pia 1\nQuinn 1" {
		t.Errorf("a known customer was added again: %s", got)
	}
	if want := `JobCreated A-1 {dispatch/west}
JobCreated A-2 {dispatch/east}
JobCreated A-3 {dispatch/west}
JobCreated A-4 {dispatch/unrouted}
JobCreated A-5 {dispatch/central}`; importLog(t, d) != want {
		t.Errorf("log:\n%s\nwant:\n%s", importLog(t, d), want)
	}
	everything := `select to_jsonb(j)::text || to_jsonb(s)::text from jobs j join sites s on s.id = j.site_id order by j.id`
	before, log := rowsOf(t, d, everything), importLog(t, d)
	if done := importCSV(t, d, text); done != (db.Imported{Unchanged: 5, Neutralised: 1}) {
		t.Errorf("second import: %+v", done)
	}
	if rowsOf(t, d, everything) != before || importLog(t, d) != log {
		t.Error("the same file again changed something")
	}
}

func TestImportJobsUpdates(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	// Both move to another zone. The file has no column for customer and notes.
	text := jobHeader + "\n" +
		"W-1,New title,9 Main St,0.5,-0.5,,gas,60,2027-03-08T09:00,2027-03-08T12:00,high\n" +
		"W-2,Old title,1 Main St,0.5,-0.5,,gas,60,2027-03-08T09:00,2027-03-08T12:00,normal\n"
	if done := importCSV(t, d, text); done != (db.Imported{Updated: 2}) {
		t.Errorf("import: %+v", done)
	}
	want := `W-1 New title central America/New_York 2027-03-08 09:00:00 14:00:00 assigned Pia Ring twice. 3
W-2 Old title central America/Chicago 2027-03-08 09:00:00 15:00:00 open Pia Ring twice. 2`
	if got := rowsOf(t, d, `select concat_ws(' ', j.external_id, j.title, j.region, j.zone, j.window_start_local,
	    (j.window_start at time zone 'UTC')::time, j.status, c.name, j.notes, j.version)
	  from jobs j join sites s on s.id = j.site_id join customers c on c.id = s.customer_id order by 1`); got != want {
		t.Errorf("jobs:\n%s\nwant:\n%s", got, want)
	}
	if want := `JobRegionChanged W-2 {dispatch/west,dispatch/central} west central site
JobUpdated W-2 {dispatch/central} ["window"]
JobRegionChanged W-1 {dispatch/west,dispatch/central,dispatch/east,contractor/cora} west central site
JobUpdated W-1 {dispatch/central,dispatch/east,contractor/cora} ["title", "priority"]`; importLog(t, d) != want {
		t.Errorf("log:\n%s\nwant:\n%s", importLog(t, d), want)
	}
	if err := d.Exec(t.Context(), `update jobs set status = 'cancelled' where external_id = 'W-2'`); err != nil {
		t.Fatal(err)
	}
	if done := importCSV(t, d, strings.ReplaceAll(text, "Old title", "Newer")); done != (db.Imported{Unchanged: 1, Closed: 1}) {
		t.Errorf("a closed job: %+v", done)
	}
}

// A job that a dispatcher put into a region by hand stays there.
func TestImportJobsKeepsOverride(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	if err := d.Exec(t.Context(), `update jobs set region = 'east', region_reason = 'override', region_override = 'east' where external_id = 'W-2'`); err != nil {
		t.Fatal(err)
	}
	importCSV(t, d, jobHeader+"\nW-2,Old title,1 Main St,0.5,-0.5,,gas,60,2027-03-08T09:00,2027-03-08T12:00,normal\n")
	if got := rowsOf(t, d, `select region || ' ' || region_reason from jobs where external_id = 'W-2'`); got != "east override" {
		t.Errorf("got %s", got)
	}
}

func TestImportJobsRejects(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	text := jobHeader + "\n" + goodJob + "\n" +
		"B-1,x,x,0.5,0.5,,gas;magic,60,2027-03-14T02:30,2027-03-14T12:00,normal\n" +
		"B-2,x,x,0.5,0.5,,,60,2027-03-08T12:00,2027-03-08T09:00,normal\n" +
		"B-3,x,x,0.5,0.5,,,0,2027-03-08T09:00,2027-03-08T12:00,normal\n" +
		"B-4,x,x,0.5,0.5,,,60,2027-11-07T00:30,2027-11-07T01:30,normal\n" +
		"W-1,New title,1 Main St,0.5,0.5,,gas,60,2027-03-08T09:00,2027-03-08T12:00,high\n"
	before := rowsOf(t, d, `select to_jsonb(j)::text from jobs j order by id`)
	_, err := d.ImportJobs(t.Context(), db.JobImport{By: importer(), File: readJobs(t, text)})
	var bad *db.Rejected
	if !errors.As(err, &bad) {
		t.Fatalf("got %v, want Rejected", err)
	}
	var lines []string
	for _, row := range bad.Rows {
		lines = append(lines, row.Error())
	}
	want := `line 3, column skills: "magic" — there is no such skill: correct the name, or have the skill added first
line 3, column window_start: "2027-03-14T02:30" — 02:30 does not exist that night: use 01:59 or 03:00
line 4, column window_end: "2027-03-08T09:00" — The window must end after it starts.
line 5, column duration_minutes: "0" — write whole minutes from 1 to 10080
line 6, column window_end: "2027-11-07T01:30" — 01:30 happens twice that night: choose EDT (-04:00) or EST (-05:00), by writing it like 2027-11-07T01:30-04:00`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("errors:\n%s\nwant:\n%s", got, want)
	}
	if rowsOf(t, d, `select to_jsonb(j)::text from jobs j order by id`) != before || importLog(t, d) != "" {
		t.Error("a rejected file changed something")
	}
}

func TestImportJobsDryRun(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	done, err := d.ImportJobs(t.Context(), db.JobImport{By: importer(), File: readJobs(t, jobHeader+"\n"+goodJob+"\n"), DryRun: true})
	if err != nil || done != (db.Imported{Created: 1}) {
		t.Errorf("got %+v, %v", done, err)
	}
	if got := rowsOf(t, d, `select external_id from jobs order by 1`); got != "W-1\nW-2" || importLog(t, d) != "" {
		t.Errorf("a dry run saved something: %s %s", got, importLog(t, d))
	}
}

func manyJobs(n int, minutes int) string {
	var text strings.Builder
	text.WriteString(jobHeader + "\n")
	for i := range n {
		fmt.Fprintf(&text, "M-%d,Job,%d Main St,0.5,%g,,gas,%d,2027-03-08T09:00,2027-03-08T12:00,normal\n", i, i, 0.5+float64(i%2), minutes)
	}
	return text.String()
}

func TestImportJobsEvents(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	importCSV(t, d, manyJobs(50, 60))
	if got := strings.Count(importLog(t, d), "JobCreated"); got != 50 {
		t.Errorf("%d events for 50 jobs", got)
	}
	d = importWorld(t)
	importCSV(t, d, manyJobs(51, 60)+"W-1,New title,1 Main St,0.5,0.5,,gas,60,2027-03-08T09:00,2027-03-08T12:00,normal\n")
	if want := `ImportCompleted east {dispatch/east} 25 0
ImportCompleted west {dispatch/west} 26 1
JobUpdated W-1 {dispatch/west,dispatch/east,contractor/cora} ["title"]`; importLog(t, d) != want {
		t.Errorf("log:\n%s\nwant:\n%s", importLog(t, d), want)
	}
	// Assigned jobs are told one by one in any case, or a phone would be stale.
	if got := importCSV(t, d, manyJobs(51, 61)); got != (db.Imported{Updated: 51}) {
		t.Errorf("import: %+v", got)
	}
	if !strings.HasSuffix(importLog(t, d), "ImportCompleted east {dispatch/east} 0 25\nImportCompleted west {dispatch/west} 0 26") {
		t.Errorf("log:\n%s", importLog(t, d))
	}
}

// The file wins over a job that changes between the two looks at it, and two
// imports never run at once.
func TestImportJobsTakeTurns(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	const files = 6
	results := make(chan error, files)
	for i := range files {
		file := readJobs(t, manyJobs(300, 60+i))
		go func() {
			_, err := d.ImportJobs(t.Context(), db.JobImport{By: importer(), File: file})
			results <- err
		}()
	}
	won := 0
	for range files {
		if err := <-results; err == nil {
			won++
		} else if !errors.Is(err, db.ErrImportRunning) {
			t.Error(err)
		}
	}
	if won == 0 {
		t.Error("no import won")
	}
	if got := rowsOf(t, d, `select count(*) || ' ' || count(distinct duration_minutes) from jobs where external_id like 'M-%'`); got != "300 1" {
		t.Errorf("imports mixed: %s", got)
	}
}

// TestImportHeadcount: a file may say how many contractors a job needs. A file
// that does not say so leaves it, and none can go below those who are booked.
func TestImportHeadcount(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	row := func(id, headcount string) string {
		return id + ",Old title,1 Main St,0.5,0.5,,gas,60,2027-03-08T09:00,2027-03-08T12:00,normal" + headcount + "\n"
	}
	state := func() string {
		return rowsOf(t, d, `select concat_ws(' ', external_id, headcount, status) from jobs order by external_id`)
	}
	with := jobHeader + ",headcount\n"
	importCSV(t, d, with+row("A-1", ",3")+row("A-2", ",")+row("W-1", ",2"))
	want := "A-1 3 open\nA-2 1 open\nW-1 2 partially_assigned\nW-2 1 open"
	if got := state(); got != want {
		t.Errorf("jobs:\n%s\nwant:\n%s", got, want)
	}
	if log := importLog(t, d); !strings.Contains(log, `JobUpdated W-1 {dispatch/west,dispatch/east,contractor/cora} ["headcount"]`) {
		t.Errorf("log:\n%s", log)
	}
	if done := importCSV(t, d, jobHeader+"\n"+row("A-1", "")+row("W-1", "")); done != (db.Imported{Unchanged: 2}) || state() != want {
		t.Errorf("without the column: %+v\n%s", done, state())
	}
	if err := d.Exec(t.Context(), `insert into assignments (visit_id, job_id, contractor_id, during, source, audit_id, place)
	  select visit_id, job_id, contractor_id, tstzrange(upper(during), upper(during) + '1 hour'), source, audit_id, 2 from assignments`); err != nil {
		t.Fatal(err)
	}
	for value, reason := range map[string]string{
		"1": "2 contractors have this job", "0": "from 1 to 20", "21": "from 1 to 20", "two": "from 1 to 20",
	} {
		_, err := d.ImportJobs(t.Context(), db.JobImport{By: importer(), File: readJobs(t, with+row("W-1", ","+value))})
		var bad *db.Rejected
		if !errors.As(err, &bad) || len(bad.Rows) != 1 || bad.Rows[0].Column != "headcount" || !strings.Contains(bad.Rows[0].Reason, reason) {
			t.Errorf("headcount %s: %v", value, err)
		}
	}
}
