package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// figures are the results of a round. CPU is in microseconds per delivery.
type figures struct {
	sparse, sparseFloor float64
	load, loadFloor     float64
	p50, p99            time.Duration
	idle                memory // per stream
	frameBytes          int
}

// result is what was measured at one number of streams.
type result struct {
	load   load
	rounds []figures
	shares []share // of the heap, in the last round
}

// Budgets of the table.
const (
	loadBudget    = 1.0
	sparseBudget  = 1.5
	latencyBudget = 50 * time.Millisecond
	idleBudget    = 30e3
	assignBudget  = 0.8
)

// middle is the median over the rounds.
func (r result) middle(of func(figures) float64) float64 {
	values := make([]float64, len(r.rounds))
	for i, f := range r.rounds {
		values[i] = of(f)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// table is Markdown that is being written.
type table struct{ strings.Builder }

func (t *table) row(cells ...string) { fmt.Fprintf(t, "| %s |\n", strings.Join(cells, " | ")) }

// report is the page with the tables.
func report(results []result, assigns []assignRow) string {
	t := &table{}
	fmt.Fprintf(t, "Streams of one region, frames of %d bytes, medians of %d rounds, %d processors, %s.\n",
		results[0].rounds[0].frameBytes, len(results[0].rounds), runtime.NumCPU(), runtime.Version())
	t.WriteString("The baseline of a delivery is one raw write of a prebuilt frame to each connection, in the same round; that of\n" +
		"an assignment is the same SQL by a client without our code, in the same database, turn by turn, without fsync.\n" +
		"Ratios are medians of the ratios of each round.\n\n")
	t.row("what", "SmartScheduler", "baseline", "ratio", "budget", "kept")
	t.row("---", "---", "---", "---", "---", "---")
	for _, r := range results {
		r.rows(t)
	}
	for _, a := range assigns {
		budget, kept := "", ""
		if a.writers != "1" {
			budget, kept = fmt.Sprintf("≥ %.1f ×", assignBudget), yes(a.ours/a.plain >= assignBudget)
		}
		t.row("assignments/s, writers: "+a.writers, fmt.Sprintf("%.0f", a.ours), fmt.Sprintf("%.0f", a.plain), fmt.Sprintf("%.2f", a.ours/a.plain), budget, kept)
	}
	for _, r := range results {
		r.breakdown(t)
	}
	return t.String()
}

// rows are those of one number of streams.
func (r result) rows(t *table) {
	rate := float64(time.Second) / float64(r.load.every)
	cost := func(what string, budget float64, of, floor func(figures) float64) {
		ratio := r.middle(func(f figures) float64 { return of(f) / floor(f) })
		t.row(fmt.Sprintf("%d streams: server CPU per delivery, %s", r.load.streams, what), fmt.Sprintf("%.1f µs", r.middle(of)),
			fmt.Sprintf("%.1f µs", r.middle(floor)), fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≤ %.1f ×", budget), yes(ratio <= budget))
	}
	cost("under load", loadBudget, func(f figures) float64 { return f.load }, func(f figures) float64 { return f.loadFloor })
	cost(fmt.Sprintf("%.0f events/s", rate), sparseBudget, func(f figures) float64 { return f.sparse }, func(f figures) float64 { return f.sparseFloor })
	sent := fmt.Sprintf("%d streams: request sent → event received, %.0f events/s, ", r.load.streams, rate)
	p50 := time.Duration(r.middle(func(f figures) float64 { return float64(f.p50) }))
	p99 := time.Duration(r.middle(func(f figures) float64 { return float64(f.p99) }))
	budget, kept := "", ""
	if r.load.streams == thousand.streams {
		budget, kept = "≤ "+ms(latencyBudget), yes(p99 <= latencyBudget)
	}
	t.row(sent+"p50", ms(p50), "", "", "", "")
	t.row(sent+"p99", ms(p99), "", "", budget, kept)
	idle := r.middle(func(f figures) float64 { return f.idle.resident })
	budget, kept = "", ""
	if r.load.streams == tenThousand.streams { // fewer do not bear what the process needs anyhow
		budget, kept = "≤ "+kB(idleBudget), yes(idle <= idleBudget)
	}
	t.row(fmt.Sprintf("%d streams: memory per idle stream", r.load.streams), kB(idle), "", "", budget, kept)
}

// breakdown says where the memory of an idle stream is. The profile is of
// samples, and of the whole process, so its rows are near and not exact.
func (r result) breakdown(t *table) {
	resident := r.middle(func(f figures) float64 { return f.idle.resident })
	stacks := r.middle(func(f figures) float64 { return f.idle.stacks })
	heap := r.middle(func(f figures) float64 { return f.idle.heap })
	fmt.Fprintf(t, "\nMemory of one of %d idle streams, without what the kernel keeps for its socket:\n\n", r.load.streams)
	t.row("part", "per stream")
	t.row("---", "---")
	t.row("stacks of goroutines", kB(stacks))
	t.row("heap in use", kB(heap))
	t.row("the rest: heap that is free or not yet given back, tables of the runtime", kB(resident-stacks-heap))
	t.row("resident in all", kB(resident))
	fmt.Fprintf(t, "\nWho allocated the heap (profile of the whole process, divided by the streams):\n\n")
	t.row("function", "per stream")
	t.row("---", "---")
	for _, s := range r.shares {
		t.row("`"+s.function+"`", kB(s.bytes/float64(r.load.streams)))
	}
}

func yes(kept bool) string {
	if kept {
		return "yes"
	}
	return "**no**"
}

func ms(d time.Duration) string {
	if d >= 10*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

func kB(bytes float64) string { return fmt.Sprintf("%.1f kB", bytes/1000) }
