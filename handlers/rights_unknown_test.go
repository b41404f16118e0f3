package handlers_test

import (
	"database/sql"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"smartscheduler/handlers"
)

// outage closes the database to everybody, as an administrator would, and
// returns how to open it again.
func (o *office) outage(dsn string) (heal func()) {
	o.t.Helper()
	name := regexp.MustCompile(`dbname='([^']*)'`).FindStringSubmatch(dsn)
	if name == nil {
		o.t.Fatalf("no database in %q", dsn)
	}
	admin, err := sql.Open("postgres", strings.Replace(dsn, name[0], "dbname=postgres", 1))
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = admin.Close() })
	do := func(query string) {
		o.t.Helper()
		if _, err := admin.Exec(query); err != nil {
			o.t.Fatalf("%s: %v", query, err)
		}
	}
	do(`alter database "` + name[1] + `" allow_connections false`)
	do(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '` + name[1] + `'`)
	return func() { do(`alter database "` + name[1] + `" allow_connections true`) }
}

// TestP15UnknownRights shows that streams live on for a minute while the
// database cannot say whose they are, and end with `unavailable` after it; that
// whoever connects meanwhile gets 200 and the same, never 401; and that all is
// well when it answers again.
func TestP15UnknownRights(t *testing.T) {
	t.Parallel()
	var looks atomic.Int64
	o := newOffice(t, never, func(opts *handlers.Options) {
		now := opts.Now
		opts.Now = func() time.Time { looks.Add(1); return now() }
	})
	address := o.live()
	ann, wall := o.person(handlers.RoleDispatcher, "Ann", "north"), o.display("north")
	o.watchRights()
	board, hall := o.follow(address, ann, "/streams/dispatch/north"), o.follow(address, wall, "/streams/kiosk/north")
	// looked makes WatchRights look. It reads the clock before each look and
	// after it.
	looked := func() {
		t.Helper()
		before := looks.Load()
		o.h.RightsChanged()
		for end := time.Now().Add(streamTime); looks.Load() < before+2; <-time.After(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("nobody looked at the rights")
			}
		}
	}
	looked()
	heal := o.outage(o.db.ListenDSN())
	o.clock.advance(59 * time.Second)
	looked()
	for _, f := range []*follower{board, hall} {
		if got := briefly(t, ann, "/streams/dispatch/north"); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "event: unavailable") ||
			!strings.Contains(got.Body.String(), "retry: ") {
			t.Errorf("%s: a connect during the outage is answered %d %q", f.target, got.Code, got.Body)
		}
	}
	if n := o.broker.Streams(); n != 2 {
		t.Fatalf("after 59 s %d streams are open, not 2", n)
	}
	o.clock.advance(2 * time.Second)
	looked()
	for _, f := range []*follower{board, hall} {
		if last := f.domain(1)[0]; last.event != "unavailable" || last.id == "" || !strings.Contains(f.seen.String(), "retry: ") {
			t.Errorf("%s ended with %q", f.target, last)
		}
	}
	heal()
	o.follow(address, ann, "/streams/dispatch/north")
	o.follow(address, wall, "/streams/kiosk/north")
}
