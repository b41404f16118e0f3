package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/handlers"
)

// tap sends a form of the contractor's page as the page draws it: with the hidden
// fields of the card there.
func (b *browser) tap(t testing.TB, page, assignmentID, act string, more ...string) *httptest.ResponseRecorder {
	t.Helper()
	_, form, found := strings.Cut(page, `<form id="`+act+"-"+assignmentID+`"`)
	if !found {
		t.Fatalf("%s cannot be tapped", act)
	}
	form, _, _ = strings.Cut(form, "</form>")
	fields := url.Values{}
	for _, name := range []string{"act", "version", "idempotency_key", "client_at"} {
		_, rest, _ := strings.Cut(form, `name="`+name+`" value="`)
		value, _, _ := strings.Cut(rest, `"`)
		fields.Set(name, value)
	}
	for i := 0; i < len(more); i += 2 {
		fields.Set(more[i], more[i+1])
	}
	_, target, _ := strings.Cut(form, `action="`)
	target, _, _ = strings.Cut(target, `"`)
	return b.post(target, fields)
}

// scripted makes the browser one whose script sends the forms.
func (b *browser) scripted() *browser {
	b.header.Set("HX-Request-Type", "partial")
	return b
}

// offered is the acts that the page draws for an assignment, in their order.
func offered(page, assignmentID string) string {
	var acts []string
	for _, part := range strings.Split(page, `<form id="`)[1:] {
		if act, of, _ := strings.Cut(part, "-"); strings.HasPrefix(of, assignmentID) {
			acts = append(acts, act)
		}
	}
	return strings.Join(acts, " ")
}

// TestADayOfTaps follows a job from the offer to its end, by the forms that the
// contractor's page draws: only what is allowed is there, each tap is one event
// with its sentence in the story, and an early end frees the time.
func TestADayOfTaps(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	rosaID := o.addContractor("north", "Rosa")
	rosa, day := o.phone(rosaID).scripted(), o.today()
	board := o.follow(address, ann, "/streams/dispatch/north")
	j := o.addJob("north", day)
	board.one(events.KindJobCreated)
	wantStatus(t, ann.assign(j, rosaID, day+"T09:00"), http.StatusOK)
	board.one(events.KindJobAssigned)
	id := o.card(j.id).AssignmentID
	page := rosa.get("/contractor").Body.String()
	for _, step := range []struct {
		shown, act string
		more       []string
		kind       events.Kind
		story      string
	}{
		{"accept decline", "accept", nil, events.KindAssignmentAccepted, "Rosa accepted"},
		{"travel start decline", "travel", nil, events.KindTravelStarted, "Rosa is on the way"},
		{"arrive start", "arrive", nil, events.KindArrivedOnSite, "Rosa is on site"},
		{"start incomplete", "start", nil, events.KindJobStarted, "Rosa started work"},
		{"complete pause incomplete", "pause", []string{"reason", "other", "reason_text", "The dog is loose"}, events.KindJobPaused, "The dog is loose"},
		{"complete resume incomplete", "resume", nil, events.KindJobResumed, "Rosa went on with the work"},
		{"complete pause incomplete", "complete", nil, events.KindJobCompleted, "Rosa is done"},
	} {
		if got := offered(page, id); got != step.shown {
			t.Errorf("before %s the page offers %q, want %q", step.act, got, step.shown)
		}
		wantSaid(t, rosa.tap(t, page, id, step.act, step.more...), http.StatusOK, `id="card-`+id)
		if frame := board.one(step.kind); strings.Contains(frame.data, "phone-steps") {
			t.Errorf("the board gets what is for the phone: %s", frame.data)
		}
		page = rosa.get("/contractor").Body.String()
		wantSaid(t, ann.clone().plain().get("/jobs/"+j.id), http.StatusOK, step.story)
	}
	if got := offered(page, id); got != "" {
		t.Errorf("when all is done the page offers %q", got)
	}
	if card := o.card(j.id); card.Status != "completed" || card.At().Duration() > 24*time.Hour {
		t.Errorf("the job is %s from %s", card.Status, card.At())
	}
}

