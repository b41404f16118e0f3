package relay

import (
	"context"
	"fmt"
	"sync"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

const (
	// sharedTimeout bounds a replay that several may wait for, with its own wait.
	sharedTimeout = 10 * time.Second
	// maxShared bounds the answers that are kept.
	maxShared = 32
	// maxReading bounds the answers that are being found, so that a storm of
	// replays leaves live rendering a connection of a pool of five.
	maxReading = 4
)

// replayKey is what a replay is asked for. upTo is part of it, so that an
// answer never serves anybody who subscribed after something newer was
// published: he would have missed that in the answer and live.
type replayKey struct {
	streams string
	after   int64
	upTo    events.Position
}

// shared lets callers who ask the same share one answer, also for a short time
// after it was found. That keeps a storm of reconnects from asking the
// database once per client.
type shared struct {
	ttl   time.Duration
	slots chan struct{}
	mu    sync.Mutex
	calls map[replayKey]*call
}

// call is an answer, once done is closed.
type call struct {
	done   chan struct{}
	answer broker.Replayed
	err    error
}

// do returns the shared answer for key, or has it found. Any caller may leave;
// the search goes on for the others, but not for ever.
func (s *shared) do(ctx context.Context, key replayKey, find func(context.Context) (broker.Replayed, error)) (broker.Replayed, error) {
	s.mu.Lock()
	c, ok := s.calls[key]
	if !ok {
		c = &call{done: make(chan struct{})}
		s.calls[key] = c
		go s.find(context.WithoutCancel(ctx), key, c, find)
	}
	s.mu.Unlock()
	select {
	case <-c.done:
		return c.answer, c.err
	case <-ctx.Done():
		return broker.Replayed{}, ctx.Err()
	}
}

func (s *shared) find(ctx context.Context, key replayKey, c *call, find func(context.Context) (broker.Replayed, error)) {
	ctx, cancel := context.WithTimeout(ctx, sharedTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			c.err = fmt.Errorf("panic while replaying: %v", p)
		}
		close(c.done)
		s.settle(key, c)
	}()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
		c.answer, c.err = find(ctx)
	case <-ctx.Done():
		c.err = ctx.Err()
	}
}

// settle keeps a good answer for the TTL and forgets a failure at once.
func (s *shared) settle(key replayKey, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.err != nil || len(s.calls) > maxShared {
		delete(s.calls, key)
		return
	}
	time.AfterFunc(s.ttl, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.calls, key)
	})
}
