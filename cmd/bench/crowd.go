package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// crowd is many readers of the same stream.
type crowd struct {
	world   *world
	server  *process
	readers []*reader
	// shared are the connections of HTTP/2, each for several readers; without
	// them each reader has its own connection of HTTP/1.1.
	shared []*http.Transport
	// walls are the tokens of displays, one for each reader, who then reads what
	// they show; without them each is a dispatcher.
	walls []string
	// delivered counts the events that reached all of them together.
	delivered, bytes atomic.Int64
	reading          sync.WaitGroup

	mu     sync.Mutex
	open   map[io.Closer]struct{}
	faults []error
	closed bool
}

// maxFaults bounds the faults that are kept; more of them say nothing new.
const maxFaults = 10

func newCrowd(w *world, p *process) *crowd {
	return &crowd{world: w, server: p, open: map[io.Closer]struct{}{}}
}

// openCrowd opens n streams of the region, shared among the sessions.
func openCrowd(ctx context.Context, c *crowd, n int) (*crowd, error) {
	err := c.add(ctx, n, func(ctx context.Context, r *reader) error {
		conn, lines, err := r.connect(ctx)
		if err != nil {
			return err
		}
		c.reading.Go(func() { r.mustFollow(conn, lines) })
		return nil
	})
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// add makes n readers and begins with several of them at once.
func (c *crowd) add(ctx context.Context, n int, begin func(context.Context, *reader) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(32)
	for range n {
		r := &reader{crowd: c, number: len(c.readers)}
		c.readers = append(c.readers, r)
		group.Go(func() error {
			if err := begin(ctx, r); err != nil {
				return fmt.Errorf("stream %d: %w", r.number, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// dialTime bounds a connect with the answer to it.
const dialTime = 30 * time.Second

// connect opens the stream at the reader's place and waits for hello.
func (r *reader) connect(ctx context.Context) (io.Closer, *bufio.Reader, error) {
	if r.crowd.shared != nil {
		return r.share(ctx)
	}
	conn, err := r.dial(ctx, &net.Dialer{Timeout: dialTime})
	if err != nil {
		return nil, nil, err
	}
	lines := bufio.NewReaderSize(conn, 4096)
	_ = conn.SetReadDeadline(time.Now().Add(dialTime))
	if err := r.begin(lines, true); err != nil {
		return nil, nil, errors.Join(err, r.crowd.drop(conn))
	}
	_ = conn.SetReadDeadline(time.Time{})
	return conn, lines, nil
}

// dial connects and asks for the stream; nothing is read yet.
func (r *reader) dial(ctx context.Context, dialer *net.Dialer) (net.Conn, error) {
	host := strings.TrimPrefix(r.crowd.server.base, "http://")
	conn, err := dialer.DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	if !r.crowd.keep(conn) {
		return nil, errors.Join(net.ErrClosed, conn.Close())
	}
	resume := ""
	if r.place != "" {
		resume = "Last-Event-ID: " + r.place + "\r\n"
	}
	_, err = fmt.Fprintf(conn, "GET /streams/%s/%s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nAccept: text/event-stream\r\n%s\r\n",
		r.kind(), region, host, r.cookie(), resume)
	if err != nil {
		return nil, errors.Join(err, r.crowd.drop(conn))
	}
	return conn, nil
}

func (r *reader) kind() string {
	if r.crowd.walls != nil {
		return "kiosk"
	}
	return "dispatch"
}

func (r *reader) cookie() *http.Cookie {
	if walls := r.crowd.walls; walls != nil {
		return &http.Cookie{Name: "k", Value: walls[r.number]}
	}
	return r.crowd.world.cookie(r.crowd.server, r.number)
}

// mustFollow reads a stream that is not expected to end before the crowd does.
func (r *reader) mustFollow(conn io.Closer, lines *bufio.Reader) {
	err := r.follow(lines)
	r.crowd.fault(fmt.Errorf("reader %d: the stream ended: %w", r.number, err))
	_ = r.crowd.drop(conn)
}

// keep remembers what close has to close; it is false after close.
func (c *crowd) keep(conn io.Closer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.open[conn] = struct{}{}
	return true
}

func (c *crowd) drop(conn io.Closer) error {
	c.mu.Lock()
	delete(c.open, conn)
	c.mu.Unlock()
	return conn.Close()
}

// fault notes what must not happen while the crowd is open.
func (c *crowd) fault(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed && len(c.faults) < maxFaults {
		c.faults = append(c.faults, err)
	}
}

// sound is nil when every reader got every event once, in order.
func (c *crowd) sound() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.faults...)
}

// wait returns when so many deliveries were made in all since the start.
func (c *crowd) wait(ctx context.Context, deliveries int64) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for c.delivered.Load() < deliveries {
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return errors.Join(fmt.Errorf("%d of %d deliveries: %w", c.delivered.Load(), deliveries, err), c.sound())
		}
	}
	return nil
}

// frameBytes is the mean size of a frame on the wire.
func (c *crowd) frameBytes() int { return int(c.bytes.Load() / max(c.delivered.Load(), 1)) }

// close ends every connection and waits for the readers.
func (c *crowd) close() {
	c.mu.Lock()
	c.closed = true
	for conn := range c.open {
		_ = conn.Close()
	}
	c.mu.Unlock()
	c.reading.Wait()
	for _, t := range c.shared {
		t.CloseIdleConnections()
	}
}

// latencies are the times from sending to arrival, ascending. The first command
// made the event after position before, and each one made one event; one writer
// at a time makes both ascend together.
func (c *crowd) latencies(sent []sending, before int64) []time.Duration {
	var all []time.Duration
	for _, r := range c.readers {
		for _, a := range r.arrivals {
			if i := a.pos - before - 1; i >= 0 && i < int64(len(sent)) {
				all = append(all, a.at.Sub(sent[i].at))
			}
		}
	}
	slices.Sort(all)
	return all
}

// percentile of ascending values, 0 when there are none.
func percentile(ascending []time.Duration, p float64) time.Duration {
	if len(ascending) == 0 {
		return 0
	}
	return ascending[min(int(float64(len(ascending))*p/100), len(ascending)-1)]
}
