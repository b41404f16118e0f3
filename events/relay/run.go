package relay

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"smartscheduler/events"
)

const (
	// batchSize bounds the events that are numbered, read and rendered at once.
	batchSize = 500
	// firstPause and lastPause bound the wait after a failure, which doubles.
	firstPause = 50 * time.Millisecond
	lastPause  = time.Second
	// busyPause is the wait while another process gives positions. Its work may
	// have begun before our events were committed, and nobody would wake us.
	busyPause = 10 * time.Millisecond
)

// outcome says how a round of work ended.
type outcome int

const (
	done outcome = iota
	busy
	failed
)

// Run publishes events until ctx ends, and then returns nil; no failure ends it.
// What was logged before the first Run is left to replays, and so is what a
// restored backup holds.
func (r *Relay) Run(ctx context.Context) error {
	if !r.running.CompareAndSwap(false, true) {
		return errRunning
	}
	defer r.running.Store(false)
	var helpers sync.WaitGroup
	defer helpers.Wait()
	// The recorder ends after the last event was published, not with ctx.
	recording, stopRecording := context.WithCancel(context.WithoutCancel(ctx))
	defer stopRecording()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	heard := make(chan struct{}, 1)
	helpers.Go(func() { r.record(recording) })
	if r.opts.Notifier != nil {
		helpers.Go(func() { r.announce(ctx) })
	}
	if r.opts.ListenDSN != "" {
		helpers.Go(func() { r.listen(ctx, heard) })
	}
	polled, pause := true, time.Duration(0)
	for ctx.Err() == nil {
		polled, pause = r.wait(ctx, heard, r.round(ctx, polled), pause)
	}
	return nil
}

// wait returns when it is time for the next round. It tells whether the log's
// head is to be looked at again, and, after a failure or when another process
// is busy, the pause to double next time.
func (r *Relay) wait(ctx context.Context, heard <-chan struct{}, result outcome, last time.Duration) (polled bool, pause time.Duration) {
	wake := r.opts.Wake
	switch result {
	case done:
		pause = r.opts.Poll/4 + rand.N(r.opts.Poll*3/4+1)
	case busy:
		pause = min(max(2*last, busyPause), r.opts.Poll)
	case failed:
		// A database that is away is not asked more often because we are woken.
		wake, heard = nil, nil
		pause = min(max(2*last, firstPause), lastPause)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-heard:
	case <-timer.C:
		polled = result != busy
	}
	if result == done {
		pause = 0
	}
	return polled, pause
}

// round numbers and publishes until nothing is left.
func (r *Relay) round(ctx context.Context, polled bool) (result outcome) {
	defer r.recovered(ctx, &result)
	if polled && !r.checkHead(ctx) {
		return failed
	}
	for ctx.Err() == nil {
		given, err := r.opts.Log.Sequence(ctx, batchSize)
		r.failing.note(ctx, "sequence", err)
		if given > 0 {
			r.callOthers()
		}
		// Even if we cannot number events, others may do so.
		tailed := r.tail(ctx)
		switch {
		case err != nil || !tailed:
			return failed
		case given < 0:
			return busy
		case given < batchSize:
			return done
		}
	}
	return done
}

// recovered makes a panic a failed round; the next one goes on at the cursor.
func (r *Relay) recovered(ctx context.Context, result *outcome) {
	if p := recover(); p != nil {
		r.opts.Metrics.Failed("panic")
		r.opts.Trouble("panic", fmt.Errorf("panic: %v", p))
		r.opts.Logger.ErrorContext(ctx, "relay: panic, will go on", "panic", p, "stack", string(debug.Stack()))
		*result = failed
	}
}

// checkHead sets the cursor when the relay starts, and again when the log was
// replaced. It returns false when the log cannot be read.
func (r *Relay) checkHead(ctx context.Context) bool {
	head, err := r.opts.Log.Confirm(ctx, r.cursor, r.cursorEvent)
	r.failing.note(ctx, "head", err)
	if err != nil {
		return false
	}
	switch was := r.cursor; {
	case r.claimed.Load() == nil:
		r.begin(head)
	case head.Epoch != was.Epoch:
		r.opts.Logger.WarnContext(ctx, "relay: a backup was restored, all readers are told to reload", "was", was, "is", head)
		r.begin(head)
	}
	return true
}

// begin sets the cursor to the head of a log of which nothing was published.
// The broker sends whoever has a position of another epoch back to the log.
func (r *Relay) begin(head events.Position) {
	r.cursor, r.cursorEvent = head, ""
	r.claim(head) // before the broker sends anybody to Replay
	r.opts.Broker.SetHead(head)
}

// claim says that the events up to p are published or about to be.
func (r *Relay) claim(p events.Position) {
	if last := r.claimed.Load(); last == nil || last.Epoch != p.Epoch || p.Pos > last.Pos {
		r.claimed.Store(&p)
	}
	r.startOnce.Do(func() { close(r.started) })
}
