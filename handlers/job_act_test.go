package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"smartscheduler/handlers"
)

// act sends one of the forms about a job as a whole.
func (b *browser) act(o *office, jobID, name string, more ...string) *httptest.ResponseRecorder {
	return b.post("/jobs/"+jobID+"/"+name, o.jobNow(jobID).fields(more...))
}

// TestCancelForm asks why, cancels, and tells the story; the contractor's phone
// reads that the job was cancelled and not who did it.
func TestCancelForm(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, bo := o.person(handlers.RoleDispatcher, "Ann", "north"), o.person(handlers.RoleDispatcher, "Bo", "north")
	lee := o.addContractor("north", "Lee")
	day := soonDay()
	j := o.addJob("north", day)
	wantStatus(t, ann.assign(j, lee, day+"T09:00"), http.StatusOK)
	wantSaid(t, ann.get("/jobs/"+j.id+"/cancellation"), http.StatusOK, "Cancel "+j.number, "Lee, ", "The customer called it off.", "Leave it as it is")
	o.unchanged(func() {
		wantSaid(t, ann.act(o, j.id, "cancellation", "override_reason", "no idea"), http.StatusUnprocessableEntity, "Choose why it is cancelled.", "no idea")
		wantSaid(t, ann.act(o, j.id, "cancellation", "reason", "other"), http.StatusUnprocessableEntity, "Say why it is cancelled.", `value="other" selected`)
	})
	stale := o.jobNow(j.id).fields("reason", "customer", "override_reason", "she moved")
	wantStatus(t, bo.edit(o, j.id, "title", "Sand a floor"), http.StatusOK)
	o.unchanged(func() {
		wantSaid(t, ann.post("/jobs/"+j.id+"/cancellation", stale), http.StatusConflict, "Yours", "Now", "she moved", `value="customer" selected`)
	})
	wantSaid(t, ann.act(o, j.id, "cancellation", "reason", "customer", "override_reason", "she moved", "board", "north"), http.StatusOK,
		"Cancelled: "+j.number, "data-job='"+j.id)
	panel := bo.get("/jobs/" + j.id)
	for _, gone := range []string{"/details", "/hold", "/release", "/cancellation", "/assignments/"} {
		if strings.Contains(panel.Body.String(), gone) {
			t.Errorf("the panel of a cancelled job offers %s", gone)
		}
	}
	wantSaid(t, bo.plain().get("/jobs/"+j.id), http.StatusOK, "Cancelled: the customer called it off", "Reason: she moved")
	phone := o.phone(lee).get("/contractor")
	wantSaid(t, phone, http.StatusOK, j.number, "was cancelled. Please don't go there.")
	if strings.Contains(phone.Body.String(), "she moved") || strings.Contains(phone.Body.String(), "Ann") {
		t.Error("the phone says why or who")
	}
	o.unchanged(func() {
		wantSaid(t, ann.act(o, j.id, "cancellation", "reason", "customer"), http.StatusConflict, "This job cannot be cancelled: it is cancelled")
	})
}

// TestHoldForm puts a job on hold and releases it; the board shows it meanwhile.
func TestHoldForm(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee := o.addContractor("north", "Lee")
	day := soonDay()
	j, held := o.addJob("north", day), o.addJob("north", day)
	wantStatus(t, ann.assign(held, lee, day+"T09:00"), http.StatusOK)
	wantSaid(t, ann.get("/jobs/"+j.id+"/hold"), http.StatusOK, "Put "+j.number+" on hold", "What it waits for")
	o.unchanged(func() {
		wantSaid(t, ann.act(o, j.id, "hold"), http.StatusUnprocessableEntity, "Say what it waits for.")
		wantSaid(t, ann.act(o, held.id, "hold", "override_reason", "no tiles"), http.StatusConflict,
			"This job cannot be put on hold: a contractor has it; take it off him first", "/removal")
	})
	wantSaid(t, ann.act(o, j.id, "hold", "override_reason", "no tiles", "board", "north"), http.StatusOK, "On hold: "+j.number, "On hold", "/release", `hx-target="#open-north"`)
	board := cardIn(ann.get("/dispatch/north?date="+day).Body.String(), j.id)
	if !strings.Contains(board, "On hold") || strings.Contains(board, "/assignments/new") || !strings.Contains(board, "/release") {
		t.Errorf("on the board it is %s", board)
	}
	wantSaid(t, ann.get("/jobs/"+j.id+"/release"), http.StatusOK, "Release "+j.number)
	wantSaid(t, ann.act(o, j.id, "release", "override_reason", "tiles came"), http.StatusOK, "Released: "+j.number, "/assignments/new")
	wantSaid(t, ann.plain().get("/jobs/"+j.id), http.StatusOK, "Put on hold", "Reason: no tiles", "Released: open again", "Reason: tiles came")
	// Without script.
	wantLocation(t, ann.act(o, j.id, "hold", "override_reason", "no tiles", "board", "north"), "/dispatch/north")
}
