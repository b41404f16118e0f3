package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"smartscheduler/db"
)

const assignmentHeader = "job,contractor,start,end,status,source\n"

func (d *desk) importAssignments(by db.Actor, text string, dryRun bool) (db.Imported, error) {
	d.t.Helper()
	file, err := db.ReadAssignmentsCSV(strings.NewReader(text))
	if err != nil {
		d.t.Fatal(err)
	}
	return d.db.ImportAssignments(context.Background(), db.AssignmentImport{By: by, File: file, DryRun: dryRun})
}

// assignmentWorld has the jobs J1 to J4 in north, J5 on hold and J6 in west, and
// the contractors rosa and maya, at home in north and in south.
func assignmentWorld(t testing.TB) *desk {
	t.Helper()
	d := newDesk(t)
	d.contractor("north", "rosa")
	d.contractor("south", "maya")
	d.exec(`update contractors set external_id = name`)
	for i, region := range []string{"north", "north", "north", "north", "north", "west"} {
		d.job(region, func(n *db.NewJob) { n.ExternalID = fmt.Sprint("J", i+1) })
	}
	d.exec(`update jobs set status = 'on_hold' where external_id = 'J5'`)
	d.exec(`update jobs set version = 1`)
	return d
}

func (d *desk) assignments() string {
	d.t.Helper()
	var all string
	d.scan(&all, `select coalesce(string_agg(concat_ws(' ', j.external_id, c.name, to_char(lower(a.during) at time zone 'UTC', 'HH24:MI'), a.status, a.source,
	    j.status, 'version ' || j.version, r.action, r.actor_kind, r.candidates->0->>'rule', jsonb_array_length(r.candidates)), E'\n' order by j.number), '')
	  from assignments a join jobs j on j.id = a.job_id join contractors c on c.id = a.contractor_id
	  join audit_records r on r.id = a.audit_id and r.job_id = j.id and r.contractor_id = c.id and r.source = a.source`)
	return all
}

func TestImportAssignments(t *testing.T) {
	t.Parallel()
	d := assignmentWorld(t)
	const text = assignmentHeader +
		"J1,rosa,2032-03-02T09:00:00-05:00,2032-03-02T11:00:00-05:00,,\n" +
		"J2,rosa,2032-03-02T11:00-05:00,2032-03-02T12:00-05:00,completed,auto\n" +
		"J6,maya,2032-03-02T16:00:00Z,2032-03-02T18:00:00Z,paused,manual\n" +
		"J3,rosa,2032-03-02T09:00:00-05:00,2032-03-02T11:00:00-05:00,unassigned,manual\n"
	const want = "J1 rosa 14:00 assigned manual assigned version 2 assign import  1\n" +
		"J2 rosa 16:00 completed auto completed version 2 assign import  1\n" +
		"J6 maya 16:00 paused manual in_progress version 2 assign import  1"
	for _, step := range []struct {
		dryRun bool
		done   db.Imported
		then   string
	}{
		{true, db.Imported{Created: 3, Closed: 1}, ""},
		{false, db.Imported{Created: 3, Closed: 1}, want},
		{false, db.Imported{Unchanged: 3, Closed: 1}, want},
	} {
		before := len(d.log())
		done, err := d.importAssignments(importer(), text, step.dryRun)
		if done != step.done || err != nil {
			t.Errorf("got %+v, %v, want %+v", done, err, step.done)
		}
		if got := d.assignments(); got != step.then {
			t.Errorf("got\n%s\nwant\n%s", got, step.then)
		}
		if logged := d.log()[before:]; len(logged) != map[bool]int{true: step.done.Created}[!step.dryRun] {
			t.Errorf("%d events", len(logged))
		}
	}
	var logged string
	d.scan(&logged, `select string_agg(j.external_id || ' ' || replace(e.published_to::text, c.id::text, c.name) || ' ' || (e.payload->>'auditId' = a.audit_id::text)
	    || ' ' || (e.payload->>'startLocal'), E'\n' order by e.id)
	  from event_log e join jobs j on j.id = e.job_id join contractors c on c.id = e.contractor_id join assignments a on a.id::text = e.payload->>'assignmentId'
	  where e.event_type = 'JobAssigned'`)
	if logged != `J1 {dispatch/north,contractor/rosa} true 2032-03-02T09:00
J2 {dispatch/north,contractor/rosa} true 2032-03-02T11:00
J6 {dispatch/west,dispatch/south,contractor/maya} true 2032-03-02T10:00` {
		t.Errorf("logged\n%s", logged)
	}
}

