package broker_test

// What r3labs/sse v2.10.0 does, as far as the broker is built on it or around
// it. When an upgrade changes one of these, the broker has to be looked at.

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/r3labs/sse/v2"
)

// library sends events to one subscriber in memory and returns the body.
func library(t *testing.T, set func(*sse.Server), lastID string, sent ...*sse.Event) *httptest.ResponseRecorder {
	t.Helper()
	server := sse.New()
	server.BufferSize = 0 // Publish returns when the stream has the event
	set(server)
	subscribed, gone := make(chan struct{}, 1), make(chan struct{}, 1)
	server.OnSubscribe = func(string, *sse.Subscriber) { subscribed <- struct{}{} }
	server.OnUnsubscribe = func(string, *sse.Subscriber) { gone <- struct{}{} }
	server.CreateStream("a")
	defer server.Close() // which leaves a goroutine behind for every subscriber it still has
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/?stream=a", nil)
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	rec := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.ServeHTTP(rec, req)
	}()
	select {
	case <-subscribed:
		for _, ev := range sent {
			server.Publish("a", ev)
		}
		cancel()
		<-gone
	case <-done: // refused
	}
	<-done
	return rec
}

func ours(s *sse.Server) {
	s.AutoReplay = false
	s.SplitData = true
}

func event(id, data string) *sse.Event {
	return &sse.Event{ID: []byte(id), Data: []byte(data)}
}

func TestLibraryFrames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		set  func(*sse.Server)
		sent *sse.Event
		want string
	}{
		{"Ours", ours, &sse.Event{ID: []byte("1-2"), Event: []byte("E"), Data: []byte("x"), Retry: []byte("9")}, "id: 1-2\ndata: x\nevent: E\nretry: 9\n\n"},
		{"DefaultsOverwriteTheID", func(*sse.Server) {}, event("4711", "x"), "id: 0\ndata: x\n\n"},
		{"NoIDErasesThePosition", ours, event("", "x"), "id: \ndata: x\n\n"},
		{"LinesAreSplit", ours, event("1", "a\nb\n"), "id: 1\ndata: a\ndata: b\ndata: \n\n"},
		{"WithoutSplitDataTheyAreNot", func(s *sse.Server) { s.AutoReplay = false }, event("1", "a\nid: 9"), "id: 1\ndata: a\nid: 9\n\n"},
		{"CarriageReturnsAreNotSplit", ours, event("1", "a\rid: 9"), "id: 1\ndata: a\rid: 9\n\n"},
		{"LeadingColonIsKept", ours, event("1", ":a"), "id: 1\ndata: :a\n\n"},
		{"NamesAreNotChecked", ours, &sse.Event{ID: []byte("1"), Event: []byte("E\nid: 9"), Data: []byte("x")}, "id: 1\ndata: x\nevent: E\nid: 9\n\n"},
		{"ATTLDropsAll", func(s *sse.Server) { ours(s); s.EventTTL = time.Hour }, event("1", "x"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := library(t, tt.set, "", tt.sent).Body.String(); got != tt.want {
				t.Fatalf("frame = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLibraryEndsSubscribersAtEmptyData(t *testing.T) {
	t.Parallel()
	got := library(t, ours, "", event("1", "x"), event("2", ""), event("3", "x")).Body.String()
	if want := "id: 1\ndata: x\n\n"; got != want {
		t.Fatalf("body = %q, want %q", got, want)
	}
}

func TestLibraryRefusesOurPositions(t *testing.T) {
	t.Parallel()
	if got := library(t, ours, "1-42").Code; got != http.StatusBadRequest {
		t.Fatalf("status = %d, want 400", got)
	}
}

// TestP07ControlLibraryStopsAtAFrozenReader shows that one reader that does not
// read stops the publisher when connections are subscribers of the library
// themselves, which is what TestP07FrozenReaderHurtsNobody must find.
func TestP07ControlLibraryStopsAtAFrozenReader(t *testing.T) {
	t.Parallel()
	server := sse.New()
	ours(server)
	server.BufferSize = 4
	server.CreateStream("a")
	srv := httptest.NewServer(server)
	conn := frozen(t, srv.Listener.Addr().String(), "/?stream=a")
	data := make([]byte, 256<<10)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; i < 400; i++ {
			select {
			case <-stop:
				return
			default:
				server.Publish("a", &sse.Event{ID: []byte("1"), Data: data})
			}
		}
	}()
	select {
	case <-stopped:
		t.Error("the publisher was not stopped: the broker's test proves nothing")
	case <-time.After(time.Second):
	}
	close(stop)
	conn.Close() // its writes fail, so that the rest is drained
	<-stopped
	srv.CloseClientConnections()
	srv.Close()
	server.Close()
}

// frozen opens a stream, reads the status line and then nothing more.
func frozen(t *testing.T, addr, path string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	conn := c.(*net.TCPConn)
	if err := conn.SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
	if _, err := conn.Read(make([]byte, 12)); err != nil {
		t.Fatal(err)
	}
	return conn
}
