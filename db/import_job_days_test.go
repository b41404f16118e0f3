package db_test

import (
	"errors"
	"strings"
	"testing"

	"smartscheduler/db"
)

// TestImportDays: a file may say on how many days a job is done. A file that does
// not say so leaves it, and none can take a day away that is booked.
func TestImportDays(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	row := func(id, minutes, end, days string) string {
		return id + ",Old title,1 Main St,0.5,0.5,,gas," + minutes + ",2027-03-08T09:00," + end + ",normal" + days + "\n"
	}
	const later = "2027-03-11T12:00"
	state := func() string {
		return rowsOf(t, d, `select concat_ws(' ', external_id, days, status, (select count(*) from visits v where v.job_id = j.id)) from jobs j order by external_id`)
	}
	with := jobHeader + ",days\n"
	importCSV(t, d, with+row("A-1", "60", later, ",3")+row("A-2", "60", later, ",")+row("W-1", "60", later, ",2"))
	want := "A-1 3 open 3\nA-2 1 open 1\nW-1 2 partially_assigned 2\nW-2 1 open 1"
	if got := state(); got != want {
		t.Errorf("jobs:\n%s\nwant:\n%s", got, want)
	}
	if log := importLog(t, d); !strings.Contains(log, `["days", "window"]`) && !strings.Contains(log, `["days","window"]`) {
		t.Errorf("log:\n%s", log)
	}
	if done := importCSV(t, d, jobHeader+"\n"+row("A-1", "60", later, "")+row("W-1", "60", later, "")); done != (db.Imported{Unchanged: 2}) || state() != want {
		t.Errorf("without the column: %+v\n%s", done, state())
	}
	if err := d.Exec(t.Context(), `insert into assignments (visit_id, job_id, contractor_id, during, source, audit_id)
	  select v.id, a.job_id, a.contractor_id, tstzrange(upper(a.during) + '1 day', upper(a.during) + '25 hours'), a.source, a.audit_id
	    from assignments a join visits v on v.job_id = a.job_id and v.number = 2`); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []struct{ row, column, reason string }{
		{row("W-1", "60", later, ",1"), "days", "Day 2 is booked"},
		{row("W-1", "60", later, ",0"), "days", "from 1 to 14"},
		{row("W-1", "60", later, ",15"), "days", "from 1 to 14"},
		{row("W-1", "60", later, ",two"), "days", "from 1 to 14"},
		{row("W-1", "721", later, ",2"), "duration_minutes", "12 hours at the most"},
		{row("W-1", "60", "2027-03-08T12:00", ",2"), "window_end", "a window of 2 days"},
	} {
		_, err := d.ImportJobs(t.Context(), db.JobImport{By: importer(), File: readJobs(t, with+bad.row)})
		var rejected *db.Rejected
		if !errors.As(err, &rejected) || len(rejected.Rows) != 1 || rejected.Rows[0].Column != bad.column || !strings.Contains(rejected.Rows[0].Reason, bad.reason) {
			t.Errorf("%s: %v", bad.row, err)
		}
	}
}

// TestImportAssignmentsOfDays: a row says which day of the job it is, or is for the
// first that needs somebody; the days keep their order.
func TestImportAssignmentsOfDays(t *testing.T) {
	t.Parallel()
	d := assignmentWorld(t)
	for _, id := range []string{"J1", "J2"} {
		d.exec(`update jobs set days = 2 where external_id = $1`, id)
		d.exec(`insert into visits (job_id, number) select id, 2 from jobs where external_id = $1`, id)
	}
	const header = "job,contractor,start,end,day\n"
	at := func(job, day, date string) string {
		return job + ",rosa,2032-03-0" + date + "T09:00-05:00,2032-03-0" + date + "T11:00-05:00," + day + "\n"
	}
	for _, bad := range []struct{ rows, column, reason string }{
		{at("J1", "3", "2"), "day", "has 2 days"},
		{at("J1", "x", "2"), "day", "from 1 to 14"},
		{at("J1", "2", "2") + at("J1", "1", "3"), "start", "day 1 must be on an earlier date"},
		{at("J1", "1", "2") + at("J1", "1", "3"), "job", "has everybody it needs already"},
	} {
		_, err := d.importAssignments(importer(), header+bad.rows, false)
		var rejected *db.Rejected
		if !errors.As(err, &rejected) || len(rejected.Rows) != 1 || rejected.Rows[0].Column != bad.column || !strings.Contains(rejected.Rows[0].Reason, bad.reason) {
			t.Errorf("%s: %v", bad.rows, err)
		}
	}
	// The second day may stand before the first.
	done, err := d.importAssignments(importer(), header+at("J1", "2", "4")+at("J1", "1", "3")+at("J2", "2", "5"), false)
	if err != nil || done.Created != 3 {
		t.Fatalf("%+v, %v", done, err)
	}
	table := d.table(db.Export{Everywhere: true, Kind: db.ExportAssignments})
	if got := column(table, 0) + " " + column(table, 2); got != "J1 J1 J2 1 2 2" {
		t.Errorf("the export has %s", got)
	}
	var states string
	d.scan(&states, `select string_agg(status, ' ' order by external_id) from jobs where external_id in ('J1', 'J2')`)
	if states != "assigned partially_assigned" {
		t.Errorf("the jobs are %s", states)
	}
}
