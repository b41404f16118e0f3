package db_test

import (
	"errors"
	"testing"

	"smartscheduler/db"
)

// TestImportAssignmentsKeepsTheHoursOfADay: what is to come is held to the twelve
// hours of the forms, together with what is booked already and what the file brings
// besides; a long day is taken and recorded; what was worked is what it was.
func TestImportAssignmentsKeepsTheHoursOfADay(t *testing.T) {
	t.Parallel()
	d := assignmentWorld(t)
	row := func(job, from, to, status string) string {
		return job + ",rosa,2032-03-" + from + ":00-05:00,2032-03-" + to + ":00-05:00," + status + ",\n"
	}
	refuse := func(file, where string) {
		t.Helper()
		_, err := d.importAssignments(importer(), assignmentHeader+file, false)
		var bad *db.Rejected
		if want := where + " — rosa would work 12 h 1 min on Tue 2 Mar, 12 h at the most"; !errors.As(err, &bad) || len(bad.Rows) != 1 || bad.Rows[0].Error() != want {
			t.Errorf("got %v %+v, want %s", err, bad, want)
		}
	}
	take := func(file string, want db.Imported) {
		t.Helper()
		if done, err := d.importAssignments(importer(), assignmentHeader+file, false); done != want || err != nil {
			t.Errorf("got %+v, %v, want %+v", done, err, want)
		}
	}
	long := row("J1", "02T06:00", "02T12:00", "") + row("J2", "02T12:00", "02T17:00", "accepted")
	refuse(long+row("J3", "02T17:00", "02T18:01", ""), `line 4, column start: "2032-03-02T22:00:00Z"`)
	take(long, db.Imported{Created: 2, LongDays: 1})
	refuse(row("J3", "02T17:00", "02T18:01", "accepted"), `line 2, column start: "2032-03-02T22:00:00Z"`)
	// A night before counts with the part that lies on the date.
	refuse(row("J3", "01T22:00", "02T01:01", ""), `line 2, column start: "2032-03-02T03:00:00Z"`)
	take(row("J3", "02T17:00", "02T20:00", "completed"), db.Imported{Created: 1, LongDays: 1})
	var rules string
	d.scan(&rules, `select string_agg(j.external_id || ' ' || (r.candidates->0->>'rule'), ', ' order by j.number) from audit_records r join jobs j on j.id = r.job_id`)
	if rules != "J1 , J2 long_day, J3 day_full" {
		t.Errorf("recorded are %s", rules)
	}
}
