package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	healthyStreams = 1000
	pushes         = 750 // of some 12 kB: more than 8 MiB for each connection
	pushPace       = 80 * time.Millisecond
	leastPushed    = 8 << 20
	// mostMemory is how much the process may grow while readers are frozen: their
	// queues share the frames.
	mostMemory = 128 << 20
)

// wire is how the clients of a measurement speak.
type wire struct {
	name  string
	serve func(*lab, context.Context) (*process, error)
	dress func(*crowd) *crowd
}

var (
	http1 = wire{"HTTP/1.1", (*lab).serve, func(c *crowd) *crowd { return c }}
	http2 = wire{"HTTP/2", (*lab).serveTLS, func(c *crowd) *crowd { return c.overHTTP2(healthyStreams) }}
)

// soakFrozen pushes more than 8 MiB to each of 1,000 readers and to some that
// read nothing, and one that reads little; then those may read again.
func soakFrozen(ctx context.Context, l *lab, f *findings, over wire, frozen int) (err error) {
	p, err := over.serve(l, ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if _, err := l.shift(ctx, p, 0); err != nil { // from now on all frames are large
		return err
	}
	healthy, err := openCrowd(ctx, over.dress(newCrowd(l.world, p)), healthyStreams)
	if err != nil {
		return err
	}
	defer healthy.close()
	if err := settle(ctx); err != nil {
		return err
	}
	head, err := l.db.Head(ctx)
	if err != nil {
		return err
	}
	stuck, err := newSluggards(ctx, healthy, frozen, head.Pos+pushes)
	if err != nil {
		return err
	}
	defer func() {
		stuck.release()
		stuck.close()
	}()
	name := fmt.Sprintf("%s, %d frozen and one at 1 KB/s beside 1,000: ", over.name, frozen)
	if err := pushAll(ctx, l, p, healthy, f, name, frozen+1); err != nil {
		return err
	}
	stuck.release()
	f.sound(name+"they resume and get every event, once, in order", stuck.complete(ctx))
	return nil
}

// pushAll pushes and measures what the healthy notice.
func pushAll(ctx context.Context, l *lab, p *process, healthy *crowd, f *findings, name string, tooSlow int) error {
	head, err := l.db.Head(ctx)
	if err != nil {
		return err
	}
	w, err := watch(ctx, p, tooSlow)
	if err != nil {
		return err
	}
	had, bytes := healthy.delivered.Load(), healthy.bytes.Load()
	sent, err := series(ctx, pushes, pushPace, func(i int) (sending, error) { return l.shift(ctx, p, i) })
	if err == nil {
		err = healthy.wait(ctx, had+pushes*healthyStreams)
	}
	seen, watchErr := w.stop()
	if err := errors.Join(err, watchErr); err != nil {
		return err
	}
	all := healthy.latencies(sent, head.Pos)
	pushed := float64(healthy.bytes.Load()-bytes) / healthyStreams
	f.check(name+"pushed to each connection", mib(pushed), "≥ "+mib(leastPushed), pushed >= leastPushed)
	f.atMost(name+"request sent → received by the healthy, p99", percentile(all, 99), 250*time.Millisecond)
	f.atMost(name+"the same, longest", percentile(all, 100), time.Second)
	f.sound(name+"the healthy get every event, once, in order", healthy.sound())
	f.check(name+"readers that the server ended", fmt.Sprint(seen.ended), fmt.Sprint(tooSlow), seen.ended == tooSlow)
	f.atMost(name+"until the last was ended, after their queues were full", seen.wait(), 10*time.Second)
	f.check(name+"growth of the server's memory", mib(seen.memory), "≤ "+mib(mostMemory), seen.memory <= mostMemory)
	return nil
}

func mib(bytes float64) string { return fmt.Sprintf("%.1f MiB", bytes/(1<<20)) }

// The rounds of soakPosts.
const (
	postRounds = 7
	posts      = 150
	postPace   = 30 * time.Millisecond
)

// soakPosts compares the assignments of rounds with and without 50 frozen
// readers beside 1,000 others.
func soakPosts(ctx context.Context, l *lab, f *findings) (err error) {
	p, err := l.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	healthy, err := openCrowd(ctx, newCrowd(l.world, p), healthyStreams)
	if err != nil {
		return err
	}
	defer healthy.close()
	var without, with []time.Duration
	for range postRounds {
		quiet, err := postRound(ctx, l, p)
		if err != nil {
			return err
		}
		frozen, err := frozenRound(ctx, l, p, healthy)
		if err != nil {
			return err
		}
		without, with = append(without, quiet), append(with, frozen)
	}
	slices.Sort(without)
	slices.Sort(with)
	before, after := percentile(without, 50), percentile(with, 50)
	ratio := float64(after) / float64(before)
	const name = "assign POST, 1,000 streams, p99 of a round, median of rounds: "
	f.note(name+"without frozen readers", ms(before))
	f.note(name+"with 50 frozen readers", ms(after))
	f.check(name+"ratio", fmt.Sprintf("%.2f", ratio), "≤ 1.10", ratio <= 1.1)
	f.sound("the 1,000 streams get every event, once, in order", healthy.sound())
	return nil
}

// frozenRound fills the buffers of 50 frozen readers and measures a round.
func frozenRound(ctx context.Context, l *lab, p *process, healthy *crowd) (time.Duration, error) {
	head, err := l.db.Head(ctx)
	if err != nil {
		return 0, err
	}
	stuck, err := newSluggards(ctx, healthy, 50, head.Pos)
	if err != nil {
		return 0, err
	}
	defer func() {
		stuck.release() // else they wait for ever
		stuck.close()
	}()
	// Some 240 kB: more than the kernel takes for a reader that does not read.
	if _, err := series(ctx, 20, pushPace, func(i int) (sending, error) { return l.shift(ctx, p, i) }); err != nil {
		return 0, err
	}
	return postRound(ctx, l, p)
}

func postRound(ctx context.Context, l *lab, p *process) (time.Duration, error) {
	sent, err := series(ctx, posts, postPace, func(i int) (sending, error) { return l.toggle(ctx, p, 0, i) })
	return percentile(answers(sent), 99), err
}
