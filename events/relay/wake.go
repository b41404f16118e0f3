package relay

import (
	"context"
	"maps"
	"net"
	"sync"
	"time"

	"github.com/lib/pq"
)

// Channel is the NOTIFY channel on which relays call each other. The message
// names the process that calls.
const Channel = "event_log"

const (
	// notifyPause is the shortest time between two calls of one process.
	notifyPause = 10 * time.Millisecond
	// pingEvery keeps the listening connection alive and finds out when it is
	// not. A read that takes three times as long ends the connection: lib/pq
	// itself would wait for ever when the network swallows packets.
	pingEvery = 5 * time.Second
	// reconnectMin and reconnectMax bound the wait before a new connection.
	reconnectMin = 100 * time.Millisecond
	reconnectMax = time.Second
	dialTimeout  = 3 * time.Second
	writeTimeout = 5 * time.Second
)

// callOthers asks for a NOTIFY soon.
func (r *Relay) callOthers() {
	select {
	case r.sequenced <- struct{}{}:
	default:
	}
}

// announce sends what callOthers asked for. It has a goroutine and a statement
// of its own, because NOTIFY makes transactions queue for each other.
func (r *Relay) announce(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.sequenced:
		}
		r.failing.note(ctx, "notify", r.opts.Notifier.NotifyRelays(ctx, Channel, r.sender))
		if sleep(ctx, notifyPause) != nil {
			return
		}
	}
}

// listen signals heard when another process calls, makes Options.Calls, and does
// both when calls may have been lost, until ctx ends. It is a help only: without
// it, polls find everything.
func (r *Relay) listen(ctx context.Context, heard chan<- struct{}) {
	dialer := &cutDialer{}
	listener := pq.NewDialListener(dialer, r.opts.ListenDSN, reconnectMin, reconnectMax, func(_ pq.ListenerEventType, err error) {
		r.failing.note(ctx, "listen", err)
	})
	var helpers sync.WaitGroup
	defer helpers.Wait()
	// The socket goes first: Close waits for whatever uses the connection.
	defer context.AfterFunc(ctx, func() {
		dialer.cut()
		_ = listener.Close()
	})()
	nudge := func() {
		select {
		case heard <- struct{}{}:
		default:
		}
	}
	calls := map[string]func(){Channel: nudge}
	maps.Copy(calls, r.opts.Calls)
	helpers.Go(func() {
		for channel, call := range calls {
			r.failing.note(ctx, "listen", listener.Listen(channel))
			call() // what came before was not heard
		}
	})
	helpers.Go(func() { keepAlive(ctx, listener) })
	// The channel is closed when the listener has ended.
	for n := range listener.Notify {
		switch {
		case n == nil: // connected anew, so calls may have been lost
			for _, call := range calls {
				call()
			}
		case n.Channel == Channel && n.Extra == r.sender: // our own
		case calls[n.Channel] != nil:
			calls[n.Channel]()
		}
	}
}

// keepAlive pings until ctx ends. Not in the goroutine that reads: a ping
// waits behind notifications that nobody takes.
func keepAlive(ctx context.Context, listener *pq.Listener) {
	for sleep(ctx, pingEvery) == nil {
		// A dead connection is ended by its own deadline or by the ping itself.
		_ = listener.Ping()
	}
}

// cutDialer dials with deadlines, and can end what it has dialled.
type cutDialer struct {
	mu    sync.Mutex
	conn  net.Conn
	ended bool
}

// Dial implements pq.Dialer.
func (d *cutDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialTimeout(network, address, dialTimeout)
}

// DialTimeout implements pq.Dialer.
func (d *cutDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	conn, err := net.DialTimeout(network, address, min(timeout, dialTimeout))
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	d.conn = conn
	return listenConn{conn}, nil
}

// cut closes the connection and refuses to dial another.
func (d *cutDialer) cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	if d.conn != nil {
		_ = d.conn.Close()
	}
}

// listenConn is a connection with a deadline on each read and write.
type listenConn struct{ net.Conn }

// Read implements net.Conn.
func (c listenConn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(3 * pingEvery)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

// Write implements net.Conn.
func (c listenConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
