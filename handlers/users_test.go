package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/handlers"
)

const otherPassword = "eleven other herons"

// linkIn finds the link that a page shows, without the server's name.
func linkIn(t testing.TB, got *httptest.ResponseRecorder) string {
	t.Helper()
	wantStatus(t, got, http.StatusOK)
	found := regexp.MustCompile(`value="http://[^"/]+(/password/[A-Za-z0-9_-]{43})"`).FindStringSubmatch(got.Body.String())
	if found == nil {
		t.Fatalf("no link in %s", got.Body)
	}
	return found[1]
}

// invitation is the form that invites somebody.
func invitation(email, role string, regions ...string) url.Values {
	return url.Values{"name": {"Ida Berg"}, "email": {email}, "role": {role}, "regions": regions, "idempotency_key": {uuid.NewString()}}
}

func (b *browser) choose(link, password string) *httptest.ResponseRecorder {
	return b.post(link, url.Values{"password": {password}, "again": {password}})
}

func (s *site) personNow(id string) db.Person {
	s.t.Helper()
	p, err := s.db.PersonByID(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// actOn posts one of the forms of a user's page as it is now.
func (b *browser) actOn(id, form string, more ...string) *httptest.ResponseRecorder {
	f := url.Values{"version": {strconv.Itoa(b.site.personNow(id).Version)}}
	for i := 0; i+1 < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return b.post("/admin/users/"+id+form, f)
}

// TestInvitation follows an invitation from the form to the first sign-in.
func TestInvitation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	region := s.region()
	ada := s.signedIn(s.user(handlers.RoleAdmin))
	email := uuid.NewString() + "@example.com"
	link := linkIn(t, ada.post("/admin/users", invitation(email, handlers.RoleDispatcher, region)))

	ida := s.browser()
	got := ida.get(link)
	wantStatus(t, got, http.StatusOK)
	if got.Header().Get("Referrer-Policy") != "no-referrer" || got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the page of the link has the headers %v", got.Header())
	}
	wantStatus(t, ida.get(link), http.StatusOK) // looking uses nothing up
	for words, fields := range map[string]url.Values{
		"shorter than 12":    {"password": {"short"}, "again": {"short"}},
		"not the same":       {"password": {otherPassword}, "again": {otherPassword + "x"}},
		"too few different":  {"password": {"aaaaaaaaaaaaaaa"}, "again": {"aaaaaaaaaaaaaaa"}},
		"among the first th": {"password": {email}, "again": {email}},
	} {
		got := ida.post(link, fields)
		wantStatus(t, got, http.StatusUnprocessableEntity)
		if body := got.Body.String(); !strings.Contains(body, words) || strings.Contains(body, otherPassword) {
			t.Errorf("%s: %s", words, body)
		}
	}
	wantLocation(t, ida.choose(link, otherPassword), "/login?done=password")
	wantStatus(t, ida.get(link), http.StatusGone)
	wantStatus(t, s.browser().choose(link, otherPassword), http.StatusGone)
	if ida.signedInNow() {
		t.Error("the link alone signed in")
	}
	wantLocation(t, ida.login(email, otherPassword), "/")
	wantLocation(t, ida.get("/"), "/dispatch/"+region)
	token := strings.TrimPrefix(link, "/password/")
	if log := s.log.String(); strings.Contains(log, token) || strings.Contains(log, "herons") || !strings.Contains(log, "/password/[token]") {
		t.Error("the log holds a token or a password, or not that the link was opened")
	}
}

func TestInvitationRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	region := s.region()
	ada := s.signedIn(s.user(handlers.RoleAdmin))
	taken := s.user(handlers.RoleAuditor)
	for words, f := range map[string]url.Values{
		"has an account already":     invitation(strings.ToUpper(taken.Email), handlers.RoleAuditor),
		"not an e-mail address":      invitation("ida", handlers.RoleAuditor),
		"at least one region":        invitation("ida@example.com", handlers.RoleDispatcher),
		"Choose what this person":    invitation("ida@example.com", handlers.RoleContractor),
		"Choose regions from the":    invitation("ida@example.com", handlers.RoleDispatcher, region, "nowhere"),
		"Give the e-mail address to": invitation("", handlers.RoleAuditor),
	} {
		got := ada.post("/admin/users", f)
		wantStatus(t, got, http.StatusUnprocessableEntity)
		if !strings.Contains(got.Body.String(), words) || !strings.Contains(got.Body.String(), `value="Ida Berg"`) {
			t.Errorf("%q is missing, or what was typed: %s", words, got.Body)
		}
	}
	f := invitation(uuid.NewString()+"@example.com", handlers.RoleAuditor)
	first := linkIn(t, ada.post("/admin/users", f))
	second := linkIn(t, ada.post("/admin/users", f))
	wantStatus(t, s.browser().get(first), http.StatusGone)
	wantStatus(t, s.browser().get(second), http.StatusOK)
}

