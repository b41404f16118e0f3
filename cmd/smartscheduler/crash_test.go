package main

import (
	"cmp"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// crashWriters change jobs at the same time.
const crashWriters = 8

// crash is a run: eight writers, the program as a process that is killed again
// and again, and what was seen to go wrong.
type crash struct {
	t       testing.TB
	w       *world
	seed    uint64
	program *killable
	// cluster is nil when PostgreSQL is not killed.
	cluster *killableCluster
	writers []*writer
	// halfDone counts changes that were carried out and never answered.
	halfDone atomic.Int64
	// kills counts by kind; accepting are the times from PostgreSQL's return to
	// the first assignment that was answered.
	kills     map[string]int
	accepting []time.Duration
	// curl is watched while PostgreSQL is killed; kept counts how often its
	// stream was open then and stayed so.
	curl *observer
	kept int

	mu         sync.Mutex
	violations []string
	// broken is closed at the first violation.
	broken chan struct{}
	acks   chan *record
}

// crashSeed is CRASH_SEED, or another one each time.
func crashSeed(t testing.TB) uint64 {
	t.Helper()
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("CRASH_SEED"), "0"), 10, 64)
	if err != nil {
		t.Fatalf("CRASH_SEED: %v", err)
	}
	if seed == 0 {
		seed = uint64(rand.Uint32()) + 1
	}
	return seed
}

// newCrash prepares a run on a database; pace bounds the writers' pauses.
func newCrash(t testing.TB, seed uint64, w *world, pace time.Duration) *crash {
	t.Helper()
	t.Logf("the seed is %d (CRASH_SEED=%d repeats it)", seed, seed)
	r := &crash{t: t, w: w, seed: seed, program: newKillable(t, w.dsn),
		kills: make(map[string]int), broken: make(chan struct{}), acks: make(chan *record, 1)}
	r.program.start()
	for n := range crashWriters {
		name := fmt.Sprintf("Writer%d", n)
		w.user(name, "dispatcher", "north", "south")
		wr := &writer{run: r, n: n, client: w.staff(r.program.base(), name), plan: newPlan(seed, n, 2, pace)}
		for i, region := range []string{"north", "south"} {
			j := w.job(region, fmt.Sprintf("Tile room %d of house %d", i+1, n+1))
			// Sixteen half hours are no long day, whoever has them all.
			w.exec(`update jobs set duration_minutes = 30 where id = $1`, j.id)
			wr.jobs = append(wr.jobs, j)
			wr.clocks = append(wr.clocks, clockOf(6+2*n+i, 0))
			wr.versions = append(wr.versions, ask[int](w, `select version from jobs where id = $1`, j.id))
		}
		wr.held = make([]string, len(wr.jobs))
		r.writers = append(r.writers, wr)
	}
	return r
}

// violate notes what must not be, under the number of the promise.
func (r *crash) violate(promise, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.violations) == 0 {
		close(r.broken)
	}
	r.violations = append(r.violations, promise+": "+fmt.Sprintf(format, args...))
}

// over tells whether something has gone wrong.
func (r *crash) over() bool {
	select {
	case <-r.broken:
		return true
	default:
		return false
	}
}

// noteAck offers an answered assignment to whoever waits for one.
func (r *crash) noteAck(rec *record) {
	if rec.kind == deedUnassign {
		return
	}
	select {
	case r.acks <- rec:
	default:
	}
}

// firstAck waits for an assignment that is answered after a time, and returns
// how long that took; false when there is none.
func (r *crash) firstAck(since time.Time) (time.Duration, bool) {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		select {
		case rec := <-r.acks:
			if rec.acked.After(since) {
				return rec.acked.Sub(since), true
			}
		case <-r.broken:
			return 0, false
		case <-limit.C:
			r.violate("P2", "no assignment succeeded within %v: %s", patience, r.program.log.troubles())
			return 0, false
		}
	}
}

// load has the writers work while fn runs. With leave set they give up what is
// not answered when fn has returned.
func (r *crash) load(leave bool, fn func()) {
	finish := make(chan struct{})
	var giveUp atomic.Bool
	var working sync.WaitGroup
	for _, w := range r.writers {
		working.Go(func() { w.work(finish, &giveUp) })
	}
	fn()
	giveUp.Store(leave)
	close(finish)
	working.Wait()
	for _, fault := range r.program.faulty() {
		r.violate("P2", "the program: %s", fault)
	}
}

// carryOut does one step of the killer's plan and waits until assignments
// succeed again.
func (r *crash) carryOut(k kill) {
	if _, ok := r.firstAck(time.Now()); !ok {
		return
	}
	sleepOr(k.after, r.broken)
	if r.over() {
		return
	}
	r.kills[k.kind]++
	if k.kind == killProgram {
		r.program.kill()
		r.program.start()
		return
	}
	_, before, open := r.curl.state()
	r.cluster.kill(k.kind)
	r.cluster.start()
	if took, ok := r.firstAck(time.Now()); ok {
		r.accepting = append(r.accepting, took)
	}
	if _, after, still := r.curl.state(); open && after == before && still {
		r.kept++
	} else if open {
		r.violate("P2", "curl's stream ended when PostgreSQL was killed")
	}
}

// reopen replaces the connections of the world, which did not survive.
func (r *crash) reopen() {
	r.t.Helper()
	_ = r.w.owner.Close()
	var err error
	if r.w.owner, err = sql.Open("postgres", r.w.dsn); err != nil {
		r.t.Fatal(err)
	}
}
