package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/handlers"
)

// erasure is the form of a page that erases somebody, as that page sent it.
func erasure(t testing.TB, page *httptest.ResponseRecorder, more ...string) url.Values {
	t.Helper()
	wantStatus(t, page, http.StatusOK)
	f := url.Values{"reason": {"Asked by letter"}, "word": {"Erase"}}
	for _, name := range []string{"version", "confirmed"} {
		if found := regexp.MustCompile(`name="` + name + `" value="([^"]+)"`).FindStringSubmatch(page.Body.String()); found != nil {
			f.Set(name, found[1])
		}
	}
	for i := 0; i+1 < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f
}

// wantUnsaid looks for texts that no page may show.
func wantUnsaid(t testing.TB, got *httptest.ResponseRecorder, texts ...string) {
	t.Helper()
	wantStatus(t, got, http.StatusOK)
	for _, text := range texts {
		if strings.Contains(got.Body.String(), text) {
			t.Errorf("the page still says %q: %.4000s", text, got.Body)
		}
	}
}

// TestCustomerIsErasedOnThePage finds a customer, says what is in the way, erases
// her, and corrects the card on the open board, the phone and the wall. After
// that no page names her.
func TestCustomerIsErasedOnThePage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada, ann, rosa := o.person(handlers.RoleAdmin, "Ada").plain(), o.person(handlers.RoleDispatcher, "Ann", "north"), o.addContractor("north", "Rosa")
	yesterday := time.Now().AddDate(0, 0, -2).Format(time.DateOnly)
	done := o.addJob("north", yesterday, func(n *db.NewJob) { n.Title, n.Notes = "Lay Ida's floor", "Brutus" })
	open := o.addJob("north", soonDay())
	wantStatus(t, ann.assign(done, rosa, yesterday+"T09:00", "override_reason", "Ida insists"), http.StatusOK)
	wantSaid(t, ada.post("/admin/people", url.Values{"text": {" "}}), http.StatusUnprocessableEntity, "Say whom to look for.")
	wantSaid(t, ada.post("/admin/people", url.Values{"text": {"nobody"}}), http.StatusOK, "No customer matches.")
	var path string
	for _, text := range []string{"ida b", "5550142"} {
		found := ada.post("/admin/people", url.Values{"text": {text}})
		wantSaid(t, found, http.StatusOK, "Ida Berg", "555-0142", "2 jobs")
		path = regexp.MustCompile(`/admin/people/[0-9a-f-]{36}`).FindString(found.Body.String())
	}
	wantSaid(t, ada.get(path), http.StatusOK, "cannot be done yet", open.number, done.number, "7 Test Lane, 37401", "Reasons in their history")
	wantStatus(t, ann.post("/jobs/"+open.id+"/cancellation", o.jobNow(open.id).fields("reason", "customer")), http.StatusOK)

	opened := ada.get(path)
	o.unchanged(func() {
		wantSaid(t, ada.post(path, erasure(t, opened, "word", "yes", "reason", "")), http.StatusUnprocessableEntity, "Type the word", "Say who asked")
		wantSaid(t, ada.post(path, erasure(t, opened, "reason", "Mrs Berg wrote")), http.StatusUnprocessableEntity, "Leave out the name", "Mrs Berg wrote")
		wantSaid(t, ada.post(path, erasure(t, opened, "confirmed", "of another day")), http.StatusConflict, "Something changed", "Asked by letter")
	})
	phone, wall := o.phone(rosa), o.display("north")
	o.sequence()
	address := o.live()
	head, err := o.db.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	north := o.follow(address, ann, "/streams/dispatch/north?after="+head.String())
	wantStatus(t, ada.post(path, erasure(t, opened)), http.StatusSeeOther)
	board := "/dispatch/north?date=" + yesterday
	for range 2 {
		if got := north.next(); got.event != string(events.KindJobUpdated) {
			t.Errorf("the board is sent %s", got.event)
		} else if strings.Contains(got.data, done.id) {
			sameCard(t, "lane", got.data, ann, board, done.id)
		}
	}
	texts := []string{"Ida", "Berg", "555-0142", "Test Lane", "37401", "Brutus"}
	if seen := north.seen.String(); strings.Contains(seen, "Ida") || !strings.Contains(seen, "Erased") {
		t.Errorf("the board was sent %s", seen)
	}
	for _, page := range []string{board, "/jobs/" + done.id, "/jobs/" + open.id, "/events", "/contractors/" + rosa, "/admin/people", "/admin/people?done=erased"} {
		wantUnsaid(t, ada.get(page), texts...)
	}
	wantUnsaid(t, phone.get("/contractor"), texts...)
	wantUnsaid(t, wall.get("/kiosk"), texts...)
	wantSaid(t, ada.get("/admin/people"), http.StatusOK, "Customer ", "Asked by letter", "Ada")
	wantSaid(t, ada.post("/admin/people", url.Values{"text": {"ida"}}), http.StatusOK, "No customer matches.")
	wantStatus(t, ada.post(path, erasure(t, opened)), http.StatusSeeOther)
	wantStatus(t, ada.get(path), http.StatusSeeOther)
}

// TestFormerContractorAndUser erases a contractor and a member of staff from
// their pages, where nothing can be changed after that.
func TestFormerContractorAndUser(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada, rosa := o.person(handlers.RoleAdmin, "Ada").plain(), o.addContractor("north", "Rosa Díaz")
	page := "/contractors/" + rosa
	wantSaid(t, ada.get(page+"/erasure"), http.StatusOK, "This contractor is active.")
	o.exec(`update contractors set active = false where id = $1`, rosa)
	wantSaid(t, ada.get(page), http.StatusOK, page+"/erasure")
	opened := ada.get(page + "/erasure")
	wantSaid(t, ada.post(page+"/erasure", erasure(t, opened, "version", "9")), http.StatusConflict, "Something changed")
	wantStatus(t, ada.post(page+"/erasure", erasure(t, opened)), http.StatusSeeOther)
	wantSaid(t, ada.get(page), http.StatusOK, "Former contractor "+rosa[:4], "Personal data erased.")
	wantUnsaid(t, ada.get(page), "Rosa", "Díaz", page+"/details", page+"/days", page+"/erasure")
	wantStatus(t, ada.get(page+"/erasure"), http.StatusSeeOther)
	wantStatus(t, ada.post(page+"/details", rosaForm(o.contractorVersion(rosa))), http.StatusConflict)

	gone := o.user(handlers.RoleDispatcher, "north")
	page = "/admin/users/" + gone.ID
	wantSaid(t, ada.get(page+"/erasure"), http.StatusOK, "This account is in use.")
	wantStatus(t, ada.actOn(gone.ID, "/state", "state", "disabled"), http.StatusSeeOther)
	wantStatus(t, ada.post(page+"/erasure", erasure(t, ada.get(page+"/erasure"))), http.StatusSeeOther)
	wantSaid(t, ada.get(page), http.StatusOK, "Former user "+gone.ID[:4], "Personal data erased.")
	wantUnsaid(t, ada.get(page), gone.Email, "Enable this account", page+"/erasure")
	wantUnsaid(t, ada.get("/admin/users?state=disabled"), gone.Email)
	wantStatus(t, ada.actOn(gone.ID, "/state", "state", "enabled"), http.StatusConflict)
	wantStatus(t, o.browser().post("/login", url.Values{"email": {gone.ID + "@erased.invalid"}, "password": {goodPassword}}), http.StatusUnauthorized)
	if n := o.count(`select count(*) from erasures where reason = $1`, "Asked by letter"); n != 2 {
		t.Errorf("%d erasures are noted, want 2", n)
	}
}
