package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/handlers"
)

// TestManySlowTries: of the tries at one account above the limit five are slowed
// at once; the others wait for their places, as long as their request lives.
func TestManySlowTries(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	s := newSite(t, func(o *handlers.Options) {
		o.Pause = func(context.Context, time.Duration) error {
			entered <- struct{}{}
			<-release
			return nil
		}
	})
	u := s.user(handlers.RoleAuditor)
	for range 20 {
		wantStatus(t, s.browser().login(u.Email, "x"), http.StatusUnauthorized)
	}
	answers := make(chan int, 5)
	for range 5 {
		go func() { answers <- s.browser().login(u.Email, "x").Code }()
		<-entered
	}
	// One whose request has ended before there is a place for it.
	gone, leave := context.WithCancel(t.Context())
	leave()
	r := httptest.NewRequestWithContext(gone, http.MethodPost, "/login",
		strings.NewReader(url.Values{"email": {u.Email}, "password": {goodPassword}}.Encode()))
	r.Header.Set("Content-Type", echo.MIMEApplicationForm)
	refused := s.browser().do(r)
	if refused.Code != http.StatusTooManyRequests || refused.Header().Get("Retry-After") != "3" {
		t.Errorf("a sixth try without time: %d, Retry-After %q", refused.Code, refused.Header().Get("Retry-After"))
	}
	owner := make(chan int, 1)
	go func() { owner <- s.browser().login(u.Email, goodPassword).Code }()
	release <- struct{}{}
	if code := <-answers; code != http.StatusUnauthorized {
		t.Errorf("a slowed wrong password is %d", code)
	}
	<-entered
	for range 5 {
		release <- struct{}{}
	}
	for range 4 {
		if code := <-answers; code != http.StatusUnauthorized {
			t.Errorf("a slowed wrong password is %d", code)
		}
	}
	if code := <-owner; code != http.StatusSeeOther {
		t.Errorf("the right password above the limit is %d", code)
	}
}
