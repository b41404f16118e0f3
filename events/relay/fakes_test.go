package relay_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
	"smartscheduler/events/relay"
)

const epoch = 1700000000

func at(pos int64) events.Position { return events.Position{Epoch: epoch, Pos: pos} }

var errAway = errors.New("the database is away")

// fakeLog is an event log in memory, with a wake signal.
type fakeLog struct {
	wake chan struct{}

	mu        sync.Mutex
	epoch     int64
	committed []events.Logged // without positions
	log       []events.Logged // pos is index + 1
	away      bool
	busy      int // how often another process is at it
	noWrite   bool
	panics    int
	slow      time.Duration // of RecordPublications
	recorded  []relay.Publication
	notified  []string
	asked     int // calls of Head and Sequence
	replays   int
}

func newFakeLog() *fakeLog { return &fakeLog{wake: make(chan struct{}, 1), epoch: epoch} }

// commit logs events and signals, like a command.
func (l *fakeLog) commit(evs ...events.Logged) {
	l.mu.Lock()
	l.committed = append(l.committed, evs...)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// set changes the log under its lock.
func (l *fakeLog) set(change func(*fakeLog)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

// number gives positions to all that is committed, as another process would.
func (l *fakeLog) number(atMost int) (given int) {
	for given < atMost && len(l.committed) > 0 {
		e := l.committed[0]
		e.Position = events.Position{Epoch: l.epoch, Pos: int64(len(l.log) + 1)}
		l.log, l.committed = append(l.log, e), l.committed[1:]
		given++
	}
	return given
}

func (l *fakeLog) Sequence(_ context.Context, atMost int) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	switch {
	case l.away || l.noWrite:
		return 0, errAway
	case l.busy > 0:
		l.busy--
		return -1, nil
	}
	return l.number(atMost), nil
}

func (l *fakeLog) Head(context.Context) (events.Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	if l.away {
		return events.Position{}, errAway
	}
	return events.Position{Epoch: l.epoch, Pos: int64(len(l.log))}, nil
}

// Confirm implements relay.Log.
func (l *fakeLog) Confirm(_ context.Context, at events.Position, eventID string) (events.Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	if l.away {
		return events.Position{}, errAway
	}
	if at.Epoch == l.epoch && at.Pos > 0 && (int(at.Pos) > len(l.log) || eventID != "" && l.log[at.Pos-1].EventID != eventID) {
		l.epoch++
	}
	return events.Position{Epoch: l.epoch, Pos: int64(len(l.log))}, nil
}

func (l *fakeLog) After(_ context.Context, pos int64, limit int) ([]events.Logged, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.panics > 0 {
		l.panics--
		panic("the log")
	}
	if l.away {
		return nil, errAway
	}
	from := min(max(int(pos), 0), len(l.log))
	return l.ofEpoch(l.log[from:min(from+limit, len(l.log))]), nil
}

// ofEpoch gives events the epoch that the log has now.
func (l *fakeLog) ofEpoch(evs []events.Logged) []events.Logged {
	evs = slices.Clone(evs)
	for i := range evs {
		evs[i].Position.Epoch = l.epoch
	}
	return evs
}

func (l *fakeLog) Replay(_ context.Context, streams []events.Stream, after, upTo int64, limit int) (found []events.Logged, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.replays++
	if l.away {
		return nil, errAway
	}
	for _, e := range l.log {
		shown := func(s events.Stream) bool { return slices.Contains(e.PublishedTo, s.Logged()) }
		if e.Position.Pos > after && e.Position.Pos <= upTo && len(found) < limit && slices.ContainsFunc(streams, shown) {
			found = append(found, e)
		}
	}
	return l.ofEpoch(found), nil
}

func (l *fakeLog) RecordPublications(ctx context.Context, publications []relay.Publication) error {
	l.mu.Lock()
	slow, away := l.slow, l.away
	l.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if away {
		return errAway
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.recorded = append(l.recorded, publications...)
	return nil
}

func (l *fakeLog) NotifyRelays(_ context.Context, channel, message string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notified = append(l.notified, channel+" "+message)
	return nil
}

// fakeFragments renders "stream job"; a job in bad fails or panics.
type fakeFragments struct {
	mu     sync.Mutex
	away   bool
	bad    map[string]string // job → error, "panic", "nil", "short" or "slow"
	calls  [][]string
	before func() // called first
}

func (f *fakeFragments) Fragments(ctx context.Context, wants []relay.Want) ([][]byte, error) {
	f.mu.Lock()
	before := f.before
	f.mu.Unlock()
	if before != nil {
		before()
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var html [][]byte
	var call []string
	for _, w := range wants {
		call = append(call, string(w.Stream)+" "+w.Event.JobID)
	}
	f.calls = append(f.calls, call)
	if f.away {
		return nil, errAway
	}
	for _, w := range wants {
		switch bad := f.bad[w.Event.JobID]; bad {
		case "":
			html = append(html, fmt.Appendf(nil, "%s %s", w.Stream, w.Event.JobID))
		case "panic":
			panic("cannot render " + w.Event.JobID)
		case "nil":
			html = append(html, nil)
		case "short":
		case "slow":
			<-ctx.Done()
			return nil, ctx.Err()
		default:
			return nil, errors.New(bad)
		}
	}
	return html, nil
}

// fakeBroker keeps what is published.
type fakeBroker struct {
	mu        sync.Mutex
	unwanted  map[events.Stream]bool
	refuse    map[int64]string // pos → error
	published []broker.Event
	when      []time.Time
	heads     []events.Position
	receive   func(broker.Event)
	asked     func() // called when Wanted says no, before it returns
}

func (b *fakeBroker) Wanted(s events.Stream) bool {
	b.mu.Lock()
	unwanted, asked := b.unwanted[s], b.asked
	b.mu.Unlock()
	if unwanted && asked != nil {
		asked()
	}
	return !unwanted
}

func (b *fakeBroker) Publish(e broker.Event) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if why, ok := b.refuse[e.Position.Pos]; ok {
		b.published = append(b.published, broker.Event{Position: e.Position, Kind: e.Kind})
		return 1, errors.New(why)
	}
	b.published = append(b.published, broker.Event{Position: e.Position, Kind: e.Kind, Parts: slices.Clone(e.Parts)})
	b.when = append(b.when, time.Now())
	if b.receive != nil {
		b.receive(e)
	}
	return 2, nil
}

func (b *fakeBroker) SetHead(p events.Position) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heads = append(b.heads, p)
}

// forget drops what was published so far.
func (b *fakeBroker) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.published, b.heads = nil, nil
}

