package handlers_test

import (
	"bufio"
	"context"
	"database/sql"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"smartscheduler/db/dbtest"
	"smartscheduler/events"
	"smartscheduler/events/broker"
	"smartscheduler/handlers"
)

// askStream asks for a stream as b over a real connection, from behind a proxy
// that names the address.
func askStream(t *testing.T, server string, b *browser, path, address string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	if address != "" {
		r.Header.Set("X-Forwarded-For", address)
	}
	transport := &http.Transport{}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = resp.Body.Close()
		transport.CloseIdleConnections()
	})
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s is %d", path, resp.StatusCode)
	}
	return resp
}

// wantHello reads the first frame of a stream.
func wantHello(t *testing.T, resp *http.Response) {
	t.Helper()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && lines.Text() != "" {
		if lines.Text() == "event: hello" {
			return
		}
	}
	t.Error("the stream did not say hello first")
}

// wantUnavailable reads a stream to its end.
func wantUnavailable(t *testing.T, resp *http.Response, retry string) {
	t.Helper()
	text, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(text), "event: unavailable\n") || !strings.Contains(string(text), "retry: "+retry+"\n") {
		t.Errorf("got %q, %v", text, err)
	}
}

// TestStreamsOfOneAddress: the bound is of the client's address, not of the
// proxy's, and not of this machine, where a proxy may be that nobody declared.
func TestStreamsOfOneAddress(t *testing.T) {
	t.Parallel()
	b := broker.New(broker.Options{MaxPerAddress: 1})
	t.Cleanup(b.Close)
	b.SetHead(events.Position{Epoch: 1})
	s := newSite(t, func(o *handlers.Options) { o.Broker, o.BehindProxy = b, true })
	server := listen(t, s)
	ann, bo := s.signedIn(s.user(handlers.RoleAdmin)), s.signedIn(s.user(handlers.RoleAdmin))
	path := "/streams/dispatch/" + s.region()
	wantHello(t, askStream(t, server, ann, path, "198.51.100.7"))
	wantUnavailable(t, askStream(t, server, bo, path, "198.51.100.7"), "30000")
	wantHello(t, askStream(t, server, bo, path, "198.51.100.8"))
	for range 2 {
		wantHello(t, askStream(t, server, bo, path, ""))
	}
}

// TestStreamDoesNotWaitForTheDatabase: while the database makes no answer a
// stream is answered soon, in-band, so that the client comes back by itself.
func TestStreamDoesNotWaitForTheDatabase(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"sessions", "regions"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			b := broker.New(broker.Options{})
			t.Cleanup(b.Close)
			// Only our own bound is to end the wait.
			dsn := dbtest.IsolatedDSN(t) + " lock_timeout=0 statement_timeout=0"
			s := newSite(t, func(o *handlers.Options) { o.Broker = b })
			s.db = openPool(t, dsn, 4)
			s.h = handlers.New(handlers.Options{DB: s.db, Broker: b, Now: s.clock.Now})
			s.echo = s.h.Echo()
			owner, err := sql.Open("postgres", dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = owner.Close() }()
			s.owner = owner
			ann := s.signedIn(s.user(handlers.RoleAdmin))
			tx, err := owner.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback() }()
			if _, err := tx.ExecContext(t.Context(), "lock table "+table+" in access exclusive mode"); err != nil {
				t.Fatal(err)
			}
			// Without our bound the connection to the database gives up after 6 s.
			ctx, cancel := context.WithTimeout(t.Context(), 5500*time.Millisecond)
			defer cancel()
			rec := ann.do(httptest.NewRequestWithContext(ctx, http.MethodGet, "/streams/dispatch/unrouted", nil))
			if ctx.Err() != nil || rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "event: unavailable\n") {
				t.Errorf("%v; %d %q", ctx.Err(), rec.Code, rec.Body)
			}
		})
	}
}
