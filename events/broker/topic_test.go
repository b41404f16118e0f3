package broker_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

func TestFormatsHaveTheSameIDs(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	html, _ := b.follow(t, "s=dispatch/north", "")
	json, _ := b.follow(t, "s=dispatch/north&json=1", "")
	for pos := int64(1); pos <= 20; pos++ {
		data := "<li>\n</li>"
		if pos%5 == 0 {
			data = "" // nothing to show, but the ids must not differ
		}
		if n := b.publish(t, assigned(pos, data, north)); n != 2 {
			t.Fatalf("receivers = %d, want 2", n)
		}
		if m := html.wants(t, "JobAssigned", at(pos)); m.data != asSeen(data) {
			t.Errorf("HTML data = %q", m.data)
		}
		if m := json.wants(t, "JobAssigned", at(pos)); m.data != `{"data":1}` {
			t.Errorf("JSON data = %q", m.data)
		}
	}
}

func TestSeveralStreamsShareOneFrame(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	both, _ := b.follow(t, "s=dispatch/south&s=dispatch/north", "")
	same, _ := b.follow(t, "s=dispatch/north&s=dispatch/south", "")
	json, _ := b.follow(t, "s=dispatch/north&s=dispatch/south&json=1", "")
	alone, _ := b.follow(t, "s=dispatch/north", "")
	moved := broker.Event{Position: at(1), Kind: events.KindJobRegionChanged, Parts: []broker.Part{
		{Stream: south, HTML: []byte("in"), JSON: []byte("{}")}, {Stream: north, HTML: []byte("out"), JSON: []byte("{}")},
	}}
	if n := b.publish(t, moved); n != 4 {
		t.Errorf("receivers = %d, want 4", n)
	}
	b.publish(t, assigned(2, "x", south))
	for _, w := range []*wire{both, same} {
		if m := w.wants(t, "JobRegionChanged", at(1)); m.data != "out\nin" {
			t.Errorf("data = %q, want the parts in the order of the streams", m.data)
		}
		w.wants(t, "JobAssigned", at(2))
	}
	if m := json.wants(t, "JobRegionChanged", at(1)); m.data != "{}" {
		t.Errorf("JSON = %q, want the payload once", m.data)
	}
	if m := alone.wants(t, "JobRegionChanged", at(1)); m.data != "out" {
		t.Errorf("data = %q", m.data)
	}
	b.publish(t, assigned(3, "x", north))
	alone.wants(t, "JobAssigned", at(3)) // and nothing of the south between
}

func TestWanted(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	if b.Wanted(north) {
		t.Error("wanted by nobody")
	}
	if n := b.publish(t, assigned(1, "x", north)); n != 0 {
		t.Errorf("receivers = %d, want 0", n)
	}
	w, _ := b.follow(t, "s=dispatch/north&s=kiosk/north", "")
	if !b.Wanted(north) || !b.Wanted("kiosk/north") || b.Wanted(south) {
		t.Error("want dispatch/north and kiosk/north only")
	}
	w.closer.Close()
	b.ends(t, broker.EndClient)
	if b.Wanted(north) {
		t.Error("wanted after the last connection went")
	}
}

// Between the question Wanted and Publish somebody may come: the event was not
// rendered for him, so he must get it from the log.
func TestPartThatWasNotRendered(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	w, _ := b.follow(t, "s=dispatch/north&s=dispatch/south", "")
	b.publish(t, assigned(1, "a", north))
	w.wants(t, "JobAssigned", at(1))
	b.journal.append(assigned(2, "b", north, south))
	ev := assigned(2, "b", north)
	ev.Parts = append(ev.Parts, broker.Part{Stream: south})
	if n, err := b.Publish(ev); n != 0 || err != nil {
		t.Fatalf("publish = %d, %v", n, err)
	}
	if m := w.wants(t, "JobAssigned", at(2)); m.data != "b\nb" {
		t.Errorf("data = %q, want both parts, from the log", m.data)
	}
	b.publish(t, assigned(3, "c", south))
	w.wants(t, "JobAssigned", at(3))
}

func TestReplayedFramesAreTheSameBytes(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	live := b.raw(t, "s=dispatch/north", "")
	var frames []string
	for pos := int64(1); pos <= 5; pos++ {
		b.publish(t, assigned(pos, "<li>\r\n</li>", north))
		frames = append(frames, live())
	}
	for range 2 { // framed, then shared
		again := b.raw(t, "s=dispatch/north", at(0).String())
		for i, want := range frames {
			if got := again(); got != want {
				t.Errorf("frame %d = %q, want %q", i+1, got, want)
			}
		}
	}
}

// Who comes and goes, and who asks for ever new combinations, leaves no topic
// behind, and no goroutine of the library.
func TestIdleTopicsAreForgotten(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	w, _ := b.follow(t, "s=dispatch/north", "")
	for i := range 100 {
		s := events.ContractorStream(at(int64(i)).String())
		ended, cancel := context.WithCancel(t.Context())
		cancel() // gone before the stream is open
		if err := b.Serve(ended, httptest.NewRecorder(), broker.Request{Streams: []events.Stream{s}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := broker.Topics(b.Broker); n != 1 {
		t.Errorf("topics = %d, want the one that is followed", n)
	}
	b.publish(t, assigned(1, "x", north))
	w.wants(t, "JobAssigned", at(1))
}

// A fragment shows the present: the frame of the same event may differ later.
func TestReplayShowsThePresent(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	b.publish(t, assigned(1, "card", north))
	for _, shown := range []string{"card", "withdrawn", "card"} {
		b.journal.mu.Lock()
		b.journal.events[0] = assigned(1, shown, north)
		b.journal.mu.Unlock()
		w, _ := b.follow(t, "s=dispatch/north", at(0).String())
		if m := w.wants(t, "JobAssigned", at(1)); m.data != shown {
			t.Errorf("data = %q, want %q", m.data, shown)
		}
	}
}
