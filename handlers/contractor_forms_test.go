package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"smartscheduler/events"
	"smartscheduler/handlers"
)

// rosaForm is the form of a contractor of north, as a browser sends it.
func rosaForm(version string, more ...string) url.Values {
	f := url.Values{
		"name": {"Rosa Díaz"}, "phone": {"555-0101"}, "home": {"north"}, "active": {"yes"}, "skills": {"tile"}, "until-tile": {"2031-05-01"},
		"hours-mon": {"8-12, 13:00–17:30"}, "hours-tue": {"08:00–18:00"}, "idempotency_key": {"rosa"},
	}
	if version != "" {
		f.Set("version", version)
		f.Del("idempotency_key")
	}
	for i := 0; i+1 < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f
}

// version is the contractor's row version.
func (o *office) contractorVersion(id string) string {
	o.t.Helper()
	return strconv.Itoa(o.count(`select version from contractors where id = $1`, id))
}

// added returns the id in the address that an answer leads to.
func added(t testing.TB, got *httptest.ResponseRecorder) string {
	t.Helper()
	wantStatus(t, got, http.StatusSeeOther)
	id, _, _ := strings.Cut(strings.TrimPrefix(got.Header().Get("Location"), "/contractors/"), "?")
	return id
}

// TestContractorIsAddedAndChanged adds a contractor by the form, shows what was
// saved, refuses what cannot be with what was typed, and shows yours and now to
// whoever comes second.
func TestContractorIsAddedAndChanged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.exec(`insert into skills (slug, name) values ('tile', 'Tile')`)
	ada := o.person(handlers.RoleAdmin, "Ada").plain()
	wantSaid(t, ada.get("/contractors/new"), http.StatusOK, "New contractor", "Tile", "08:00–17:00")
	wantSaid(t, ada.post("/contractors", rosaForm("", "hours-mon", "from eight", "home", "", "name", "")), http.StatusUnprocessableEntity,
		"Write hours like", "Choose a home region.", "Say who it is.", `value="from eight"`, `value="2031-05-01"`)
	id := added(t, ada.post("/contractors", rosaForm("")))
	if again := added(t, ada.post("/contractors", rosaForm(""))); again != id {
		t.Errorf("the same form twice adds %s and %s", id, again)
	}
	wantSaid(t, ada.get("/contractors/"+id), http.StatusOK, "Rosa Díaz", "08:00–12:00, 13:00–17:30", "until 1 May 2031", "Not working")

	first := o.contractorVersion(id)
	path := "/contractors/" + id + "/details"
	wantStatus(t, ada.post(path, rosaForm(first, "phone", "555-0102")), http.StatusSeeOther)
	late := ada.post(path, rosaForm(first, "phone", "555-0103", "hours-tue", ""))
	wantSaid(t, late, http.StatusConflict, "Yours", "Now", "555-0102", `value="555-0103"`, "08:00–18:00")
	if strings.Contains(late.Body.String(), `<th scope="row">Skills</th>`) {
		t.Error("the comparison shows what is the same")
	}
	wantStatus(t, ada.post(path, rosaForm(o.contractorVersion(id), "phone", "555-0103", "hours-tue", "")), http.StatusSeeOther)
	if n := o.count(`select count(*) from contractor_hours where contractor_id = $1`, id); n != 2 {
		t.Errorf("%d stretches of hours, want 2", n)
	}
}

