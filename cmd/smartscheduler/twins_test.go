package main

import (
	"context"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestP11AcrossProcesses makes changes at one process and reads them at
// another: each arrives within a second, with the same id on both. A machine that
// is busy with something else meanwhile is given two more rounds.
func TestP11AcrossProcesses(t *testing.T) {
	t.Parallel()
	const changes, rounds = 100, 3
	w := newWorld(t)
	first, second := startChild(t, w.dsn), startChild(t, w.dsn)
	const path = "/streams/dispatch/north+unrouted"
	ada := w.staff(first.base, "Ada")
	here, there := w.staff(first.base, "Ann").listen(path), w.staff(second.base, "Ann").listen(path)
	j := w.job("north", "Tile the hall")
	ada.assign(j, "Rosa", "12:00")
	fence := w.fence()
	start := fence.last
	there.passed(fence.first)
	var p99 time.Duration
	made := 0
	for round := 0; round < rounds && (round == 0 || p99 > time.Second); round++ {
		took := make([]time.Duration, changes)
		for i := range took {
			began := time.Now()
			ada.move(j, clockOf(12+made%4, 15+made%2))
			made++
			there.passed(start + int64(made))
			took[i] = time.Since(began)
		}
		slices.Sort(took)
		p99 = took[changes*99/100]
		t.Logf("from the click at one process to the stream of another, form and answer included: p50 %v, p99 %v", took[changes/2], p99)
	}
	end := w.fence().first
	here.passed(end)
	there.passed(end)
	same := func(a, b frame) bool { return a.id == b.id && a.event == b.event } // each shows the job as it is when it is sent
	if got, want := there.facts(start, end), here.facts(start, end); !slices.EqualFunc(got, want, same) || len(got) != made {
		t.Errorf("%d events there, %d here, not the same %d", len(got), len(want), made)
	}
	if p99 > time.Second {
		t.Errorf("p99 is %v", p99)
	}
}

// TestP11KilledUnderLoad kills one of two processes with kill -9 while
// dispatchers work; its readers go on at the other one, without a lost or a
// repeated event, and what was acknowledged is there.
func TestP11KilledUnderLoad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := startChild(t, w.dsn), startChild(t, w.dsn)
	box := newMiddlebox(t, first.base)
	const writers = 4
	jobs := w.jobs("north", writers)
	clients := make([]*client, writers)
	for i := range clients {
		clients[i] = w.staff(first.base, "Ada")
	}
	board := w.desk(t, box.base, "Ann").open("/dispatch/north").live()
	readers := []*follower{w.staff(box.base, "Ann").follow("/streams/dispatch/north+unrouted"), w.staff(second.base, "Ann").follow("/streams/dispatch/north+unrouted")}
	fence := w.fence()
	after := fence.last
	for _, r := range readers {
		eventually(t, "the library reads", func() bool { return r.upTo.Load() >= fence.first })
	}
	work := startLoad(clients, jobs, first.base, second.base)
	enough := func() {
		from := work.acknowledged.Load()
		eventually(t, "20 changes more", func() bool { return work.acknowledged.Load() >= from+20 })
	}
	enough()
	first.kill()
	box.lead(second.base)
	enough()
	work.end()
	end := w.fence().first
	if got, want := ask[int64](w, `select count(*) from event_log where pos > $1 and pos < $2 and event_type <> 'AwarenessChanged'`, after, end), work.acknowledged.Load(); got != want {
		t.Errorf("%d changes were acknowledged, and %d events logged", want, got)
	}
	for _, r := range readers {
		r.wantAll(t, w, after, end)
	}
	board.caughtUp(end)
	if n := get[int](board, `probe.frames.length - new Set(probe.frames).size`); n != 0 {
		t.Errorf("the board swapped %d frames in twice", n)
	}
	if got, want := board.lasting(), board.another().open("/dispatch/north").lasting(); got != want {
		t.Errorf("the board shows\n%s\nand a fresh one\n%s", got, want)
	}
	board.sound()
	t.Logf("%d changes acknowledged, %d sent again, none lost", work.acknowledged.Load(), work.retried.Load())
}

// movesOn is how long the events may wait for another sequencer. A lock that
// its holder's client could keep would be held until
// idle_in_transaction_session_timeout, which is 10 s.
const movesOn = 8 * time.Second

// TestP11SequencerMovesOn takes the holder of the sequencer's lock away in the
// middle of its work: its connection is ended, its process is stopped, its
// process is killed. The other process numbers on, without a gap.
func TestP11SequencerMovesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	processes := map[string]*child{}
	for _, name := range []string{"first", "second"} {
		processes[name] = startChild(t, w.dsn+" application_name="+name)
	}
	for _, how := range []struct {
		name string
		to   func(holder *child, backend int)
		end  func(holder *child)
	}{
		{"Terminated", func(_ *child, backend int) { w.exec(`select pg_terminate_backend($1)`, backend) }, func(*child) {}},
		{"Stopped", func(c *child, _ int) { c.signal(syscall.SIGSTOP) }, func(c *child) { c.signal(syscall.SIGCONT) }},
		{"Killed", func(c *child, _ int) { c.kill() }, func(*child) {}},
	} {
		t.Run(how.name, func(t *testing.T) {
			release := w.holdTheHead()
			w.job("north", "Waits for a position")
			name, backend := w.sequencer()
			how.to(processes[name], backend)
			release()
			began := time.Now()
			for range 3 {
				w.job("north", "Comes after it")
				w.fence() // ends when it has positions
			}
			took := time.Since(began)
			how.end(processes[name])
			if took > movesOn {
				t.Errorf("the events waited %v", took)
			}
			if gaps := ask[int](w, `select max(pos) - count(pos) + count(*) filter (where pos is null) from event_log`); gaps != 0 {
				t.Errorf("%d positions are missing", gaps)
			}
			t.Logf("%s was taken away; 6 batches of events had positions after %v", name, took)
		})
	}
}

// TestP11ControlLockOfAClient holds the lock in a transaction of two
// statements, as a sequencer that is not one statement would while its process
// is stopped: nobody numbers until the server ends the transaction.
func TestP11ControlLockOfAClient(t *testing.T) {
	t.Parallel()
	const idle = 2 * time.Second
	w := newWorld(t)
	startChild(t, w.dsn)
	w.fence()
	conn, err := w.owner.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, s := range []string{`set idle_in_transaction_session_timeout = 2000`, `begin`, `select pg_advisory_xact_lock(77)`} {
		if _, err := conn.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	w.fence()
	if took := time.Since(began); took < idle*9/10 {
		t.Errorf("numbered after %v although a stopped client held the lock", took)
	}
}

// holdTheHead makes whoever numbers events wait in the middle, until release.
func (w *world) holdTheHead() (release func()) {
	w.t.Helper()
	tx, err := w.owner.BeginTx(context.Background(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := tx.Exec(`select 1 from event_head for update`); err != nil {
		w.t.Fatal(err)
	}
	return func() { _ = tx.Rollback() } // an error means that it has ended
}

// sequencer waits until a process holds the lock and returns the name of its
// connections, and the one that holds it.
func (w *world) sequencer() (name string, backend int) {
	w.t.Helper()
	eventually(w.t, "somebody numbers", func() bool {
		row := w.owner.QueryRow(`select a.application_name, a.pid from pg_locks l join pg_stat_activity a using (pid)
		  where l.locktype = 'advisory' and l.objid = 77 and l.granted and a.datname = current_database() and a.query like '%event_log_sequence%'`)
		return row.Scan(&name, &backend) == nil
	})
	return strings.TrimSpace(name), backend
}
