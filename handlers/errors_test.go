package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/handlers"
)

func TestErrorAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err    error
		status int
		text   string
		retry  string
	}{
		"NotFound":         {fmt.Errorf("job 7: %w", db.ErrNotFound), http.StatusNotFound, "isn&#39;t yours", ""},
		"Unavailable":      {fmt.Errorf("job 7: %w", errors.Join(db.ErrUnavailable, errors.New("dial tcp 10.0.0.5"))), http.StatusServiceUnavailable, "can&#39;t be reached", "5"},
		"NoRoom":           {errors.Join(db.ErrNoRoom, db.ErrUnavailable), http.StatusInsufficientStorage, "disk of the database is full. Nothing was saved.", "60"},
		"AwayWhileLooking": {errors.Join(db.ErrNotFound, db.ErrUnavailable), http.StatusServiceUnavailable, "can&#39;t be reached", "5"},
		"Duplicate":        {db.ErrDuplicate, http.StatusConflict, "one with that name", ""},
		"KeyReused":        {db.ErrKeyReused, http.StatusUnprocessableEntity, "sent before", ""},
		"Invalid":          {&db.Invalid{Field: "start", Message: "is not a time"}, http.StatusUnprocessableEntity, "start: is not a time", ""},
		"Spent":            {db.ErrSpent, http.StatusGone, "used already", ""},
		"Routed":           {echo.ErrMethodNotAllowed, http.StatusMethodNotAllowed, "can&#39;t be done here", ""},
		"Unknown":          {errors.New("pq: column secret_thing"), http.StatusInternalServerError, "broke on our side", ""},
		"EchoFault":        {echo.NewHTTPError(http.StatusBadGateway, "secret_thing"), http.StatusInternalServerError, "broke on our side", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.echo.GET("/test", func(echo.Context) error { return tc.err })
			s.echo.GET("/streams/test", func(echo.Context) error { return tc.err })

			page := s.browser().get("/test")
			wantStatus(t, page, tc.status)
			fragments := s.browser()
			fragments.header.Set("HX-Request-Type", "partial")
			fragment := fragments.get("/test")
			wantStatus(t, fragment, tc.status)
			if !strings.Contains(page.Body.String(), "<html") || strings.Contains(fragment.Body.String(), "<html") {
				t.Error("want a page for a browser and a fragment for htmx")
			}
			for _, body := range []string{page.Body.String(), fragment.Body.String()} {
				if !strings.Contains(body, tc.text) || strings.Contains(body, "secret_thing") || strings.Contains(body, "10.0.0.5") {
					t.Errorf("body: %s", body)
				}
			}
			if got := page.Header().Get("Retry-After"); got != tc.retry {
				t.Errorf("Retry-After is %q, want %q", got, tc.retry)
			}
			if stream := s.browser().get("/streams/test"); stream.Code != tc.status || stream.Body.Len() != 0 {
				t.Errorf("stream: %d %q", stream.Code, stream.Body)
			}
		})
	}
}

func TestOwnFaultsAreLoggedOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]echo.HandlerFunc{
		"Error": func(echo.Context) error { return errors.New("column secret_thing is missing") },
		"Panic": func(echo.Context) error { panic("column secret_thing is missing") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.echo.GET("/test", fault)
			got := s.browser().get("/test")
			wantStatus(t, got, http.StatusInternalServerError)
			id := got.Header().Get("X-Request-Id")
			if !strings.Contains(got.Body.String(), id) {
				t.Error("the page does not name the request")
			}
			errorLine := "level=ERROR msg=\"request failed\" request_id=" + id
			if log := s.log.String(); strings.Count(log, "secret_thing") != 1 || strings.Count(log, errorLine) != 1 {
				t.Errorf("log: %s", log)
			}
		})
	}
}

func TestForbiddenLooksLikeAbsent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.echo.GET("/test/forbidden", func(echo.Context) error { return fmt.Errorf("job of another region: %w", db.ErrNotFound) })
	b := s.signedIn(s.user(handlers.RoleDispatcher))
	forbidden, absent := b.get("/test/forbidden"), b.get("/test/absent")
	wantStatus(t, forbidden, http.StatusNotFound)
	wantStatus(t, absent, http.StatusNotFound)
	if forbidden.Body.String() != absent.Body.String() {
		t.Errorf("the answers differ:\n%s\n%s", forbidden.Body, absent.Body)
	}
}

func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn(s.user(handlers.RoleAuditor))
	wantStatus(t, b.get("/readyz"), http.StatusOK)
	// A database that answers too late is one that is away.
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	away := func(method, target string, want int) {
		t.Helper()
		r := newRequest(target).WithContext(late)
		r.Method = method
		got := b.do(r)
		wantStatus(t, got, want)
		if want == http.StatusServiceUnavailable && got.Header().Get("Retry-After") == "" {
			t.Errorf("%s %s: no Retry-After", method, target)
		}
	}
	away(http.MethodGet, "/", http.StatusServiceUnavailable)
	away(http.MethodGet, "/kiosk", http.StatusServiceUnavailable)
	away(http.MethodGet, "/login", http.StatusOK)
	away(http.MethodGet, "/healthz", http.StatusOK)
	away(http.MethodGet, "/readyz", http.StatusServiceUnavailable)
	away(http.MethodPost, "/login", http.StatusServiceUnavailable)
	away(http.MethodPost, "/link/x", http.StatusServiceUnavailable)
	if !b.signedInNow() {
		t.Error("the session was lost")
	}
}

func TestDrain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.h.Drain()
	wantStatus(t, s.browser().get("/readyz"), http.StatusServiceUnavailable)
	wantStatus(t, s.browser().get("/healthz"), http.StatusOK)
}

func TestGoneClientIsNoFault(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.echo.GET("/test", func(c echo.Context) error { return fmt.Errorf("read: %w", context.Canceled) })
	b := s.browser()
	r := newRequest("/test")
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	b.do(r.WithContext(ctx))
	if log := s.log.String(); strings.Contains(log, "ERROR") {
		t.Errorf("log: %s", log)
	}
	wantStatus(t, b.get("/test"), http.StatusInternalServerError)
	if log := s.log.String(); strings.Count(log, "ERROR") != 1 {
		t.Errorf("cancelled by ourselves: %s", log)
	}
}
