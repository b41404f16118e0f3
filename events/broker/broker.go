// Package broker fans events out to open SSE streams.
//
// Every event is framed once for each group of like connections (a topic) by
// r3labs/sse, which never sees a socket: its only subscriber is a writer in
// memory. The framed bytes are offered to the bounded queue of each
// connection. A connection over HTTP/1 is taken over from net/http: one of a few
// flushers writes to it what its socket takes at once, and only what does not
// fit wakes the goroutine of the connection, which may wait. Over HTTP/2 that
// goroutine does all the writing. So a reader that stops reading costs its own
// connection and nothing else.
//
// A connection subscribes before it reads what it missed from the log, and
// drops live frames that the log already gave it: no gap and no duplicate. How
// early a reader that does not read is noticed depends on the send buffer of
// its socket, which the http.Server has to cap.
package broker

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"smartscheduler/events"
)

// ErrOrder is returned by Publish for a position that is not after the last.
var ErrOrder = errors.New("event is not after the last one published")

// Broker holds the open connections and offers them what is published. Use New.
type Broker struct {
	opts     Options
	library  *library
	private  *framer // control frames
	replays  replayFrames
	scratch  scratch
	degraded atomic.Bool
	delayed  atomic.Bool
	stop     chan struct{}
	stopped  chan struct{}

	flushers []*flusher
	flushing sync.WaitGroup

	// publishing makes one order of all that is offered; it is locked before mu.
	publishing sync.Mutex
	published  events.Position
	due        [][]*conn // what to tell each flusher
	head       atomic.Pointer[events.Position]

	mu        sync.RWMutex
	topics    map[string]*topic
	following map[events.Stream][]*topic
	keys      map[string]map[*conn]struct{}
	addresses map[string]int // open connections
	open      int
	opened    int // ever
	draining  bool
	closed    bool
	drained   chan struct{} // closed when draining and nothing is open
}

// New starts a broker with a goroutine for heartbeats and some that write; end
// it with Close.
func New(opts Options) *Broker {
	opts = opts.withDefaults()
	b := &Broker{
		opts: opts, library: newLibrary(opts.Log),
		stop: make(chan struct{}), stopped: make(chan struct{}), drained: make(chan struct{}),
		topics: map[string]*topic{}, following: map[events.Stream][]*topic{}, keys: map[string]map[*conn]struct{}{}, addresses: map[string]int{},
	}
	if b.opts.Replay == nil {
		b.opts.Replay = b.noHistory
	}
	b.private = b.library.framer()
	b.head.Store(&events.Position{})
	b.flushers = b.newFlushers()
	b.due = make([][]*conn, len(b.flushers))
	go b.beat()
	return b
}

// Wanted tells whether any connection shows s. What nobody wants need not be
// rendered, see Part.
func (b *Broker) Wanted(s events.Stream) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.following[s]) > 0
}

// Publish offers an event to every connection that shows one of its parts and
// returns how many queued it. Positions must ascend. It never waits for a
// socket. When a frame cannot be made, the connections that miss it go back to
// the log, and the error says so; the event counts as published. After a panic
// all that want the event go back.
func (b *Broker) Publish(ev Event) (receivers int, err error) {
	b.publishing.Lock()
	defer b.publishing.Unlock()
	p := ev.Position
	if p.Epoch <= 0 || p.Pos <= 0 || p.Epoch == b.published.Epoch && p.Pos <= b.published.Pos {
		return 0, fmt.Errorf("publish %s after %s: %w", p, b.published, ErrOrder)
	}
	b.published = p
	defer func() {
		if caught := recover(); caught != nil {
			b.sendBack(ev.Parts)
			receivers, err = 0, fmt.Errorf("publish %s: panic: %v", p, caught)
		}
	}()
	b.advance(p)
	defer b.handOver()
	b.mu.RLock()
	defer b.mu.RUnlock()
	var failed []error
	for _, t := range b.targets(ev.Parts) {
		n, err := b.publishTo(t, &ev)
		receivers += n
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 {
		return receivers, fmt.Errorf("publish %s: %w", p, errors.Join(failed...))
	}
	return receivers, nil
}

// publishTo frames the event once for a topic and offers it. b.mu is held.
func (b *Broker) publishTo(t *topic, ev *Event) (receivers int, err error) {
	data, whole := t.data(ev.Parts)
	var f *frame
	if whole {
		f, err = t.frame(ev, data)
	}
	if f == nil {
		for _, c := range t.conns {
			c.goBack()
			b.opts.Metrics.Lagged(c.audience)
		}
		return 0, err
	}
	for _, c := range t.conns {
		if b.offer(c, f) {
			receivers++
		}
	}
	return receivers, nil
}

// offer tells whether the frame is queued. b.publishing is held; handOver has
// to follow.
func (b *Broker) offer(c *conn, f *frame) bool {
	switch c.offer(f) {
	case overflowed:
		b.opts.Metrics.Lagged(c.audience)
		return false
	case dropped:
		return false
	case due:
		b.schedule(c)
	}
	return true
}

// targets lists the topics that show a part. b.mu is held.
func (b *Broker) targets(parts []Part) []*topic {
	var found []*topic
	for i := range parts {
		for _, t := range b.following[parts[i].Stream] {
			if !slices.Contains(found, t) {
				found = append(found, t)
			}
		}
	}
	return found
}

// sendBack has every connection that shows a part read the log.
func (b *Broker) sendBack(parts []Part) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, t := range b.targets(parts) {
		for _, c := range t.conns {
			c.goBack()
		}
	}
}

// SetHead tells the position up to which everything was published. Call it
// before the first connection and after each batch. Another epoch sends every
// connection back to the log, which answers with a resync.
func (b *Broker) SetHead(p events.Position) {
	b.publishing.Lock()
	defer b.publishing.Unlock()
	b.advance(p)
}

// Head is the position up to which everything was offered.
func (b *Broker) Head() events.Position { return *b.head.Load() }

// advance moves the head. b.publishing is held.
func (b *Broker) advance(p events.Position) {
	head := b.Head()
	if p.Epoch == head.Epoch && p.Pos <= head.Pos {
		return
	}
	b.head.Store(&p)
	if head.Epoch == p.Epoch || head.Epoch == 0 {
		return
	}
	b.each(func(c *conn) { c.goBack() })
}

// each calls f for every open connection.
func (b *Broker) each(f func(*conn)) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, t := range b.topics {
		for _, c := range t.conns {
			f(c)
		}
	}
}

// SetDegraded sets what heartbeats tell about the service: true while it cannot
// save or read. When that changes, everybody gets a heartbeat at once.
func (b *Broker) SetDegraded(degraded bool) {
	if b.degraded.Swap(degraded) != degraded {
		b.beatNow()
	}
}

// SetDelayed sets what heartbeats tell about the events: true while there are some
// that are committed and not published. When that changes, everybody gets a
// heartbeat at once.
func (b *Broker) SetDelayed(delayed bool) {
	if b.delayed.Swap(delayed) != delayed {
		b.beatNow()
	}
}

// Streams is the number of open connections.
func (b *Broker) Streams() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.open
}
