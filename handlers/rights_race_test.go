package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"smartscheduler/handlers"
)

// duringSignIn signs somebody in again and again, and takes his right to it
// away at one moment after another: whenever the server looks at the clock.
// prepare returns the attempt and how to take the right away.
func duringSignIn(t *testing.T, refused int, prepare func(s *site) (attempt func(b *browser) *httptest.ResponseRecorder, lose func() error)) {
	t.Helper()
	var calls atomic.Int64
	var at atomic.Pointer[func()]
	s := newSite(t, func(opts *handlers.Options) {
		now := opts.Now
		opts.Now = func() time.Time {
			if f := at.Load(); f != nil && calls.Add(-1) == 0 {
				(*f)()
			}
			return now()
		}
	})
	moments := 0
	for {
		attempt, lose := prepare(s)
		lost := false
		hook := func() {
			lost = true
			if err := lose(); err != nil {
				t.Error(err)
			}
		}
		calls.Store(int64(moments + 1))
		at.Store(&hook)
		b := s.browser()
		got := attempt(b)
		at.Store(nil)
		if !lost {
			wantStatus(t, got, http.StatusSeeOther)
			break
		}
		moments++
		wantStatus(t, got, refused)
		if len(b.cookies) > 0 || b.signedInNow() {
			t.Errorf("at moment %d somebody got in", moments)
		}
	}
	// The last moment lies after the proof was looked at.
	if moments < 3 {
		t.Errorf("the right was lost at %d moments only", moments)
	}
}

// TestP15PasswordChangesDuringSignIn shows that the old password lets nobody in
// once it was changed, at whatever moment of a sign-in that happens.
func TestP15PasswordChangesDuringSignIn(t *testing.T) {
	t.Parallel()
	duringSignIn(t, http.StatusUnauthorized, func(s *site) (func(b *browser) *httptest.ResponseRecorder, func() error) {
		u := s.user(handlers.RoleAuditor)
		return func(b *browser) *httptest.ResponseRecorder { return b.login(u.Email, goodPassword) },
			func() error { return s.db.SetPassword(context.Background(), u.ID, "eleven other herons") }
	})
}

// TestP15LinkIsRevokedDuringSignIn shows that a contractor's link lets nobody in
// once it was revoked, at whatever moment of its use that happens.
func TestP15LinkIsRevokedDuringSignIn(t *testing.T) {
	t.Parallel()
	duringSignIn(t, http.StatusGone, func(s *site) (func(b *browser) *httptest.ResponseRecorder, func() error) {
		id := s.contractor(s.region())
		token, _, err := s.db.CreateContractorLink(context.Background(), id, s.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return func(b *browser) *httptest.ResponseRecorder { return b.post("/link/"+token, nil) },
			func() error {
				_, err := s.db.RevokeContractorLinks(context.Background(), id)
				return err
			}
	})
}
