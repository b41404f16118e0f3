package broker

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"smartscheduler/events"
)

// ErrNoStreams is returned by Serve before anything is written.
var ErrNoStreams = errors.New("no streams asked for")

// Request is one client's wish to follow streams. Whether it may is decided
// before.
type Request struct {
	// Streams are the streams to follow, at least one, in any order.
	Streams []events.Stream
	Format  Format
	// After is the raw Last-Event-ID or ?after=; empty means from now on.
	After string
	// Key groups connections for EndSession and MaxPerKey; empty means none.
	Key string
	// Address is what MaxPerAddress counts of the client's address; empty means
	// nothing.
	Address string
	// Audience is the label for Metrics: dispatcher, contractor, kiosk.
	Audience string
	// Ended is called once, when the stream has ended or was refused; nil means
	// that nobody needs to know.
	Ended func()
}

// Serve answers one stream request. It returns when the stream has ended, or
// when it took the connection over from net/http and the stream goes on by
// itself. The status is 200 whatever happens; trouble is told in-band. The error
// is not nil only when nothing was written.
func (b *Broker) Serve(ctx context.Context, w http.ResponseWriter, req Request) error {
	if req.Ended == nil {
		req.Ended = func() {}
	}
	if len(req.Streams) == 0 {
		req.Ended()
		return ErrNoStreams
	}
	c, refused := b.subscribe(req)
	if c == nil {
		defer req.Ended()
		return b.turnAway(w, req, refused)
	}
	s := &stream{broker: b, conn: c}
	c.stream = s
	b.opts.Metrics.StreamOpened(req.Audience)
	if taken := takeOver(w, b.opts.WriteTimeout); taken != nil {
		c.writeTo(taken)
		// The context of the request ends with its handler.
		s.ctx, s.out = context.Background(), taken
		go s.live(strings.Clone(req.After), req.Ended)
		return nil
	}
	s.ctx, s.out = ctx, newOutput(w, b.opts.WriteTimeout)
	c.writeTo(s.out)
	defer context.AfterFunc(ctx, func() { c.end(EndClient) })()
	s.live(req.After, req.Ended)
	return nil
}

// live is the whole life of a stream. A panic ends the stream and nothing else.
func (s *stream) live(after string, ended func()) {
	why := EndWrite
	defer func() {
		if p := recover(); p != nil {
			s.broker.opts.Log.Error("broker: panic in a stream", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
		s.out.close()
		s.broker.unsubscribe(s.conn)
		s.broker.opts.Metrics.StreamClosed(s.conn.audience, why)
		ended()
	}()
	if s.open(after) == nil {
		why = s.run()
	}
}

// Refuse answers a stream request with `unavailable` and the time after which
// to come back. A status other than 200 would end a browser's EventSource for
// good.
func (b *Broker) Refuse(w http.ResponseWriter, req Request, retry time.Duration) error {
	out := newOutput(w, b.opts.WriteTimeout)
	out.header()
	last, _ := b.asked(req.After)
	body, err := b.control(events.ControlUnavailable, last, reasonData{"busy"}, retry)
	if err != nil {
		return err
	}
	b.opts.Metrics.StreamRefused(req.Audience, EndRefused)
	_ = out.write(body) // the client is gone: there is nobody to tell
	return nil
}

// asked reads the position that a client has. One that cannot be read becomes
// the zero position, which is of no epoch and so leads to a resync, also when
// the connection breaks before that.
func (b *Broker) asked(after string) (at events.Position, malformed bool) {
	if after == "" {
		return b.Head(), false
	}
	at, err := events.ParsePosition(after)
	return at, err != nil
}

// subscribe registers a connection, so that from now on it misses nothing.
func (b *Broker) subscribe(req Request) (*conn, End) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.draining {
		return nil, EndBye
	}
	if b.full(req) {
		return nil, EndRefused
	}
	c := newConn(b.topicOf(req.Streams, req.Format), req, &b.opts)
	now := b.opts.Now()
	c.beatAt = now.Add(b.opts.Heartbeat)
	if b.degraded.Load() || b.delayed.Load() { // hello does not say so
		c.beatAt = now
	}
	if life := b.opts.Lifetime; life > 0 {
		c.dieAt = now.Add(life - rand.N(life/5+1))
	}
	c.topic.add(c)
	b.open++
	b.opened++
	c.share = b.opened % len(b.flushers)
	if c.address != "" {
		b.addresses[c.address]++
	}
	if c.key != "" {
		if b.keys[c.key] == nil {
			b.keys[c.key] = map[*conn]struct{}{}
		}
		b.keys[c.key][c] = struct{}{}
	}
	return c, ""
}

// full tells whether one more connection would exceed a bound. b.mu is held.
func (b *Broker) full(req Request) bool {
	above := func(open, most int) bool { return most > 0 && open >= most }
	return above(b.open, b.opts.MaxStreams) ||
		req.Key != "" && above(len(b.keys[req.Key]), b.opts.MaxPerKey) ||
		req.Address != "" && above(b.addresses[req.Address], b.opts.MaxPerAddress)
}

func (b *Broker) unsubscribe(c *conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.topic.remove(c); len(c.topic.conns) == 0 {
		b.drop(c.topic)
	}
	if own := b.keys[c.key]; own != nil {
		delete(own, c)
		if len(own) == 0 {
			delete(b.keys, c.key)
		}
	}
	if b.addresses[c.address]--; b.addresses[c.address] <= 0 {
		delete(b.addresses, c.address)
	}
	b.open--
	b.checkDrained()
}

// retryAway is how long a client stays away when there are too many streams.
const retryAway = 30 * time.Second

// turnAway answers a client that could not subscribe.
func (b *Broker) turnAway(w http.ResponseWriter, req Request, why End) error {
	if why == EndRefused {
		return b.Refuse(w, req, retryAway)
	}
	b.opts.Metrics.StreamRefused(req.Audience, why)
	out := newOutput(w, b.opts.WriteTimeout)
	out.header()
	last, _ := b.asked(req.After)
	body, err := b.control(events.ControlBye, last, reasonData{"drain"}, reconnectTime())
	if err != nil { // closed: a bare retry moves no position and ends no EventSource
		body = []byte("retry: 2000\n\n")
	}
	_ = out.write(body)
	return nil
}
