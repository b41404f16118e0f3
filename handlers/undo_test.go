package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"smartscheduler/events"
	"smartscheduler/handlers"
)

// undoIn is where the Undo of an answer leads, "" if it has none.
func undoIn(rec *httptest.ResponseRecorder) string {
	found := regexp.MustCompile(`action="(/undo/[0-9a-f-]+)"`).FindStringSubmatch(rec.Body.String())
	if found == nil {
		return ""
	}
	return found[1]
}

// TestUndoButton follows the button of a confirmation, and that of the job for a
// colleague: the job is open again on the board, the story says what was undone,
// and the phone says that it was a mistake. Without script the way leads back to
// the board.
func TestUndoButton(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, bo := o.person(handlers.RoleDispatcher, "Ann", "north"), o.person(handlers.RoleDispatcher, "Bo", "north")
	cy, ada := o.person(handlers.RoleDispatcher, "Cy", "south"), o.person(handlers.RoleAdmin, "Ada")
	lee, day := o.addContractor("south", "Lee"), soonDay()
	j := o.addJob("north", day)
	before := cardIn(ann.get("/dispatch/north?date="+day).Body.String(), j.id)
	if got := undoIn(ann.get("/jobs/" + j.id)); got != "" {
		t.Errorf("a new job offers %s", got)
	}
	answer := ann.assign(j, lee, day+"T09:00", "board", "north", "date", day)
	wantStatus(t, answer, http.StatusOK)
	target := undoIn(answer)
	if n := strings.Count(answer.Body.String(), `action="/undo/`); target == "" || n != 1 {
		t.Fatalf("the confirmation has %d buttons", n)
	}
	for who, b := range map[string]*browser{"a colleague": bo, "an administrator": ada} {
		if got := undoIn(b.get("/jobs/" + j.id)); got != target {
			t.Errorf("%s is offered %q", who, got)
		}
	}
	if got := undoIn(cy.get("/jobs/" + j.id)); got != "" {
		t.Error("a dispatcher of another region is offered to undo it")
	}
	o.unchanged(func() { wantStatus(t, cy.post(target, nil), http.StatusNotFound) })
	wantSaid(t, bo.post(target, url.Values{"board": {"north"}, "date": {day}}), http.StatusOK, "Undone: "+j.number, `hx-target="#open-north"`, "Nobody has this job yet.")
	strip := regexp.MustCompile(`version=\d+`)
	if after := cardIn(ann.get("/dispatch/north?date="+day).Body.String(), j.id); strip.ReplaceAllString(after, "") != strip.ReplaceAllString(before, "") {
		t.Errorf("in the open list it was\n%s\nand is\n%s", before, after)
	}
	o.sequence()
	wantSaid(t, ann.clone().plain().get("/jobs/"+j.id), http.StatusOK, "Undone: Assigned to Lee, ", "Bo")
	phone := o.phone(lee).get("/contractor")
	wantSaid(t, phone, http.StatusOK, j.number, "is withdrawn – please ignore")
	if strings.Contains(phone.Body.String(), "Bo") {
		t.Error("the phone says who undid it")
	}
	o.unchanged(func() {
		wantSaid(t, bo.post(target, nil), http.StatusOK, "Undone: "+j.number)
		wantSaid(t, ann.post(target, nil), http.StatusConflict, "That was undone already by Bo, ", "Nothing was undone.")
	})
	answer = ann.assign(o.jobNow(j.id), lee, day+"T10:00")
	wantStatus(t, answer, http.StatusOK)
	wantLocation(t, ann.clone().plain().post(undoIn(answer), url.Values{"board": {"north"}, "date": {day}}), "/dispatch/north?date="+day)
}

