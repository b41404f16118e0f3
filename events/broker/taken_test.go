package broker_test

import (
	"strings"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

// TestTakenIsWhatTheKernelTook: a live connection counts up to what was written
// to it, replays included; one whose reader has stopped does not count beyond
// what its socket holds, and one that is gone does not count at all.
func TestTakenIsWhatTheKernelTook(t *testing.T) {
	t.Parallel()
	rosa, lee, kofi := events.ContractorStream("rosa"), events.ContractorStream("lee"), events.ContractorStream("kofi")
	b := serve(t, broker.Options{WriteTimeout: time.Minute})
	taken := func() map[events.Stream]events.Position {
		return b.Taken(func(s events.Stream) bool { return s.ContractorID() != "" })
	}
	soon := func(what string, ok func() bool) {
		t.Helper()
		look := time.NewTicker(time.Millisecond)
		defer look.Stop()
		limit := time.After(20 * time.Second)
		for !ok() {
			select {
			case <-look.C:
			case <-limit:
				t.Fatalf("%s: %v", what, taken())
			}
		}
	}
	b.publish(t, assigned(1, "one", rosa))
	reader, _ := b.follow(t, "s="+string(rosa), at(0).String())
	reader.wants(t, string(events.KindJobAssigned), at(1))
	soon("what was replayed", func() bool { return taken()[rosa] == at(1) })
	frozen(t, strings.TrimPrefix(b.url, "http://"), "/?s="+string(lee))
	soon("the frozen reader is there", func() bool { return taken()[lee].Epoch != 0 })
	left, _ := b.follow(t, "s="+string(kofi), "")
	b.publish(t, assigned(2, "two", rosa, kofi))
	left.wants(t, string(events.KindJobAssigned), at(2))
	soon("what was written", func() bool { return taken()[rosa] == at(2) && taken()[kofi] == at(2) })
	data := strings.Repeat("x", frozenData)
	// It is there all the while, and has something left to write.
	stuck := func() bool {
		look := time.NewTicker(time.Millisecond)
		defer look.Stop()
		for range 20 {
			if _, counted := taken()[lee]; counted || b.Groups()[lee] != 1 {
				return false
			}
			<-look.C
		}
		return true
	}
	for pos := int64(3); !stuck(); pos++ {
		if pos > frozenFrames {
			t.Fatalf("the frozen reader counts up to %v", taken()[lee])
		}
		b.publish(t, assigned(pos, data, lee))
	}
	if err := left.closer.Close(); err != nil {
		t.Fatal(err)
	}
	soon("who is gone does not count", func() bool { _, counted := taken()[kofi]; return !counted })
}
