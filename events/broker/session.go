package broker

import (
	"context"
	"math/rand/v2"
	"time"

	"smartscheduler/events"
)

// Keys lists the keys that have open connections.
func (b *Broker) Keys() []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	keys := make([]string, 0, len(b.keys))
	for k := range b.keys {
		keys = append(keys, k)
	}
	return keys
}

// EndSession ends the connections of a key and returns how many it found. They
// get nothing that is published later, only why: session-ended with the loss, bye when other
// rights came in the place of the lost ones.
func (b *Broker) EndSession(key string, why events.Loss) int {
	return b.endKey(key, End(why))
}

// Suspend ends the connections of a key with unavailable, because its rights
// cannot be checked, and returns how many it found.
func (b *Broker) Suspend(key string) int { return b.endKey(key, EndUnavailable) }

func (b *Broker) endKey(key string, why End) int {
	if key == "" {
		return 0
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for c := range b.keys[key] {
		c.end(why)
	}
	return len(b.keys[key])
}

// Drain ends every connection with bye, in random order over
// Options.DrainSpread, and waits for them. New ones get bye at once. When ctx
// ends first, the rest is ended at once and its error returned.
func (b *Broker) Drain(ctx context.Context) error {
	b.mu.Lock()
	b.draining = true
	b.checkDrained()
	b.mu.Unlock()
	var open []*conn
	b.each(func(c *conn) { open = append(open, c) })
	rand.Shuffle(len(open), func(i, j int) { open[i], open[j] = open[j], open[i] })
	if err := b.endSpread(ctx, open); err != nil {
		return err
	}
	select {
	case <-b.drained:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// endSpread ends the connections evenly over the time of the option.
func (b *Broker) endSpread(ctx context.Context, open []*conn) error {
	begin := time.Now()
	for i, c := range open {
		at := b.opts.DrainSpread * time.Duration(i) / time.Duration(len(open))
		if wait := at - time.Since(begin); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				for _, rest := range open[i:] {
					rest.end(EndBye)
				}
				return ctx.Err()
			}
		}
		c.end(EndBye)
	}
	return nil
}

// checkDrained closes drained when the last connection has gone. b.mu is held.
func (b *Broker) checkDrained() {
	if !b.draining || b.open > 0 {
		return
	}
	select {
	case <-b.drained:
	default:
		close(b.drained)
	}
}

// Close ends every connection at once with bye and waits until they have gone,
// for a stuck one as long as its write may take; then it ends the broker's own
// goroutines. Publish, SetHead and Serve may still be called and do nothing
// of use. It may be called more than once.
func (b *Broker) Close() {
	at := context.Background()
	now, cancel := context.WithCancel(at)
	cancel()
	_ = b.Drain(now) // at once, whatever the spread
	<-b.drained
	b.mu.Lock()
	closed := b.closed
	b.closed = true
	b.mu.Unlock()
	if closed {
		<-b.stopped
		return
	}
	close(b.stop)
	<-b.stopped
	b.flushing.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.private.close()
	for _, t := range b.topics {
		t.framer.close()
	}
	b.library.close()
}
