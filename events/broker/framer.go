package broker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/r3labs/sse/v2"
)

// frameTimeout bounds how long a frame may take inside the library, which is
// microseconds; it only has to end.
const frameTimeout = 2 * time.Second

var (
	errFramer = errors.New("the SSE library ended its stream")
	errSlow   = errors.New("the SSE library gave no frame in time")
	errShut   = errors.New("the framer is closed")
)

// library is the only place where r3labs/sse is used. Its own fan-out blocks on
// slow readers, so each of its streams has one reader in memory, a tap.
type library struct {
	server  *sse.Server
	handler http.Handler // the server; another one only in tests
	log     *slog.Logger

	mu     sync.Mutex
	serial int
	taps   map[string]*tap // by the library's name of the stream
}

func newLibrary(log *slog.Logger) *library {
	server := sse.New()
	server.AutoReplay = false // it would number the events itself and keep them all
	server.AutoStream = false
	server.SplitData = true
	server.BufferSize = 1 // there is never more than one event under way
	l := &library{server: server, handler: server, log: log, taps: map[string]*tap{}}
	server.OnUnsubscribe = func(stream string, _ *sse.Subscriber) { l.unsubscribed(stream) }
	return l
}

// framer makes frames with one stream of the library, one after the other.
type framer struct {
	library *library

	mu    sync.Mutex
	tap   *tap // nil until the first frame and after a failure
	timer *time.Timer
	shut  bool
}

func (l *library) framer() *framer { return &framer{library: l} }

// frame returns the bytes of one frame. The id and the name must be safe; the
// data is made so. It never waits for anything outside the process.
func (f *framer) frame(id, name string, data []byte, retry time.Duration) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.open(); err != nil {
		return nil, err
	}
	event := &sse.Event{ID: []byte(id), Event: []byte(name), Data: safeData(data)}
	if retry > 0 {
		event.Retry = strconv.AppendInt(nil, retry.Milliseconds(), 10)
	}
	out, err := f.pass(event)
	if err != nil {
		f.tap.cancel()
		f.tap = nil // the next frame begins with a stream of its own
	}
	return out, err
}

// open subscribes a new tap unless there is one.
func (f *framer) open() error {
	if f.shut {
		return errShut
	}
	if f.tap != nil {
		return nil
	}
	t := f.library.subscribe()
	select {
	case <-t.ready:
		f.tap = t
		return nil
	case <-t.done:
		t.cancel()
		return errFramer
	}
}

// pass hands the event to the library and waits for its bytes.
func (f *framer) pass(event *sse.Event) ([]byte, error) {
	if !f.library.server.TryPublish(f.tap.stream, event) {
		return nil, errSlow
	}
	if f.timer == nil {
		f.timer = time.NewTimer(frameTimeout)
	} else {
		f.timer.Reset(frameTimeout)
	}
	defer f.timer.Stop()
	select {
	case out := <-f.tap.frames:
		return out, nil
	case <-f.tap.done:
		return nil, errFramer
	case <-f.timer.C:
		return nil, errSlow
	}
}

// close ends the stream; the tap is waited for by library.close.
func (f *framer) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shut = true
	if f.tap != nil {
		f.tap.cancel()
	}
}

// safeData makes data that cannot end a field or the whole stream: SplitData
// splits at LF only, but CR ends a line as well, and the library takes empty
// data as the end of every subscriber.
func safeData(data []byte) []byte {
	if len(data) == 0 {
		return []byte(" ")
	}
	if bytes.IndexByte(data, '\r') < 0 {
		return data
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
}

// tap is the one subscriber of a stream of the library: a ResponseWriter whose
// client is a channel. Each Flush is one frame.
type tap struct {
	stream string
	cancel context.CancelFunc
	ready  chan struct{} // closed by the first Flush: subscribed
	frames chan []byte
	done   chan struct{} // closed when the library's handler has returned
	gone   chan struct{} // closed when the library has let go of it

	header http.Header
	opened bool
	held   bytes.Buffer
}

// subscribe starts a tap on a stream of its own. The library sees a request
// that we made: no header, and a stream name that no client can choose.
func (l *library) subscribe() *tap {
	ctx, cancel := context.WithCancel(context.Background())
	l.mu.Lock()
	l.serial++
	t := &tap{
		stream: strconv.Itoa(l.serial), cancel: cancel, header: http.Header{},
		ready: make(chan struct{}), frames: make(chan []byte, 1), done: make(chan struct{}), gone: make(chan struct{}),
	}
	l.taps[t.stream] = t
	l.mu.Unlock()
	l.server.CreateStream(t.stream)
	req := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/", RawQuery: "stream=" + t.stream}, Header: http.Header{}}
	go l.serve(t, req.WithContext(ctx))
	return t
}

// serve is the goroutine of a tap. A panic ends the tap and nothing else.
func (l *library) serve(t *tap, req *http.Request) {
	defer close(t.done)
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("sse library panicked", "panic", fmt.Sprint(p))
		}
		if !t.opened { // never subscribed, so nobody will say that it is gone
			l.unsubscribed(t.stream)
		}
	}()
	l.handler.ServeHTTP(t, req)
}

// unsubscribed runs after the library has removed a subscriber: only now can
// its stream be removed without leaving a goroutine behind.
func (l *library) unsubscribed(stream string) {
	l.mu.Lock()
	t := l.taps[stream]
	delete(l.taps, stream)
	l.mu.Unlock()
	if t != nil {
		l.server.RemoveStream(stream)
		close(t.gone)
	}
}

// close ends all taps and then the library, in this order, since the other
// leaves a goroutine for every subscriber.
func (l *library) close() {
	l.mu.Lock()
	taps := make([]*tap, 0, len(l.taps))
	for _, t := range l.taps {
		taps = append(taps, t)
	}
	l.mu.Unlock()
	limit := time.NewTimer(frameTimeout)
	defer limit.Stop()
	for _, t := range taps {
		t.cancel()
		select {
		case <-t.gone:
		case <-limit.C:
			l.log.Error("sse library did not let go of a subscriber")
			l.server.Close()
			return
		}
		<-t.done
	}
	l.server.Close()
}

// Header implements http.ResponseWriter.
func (t *tap) Header() http.Header { return t.header }

// WriteHeader implements http.ResponseWriter.
func (t *tap) WriteHeader(int) {}

// Write implements http.ResponseWriter.
func (t *tap) Write(p []byte) (int, error) { return t.held.Write(p) }

// Flush implements http.Flusher.
func (t *tap) Flush() {
	if !t.opened {
		t.opened = true
		close(t.ready)
		return
	}
	select {
	case t.frames <- bytes.Clone(t.held.Bytes()):
	default: // nobody waits any more
	}
	t.held.Reset()
}
