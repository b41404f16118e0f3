package db_test

import (
	"context"
	"testing"
	"time"

	"github.com/lib/pq"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/events/relay"
)

// ear hears what the database calls out about rights.
type ear struct {
	*desk
	listener *pq.Listener
}

func newEar(d *desk) *ear {
	d.t.Helper()
	e := &ear{d, pq.NewListener(d.dsn, time.Second, time.Second, nil)}
	d.t.Cleanup(func() { _ = e.listener.Close() })
	if err := e.listener.Listen(db.RightsChannel); err != nil {
		d.t.Fatal(err)
	}
	return e
}

// calls counts the calls until now. Notifications come in order, so that none
// is left when the one that it sends itself has come.
func (e *ear) calls() (n int) {
	e.t.Helper()
	e.exec(`select pg_notify($1, 'until here')`, db.RightsChannel)
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for {
		select {
		case got := <-e.listener.Notify:
			if got == nil {
				e.t.Fatal("the listening connection was lost")
			}
			if got.Extra == "until here" {
				return n
			}
			n++
		case <-limit.C:
			e.t.Fatal("the test's own call never came")
		}
	}
}

// phoneUser makes the user of a contractor who has used a link.
func (d *desk) phoneUser(contractorID string) db.User {
	d.t.Helper()
	token, _, err := d.db.CreateContractorLink(d.t.Context(), contractorID, time.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	u, err := d.db.ConsumeContractorLink(d.t.Context(), token, time.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	return u
}

// TestP15EveryLossCallsAllProcesses shows that each way of losing rights, also
// one by hand in SQL, is called out by the database itself.
func TestP15EveryLossCallsAllProcesses(t *testing.T) {
	t.Parallel()
	e := newEar(newDesk(t))
	ctx, d := t.Context(), e.db
	u := newUser(t, d, "dispatcher", "north")
	rosa := e.contractor("north", "Rosa Díaz")
	phone := e.phoneUser(rosa)
	kiosk := enrolled(t, d, "north", time.Now())
	session := signIn(t, d, u.ID, time.Hour, time.Hour)
	e.calls()
	loud := map[string]func() error{
		"Logout":     func() error { return d.SessionStore().DeleteCtx(ctx, storedHash(session)) },
		"Password":   func() error { return d.SetPassword(ctx, u.ID, "eleven other herons") },
		"Everywhere": func() error { return d.EndSessions(ctx, u.ID) },
		"Disabled":   func() error { return d.DisableUser(ctx, u.ID) },
		"Enabled":    func() error { return d.EnableUser(ctx, u.ID) },
		"Regions":    func() error { return d.SetUserRole(ctx, u.ID, "dispatcher", []string{"south"}) },
		"Role":       func() error { return d.SetUserRole(ctx, u.ID, "auditor", nil) },
		"Link": func() error {
			_, err := d.RevokeContractorLinks(ctx, rosa)
			return err
		},
		"KioskRotated": func() error {
			_, err := d.RotateKiosk(ctx, kiosk.KioskID, time.Now())
			return err
		},
		"KioskRevoked":     func() error { return d.RevokeKiosk(ctx, kiosk.KioskID) },
		"SQLPassword":      func() error { return e.sql(`update users set password_hash = 'x' where id = $1`, u.ID) },
		"SQLDisabled":      func() error { return e.sql(`update users set disabled_at = now() where id = $1`, phone.ID) },
		"SQLNoRegion":      func() error { return e.sql(`delete from user_regions where user_id = $1`, e.ann.UserID) },
		"SQLContractor":    func() error { return e.sql(`update contractors set active = false where id = $1`, rosa) },
		"SQLKioskRegion":   func() error { return e.sql(`update kiosk_devices set region = 'south' where id = $1`, kiosk.KioskID) },
		"SQLKioskDeletion": func() error { return e.sql(`delete from kiosk_devices where id = $1`, kiosk.KioskID) },
	}
	// In an order in which each finds something to change.
	for _, name := range []string{"Logout", "Password", "Everywhere", "Disabled", "Enabled", "Regions", "Role", "Link",
		"KioskRotated", "KioskRevoked", "SQLPassword", "SQLDisabled", "SQLNoRegion", "SQLContractor", "SQLKioskRegion", "SQLKioskDeletion"} {
		if err := loud[name](); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e.calls() == 0 {
			t.Errorf("%s: nobody was called", name)
		}
		delete(loud, name)
	}
	if len(loud) > 0 {
		t.Errorf("not tried: %v", loud)
	}
}

// TestP15VisitsCallNobody shows that what takes no rights away, and may happen
// with every request, is not called out.
func TestP15VisitsCallNobody(t *testing.T) {
	t.Parallel()
	e := newEar(newDesk(t))
	ctx, d := t.Context(), e.db
	u := newUser(t, d, "dispatcher", "north")
	e.contractor("north", "Rosa Díaz")
	kiosk := enrolled(t, d, "north", time.Now())
	var session string
	signedIn := func() { session = signIn(t, d, u.ID, time.Hour, time.Hour) }
	signedIn()
	e.calls()
	for name, quiet := range map[string]func() error{
		"SignIn": func() error { signedIn(); return nil },
		"Visit": func() error {
			return d.ExtendSession(ctx, "s:"+storedHash(session), time.Now().Add(2*time.Hour), time.Now())
		},
		"KioskSeen": func() error { return d.KioskSeen(ctx, kiosk, time.Now()) },
		"Expired": func() error {
			if err := e.sql(`update sessions set expiry = now() - interval '1 minute'`); err != nil {
				return err
			}
			_, err := d.DeleteExpired(ctx, time.Now())
			return err
		},
		"Contractor": func() error { return e.sql(`update contractors set phone = '555-0101'`) },
	} {
		if err := quiet(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := e.calls(); n != 0 {
			t.Errorf("%s called %d times", name, n)
		}
	}
}

// sql runs one statement as the owner.
func (e *ear) sql(query string, args ...any) error {
	_, err := e.owner.ExecContext(e.t.Context(), query, args...)
	return err
}

// TestP15OneConnectionHearsBoth shows that a process hears of rights on the
// connection on which it hears of events, and looks after it was cut.
func TestP15OneConnectionHearsBoth(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := openOwner(t, d.dsn)
	heard := make(chan struct{}, 100)
	seen := &seenEvents{started: make(chan struct{})}
	r := relay.New(relay.Options{Log: d.db, Fragments: plainFragments{}, Broker: seen, Poll: time.Hour, ListenDSN: d.db.ListenDSN(),
		Calls: map[string]func(){db.RightsChannel: func() { heard <- struct{}{} }}})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	wait := func(what string) {
		t.Helper()
		select {
		case <-heard:
		case <-time.After(30 * time.Second):
			t.Fatalf("not called: %s", what)
		}
	}
	wait("it listens from now on")
	waitForListeners(t, owner, 1)
	d.exec(`delete from user_regions where region = 'west'`)
	wait("a region was lost")
	d.exec(`select pg_terminate_backend(pid) ` + listeners)
	wait("the connection was cut, and calls may have been lost")
	waitForListeners(t, owner, 1)
	d.exec(`delete from user_regions where region = 'south'`)
	wait("another region was lost")
}

// TestP15SignInUnderWay shows that whoever proved the old password before it
// was changed has nothing of it, whether his session is stored before or after
// the change is committed.
func TestP15SignInUnderWay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for name, end := range map[string]struct {
		how func(tx *sqlTx, id string)
		why events.Loss
	}{
		"Password": {func(tx *sqlTx, id string) { tx.exec(`update users set password_hash = 'x' where id = $1`, id) }, events.LossPassword},
		"Disabled": {func(tx *sqlTx, id string) { tx.exec(`update users set disabled_at = now() where id = $1`, id) }, events.LossDisabled},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUser(t, d.db, "auditor")
			tx := d.begin()
			end.how(tx, u.ID)
			before, err := trySignIn(t, d.db, u.ID, u.SessionEpoch, time.Hour, time.Hour)
			if err != nil {
				t.Fatalf("nothing is committed yet: %v", err)
			}
			tx.commit()
			_, err = d.db.SessionAccount(t.Context(), before, time.Now())
			wantLost(t, err, end.why)
			_, err = trySignIn(t, d.db, u.ID, u.SessionEpoch, time.Hour, time.Hour)
			wantErr(t, err, db.ErrNotFound)
		})
	}
}

