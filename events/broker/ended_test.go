package broker_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

// TestP15FrozenReaderLosesHisConnection shows that a reader who does not read
// loses his connection within seconds of his rights, over HTTP/1.1, TLS and
// HTTP/2, though a write to him is under way that might take a minute. Otherwise
// he could go on reading slowly what is no longer his.
func TestP15FrozenReaderLosesHisConnection(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*httptest.Server){
		"HTTP1": func(*httptest.Server) {},
		"TLS":   func(s *httptest.Server) { s.StartTLS() },
		"HTTP2": func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			losesHisConnection(t, change)
		})
	}
}

func losesHisConnection(t *testing.T, change func(*httptest.Server)) {
	b := serve(t, broker.Options{WriteTimeout: time.Minute, QueueFrames: 1000, QueueBytes: 64 << 20}, change)
	w, _ := b.follow(t, "s=dispatch/north&key=ann", "") // and reads no more
	data := strings.Repeat("x", frozenData)
	for pos := int64(1); pos <= 400; pos++ { // more than a socket or a window takes
		b.publish(t, assigned(pos, data, north))
	}
	begin := time.Now()
	if n := b.EndSession("ann", events.LossPassword); n != 1 {
		t.Fatalf("ended %d connections, want 1", n)
	}
	b.ends(t, broker.EndWrite)
	if took := time.Since(begin); took > 6*time.Second {
		t.Errorf("the connection ended after %v", took)
	}
	// What the socket had taken may still be read, and then it is over.
	for {
		m, err := w.next()
		if err != nil {
			break
		}
		if m.name == "session-ended" {
			t.Error("a frame was written after one that was cut")
		}
	}
}
