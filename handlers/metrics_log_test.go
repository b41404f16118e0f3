package handlers_test

import (
	"math"
	"net/http/httptest"
	"regexp"
	"strconv"
	"testing"

	"smartscheduler/events"
)

// TestUnpublishedAge: what a relay that is stuck leaves behind shows, although
// the relay itself counts nothing.
func TestUnpublishedAge(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	head, err := o.db.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var published events.Position
	o.metrics.WatchLog(o.db, func() events.Position { return published })
	age := func() float64 {
		t.Helper()
		rec := httptest.NewRecorder()
		o.metrics.Handler().ServeHTTP(rec, newRequest("/metrics"))
		found := regexp.MustCompile(`(?m)^smartscheduler_relay_oldest_unpublished_seconds (\S+)$`).FindStringSubmatch(rec.Body.String())
		if found == nil {
			t.Fatalf("no such metric:\n%.300s", rec.Body)
		}
		n, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if got := age(); !math.IsNaN(got) {
		t.Errorf("before the relay has begun: %g", got)
	}
	if published = head; age() != 0 {
		t.Errorf("an empty log is %g s behind", age())
	}
	o.addJob("north", o.today())
	if first, second := age(), age(); first <= 0 || second <= first {
		t.Errorf("an event that nobody publishes is %g and then %g s old", first, second)
	}
}
