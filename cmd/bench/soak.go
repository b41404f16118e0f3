package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// soakStreams is how many clients the greatest measurement has.
const soakStreams = 10_000

// soakTime bounds one measurement, so that the whole run comes to an end.
const soakTime = 6 * time.Minute

// errMissed: a promise was not kept. The table says which.
var errMissed = errors.New("not every limit was kept")

// finding is one row of the table.
type finding struct {
	promise, what, figure, limit string
	kept                         bool
}

// findings collect the rows of one measurement.
type findings struct {
	promise string
	rows    []finding
}

// atMost notes a figure that has an upper limit.
func (f *findings) atMost(what string, figure, limit time.Duration) {
	f.check(what, ms(figure), "≤ "+ms(limit), figure <= limit)
}

// countAtMost notes a count that has an upper limit.
func (f *findings) countAtMost(what string, figure, limit float64, unit string) {
	f.check(what, fmt.Sprintf("%.4g%s", figure, unit), fmt.Sprintf("≤ %.4g%s", limit, unit), figure <= limit)
}

// sound notes whether every reader got everything once and in order.
func (f *findings) sound(what string, err error) {
	figure := "all"
	if err != nil {
		figure = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	f.check(what, figure, "all", err == nil)
}

// note notes a figure that nobody promised.
func (f *findings) note(what, figure string) { f.check(what, figure, "", true) }

func (f *findings) check(what, figure, limit string, kept bool) {
	f.rows = append(f.rows, finding{f.promise, what, figure, limit, kept})
	fmt.Fprintf(os.Stderr, "%s %s: %s (%s) kept: %v\n", f.promise, what, figure, limit, kept)
}

// experiment is one measurement of a promise.
type experiment struct {
	promise string
	run     func(context.Context, *lab, *findings) error
}

// experiments are all of them, in the order of the table.
func experiments() []experiment {
	frozen := func(over wire, readers int) experiment {
		return experiment{"P07", func(ctx context.Context, l *lab, f *findings) error { return soakFrozen(ctx, l, f, over, readers) }}
	}
	return []experiment{
		frozen(http1, 1), frozen(http1, 50), frozen(http2, 1), frozen(http2, 50), {"P07", soakPosts},
		{"P09", soakIdle},
		{"P10", func(ctx context.Context, l *lab, f *findings) error { return soakStorm(ctx, l, f, terminated) }},
		{"P10", func(ctx context.Context, l *lab, f *findings) error { return soakStorm(ctx, l, f, killed) }},
		{"P13", soakWalls},
	}
}

// runSoak measures the promises whose name begins with only and writes the
// table. What cannot be measured counts as missed, and the rest goes on.
func runSoak(ctx context.Context, only, out string) error {
	l, err := openLab(ctx, soakStreams)
	if err != nil {
		return err
	}
	defer l.close()
	var rows []finding
	for _, e := range experiments() {
		if ctx.Err() != nil || !strings.HasPrefix(e.promise, only) {
			continue
		}
		f := &findings{promise: e.promise}
		within, cancel := context.WithTimeout(ctx, soakTime)
		if err := e.run(within, l, f); err != nil {
			f.check("measurement ended early", strings.ReplaceAll(err.Error(), "\n", "; "), "complete", false)
		}
		cancel()
		rows = append(rows, f.rows...)
	}
	if len(rows) == 0 && ctx.Err() == nil {
		return fmt.Errorf("no promise begins with %q", only)
	}
	missed := ctx.Err()
	for _, r := range rows {
		if !r.kept {
			missed = errMissed
		}
	}
	return errors.Join(missed, publish(soakReport(rows), out))
}

func soakReport(rows []finding) string {
	t := &table{}
	fmt.Fprintf(t, "One server process, PostgreSQL and all clients on one machine: %d processors, %s.\n\n", runtime.NumCPU(), runtime.Version())
	t.row("promise", "what", "figure", "limit", "kept")
	t.row("---", "---", "---", "---", "---")
	for _, r := range rows {
		kept := ""
		if r.limit != "" {
			kept = yes(r.kept)
		}
		t.row(r.promise, r.what, r.figure, r.limit, kept)
	}
	return t.String()
}
