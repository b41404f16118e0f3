package db_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
	"smartscheduler/events/broker"
	"smartscheduler/events/relay"
)

const (
	orderWriters = 32
	orderEach    = 250
	orderRegion  = "north"
)

// TestP04NoCommitOrderGap: many transactions log at once and commit in another
// order than they drew their ids, some never. Whoever reads by position sees
// each committed event once, in one order without gaps; whoever reads by id
// loses some, which shows that the load is hard enough.
func TestP04NoCommitOrderGap(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dsn := dbtest.IsolatedDSN(t)
	load := newOrderLoad(t, dsn)

	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	defer readers.Wait()
	defer stop()
	live := startRelay(ctx, t, &readers, openPool(t, dsn, 4), "live")
	second := startRelay(ctx, t, &readers, openPool(t, dsn, 4), "second")
	resuming := &seenEvents{}
	readers.Go(func() { resuming.resume(ctx, t, dsn) })
	readers.Go(func() { sequenceFewAtOnce(ctx, t, load.pool) })
	naive := &naiveReader{pool: load.pool, seen: map[int64]bool{}}
	readers.Go(func() { naive.run(ctx, t) })

	<-live.started
	<-second.started
	load.run(t, seed, orderWriters, orderEach)
	committed := load.committed()
	for name, reader := range map[string]*seenEvents{"live": live, "second instance": second, "resuming": resuming} {
		if !reader.waitFor(len(committed), 30*time.Second) {
			t.Errorf("%s reader saw %d of %d events", name, reader.count(), len(committed))
		}
	}
	lost := naive.lost(t, load)
	for round := range 5 { // the control, again if it was lucky
		if lost > 0 {
			break
		}
		load.run(t, seed+uint64(round)+1, orderWriters, 25)
		lost = naive.lost(t, load)
	}
	t.Logf("%d events committed, %d transactions rolled back; the reader by id lost %d", len(committed), load.rolledBack.Load(), lost)
	if lost == 0 {
		t.Error("the reader by id lost nothing: this load proves nothing")
	}
	stop()
	readers.Wait()

	all := load.committed()
	for name, reader := range map[string]*seenEvents{"live": live, "second instance": second, "resuming": resuming} {
		t.Run(name, func(t *testing.T) { reader.check(t, all, len(committed)) })
	}
}

// openPool opens the database with the rights of the application.
func openPool(t testing.TB, dsn string, conns int) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{DSN: dsn, MaxConns: conns})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// orderLoad writes events like the commands do: lock the job, count its
// version, log one event or the two of a reassignment, and commit late.
type orderLoad struct {
	pool       *db.DB
	jobs       []string
	rolledBack atomic.Int64

	mu   sync.Mutex
	done map[string]bool // ids of committed events
}

var errRollBack = errors.New("rolled back on purpose")

func newOrderLoad(t testing.TB, dsn string) *orderLoad {
	t.Helper()
	load := &orderLoad{pool: openPool(t, dsn, orderWriters+2), done: map[string]bool{}}
	owner, err := db.Open(t.Context(), db.Options{DSN: dsn, AsOwner: true, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close() }()
	// A table of counters stands for the rows of the jobs that commands lock.
	if err := owner.Exec(t.Context(), `create table job_counters (id uuid primary key, version integer not null default 0)`); err != nil {
		t.Fatal(err)
	}
	if err := owner.Exec(t.Context(), `grant select, update on job_counters to `+db.AppRole); err != nil {
		t.Fatal(err)
	}
	for range 8 * orderWriters {
		id := uuid.NewString()
		load.jobs = append(load.jobs, id)
		if err := owner.Exec(t.Context(), `insert into job_counters (id) values ($1)`, id); err != nil {
			t.Fatal(err)
		}
	}
	return load
}

func (l *orderLoad) committed() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make(map[string]bool, len(l.done))
	for id := range l.done {
		all[id] = true
	}
	return all
}

func (l *orderLoad) run(t *testing.T, seed uint64, writers, each int) {
	t.Helper()
	var g sync.WaitGroup
	for w := range writers {
		random := rand.New(rand.NewPCG(seed, uint64(w)))
		g.Go(func() {
			for range each {
				l.transaction(t, random)
			}
		})
	}
	g.Wait()
}

