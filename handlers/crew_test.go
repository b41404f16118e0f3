package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/handlers"
)

// TestCrewOnTheBoard follows a job that needs two, form by form: the board says
// how much of the crew is booked, and each contractor's form is about him alone.
func TestCrewOnTheBoard(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	leeID, mayaID, rosaID := o.addContractor("north", "Lee"), o.addContractor("south", "Maya"), o.addContractor("north", "Rosa")
	day := o.today()
	board := o.follow(address, ann, "/streams/dispatch/north")
	j := o.addJob("north", day, func(n *db.NewJob) { n.Headcount = 2 })
	board.one(events.KindJobCreated)

	wantSaid(t, ann.get("/jobs/"+j.id+"/assignments/new"), http.StatusOK, "2 contractors", "Assign "+j.number)
	wantSaid(t, ann.assign(j, leeID, day+"T09:00", "board", "north", "date", day), http.StatusOK,
		"Assigned: "+j.number+", Lee, ", "1 of 2 booked", "Partially assigned", `id="card-`+j.id, "/assignments/new")
	frame := board.one(events.KindJobAssigned)
	lane := o.card(j.id).AssignmentID
	if !strings.Contains(frame.data, `id="card-`+j.id+`"`) || !strings.Contains(frame.data, `id="card-`+lane+`-`) || !strings.Contains(frame.data, "1 of 2 booked") {
		t.Errorf("the board gets %s", frame.data)
	}
	sameCard(t, "the board", frame.data, ann, "/dispatch/north?date="+day, j.id)
	form := ann.get("/jobs/" + j.id + "/assignments/new")
	wantSaid(t, form, http.StatusOK, "1 of 2 booked: Lee, ", "free at the booked time", `value="`+day+`T09:00"`)
	if strings.Contains(form.Body.String(), "candidate-"+leeID) {
		t.Error("who is on the crew is offered once more")
	}

	stale := j
	j = o.jobNow(j.id)
	o.unchanged(func() {
		wantSaid(t, ann.assign(stale, mayaID, day+"T09:00"), http.StatusConflict, "Yours", "1 of 2 booked", `action="/jobs/`+j.id+`/assignments"`)
	})
	wantSaid(t, ann.assign(j, mayaID, day+"T09:00", "board", "north"), http.StatusOK, "Assigned: "+j.number+", Maya, ", "2 of 2 booked",
		`aria-label="Move Lee"`, `aria-label="Reassign Maya"`)
	frame = board.one(events.KindJobAssigned)
	if strings.Contains(frame.data, `id="card-`+j.id+`"`) || strings.Count(frame.data, `<li id="card-`) != 2 {
		t.Errorf("a full crew is drawn as %s", frame.data)
	}
	wantSaid(t, ann.get("/jobs/"+j.id+"/assignments/new"), http.StatusConflict, j.number+" has its whole crew: 2 of 2 booked", "Maya")

	// The home board of one of them shows him, and nothing of the other.
	bo := o.person(handlers.RoleDispatcher, "Bo", "south")
	if page := bo.plain().get("/dispatch/south?date=" + day).Body.String(); strings.Count(page, `data-job="`+j.id) != 1 || strings.Contains(page, "Lee") {
		t.Error("the board of Maya's home does not show her alone")
	}
	for _, id := range []string{leeID, mayaID} {
		if page := o.phone(id).get("/contractor").Body.String(); strings.Count(page, `data-job="`+j.id) != 1 {
			t.Error("a phone does not show the job once")
		}
	}

	j = o.jobNow(j.id)
	wantSaid(t, ann.post("/assignments/"+lane+"/removal", j.fields("board", "north")), http.StatusOK, "Unassigned: "+j.number+", 1 of 2 booked", "Maya")
	o.unchanged(func() {
		wantSaid(t, ann.post("/assignments/"+lane+"/times", o.jobNow(j.id).fields("start", day+"T14:00")), http.StatusConflict,
			"This booking of "+j.number+" was just ended. 1 of 2 booked now.", "Maya")
		wantSaid(t, ann.post("/assignments/"+lane+"/contractor", o.jobNow(j.id).fields("contractor_id", rosaID)), http.StatusConflict,
			"This booking of "+j.number+" was just ended.", "Maya")
		wantSaid(t, ann.act(o, j.id, "hold", "override_reason", "no tiles"), http.StatusConflict, "a contractor has it; take it off him first")
	})
	wantSaid(t, ann.get("/jobs/"+j.id+"/cancellation"), http.StatusOK, "Maya, ")
}

// TestHeadcountField: the form says how many are needed, keeps it, and refuses
// what cannot be.
func TestHeadcountField(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	day := soonDay()
	j := o.addJob("north", day, func(n *db.NewJob) { n.Headcount = 3 })
	wantStatus(t, ann.assign(j, o.addContractor("north", "Lee"), day+"T09:00"), http.StatusOK)
	wantStatus(t, ann.assign(o.jobNow(j.id), o.addContractor("north", "Maya"), day+"T09:00"), http.StatusOK)
	wantSaid(t, ann.get("/jobs/"+j.id+"/details"), http.StatusOK, `name="headcount"`, `value="3"`, "Lee, ", "; Maya, ")
	o.unchanged(func() {
		for value, says := range map[string]string{"0": "Contractors, from 1 to 20.", "21": "Contractors, from 1 to 20.", "two": "Contractors, from 1 to 20.", "1": "2 contractors have this job"} {
			wantSaid(t, ann.edit(o, j.id, "headcount", value), http.StatusUnprocessableEntity, says, `id="job-headcount"`)
		}
	})
	wantSaid(t, ann.edit(o, j.id, "headcount", "2"), http.StatusOK, "Saved: "+j.number+", 2 of 2 booked")
	// A form that does not know the field leaves it.
	wantSaid(t, ann.edit(o, j.id, "headcount", "", "title", "Sand a floor"), http.StatusOK, "2 of 2 booked")
	wantSaid(t, ann.plain().get("/jobs/"+j.id), http.StatusOK, "Changed: how many contractors")
}
