package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// crashFigures are the counts of a run.
type crashFigures struct {
	seed           uint64
	began          time.Time
	took           time.Duration
	acked          map[string]int
	unanswered     int // requests whose connection broke before the answer
	carriedOut     int // of them, those that had changed something
	kept           int // kills of PostgreSQL with a stream that stayed open
	halfDone       int // of the last ones, before they were sent again
	repeats        int // sent again after the answer
	events, onWire int
	kills          map[string]int
	connects       map[string]int
	accept         time.Duration
	caughtUp       time.Duration
	controls       map[string]string
}

// count adds up what was done.
func (r *crash) count(f crashFigures, observers []*observer, onWire int) crashFigures {
	f.seed, f.kills, f.kept, f.onWire = r.seed, r.kills, r.kept, onWire
	f.acked, f.connects = make(map[string]int), make(map[string]int)
	f.events = ask[int](r.w, `select count(*) from event_log where event_type in ('JobAssigned', 'JobUnassigned')`)
	var keys, last []string
	for _, w := range r.writers {
		for _, rec := range w.done {
			f.acked[rec.kind]++
			f.repeats += rec.repeats
			f.unanswered += rec.unanswered
			if len(rec.sent) > 1 {
				keys, last = append(keys, rec.key), append(last, rec.sent[len(rec.sent)-1].UTC().Format(time.RFC3339Nano))
			}
		}
	}
	// The transaction of what an earlier try did began before the last try.
	f.carriedOut = ask[int](r.w, `select count(*) from unnest($1::text[], $2::timestamptz[]) as u (key, last)
	  join idempotency_keys k on k.key = u.key where k.created_at < u.last`, "{"+strings.Join(keys, ",")+"}", "{"+strings.Join(last, ",")+"}")
	for _, o := range observers {
		_, n, _ := o.state()
		f.connects[o.name] = n
	}
	return f
}

// table is the run as a Markdown page.
func (f crashFigures) table() string {
	total := f.acked[deedAssign] + f.acked[deedReassign] + f.acked[deedUnassign]
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("`make crash` wrote this page. Eight clients assign, reassign and unassign under idempotency keys while the")
	line("program and PostgreSQL are killed at moments drawn from the seed; a browser, curl and an EventSource")
	line("library watch. `CRASH_SEED=%d make crash` makes the same changes and kills again.", f.seed)
	line("")
	line("%s, seed %d, %s, %d processors, %s.", f.began.UTC().Format(time.DateOnly), f.seed, f.took.Round(time.Second), runtime.NumCPU(), runtime.Version())
	line("")
	line("| promise | what was counted | figure | promised | its control |")
	line("|---|---|---|---|---|")
	line("| P1 | acknowledged changes without exactly their events, or events without their change | 0 of %d changes, %d events | 0 | %s |", total, f.events, f.controls["P1"])
	line("| P1 | requests sent again after their answer that were answered otherwise or carried out again | 0 of %d | 0 | |", f.repeats)
	line("| P1 | requests without an answer, of which %d had been carried out, that were carried out again by the retry | 0 of %d | 0 | |", f.carriedOut, f.unanswered)
	line("| P2 | acknowledged changes lost by kills of PostgreSQL | 0 in %d kills | 0 | %s |", f.kills[killPostmaster]+f.kills[stopImmediate], f.controls["P2"])
	line("| P2 | streams that ended when PostgreSQL was killed; starts of the program that this needed | 0 of %d; 0 | 0 | |", f.kept)
	line("| P2 | PostgreSQL accepts → first assignment, the longest | %.1f s | 5 s | |", f.accept.Seconds())
	line("| P4 | events missed, repeated or out of order at one of three observers | 0 of %d each | 0 | %s |", f.onWire, f.controls["P4"])
	line("| P5 | differences between the board that lived through it and a fresh one | 0 | 0 | |")
	line("| P7 | observers have everything, %d readers being frozen, after | %d ms | 1 s | %s |", frozenReaders, f.caughtUp.Milliseconds(), f.controls["P7"])
	line("")
	line("| count | |")
	line("|---|---|")
	for _, kind := range []string{deedAssign, deedReassign, deedUnassign} {
		line("| acknowledged: %s | %d |", kind, f.acked[kind])
	}
	line("| carried out without an answer, found before the retry of the last kill | %d |", f.halfDone)
	for _, kind := range []string{killProgram, killPostmaster, stopImmediate} {
		line("| %s | %d |", kind, f.kills[kind])
	}
	for _, name := range []string{"browser", "curl", "EventSource library"} {
		line("| streams of the %s | %d |", name, f.connects[name])
	}
	return b.String()
}
