package main

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"
)

const (
	idleTime     = 30 * time.Second // two heartbeats of each stream
	idleCommands = 100
	idlePace     = 400 * time.Millisecond
)

// soakIdle measures what 10,000 clients cost that have nothing to read, and
// what it takes to tell them all something.
func soakIdle(ctx context.Context, l *lab, f *findings) (err error) {
	p, err := l.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if _, err := series(ctx, 8, idlePace/10, func(i int) (sending, error) { return l.toggle(ctx, p, 0, i) }); err != nil {
		return err // the pools are full and the code is warm
	}
	before, err := p.metrics(ctx)
	if err != nil {
		return err
	}
	begin := time.Now()
	c, err := openCrowd(ctx, newCrowd(l.world, p), soakStreams)
	if err != nil {
		return err
	}
	defer c.close()
	f.atMost("10,000 streams open", time.Since(begin), time.Minute)
	if err := atRest(ctx, p, f); err != nil {
		return err
	}
	if err := toldAll(ctx, l, p, c, f); err != nil {
		return err
	}
	c.close()
	return leftBehind(ctx, p, f, before["go_goroutines"])
}

// atRest measures heartbeats, memory and goroutines.
func atRest(ctx context.Context, p *process, f *findings) error {
	if err := settle(ctx); err != nil {
		return err
	}
	before, err := p.cpu()
	if err != nil {
		return err
	}
	if err := pause(ctx, idleTime); err != nil {
		return err
	}
	after, err := p.cpu()
	if err != nil {
		return err
	}
	resident, err := p.resident()
	if err != nil {
		return err
	}
	m, err := p.metrics(ctx)
	if err != nil {
		return err
	}
	f.countAtMost("10,000 idle streams: CPU for heartbeats and rights", 100*float64(after-before)/float64(idleTime), 15, " % of a core")
	f.countAtMost("10,000 idle streams: resident memory", float64(resident)/(1<<20), 1024, " MiB")
	f.countAtMost("goroutines per connection", m["go_goroutines"]/soakStreams, 5, "")
	return nil
}

// toldAll measures assignments that every one of the streams shows.
func toldAll(ctx context.Context, l *lab, p *process, c *crowd, f *findings) error {
	head, err := l.db.Head(ctx)
	if err != nil {
		return err
	}
	had := c.delivered.Load()
	sent, err := series(ctx, idleCommands, idlePace, func(i int) (sending, error) { return l.toggle(ctx, p, 0, i) })
	if err != nil {
		return err
	}
	if err := c.wait(ctx, had+int64(len(sent)*soakStreams)); err != nil {
		return err
	}
	f.atMost("request sent → received by all 10,000, p99", percentile(c.latencies(sent, head.Pos), 99), time.Second)
	f.atMost("assign POST with 10,000 streams, p99", percentile(answers(sent), 99), 150*time.Millisecond)
	f.sound("every event at every stream, once, in order", c.sound())
	return nil
}

// answers are the times of the answers, ascending.
func answers(sent []sending) []time.Duration {
	took := make([]time.Duration, len(sent))
	for i, s := range sent {
		took[i] = s.took
	}
	slices.Sort(took)
	return took
}

// leftBehind measures what is left of the streams 30 s after they have gone.
func leftBehind(ctx context.Context, p *process, f *findings, baseline float64) error {
	begin := time.Now()
	for {
		m, err := p.metrics(ctx)
		if err != nil {
			return err
		}
		more := m["go_goroutines"] - baseline
		if math.Abs(more) <= 50 || time.Since(begin) > 30*time.Second {
			f.countAtMost("goroutines above the baseline within 30 s after all left", more, 50, "")
			f.atMost("time until they were gone", time.Since(begin), 30*time.Second)
			return nil
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}
