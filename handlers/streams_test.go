package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/handlers"
)

// screens are one of each kind of page, and their readers.
type screens struct {
	ann, bo, lee, maya, wall                *browser
	leeID, mayaID                           string
	north, south, leePhone, mayaPhone, hall *follower
}

// newScreens follows all streams: Lee is of north, Maya of south.
func newScreens(o *office, address string) *screens {
	s := &screens{ann: o.person(handlers.RoleDispatcher, "Ann", "north"), bo: o.person(handlers.RoleDispatcher, "Bo", "south"),
		leeID: o.addContractor("north", "Lee O'Neill"), mayaID: o.addContractor("south", "Maya Weiß")}
	s.lee, s.maya, s.wall = o.phone(s.leeID), o.phone(s.mayaID), o.display("north")
	s.north = o.follow(address, s.ann, "/streams/dispatch/north+unrouted")
	s.south = o.follow(address, s.bo, "/streams/dispatch/south+unrouted")
	s.leePhone = o.follow(address, s.lee, "/streams/contractor/"+s.leeID)
	s.mayaPhone = o.follow(address, s.maya, "/streams/contractor/"+s.mayaID)
	s.hall = o.follow(address, s.wall, "/streams/kiosk/north")
	return s
}

// TestAssignmentReachesEveryScreen is the product: a form is posted, and every
// screen that must know shows the same card as a page that is opened now.
func TestAssignmentReachesEveryScreen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	s := newScreens(o, address)
	day := o.today()
	o.exec(`insert into skills (slug, name) values ('tile', 'Tile & <Grout>')`)
	for _, id := range []string{s.leeID, s.mayaID} {
		o.exec(`insert into contractor_skills (contractor_id, skill) values ($1, 'tile')`, id)
	}
	j := o.addJob("north", day, func(n *db.NewJob) {
		n.Title, n.CustomerName, n.Skills, n.Priority = "Lay \"oak\" & <b>ash</b>", "Zoë Ñandú", []string{"tile"}, "rush"
		n.Notes, n.Site.AccessNotes = "Two lines,\nas typed", "Key: under the mat"
	})
	board := "/dispatch/north?date=" + day
	created := s.north.one(events.KindJobCreated)
	sameCard(t, "open list", created.data, s.ann, board, j.id)
	s.hall.one(events.KindJobCreated)

	answer := s.ann.assign(j, s.leeID, day+"T09:00", "board", "north", "date", day)
	wantStatus(t, answer, http.StatusOK)
	got := s.north.one(events.KindJobAssigned)
	sameCard(t, "lane", got.data, s.ann, board, j.id)
	sameCard(t, "answer to the form", answer.Body.String(), s.ann, board, j.id)
	sameCard(t, "phone", s.leePhone.one(events.KindJobAssigned).data, s.lee, "/contractor", j.id)
	sameCard(t, "wall", s.hall.one(events.KindJobAssigned).data, s.wall, "/kiosk", j.id)

	wantStatus(t, s.ann.change(o, j.id, "contractor", "contractor_id", s.mayaID), http.StatusOK)
	for _, f := range []*follower{s.north, s.south, s.hall} {
		off, on := f.one(events.KindJobUnassigned), f.one(events.KindJobAssigned)
		if off.data != on.data && f != s.north {
			t.Errorf("%s: the two events of a reassignment show\n%s\nand\n%s", f.target, off.data, on.data)
		}
		if f == s.hall {
			sameCard(t, "wall of guests", on.data, s.wall, "/kiosk", j.id)
		}
		if f == s.north {
			sameCard(t, "lane of guests", on.data, s.ann, board, j.id)
		}
		if f == s.south {
			sameCard(t, "home lane of a job elsewhere", on.data, s.bo, "/dispatch/south?date="+day, j.id)
		}
	}
	if lost := s.leePhone.one(events.KindJobUnassigned).data; cardIn(lost, j.id) != "" || !strings.Contains(lost, j.number+`</strong>`) {
		t.Errorf("Lee's phone is sent %s", lost)
	}
	sameCard(t, "phone of the next", s.mayaPhone.one(events.KindJobAssigned).data, s.maya, "/contractor", j.id)

	wantStatus(t, s.ann.change(o, j.id, "times", "start", day+"T11:15"), http.StatusOK)
	sameCard(t, "moved lane", s.north.one(events.KindJobRescheduled).data, s.ann, board, j.id)
	sameCard(t, "moved phone", s.mayaPhone.one(events.KindJobRescheduled).data, s.maya, "/contractor", j.id)
	sameCard(t, "moved wall", s.hall.one(events.KindJobRescheduled).data, s.wall, "/kiosk", j.id)

	wantStatus(t, s.ann.change(o, j.id, "removal"), http.StatusOK)
	sameCard(t, "open again", s.north.one(events.KindJobUnassigned).data, s.ann, board, j.id)
	if gone := s.hall.one(events.KindJobUnassigned).data; cardIn(gone, j.id) != "" {
		t.Errorf("the wall still has %s", gone)
	}
	o.wantOutsiders(s, day)
}