// TestTimeOffAsksFirst lists the jobs that are booked in the time off before
// anything is saved, and saves it anyway when that was chosen. (C8)
func TestTimeOffAsksFirst(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, rosa := o.person(handlers.RoleDispatcher, "Ann", "north").plain(), o.addContractor("north", "Rosa")
	j := o.addJob("north", soonDay())
	wantStatus(t, ann.assign(j, rosa, soonDay()+"T09:00"), http.StatusSeeOther)
	path := "/contractors/" + rosa + "/days"
	typed := url.Values{"version": {o.contractorVersion(rosa)}, "from": {soonDay()}, "kind": {"off"}, "note": {"Dentist"}}
	var asked *httptest.ResponseRecorder
	o.unchanged(func() {
		asked = ann.post(path, typed)
		wantSaid(t, asked, http.StatusConflict, "1 job booked in that time.", j.number, "Lay a floor", "Save anyway", `value="Dentist"`)
		wantSaid(t, ann.post(path, url.Values{"version": {"1"}, "from": {"soon"}, "kind": {"hours"}, "hours": {"all day"}}),
			http.StatusUnprocessableEntity, "Give the first day.", "Write one stretch of hours")
	})
	confirmed := regexp.MustCompile(`name="confirmed" value="([0-9a-f]{64})"`).FindStringSubmatch(asked.Body.String())
	if confirmed == nil {
		t.Fatal("the form has no button to save anyway")
	}
	typed.Set("confirmed", confirmed[1])
	wantStatus(t, ann.post(path, typed), http.StatusSeeOther)
	wantSaid(t, ann.get("/contractors/"+rosa), http.StatusOK, "Off", "Dentist", j.number, "off on")
	typed.Set("note", "Holiday")
	wantSaid(t, ann.post(path, typed), http.StatusConflict, "Yours", "Off: Holiday", "Off: Dentist", `value="Holiday"`)
}

// TestRecordKeepsOtherRegionsToThemselves shows the dispatcher of a region that
// somebody only serves when he is busy elsewhere, but neither with what nor why
// he is off.
func TestRecordKeepsOtherRegionsToThemselves(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, bo := o.person(handlers.RoleDispatcher, "Ann", "north", "south").plain(), o.person(handlers.RoleDispatcher, "Bo", "south").plain()
	rosa := o.addContractor("north", "Rosa")
	o.exec(`insert into contractor_regions (contractor_id, region) values ($1, 'south')`, rosa)
	far, near := o.addJob("north", soonDay()), o.addJob("south", soonDay())
	o.exec(`update jobs set title = 'Vault of the bank' where id = $1`, far.id)
	wantStatus(t, ann.assign(far, rosa, soonDay()+"T09:00"), http.StatusSeeOther)
	wantStatus(t, ann.assign(near, rosa, soonDay()+"T13:00"), http.StatusSeeOther)
	o.exec(`insert into contractor_exceptions (contractor_id, day, note) values ($1, $2, 'Operation')`, rosa, soonDay())
	path := "/contractors/" + rosa
	wantSaid(t, ann.get(path), http.StatusOK, far.number, "Vault of the bank", near.number, "Operation")
	shown := bo.get(path)
	wantSaid(t, shown, http.StatusOK, "busy in another region", near.number, "Lay a floor", "Off")
	for _, hidden := range []string{far.number, far.id, "Vault of the bank", "Operation"} {
		if strings.Contains(shown.Body.String(), hidden) {
			t.Errorf("the page shows %q", hidden)
		}
	}
}

// TestContractorListIsBounded finds people whatever the accents, shows a
// dispatcher those of his regions only, and no more than a hundred at once.
func TestContractorListIsBounded(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.exec(`insert into contractors (name, home_region) select 'Person ' || to_char(n, '000'), 'north' from generate_series(1, 103) n`)
	zoe := o.addContractor("south", "Zoë Ångström", "tile")
	o.addContractor("south", "Quiet Colleague")
	o.exec(`update contractors set active = false where name = 'Quiet Colleague'`)
	o.exec(`insert into contractor_regions (contractor_id, region) values ($1, 'north')`, zoe)
	ada, ann := o.person(handlers.RoleAdmin, "Ada").plain(), o.person(handlers.RoleDispatcher, "Ann", "north").plain()
	bo := o.person(handlers.RoleDispatcher, "Bo", "south").plain()
	first := ada.get("/contractors")
	wantSaid(t, first, http.StatusOK, "100 of 104 found", "page=2", "New contractor")
	wantSaid(t, ada.get("/contractors?page=2"), http.StatusOK, "4 of 104 found", "Zoë Ångström", "Tile", "page=1")
	wantSaid(t, ada.get("/contractors?q=zoe+angstrom"), http.StatusOK, "Zoë Ångström", "1 found")
	wantSaid(t, ada.get("/contractors?status=inactive"), http.StatusOK, "Quiet Colleague", "1 found")
	wantSaid(t, ann.get("/contractors?q=zoe"), http.StatusOK, "1 found")
	wantSaid(t, ann.get("/contractors?q=quiet&status=all"), http.StatusOK, "No contractor matches.")
	wantSaid(t, bo.get("/contractors?status=all"), http.StatusOK, "2 found")
	if strings.Contains(bo.get("/contractors").Body.String(), "New contractor") {
		t.Error("a dispatcher is offered the form for a new contractor")
	}
}