// TestP15LostIsKnown shows that it is known of every session and display why it
// ended.
func TestP15LostIsKnown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx, now := t.Context(), time.Now()
	for name, c := range map[string]struct {
		lose func(u db.User) error
		why  events.Loss
	}{
		"Password":   {func(u db.User) error { return d.db.SetPassword(ctx, u.ID, "eleven other herons") }, events.LossPassword},
		"Everywhere": {func(u db.User) error { return d.db.EndSessions(ctx, u.ID) }, events.LossSignedOut},
		"Disabled":   {func(u db.User) error { return d.db.DisableUser(ctx, u.ID) }, events.LossDisabled},
		"Inactive": {func(u db.User) error {
			d.exec(`update contractors set active = false where id = $1`, u.ContractorID)
			return nil
		}, events.LossContractor},
		"Link": {func(u db.User) error {
			_, err := d.db.RevokeContractorLinks(ctx, u.ContractorID.String)
			return err
		}, events.LossLink},
		"Expired": {func(u db.User) error {
			d.exec(`update sessions set expiry = now() - interval '1 minute' where user_id = $1`, u.ID)
			return nil
		}, events.LossExpired},
	} {
		t.Run(name, func(t *testing.T) {
			u := d.phoneUser(d.contractor("north", "Rosa "+name))
			token := signIn(t, d.db, u.ID, time.Hour, time.Hour)
			if _, err := d.db.SessionAccount(ctx, token, now); err != nil {
				t.Fatal(err)
			}
			if err := c.lose(u); err != nil {
				t.Fatal(err)
			}
			_, err := d.db.SessionAccount(ctx, token, now)
			wantLost(t, err, c.why)
		})
	}
	t.Run("UnusedLink", func(t *testing.T) {
		id := d.contractor("north", "Rosa Unused")
		token := newLink(t, d.db, id, now)
		if _, err := d.db.RevokeContractorLinks(ctx, id); err != nil {
			t.Fatal(err)
		}
		_, err := d.db.ConsumeContractorLink(ctx, token, now)
		wantErr(t, err, db.ErrSpent)
	})
}