// wantOutsiders makes one more change that south and Lee must hear of. What
// they get before it is all that concerned them since they last read.
func (o *office) wantOutsiders(s *screens, day string) {
	o.t.Helper()
	k := o.addJob("south", day)
	wantStatus(o.t, s.bo.assign(k, s.leeID, day+"T14:00"), http.StatusOK)
	for _, kind := range []events.Kind{events.KindJobRescheduled, events.KindJobUnassigned, events.KindJobCreated, events.KindJobAssigned} {
		s.south.one(kind)
	}
	s.leePhone.one(events.KindJobAssigned)
	s.mayaPhone.one(events.KindJobUnassigned)
	s.north.one(events.KindJobAssigned)
	if lee := s.leePhone.seen.String(); strings.Contains(lee, s.mayaID) || strings.Contains(lee, "Maya") {
		o.t.Error("Lee learns who has the job now")
	}
	if strings.Contains(s.mayaPhone.seen.String(), k.id) {
		o.t.Error("Maya learns of a job that was never hers")
	}
}

// TestWhoLostAJobLearnsNoName: a contractor who lost a job and comes back with
// a position from before he had it, or was there all the time, never receives
// the name or the id of who has it now.
func TestWhoLostAJobLearnsNoName(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	ann := o.person(handlers.RoleDispatcher, "Ann", "north", "south")
	leeID, mayaID := o.addContractor("north", "Lee"), o.addContractor("south", "Maya Marker")
	lee := o.phone(leeID)
	day := o.today()
	j, next := o.addJob("north", day), o.addJob("north", day)
	stream := "/streams/contractor/" + leeID
	watching := []*follower{o.follow(address, lee, stream), o.follow(address, lee, stream+"?format=json")}
	start := positionOn(t, lee)

	wantStatus(t, ann.assign(j, leeID, day+"T09:00"), http.StatusOK)
	held := o.card(j.id).AssignmentID
	wantStatus(t, ann.change(o, j.id, "times", "start", day+"T10:00"), http.StatusOK)
	wantStatus(t, ann.change(o, j.id, "contractor", "contractor_id", mayaID), http.StatusOK)
	mayas := o.card(j.id).AssignmentID
	wantStatus(t, ann.change(o, j.id, "times", "start", day+"T11:00"), http.StatusOK)
	wantStatus(t, ann.edit(o, j.id, "address", "8 Other Lane", "region_override", "south"), http.StatusOK)
	// What follows is his own: all that came before it has come.
	wantStatus(t, ann.assign(next, leeID, day+"T15:00"), http.StatusOK)
	own := []events.Kind{events.KindJobAssigned, events.KindJobRescheduled, events.KindJobUnassigned, events.KindJobAssigned}
	for _, f := range watching {
		wantKinds(t, f, own)
	}
	late := []*follower{
		o.follow(address, lee, stream+"?after="+start), o.follow(address, lee, stream+"?format=json&after="+start),
	}
	for i, f := range late {
		frames := wantKinds(t, f, own)
		for _, got := range frames[:3] {
			if i == 0 && (cardIn(got.data, j.id) != "" || !strings.Contains(got.data, "withdrawn-"+j.id)) {
				t.Errorf("a replayed %s shows a job that he lost: %s", got.event, got.data)
			}
		}
	}
	for _, f := range append(watching, late...) {
		for _, secret := range []string{mayaID, "Maya", mayas, "replacedBy", "replacesAssignmentId", "Other Lane"} {
			if strings.Contains(f.seen.String(), secret) {
				t.Errorf("%s carries %q", f.target, secret)
			}
		}
	}
	if !strings.Contains(late[1].seen.String(), held) {
		t.Error("the replay does not carry his own assignment")
	}
}