// TestUndoTooLate says in plain words why something stays as it is, and what to do
// instead.
func TestUndoTooLate(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, bo := o.person(handlers.RoleDispatcher, "Ann", "north"), o.person(handlers.RoleDispatcher, "Bo", "north")
	lee, day := o.addContractor("north", "Lee"), soonDay()
	given := func() (job, string) {
		j := o.addJob("north", day)
		target := undoIn(ann.assign(j, lee, fmt.Sprintf("%sT%02d:00", day, 8+o.count(`select count(*) from assignments`))))
		return j, target
	}
	refused := func(target string, want ...string) {
		t.Helper()
		o.unchanged(func() {
			wantSaid(t, ann.post(target, nil), http.StatusConflict, append(want, "Nothing was undone.")...)
			wantSaid(t, ann.clone().plain().post(target, nil), http.StatusConflict, append(want, "<html")...)
		})
	}
	j, target := given()
	o.exec(`update assignments set status = 'accepted', version = version + 1, updated_at = now() where job_id = $1`, j.id)
	refused(target, "Lee accepted ", " s ago.", "Unassign instead?", "/assignments/"+o.card(j.id).AssignmentID+"/removal")
	j, target = given()
	wantStatus(t, bo.change(o, j.id, "times", "start", day+"T17:00"), http.StatusOK)
	refused(target, j.number+" was moved since by Bo, ")
	j, _ = given()
	target = undoIn(bo.change(o, j.id, "removal"))
	at := fmt.Sprintf("%sT%02d:30", day, 8+o.count(`select count(*) from assignments`)-1)
	other := o.addJob("north", day)
	wantStatus(t, bo.assign(other, lee, at), http.StatusOK)
	refused(target, "Lee was booked ", "on "+other.number+" by Bo meanwhile.")
	o.exec(`update contractors set active = false where id = $1`, lee)
	o.exec(`update assignments set status = 'unassigned' where job_id = $1`, other.id)
	refused(target, "Lee doesn't work here any more.")
	o.exec(`update contractors set active = true where id = $1`, lee)
	j, target = given()
	o.exec(`set session_replication_role = replica`)
	o.exec(`update event_log set created_at = created_at - interval '10 minutes 1 second'`)
	o.exec(`set session_replication_role = default`)
	refused(target, "That was more than 10 minutes ago.", "Unassign instead?")
	if got := undoIn(ann.get("/jobs/" + j.id)); got != "" {
		t.Error("the job still offers to undo it")
	}
}

// TestUndoIsStreamed: boards and phones get the job as it is again, in the frame of
// ActionUndone, and nobody else gets anything.
func TestUndoIsStreamed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	ann := o.person(handlers.RoleDispatcher, "Ann", "north", "south")
	lee, maya, day := o.addContractor("north", "Lee"), o.addContractor("south", "Maya"), soonDay()
	north, lees, mayas := o.follow(address, ann, "/streams/dispatch/north"), o.follow(address, o.phone(lee), "/streams/contractor/"+lee),
		o.follow(address, o.phone(maya), "/streams/contractor/"+maya)
	j := o.addJob("north", day)
	wantStatus(t, ann.assign(j, lee, day+"T09:00"), http.StatusOK)
	answer := ann.change(o, j.id, "contractor", "contractor_id", maya)
	wantStatus(t, answer, http.StatusOK)
	wantKinds(t, north, []events.Kind{events.KindJobCreated, events.KindJobAssigned, events.KindJobUnassigned, events.KindJobAssigned})
	wantKinds(t, lees, []events.Kind{events.KindJobAssigned, events.KindJobUnassigned})
	wantKinds(t, mayas, []events.Kind{events.KindJobAssigned})
	wantStatus(t, ann.post(undoIn(answer), nil), http.StatusOK)
	for _, got := range north.domain(2) {
		if got.event != string(events.KindActionUndone) || !strings.Contains(got.data, "lane-north-"+lee) || strings.Contains(got.data, "Maya") {
			t.Errorf("the board gets %s", got)
		}
	}
	if got := lees.one(events.KindActionUndone); !strings.Contains(got.data, `data-job="`+j.id) || strings.Contains(got.data, "withdrawn –") {
		t.Errorf("who has it again gets %s", got)
	}
	if got := mayas.one(events.KindActionUndone); !strings.Contains(got.data, "withdrawn – please ignore") || strings.Contains(got.data, "Lee") {
		t.Errorf("who had it by mistake gets %s", got)
	}
	// The first of the two is hers alone, and so is the second his.
	wantStatus(t, ann.change(o, j.id, "times", "start", day+"T11:00"), http.StatusOK)
	lees.one(events.KindJobRescheduled)
}
