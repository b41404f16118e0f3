package handlers_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/handlers"
)

// watchRights runs WatchRights until the end of the test.
func (o *office) watchRights() {
	o.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	watched := make(chan error, 1)
	go func() { watched <- o.h.WatchRights(ctx) }()
	o.t.Cleanup(func() {
		stop()
		if err := <-watched; err != nil {
			o.t.Errorf("watch rights: %v", err)
		}
	})
}

// never is a time between two looks at rights that no test lives to see.
func never(opts *handlers.Options) { opts.LookAgain = time.Hour }

// loss is one way to lose the right to a stream.
type loss struct {
	target string
	who    *browser
	lose   func(b *browser)
	// ends and why are the last frame; again is the answer to the next attempt,
	// page where an open page is sent, and says what is written there.
	ends, why string
	again     int
	page      string
	says      string
}

// losses are all ways to lose the right to a stream.
func (o *office) losses() map[string]loss {
	ctx, d := context.Background(), o.db
	const board, ended = "/streams/dispatch/north", "session-ended"
	staff := func(name string) *browser { return o.person(handlers.RoleDispatcher, name, "north") }
	id := func(name string) (id string) {
		if err := o.owner.QueryRowContext(ctx, `select id from users where name = $1`, name).Scan(&id); err != nil {
			o.t.Fatal(err)
		}
		return id
	}
	must := func(err error) {
		if err != nil {
			o.t.Error(err)
		}
	}
	rosa, lee := o.addContractor("north", "Rosa"), o.addContractor("north", "Lee")
	kiosk := func(b *browser) string {
		a, err := d.KioskByToken(ctx, b.cookies["k"].Value, o.clock.Now())
		must(err)
		return a.KioskID
	}
	return map[string]loss{
		"Logout": {board, staff("Logout"), func(b *browser) { b.clone().post("/logout", nil) },
			ended, "signed-out", http.StatusUnauthorized, "/login?why=signed-out", "You were signed out."},
		"Password": {board, staff("Password"), func(*browser) { must(d.SetPassword(ctx, id("Password"), "eleven other herons")) },
			ended, "password-changed", http.StatusUnauthorized, "/login", "Your password was changed"},
		"Disabled": {board, staff("Disabled"), func(*browser) { must(d.DisableUser(ctx, id("Disabled"))) },
			ended, "account-disabled", http.StatusUnauthorized, "/login", "Your account was disabled"},
		"Expired": {board, staff("Expired"), func(*browser) {
			o.exec(`update sessions set expiry = now() - interval '1 hour' where user_id = $1`, id("Expired"))
		},
			ended, "expired", http.StatusUnauthorized, "/login", "Your session has ended"},
		"Region": {board, staff("Region"), func(*browser) { must(d.SetUserRole(ctx, id("Region"), "dispatcher", []string{"south"})) },
			"bye", "rights-changed", http.StatusNotFound, "/dispatch/north", "There is nothing here for you"},
		"Role": {board, staff("Role"), func(*browser) { must(d.SetUserRole(ctx, id("Role"), handlers.RoleAuditor, nil)) },
			"bye", "rights-changed", http.StatusOK, "/dispatch/north", "Auditor (read only)"},
		"ContractorInactive": {"/streams/contractor/" + rosa, o.phone(rosa), func(*browser) { o.exec(`update contractors set active = false where id = $1`, rosa) },
			ended, "contractor-inactive", http.StatusUnauthorized, "/login", "not among the active contractors any more.</p><p>Ask the office for a new link"},
		"ContractorLink": {"/streams/contractor/" + lee, o.phone(lee), func(*browser) {
			_, err := d.RevokeContractorLinks(ctx, lee)
			must(err)
		}, ended, "link-revoked", http.StatusUnauthorized, "/login", "ended the sign-in of this phone.</p><p>Ask the office for a new link"},
		"KioskRevoked": {"/streams/kiosk/north", o.display("north"), func(b *browser) { must(d.RevokeKiosk(ctx, kiosk(b))) },
			ended, "kiosk-revoked", http.StatusUnauthorized, "/kiosk", "This display was taken out of use."},
		"KioskRotated": {"/streams/kiosk/north", o.display("north"), func(b *browser) {
			_, err := d.RotateKiosk(ctx, kiosk(b), o.clock.Now())
			must(err)
		}, ended, "kiosk-rotated", http.StatusUnauthorized, "/kiosk", "This display was given a new key."},
		"KioskRegion": {"/streams/kiosk/north", o.display("north"), func(b *browser) {
			o.exec(`update kiosk_devices set region = 'south' where id = $1`, kiosk(b))
		}, "bye", "rights-changed", http.StatusNotFound, "/kiosk", "South"},
	}
}