// TestContractorChangeIsStreamed tells the boards concerned and the phone of a
// change, and nobody else.
func TestContractorChangeIsStreamed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada, rosa := o.person(handlers.RoleAdmin, "Ada").plain(), o.addContractor("north", "Rosa")
	o.exec(`insert into skills (slug, name) values ('tile', 'Tile')`)
	phone := o.phone(rosa)
	address := o.live()
	head, err := o.db.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	after := "?after=" + head.String()
	north, own := o.follow(address, ada, "/streams/dispatch/north"+after), o.follow(address, phone, "/streams/contractor/"+rosa+after)
	south := o.follow(address, ada, "/streams/dispatch/south"+after+"&format=json")
	wantStatus(t, ada.post("/contractors/"+rosa+"/details", rosaForm("1")), http.StatusSeeOther)
	north.one(events.KindAvailabilityChanged)
	own.one(events.KindAvailabilityChanged)
	wantStatus(t, ada.post("/contractors/"+rosa+"/details", rosaForm("2", "home", "south")), http.StatusSeeOther)
	north.one(events.KindContractorMovedRegion)
	if got := south.one(events.KindContractorMovedRegion); !strings.Contains(got.data, `"to":"south"`) || strings.Contains(got.data, "Rosa") {
		t.Errorf("south is told %s", got.data)
	}
	wantSaid(t, ada.get("/dispatch/south"), http.StatusOK, "Rosa Díaz")
	if strings.Contains(ada.get("/dispatch/north").Body.String(), "Rosa Díaz") {
		t.Error("the old board still has the row")
	}
}

// TestMoveFromALaterDay says what is wrong with the day of a move, shows a move
// that is to come, and takes it back, but not from an old page.
func TestMoveFromALaterDay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada, rosa := o.person(handlers.RoleAdmin, "Ada").plain(), o.addContractor("north", "Rosa")
	o.exec(`insert into skills (slug, name) values ('tile', 'Tile')`)
	page := "/contractors/" + rosa
	form := func(from string) url.Values {
		return rosaForm(o.contractorVersion(rosa), "home", "south", "from", from)
	}
	o.unchanged(func() {
		wantSaid(t, ada.post(page+"/details", form("soon")), http.StatusUnprocessableEntity, "Give the day as a date", `value="soon"`)
		wantSaid(t, ada.post(page+"/details", rosaForm("1", "from", soonDay())), http.StatusUnprocessableEntity, "Choose another home region")
		wantSaid(t, ada.post(page+"/details", form("2020-01-01")), http.StatusUnprocessableEntity, "This day is over.", `value="2020-01-01"`)
	})
	wantStatus(t, ada.post(page+"/details", form(soonDay())), http.StatusSeeOther)
	wantSaid(t, ada.get(page), http.StatusOK, "Moves to South on ", "Withdraw the move")
	wantSaid(t, ada.get("/dispatch/south?date="+soonDay()), http.StatusOK, "Rosa Díaz")
	wantUnsaid(t, ada.get("/dispatch/south"), "Rosa Díaz")
	wantSaid(t, o.person(handlers.RoleDispatcher, "Bo", "south").get(page), http.StatusOK, "Moves to South on ")
	wantSaid(t, ada.post(page+"/move/withdrawal", url.Values{"version": {"1"}}), http.StatusConflict, "Nothing was done.", "Moves to South on ")
	wantStatus(t, ada.post(page+"/move/withdrawal", url.Values{"version": {o.contractorVersion(rosa)}}), http.StatusSeeOther)
	wantSaid(t, ada.get(page+"?done=stays"), http.StatusOK, "The move is withdrawn.")
	wantUnsaid(t, ada.get(page), "Moves to South")
	wantStatus(t, ada.post(page+"/move/withdrawal", url.Values{"version": {o.contractorVersion(rosa)}}), http.StatusNotFound)
}

