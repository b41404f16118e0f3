package handlers

import (
	"container/list"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	// maxBody bounds the body of a request, in bytes.
	maxBody = 64 << 10
	// handlerTime bounds the work for one request, answerTime its answer too. It
	// leaves a second of the six within which a client hears that the database
	// is away.
	handlerTime = 5 * time.Second
	answerTime  = 30 * time.Second
	// sendBuffer bounds what the kernel takes for a reader that has stopped,
	// in bytes per connection.
	sendBuffer = 64 << 10
)

// NewServer returns a server with the limits that hold for every connection.
// It has no write timeout, because streams live for long: ordinary answers get
// a deadline each, and streams one for each write.
func NewServer(addr string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       75 * time.Second,
		MaxHeaderBytes:    16 << 10,
		// One browser's tabs share a connection: a tab that reads no more costs
		// its own stream by the deadline of its writes, a browser that reads no
		// more its connection.
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: 100,
			SendPingTimeout:      15 * time.Second,
			PingTimeout:          15 * time.Second,
			WriteByteTimeout:     10 * time.Second,
		},
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			if t, ok := conn.(*tls.Conn); ok {
				conn = t.NetConn()
			}
			if t, ok := conn.(*net.TCPConn); ok {
				_ = t.SetWriteBuffer(sendBuffer)
			}
			return ctx
		},
	}
}

// limitBody refuses bodies that are too large, before they are read where
// their length is announced. Who uploads too large a file is told so by the form.
func limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		most := int64(maxBody)
		if isUpload(r) {
			most = maxUpload + maxBody // the form around the file
		} else if r.ContentLength > most {
			return errTooLarge
		}
		if r.Body != nil {
			r.Body = http.MaxBytesReader(c.Response().Writer, r.Body, most)
		}
		return next(c)
	}
}

// deadlines bounds ordinary requests and unbinds streams, whose connection may
// carry the deadline of an earlier request.
func deadlines(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		// Test recorders have no deadlines; their error changes nothing.
		control := http.NewResponseController(c.Response())
		if isStream(c) {
			_ = control.SetReadDeadline(time.Time{})
			_ = control.SetWriteDeadline(time.Time{})
			return next(c)
		}
		r := c.Request()
		work := workTime(r)
		_ = control.SetWriteDeadline(time.Now().Add(work - handlerTime + answerTime))
		ctx, cancel := context.WithTimeout(r.Context(), work)
		defer cancel()
		c.SetRequest(r.WithContext(ctx))
		// The error is answered after the deadline's context has ended.
		defer c.SetRequest(r)
		return next(c)
	}
}

// throttle allows each key so many attempts within a sliding window. It keeps
// at most maxKeys keys and forgets those first that were quiet longest.
type throttle struct {
	limit  int
	window time.Duration
	now    func() time.Time

	mu   sync.Mutex
	keys map[string]*list.Element
	// recent holds *attempts, the last used in front.
	recent *list.List
}

type attempts struct {
	key string
	at  []time.Time
}

// maxKeys bounds the memory of a throttle to a few MB.
const maxKeys = 10_000

func newThrottle(limit int, window time.Duration, now func() time.Time) *throttle {
	return &throttle{limit: limit, window: window, now: now, keys: make(map[string]*list.Element), recent: list.New()}
}

// try counts an attempt. When the key has none left it returns how long to
// wait; else 0 and a function that takes the attempt back, because it succeeded.
func (t *throttle) try(key string) (wait time.Duration, forgive func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	a := t.attempts(key)
	old := 0
	for old < len(a.at) && now.Sub(a.at[old]) >= t.window {
		old++
	}
	a.at = a.at[old:]
	if len(a.at) >= t.limit {
		return t.window - now.Sub(a.at[0]), nil
	}
	a.at = append(a.at, now)
	return 0, func() { t.forgive(key, now) }
}

func (t *throttle) attempts(key string) *attempts {
	if e, ok := t.keys[key]; ok {
		t.recent.MoveToFront(e)
		return e.Value.(*attempts)
	}
	if len(t.keys) >= maxKeys {
		oldest := t.recent.Back()
		t.recent.Remove(oldest)
		delete(t.keys, oldest.Value.(*attempts).key)
	}
	a := &attempts{key: key}
	t.keys[key] = t.recent.PushFront(a)
	return a
}

func (t *throttle) forgive(key string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e, ok := t.keys[key]
	if !ok {
		return
	}
	a := e.Value.(*attempts)
	for i, when := range a.at {
		if when.Equal(at) {
			a.at = append(a.at[:i:i], a.at[i+1:]...)
			return
		}
	}
}

// countedAddress is addressKey for the bound on open streams. Addresses of this
// machine are not counted: they stand for everybody when a proxy here was not
// declared by Options.BehindProxy.
func countedAddress(ip string) string {
	if addr, err := netip.ParseAddr(ip); err == nil && addr.Unmap().IsLoopback() {
		return ""
	}
	return addressKey(ip)
}

// addressKey is what a throttle counts of a client's address: all of an IPv4
// address, and of IPv6 the network that one customer gets.
func addressKey(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return "unknown"
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return "unknown"
	}
	return prefix.String()
}
