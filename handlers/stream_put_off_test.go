package handlers_test

import (
	"strings"
	"testing"

	"smartscheduler/events"
	"smartscheduler/handlers"
)

// TestP10PutOffKeepsThePosition shows that a client that is sent away, because
// the database cannot say who it is, keeps the position with which it came: with
// the server's own it would come back without what it had missed.
func TestP10PutOffKeepsThePosition(t *testing.T) {
	t.Parallel()
	o := newOffice(t, never)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	o.broker.SetHead(events.Position{Epoch: 7, Pos: 105})
	o.outage(o.db.ListenDSN())
	got := briefly(t, ann, "/streams/dispatch/north?after=7-5")
	if body := got.Body.String(); !strings.Contains(body, "event: unavailable\n") || !strings.Contains(body, "id: 7-5\n") {
		t.Errorf("a client that came with 7-5 is sent away with %q", body)
	}
}