// TestImportAssignmentsKeepsOffers asks whom another system asked until when it
// did; nobody is late for an offer that was over before.
func TestImportAssignmentsKeepsOffers(t *testing.T) {
	t.Parallel()
	d := assignmentWorld(t)
	const day = ",2032-03-02T%02d:00:00Z,2032-03-02T%02d:30:00Z,%s,manual,2026-01-02T09:00:00.25Z,%s\n"
	text := "job,contractor,start,end,status,source,offered,answer_by\n" +
		"J1,rosa" + fmt.Sprintf(day, 14, 14, "assigned", "2199-01-02T09:30:00.5Z") +
		"J2,rosa" + fmt.Sprintf(day, 15, 15, "assigned", "2026-01-02T09:30:00Z") +
		"J3,rosa" + fmt.Sprintf(day, 16, 16, "accepted", "2199-01-02T09:30:00Z")
	if done, err := d.importAssignments(importer(), text, false); done.Created != 3 || err != nil {
		t.Fatal(done, err)
	}
	var got string
	d.scan(&got, `select string_agg(concat_ws(' ', j.external_id, a.offered_at at time zone 'UTC', a.answer_by at time zone 'UTC', e.payload->>'answerBy'), E'\n' order by j.number)
	  from assignments a join jobs j on j.id = a.job_id join event_log e on e.job_id = j.id and e.event_type = 'JobAssigned'`)
	if want := "J1 2026-01-02 09:00:00.25 2199-01-02 09:30:00.5 2199-01-02T09:30:00.5Z\nJ2\nJ3"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestImportAssignmentsBadRows(t *testing.T) {
	t.Parallel()
	d := assignmentWorld(t)
	const from, to = "2032-03-02T09:00:00-05:00", "2032-03-02T11:00:00-05:00"
	if _, err := d.importAssignments(importer(), assignmentHeader+"J1,rosa,"+from+","+to+",,\n", false); err != nil {
		t.Fatal(err)
	}
	before := d.assignments()
	const good = "J2,maya," + from + "," + to + ",,\n"
	for _, test := range []struct{ row, want string }{
		{"J9,rosa," + from + "," + to + ",,", `line 3, column job: "J9" — there is no such job`},
		{",rosa," + from + "," + to + ",,", `line 3, column job: "" — it must not be empty`},
		{"J3,nobody," + from + "," + to + ",,", `line 3, column contractor: "nobody" — there is no such contractor`},
		{"J3,rosa,2032-03-02T10:00:00-05:00,2032-03-02T12:00:00-05:00,,", `line 3, column start: "2032-03-02T15:00:00Z" — the contractor is booked then, by J-1001`},
		{"J3,maya,2032-03-02T08:00:00-05:00,2032-03-02T17:00:00-05:00,,", `line 3, column start: "2032-03-02T13:00:00Z" — the contractor is booked then, by line 2`},
		{"J3,maya,2032-03-02T10:00:00-05:00,2032-03-02T17:00:00-05:00,,", `line 3, column start: "2032-03-02T15:00:00Z" — the contractor is booked then, by line 2`},
		{"J2,rosa,2032-03-03T09:00:00Z,2032-03-03T10:00:00Z,,", `line 3, column job: "J2" — J-1002 has everybody it needs already`},
		{"J1,maya,2032-03-03T09:00:00Z,2032-03-03T10:00:00Z,,", `line 3, column job: "J1" — J-1001 has everybody it needs already`},
		{"J1,rosa,2032-03-03T09:00:00Z,2032-03-03T10:00:00Z,,", `line 3, column job: "J1" — J-1001 has everybody it needs already`},
		{"J5,rosa,2032-03-03T09:00:00Z,2032-03-03T10:00:00Z,,", `line 3, column job: "J5" — this job cannot be assigned: it is on hold`},
		{"J3,rosa,2032-03-03 09:00,2032-03-03T10:00:00Z,,", `line 3, column start: "2032-03-03 09:00" — write date, time and offset`},
		{"J3,rosa,2032-03-03T09:00:00Z,2032-03-03T09:00:00Z,,", `line 3, column end: "2032-03-03T09:00:00Z" — the end must be after the start`},
		{"J3,rosa,2032-03-03T09:00:00Z,2032-03-13T09:00:00Z,,", `line 3, column end: "2032-03-13T09:00:00Z" — the end must be after the start`},
		{"J3,rosa,2032-03-03T09:00:00Z,2032-03-03T10:00:00Z,done,", `line 3, column status: "done" — write assigned`},
		{"J3,rosa,2032-03-03T09:00:00Z,2032-03-03T10:00:00Z,,guess", `line 3, column source: "guess" — write manual or auto`},
	} {
		_, err := d.importAssignments(importer(), assignmentHeader+good+test.row+"\n", false)
		var bad *db.Rejected
		if !errors.As(err, &bad) || len(bad.Rows) != 1 || !strings.HasPrefix(bad.Rows[0].Error(), test.want) {
			t.Errorf("%s: got %v %+v, want %s", test.row, err, bad, test.want)
		}
	}
	if d.assignments() != before {
		t.Error("rejected files changed something")
	}
	if _, err := d.importAssignments(d.ann, assignmentHeader+good, false); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a dispatcher: %v", err)
	}
}