// TestEditUser: changed rights count at once, a stale form changes nothing and
// says what is true now.
func TestEditUser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	north, south := s.region(), s.region()
	ada := s.signedIn(s.user(handlers.RoleAdmin))
	u := s.user(handlers.RoleDispatcher, north)
	b := s.signedIn(u)
	opened := strconv.Itoa(s.personNow(u.ID).Version)
	wantLocation(t, ada.actOn(u.ID, "", "name", "Ann B", "role", "dispatcher", "regions", south), "/admin/users/"+u.ID+"?done=saved")
	wantLocation(t, b.get("/"), "/dispatch/"+south)

	stale := ada.post("/admin/users/"+u.ID, url.Values{"version": {opened}, "name": {"Ann C"}, "role": {"auditor"}})
	wantStatus(t, stale, http.StatusConflict)
	for _, part := range []string{"Ann C", "Ann B", south, "Somebody changed this"} {
		if !strings.Contains(stale.Body.String(), part) {
			t.Errorf("the conflict does not name %q", part)
		}
	}
	wantStatus(t, ada.post("/admin/users/"+u.ID+"/state", url.Values{"version": {opened}, "state": {"disabled"}}), http.StatusConflict)
	wantStatus(t, ada.post("/admin/users/"+u.ID+"/link", url.Values{"version": {opened}}), http.StatusConflict)
	if p := s.personNow(u.ID); p.Name != "Ann B" || p.Role != handlers.RoleDispatcher || p.Disabled {
		t.Errorf("a stale form changed him: %+v", p)
	}

	wantStatus(t, ada.actOn(u.ID, "/state", "state", "disabled"), http.StatusSeeOther)
	if b.signedInNow() {
		t.Error("a disabled user is let in")
	}
	wantStatus(t, ada.actOn(u.ID, "/link"), http.StatusNotFound)
	wantStatus(t, ada.actOn(u.ID, "/state", "state", "enabled"), http.StatusSeeOther)
	wantLocation(t, s.browser().login(u.Email, goodPassword), "/")
}

// TestAdminsStay: nobody locks himself out, and one administrator stays.
func TestAdminsStay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first, second := o.user(handlers.RoleAdmin), o.user(handlers.RoleAdmin)
	ada := o.signedIn(first)
	wantStatus(t, ada.actOn(first.ID, "/state", "state", "disabled"), http.StatusConflict)
	wantStatus(t, ada.actOn(second.ID, "/state", "state", "disabled"), http.StatusSeeOther)
	got := ada.actOn(first.ID, "", "name", "Ada", "role", "auditor")
	wantStatus(t, got, http.StatusUnprocessableEntity)
	if !strings.Contains(got.Body.String(), "last active administrator") || o.personNow(first.ID).Role != handlers.RoleAdmin {
		t.Errorf("the last administrator gave up the role: %s", got.Body)
	}
}

// TestPasswordLink: a link of an administrator changes nothing before it is
// used, and then ends all sessions.
func TestPasswordLink(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ada := s.signedIn(s.user(handlers.RoleAdmin))
	u := s.user(handlers.RoleAuditor)
	b := s.signedIn(u)
	link := linkIn(t, ada.actOn(u.ID, "/link"))
	if !b.signedInNow() {
		t.Error("making a link ended a session")
	}
	wantLocation(t, s.browser().login(u.Email, goodPassword), "/")
	wantStatus(t, s.browser().choose(link, otherPassword), http.StatusSeeOther)
	if b.signedInNow() {
		t.Error("the session outlives the password")
	}
	wantStatus(t, s.browser().login(u.Email, goodPassword), http.StatusUnauthorized)
	wantLocation(t, s.browser().login(u.Email, otherPassword), "/")

	old := linkIn(t, ada.actOn(u.ID, "/link"))
	s.clock.advance(72*time.Hour + time.Minute)
	wantStatus(t, s.browser().choose(old, otherPassword), http.StatusGone)
}