// TestTapsThatAreRefused: a reason that is missing is asked for beside its field, an
// assignment of somebody else does not exist, what came too late says why, and none
// of them changes anything; without script each of these is a page.
func TestTapsThatAreRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	rosaID, leeID := o.addContractor("north", "Rosa"), o.addContractor("north", "Lee")
	rosa, lee, day := o.phone(rosaID).scripted(), o.phone(leeID).scripted(), o.today()
	j := o.addJob("north", day)
	wantStatus(t, ann.assign(j, rosaID, day+"T09:00"), http.StatusOK)
	id := o.card(j.id).AssignmentID
	page := rosa.get("/contractor").Body.String()
	o.unchanged(func() {
		wantStatus(t, lee.tap(t, page, id, "accept"), http.StatusNotFound)
		wantStatus(t, lee.clone().plain().tap(t, page, id, "accept"), http.StatusNotFound)
		wantSaid(t, rosa.tap(t, page, id, "decline"), http.StatusUnprocessableEntity, "Choose why.", `<details class="phone-why" open`)
		wantSaid(t, rosa.tap(t, page, id, "decline", "reason", "other", "reason_text", " "), http.StatusUnprocessableEntity, "Say why in a few words.")
		wantSaid(t, rosa.clone().plain().tap(t, page, id, "decline", "reason", "nonsense"), http.StatusUnprocessableEntity, "<!doctype html>", "Choose why.")
		wantSaid(t, rosa.tap(t, page, id, "accept", "act", "complete"), http.StatusUnprocessableEntity, "out of date")
		wantSaid(t, rosa.tap(t, page, id, "accept", "act", "expire"), http.StatusUnprocessableEntity, "out of date")
		wantSaid(t, rosa.tap(t, page, id, "accept", "version", "7"), http.StatusConflict, j.number+" changed at", "look at it again")
	})
	wantLocation(t, rosa.clone().plain().tap(t, page, id, "accept"), "/contractor")
	o.unchanged(func() {
		wantSaid(t, rosa.tap(t, page, id, "accept", "client_at", "2032-01-01T00:00:00Z"), http.StatusOK, `id="card-`+id)
		wantSaid(t, rosa.tap(t, page, id, "accept", "idempotency_key", "another"), http.StatusConflict, "cannot be accepted: it has been accepted")
	})
	after := rosa.get("/contractor").Body.String()
	wantStatus(t, ann.change(o, j.id, "removal"), http.StatusOK)
	o.unchanged(func() {
		wantSaid(t, rosa.tap(t, after, id, "travel"), http.StatusConflict, j.number+" was taken off your list at", "by Ann", `id="refused-`+id)
		wantSaid(t, rosa.clone().plain().tap(t, after, id, "travel"), http.StatusConflict, "<!doctype html>", "was taken off your list", "by Ann")
	})
	// The story keeps what came too late, once however often it is sent.
	if n := o.count(`select count(*) from event_log where event_type = 'TapRefused'`); n != 2 {
		t.Errorf("the log has %d refused taps", n)
	}
	wantSaid(t, ann.clone().plain().get("/jobs/"+j.id), http.StatusOK, "Rosa tapped too late to be on the way: the booking was unassigned by then")
}

// TestS8FirstAnswerWins: of two tabs that accept and decline the same offer the first
// wins. A declined job is open again with the reason, its window is what it was,
// and the dispatcher sees who declined.
func TestS8FirstAnswerWins(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	rosaID := o.addContractor("north", "Rosa")
	rosa, day := o.phone(rosaID).scripted(), o.today()
	j := o.addJob("north", day)
	wantStatus(t, ann.assign(j, rosaID, day+"T09:00"), http.StatusOK)
	card := o.card(j.id)
	tabs := rosa.get("/contractor").Body.String()
	wantStatus(t, rosa.tap(t, tabs, card.AssignmentID, "decline", "reason", "too_far"), http.StatusOK)
	o.unchanged(func() {
		wantSaid(t, rosa.tap(t, tabs, card.AssignmentID, "accept"), http.StatusConflict, "You declined "+j.number)
	})
	now := o.card(j.id)
	if !now.Open() || now.WindowStart != card.WindowStart || now.WindowEnd != card.WindowEnd {
		t.Errorf("the job is %s, promised from %s to %s", now.Status, now.WindowStart, now.WindowEnd)
	}
	wantSaid(t, ann.clone().plain().get("/dispatch/north?date="+day), http.StatusOK, "Declined by Rosa: too far")
	if page := rosa.get("/contractor").Body.String(); strings.Contains(page, j.number) {
		t.Error("the declined job is still on the phone")
	}
}

