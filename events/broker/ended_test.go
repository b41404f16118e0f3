package broker_test

import (
	"strings"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

// A reader who does not read loses his connection within seconds of his rights,
// though a write to him is under way that might take a minute. Otherwise he
// could go on reading slowly what is no longer his.
func TestP15FrozenReaderLosesHisConnection(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{WriteTimeout: time.Minute, QueueFrames: 1000, QueueBytes: 64 << 20})
	stuck := frozen(t, strings.TrimPrefix(b.url, "http://"), "/?s=dispatch/north&key=ann")
	data := strings.Repeat("x", frozenData)
	for pos := int64(1); pos <= 400; pos++ { // more than the socket takes
		b.publish(t, assigned(pos, data, north))
	}
	begin := time.Now()
	if n := b.EndSession("ann", events.LossPassword); n != 1 {
		t.Fatalf("ended %d connections, want 1", n)
	}
	b.ends(t, broker.EndWrite)
	if took := time.Since(begin); took > 15*time.Second {
		t.Errorf("the connection ended after %v", took)
	}
	// What the socket had taken may still be read, and then it is over.
	if err := stuck.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	w := newWire(stuck)
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
