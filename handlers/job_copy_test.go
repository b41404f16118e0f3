package handlers_test

import (
	"net/http"
	"testing"

	"smartscheduler/db"
	"smartscheduler/handlers"
)

// TestCopyForm copies a job to another day and for some weeks, and says which
// day cannot be.
func TestCopyForm(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	j := o.addJob("north", "2027-10-31", func(n *db.NewJob) { n.WindowStart = wallTime(t, "2027-10-31T01:30") })
	gap := o.addJob("north", "2027-03-07", func(n *db.NewJob) { n.WindowStart = wallTime(t, "2027-03-07T02:30") })
	wantSaid(t, ann.get("/jobs/"+j.id+"/copies"), http.StatusOK, "Copy "+j.number, `value="2027-11-07"`, `value="1"`)
	o.unchanged(func() {
		wantSaid(t, ann.act(o, j.id, "copies", "first_day", "someday", "times", "many"), http.StatusUnprocessableEntity, "Give a date.", "From 1 to 52 times.", "someday")
		wantSaid(t, ann.act(o, j.id, "copies", "first_day", "2027-12-05", "times", "53"), http.StatusUnprocessableEntity, "From 1 to 52 times.")
		wantSaid(t, ann.act(o, gap.id, "copies", "first_day", "2027-03-14", "times", "1"), http.StatusUnprocessableEntity,
			"On Sun 14 Mar 02:30 does not exist that night", "Leave that day out")
		wantSaid(t, ann.act(o, j.id, "copies", "first_day", "2027-11-07", "times", "2"), http.StatusUnprocessableEntity,
			"On Sun 7 Nov 01:30 happens twice that night", `name="window_start_offset" value="-05:00"`)
	})
	wantSaid(t, ann.act(o, j.id, "copies", "first_day", "2027-11-07", "times", "2", "window_start_offset", "-05:00", "board", "north", "date", "2027-11-01"),
		http.StatusOK, "Copied 2 times, the first: J-", "Sun 7 Nov 01:30 EST", `hx-target="#open-north"`)
	if n := o.count(`select count(*) from jobs where title = 'Lay a floor'`); n != 4 {
		t.Errorf("%d jobs, want 4", n)
	}
	got := ann.act(o, j.id, "copies", "first_day", "2027-12-05", "times", "1")
	wantSaid(t, got, http.StatusOK, "Copied: J-")
	id := o.scanID(`select id from jobs order by number desc limit 1`)
	wantSaid(t, ann.plain().get("/jobs/"+id), http.StatusOK, "Created in region North, as a copy of another job")
}

// scanID returns the one id that a query gives.
func (o *office) scanID(query string, args ...any) (id string) {
	o.t.Helper()
	if err := o.owner.QueryRowContext(o.t.Context(), query, args...).Scan(&id); err != nil {
		o.t.Fatalf("%s: %v", query, err)
	}
	return id
}
