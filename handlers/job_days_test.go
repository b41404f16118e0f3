package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/handlers"
)

// TestDaysOnTheBoard follows a job of three days, form by form: each says which day
// it is about and proposes the next one, and every card says which day it is.
func TestDaysOnTheBoard(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	leeID, mayaID := o.addContractor("north", "Lee"), o.addContractor("south", "Maya")
	days := make([]string, 4)
	for i := range days {
		days[i] = soon().AddDate(0, 0, i).Format(time.DateOnly)
	}
	board := o.follow(address, ann, "/streams/dispatch/north")
	j := o.addJob("north", days[0], func(n *db.NewJob) { n.Days, n.WindowEnd = 3, n.WindowStart.AddDays(4) })
	board.one(events.KindJobCreated)

	wantSaid(t, ann.get("/jobs/"+j.id+"/assignments/new"), http.StatusOK, "3 days of 1 h", "day 1 of 3", `name="visit" value="1"`)
	wantSaid(t, ann.assign(j, leeID, days[0]+"T09:30", "visit", "1", "board", "north", "date", days[0]), http.StatusOK,
		"1 of 3 days booked", "day 1 of 3", "Partially assigned", `id="card-`+j.id)
	frame := board.one(events.KindJobAssigned)
	for _, part := range []string{`id="card-` + j.id + `"`, `id="card-` + o.card(j.id).AssignmentID + `-`, "day 2 of 3 is open · 1 of 3 days booked", "· day 1 of 3"} {
		if !strings.Contains(frame.data, part) {
			t.Errorf("the board lacks %s: %s", part, frame.data)
		}
	}
	sameCard(t, "the board", frame.data, ann, "/dispatch/north?date="+days[0], j.id)
	wantSaid(t, ann.get("/jobs/"+j.id+"/assignments/new"), http.StatusOK, "day 2 of 3", `name="visit" value="2"`, "1 of 3 days booked: Lee, ",
		`value="`+days[1]+`T09:30"`, "candidate-"+leeID)

	o.unchanged(func() {
		wantSaid(t, ann.assign(j, mayaID, days[1]+"T09:00", "visit", "1"), http.StatusConflict, "This day of "+j.number+" was just given away: 1 of 3 days booked")
		now := o.jobNow(j.id)
		wantSaid(t, ann.assign(now, mayaID, days[0]+"T14:00", "visit", "2"), http.StatusUnprocessableEntity, "day 2 must be on a later date.", `name="visit" value="2"`)
		for _, visit := range []string{"-1", "15", "x"} {
			wantSaid(t, ann.assign(now, mayaID, days[1]+"T09:00", "visit", visit), http.StatusUnprocessableEntity, "a day that the job does not have")
		}
	})
	wantStatus(t, ann.assign(o.jobNow(j.id), mayaID, days[1]+"T09:00"), http.StatusOK)
	wantSaid(t, ann.assign(o.jobNow(j.id), leeID, days[2]+"T09:30", "visit", "3", "board", "north"), http.StatusOK, "3 of 3 days booked",
		`aria-label="Move Lee, day 1 of 3"`, `aria-label="Reassign Maya, day 2 of 3"`, `aria-label="Unassign Lee, day 3 of 3"`)
	board.one(events.KindJobAssigned)
	frame = board.one(events.KindJobAssigned)
	if strings.Contains(frame.data, `id="card-`+j.id+`"`) || strings.Count(frame.data, `<li id="card-`) != 3 {
		t.Errorf("a job of which all days are booked is drawn as %s", frame.data)
	}
	wantSaid(t, ann.get("/jobs/"+j.id+"/assignments/new"), http.StatusConflict, "3 of 3 days booked")
}

// TestDaysField: the form says on how many days, keeps it, and refuses what cannot
// be.
func TestDaysField(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	j := o.addJob("north", soonDay(), func(n *db.NewJob) { n.Days, n.WindowEnd = 2, n.WindowStart.AddDays(2) })
	wantSaid(t, ann.get("/jobs/"+j.id+"/details"), http.StatusOK, `name="days"`, `id="job-days"`, `value="2"`)
	wantSaid(t, ann.get("/jobs/"+j.id), http.StatusOK, "2 days of 1 h", "0 of 2 days booked")
	o.unchanged(func() {
		for _, value := range []string{"0", "15", "two"} {
			wantSaid(t, ann.edit(o, j.id, "days", value), http.StatusUnprocessableEntity, "Days, from 1 to 14.", `id="job-days"`)
		}
		wantSaid(t, ann.edit(o, j.id, "days", "4"), http.StatusUnprocessableEntity, "Work of 4 days needs a window of 4 days at least.", `id="job-window_end"`)
		wantSaid(t, ann.edit(o, j.id, "days", "2", "duration_minutes", "721"), http.StatusUnprocessableEntity, "each day has 12 hours at the most")
	})
	wantSaid(t, ann.edit(o, j.id, "days", "3"), http.StatusOK, "0 of 3 days booked")
	// A form that does not know the field leaves it.
	wantSaid(t, ann.edit(o, j.id, "days", "", "title", "Sand a floor"), http.StatusOK, "0 of 3 days booked")
	wantSaid(t, ann.plain().get("/jobs/"+j.id), http.StatusOK, "Changed: on how many days was 2, now 3")
}

// TestLongDayIsAsked: a form that would give somebody more than ten hours asks why,
// beside the field, and one of more than twelve is refused.
func TestLongDayIsAsked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee, day := o.addContractor("north", "Lee"), soonDay()
	o.exec(`update contractor_hours set ends = '22:00'`)
	j := o.addJob("north", day, func(n *db.NewJob) { n.DurationMinutes = 660 })
	o.unchanged(func() {
		wantSaid(t, ann.assign(j, lee, day+"T07:00"), http.StatusUnprocessableEntity, "Lee would work 11 h on ", ": say why.", `id="assign-override_reason"`)
		wantSaid(t, ann.assign(j, lee, day+"T07:00", "end", day+"T19:30", "override_reason", "rush"), http.StatusUnprocessableEntity, "12 h 30 min on ", "12 h at the most", `id="assign-start"`)
	})
	wantSaid(t, ann.assign(j, lee, day+"T07:00", "override_reason", "rush"), http.StatusOK, "11 h on ")
	o.unchanged(func() {
		wantSaid(t, ann.change(o, j.id, "times", "start", day+"T08:00"), http.StatusUnprocessableEntity, "Lee would work 11 h on ", `id="move-override_reason"`)
	})
	wantStatus(t, ann.change(o, j.id, "times", "start", day+"T08:00", "override_reason", "rush"), http.StatusOK)
	wantSaid(t, ann.clone().plain().get("/jobs/"+j.id), http.StatusOK, "more than ten hours that day", "rush")
	// Nobody is proposed for a day on which there is no room for the work.
	next := o.addJob("north", day, func(n *db.NewJob) { n.DurationMinutes = 120 })
	form := ann.get("/jobs/" + next.id + "/assignments/new")
	wantStatus(t, form, http.StatusOK)
	if got := candidatesOf(form); len(got) != 1 || strings.Contains(got[0], day+"T") {
		t.Errorf("proposed is %q", got)
	}
}
