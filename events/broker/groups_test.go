package broker_test

import (
	"maps"
	"testing"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

// A connection counts for each stream that it follows, and for none when it has
// gone.
func TestGroups(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	want := func(want map[events.Stream]int) {
		t.Helper()
		if got := b.Groups(); !maps.Equal(got, want) {
			t.Errorf("groups %v, want %v", got, want)
		}
	}
	want(map[events.Stream]int{})
	both, _ := b.follow(t, "s=dispatch/south&s=dispatch/north", "")
	alone, _ := b.follow(t, "s=dispatch/north", "")
	_, _ = b.follow(t, "s=dispatch/north&json=1", "")
	want(map[events.Stream]int{north: 3, south: 1})
	both.closer.Close()
	b.ends(t, broker.EndClient)
	want(map[events.Stream]int{north: 2})
	alone.closer.Close()
	b.ends(t, broker.EndClient)
	want(map[events.Stream]int{north: 1})
}
