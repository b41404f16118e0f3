package broker_test

import (
	"strings"
	"sync"
	"testing"

	"smartscheduler/events/broker"
)

// A panic while an event is offered costs nobody the event: also those whose
// turn had not come read it from the log.
func TestPublishSurvivesAPanic(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	var once sync.Once
	b.lagged = func() { once.Do(func() { panic("in the metrics") }) }
	var readers []*wire
	for range 3 {
		w, _ := b.follow(t, "s=dispatch/north", at(0).String())
		readers = append(readers, w)
	}
	b.journal.append(assigned(1, "x", north))
	unrendered := assigned(1, "x", north)
	unrendered.Parts[0].HTML = nil
	if n, err := b.Publish(unrendered); n != 0 || err == nil || !strings.Contains(err.Error(), "in the metrics") {
		t.Errorf("publish = %d, %v", n, err)
	}
	b.SetHead(at(1))
	for _, w := range readers {
		w.wants(t, "JobAssigned", at(1))
	}
	b.publish(t, assigned(2, "y", north))
	for _, w := range readers {
		w.wants(t, "JobAssigned", at(2))
	}
}
