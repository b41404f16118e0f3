package broker_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

func TestHelloComesFirst(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{Build: "b7"})
	b.publish(t, assigned(1, "x", north))

	_, hello := b.follow(t, "s=dispatch/south&s=dispatch/north&s=dispatch/south", "")
	if hello.id != at(1).String() {
		t.Errorf("id = %q, want the head", hello.id)
	}
	if ms, err := strconv.Atoi(hello.retry); err != nil || ms < 2000 || ms > 5000 {
		t.Errorf("retry = %q, want 2000 to 5000", hello.retry)
	}
	var got struct {
		Build   string
		Streams []events.Stream
	}
	if err := json.Unmarshal([]byte(hello.data), &got); err != nil {
		t.Fatal(err)
	}
	if got.Build != "b7" || !slices.Equal(got.Streams, []events.Stream{north, south}) {
		t.Errorf("data = %+v", got)
	}
	_, hello = b.follow(t, "s=dispatch/north", at(0).String())
	if hello.id != at(0).String() {
		t.Errorf("id = %q, want the position asked for", hello.id)
	}
}

func TestResponseHeaders(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	res, err := b.client.Get(b.url + "/?s=dispatch/north")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

func TestNoStreams(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	res, err := b.client.Get(b.url)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusTeapot {
		t.Fatalf("status = %d: Serve did not refuse a request without streams", res.StatusCode)
	}
}

// TestP06BadPositions shows that 24 values that no client of ours sends are
// each answered by 200, hello, one resync with the new position, and then the
// live events.
func TestP06BadPositions(t *testing.T) {
	t.Parallel()
	long := make([]byte, 4000)
	for i := range long {
		long[i] = '9'
	}
	bad := []string{
		"0", "1", "-1", "42", "-", "--", "1-", "-1-1", "1-1-1", "0-0", "1-1", "1780000001-1", "1780000000-",
		"1780000000--1", "1780000000-+1", "1780000000-01", "01780000000-1", "1780000000 -1", "1780000000-4",
		"1780000000-9223372036854775807", "1780000000-9223372036854775808", "null", "é\u2028", string(long),
	}
	b := serve(t, broker.Options{})
	for pos := int64(1); pos <= 3; pos++ {
		b.publish(t, assigned(pos, "old", north))
	}
	var open []*wire
	for _, after := range bad {
		w, _ := b.follow(t, "s=dispatch/north", after)
		m := w.wants(t, "resync", at(3))
		if m.data == "" {
			t.Errorf("%.30q: resync without a reason", after)
		}
		open = append(open, w)
	}
	if n := b.publish(t, assigned(4, "new", north)); n != len(bad) {
		t.Errorf("receivers = %d, want %d", n, len(bad))
	}
	for _, w := range open {
		w.wants(t, "JobAssigned", at(4))
	}
}

// What cannot be read leads to a resync even if the log makes nothing of it.
func TestMalformedPositionAlwaysResyncs(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{Replay: func(context.Context, []events.Stream, events.Position) (broker.Replayed, error) {
		return broker.Replayed{UpTo: at(3)}, nil
	}})
	w, _ := b.follow(t, "s=dispatch/north", "nonsense")
	if m := w.wants(t, "resync", at(3)); m.data != `{"reason":"malformed"}` {
		t.Errorf("data = %q", m.data)
	}
}

// A connection that breaks between hello and resync must not come back with a
// position that hides what it missed.
func TestMalformedPositionStaysForeignInHello(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	b.publish(t, assigned(1, "x", north))
	_, hello := b.follow(t, "s=dispatch/north", "nonsense")
	if hello.id != "0-0" {
		t.Fatalf("hello id = %q, want 0-0", hello.id)
	}
	w, _ := b.follow(t, "s=dispatch/north", hello.id)
	w.wants(t, "resync", at(1))
}

func TestUnavailable(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	b.publish(t, assigned(1, "x", north))
	b.journal.mu.Lock()
	b.journal.away = errors.New("database away")
	b.journal.mu.Unlock()
	w, _ := b.follow(t, "s=dispatch/north", at(0).String())
	m := w.wants(t, "unavailable", at(0))
	if ms, err := strconv.Atoi(m.retry); err != nil || ms < 5000 {
		t.Errorf("retry = %q, want 5000 or more", m.retry)
	}
	w.wantsEnd(t)
	b.ends(t, broker.EndUnavailable)
}

