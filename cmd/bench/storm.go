package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// restart is a way to end the server.
type restart struct {
	name   string
	signal os.Signal
}

var (
	terminated = restart{"SIGTERM", syscall.SIGTERM}
	killed     = restart{"kill -9", syscall.SIGKILL}
)

const (
	missedEvents = 100
	stormTime    = 2 * time.Minute // after which it is given up
	// maxReads bounds the reads of the log for all replays together.
	maxReads = 200
)

// poolLimits bound the connections of each pool to the database.
var poolLimits = map[string]float64{"requests": 20, "relay": 2, "replay": 5}

// soakStorm ends the server under 10,000 streams while changes are being made,
// commits 100 more changes, starts a server and lets all clients come back at
// once, without the pause that they were asked to make. Meanwhile changes go on.
func soakStorm(ctx context.Context, l *lab, f *findings, how restart) (err error) {
	p, err := l.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	s := &storm{crowd: newCrowd(l.world, p)}
	defer s.crowd.close()
	if err := s.gather(ctx); err != nil {
		return err
	}
	if err := endUnderLoad(ctx, l, p, how); err != nil {
		return err
	}
	if err := s.gone.Wait(); err != nil {
		return err
	}
	target, err := l.commit(ctx, missedEvents)
	if err != nil {
		return err
	}
	after, err := l.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, after.stop()) }()
	s.crowd.server = after
	for _, r := range s.crowd.readers {
		r.target = target
	}
	return s.comeBack(ctx, l, after, f, how)
}

// storm is a crowd whose readers come back together.
type storm struct {
	crowd *crowd
	gone  errgroup.Group // the readers of the first server
	again atomic.Int64   // how often a client had to come once more
}

// gather opens the first connections.
func (s *storm) gather(ctx context.Context) error {
	return s.crowd.add(ctx, soakStreams, func(ctx context.Context, r *reader) error {
		conn, lines, err := r.connect(ctx)
		if err != nil {
			return err
		}
		s.gone.Go(func() error {
			_ = r.follow(lines) // until the server ends
			return s.crowd.drop(conn)
		})
		return nil
	})
}

// endUnderLoad ends the server while somebody makes changes as fast as he can.
func endUnderLoad(ctx context.Context, l *lab, p *process, how restart) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var writer errgroup.Group
	began := make(chan struct{})
	writer.Go(func() error {
		for i := 0; ; i++ {
			if _, err := l.toggle(ctx, p, 1, i); err != nil {
				return nil // the server is away
			}
			if i == 5 {
				close(began)
			}
		}
	})
	select {
	case <-began:
	case <-time.After(10 * time.Second):
		return errors.New("no assignment within 10 s before the storm")
	}
	err := p.end(how.signal)
	return errors.Join(err, writer.Wait())
}

// comeBack lets all clients go at once and measures until the last has what it
// missed.
func (s *storm) comeBack(ctx context.Context, l *lab, p *process, f *findings, how restart) error {
	ctx, cancel := context.WithTimeout(ctx, stormTime)
	defer cancel()
	begin := time.Now()
	caught := make(chan time.Duration, soakStreams)
	for _, r := range s.crowd.readers {
		s.crowd.reading.Go(func() { s.catchUp(ctx, r, func() { caught <- time.Since(begin) }) })
	}
	watched, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	var slowest time.Duration
	most := map[string]float64{}
	var watchers errgroup.Group
	watchers.Go(func() (err error) { slowest, err = assignMeanwhile(watched, l, p); return err })
	watchers.Go(func() error { return watchPools(watched, p, most) })
	last, err := slowestOf(ctx, caught, soakStreams)
	stopWatching()
	if err := errors.Join(err, watchers.Wait()); err != nil {
		return errors.Join(err, s.crowd.sound())
	}
	m, err := p.metrics(ctx)
	if err != nil {
		return err
	}
	name := "after " + how.name + ": "
	f.atMost(name+"10,000 clients, at least 100 events behind, caught up", last, 30*time.Second)
	f.sound(name+"each client got every event, once, in order", s.crowd.sound())
	f.note(name+"connects beside the first of each client", strconv.FormatInt(s.again.Load(), 10))
	f.countAtMost(name+"reads of the log for replays", m.sum(namespace+"relay_replay_reads_total"), maxReads, "")
	for _, pool := range slices.Sorted(maps.Keys(poolLimits)) {
		f.countAtMost(name+"most connections to the database, pool of "+pool, most[pool], poolLimits[pool], "")
	}
	f.atMost(name+"slowest assignment meanwhile", slowest, time.Second)
	return nil
}

// catchUp connects until the client has all it missed, and then reads on.
func (s *storm) catchUp(ctx context.Context, r *reader, caught func()) {
	done := false
	r.caught = func() { done = true; caught() }
	for ctx.Err() == nil {
		conn, lines, err := r.connect(ctx)
		if err == nil {
			_ = r.follow(lines)
			_ = s.crowd.drop(conn)
		}
		if done || errors.Is(err, net.ErrClosed) {
			return
		}
		s.again.Add(1)
		if pause(ctx, r.retry) != nil {
			return
		}
	}
}

// slowestOf returns the longest of n times.
func slowestOf(ctx context.Context, times <-chan time.Duration, n int) (longest time.Duration, err error) {
	for i := range n {
		select {
		case d := <-times:
			longest = max(longest, d)
		case <-ctx.Done():
			return 0, fmt.Errorf("%d of %d clients caught up: %w", i, n, ctx.Err())
		}
	}
	return longest, nil
}

// assignMeanwhile makes a change every half second and returns the longest time
// that one took.
func assignMeanwhile(ctx context.Context, l *lab, p *process) (slowest time.Duration, err error) {
	for i := 0; pause(ctx, 500*time.Millisecond) == nil; i++ {
		s, err := l.toggle(context.WithoutCancel(ctx), p, 2, i)
		if err != nil {
			return 0, err
		}
		slowest = max(slowest, s.took)
	}
	return slowest, nil
}

// watchPools keeps the greatest number of connections of each pool.
func watchPools(ctx context.Context, p *process, most map[string]float64) error {
	for {
		m, err := p.metrics(context.WithoutCancel(ctx))
		if err != nil {
			return err
		}
		for pool := range poolLimits {
			most[pool] = max(most[pool], m[namespace+`db_connections{pool="`+pool+`"}`])
		}
		if pause(ctx, 200*time.Millisecond) != nil {
			return nil
		}
	}
}
