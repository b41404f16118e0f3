package handlers

import (
	"context"
	"sync"
	"time"
)

const (
	// slowTime is how long a try takes at an account that had too many wrong
	// ones.
	slowTime = 3 * time.Second
	// slowAtOnce is how many tries at one account are slowed at the same time,
	// so that many addresses together cannot guess fast either. More of them
	// wait for a place.
	slowAtOnce = 5
)

// brake slows down the tries at accounts. What it remembers of an account goes
// with the last try that is under way.
type brake struct {
	pause func(context.Context, time.Duration) error

	mu       sync.Mutex
	accounts map[string]*slowed
}

type slowed struct {
	places chan struct{}
	tries  int
}

func newBrake(pause func(context.Context, time.Duration) error) *brake {
	if pause == nil {
		pause = sleep
	}
	return &brake{pause: pause, accounts: make(map[string]*slowed)}
}

// hold returns after slowTime in a place of the account, or early with the
// error of a ctx that ends.
func (b *brake) hold(ctx context.Context, account string) error {
	s := b.enter(account)
	defer b.leave(account, s)
	select {
	case s.places <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.places }()
	return b.pause(ctx, slowTime)
}

func (b *brake) enter(account string) *slowed {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, ok := b.accounts[account]
	if !ok {
		s = &slowed{places: make(chan struct{}, slowAtOnce)}
		b.accounts[account] = s
	}
	s.tries++
	return s
}

func (b *brake) leave(account string, s *slowed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.tries--; s.tries == 0 {
		delete(b.accounts, account)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
