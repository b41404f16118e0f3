package handlers_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"smartscheduler/handlers"
)

// TestE4RefusedStreamsAreNoted shows that a contractor who asks for another's
// stream, a region or a wall gets 404 and leaves a row in a table that only
// grows, that a loop does not fill the disk, and that his own stream leaves none.
func TestE4RefusedStreamsAreNoted(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.clock.advance(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute))) // a whole minute
	address := o.live()
	leeID, mayaID := o.addContractor("north", "Lee"), o.addContractor("south", "Maya")
	lee, ann, wall := o.phone(leeID), o.person(handlers.RoleDispatcher, "Ann", "north"), o.display("north")
	rows := func(where string, args ...any) int {
		t.Helper()
		return o.count(`select count(*) from stream_refusals where `+where, args...)
	}
	o.follow(address, lee, "/streams/contractor/"+leeID)
	if n := rows(`true`); n != 0 {
		t.Fatalf("his own stream left %d rows", n)
	}
	for _, path := range []string{"/streams/contractor/" + mayaID, "/streams/dispatch/north", "/streams/kiosk/north", "/streams/contractor/nobody"} {
		for range 20 {
			wantStatus(t, briefly(t, lee, path), http.StatusNotFound)
		}
		n := rows(`path = $1 and role = 'contractor' and address = $2 and kiosk_id is null
		  and user_id = (select id from users where contractor_id = $3)`, path, strings.TrimSuffix(strings.TrimPrefix(lee.address, "["), "]:4711"), leeID)
		if n != 1 {
			t.Errorf("%s, twenty times in a minute, left %d rows, not 1", path, n)
		}
	}
	o.clock.advance(time.Minute)
	briefly(t, lee, "/streams/dispatch/north")
	if n := rows(`path = '/streams/dispatch/north'`); n != 2 {
		t.Errorf("in the next minute it left %d rows in all, not 2", n)
	}
	briefly(t, ann, "/streams/dispatch/south")
	briefly(t, ann, "/streams/dispatch/nowhere")
	briefly(t, wall, "/streams/kiosk/south")
	if d, k := rows(`role = 'dispatcher'`), rows(`role = 'kiosk' and kiosk_id is not null and user_id is null`); d != 2 || k != 1 {
		t.Errorf("%d rows of the dispatcher, not 2, and %d of the display, not 1", d, k)
	}
	for i := range 200 {
		wantStatus(t, briefly(t, lee, "/streams/contractor/"+strconv.Itoa(i)+strings.Repeat("x", 900)), http.StatusNotFound)
	}
	if n := rows(`role = 'contractor'`); n != 120 {
		t.Errorf("200 other paths left %d rows in the hour, not 120 at most", n)
	}
	if n := rows(`role = 'contractor' and length(path) > 500`); n != 0 {
		t.Errorf("%d rows are too long", n)
	}
	if n := strings.Count(o.log.String(), "not in the database"); n != 0 {
		t.Errorf("%d refusals were not noted", n)
	}
}
