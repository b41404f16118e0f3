package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/handlers"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	region := s.region()
	u := s.user(handlers.RoleDispatcher, region)

	t.Run("RightPassword", func(t *testing.T) {
		b := s.browser()
		wantLocation(t, b.login(strings.ToUpper(u.Email), goodPassword), "/")
		wantLocation(t, b.get("/"), "/dispatch/"+region)
		wantLocation(t, b.get("/login?next=/events"), "/events")
	})
	t.Run("WrongPasswordAndUnknownUserLookAlike", func(t *testing.T) {
		wrong, unknown := s.browser().login(u.Email, goodPassword+"!"), s.browser().login(uuid.NewString()+"@example.com", goodPassword)
		wantStatus(t, wrong, http.StatusUnauthorized)
		wantStatus(t, unknown, http.StatusUnauthorized)
		// The form repeats the address, which is 36 characters and a domain.
		a, b := wrong.Body.String(), unknown.Body.String()
		if len(a) != len(b) || !strings.Contains(a, "do not match an account") {
			t.Errorf("the answers differ:\n%s\n%s", a, b)
		}
		if strings.Contains(a, goodPassword) {
			t.Error("the password is repeated")
		}
	})
	t.Run("DisabledUser", func(t *testing.T) {
		u := s.user(handlers.RoleAuditor)
		if err := s.db.DisableUser(t.Context(), u.ID); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, s.browser().login(u.Email, goodPassword), http.StatusUnauthorized)
	})
	t.Run("PasswordIsNotTrimmed", func(t *testing.T) {
		wantStatus(t, s.browser().login(u.Email, goodPassword+" "), http.StatusUnauthorized)
	})
	t.Run("EmptyFields", func(t *testing.T) {
		wantStatus(t, s.browser().post("/login", nil), http.StatusUnauthorized)
	})
	t.Run("PasswordIsNotLogged", func(t *testing.T) {
		if strings.Contains(s.log.String(), "herons") {
			t.Error("the log holds a password")
		}
	})
}

func TestLoginChangesTheToken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	u := s.user(handlers.RoleAuditor)
	b := s.browser()
	planted := uuid.NewString()
	b.cookies["s"] = &http.Cookie{Name: "s", Value: planted}
	wantStatus(t, b.login(u.Email, goodPassword), http.StatusSeeOther)
	first := b.cookies["s"].Value
	if first == planted {
		t.Fatal("the planted token was taken over")
	}
	wantStatus(t, b.login(u.Email, goodPassword), http.StatusSeeOther)
	second := b.cookies["s"].Value
	if second == first {
		t.Fatal("signing in again kept the token")
	}
	for token, want := range map[string]bool{planted: false, first: false, second: true} {
		b.cookies["s"] = &http.Cookie{Name: "s", Value: token}
		if b.signedInNow() != want {
			t.Errorf("token %s: signed in is %v, want %v", token, !want, want)
		}
	}
}

func TestNextStaysHere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	u := s.user(handlers.RoleAuditor)
	for next, want := range map[string]string{
		"":                             "/",
		"/events?region=north&page=2":  "/events?region=north&page=2",
		"/dispatch/north":              "/dispatch/north",
		"/jobs/1?x=//evil.example":     "/jobs/1?x=//evil.example",
		"//evil.example":               "/",
		"///evil.example":              "/",
		"/\\evil.example":              "/",
		"\\\\evil.example":             "/",
		"/%2fevil.example":             "/",
		"/%5cevil.example":             "/",
		"/\tevil.example":              "/",
		"https://evil.example":         "/",
		"https:evil.example":           "/",
		"javascript:alert(1)":          "/",
		"evil.example":                 "/",
		"/x\r\nSet-Cookie: a=b":        "/",
		"/login?next=/":                "/",
		"/link/abc":                    "/",
		"/streams/dispatch/north":      "/",
		"/" + strings.Repeat("a", 600): "/",
		" /events":                     "/events",
		"/.//evil.example":             "/.//evil.example",
	} {
		got := s.browser().post("/login", url.Values{"email": {u.Email}, "password": {goodPassword}, "next": {next}})
		if got.Code == http.StatusUnprocessableEntity && strings.ContainsAny(next, "\t\r") {
			continue // refused with the whole form
		}
		if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || to != want {
			t.Errorf("next %q: %d to %q, want %q", next, got.Code, to, want)
		}
	}
}

