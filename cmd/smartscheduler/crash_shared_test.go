package main

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

func controlSharedWriter(t *testing.T) string {
	r := newCrash(t, crashSeed(t), newWorld(t), 20*time.Millisecond)
	ann := r.w.staff(r.program.base(), "Ann")
	shared := newSharedWriter(t, ann)
	behind := *ann
	behind.base = "http://" + shared.addr
	observers := []*observer{watchWithCurl(t, &behind)}
	eventually(t, "curl is among the readers", func() bool { return shared.readers() == 1 })
	r.load(false, func() { sleepOr(burstTime/4, r.broken) })
	if r.caughtUp(nil, observers, r.w.fence().first, patience); r.over() {
		t.Fatalf("it fails without a frozen reader: %s", r.violations[0])
	}
	frozen(t, ann, shared.addr, crashStream)
	eventually(t, "the frozen one is among the readers", func() bool { return shared.readers() == 2 })
	r.load(false, func() { sleepOr(burstTime, r.broken) })
	r.caughtUp(nil, observers, r.w.fence().first, 4*time.Second)
	return r.found("P7")
}

// sharedWriter reads one stream and writes it to all its readers in turn, and
// waits for each.
type sharedWriter struct {
	addr string

	mu   sync.Mutex
	list map[*sharedReader]struct{}
}

// sharedReader is one of its readers.
type sharedReader struct {
	mu    sync.Mutex
	w     http.ResponseWriter
	ended bool
}

func newSharedWriter(t testing.TB, c *client) *sharedWriter {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	resp, err := c.http.Do(c.request(http.MethodGet, crashStream, nil).WithContext(ctx))
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	s := &sharedWriter{addr: listener.Addr().String(), list: make(map[*sharedReader]struct{})}
	server := &http.Server{Handler: s, ReadHeaderTimeout: patience, ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
		_ = conn.(*net.TCPConn).SetWriteBuffer(4 << 10)
		return ctx
	}}
	var working sync.WaitGroup
	working.Go(func() { _ = server.Serve(listener) }) // ends with the server
	working.Go(func() {
		buf := make([]byte, 4<<10)
		for {
			n, err := resp.Body.Read(buf)
			s.write(buf[:n])
			if err != nil {
				return
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = server.Close() // also ends a write that waits
		working.Wait()
		_ = resp.Body.Close()
	})
	return s
}

func (s *sharedWriter) readers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.list)
}

// ServeHTTP keeps a reader until he leaves.
func (s *sharedWriter) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r := &sharedReader{w: w}
	s.mu.Lock()
	s.list[r] = struct{}{}
	s.mu.Unlock()
	<-req.Context().Done()
	s.mu.Lock()
	delete(s.list, r)
	s.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
}

func (s *sharedWriter) write(b []byte) {
	s.mu.Lock()
	var all []*sharedReader
	for r := range s.list {
		all = append(all, r)
	}
	s.mu.Unlock()
	for _, r := range all {
		r.mu.Lock()
		if !r.ended {
			_, _ = r.w.Write(b) // who has left is noticed by ServeHTTP
			_ = http.NewResponseController(r.w).Flush()
		}
		r.mu.Unlock()
	}
}