// events returns what was published, and checks that it came in order, once.
func (b *fakeBroker) events(t *testing.T) []broker.Event {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := 1; i < len(b.published); i++ {
		if b.published[i].Position.Pos != b.published[i-1].Position.Pos+1 {
			t.Fatalf("%s was published after %s", b.published[i].Position, b.published[i-1].Position)
		}
	}
	return slices.Clone(b.published)
}

func (b *fakeBroker) head() events.Position {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.heads[len(b.heads)-1]
}

// counts is relay.Metrics.
type counts struct {
	mu                          sync.Mutex
	delivered, received, replay int
	failed, resynced            map[string]int
	lag                         time.Duration
}

func newCounts() *counts { return &counts{failed: map[string]int{}, resynced: map[string]int{}} }

func (c *counts) Delivered(n, receivers int, lag time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delivered, c.received, c.lag = c.delivered+n, c.received+receivers, max(c.lag, lag)
}

func (c *counts) Failed(act string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed[act]++
}

func (c *counts) Replayed(int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.replay++
}

func (c *counts) Resynced(reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resynced[reason]++
}

func (c *counts) failures(act string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed[act]
}

// world is a relay with its fakes.
type world struct {
	log       *fakeLog
	fragments *fakeFragments
	broker    *fakeBroker
	counts    *counts
	relay     *relay.Relay
	stop      context.CancelFunc
	ended     chan error
}

func newWorld(change ...func(*relay.Options)) *world {
	w := &world{
		log: newFakeLog(), fragments: &fakeFragments{bad: map[string]string{}}, counts: newCounts(),
		broker: &fakeBroker{unwanted: map[events.Stream]bool{}, refuse: map[int64]string{}}, ended: make(chan error, 1),
	}
	opts := relay.Options{Log: w.log, Fragments: w.fragments, Broker: w.broker, Wake: w.log.wake, Instance: "this",
		Metrics: w.counts, Logger: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&opts)
	}
	w.relay = relay.New(opts)
	return w
}

// run starts the relay; it is stopped at the end of the test.
func (w *world) run(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w.stop = stop
	go func() { w.ended <- w.relay.Run(ctx) }()
	synctest.Wait()
}

// end stops the relay and returns what Run returned.
func (w *world) end() error {
	w.stop()
	return <-w.ended
}

// bubble runs a test with a running relay in bubble time.
func bubble(t *testing.T, test func(t *testing.T, w *world), change ...func(*relay.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(change...)
		w.run(t)
		test(t, w)
		if err := w.end(); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// within waits in bubble time until n events are published, at most limit.
func (w *world) within(t *testing.T, limit time.Duration, n int) []broker.Event {
	t.Helper()
	for start := time.Now(); ; time.Sleep(time.Millisecond) { // the clock of the bubble: it takes no time
		synctest.Wait()
		got := w.broker.events(t)
		if len(got) >= n {
			return got
		}
		if time.Since(start) > limit {
			t.Fatalf("%d of %d events published after %s", len(got), n, limit)
		}
	}
}

const ann = "11111111-1111-1111-1111-111111111111"

// event is a JobAssigned of a job in a region.
func event(job, region string, streams ...events.Stream) events.Logged {
	if streams == nil {
		streams = []events.Stream{events.DispatchStream(region), events.ContractorStream(ann)}
	}
	return events.Logged{Kind: events.KindJobAssigned, EventID: "e-" + job, Region: region, JobID: job, ContractorID: ann,
		PublishedTo: streams, CreatedAt: time.Now(),
		Payload: []byte(`{"type":"JobAssigned","jobId":"` + job + `","replacesAssignmentId":"secret"}`)}
}

func numbered(n int) (evs []events.Logged) {
	for i := range n {
		evs = append(evs, event(fmt.Sprintf("job-%d", i+1), "north"))
	}
	return evs
}

// parts returns the HTML by stream, "-" for a part that is left to the log.
func parts(e broker.Event) map[events.Stream]string {
	got := map[events.Stream]string{}
	for _, p := range e.Parts {
		got[p.Stream] = cmp.Or(string(p.HTML), "empty")
		if p.HTML == nil {
			got[p.Stream] = "-"
		}
	}
	return got
}

func wantParts(t *testing.T, e broker.Event, want map[events.Stream]string) {
	t.Helper()
	if got := parts(e); !maps.Equal(got, want) {
		t.Errorf("event %d shows %v, want %v", e.Position.Pos, got, want)
	}
}
