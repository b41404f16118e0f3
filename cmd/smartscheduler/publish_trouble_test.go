package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smartscheduler/events"
)

// mine is the log of a relay that blows up when it is stepped on.
type mine struct {
	relayLog
	armed atomic.Bool
	blown atomic.Int64
}

// After implements relay.Log.
func (m *mine) After(ctx context.Context, pos int64, limit int) ([]events.Logged, error) {
	if m.armed.Load() {
		m.blown.Add(1)
		panic("stepped on a mine")
	}
	return m.relayLog.After(ctx, pos, limit)
}

// startMined is startProgram with a relay that panics while the mine is armed; what
// is to be different is changed before it runs.
func startMined(t testing.TB, dsn string, change ...func(*app)) (base string, a *app, m *mine) {
	t.Helper()
	log := &transcript{}
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil))) // as run does
	env := map[string]string{"DATABASE_URL": dsn, "ADDR": "127.0.0.1:0", "ADMIN_ADDR": "127.0.0.1:0"}
	cfg, err := readConfig(nil, func(name string) string { return env[name] }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if a, err = newApp(ctx, cfg, dsn); err != nil {
		cancel()
		t.Fatal(err)
	}
	m = &mine{relayLog: relayLog{a.relayDB, a.replayDB, a.outage}}
	a.relay = a.newRelay(m)
	for _, c := range change {
		c(a)
	}
	doors, err := console{}.open(ctx, cfg)
	if err != nil {
		cancel()
		a.close()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx, doors) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		a.close()
		if t.Failed() {
			t.Logf("the program complained:\n%s", log.troubles())
		}
	})
	return doors.base(), a, m
}

// stopwatch measures the forms that pass through it.
type stopwatch struct {
	http.RoundTripper
	mu   sync.Mutex
	took []time.Duration
}

// RoundTrip implements http.RoundTripper.
func (s *stopwatch) RoundTrip(r *http.Request) (*http.Response, error) {
	begun := time.Now()
	resp, err := s.RoundTripper.RoundTrip(r)
	if r.Method == http.MethodPost {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.took = append(s.took, time.Since(begun))
	}
	return resp, err
}

// lap returns the median and the 99th percentile since the last lap.
func (s *stopwatch) lap() (n int, p50, p99 time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.took)
	n = len(s.took)
	if n > 0 {
		p50, p99 = s.took[n/2], s.took[n*99/100]
	}
	s.took = nil
	return n, p50, p99
}

// harass ends the listening connection every second, and arms the mine for half
// of each, until stop is closed. It returns how many connections it ended.
func (w *world) harass(m *mine, stop <-chan struct{}) (ended int) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		m.armed.Store(!m.armed.Load())
		if m.armed.Load() {
			ended += ask[int](w, `select count(pg_terminate_backend(pid)) from pg_stat_activity
			  where datname = current_database() and (query ilike 'listen %' or query = '')`) // it says nothing but LISTEN and pings
		}
		select {
		case <-stop:
			m.armed.Store(false)
			return ended
		case <-tick.C:
		}
	}
}

// TestP08PublishingCannotHurt shows that every valid assignment is saved at the
// first try while the relay panics again and again, the connection that listens
// is ended every second, readers have stopped reading and no further stream is
// let in, and that afterwards the streams have everything within 2 s.
// SOAK=1 makes it a minute instead of 10 s, and prints how long forms take.
func TestP08PublishingCannotHurt(t *testing.T) {
	t.Parallel()
	calm, trouble, slack := 2*time.Second, 10*time.Second, 8*time.Second
	if os.Getenv("SOAK") != "" {
		calm, trouble, slack = 20*time.Second, time.Minute, 0
	}
	w := newWorld(t)
	base, a, m := startMined(t, w.dsn)
	list := w.jobs("north", 4)
	watch := &stopwatch{RoundTripper: http.DefaultTransport}
	clients := make([]*client, len(list))
	for i := range clients {
		clients[i] = w.staff(base, "Ada")
		clients[i].http.Transport = watch
	}
	board := w.staff(base, "Ann").listen("/streams/dispatch/north")
	start := w.fence().last

	work := startLoad(clients, list)
	<-time.After(calm)
	n, p50, p99 := watch.lap()
	t.Logf("undisturbed: %d forms, half within %v, 99 %% within %v", n, p50, p99)

	full := w.staff(base, "Ann")
	for range maxPerSession {
		frozen(t, full, strings.TrimPrefix(base, "http://"), "/streams/dispatch/north")
	}
	eventually(t, "the readers have their streams", func() bool { return a.broker.Streams() == 1+maxPerSession })
	if !strings.Contains(full.get("/streams/dispatch/north"), "event: unavailable") {
		t.Error("a further stream is let in")
	}
	stop, harassed := make(chan struct{}), make(chan int)
	go func() { harassed <- w.harass(m, stop) }()
	watch.lap()
	<-time.After(trouble)
	work.end()
	n, p50, p99 = watch.lap()
	ended := time.Now()
	close(stop)
	listeners := <-harassed
	board.passed(w.fence().first)
	lag := time.Since(ended)
	t.Logf("disturbed: %d forms, half within %v, 99 %% within %v; %d panics, %d listening connections ended; all on the stream after %v",
		n, p50, p99, m.blown.Load(), listeners, lag)
	if lag > 2*time.Second+slack {
		t.Errorf("the stream lagged %v behind", lag)
	}
	if n := work.retried.Load(); n > 0 {
		t.Errorf("%d forms were not saved at the first try", n)
	}
	if m.blown.Load() == 0 || listeners < int(trouble/time.Second)/2 {
		t.Errorf("%d panics and %d ended connections are no trouble", m.blown.Load(), listeners)
	}
	end := w.fence().first
	board.passed(end)
	want := w.positionsOf("dispatch/north", start, end-1)
	got := board.facts(start, end)
	if len(got) != len(want) || int64(len(want)) < work.acknowledged.Load() {
		t.Errorf("the stream has %d events, the log %d, of %d forms", len(got), len(want), work.acknowledged.Load())
	}
	for i := range min(len(got), len(want)) {
		if got[i].pos() != want[i] {
			t.Fatalf("event %d is at %d, not %d", i, got[i].pos(), want[i])
		}
	}
}