// TestOnBehalf: a dispatcher accepts and completes for a contractor, and the story
// says that he did.
func TestOnBehalf(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, bo := o.person(handlers.RoleDispatcher, "Ann", "north"), o.person(handlers.RoleDispatcher, "Bo", "south")
	rosaID, day := o.addContractor("north", "Rosa"), o.today()
	j := o.addJob("north", day)
	wantStatus(t, ann.assign(j, rosaID, day+"T09:00"), http.StatusOK)
	id := o.card(j.id).AssignmentID
	fields := func(act, version string) url.Values {
		return url.Values{"act": {act}, "version": {version}, "override_reason": {"She called"}}
	}
	wantSaid(t, ann.get("/jobs/"+j.id), http.StatusOK, "Accept for Rosa")
	wantSaid(t, ann.get("/assignments/"+id+"/answer"), http.StatusOK, `name="act" value="accept"`, `name="version" value="1"`)
	o.unchanged(func() {
		wantStatus(t, bo.post("/assignments/"+id+"/answer", fields("accept", "1")), http.StatusNotFound)
		wantStatus(t, ann.post("/assignments/"+id+"/answer", fields("decline", "1")), http.StatusNotFound)
		wantSaid(t, ann.post("/assignments/"+id+"/status", fields("complete", "1")), http.StatusConflict, "it has not been accepted yet")
	})
	wantSaid(t, ann.post("/assignments/"+id+"/answer", fields("accept", "1")), http.StatusOK, "Accepted: "+j.number)
	o.exec(`update assignments set status = 'in_progress' where id = $1`, id)
	wantLocation(t, ann.clone().plain().post("/assignments/"+id+"/status", fields("complete", "2")), "/jobs/"+j.id)
	wantSaid(t, ann.clone().plain().get("/jobs/"+j.id), http.StatusOK, "Accepted for Rosa", "She called", "Completed for Rosa", "Completed")
}

// TestWhoIsNotAsked: an administrator ticks that somebody accepts everything; the
// next job is accepted at once, with an event and a sentence of its own.
func TestWhoIsNotAsked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada, ann := o.person(handlers.RoleAdmin, "Ada").plain(), o.person(handlers.RoleDispatcher, "Ann", "north")
	id, day := o.addContractor("north", "Rosa"), o.today()
	o.exec(`insert into skills (slug, name) values ('tile', 'Tile')`)
	form := ada.get("/contractors/" + id + "/details")
	wantSaid(t, form, http.StatusOK, `name="auto_accept"`)
	wantLocation(t, ada.post("/contractors/"+id+"/details", rosaForm("1", "auto_accept", "yes")), "/contractors/"+id+"?done=changed")
	wantSaid(t, ada.get("/contractors/"+id+"/details"), http.StatusOK, `name="auto_accept" value="yes" checked`)
	j := o.addJob("north", day)
	wantStatus(t, ann.assign(j, id, day+"T09:00"), http.StatusOK)
	if card := o.card(j.id); card.AssignmentStatus != "accepted" || card.AnswerBy.Valid || o.logged(events.KindAssignmentAccepted) != 1 {
		t.Errorf("it is %s", card.AssignmentStatus)
	}
	wantSaid(t, ann.clone().plain().get("/jobs/"+j.id), http.StatusOK, "has it: accepts everything")
}