// transaction is one command. The pause before the commit is the load itself:
// it lets later ids be committed first.
func (l *orderLoad) transaction(t *testing.T, random *rand.Rand) {
	job := l.jobs[random.IntN(len(l.jobs))]
	pause, rollBack, pair := random.Float64()*0.02, random.IntN(20) == 0, random.IntN(3) == 0
	var version int
	var evs []events.Event
	err := l.pool.LogInTx(t.Context(), func(tx *sqlx.Tx) error {
		return tx.Get(&version, `update job_counters set version = version + 1 where id = $1 returning version`, job)
	}, func(tx *sqlx.Tx) error {
		if _, err := tx.Exec(`select pg_sleep($1)`, pause); err != nil {
			return err
		}
		if rollBack {
			return errRollBack
		}
		return nil
	}, func() []events.Event {
		evs = orderEvents(job, version, pair)
		return evs
	})
	switch {
	case errors.Is(err, errRollBack):
		l.rolledBack.Add(1)
	case err != nil:
		t.Errorf("transaction: %v", err)
	default:
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, e := range evs {
			l.done[e.ID] = true
		}
	}
}

// orderEvents makes a JobAssigned that carries the job's version, after a
// JobUnassigned with the same correlation if it is a reassignment.
func orderEvents(job string, version int, pair bool) []events.Event {
	e := assigned(job, uuid.NewString(), orderRegion)
	fact := e.Fact.(events.JobAssigned)
	fact.AssignmentVersion = version
	if !pair {
		e.Fact = fact
		return []events.Event{e}
	}
	old := unassigned(job, uuid.NewString(), orderRegion)
	old.CorrelationID = e.CorrelationID
	fact.ReplacesAssignmentID = old.CorrelationID // marks the second of a pair
	e.Fact = fact
	return []events.Event{old, e}
}

// seenEvent is what a reader got of one event.
type seenEvent struct {
	pos         int64
	kind        events.Kind
	id, job     string
	version     int
	correlation string
	second      bool
}

// seenEvents collects what a reader got, in the order in which it got it. It is
// the broker of a relay that everybody reads.
type seenEvents struct {
	started chan struct{}
	once    sync.Once
	mu      sync.Mutex
	seen    []seenEvent
	grown   chan struct{}
}

// Wanted implements relay.Publisher.
func (s *seenEvents) Wanted(stream events.Stream) bool { return stream.IsDispatch() }

// SetHead implements relay.Publisher.
func (s *seenEvents) SetHead(events.Position) { s.once.Do(func() { close(s.started) }) }

// Publish implements relay.Publisher.
func (s *seenEvents) Publish(e broker.Event) (int, error) {
	return 1, s.add(e.Position.Pos, e.Kind, e.Parts[0].JSON)
}

func (s *seenEvents) add(pos int64, kind events.Kind, payload []byte) error {
	var p struct {
		EventID, JobID, CorrelationID, ReplacesAssignmentID string
		AssignmentVersion                                   int
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, seenEvent{pos, kind, p.EventID, p.JobID, p.AssignmentVersion, p.CorrelationID, p.ReplacesAssignmentID != ""})
	if s.grown != nil {
		close(s.grown)
		s.grown = nil
	}
	return nil
}

func (s *seenEvents) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

// waitFor waits until n events were seen.
func (s *seenEvents) waitFor(n int, limit time.Duration) bool {
	deadline := time.After(limit)
	for {
		s.mu.Lock()
		if len(s.seen) >= n {
			s.mu.Unlock()
			return true
		}
		if s.grown == nil {
			s.grown = make(chan struct{})
		}
		grown := s.grown
		s.mu.Unlock()
		select {
		case <-grown:
		case <-deadline:
			return false
		}
	}
}

// resume reads with a new connection every 100 ms, from where it stopped.
func (s *seenEvents) resume(ctx context.Context, t *testing.T, dsn string) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for pos := int64(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		next, err := s.resumeOnce(ctx, dsn, pos)
		if err != nil && ctx.Err() == nil {
			t.Errorf("resuming reader: %v", err)
			return
		}
		pos = next
	}
}