// TestWallTellsNothingOfCustomers marks everything that a public wall must not
// say, and looks for it in every frame and on the page.
func TestWallTellsNothingOfCustomers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	ann, wall := o.person(handlers.RoleDispatcher, "Ann", "north", "south"), o.display("north")
	leeID, mayaID := o.addContractor("north", "Lee"), o.addContractor("south", "Maya")
	watching := []*follower{o.follow(address, wall, "/streams/kiosk/north"), o.follow(address, wall, "/streams/kiosk/north?format=json")}
	day := o.today()
	secrets := []string{"MARKtitle", "MARKcustomer", "555-0199", "MARKaddress", "MARKpostcode", "MARKaccess", "MARKnotes", "MARKreason"}
	j := o.addJob("north", day, func(n *db.NewJob) {
		n.Title, n.CustomerName, n.CustomerPhone, n.Notes = "MARKtitle", "MARKcustomer", "555-0199", "MARKnotes"
		n.Site.Address, n.Site.Postcode, n.Site.AccessNotes = "MARKaddress", "MARKpostcode", "MARKaccess"
	})
	wantStatus(t, ann.assign(j, leeID, day+"T09:00", "override_reason", "MARKreason"), http.StatusOK)
	lookFor(t, "the page", wall.get("/kiosk").Body.String(), j.number, secrets)
	wantStatus(t, ann.change(o, j.id, "times", "start", day+"T10:00", "override_reason", "MARKreason"), http.StatusOK)
	wantStatus(t, ann.change(o, j.id, "contractor", "contractor_id", mayaID, "override_reason", "MARKreason"), http.StatusOK)
	lookFor(t, "the page with a guest", wall.get("/kiosk").Body.String(), j.number, secrets)
	wantStatus(t, ann.edit(o, j.id, "address", "MARKaddress 2"), http.StatusOK)
	wantStatus(t, ann.change(o, j.id, "removal", "reason", "MARKreason"), http.StatusOK)
	kinds := []events.Kind{events.KindJobCreated, events.KindJobAssigned, events.KindJobRescheduled,
		events.KindJobUnassigned, events.KindJobAssigned, events.KindJobUpdated, events.KindJobUnassigned,
		events.KindJobAssigned, events.KindAssignmentDeclined, events.KindJobAssigned, events.KindAssignmentAccepted,
		events.KindJobStarted, events.KindJobPaused, events.KindJobResumed, events.KindJobIncomplete}
	lee := o.phone(leeID).scripted()
	tap := func(act string) {
		t.Helper()
		var more []string
		if act == "decline" || act == "pause" || act == "incomplete" {
			more = []string{"reason", "other", "reason_text", "MARKreason"}
		}
		wantStatus(t, lee.tap(t, lee.get("/contractor").Body.String(), o.card(j.id).AssignmentID, act, more...), http.StatusOK)
	}
	for _, act := range []string{"decline", "accept"} {
		wantStatus(t, ann.assign(o.jobNow(j.id), leeID, day+"T10:00", "override_reason", "MARKreason"), http.StatusOK)
		tap(act)
	}
	for _, act := range []string{"start", "pause", "resume", "incomplete"} {
		tap(act)
		lookFor(t, "the page after "+act, wall.get("/kiosk").Body.String(), j.number, secrets)
	}
	first := ""
	for _, f := range watching {
		first = wantKinds(t, f, kinds)[0].id
		lookFor(t, f.target, f.seen.String(), j.id, secrets)
	}
	again := o.follow(address, wall, "/streams/kiosk/north?after="+first)
	wantKinds(t, again, kinds[1:])
	lookFor(t, "the replay", again.seen.String(), j.id, secrets)
}

// lookFor wants a text to be about the job and to hold no secret.
func lookFor(t *testing.T, where, text, about string, secrets []string) {
	t.Helper()
	if !strings.Contains(text, about) {
		t.Errorf("%s does not name the job at all", where)
	}
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("%s tells %q", where, s)
		}
	}
}

// TestFormatsShareTheirIDs: HTML and JSON are the same events in the same
// order, under the same ids.
func TestFormatsShareTheirIDs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee := o.addContractor("north", "Lee")
	html, object := o.follow(address, ann, "/streams/dispatch/north"), o.follow(address, ann, "/streams/dispatch/north?format=json")
	day := o.today()
	j := o.addJob("north", day)
	wantStatus(t, ann.assign(j, lee, day+"T09:00"), http.StatusOK)
	wantStatus(t, ann.change(o, j.id, "removal"), http.StatusOK)
	a, b := html.domain(3), object.domain(3)
	for i := range a {
		var fields struct {
			Type  string `json:"type"`
			Seq   int64  `json:"seq"`
			JobID string `json:"jobId"`
		}
		if err := json.Unmarshal([]byte(b[i].data), &fields); err != nil {
			t.Fatalf("%q: %v", b[i], err)
		}
		_, pos, _ := strings.Cut(a[i].id, "-")
		if a[i].id != b[i].id || a[i].event != b[i].event || fields.Type != a[i].event || fmt.Sprint(fields.Seq) != pos || fields.JobID != j.id {
			t.Errorf("HTML %s %s, JSON %s %s with %+v", a[i].id, a[i].event, b[i].id, b[i].event, fields)
		}
	}
}
