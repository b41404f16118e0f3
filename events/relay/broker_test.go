package relay_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
	"smartscheduler/events/relay"
)

// With the real broker: live events, one that cannot be rendered, and a return
// after an absence.
func TestRelayFeedsTheBroker(t *testing.T) {
	t.Parallel()
	w := newWorld()
	quiet := slog.New(slog.DiscardHandler)
	var r *relay.Relay
	hub := broker.New(broker.Options{Log: quiet, Replay: func(ctx context.Context, s []events.Stream, after events.Position) (broker.Replayed, error) {
		return r.Replay(ctx, s, after)
	}})
	r = relay.New(relay.Options{Log: w.log, Fragments: w.fragments, Broker: hub, Wake: w.log.wake, Logger: quiet})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		_ = hub.Serve(req.Context(), rw, broker.Request{Streams: []events.Stream{north}, After: req.URL.Query().Get("after")})
	}))
	ctx, stop := context.WithCancel(t.Context())
	go func() { w.ended <- r.Run(ctx) }()
	defer func() {
		stop()
		if err := <-w.ended; err != nil {
			t.Error(err)
		}
		hub.Close()
		server.Close()
	}()

	next, leave := follow(t, server.URL+"?after="+at(0).String())
	wantFrame(t, next(), "hello", at(0), "")
	w.log.commit(event("a", "north"), event("b", "south"), event("c", "north"))
	wantFrame(t, next(), "JobAssigned", at(1), "dispatch/north a")
	wantFrame(t, next(), "JobAssigned", at(3), "dispatch/north c")
	w.fragments.mu.Lock()
	w.fragments.bad["d"] = "panic"
	w.fragments.mu.Unlock()
	w.log.commit(event("d", "north"))
	wantFrame(t, next(), "resync", at(4), relay.ResyncRender)
	w.log.commit(event("e", "north"))
	wantFrame(t, next(), "JobAssigned", at(5), "dispatch/north e")
	leave()

	w.log.commit(event("f", "north"), event("g", "north"))
	next, leave = follow(t, server.URL+"?after="+at(5).String())
	defer leave()
	wantFrame(t, next(), "hello", at(5), "")
	wantFrame(t, next(), "JobAssigned", at(6), "dispatch/north f")
	wantFrame(t, next(), "JobAssigned", at(7), "dispatch/north g")

	next, leaveOther := follow(t, server.URL+"?after="+at(99).String())
	defer leaveOther()
	wantFrame(t, next(), "hello", at(99), "")
	wantFrame(t, next(), "resync", at(7), relay.ResyncFuture)
}

type frame struct{ kind, id, data string }

func wantFrame(t *testing.T, got frame, kind string, position events.Position, data string) {
	t.Helper()
	if got.kind != kind || got.id != position.String() || !strings.Contains(got.data, data) {
		t.Fatalf("frame %+v, want %s at %s with %q", got, kind, position, data)
	}
}

// follow opens a stream; next reads a frame of it.
func follow(t *testing.T, url string) (next func() frame, leave func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(res.Body)
	next = func() (f frame) {
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatalf("stream ended: %v", err)
			}
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			switch name {
			case "event":
				f.kind = value
			case "id":
				f.id = value
			case "data":
				f.data += value
			case "":
				if f.id != "" {
					return f
				}
			}
		}
	}
	return next, func() {
		cancel()
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
}