// TestLinkIsMadeOnThePage shows a one-time link once; it signs the phone in,
// and signing out everywhere ends that.
func TestLinkIsMadeOnThePage(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(opts *handlers.Options) { opts.PublicURL = "https://desk.example.org" })
	ada, rosa := o.person(handlers.RoleAdmin, "Ada").plain(), o.addContractor("north", "Rosa")
	made := ada.post("/contractors/"+rosa+"/links", nil)
	wantSaid(t, made, http.StatusOK, "This link is shown once.", `data-copy="made-link"`)
	link := regexp.MustCompile(`value="https://desk\.example\.org(/link/([^"]+))"`).FindStringSubmatch(made.Body.String())
	if link == nil {
		t.Fatalf("no link on the page: %s", made.Body)
	}
	if strings.Contains(ada.get("/contractors/"+rosa).Body.String(), link[1]) {
		t.Error("the link is shown twice")
	}
	phone := o.browser()
	wantStatus(t, phone.post(link[1], nil), http.StatusSeeOther)
	wantStatus(t, phone.get("/contractor"), http.StatusOK)
	wantStatus(t, ada.post("/contractors/"+rosa+"/links/revocation", nil), http.StatusSeeOther)
	wantStatus(t, phone.get("/contractor"), http.StatusSeeOther)
	if n := o.count(`select count(*) from contractor_links where contractor_id = $1`, rosa); n != 0 {
		t.Errorf("%d links are left", n)
	}
	if log := o.log.String(); !strings.Contains(log, `"sign-in link made" contractor_id=`+rosa) || !strings.Contains(log, `"sign-in links revoked" contractor_id=`+rosa) ||
		strings.Contains(log, link[2]) {
		t.Error("the log does not say who has a link, or it says the link")
	}
}

// TestSkillsPage refuses a name twice and shows yours and now to whoever
// renames second; only what is unused can be deleted.
func TestSkillsPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada := o.person(handlers.RoleAdmin, "Ada").plain()
	o.addContractor("north", "Rosa", "tile")
	wantStatus(t, ada.post("/admin/skills", url.Values{"name": {" Gas  work "}}), http.StatusSeeOther)
	wantSaid(t, ada.post("/admin/skills", url.Values{"name": {"gas work"}}), http.StatusUnprocessableEntity, "There is a skill of that name.", `value="gas work"`)
	wantSaid(t, ada.get("/admin/skills"), http.StatusOK, "Gas work", "Not used", "1 contractor, 0 jobs")
	wantStatus(t, ada.post("/admin/skills/tile", url.Values{"name": {"Tiles"}, "before": {"Tile"}}), http.StatusSeeOther)
	wantSaid(t, ada.post("/admin/skills/tile", url.Values{"name": {"Tiling"}, "before": {"Tile"}}), http.StatusConflict, "Yours", "Tiles", `value="Tiling"`)
	wantSaid(t, ada.post("/admin/skills/tile/removal", url.Values{"before": {"Tiles"}}), http.StatusUnprocessableEntity, "Tiles is in use")
	wantStatus(t, ada.post("/admin/skills/gas-work/removal", url.Values{"before": {"Gas work"}}), http.StatusSeeOther)
	wantStatus(t, ada.post("/admin/skills/gas-work/removal", url.Values{"before": {"Gas work"}}), http.StatusNotFound)
}
