package broker

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// A flusher makes some 100,000 writes a second. With more of them the last reader
// would have an event sooner, but each write costs more: a tenth to a fifth with
// two flushers on two processors.
const (
	processorsPerFlusher = 4
	maxFlushers          = 8
)

// flusher writes what is queued for the connections of its share while their
// own goroutines sleep, without ever waiting for a socket. Waking a goroutine
// for each delivery would cost more than half as much as the write itself.
// What is published during one round is written in the next, so that under load
// one write carries several frames.
type flusher struct {
	broker *Broker
	wake   chan struct{} // one slot

	mu  sync.Mutex
	due []*conn
}

// newFlushers starts at least one.
func (b *Broker) newFlushers() []*flusher {
	all := make([]*flusher, min(max(1, runtime.GOMAXPROCS(0)/processorsPerFlusher), maxFlushers))
	for i := range all {
		all[i] = &flusher{broker: b, wake: make(chan struct{}, 1)}
		b.flushing.Go(all[i].run)
	}
	return all
}

// add takes note of connections that have something queued.
func (f *flusher) add(due []*conn) {
	f.mu.Lock()
	f.due = append(f.due, due...)
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// run works until the broker is closed.
func (f *flusher) run() {
	var round []*conn
	for {
		select {
		case <-f.broker.stop:
			return
		case <-f.wake:
		}
		f.mu.Lock()
		round, f.due = f.due, round[:0]
		f.mu.Unlock()
		var t tally
		for _, c := range round {
			f.flush(c, &t)
		}
		clear(round)
		if t.writes > 0 {
			f.broker.opts.Metrics.Written(t.writes, t.frames, t.bytes)
		}
	}
}

// tally counts what a round has written.
type tally struct{ writes, frames, bytes int }

// flush writes for one connection until nothing is queued or its socket takes
// no more. A panic costs this connection and nothing else.
func (f *flusher) flush(c *conn, t *tally) {
	defer func() {
		if p := recover(); p != nil {
			f.broker.opts.Log.Error("broker: panic in a write", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			c.end(EndWrite) // first, so that nothing is written behind what was lost
			c.giveBack(false)
		}
	}()
	for again := true; again; {
		batch := c.lend()
		if batch == nil {
			return
		}
		whole := c.stream.try(batch, t)
		clear(batch) // an idle connection holds no frame
		again = c.giveBack(whole)
	}
}

// schedule notes that a flusher has to look after c. b.publishing is held.
func (b *Broker) schedule(c *conn) { b.due[c.share] = append(b.due[c.share], c) }

// handOver lets the flushers begin. b.publishing is held.
func (b *Broker) handOver() {
	for i, due := range b.due {
		if len(due) == 0 {
			continue
		}
		b.flushers[i].add(due)
		clear(due)
		b.due[i] = due[:0]
	}
}
