package broker

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"smartscheduler/events"
)

// frame is one SSE frame, shared by all who get it.
type frame struct {
	position events.Position
	bytes    []byte
	// beat is the data of a heartbeat, nil in every other frame. A connection
	// that is ahead of its position frames it again with its own.
	beat json.RawMessage
}

// conn is the queue of one connection. Whoever publishes offers frames to it,
// the goroutine of the request takes them.
//
// The rule for slow readers: when the queue overflows it is emptied, and the
// connection goes back to the log for what it lost. If the queue overflows
// again before the connection was once wholly up to date, the connection is
// ended; the client comes back with the position that it has.
type conn struct {
	topic    *topic
	key      string
	address  string
	audience string
	place    int       // in topic.conns, guarded by Broker.mu
	beatAt   time.Time // next heartbeat, only for the broker's own goroutine
	dieAt    time.Time // end of life, zero for none

	maxFrames, maxBytes int

	wake chan struct{} // one slot, filled only when sleeping was set

	mu       sync.Mutex
	queue    []*frame
	bytes    int
	sleeping bool
	lagged   bool // must read the log before anything else
	behind   bool // overflowed and not up to date since
	ending   End
	abort    context.CancelFunc // ends a replay that is under way

	small [2][4]*frame // the queue's first places, in turn, so that an idle one costs nothing
	turn  int
}

func newConn(t *topic, req Request, opts *Options) *conn {
	c := &conn{
		topic: t, key: req.Key, address: req.Address, audience: req.Audience, wake: make(chan struct{}, 1),
		maxFrames: opts.QueueFrames, maxBytes: opts.QueueBytes,
	}
	c.queue = c.small[0][:0]
	return c
}

// offer queues a frame and never waits. It tells whether the frame is queued
// and whether the queue overflowed.
func (c *conn) offer(f *frame) (queued, overflowed bool) {
	c.mu.Lock()
	if c.lagged || c.ending != "" {
		c.mu.Unlock()
		return false, false
	}
	if len(c.queue) >= c.maxFrames || c.bytes+len(f.bytes) > c.maxBytes {
		if c.behind {
			c.ending = EndEvicted
		}
		c.behind = true
		c.lag()
		return false, true
	}
	c.queue = append(c.queue, f)
	c.bytes += len(f.bytes)
	c.rouse()
	return true, false
}

// goBack sends the connection to the log because it missed an event.
func (c *conn) goBack() {
	c.mu.Lock()
	c.lag()
}

// lag empties the queue and unlocks c.mu.
func (c *conn) lag() {
	c.lagged = true
	c.reset()
	c.rouse()
}

// end asks the writer to end; the first reason stands.
func (c *conn) end(why End) {
	c.mu.Lock()
	if c.ending == "" {
		c.ending = why
	}
	if c.abort != nil {
		c.abort()
	}
	c.rouse()
}

// rouse unlocks c.mu and wakes the writer if it sleeps.
func (c *conn) rouse() {
	sleeping := c.sleeping
	c.sleeping = false
	c.mu.Unlock()
	if sleeping {
		c.wake <- struct{}{}
	}
}

// reset forgets what is queued. c.mu is held.
func (c *conn) reset() {
	clear(c.queue)
	c.queue = c.queue[:0]
	c.bytes = 0
}

// next waits for work: frames, a way back to the log, or the end. The frames
// are the caller's until the next call; it clears them.
func (c *conn) next() (batch []*frame, lagged bool, why End) {
	for {
		c.mu.Lock()
		if c.ending != "" || c.lagged || len(c.queue) > 0 {
			batch, lagged, why = c.queue, c.lagged, c.ending
			// Cleared before the log is read: what comes from now on is queued.
			c.lagged = false
			c.turn ^= 1
			c.queue, c.bytes = c.small[c.turn][:0], 0
			c.mu.Unlock()
			return batch, lagged, why
		}
		c.behind = false
		c.sleeping = true
		c.mu.Unlock()
		<-c.wake
	}
}

// abortWith sets what ends a replay that is under way; nil when none is.
func (c *conn) abortWith(abort context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.abort = abort
	if abort != nil && c.ending != "" {
		abort()
	}
}

// ended tells whether end was called.
func (c *conn) ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ending != ""
}
