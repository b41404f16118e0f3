package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"
)

// load says how much a round does at so many streams. More streams get fewer
// events, so that a sparse event has reached all before the next is made.
type load struct {
	streams, sparse int
	every           time.Duration // between two sparse events
	many            int
}

// loadWriters make many events, each writer one after the other.
const loadWriters = 8

var (
	thousand    = load{streams: 1000, sparse: 100, every: 200 * time.Millisecond, many: 200}
	tenThousand = load{streams: 10000, sparse: 20, every: 500 * time.Millisecond, many: 48}
)

// runBench measures round by round: the commands without a stream, the streams
// at rest, few events, many events, and the floor for the same frames.
func runBench(ctx context.Context, rounds int, crowds bool, out string) error {
	loads := []load{thousand}
	if crowds {
		loads = append(loads, tenThousand)
	}
	l, err := openLab(ctx, loads[len(loads)-1].streams)
	if err != nil {
		return err
	}
	defer l.close()
	results := make([]result, len(loads))
	for i, of := range loads {
		results[i].load = of
		for round := range rounds {
			f, err := l.measure(ctx, of, &results[i])
			if err != nil {
				return fmt.Errorf("%d streams, round %d: %w", of.streams, round+1, err)
			}
			fmt.Fprintf(os.Stderr, "%d streams, round %d of %d: %+v\n", of.streams, round+1, rounds, f)
			results[i].rounds = append(results[i].rounds, f)
		}
	}
	assigns, err := measureAssign(ctx)
	if err != nil {
		return err
	}
	return publish(report(results, assigns), out)
}

// measure is one round on a fresh process.
func (l *lab) measure(ctx context.Context, of load, into *result) (f figures, err error) {
	p, err := l.serve(ctx)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	bare, err := l.phase(ctx, p, of, nil)
	if err != nil {
		return f, fmt.Errorf("without streams: %w", err)
	}
	before, err := memoryOf(ctx, p)
	if err != nil {
		return f, err
	}
	readers, err := openCrowd(ctx, newCrowd(l.world, p), of.streams)
	if err != nil {
		return f, err
	}
	defer readers.close()
	if err := settle(ctx); err != nil {
		return f, err
	}
	after, err := memoryOf(ctx, p)
	if err != nil {
		return f, err
	}
	f.idle = after.minus(before).per(of.streams)
	if into.shares, err = heapShares(ctx, p, 12); err != nil {
		return f, err
	}
	full, err := l.phase(ctx, p, of, readers)
	if err != nil {
		return f, fmt.Errorf("with streams: %w", err)
	}
	f.p50, f.p99 = full.p50, full.p99
	f.sparse = perDelivery(full.sparse-bare.sparse, of.sparse, of.streams)
	f.load = perDelivery(full.load-bare.load, of.many, of.streams)
	f.frameBytes = readers.frameBytes()
	if err := readers.sound(); err != nil {
		return f, err
	}
	readers.close() // the floor needs the same number of connections
	f.sparseFloor, f.loadFloor, err = measureFloor(ctx, of, f.frameBytes)
	return f, err
}

// memory is what a process uses, in bytes.
type memory struct{ resident, stacks, heap float64 }

func memoryOf(ctx context.Context, p *process) (memory, error) {
	resident, err := p.resident()
	if err != nil {
		return memory{}, err
	}
	m, err := p.metrics(ctx)
	return memory{float64(resident), m["go_memstats_stack_inuse_bytes"], m["go_memstats_heap_inuse_bytes"]}, err
}

func (m memory) minus(o memory) memory {
	return memory{m.resident - o.resident, m.stacks - o.stacks, m.heap - o.heap}
}

func (m memory) per(n int) memory {
	return memory{m.resident / float64(n), m.stacks / float64(n), m.heap / float64(n)}
}

// perDelivery is CPU time in microseconds for each event and stream.
func perDelivery(cpu time.Duration, events, streams int) float64 {
	return float64(cpu.Microseconds()) / float64(events*streams)
}

// phaseFigures are what one pass over few and many events cost.
type phaseFigures struct {
	sparse, load time.Duration // CPU of the server
	p50, p99     time.Duration // request sent to event received, few events
}

// phase sends few events, then many, and waits each time until all readers, if
// any, have them.
func (l *lab) phase(ctx context.Context, p *process, of load, c *crowd) (f phaseFigures, err error) {
	head, err := l.db.Head(ctx)
	if err != nil {
		return f, err
	}
	var sent []sending
	f.sparse, err = costs(ctx, p, c, of.sparse, func() (err error) {
		sent, err = series(ctx, of.sparse, of.every, func(i int) (sending, error) { return l.toggle(ctx, p, 0, i) })
		return err
	})
	if err != nil {
		return f, err
	}
	if c != nil {
		all := c.latencies(sent, head.Pos)
		f.p50, f.p99 = percentile(all, 50), percentile(all, 99)
	}
	f.load, err = costs(ctx, p, c, of.many, func() error { return l.burst(ctx, p, of.many) })
	return f, err
}

// burst sends many events, each writer as fast as it can.
func (l *lab) burst(ctx context.Context, p *process, events int) error {
	group, ctx := errgroup.WithContext(ctx)
	for n := range loadWriters {
		group.Go(func() error {
			for i := range events / loadWriters {
				if _, err := l.toggle(ctx, p, n, n+i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// costs is the server's CPU time for doing something and delivering it.
func costs(ctx context.Context, p *process, c *crowd, events int, do func() error) (time.Duration, error) {
	before, err := p.cpu()
	if err != nil {
		return 0, err
	}
	var had int64
	if c != nil {
		had = c.delivered.Load()
	}
	if err := do(); err != nil {
		return 0, err
	}
	if c != nil {
		if err := c.wait(ctx, had+int64(events*len(c.readers))); err != nil {
			return 0, err
		}
	}
	after, err := p.cpu()
	return after - before, err
}
