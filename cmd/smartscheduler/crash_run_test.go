package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

const (
	// crashPace bounds a writer's pause, so that a reader who is away for some
	// seconds is not sent to reload for being 1,000 events behind.
	crashPace = 150 * time.Millisecond
	// burstTime is how long the writers work while readers are frozen.
	burstTime = 2 * time.Second
	// frozenReaders is how many there are.
	frozenReaders = 8
)

// crashLimits are what a run may take. The promises are for a quiet machine; in
// a check, where others use it too, only a broken program misses the limits.
type crashLimits struct{ accept, catchUp time.Duration }

// crashFor is how long the run of CRASH_FOR goes on, and its limits. Without it
// the run ends with the first block of kills.
func crashFor(t testing.TB) (time.Duration, crashLimits) {
	t.Helper()
	text := os.Getenv("CRASH_FOR")
	if text == "" {
		return 0, crashLimits{accept: 20 * time.Second, catchUp: 20 * time.Second}
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("CRASH_FOR: %v", err)
	}
	return d, crashLimits{accept: 5 * time.Second, catchUp: time.Second}
}

// TestP01P02P04P05P07CrashRun kills the program and PostgreSQL again and again
// while eight clients change assignments, and finds every acknowledged change
// with its event, every event with its change, at every observer once and in
// order, and the board as a fresh page shows it. CRASH_FOR makes it longer,
// CRASH_SEED repeats it, CRASH_REPORT names the file for its table.
func TestP01P02P04P05P07CrashRun(t *testing.T) {
	t.Parallel()
	length, limits := crashFor(t)
	began := time.Now()
	cluster := newKillableCluster(t)
	r := newCrash(t, crashSeed(t), emptyWorldAt(t, cluster.dsn()).populated(), crashPace)
	r.cluster = cluster
	figures := r.perform(length, limits)
	figures.began, figures.took = began, time.Since(began)
	for _, v := range r.violations {
		t.Errorf("seed %d: %s", r.seed, v)
	}
	t.Logf("seed %d: %+v", r.seed, figures)
	path := os.Getenv("CRASH_REPORT")
	if path == "" {
		return
	}
	figures.controls = controls(t)
	if !t.Failed() {
		if err := os.WriteFile(path, []byte(figures.table()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// perform is the whole run.
func (r *crash) perform(length time.Duration, limits crashLimits) (f crashFigures) {
	base := r.program.base()
	browser := watchWithBrowser(r.w, base)
	curl := watchWithCurl(r.t, r.w.staff(base, "Ann"))
	r.curl = curl
	library := watchWithLibrary(r.t, r.w.staff(base, "Ann"))
	observers := []*observer{browser.observer, curl, library}
	start := r.w.fence()
	r.caughtUp(browser, observers, start.first, patience)

	end := time.Now().Add(length)
	plan := newKillPlan(r.seed)
	r.load(true, func() {
		for !r.over() && (time.Now().Before(end) || !plan.done() || len(r.kills) == 0) {
			r.carryOut(plan.next())
			browser.online()
		}
		r.program.kill()
	})
	r.reopen()
	r.checkLedger() // some changes have no answer yet
	f.halfDone = int(r.halfDone.Load())
	r.program.start()
	r.load(false, func() { r.firstAck(time.Now()) }) // now they have
	r.caughtUp(browser, observers, r.w.fence().first, patience)

	ann := r.w.staff(base, "Ann")
	for range frozenReaders {
		frozen(r.t, ann, r.program.addr, crashStream)
	}
	r.load(false, func() { sleepOr(burstTime, r.broken) })
	upTo := r.w.fence()
	f.caughtUp = r.caughtUp(browser, observers, upTo.first, limits.catchUp)

	r.checkLedger()
	browser.collect()
	want := r.w.positions(start.last, upTo.first-1)
	for _, o := range observers {
		o.check(r, start.last, upTo.first, want)
	}
	fresh := browser.tab.another().open("/dispatch/north").live()
	if got, want := browser.tab.lasting(), fresh.lasting(); got != want {
		r.violate("P5", "the board shows\n%s\nand a fresh one\n%s", got, want)
	}
	browser.tab.sound()
	for _, took := range r.accepting {
		f.accept = max(f.accept, took)
		if took > limits.accept {
			r.violate("P2", "the first assignment succeeded %v after PostgreSQL accepted, not within %v", took, limits.accept)
		}
	}
	return r.count(f, observers, len(want))
}

// caughtUp waits until all observers have a position, and returns how long that
// took.
func (r *crash) caughtUp(browser *board, observers []*observer, pos int64, limit time.Duration) time.Duration {
	r.t.Helper()
	began := time.Now()
	for {
		if browser != nil {
			browser.online()
			browser.collect()
		}
		var behind []string
		for _, o := range observers {
			if at, _, _ := o.state(); at < pos {
				behind = append(behind, o.name)
			}
		}
		took := time.Since(began)
		if len(behind) == 0 {
			return took
		}
		if took > limit || r.over() {
			r.violate("P7", "%s did not catch up within %v", strings.Join(behind, ", "), limit)
			return took
		}
		sleepOr(5*time.Millisecond, r.broken)
	}
}
