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
// the goroutine of the connection takes them. While that sleeps, a flusher may
// take them in its stead, so there is only ever one that writes.
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

	share  int     // the flusher that writes for it
	stream *stream // set before the goroutine first sleeps
	socket *socket // nil when the connection is not ours alone

	wake chan struct{} // one slot, filled only when sleeping was set

	mu        sync.Mutex
	queue     []*frame
	bytes     int
	sleeping  bool // the goroutine waits and touches nothing
	writing   bool // a flusher writes meanwhile
	scheduled bool // a flusher knows
	lagged    bool // must read the log before anything else
	behind    bool // overflowed and not up to date since
	ending    End
	out       writer             // nil until there is one
	abort     context.CancelFunc // ends a replay that is under way

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

// writeTo sets the writer. A socket makes the connection ours alone.
func (c *conn) writeTo(out writer) {
	c.mu.Lock()
	c.out = out
	c.socket, _ = out.(*socket)
	late := c.ending != ""
	c.mu.Unlock()
	if late {
		out.hurry()
	}
}

// offered is what became of a frame.
type offered int

const (
	dropped    offered = iota // the log will give it, or the connection ends
	overflowed                // the same, because the queue was full
	queued                    // the connection's own goroutine will write it
	due                       // queued, and a flusher is to be told
)

// offer queues a frame and never waits.
func (c *conn) offer(f *frame) offered {
	c.mu.Lock()
	if c.lagged || c.ending != "" {
		c.mu.Unlock()
		return dropped
	}
	if len(c.queue) >= c.maxFrames || c.bytes+len(f.bytes) > c.maxBytes {
		if c.behind {
			c.ending = EndEvicted
		}
		c.behind = true
		c.lag()
		return overflowed
	}
	c.queue = append(c.queue, f)
	c.bytes += len(f.bytes)
	if !c.sleeping || c.socket == nil || c.socket.raw == nil {
		c.rouse()
		return queued
	}
	// Who writes looks at the queue again; not so if it cannot write all, and
	// then it must not seem that a flusher knows.
	told := c.scheduled || c.writing
	if !told {
		c.scheduled = true
	}
	c.mu.Unlock()
	if told {
		return queued
	}
	return due
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
	out := c.out
	c.rouse()
	if out != nil {
		out.hurry()
	}
}

// rouse unlocks c.mu and wakes the goroutine if it sleeps; while a flusher
// writes, giveBack will.
func (c *conn) rouse() {
	wake := c.sleeping && !c.writing
	if wake {
		c.sleeping = false
	}
	c.mu.Unlock()
	if !wake {
		return
	}
	c.wake <- struct{}{}
	if c.socket != nil {
		c.socket.poke()
	}
}

// reset forgets what is queued. c.mu is held.
func (c *conn) reset() {
	clear(c.queue)
	c.queue = c.queue[:0]
	c.bytes = 0
}

// take returns what is queued, the caller's until the next call, who clears
// it. c.mu is held.
func (c *conn) take() []*frame {
	batch := c.queue
	c.turn ^= 1
	c.queue, c.bytes = c.small[c.turn][:0], 0
	return batch
}

// next waits for work: frames, a way back to the log, the rest of a write, or
// the end. The frames are the caller's until the next call; it clears them.
func (c *conn) next() (batch []*frame, lagged bool, why End) {
	for {
		c.mu.Lock()
		if !c.writing && (c.ending != "" || c.lagged || len(c.queue) > 0 || len(c.stream.rest) > 0) {
			lagged, why = c.lagged, c.ending
			// Cleared before the log is read: what comes from now on is queued.
			c.lagged = false
			c.sleeping = false
			batch = c.take()
			c.mu.Unlock()
			return batch, lagged, why
		}
		if !c.writing {
			c.behind = false
		}
		c.sleeping = true
		c.mu.Unlock()
		c.sleep()
	}
}

// sleep returns when the goroutine was roused. That the client has gone shows
// only here.
func (c *conn) sleep() {
	if c.socket != nil && c.socket.wait() {
		c.end(EndClient)
	}
	<-c.wake
}

// lend gives a flusher what is queued while the goroutine sleeps, nil when
// there is nothing for it to do.
func (c *conn) lend() []*frame {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scheduled = false
	if !c.sleeping || c.writing || c.lagged || c.ending != "" || len(c.queue) == 0 {
		return nil
	}
	c.writing = true
	return c.take()
}

// giveBack ends what lend began; whole says that all was written. It tells
// whether more is queued.
func (c *conn) giveBack(whole bool) (again bool) {
	c.mu.Lock()
	c.writing = false
	if !whole || c.lagged || c.ending != "" {
		c.rouse()
		return false
	}
	again = len(c.queue) > 0
	if !again {
		c.behind = false
	}
	c.mu.Unlock()
	return again
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
