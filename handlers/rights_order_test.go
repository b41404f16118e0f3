package handlers_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/handlers"
)

// wantBye wants a stream to end with bye.
func wantBye(t *testing.T, names <-chan string) {
	t.Helper()
	limit := time.NewTimer(5 * time.Second)
	defer limit.Stop()
	last := ""
	for {
		select {
		case got, open := <-names:
			if !open {
				if last != "bye" {
					t.Errorf("the stream ended with %q", last)
				}
				return
			}
			last = got
		case <-limit.C:
			t.Fatal("the stream lives on after 5 s")
		}
	}
}

// openedStream is a stream that has said hello.
func openedStream(t *testing.T, address string, b *browser) <-chan string {
	t.Helper()
	names := openStream(t, address, b)
	if got := <-names; got != "hello" {
		t.Fatalf("the stream began with %q", got)
	}
	return names
}

func (o *office) look() {
	o.t.Helper()
	if err := o.h.CheckRights(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) loseRegion(name, region string) {
	o.t.Helper()
	o.exec(`delete from user_regions where region = $2 and user_id = (select id from users where name = $1)`, name, region)
}

// TestP15NewStreamKeepsNoOldOne: a stream that is opened with the rights of
// now says nothing about one that was opened with those of before.
func TestP15NewStreamKeepsNoOldOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	ann := o.person(handlers.RoleDispatcher, "Ann", "north", "south")
	south := openedStream(t, address+"/streams/dispatch/south", ann)
	o.loseRegion("Ann", "south")
	openedStream(t, address+"/streams/dispatch/north", ann)
	o.look()
	wantBye(t, south)
}

// TestP15OpenedDuringALook: a stream that is opened while the rights of the
// others are looked up is not forgotten.
func TestP15OpenedDuringALook(t *testing.T) {
	t.Parallel()
	var during atomic.Pointer[func()]
	o := newOffice(t, func(opts *handlers.Options) {
		now := opts.Now
		opts.Now = func() time.Time {
			if f := during.Swap(nil); f != nil {
				(*f)()
			}
			return now()
		}
	})
	address := o.live()
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	bo := o.person(handlers.RoleDispatcher, "Bo", "north", "south")
	openedStream(t, address+"/streams/dispatch/north", ann)
	var south <-chan string
	open := func() { south = openedStream(t, address+"/streams/dispatch/south", bo) }
	during.Store(&open)
	o.look()
	if south == nil {
		t.Fatal("no stream was opened during the look")
	}
	o.loseRegion("Bo", "south")
	// Another stream of the same session has the rights of now already.
	openedStream(t, address+"/streams/dispatch/north", bo)
	o.look()
	wantBye(t, south)
}

// TestP15StreamOutlivesARenewal shows that the open stream of a display goes on
// when its token is renewed, and that the display can go on by itself with the
// new one when the old one has ended.
func TestP15StreamOutlivesARenewal(t *testing.T) {
	t.Parallel()
	o := newOffice(t, never)
	address := o.live()
	wall := o.display("north")
	o.watchRights()
	f := o.follow(address, wall, "/streams/kiosk/north")
	o.clock.advance(25 * time.Hour)
	old := wall.cookies["k"].Value
	wantStatus(t, wall.get("/kiosk"), http.StatusOK) // the page reads its content anew
	if wall.cookies["k"].Value == old {
		t.Fatal("the token was not renewed")
	}
	wantStatus(t, wall.get("/kiosk"), http.StatusOK)
	o.clock.advance(9 * time.Minute)
	o.look()
	o.addJob("north", o.today())
	f.one(events.KindJobCreated)
	o.clock.advance(time.Minute)
	o.h.RightsChanged()
	if last := f.domain(1)[0]; last.event != "session-ended" || last.data != `{"reason":"kiosk-rotated"}` {
		t.Errorf("ten minutes later the stream ends with %q", last)
	}
	o.follow(address, wall, "/streams/kiosk/north")
}