// More than fifty reach the boards as one event each, and every phone on its own.
func TestImportAssignmentsOfManyJobs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.contractor("south", "maya")
	d.exec(`update contractors set external_id = name`)
	text := assignmentHeader
	for i := range 51 {
		d.job("north", func(n *db.NewJob) { n.ExternalID = fmt.Sprint("J", i) })
		text += fmt.Sprintf("J%d,maya,2032-03-%02dT09:00:00Z,2032-03-%02dT10:00:00Z,,\n", i, i%25+1, i%25+1)
		text = strings.Replace(text, "T09:00:00Z,", fmt.Sprintf("T%02d:00:00Z,", 7+i/25), 1)
		text = strings.Replace(text, "T10:00:00Z,,", fmt.Sprintf("T%02d:30:00Z,,", 7+i/25), 1)
	}
	before := len(d.log())
	if done, err := d.importAssignments(importer(), text, false); done.Created != 51 || err != nil {
		t.Fatalf("got %+v, %v", done, err)
	}
	counts := map[string]int{}
	for _, e := range d.log()[before:] {
		counts[string(e.Kind)+" "+e.PublishedTo[:min(len(e.PublishedTo), 15)]]++
	}
	if counts["ImportCompleted dispatch/north"] != 1 || counts["ImportCompleted dispatch/south"] != 1 || len(counts) != 3 {
		t.Errorf("logged %v", counts)
	}
}

func TestImportSkills(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	run := func(text string, dryRun bool) (db.Imported, error) {
		file, err := db.ReadSkillsCSV(strings.NewReader("slug,name\n" + text))
		if err != nil {
			t.Fatal(err)
		}
		return d.db.ImportSkills(t.Context(), db.SkillImport{By: importer(), File: file, DryRun: dryRun})
	}
	for _, step := range []struct {
		text   string
		dryRun bool
		want   db.Imported
		then   string
	}{
		{"gas,Gas\nhvac,Heating; cooling\n", true, db.Imported{Created: 2}, ""},
		{"gas,Gas\nhvac,Heating\n", false, db.Imported{Created: 2}, "gas:Gas hvac:Heating"},
		{"gas,Gas\nhvac,Heating\n", false, db.Imported{Unchanged: 2}, "gas:Gas hvac:Heating"},
		// Two swap their names.
		{"gas,Heating\nhvac,Gases\n", false, db.Imported{Updated: 2}, "gas:Heating hvac:Gases"},
	} {
		done, err := run(step.text, step.dryRun)
		var then string
		if d.scan(&then, `select coalesce(string_agg(slug || ':' || name, ' ' order by slug), '') from skills`); done != step.want || err != nil || then != step.then {
			t.Errorf("got %+v, %v and %s, want %+v and %s", done, err, then, step.want, step.then)
		}
	}
	for text, want := range map[string]string{
		"Gas,X\n":               `line 2, column slug: "Gas" — write small letters`,
		"a,\n":                  `line 2, column name: "" — it must not be empty`,
		"a,A\na,B\n":            `line 3, column slug: "a" — line 2 has this id already`,
		"tile,GASES\n":          `line 2, column name: "GASES" — another skill goes by that name`,
		"tile,Tile\nx,tile\n":   `line 2, column name: "Tile" — another skill goes by that name`,
		"heating,Warm floors\n": `line 2, column name: "Warm floors" — another skill goes by that name`,
	} {
		_, err := run(text, false)
		var bad *db.Rejected
		if !errors.As(err, &bad) || !strings.HasPrefix(bad.Rows[0].Error(), want) {
			t.Errorf("%q: got %v %+v, want %s", text, err, bad, want)
		}
	}
}
