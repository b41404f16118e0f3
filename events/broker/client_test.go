package broker_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

const (
	north = events.Stream("dispatch/north")
	south = events.Stream("dispatch/south")
	epoch = 1780000000
)

func at(pos int64) events.Position { return events.Position{Epoch: epoch, Pos: pos} }

// journal is a log in memory, and the relay that publishes from it.
type journal struct {
	mu     sync.Mutex
	events []broker.Event
	away   error
	reads  int
}

func (j *journal) append(ev broker.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, ev)
}

func (j *journal) replay(_ context.Context, streams []events.Stream, after events.Position) (broker.Replayed, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.reads++
	if j.away != nil {
		return broker.Replayed{}, j.away
	}
	head := at(int64(len(j.events)))
	if after.Epoch != epoch || after.Pos > head.Pos {
		return broker.Replayed{Resync: "foreign", UpTo: head}, nil
	}
	got := broker.Replayed{UpTo: head}
	for _, ev := range j.events[after.Pos:] {
		shown := ev
		shown.Parts = nil
		for _, p := range ev.Parts {
			if slices.Contains(streams, p.Stream) {
				shown.Parts = append(shown.Parts, p)
			}
		}
		if len(shown.Parts) > 0 {
			got.Events = append(got.Events, shown)
		}
	}
	return got, nil
}

// assigned is an event for the given streams, with the same data in all.
func assigned(pos int64, data string, streams ...events.Stream) broker.Event {
	ev := broker.Event{Position: at(pos), Kind: events.KindJobAssigned}
	for _, s := range streams {
		ev.Parts = append(ev.Parts, broker.Part{Stream: s, HTML: []byte(data), JSON: []byte(`{"data":1}`)})
	}
	return ev
}

// bench is a broker behind a real server.
type bench struct {
	*broker.Broker
	journal *journal
	url     string
	client  *http.Client
	opened  chan struct{}
	closed  chan broker.End
	lagged  func() // called when a connection goes back, unless nil
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// serve starts a broker over a journal. The query says what to follow:
// ?s=dispatch/north, &s=…, &json=1, &key=….
func serve(t *testing.T, opts broker.Options, change ...func(*httptest.Server)) *bench {
	t.Helper()
	j := &journal{}
	b := &bench{journal: j, opened: make(chan struct{}, 1<<16), closed: make(chan broker.End, 1<<16)}
	if opts.Replay == nil {
		opts.Replay = j.replay
	}
	opts.Log, opts.Metrics = quiet(), b
	b.Broker = broker.New(opts)
	b.SetHead(at(0))
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := broker.Request{After: r.Header.Get("Last-Event-ID"), Key: r.URL.Query().Get("key"), Address: r.URL.Query().Get("address")}
		for _, s := range r.URL.Query()["s"] {
			req.Streams = append(req.Streams, events.Stream(s))
		}
		if r.URL.Query().Has("json") {
			req.Format = broker.JSON
		}
		if err := b.Serve(r.Context(), w, req); err != nil {
			http.Error(w, err.Error(), http.StatusTeapot)
		}
	}))
	for _, c := range change {
		c(srv)
	}
	if srv.URL == "" {
		srv.Start()
	}
	b.url, b.client = srv.URL, srv.Client()
	t.Cleanup(func() {
		b.Close()
		srv.CloseClientConnections()
		srv.Close()
		b.client.CloseIdleConnections()
	})
	return b
}

// publish logs the event, publishes it and moves the head, as the relay does.
func (b *bench) publish(t *testing.T, ev broker.Event) int {
	t.Helper()
	b.journal.append(ev)
	n, err := b.Publish(ev)
	if err != nil {
		t.Fatalf("publish: %v", err)
	}
	b.SetHead(ev.Position)
	return n
}

// follow opens a stream and reads its hello.
func (b *bench) follow(t *testing.T, query, after string) (*wire, message) {
	t.Helper()
	w, err := b.connect(t.Context(), query, after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.closer.Close() })
	hello := w.must(t)
	if hello.name != "hello" {
		t.Fatalf("first frame = %q, want hello", hello)
	}
	return w, hello
}

// raw opens a stream, reads hello, and returns what reads the bytes of the
// next frame.
func (b *bench) raw(t *testing.T, query, after string) func() string {
	t.Helper()
	w, err := b.connect(t.Context(), query, after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.closer.Close() })
	read := func() string {
		t.Helper()
		var frame strings.Builder
		for !strings.HasSuffix(frame.String(), "\n\n") {
			line, err := w.r.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			frame.WriteString(line)
		}
		return frame.String()
	}
	read()
	return read
}

func (b *bench) connect(ctx context.Context, query, after string) (*wire, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url+"/?"+query, nil)
	if err != nil {
		return nil, err
	}
	if after != "" {
		req.Header["Last-Event-ID"] = []string{after}
	}
	res, err := b.client.Do(req)
	if err != nil {
		return nil, err
	}
	w := newWire(res.Body)
	w.closer = res.Body
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		res.Body.Close()
		return nil, errors.New("status " + res.Status)
	}
	return w, nil
}

// ends waits for the end of a connection and compares the reason.
func (b *bench) ends(t *testing.T, want broker.End) {
	t.Helper()
	select {
	case why := <-b.closed:
		if why != want {
			t.Fatalf("connection ended by %q, want %q", why, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the connection does not end")
	}
}

func (b *bench) StreamOpened(string)                    { b.opened <- struct{}{} }
func (b *bench) StreamClosed(_ string, why broker.End)  { b.closed <- why }
func (b *bench) StreamRefused(_ string, why broker.End) { b.closed <- why }
func (b *bench) Resynced(string)                        {}
func (b *bench) Replayed(int)                           {}
func (b *bench) Written(int, int, int)                  {}

func (b *bench) Lagged(string) {
	if b.lagged != nil {
		b.lagged()
	}
}
