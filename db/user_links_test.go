package db_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/events"
)

const otherPassword = "eleven other herons"

// administrator adds an administrator who can sign in, and returns him as an actor.
func (d *desk) administrator() db.Actor {
	d.t.Helper()
	u := newUser(d.t, d.db, "admin")
	return db.Actor{UserID: u.ID, Kind: events.ActorDispatcher, AllRegions: true}
}

// changing names a user in his present version.
func (d *desk) changing(by db.Actor, userID string) db.UserChange {
	d.t.Helper()
	return db.UserChange{By: by, UserID: userID, Version: d.userNow(userID).Version}
}

func (d *desk) userNow(userID string) db.Person {
	d.t.Helper()
	p, err := d.db.PersonByID(context.Background(), userID)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// invite invites a dispatcher of north.
func (d *desk) invite(by db.Actor, key string) (userID, token string) {
	d.t.Helper()
	userID, token, err := d.db.InviteUser(context.Background(), db.Command{By: by, Key: key, RequestHash: "x"}, db.NewUser{
		Email: uuid.NewString() + "@Example.com", Name: " Ida ", Role: "dispatcher", Regions: []string{"north"},
	}, time.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	return userID, token
}

func (d *desk) wantSpent(token string, now time.Time) {
	d.t.Helper()
	_, err := d.db.UserOfLink(context.Background(), token, now)
	wantErr(d.t, err, db.ErrSpent)
	_, err = d.db.ChoosePassword(context.Background(), token, otherPassword, now)
	wantErr(d.t, err, db.ErrSpent)
}

func TestInviteUser(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, now := d.administrator(), time.Now()

	t.Run("ChoosesAPasswordOnce", func(t *testing.T) {
		id, token := d.invite(ada, "")
		if p := d.userNow(id); !p.Invited() || p.Name != "Ida" || !slices.Equal(p.RegionNames, []string{"North"}) {
			t.Errorf("the invited is %+v", p)
		}
		if u, err := d.db.UserOfLink(t.Context(), token, now); err != nil || u.ID != id {
			t.Fatalf("the link is %s's, %v", u.ID, err)
		}
		_, err := d.db.ChoosePassword(t.Context(), token, "short", now)
		wantErr(t, err, db.ErrPassword)
		if u, err := d.db.ChoosePassword(t.Context(), token, otherPassword, now); err != nil || u.ID != id {
			t.Fatalf("choose: %s, %v", u.ID, err)
		}
		p := d.userNow(id)
		if match, err := db.PasswordMatches(otherPassword, p.PasswordHash.String); !match || err != nil || p.Invited() {
			t.Errorf("the password does not match (%v); invited: %t", err, p.Invited())
		}
		d.wantSpent(token, now)
	})
	t.Run("OnlyAHashIsStored", func(t *testing.T) {
		_, token := d.invite(ada, "")
		var rows int
		d.scan(&rows, `select count(*) from user_links where user_links::text like '%' || $1 || '%'`, token)
		if rows != 0 {
			t.Error("the token is stored")
		}
	})
	t.Run("Expires", func(t *testing.T) {
		_, token := d.invite(ada, "")
		if _, err := d.db.UserOfLink(t.Context(), token, now.Add(72*time.Hour-time.Minute)); err != nil {
			t.Errorf("after almost 72 hours: %v", err)
		}
		d.wantSpent(token, now.Add(72*time.Hour+time.Minute))
	})
	t.Run("RetryGivesAnotherLink", func(t *testing.T) {
		key := uuid.NewString()
		cmd := db.Command{By: ada, Key: key, RequestHash: "x"}
		n := db.NewUser{Email: uuid.NewString() + "@example.com", Name: "Ida", Role: "auditor"}
		id, first, err := d.db.InviteUser(t.Context(), cmd, n, now)
		if err != nil {
			t.Fatal(err)
		}
		again, second, err := d.db.InviteUser(t.Context(), cmd, n, now)
		if err != nil || again != id || second == first {
			t.Fatalf("retry: %s instead of %s, same link: %t, %v", again, id, second == first, err)
		}
		d.wantSpent(first, now)
		if _, err := d.db.ChoosePassword(t.Context(), second, otherPassword, now); err != nil {
			t.Fatal(err)
		}
		if _, third, err := d.db.InviteUser(t.Context(), cmd, n, now); third != "" || err != nil {
			t.Errorf("a retry after the password was chosen gave a link: %t, %v", third != "", err)
		}
		cmd.RequestHash = "y"
		_, _, err = d.db.InviteUser(t.Context(), cmd, n, now)
		wantErr(t, err, db.ErrKeyReused)
	})
	t.Run("BadInput", func(t *testing.T) {
		taken := newUser(t, d.db, "auditor")
		for field, n := range map[string]db.NewUser{
			"email":   {Email: taken.Email, Name: "Ida", Role: "auditor"},
			"regions": {Email: uuid.NewString() + "@example.com", Name: "Ida", Role: "dispatcher", Regions: []string{"nowhere"}},
		} {
			_, _, err := d.db.InviteUser(t.Context(), db.Command{By: ada}, n, now)
			invalidAt(t, err, field)
		}
		for _, email := range []string{"", "ida", "Ida <ida@example.com>", "ida@example.com\r\nBcc: eve@example.com"} {
			_, _, err := d.db.InviteUser(t.Context(), db.Command{By: ada}, db.NewUser{Email: email, Name: "Ida", Role: "auditor"}, now)
			invalidAt(t, err, "email")
		}
	})
}

// TestUserLinkEnds: whatever ends the sessions of a user ends his links.
func TestUserLinkEnds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, now, ctx := d.administrator(), time.Now(), context.Background()
	for name, act := range map[string]func(id string) error{
		"AnotherLink": func(id string) error { _, err := d.db.CreateUserLink(ctx, d.changing(ada, id), now); return err },
		"MailedLink": func(id string) error {
			_, _, err := d.db.CreateMailedLink(ctx, d.userNow(id).Email, now)
			return err
		},
		"Password":   func(id string) error { return d.db.SetPassword(ctx, id, "nine more herons") },
		"Everywhere": func(id string) error { return d.db.EndSessions(ctx, id) },
		"Disabled":   func(id string) error { return d.db.LockUser(ctx, d.changing(ada, id), true) },
		"DisabledAndEnabled": func(id string) error {
			return errors.Join(d.db.LockUser(ctx, d.changing(ada, id), true), d.db.LockUser(ctx, d.changing(ada, id), false))
		},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUser(t, d.db, "auditor")
			token, err := d.db.CreateUserLink(ctx, d.changing(ada, u.ID), now)
			if err != nil {
				t.Fatal(err)
			}
			session := signIn(t, d.db, u.ID, time.Hour, time.Hour)
			if err := act(u.ID); err != nil {
				t.Fatal(err)
			}
			d.wantSpent(token, now)
			_, err = d.db.SessionAccount(ctx, session, now)
			if kept := name == "AnotherLink" || name == "MailedLink"; kept != (err == nil) {
				t.Errorf("the session: %v", err)
			}
		})
	}
	t.Run("UsedEndsSessions", func(t *testing.T) {
		u := newUser(t, d.db, "auditor")
		session := signIn(t, d.db, u.ID, time.Hour, time.Hour)
		token, err := d.db.CreateUserLink(ctx, d.changing(ada, u.ID), now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.db.ChoosePassword(ctx, token, otherPassword, now); err != nil {
			t.Fatal(err)
		}
		_, err = d.db.SessionAccount(ctx, session, now)
		wantLost(t, err, events.LossPassword)
	})
	t.Run("NobodysLink", func(t *testing.T) {
		u := newUser(t, d.db, "auditor")
		if err := d.db.DisableUser(ctx, u.ID); err != nil {
			t.Fatal(err)
		}
		_, err := d.db.CreateUserLink(ctx, d.changing(ada, u.ID), now)
		wantErr(t, err, db.ErrNotFound)
		for _, email := range []string{u.Email, uuid.NewString() + "@example.com"} {
			_, _, err := d.db.CreateMailedLink(ctx, email, now)
			wantErr(t, err, db.ErrNotFound)
		}
	})
}

// TestChoosePasswordRace: of many who use one link at once, one succeeds.
func TestChoosePasswordRace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, token := d.invite(d.administrator(), "")
	errs := make([]error, 6)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { _, errs[i] = d.db.ChoosePassword(context.Background(), token, otherPassword, time.Now()) })
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, db.ErrSpent) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d used the link", won)
	}
}