func TestLoginThrottle(t *testing.T) {
	t.Parallel()

	t.Run("Address", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		b, u := s.browser(), s.user(handlers.RoleAuditor)
		for i := range 10 {
			if got := b.login(fmt.Sprintf("nobody%d@example.com", i), "x"); got.Code != http.StatusUnauthorized {
				t.Fatalf("try %d: %d", i+1, got.Code)
			}
			s.clock.advance(time.Second)
		}
		eleventh := b.login(u.Email, goodPassword)
		wantStatus(t, eleventh, http.StatusTooManyRequests)
		if wait, err := strconv.Atoi(eleventh.Header().Get("Retry-After")); err != nil || wait != 170 {
			t.Errorf("Retry-After is %q, want 170", eleventh.Header().Get("Retry-After"))
		}
		neighbour := s.browser()
		neighbour.address = strings.Replace(b.address, "::1]", "::2]", 1)
		wantStatus(t, neighbour.login(u.Email, goodPassword), http.StatusTooManyRequests)
		wantStatus(t, s.browser().login(u.Email, goodPassword), http.StatusSeeOther)
		s.clock.advance(170 * time.Second)
		wantStatus(t, b.login(u.Email, goodPassword), http.StatusSeeOther)
	})
	t.Run("SuccessIsNotCounted", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		b, u := s.browser(), s.user(handlers.RoleAuditor)
		for i := range 12 {
			if got := b.login(u.Email, goodPassword); got.Code != http.StatusSeeOther {
				t.Fatalf("sign-in %d: %d", i+1, got.Code)
			}
		}
	})
	t.Run("Account", func(t *testing.T) {
		t.Parallel()
		paused := make(chan time.Duration, 100)
		s := newSite(t, func(o *handlers.Options) {
			o.Pause = func(_ context.Context, d time.Duration) error { paused <- d; return nil }
		})
		u := s.user(handlers.RoleAuditor)
		for i := range 20 {
			if got := s.browser().login(u.Email, "x"); got.Code != http.StatusUnauthorized {
				t.Fatalf("try %d: %d", i+1, got.Code)
			}
		}
		if n := len(paused); n != 0 {
			t.Fatalf("%d of the first 20 were slowed", n)
		}
		wantStatus(t, s.browser().login(u.Email, "x"), http.StatusUnauthorized)
		wantStatus(t, s.browser().login(strings.ToUpper(u.Email), goodPassword), http.StatusSeeOther)
		wantStatus(t, s.browser().login(s.user(handlers.RoleAuditor).Email, goodPassword), http.StatusSeeOther)
		s.clock.advance(time.Hour)
		wantStatus(t, s.browser().login(u.Email, goodPassword), http.StatusSeeOther)
		if close(paused); len(paused) != 2 {
			t.Errorf("%d were slowed, want the wrong and the right try above the limit", len(paused))
		}
		for d := range paused {
			if d != 3*time.Second {
				t.Errorf("slowed by %s", d)
			}
		}
	})
	t.Run("ForwardedAddress", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		b := s.browser()
		for i := range 10 {
			b.header.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
			b.header.Set("X-Real-Ip", fmt.Sprintf("198.51.100.%d", i))
			b.login("nobody@example.com", "x")
		}
		wantStatus(t, b.login("nobody@example.com", "x"), http.StatusTooManyRequests)
	})
	t.Run("BehindProxy", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, func(o *handlers.Options) { o.BehindProxy = true })
		b := s.browser()
		b.address = "127.0.0.1:4711"
		for i := range 11 {
			b.header.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
			wantStatus(t, b.login(uuid.NewString(), "x"), http.StatusUnauthorized)
		}
	})
}

func TestLogout(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn(s.user(handlers.RoleAuditor))
	token := b.cookies["s"]
	wantStatus(t, b.get("/logout"), http.StatusMethodNotAllowed)
	if !b.signedInNow() {
		t.Fatal("GET /logout signed out")
	}
	wantLocation(t, b.post("/logout", nil), "/login")
	if _, kept := b.cookies["s"]; kept {
		t.Error("the cookie was not removed")
	}
	b.cookies["s"] = token
	if b.signedInNow() {
		t.Error("the old cookie still opens the session")
	}
	wantLocation(t, s.browser().post("/logout", nil), "/login")
}

func TestHome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	wantLocation(t, s.signedIn(s.user(handlers.RoleDispatcher)).get("/"), "/dispatch/unrouted")
	for _, role := range []string{handlers.RoleAdmin, handlers.RoleAuditor} {
		s.region()
		got := s.signedIn(s.user(role)).get("/")
		wantStatus(t, got, http.StatusSeeOther)
		if to := got.Header().Get("Location"); !strings.HasPrefix(to, "/dispatch/") || to == "/dispatch/unrouted" {
			t.Errorf("%s is sent to %q, want a region", role, to)
		}
	}
}