func (s *seenEvents) resumeOnce(ctx context.Context, dsn string, pos int64) (int64, error) {
	d, err := db.Open(ctx, db.Options{DSN: dsn, MaxConns: 1})
	if err != nil {
		return pos, err
	}
	defer func() { _ = d.Close() }()
	head, err := d.Head(ctx)
	if err != nil {
		return pos, err
	}
	evs, err := d.Replay(ctx, []events.Stream{events.DispatchStream(orderRegion)}, pos, head.Pos, 100_000)
	if err != nil {
		return pos, err
	}
	for _, e := range evs {
		payload, err := e.JSON(events.DispatchStream(orderRegion))
		if err != nil {
			return pos, err
		}
		if err := s.add(e.Position.Pos, e.Kind, payload); err != nil {
			return pos, err
		}
	}
	return head.Pos, nil
}

// check compares what was seen with what was committed.
func (s *seenEvents) check(t *testing.T, committed map[string]bool, atLeast int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids, versions := map[string]bool{}, map[string]int{}
	for i, e := range s.seen {
		if e.pos != int64(i+1) {
			t.Fatalf("event %d came with position %d", i+1, e.pos)
		}
		if ids[e.id] || !committed[e.id] {
			t.Fatalf("event %s at %d: seen before %t, committed %t", e.id, e.pos, ids[e.id], committed[e.id])
		}
		ids[e.id] = true
		if e.kind != events.KindJobAssigned {
			continue
		}
		if e.version <= versions[e.job] {
			t.Errorf("job %s: version %d came after %d", e.job, e.version, versions[e.job])
		}
		versions[e.job] = e.version
		if e.second && (i == 0 || s.seen[i-1].correlation != e.correlation) {
			t.Errorf("the events of reassignment %s are not adjacent", e.correlation)
		}
	}
	if len(s.seen) < atLeast {
		t.Errorf("%d events seen, want %d", len(s.seen), atLeast)
	}
}

// plainFragments renders without a database.
type plainFragments struct{}

// Fragments implements relay.Fragments.
func (plainFragments) Fragments(_ context.Context, wants []relay.Want) ([][]byte, error) {
	html := make([][]byte, len(wants))
	for i, w := range wants {
		html[i] = fmt.Appendf(nil, "<p>%s</p>", w.Event.JobID)
	}
	return html, nil
}

// startRelay runs one instance until ctx ends.
func startRelay(ctx context.Context, t *testing.T, running *sync.WaitGroup, d *db.DB, name string) *seenEvents {
	t.Helper()
	seen := &seenEvents{started: make(chan struct{})}
	r := relay.New(relay.Options{
		Log: d, Fragments: plainFragments{}, Broker: seen, Wake: d.Wake(), ListenDSN: d.ListenDSN(), Notifier: d,
		Instance: name, Poll: 200 * time.Millisecond, Logger: slog.New(slog.DiscardHandler),
	})
	running.Go(func() {
		if err := r.Run(ctx); err != nil {
			t.Errorf("relay %s: %v", name, err)
		}
	})
	return seen
}

// sequenceFewAtOnce competes for the positions with small batches, which end
// between the events of a transaction wherever they can.
func sequenceFewAtOnce(ctx context.Context, t *testing.T, d *db.DB) {
	ticker := time.NewTicker(3 * time.Millisecond)
	defer ticker.Stop()
	for ctx.Err() == nil {
		<-ticker.C
		if _, err := d.Sequence(ctx, 1+rand.IntN(7)); err != nil && ctx.Err() == nil {
			t.Errorf("third sequencer: %v", err)
			return
		}
	}
}

// naiveReader reads by id, as one would without positions.
type naiveReader struct {
	pool *db.DB
	mu   sync.Mutex
	seen map[int64]bool
	last int64
}

func (n *naiveReader) run(ctx context.Context, t *testing.T) {
	ticker := time.NewTicker(3 * time.Millisecond)
	defer ticker.Stop()
	for ctx.Err() == nil {
		<-ticker.C
		if err := n.read(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("reader by id: %v", err)
			return
		}
	}
}

func (n *naiveReader) read(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	ids, err := n.pool.IDsAfter(ctx, n.last)
	for _, id := range ids {
		n.seen[id], n.last = true, id
	}
	return err
}

// lost reads to the end and counts the committed events that were never seen.
func (n *naiveReader) lost(t *testing.T, load *orderLoad) int {
	t.Helper()
	if err := n.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(load.committed()) - len(n.seen)
}