// TestP15LostRightsEndStreams shows, for every way to lose a right, that the
// open stream says why and ends at once, that asking for it again is refused,
// and that the page to which the reader is sent says why in words. The rights
// are looked at because they changed: the look every two seconds is off.
func TestP15LostRightsEndStreams(t *testing.T) {
	t.Parallel()
	o := newOffice(t, never)
	address := o.live()
	o.watchRights()
	for name, c := range o.losses() {
		t.Run(name, func(t *testing.T) {
			f := o.follow(address, c.who, c.target)
			c.lose(c.who)
			o.h.RightsChanged()
			if last := f.domain(1)[0]; last.event != c.ends || last.data != `{"reason":"`+c.why+`"}` {
				t.Errorf("the stream ends with %q", last)
			}
			if rest, err := io.ReadAll(f.r); err != nil || len(rest) > 0 {
				t.Errorf("after the end came %q, %v", rest, err)
			}
			again := briefly(t, c.who, c.target)
			if again.Code != c.again {
				t.Errorf("asked again it answers %d, not %d", again.Code, c.again)
			}
			if c.again == http.StatusUnauthorized && again.Body.Len() > 0 {
				t.Errorf("a refusal says %q", again.Body)
			}
			c.who.header.Del("HX-Request-Type")
			if page := c.who.get(c.page); !strings.Contains(page.Body.String(), c.says) {
				t.Errorf("%s does not say %q: %s", c.page, c.says, page.Body)
			}
		})
	}
}

// TestP15ControlNobodyLooks shows what the looks are for: without them a stream
// goes on after every loss, and tells what happens.
func TestP15ControlNobodyLooks(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	for name, c := range o.losses() {
		if !strings.HasPrefix(c.target, "/streams/dispatch/") {
			continue // the job of this test is on boards only
		}
		t.Run(name, func(t *testing.T) {
			f := o.follow(address, c.who, c.target)
			c.lose(c.who)
			o.addJob("north", o.today())
			f.one(events.KindJobCreated)
		})
	}
}

// TestP15WhyIsFromTheList shows that the sign-in page says nothing that anybody
// put into its address.
func TestP15WhyIsFromTheList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	plain := s.browser().get("/login").Body.String()
	for _, why := range []string{"", "nothing", "<b>", "Signed-Out", "rights-changed"} {
		if got := s.browser().get("/login?why=" + url.QueryEscape(why)).Body.String(); got != plain {
			t.Errorf("why=%s changes the page: %s", why, got)
		}
	}
}

// TestP15ExplainsOnTheWayToTheSignIn shows that a page that is opened later,
// after a password was changed, says so too and leads back.
func TestP15ExplainsOnTheWayToTheSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	u := s.user(handlers.RoleAuditor)
	b := s.signedIn(u)
	if err := s.db.SetPassword(t.Context(), u.ID, "eleven other herons"); err != nil {
		t.Fatal(err)
	}
	wantLocation(t, b.get("/events?region=north"), "/login?next=%2Fevents%3Fregion%3Dnorth")
	page := b.get("/login?next=%2Fevents%3Fregion%3Dnorth").Body.String()
	if !strings.Contains(page, "Your password was changed") || !strings.Contains(page, `name="next" value="/events?region=north"`) {
		t.Errorf("the sign-in reads %s", page)
	}
	wantLocation(t, b.post("/login", url.Values{"email": {u.Email}, "password": {"eleven other herons"}, "next": {"/events?region=north"}}),
		"/events?region=north")
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