func TestEndSession(t *testing.T) {
	t.Parallel()
	ended := func(why events.Loss) func(*broker.Broker) int {
		return func(b *broker.Broker) int { return b.EndSession("ann", why) }
	}
	for _, tt := range []struct {
		control events.Control
		why     string
		counted broker.End
		end     func(*broker.Broker) int
	}{
		{events.ControlSessionEnded, "password-changed", "password-changed", ended(events.LossPassword)},
		{events.ControlBye, "rights-changed", "rights-changed", ended(events.LossRights)},
		{events.ControlUnavailable, "database", broker.EndUnavailable, func(b *broker.Broker) int { return b.Suspend("ann") }},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			b := serve(t, broker.Options{})
			first, _ := b.follow(t, "s=dispatch/north&key=ann", "")
			second, _ := b.follow(t, "s=contractor/7&key=ann", "")
			other, _ := b.follow(t, "s=dispatch/north&key=bo", "")
			keys := b.Keys()
			slices.Sort(keys)
			if !slices.Equal(keys, []string{"ann", "bo"}) {
				t.Fatalf("keys = %q", keys)
			}
			if n := b.EndSession("", events.LossExpired); n != 0 {
				t.Fatalf("no key ended %d connections", n)
			}
			if n := tt.end(b.Broker); n != 2 {
				t.Fatalf("ended %d connections, want 2", n)
			}
			for _, w := range []*wire{first, second} {
				if m := w.wants(t, string(tt.control), at(0)); m.data != `{"reason":"`+tt.why+`"}` {
					t.Errorf("the reason is %s, not %s", m.data, tt.why)
				}
				w.wantsEnd(t)
				b.ends(t, tt.counted)
			}
			b.publish(t, assigned(1, "x", north))
			other.wants(t, "JobAssigned", at(1))
			if keys := b.Keys(); !slices.Equal(keys, []string{"bo"}) {
				t.Errorf("keys = %q, want only bo", keys)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		opts broker.Options
	}{
		{"PerKey", broker.Options{MaxPerKey: 2}},
		{"PerAddress", broker.Options{MaxPerAddress: 2}},
		{"All", broker.Options{MaxStreams: 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := serve(t, tt.opts)
			const who = "s=dispatch/north&key=ann&address=198.51.100.7"
			first, _ := b.follow(t, who, "")
			b.follow(t, who, "")
			w, err := b.connect(t.Context(), who, at(0).String())
			if err != nil {
				t.Fatal(err)
			}
			if m := w.wants(t, "unavailable", at(0)); m.retry != "30000" {
				t.Errorf("retry = %q, want 30000", m.retry)
			}
			w.wantsEnd(t)
			b.ends(t, broker.EndRefused)
			b.publish(t, assigned(1, "x", north))
			first.wants(t, "JobAssigned", at(1))
		})
	}
}

// The bound of an address counts what is open: others are not concerned, and
// whoever leaves makes room.
func TestBoundOfAnAddress(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{MaxPerAddress: 1})
	first, _ := b.follow(t, "s=dispatch/north&key=ann&address=a", "")
	b.follow(t, "s=dispatch/north&key=bo&address=b", "")
	b.follow(t, "s=dispatch/north&key=cy", "")
	b.follow(t, "s=dispatch/north&key=di", "")
	w, err := b.connect(t.Context(), "s=dispatch/north&key=eve&address=a", "")
	if err != nil {
		t.Fatal(err)
	}
	w.wants(t, "unavailable", at(0))
	b.ends(t, broker.EndRefused)
	b.EndSession("ann", events.LossSignedOut)
	first.wants(t, "session-ended", at(0))
	b.ends(t, broker.End(events.LossSignedOut))
	b.follow(t, "s=dispatch/north&key=eve&address=a", "")
}

// A new epoch means that a backup was restored: no old position is known.
func TestNewEpochResyncs(t *testing.T) {
	t.Parallel()
	restored := events.Position{Epoch: epoch + 1, Pos: 3}
	var now atomic.Pointer[events.Position]
	now.Store(&events.Position{Epoch: epoch, Pos: 9})
	b := serve(t, broker.Options{Replay: func(_ context.Context, _ []events.Stream, after events.Position) (broker.Replayed, error) {
		head := *now.Load()
		if after.Epoch != head.Epoch {
			return broker.Replayed{Resync: "epoch", UpTo: head}, nil
		}
		return broker.Replayed{UpTo: head}, nil
	}})
	b.SetHead(at(9))
	w, _ := b.follow(t, "s=dispatch/north", at(9).String())
	now.Store(&restored)
	b.SetHead(restored)
	w.wants(t, "resync", restored)
	ev := assigned(1, "x", north)
	ev.Position = events.Position{Epoch: epoch + 1, Pos: 4}
	if _, err := b.Publish(ev); err != nil {
		t.Fatal(err)
	}
	w.wants(t, "JobAssigned", ev.Position)
}

// The server's timeout for reading a request does not end its stream: net/http
// lifts it when the handler runs, and must go on doing so.
func TestReadTimeoutOfTheServer(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{Heartbeat: 60 * time.Millisecond}, func(s *httptest.Server) { s.Config.ReadTimeout = 50 * time.Millisecond })
	w, _ := b.follow(t, "s=dispatch/north", "")
	for range 5 {
		w.wants(t, "hb", at(0))
	}
}

// A write deadline that is left standing resets an idle stream of HTTP/2.
func TestHTTP2IdleStreamOutlivesTheWriteDeadline(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{Heartbeat: 200 * time.Millisecond, WriteTimeout: 50 * time.Millisecond}, func(s *httptest.Server) {
		s.EnableHTTP2 = true
		s.StartTLS()
	})
	w, _ := b.follow(t, "s=dispatch/north", "")
	for range 3 {
		w.wants(t, "hb", at(0))
	}
	b.publish(t, assigned(1, "x", north))
	w.wants(t, "JobAssigned", at(1))
}
