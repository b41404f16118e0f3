package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// controlRounds bounds how often a control tries to go wrong. The first few do,
// unless the machine is so busy that hardly anything happens at once.
const controlRounds = 100

// TestP01ControlEventAfterCommit writes each event after the commit of its
// change instead of inside, and the crash run's check finds acknowledged
// changes without their events.
func TestP01ControlEventAfterCommit(t *testing.T) {
	t.Parallel()
	controlEventAfterCommit(t)
}

// TestP02ControlAsynchronousCommit lets PostgreSQL answer before a commit is
// written, and the crash run's check finds acknowledged changes that are lost.
func TestP02ControlAsynchronousCommit(t *testing.T) {
	t.Parallel()
	controlAsynchronousCommit(t)
}

// TestP04ControlNaiveCursor reads the log by "id greater than the last", and the
// crash run's check finds events that this reader missed.
func TestP04ControlNaiveCursor(t *testing.T) {
	t.Parallel()
	controlNaiveCursor(t)
}

// TestP07ControlSharedWriter puts the observers behind one writer that writes
// to each in turn, and the crash run's check finds that one frozen reader stops
// the others.
func TestP07ControlSharedWriter(t *testing.T) {
	t.Parallel()
	controlSharedWriter(t)
}

// controls runs all of them and returns, by promise, what each found.
func controls(t *testing.T) map[string]string {
	t.Helper()
	found := make(map[string]string)
	for _, c := range []struct {
		promise, what string
		run           func(*testing.T) string
	}{
		{"P1", "event written after the commit", controlEventAfterCommit},
		{"P2", "`synchronous_commit=off`", controlAsynchronousCommit},
		{"P4", "naive cursor", controlNaiveCursor},
		{"P7", "shared blocking writer", controlSharedWriter},
	} {
		t.Run("Control"+c.promise, func(t *testing.T) { found[c.promise] = c.what + ": " + c.run(t) })
	}
	return found
}

// found returns the first violation; it must be one of a promise.
func (r *crash) found(promise string) string {
	r.t.Helper()
	if len(r.violations) == 0 {
		r.t.Fatalf("seed %d: the check finds nothing, so it proves nothing", r.seed)
	}
	first := r.violations[0]
	if !strings.HasPrefix(first, promise+": ") {
		r.t.Fatalf("seed %d: not %s was broken: %s", r.seed, promise, first)
	}
	r.t.Logf("as it must, the check finds: %s", first)
	return strings.TrimPrefix(first, promise+": ")
}

func controlEventAfterCommit(t *testing.T) string {
	w := newWorld(t)
	late := newLateWriter(w)
	late.start()
	r := newCrash(t, crashSeed(t), w, 10*time.Millisecond)
	r.program.before, r.program.after = late.start, late.die
	plan := newKillPlan(r.seed)
	for range controlRounds {
		r.load(false, func() {
			k := plan.next()
			k.kind = killProgram
			r.carryOut(k)
			r.firstAck(time.Now())
		})
		eventually(t, "all is written that is not lost", func() bool { return ask[int](w, `select count(*) from late`) == 0 })
		r.checkLedger()
		if r.over() {
			break
		}
	}
	return r.found("P1")
}

// lateWriter writes events some time after the commit of their change, as a
// process does that keeps them in its memory meanwhile. The table late is that
// memory, and is lost with the process.
type lateWriter struct {
	w          *world
	quit, done chan struct{}
}

func newLateWriter(w *world) *lateWriter {
	w.t.Helper()
	w.exec(`create table late (event jsonb)`)
	w.exec(`create function keep_for_later() returns trigger language plpgsql security definer as $$
	  begin insert into late values (to_jsonb(new)); return null; end $$`)
	w.exec(`create trigger a_late before insert on event_log for each row
	  when (current_user = 'smartscheduler_app') execute function keep_for_later()`)
	l := &lateWriter{w: w}
	w.t.Cleanup(l.stop)
	return l
}

func (l *lateWriter) start() {
	l.quit, l.done = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(l.done)
		for {
			sleepOr(50*time.Millisecond, l.quit)
			select {
			case <-l.quit:
				return
			default:
			}
			l.w.exec(`with due as (delete from late returning event)
			  insert into event_log select r.* from due, jsonb_populate_record(null::event_log, event) r`)
		}
	}()
}

func (l *lateWriter) stop() {
	if l.quit == nil {
		return
	}
	close(l.quit)
	<-l.done
	l.quit = nil
}

// die is stop with the loss of what is not written.
func (l *lateWriter) die() {
	l.stop()
	l.w.exec(`delete from late`)
}

func controlAsynchronousCommit(t *testing.T) string {
	cluster := newKillableCluster(t)
	r := newCrash(t, crashSeed(t), emptyWorldAt(t, cluster.dsn()).populated(), 10*time.Millisecond)
	r.cluster = cluster
	// The program has started: it would have refused these settings.
	r.w.exec(`alter system set synchronous_commit = off`)
	r.w.exec(`alter system set wal_writer_delay = '10s'`)
	r.w.exec(`select pg_reload_conf()`)
	eventually(t, "commits are asynchronous", func() bool { return ask[string](r.w, `show synchronous_commit`) == "off" })
	plan := newKillPlan(r.seed)
	for range controlRounds {
		r.load(true, func() {
			if _, ok := r.firstAck(time.Now()); ok {
				sleepOr(plan.next().after, r.broken)
				cluster.kill(killPostmaster)
				cluster.start()
			}
		})
		r.reopen()
		r.checkLedger()
		if r.over() {
			break
		}
	}
	return r.found("P1")
}

func controlNaiveCursor(t *testing.T) string {
	r := newCrash(t, crashSeed(t), newWorld(t), time.Millisecond)
	naive := &observer{name: "naive cursor"}
	start := ask[int64](r.w, `select max(id) from event_log`)
	last := start
	look := func() {
		for _, id := range r.ids(last) {
			naive.add(frame{id: fmt.Sprintf("0-%d", id), event: "JobAssigned"})
			last = id
		}
	}
	for range controlRounds {
		var reading sync.WaitGroup
		stop := make(chan struct{})
		reading.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					look()
				}
			}
		})
		r.load(false, func() { sleepOr(500*time.Millisecond, r.broken) })
		close(stop)
		reading.Wait()
		look()
		naive.check(r, start, last+1, r.ids(start))
		if r.over() {
			break
		}
	}
	return r.found("P4")
}

// ids are those of the log after one, in order.
func (r *crash) ids(after int64) (list []int64) {
	rows, err := r.w.owner.Query(`select id from event_log where id > $1 order by id`, after)
	if err != nil {
		r.t.Error(err)
		return nil
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			r.t.Error(err)
		}
		list = append(list, id)
	}
	if err := rows.Err(); err != nil {
		r.t.Error(err)
	}
	return list
}
