package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"smartscheduler/handlers"
)

func (b *browser) enrol(code string) *httptest.ResponseRecorder {
	return b.post("/kiosk/enrol", url.Values{"code": {code}})
}

func TestKioskEnrol(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	region := s.region()
	code := func() string {
		t.Helper()
		code, err := s.db.CreateKioskCode(t.Context(), region, "", s.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	isForm := func(got *httptest.ResponseRecorder) bool {
		return strings.Contains(got.Body.String(), `action="/kiosk/enrol"`)
	}

	t.Run("OnceOnly", func(t *testing.T) {
		c := code()
		b := s.browser()
		if got := b.get("/kiosk"); got.Code != http.StatusOK || !isForm(got) {
			t.Fatalf("before: %d %s", got.Code, got.Body)
		}
		wantLocation(t, b.enrol(strings.ToLower(c)), "/kiosk")
		got := b.get("/kiosk")
		wantStatus(t, got, http.StatusOK)
		if isForm(got) || strings.Contains(got.Body.String(), b.cookies["k"].Value) {
			t.Errorf("after: %s", got.Body)
		}
		if len(got.Result().Cookies()) != 1 {
			t.Error("the wall does not renew its cookie")
		}
		wantLocation(t, b.get("/"), "/kiosk")
		again := s.browser()
		got = again.enrol(c)
		wantStatus(t, got, http.StatusUnprocessableEntity)
		if !isForm(got) || len(again.cookies) != 0 {
			t.Errorf("second use: %v %s", again.cookies, got.Body)
		}
	})
	t.Run("Expired", func(t *testing.T) {
		c := code()
		s.clock.advance(10 * time.Minute)
		wantStatus(t, s.browser().enrol(c), http.StatusUnprocessableEntity)
	})
	t.Run("Revoked", func(t *testing.T) {
		b := s.browser()
		wantLocation(t, b.enrol(code()), "/kiosk")
		a, err := s.db.KioskByToken(t.Context(), b.cookies["k"].Value, s.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.db.RevokeKiosk(t.Context(), a.KioskID); err != nil {
			t.Fatal(err)
		}
		if got := b.get("/kiosk"); !isForm(got) {
			t.Errorf("a revoked display sees %s", got.Body)
		}
		wantLocation(t, b.get("/"), "/login")
	})
	t.Run("LastSeenOncePerMinute", func(t *testing.T) {
		b := s.browser()
		wantLocation(t, b.enrol(code()), "/kiosk")
		seen := func() time.Time {
			a, err := s.db.KioskByToken(t.Context(), b.cookies["k"].Value, s.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			return a.LastSeen
		}
		start := seen()
		s.clock.advance(59 * time.Second)
		b.get("/kiosk")
		if !seen().Equal(start) {
			t.Error("recorded within the minute")
		}
		s.clock.advance(time.Second)
		b.get("/kiosk")
		if got := seen().Sub(start); got != time.Minute {
			t.Errorf("recorded %s after the first visit, want a minute", got)
		}
	})
	t.Run("BesideAPerson", func(t *testing.T) {
		b := s.signedIn(s.user(handlers.RoleDispatcher, region))
		wantLocation(t, b.enrol(code()), "/kiosk")
		if got := b.get("/kiosk"); isForm(got) {
			t.Error("the wall is hidden by the person's session")
		}
		wantLocation(t, b.get("/"), "/dispatch/"+region)
	})
	t.Run("PersonIsNoDisplay", func(t *testing.T) {
		if got := s.signedIn(s.user(handlers.RoleAdmin)).get("/kiosk"); got.Code != http.StatusOK || !isForm(got) {
			t.Errorf("an admin without a display gets %d %s", got.Code, got.Body)
		}
	})
	t.Run("Throttled", func(t *testing.T) {
		b := s.browser()
		for range 10 {
			wantStatus(t, b.enrol("00000-00000"), http.StatusUnprocessableEntity)
		}
		got := b.enrol(code())
		wantStatus(t, got, http.StatusTooManyRequests)
		if got.Header().Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	})
	t.Run("NewTokenEveryDay", func(t *testing.T) {
		b := s.browser()
		wantLocation(t, b.enrol(code()), "/kiosk")
		first := b.cookies["k"]
		b.get("/kiosk")
		if b.cookies["k"].Value != first.Value {
			t.Error("the token of today was replaced")
		}
		s.clock.advance(24 * time.Hour)
		if got := b.get("/kiosk"); isForm(got) || b.cookies["k"].Value == first.Value {
			t.Fatal("the token of yesterday was kept")
		}
		if got := b.get("/kiosk"); isForm(got) {
			t.Fatal("the new token shows no wall")
		}
		late := s.browser()
		late.cookies["k"] = first
		if isForm(late.get("/kiosk")) {
			t.Error("the token of yesterday was worth nothing at once")
		}
		s.clock.advance(10 * time.Minute)
		if got := late.get("/kiosk"); !isForm(got) || !strings.Contains(got.Body.String(), "given a new key") {
			t.Errorf("ten minutes later the token of yesterday shows %s", got.Body)
		}
	})
}
