package relay

import (
	"context"
	"errors"
	"sync"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

const (
	// sharedTimeout bounds a replay that several may wait for.
	sharedTimeout = 10 * time.Second
	// maxShared bounds the answers that are kept.
	maxShared = 32
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
	mu    sync.Mutex
	calls map[replayKey]*call
}

// call is an answer, once done is closed.
type call struct {
	done   chan struct{}
	answer broker.Replayed
	err    error
}

// errAbandoned is the answer when find panicked.
var errAbandoned = errors.New("replay was abandoned")

// do returns the shared answer for key, or finds it. The first caller finds it
// for all, so his going away does not end it; the others may leave.
func (s *shared) do(ctx context.Context, key replayKey, find func(context.Context) (broker.Replayed, error)) (broker.Replayed, error) {
	s.mu.Lock()
	if c, ok := s.calls[key]; ok {
		s.mu.Unlock()
		select {
		case <-c.done:
			return c.answer, c.err
		case <-ctx.Done():
			return broker.Replayed{}, ctx.Err()
		}
	}
	c := &call{done: make(chan struct{}), err: errAbandoned}
	s.calls[key] = c
	s.mu.Unlock()
	defer func() {
		close(c.done)
		s.settle(key, c)
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sharedTimeout)
	defer cancel()
	c.answer, c.err = find(ctx)
	return c.answer, c.err
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
