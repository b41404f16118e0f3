package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"smartscheduler/events"
	"smartscheduler/handlers"
)

// noticeIn returns the element that says that a job was taken off a list, ""
// if there is none.
func noticeIn(html, jobID string) string {
	_, rest, found := strings.Cut(html, `<li id="withdrawn-`+jobID+`"`)
	if !found {
		return ""
	}
	body, _, _ := strings.Cut(rest, "</li>")
	return body
}

// TestTakenOffTheList: a phone that was away, or is loaded again, still says
// what was taken off its list in the last day, in the bytes of the stream.
func TestTakenOffTheList(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	leeID, mayaID := o.addContractor("north", "Lee"), o.addContractor("north", "Maya")
	lee, maya := o.phone(leeID), o.phone(mayaID)
	start, stream := positionOn(t, lee), "/streams/contractor/"+leeID
	live := o.follow(address, lee, stream)
	day := o.today()
	j, other := o.addJob("north", day), o.addJob("north", day)
	notice := func() string { return noticeIn(lee.get("/contractor").Body.String(), j.id) }

	wantStatus(t, ann.assign(j, leeID, day+"T09:00"), http.StatusOK)
	if got := notice(); got != "" {
		t.Errorf("while he holds the job his page says %s", got)
	}
	first := o.card(j.id).AssignmentID
	wantStatus(t, ann.change(o, j.id, "removal"), http.StatusOK)
	wantStatus(t, ann.assign(other, leeID, day+"T12:00"), http.StatusOK)
	wantStatus(t, ann.change(o, other.id, "contractor", "contractor_id", mayaID), http.StatusOK)
	frames := wantKinds(t, live, []events.Kind{events.KindJobAssigned, events.KindJobUnassigned, events.KindJobAssigned, events.KindJobUnassigned})
	page := lee.get("/contractor").Body.String()
	for id, f := range map[string]frame{j.id: frames[1], other.id: frames[3]} {
		if got := noticeIn(f.data, id); got == "" || got != noticeIn(page, id) {
			t.Errorf("the stream has\n%s\nand the page\n%s", got, noticeIn(page, id))
		}
	}
	if late := o.follow(address, lee, stream+"?after="+start).domain(1)[0]; noticeIn(late.data, j.id) != noticeIn(page, j.id) {
		t.Errorf("a replay has\n%s", late.data)
	}
	if !strings.Contains(notice(), first) || strings.Contains(page, mayaID) {
		t.Errorf("the notice names not his own assignment alone: %s", notice())
	}
	if got := maya.get("/contractor").Body.String(); strings.Contains(got, "withdrawn-") {
		t.Error("Maya is told of a job that was taken off Lee")
	}

	// Given back it is no news any more; taken again it is other news.
	wantStatus(t, ann.assign(o.jobNow(j.id), leeID, day+"T09:00"), http.StatusOK)
	if got := notice(); got != "" {
		t.Errorf("he has the job again, and his page says %s", got)
	}
	second := o.card(j.id).AssignmentID
	wantStatus(t, ann.change(o, j.id, "removal"), http.StatusOK)
	if got := notice(); !strings.Contains(got, second) || strings.Contains(got, first) {
		t.Errorf("taken off for the second time: %s", got)
	}

	// After a day it is old: in the page, and in a replay.
	o.exec(`update assignments set updated_at = updated_at - interval '25 hours' where job_id = $1`, j.id)
	if got := notice(); got != "" {
		t.Errorf("a day later the page still says %s", got)
	}
	if late := o.follow(address, lee, stream+"?after="+start).domain(1)[0]; noticeIn(late.data, j.id) != "" {
		t.Errorf("a day later a replay still says %s", late.data)
	}
}
