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
	idleBytes           float64
	frameBytes          int
}

// medians takes each figure's middle over the rounds, ratios of a round first.
func medians(all []figures) figures {
	middle := func(of func(figures) float64) float64 {
		values := make([]float64, len(all))
		for i, f := range all {
			values[i] = of(f)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return figures{
		sparse: middle(func(f figures) float64 { return f.sparse }), sparseFloor: middle(func(f figures) float64 { return f.sparseFloor }),
		load: middle(func(f figures) float64 { return f.load }), loadFloor: middle(func(f figures) float64 { return f.loadFloor }),
		p50:       time.Duration(middle(func(f figures) float64 { return float64(f.p50) })),
		p99:       time.Duration(middle(func(f figures) float64 { return float64(f.p99) })),
		idleBytes: middle(func(f figures) float64 { return f.idleBytes }), frameBytes: all[0].frameBytes,
	}
}

// report is the Markdown table.
func report(f figures, assigns []assignRow, streams, rounds int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d streams of one region, frames of %d bytes, medians of %d rounds, %d processors, %s.\n",
		streams, f.frameBytes, rounds, runtime.NumCPU(), runtime.Version())
	b.WriteString("The baseline of a delivery is one raw write of a prebuilt frame to each connection, in the same round; that of\n" +
		"an assignment is the same SQL by a client without our code, in the same database, turn by turn, without fsync.\n\n")
	b.WriteString("| what | SmartScheduler | baseline | ratio |\n|---|---|---|---|\n")
	row := func(what string, value, floor float64) {
		fmt.Fprintf(&b, "| %s | %.1f µs | %.1f µs | %.2f |\n", what, value, floor, value/floor)
	}
	for _, a := range assigns {
		fmt.Fprintf(&b, "| assignments/s, writers: %s | %.0f | %.0f | %.2f |\n", a.writers, a.ours, a.plain, a.ours/a.plain)
	}
	row("server CPU per delivery under load", f.load, f.loadFloor)
	row("server CPU per delivery, 5 events/s", f.sparse, f.sparseFloor)
	fmt.Fprintf(&b, "| request sent → event received, 5 events/s, p50 | %.1f ms | | |\n", float64(f.p50.Microseconds())/1000)
	fmt.Fprintf(&b, "| the same, p99 | %.1f ms | | |\n", float64(f.p99.Microseconds())/1000)
	fmt.Fprintf(&b, "| memory per idle stream | %.1f kB | | |\n", f.idleBytes/1000)
	return b.String()
}
