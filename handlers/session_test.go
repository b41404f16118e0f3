package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/handlers"
)

func TestSessionLifetime(t *testing.T) {
	t.Parallel()
	for role, life := range map[string]struct{ idle, absolute time.Duration }{
		handlers.RoleAdmin:      {30 * time.Minute, 12 * time.Hour},
		handlers.RoleDispatcher: {12 * time.Hour, 24 * time.Hour},
		handlers.RoleAuditor:    {12 * time.Hour, 24 * time.Hour},
	} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			u := s.user(role)
			idle, busy := s.signedIn(u), s.signedIn(u)
			// A visit may be recorded up to a minute late.
			const margin = 2 * time.Minute
			step := life.idle - margin
			s.clock.advance(step)
			if !busy.signedInNow() {
				t.Fatal("ended before the idle limit")
			}
			s.clock.advance(2 * margin)
			if idle.signedInNow() {
				t.Error("idle session lives on")
			}
			for passed := life.idle + margin; passed < life.absolute-margin; passed += step {
				if !busy.signedInNow() {
					t.Fatalf("busy session ended after %s", passed)
				}
				s.clock.advance(min(step, life.absolute-margin-passed))
			}
			if !busy.signedInNow() {
				t.Fatal("busy session ended before the absolute limit")
			}
			s.clock.advance(2 * margin)
			if busy.signedInNow() {
				t.Error("busy session outlives the absolute limit")
			}
		})
	}
}

func TestStreamIsNoActivity(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn(s.user(handlers.RoleAdmin))
	s.clock.advance(29 * time.Minute)
	b.get("/streams/nothing")
	s.clock.advance(2 * time.Minute)
	if b.signedInNow() {
		t.Error("asking for a stream kept the session alive")
	}
}

func TestRightsApplyAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	north, south := s.region(), s.region()
	u := s.user(handlers.RoleDispatcher, north)
	b := s.signedIn(u)
	wantLocation(t, b.get("/"), "/dispatch/"+north)
	if err := s.db.SetUserRole(t.Context(), u.ID, "dispatcher", []string{south}); err != nil {
		t.Fatal(err)
	}
	wantLocation(t, b.get("/"), "/dispatch/"+south)
	if err := s.db.DisableUser(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	if b.signedInNow() {
		t.Error("a disabled user is still let in")
	}
}

func TestCookieFlags(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		s := newSite(t, func(o *handlers.Options) { o.Secure = secure })
		prefix := ""
		if secure {
			prefix = "__Host-"
		}
		login := s.browser().login(s.user(handlers.RoleAuditor).Email, goodPassword)
		wantCookie(t, login, prefix+"s", secure, 24*time.Hour)
		code, err := s.db.CreateKioskCode(t.Context(), s.region(), "", s.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		wantCookie(t, s.browser().enrol(code), prefix+"k", secure, 400*24*time.Hour)
	}
}

func wantCookie(t *testing.T, got *httptest.ResponseRecorder, name string, secure bool, life time.Duration) {
	t.Helper()
	cookies := got.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies, want %s alone", len(cookies), name)
	}
	c := cookies[0]
	if c.Name != name || c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" ||
		c.Domain != "" || c.MaxAge != int(life/time.Second) || len(c.Value) != 43 {
		t.Errorf("cookie is %q", c.String())
	}
}

func TestNotSignedIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()

	wantLocation(t, b.get("/"), "/login")

	b.header.Set("HX-Request-Type", "partial")
	got := b.get("/")
	wantStatus(t, got, http.StatusUnauthorized)
	if got.Header().Get("HX-Redirect") != "/login" || strings.Contains(got.Body.String(), "<html") {
		t.Errorf("htmx is told to go to %q with %.100q", got.Header().Get("HX-Redirect"), got.Body)
	}
}

func TestPrincipal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name          string
		account       db.Account
		own, other    bool
		unrouted      bool
		seeOwn, seeAt bool
	}{
		{"Admin", db.Account{Role: "admin"}, true, true, true, true, true},
		{"Dispatcher", db.Account{Role: "dispatcher", Regions: []string{"north"}}, true, false, true, true, false},
		{"Auditor", db.Account{Role: "auditor"}, false, false, false, true, true},
		{"Contractor", db.Account{Role: "contractor", ContractorID: "c"}, false, false, false, false, false},
		{"Kiosk", db.Account{Role: "kiosk", KioskRegion: "north"}, false, false, false, false, false},
		{"Nobody", db.Account{}, false, false, false, false, false},
		{"RegionsWithoutRole", db.Account{Role: "contractor", Regions: []string{"north"}}, false, false, false, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := handlers.PrincipalOf(tc.account)
			got := []bool{p.MayDispatch("north"), p.MayDispatch("south"), p.MayDispatch("unrouted"), p.MaySee("north"), p.MaySee("south")}
			want := []bool{tc.own, tc.other, tc.unrouted, tc.seeOwn, tc.seeAt}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("rights are %v, want %v", got, want)
					break
				}
			}
		})
	}
}
