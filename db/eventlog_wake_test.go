package db_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events/relay"
)

// idleRelay starts a relay that polls once an hour, so that only a call can
// wake it, and waits until it listens.
func idleRelay(t *testing.T, dsn, name string, poll time.Duration, listen bool) (*db.DB, *seenEvents) {
	t.Helper()
	d := openPool(t, dsn, 4)
	ctx, stop := context.WithCancel(t.Context())
	seen := &seenEvents{started: make(chan struct{})}
	opts := relay.Options{Log: d, Fragments: plainFragments{}, Broker: seen, Wake: d.Wake(), Notifier: d,
		Instance: name, Poll: poll, Logger: slog.New(slog.DiscardHandler)}
	if listen {
		opts.ListenDSN = d.ListenDSN()
	}
	var running sync.WaitGroup
	running.Go(func() {
		if err := relay.New(opts).Run(ctx); err != nil {
			t.Errorf("relay %s: %v", name, err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
	<-seen.started
	return d, seen
}

// listeners counts the connections of the database that listen.
const listeners = `from pg_stat_activity where datname = current_database() and query like 'LISTEN%'`

// waitForListeners waits until n connections listen.
func waitForListeners(t *testing.T, d *db.DB, n int) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for got := -1; got != n; <-ticker.C {
		if err := d.Scan(t.Context(), `select count(*) `+listeners, &got); err != nil {
			t.Fatal(err)
		}
	}
}

// An event of one process reaches the readers of another at once.
func TestRelaysWakeEachOther(t *testing.T) {
	t.Parallel()
	dsn := dbtest.IsolatedDSN(t)
	here, seenHere := idleRelay(t, dsn, "here", time.Hour, true)
	_, seenThere := idleRelay(t, dsn, "there", time.Hour, true)
	waitForListeners(t, openOwner(t, dsn), 2)
	for i := range 20 {
		logEvents(t, here, assigned(uuid.NewString(), uuid.NewString(), "north"))
		if !seenHere.waitFor(i+1, 10*time.Second) || !seenThere.waitFor(i+1, 10*time.Second) {
			t.Fatalf("after event %d: %d seen here, %d there", i+1, seenHere.count(), seenThere.count())
		}
	}
}

func openOwner(t *testing.T, dsn string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{DSN: dsn, AsOwner: true, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// Without LISTEN, the other process finds the event by its poll.
func TestRelayPollsWithoutListen(t *testing.T) {
	t.Parallel()
	dsn := dbtest.IsolatedDSN(t)
	here, _ := idleRelay(t, dsn, "here", time.Hour, false)
	_, seenThere := idleRelay(t, dsn, "there", 100*time.Millisecond, false)
	logEvents(t, here, assigned(uuid.NewString(), uuid.NewString(), "north"))
	if !seenThere.waitFor(1, 10*time.Second) {
		t.Error("the event was not found by polling")
	}
}

// The listening connection is cut again and again: nothing is lost, and when
// it is back, calls are heard again.
func TestRelaySurvivesCutListener(t *testing.T) {
	t.Parallel()
	dsn := dbtest.IsolatedDSN(t)
	owner := openOwner(t, dsn)
	here, _ := idleRelay(t, dsn, "here", time.Hour, false)
	_, polling := idleRelay(t, dsn, "polling", 50*time.Millisecond, true)
	waitForListeners(t, owner, 1)
	cut := 0
	for i := range 60 {
		var n int
		if err := owner.Scan(t.Context(), `select count(pg_terminate_backend(pid)) `+listeners, &n); err != nil {
			t.Fatal(err)
		}
		cut += n
		logEvents(t, here, assigned(uuid.NewString(), uuid.NewString(), "north"))
		if !polling.waitFor(i+1, 10*time.Second) {
			t.Fatalf("event %d did not arrive", i+1)
		}
	}
	if cut < 3 {
		t.Errorf("the connection was cut %d times only", cut)
	}
	// A relay that was cut before and does not poll hears of it all the same,
	// because a new connection makes it look.
	_, idle := idleRelay(t, dsn, "idle", time.Hour, true)
	waitForListeners(t, owner, 2)
	var n int
	if err := owner.Scan(t.Context(), `select count(pg_terminate_backend(pid)) `+listeners, &n); err != nil || n != 2 {
		t.Fatalf("cut %d connections: %v", n, err)
	}
	logEvents(t, here, assigned(uuid.NewString(), uuid.NewString(), "north"))
	if !idle.waitFor(1, 10*time.Second) {
		t.Error("the event was lost with the connection")
	}
}
