package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// middlebox stands between browsers and the program, and does to their
// connections what networks do. Its address stays the same whatever happens to
// the program behind it.
type middlebox struct {
	t       testing.TB
	base    string
	address string
	server  *http.Server
	carrier *http.Transport

	target atomic.Pointer[url.URL]
	// answer is the status that all requests get instead of being passed on; 0
	// passes them on. With 200 comes the page on which a network asks to sign in.
	answer atomic.Int64
	// instead answers for paths in place of the program.
	instead sync.Map
	// gate holds back the answers to requests until it is closed: to those for
	// streams, or to all while black is set.
	gate  atomic.Pointer[chan struct{}]
	black atomic.Bool

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]struct{}
	streams  map[*lifeline]struct{}
	// asked are the Last-Event-IDs of the requests for streams, "" for none.
	asked []string
}

// portal is what the network of a hotel answers until somebody has paid.
const portal = `<!DOCTYPE html><html lang="en"><title>Welcome</title><h1>Sign in to the network</h1><form method="post" action="/login"><input name="room"></form></html>`

func newMiddlebox(t testing.TB, target string) *middlebox {
	t.Helper()
	m := &middlebox{t: t, address: "127.0.0.1:0", carrier: &http.Transport{DisableCompression: true},
		conns: make(map[net.Conn]struct{}), streams: make(map[*lifeline]struct{})}
	m.lead(target)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(m.target.Load())
			r.Out.Host = r.In.Host
		},
		Transport:     m,
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	m.server = &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.serve(proxy, w, r) }),
		ReadHeaderTimeout: patience,
		ConnState:         m.track,
	}
	m.listen()
	m.base = "http://" + m.address
	t.Cleanup(func() {
		m.letThrough()
		m.cut(true)
		_ = m.server.Close()
		m.carrier.CloseIdleConnections()
	})
	return m
}

// lead sends what comes from now on to a program.
func (m *middlebox) lead(target string) {
	u, err := url.Parse(target)
	if err != nil {
		m.t.Fatal(err)
	}
	m.target.Store(u)
}

func (m *middlebox) serve(proxy http.Handler, w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/streams/") {
		m.mu.Lock()
		m.asked = append(m.asked, r.Header.Get("Last-Event-ID"))
		m.mu.Unlock()
	}
	if gate := m.gate.Load(); gate != nil && (m.black.Load() || strings.HasPrefix(r.URL.Path, "/streams/")) {
		select {
		case <-*gate:
		case <-r.Context().Done():
		}
	}
	if status := m.answer.Load(); status != 0 {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(int(status))
		if status == http.StatusOK {
			_, _ = io.WriteString(w, portal)
		}
		return
	}
	if other, ok := m.instead.Load(r.URL.Path); ok {
		other.(http.HandlerFunc)(w, r)
		return
	}
	proxy.ServeHTTP(w, r)
}

// requests returns the Last-Event-IDs of all requests for streams so far.
func (m *middlebox) requests() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.asked...)
}

// hold keeps streams from being answered until letThrough.
func (m *middlebox) hold() {
	gate := make(chan struct{})
	m.gate.Store(&gate)
}

// swallow keeps everything from being answered, and the streams there are from
// saying anything, until letThrough.
func (m *middlebox) swallow() {
	m.black.Store(true)
	m.hold()
	m.freeze()
}

// letThrough ends hold and swallow.
func (m *middlebox) letThrough() {
	m.black.Store(false)
	if gate := m.gate.Swap(nil); gate != nil {
		close(*gate)
	}
}

// listen opens the address, also again after refuse.
func (m *middlebox) listen() {
	m.t.Helper()
	listener, err := net.Listen("tcp", m.address)
	if err != nil {
		m.t.Fatal(err)
	}
	m.mu.Lock()
	m.listener, m.address = listener, listener.Addr().String()
	m.mu.Unlock()
	go func() { _ = m.server.Serve(listener) }() // ends with the listener
}

// refuse closes the address: the next connections are refused.
func (m *middlebox) refuse() {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.listener.Close()
}

func (m *middlebox) track(conn net.Conn, state http.ConnState) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch state {
	case http.StateNew:
		m.conns[conn] = struct{}{}
	case http.StateClosed, http.StateHijacked:
		delete(m.conns, conn)
	}
}

// cut ends every connection of the browsers; with reset, without a goodbye.
func (m *middlebox) cut(reset bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for conn := range m.conns {
		if tcp, ok := conn.(*net.TCPConn); ok && reset {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

// end ends every stream as a server that shuts down does, after its last byte.
func (m *middlebox) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for s := range m.streams {
		s.end()
	}
}

// tear lets so many bytes of every stream pass, and then resets the connection.
func (m *middlebox) tear(count int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for s := range m.streams {
		s.left.Store(count)
	}
}

// tearIn lets every stream pass up to and with the next of these bytes, and
// then resets the connection.
func (m *middlebox) tearIn(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for s := range m.streams {
		s.until.Store(&text)
	}
}

// freeze lets nothing more of any stream pass, and does not say so.
func (m *middlebox) freeze() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for s := range m.streams {
		s.frozen.Store(true)
	}
}

// RoundTrip implements http.RoundTripper: streams come back on a lifeline.
func (m *middlebox) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := m.carrier.RoundTrip(r)
	if err != nil || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return resp, err
	}
	s := &lifeline{ReadCloser: resp.Body, box: m}
	s.left.Store(-1)
	m.mu.Lock()
	m.streams[s] = struct{}{}
	m.mu.Unlock()
	resp.Body = s
	return resp, nil
}

// lifeline is the body of a stream, which can be ended or torn.
type lifeline struct {
	io.ReadCloser
	box   *middlebox
	ended atomic.Bool
	// frozen swallows all that comes.
	frozen atomic.Bool
	// left is how many bytes may pass; negative means all.
	left atomic.Int64
	// until are the last bytes that may pass, nil for none such.
	until atomic.Pointer[string]
}

func (s *lifeline) end() {
	s.ended.Store(true)
	_ = s.ReadCloser.Close()
}

// Read implements io.Reader.
func (s *lifeline) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if s.ended.Load() {
		return 0, io.EOF
	}
	if s.frozen.Load() && err == nil {
		return 0, nil
	}
	if until := s.until.Load(); until != nil {
		if _, rest, found := bytes.Cut(p[:n], []byte(*until)); found {
			return n - len(rest), context.Canceled
		}
	}
	if left := s.left.Load(); left >= 0 {
		n = int(min(int64(n), left))
		if s.left.Add(int64(-n)) == 0 {
			return n, context.Canceled // the proxy gives the browser's connection up
		}
	}
	return n, err
}

// Close implements io.Closer.
func (s *lifeline) Close() error {
	s.box.mu.Lock()
	delete(s.box.streams, s)
	s.box.mu.Unlock()
	return s.ReadCloser.Close()
}
