package handlers_test

import (
	"strings"
	"testing"

	"smartscheduler/handlers"
)

// TestP05TurnedAwayKeepsThePosition: whoever asks for a stream while the
// database is away is sent off with the position that he came with. With the
// log's own he would resume there and miss what lies between.
func TestP05TurnedAwayKeepsThePosition(t *testing.T) {
	t.Parallel()
	o := newOffice(t, never)
	o.live()
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	heal := o.outage(o.db.ListenDSN())
	defer heal()
	got := briefly(t, ann, "/streams/dispatch/north?after=1-42").Body.String()
	if !strings.Contains(got, "event: unavailable\n") || !strings.Contains(got, "id: 1-42\n") {
		t.Errorf("turned away with %q", got)
	}
}
