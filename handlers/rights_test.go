package handlers_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"smartscheduler/handlers"
)

// TestP15LostRightsEndStreams opens a stream, takes the right to it away, and
// reads how the stream ends.
func TestP15LostRightsEndStreams(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	ctx, stop := context.WithCancel(context.Background())
	watched := make(chan error, 1)
	go func() { watched <- o.h.WatchRights(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-watched; err != nil {
			t.Errorf("watch rights: %v", err)
		}
	})
	rosa := o.addContractor("north", "Rosa Díaz")
	display := o.display("north")
	for name, c := range map[string]struct {
		target string
		who    *browser
		lose   func(b *browser)
		ends   string
	}{
		"Logout": {"/streams/dispatch/north", o.person(handlers.RoleDispatcher, "Ann", "north"),
			func(b *browser) { b.clone().post("/logout", nil) }, "session-ended"},
		"Disabled": {"/streams/dispatch/north", o.person(handlers.RoleDispatcher, "Bo", "north"),
			func(*browser) { o.exec(`update users set disabled_at = now() where name = 'Bo'`) }, "session-ended"},
		"RegionsChanged": {"/streams/dispatch/north", o.person(handlers.RoleDispatcher, "Cid", "north"),
			func(*browser) {
				o.exec(`update user_regions set region = 'south' where user_id = (select id from users where name = 'Cid')`)
			}, "bye"},
		"ContractorLeft": {"/streams/contractor/" + rosa, o.phone(rosa),
			func(*browser) { o.exec(`update contractors set active = false where id = $1`, rosa) }, "session-ended"},
		"KioskRevoked": {"/streams/kiosk/north", display,
			func(*browser) { o.exec(`update kiosk_devices set revoked_at = now()`) }, "session-ended"},
	} {
		t.Run(name, func(t *testing.T) {
			names := openStream(t, address+c.target, c.who)
			if got := <-names; got != "hello" {
				t.Fatalf("the stream began with %q", got)
			}
			c.lose(c.who)
			limit := time.NewTimer(5 * time.Second)
			defer limit.Stop()
			last := ""
			for {
				select {
				case got, open := <-names:
					if !open {
						if last != c.ends {
							t.Errorf("the stream ended with %q, not %q", last, c.ends)
						}
						return
					}
					last = got
				case <-limit.C:
					t.Fatal("the stream lives on after 5 s")
				}
			}
		})
	}
}

// openStream returns the names of the frames of a stream; it is closed when
// the stream ends.
func openStream(t *testing.T, address string, b *browser) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	if got.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", address, got.Status)
	}
	names, done := make(chan string), make(chan struct{})
	go func() {
		defer close(done)
		defer close(names)
		lines := bufio.NewScanner(got.Body)
		for lines.Scan() {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				select {
				case names <- name:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		_ = got.Body.Close()
		<-done
	})
	return names
}