// TestPasswordLinkThrottle: links cannot be guessed fast, and a wrong password
// does not count as a guess.
func TestPasswordLinkThrottle(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ada := s.signedIn(s.user(handlers.RoleAdmin))
	link := linkIn(t, ada.actOn(s.user(handlers.RoleAuditor).ID, "/link"))
	b := s.browser()
	for range 12 {
		wantStatus(t, b.choose(link, "short"), http.StatusUnprocessableEntity)
	}
	for range 10 {
		wantStatus(t, b.choose("/password/"+uuid.NewString(), otherPassword), http.StatusGone)
	}
	wantStatus(t, b.choose(link, otherPassword), http.StatusTooManyRequests)
	wantStatus(t, s.browser().choose(link, otherPassword), http.StatusSeeOther)
}

// TestSessionsOfOthers: an administrator sees where somebody is signed in and
// ends one place or all; a contractor's phones too.
func TestSessionsOfOthers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada := o.signedIn(o.user(handlers.RoleAdmin))
	one := o.addContractor("north", "One")
	phone := o.browser()
	phone.header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36")
	token, _, err := o.db.CreateContractorLink(t.Context(), one, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, phone.post("/link/"+token, nil), http.StatusSeeOther)
	tablet := o.phone(one)

	people, err := o.db.People(t.Context(), db.PeopleFilter{Role: handlers.RoleContractor, Limit: 2})
	if err != nil || len(people) != 1 {
		t.Fatalf("contractors who signed in: %+v, %v", people, err)
	}
	id := people[0].ID
	got := ada.get("/admin/users/" + id).Body.String()
	if !strings.Contains(got, "Chrome on Android") || !strings.Contains(got, "Unknown device") || strings.Contains(got, "contractors.invalid") {
		t.Errorf("the page of a contractor: %s", got)
	}
	session := regexp.MustCompile(`name="session" value="([^"]+)"[^>]*> *<button[^>]*aria-label="Sign out Chrome on Android`).FindStringSubmatch(got)
	if session == nil {
		t.Fatalf("no button for the phone: %s", got)
	}
	end := func(which string) {
		t.Helper()
		wantStatus(t, ada.post("/admin/users/"+id+"/sessions", url.Values{"session": {which}}), http.StatusSeeOther)
	}
	end(session[1])
	end(session[1]) // again is no error
	if phone.signedInNow() || !tablet.signedInNow() {
		t.Error("not the phone alone was signed out")
	}
	end("all")
	if tablet.signedInNow() {
		t.Error("signed out everywhere, but for the tablet")
	}
	wantStatus(t, ada.actOn(id, "", "name", "x", "role", "admin"), http.StatusNotFound)
	wantStatus(t, ada.actOn(id, "/link"), http.StatusNotFound)
}

func TestUsersList(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada := o.signedIn(o.user(handlers.RoleAdmin))
	o.exec(`insert into users (email, name, role) select 'p' || n || '@example.com', 'Person ' || lpad(n::text, 3, '0'), 'auditor' from generate_series(1, 60) n`)
	first := ada.get("/admin/users?q=person").Body.String()
	if !strings.Contains(first, "Person 050") || strings.Contains(first, "Person 051") || !strings.Contains(first, "page=2&amp;q=person") {
		t.Errorf("the first page: %s", first)
	}
	second := ada.get("/admin/users?q=person&page=2").Body.String()
	if strings.Contains(second, "Person 050") || !strings.Contains(second, "Person 060") || strings.Contains(second, "page=3") {
		t.Errorf("the second page: %s", second)
	}
	for _, target := range []string{"?page=-1", "?page=99999999999999999999", "?q=%25", "?role=nobody", "?state=nothing", "?q=%00"} {
		if got := ada.get("/admin/users" + target); got.Code >= 500 {
			t.Errorf("%s: %d", target, got.Code)
		}
	}
}

// TestPageOfUsersThatIsGone: a number above the last page shows the last one, with
// the way back from there.
func TestPageOfUsersThatIsGone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada := o.signedIn(o.user(handlers.RoleAdmin))
	o.exec(`insert into users (email, name, role) select 'u' || n || '@example.com', 'U ' || to_char(n, '000'), 'auditor' from generate_series(1, 101) n`)
	for query, want := range map[string]string{
		"role=auditor&page=3": "U  101", "role=auditor&page=4": "U  101", "role=auditor&page=999": "U  101",
		"role=auditor&q=U++100&page=9": "U  100", "role=dispatcher&page=7": "Nobody",
	} {
		got := ada.get("/admin/users?" + query)
		if !strings.Contains(got.Body.String(), want) || strings.Contains(got.Body.String(), "U  050") {
			t.Errorf("%s: %d without %s", query, got.Code, want)
		}
		if strings.HasPrefix(query, "role=auditor&page") && !strings.Contains(got.Body.String(), "page=2") {
			t.Errorf("%s: no way back to page 2", query)
		}
	}
}
