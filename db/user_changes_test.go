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

func TestEditUser(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, ctx := d.administrator(), context.Background()
	u := newUser(t, d.db, "dispatcher", "north")
	opened := d.changing(ada, u.ID)

	if err := d.db.EditUser(ctx, opened, "Ann B", "dispatcher", []string{"south", "north", "south"}); err != nil {
		t.Fatal(err)
	}
	p := d.userNow(u.ID)
	if p.Name != "Ann B" || !slices.Equal(p.Regions, []string{"north", "south"}) || p.Version != opened.Version+1 {
		t.Errorf("the user is %+v", p)
	}
	refusedBy(t, d.db.EditUser(ctx, opened, "Ann C", "auditor", nil), db.ConflictStale)
	refusedBy(t, d.db.LockUser(ctx, opened, true), db.ConflictStale)
	_, err := d.db.CreateUserLink(ctx, opened, time.Now())
	refusedBy(t, err, db.ConflictStale)
	invalidAt(t, d.db.EditUser(ctx, d.changing(ada, u.ID), "Ann C", "dispatcher", nil), "regions")
	invalidAt(t, d.db.EditUser(ctx, d.changing(ada, u.ID), "Ann C", "dispatcher", []string{"nowhere"}), "regions")
	if now := d.userNow(u.ID); now.Name != p.Name || now.Version != p.Version {
		t.Errorf("a refused change was saved: %+v", now)
	}
	if err := d.db.EditUser(ctx, d.changing(ada, u.ID), "Ann B", "auditor", []string{"north"}); err != nil {
		t.Fatal(err)
	}
	if p := d.userNow(u.ID); p.Role != "auditor" || len(p.Regions) != 0 {
		t.Errorf("an auditor keeps regions: %+v", p)
	}
	wantErr(t, d.db.EditUser(ctx, db.UserChange{By: ada, UserID: uuid.NewString()}, "x", "auditor", nil), db.ErrNotFound)
}

// TestOnlyAdministratorsChangeUsers: whatever route a dispatcher finds to these
// commands, he makes nobody an administrator, himself the least.
func TestOnlyAdministratorsChangeUsers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := context.Background()
	u := newUser(t, d.db, "dispatcher", "north")
	before := d.userNow(u.ID)
	change := d.changing(d.ann, u.ID)
	wantErr(t, d.db.EditUser(ctx, change, "Eve", "admin", nil), db.ErrNotFound)
	wantErr(t, d.db.LockUser(ctx, change, true), db.ErrNotFound)
	_, err := d.db.CreateUserLink(ctx, change, time.Now())
	wantErr(t, err, db.ErrNotFound)
	email := uuid.NewString() + "@example.com"
	_, _, err = d.db.InviteUser(ctx, db.Command{By: d.ann}, db.NewUser{Email: email, Name: "Eve", Role: "admin"}, time.Now())
	wantErr(t, err, db.ErrNotFound)
	var made int
	d.scan(&made, `select (select count(*) from users where email = $1) + (select count(*) from user_links where user_id = $2)`, email, u.ID)
	if now := d.userNow(u.ID); made != 0 || now.Version != before.Version || now.Role != before.Role || now.Disabled {
		t.Errorf("she made %d and the user is %+v", made, now)
	}
}

func TestLastAdmin(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, ctx := d.administrator(), context.Background()
	other := db.Actor{Kind: events.ActorSystem, AllRegions: true} // somebody who is no administrator himself
	refuse := func(name string, err error) {
		t.Helper()
		if !errors.Is(err, db.ErrLastAdmin) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.invite(ada, "") // an invited one cannot sign in yet
	_, _, err := d.db.InviteUser(ctx, db.Command{By: ada}, db.NewUser{Email: "eve@example.com", Name: "Eve", Role: "admin"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	refuse("lock", d.db.LockUser(ctx, d.changing(other, ada.UserID), true))
	refuse("edit", d.db.EditUser(ctx, d.changing(ada, ada.UserID), "Ada", "auditor", nil))
	refuse("command disable", d.db.DisableUser(ctx, ada.UserID))
	refuse("command role", d.db.SetUserRole(ctx, ada.UserID, "auditor", nil))
	wantErr(t, d.db.LockUser(ctx, d.changing(ada, ada.UserID), true), db.ErrOneself)
	if p := d.userNow(ada.UserID); p.Disabled || p.Role != "admin" {
		t.Fatalf("she is %+v", p)
	}

	second := d.administrator()
	if err := d.db.LockUser(ctx, d.changing(ada, second.UserID), true); err != nil {
		t.Fatal(err)
	}
	refuse("with a disabled one", d.db.DisableUser(ctx, ada.UserID))
	if err := d.db.LockUser(ctx, d.changing(ada, second.UserID), false); err != nil {
		t.Fatal(err)
	}
}

// TestLastAdminRace: of two administrators who lock out each other at the same
// moment one stays, because the second looks only when the first has written.
func TestLastAdminRace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := context.Background()
	ada, eve := d.administrator(), d.administrator()
	// Whoever writes waits for us, so that both have looked before one has written.
	d.exec(`create function hold() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(4711); return new; end $$`)
	d.exec(`create trigger hold before update of disabled_at on users for each row execute function hold()`)
	changes := []db.UserChange{d.changing(ada, eve.UserID), d.changing(eve, ada.UserID)}
	errs := make([]error, 2)
	for again := true; again; {
		gate := d.begin()
		gate.exec(`select pg_advisory_xact_lock(4711)`)
		var group sync.WaitGroup
		for i, change := range changes {
			group.Go(func() { errs[i] = d.db.LockUser(ctx, change, true) })
		}
		ended := make(chan struct{})
		go func() { group.Wait(); close(ended) }()
		for waiting := 0; waiting < 2; {
			d.scan(&waiting, `select count(*) from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`)
			select {
			case <-ended:
				waiting = 2
			default:
			}
		}
		gate.commit()
		<-ended
		// A machine that is very busy lets a wait for a lock time out.
		again = errors.Is(errs[0], db.ErrUnavailable) && errors.Is(errs[1], db.ErrUnavailable)
	}
	locked := 0
	for _, err := range errs {
		if err == nil {
			locked++
		} else if !errors.Is(err, db.ErrLastAdmin) && !errors.Is(err, db.ErrUnavailable) {
			t.Error(err)
		}
	}
	if locked != 1 {
		t.Errorf("%d of two locked out each other: %v", locked, errs)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, ctx := d.administrator(), context.Background()
	invited, _ := d.invite(ada, "")
	zoe := newUser(t, d.db, "auditor")
	d.exec(`update users set name = 'Zoë 100%' where id = $1`, zoe.ID)
	gone := newUser(t, d.db, "dispatcher", "south", "north")
	if err := d.db.LockUser(ctx, d.changing(ada, gone.ID), true); err != nil {
		t.Fatal(err)
	}
	signIn(t, d.db, zoe.ID, time.Hour, time.Hour)
	for name, tc := range map[string]struct {
		filter db.PeopleFilter
		want   []string
	}{
		"Text":     {db.PeopleFilter{Text: "ZOË 100%"}, []string{zoe.ID}},
		"Email":    {db.PeopleFilter{Text: gone.Email[:20]}, []string{gone.ID}},
		"Invited":  {db.PeopleFilter{State: "invited", Role: "dispatcher", Text: "ida"}, []string{invited}},
		"Disabled": {db.PeopleFilter{State: "disabled"}, []string{gone.ID}},
		"Role":     {db.PeopleFilter{Role: "admin"}, []string{ada.UserID}},
		"Nobody":   {db.PeopleFilter{Text: "%"}, []string{zoe.ID}},
	} {
		tc.filter.Limit = 10
		list, err := d.db.People(ctx, tc.filter)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range list {
			got = append(got, p.ID)
			if p.LastSignIn.Valid != (p.ID == zoe.ID) {
				t.Errorf("%s: last sign-in of %s is %v", name, p.Name, p.LastSignIn)
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	first, err := d.db.People(ctx, db.PeopleFilter{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	next, err := d.db.People(ctx, db.PeopleFilter{Limit: 10, Offset: 2})
	if err != nil || len(first) != 2 || len(next) != 3 || slices.ContainsFunc(next, func(p db.Person) bool { return p.ID == first[1].ID }) {
		t.Errorf("pages of %d and %d, %v", len(first), len(next), err)
	}
}

func TestSessionsOfAUser(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx, now := context.Background(), time.Now()
	u, other := newUser(t, d.db, "auditor"), newUser(t, d.db, "auditor")
	first, second := signIn(t, d.db, u.ID, time.Hour, time.Hour), signIn(t, d.db, u.ID, time.Hour, time.Hour)
	signIn(t, d.db, other.ID, time.Hour, time.Hour)
	if err := d.db.ExtendSession(ctx, "s:"+storedHash(first), now.Add(2*time.Hour), now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	list, err := d.db.Sessions(ctx, u.ID, now)
	if err != nil || len(list) != 2 || list[0].Key != "s:"+storedHash(first) || list[1].Key != "s:"+storedHash(second) {
		t.Fatalf("sessions are %+v, %v", list, err)
	}
	wantErr(t, d.db.EndSession(ctx, other.ID, list[0].ID), db.ErrNotFound)
	wantErr(t, d.db.EndSession(ctx, u.ID, "not an id"), db.ErrNotFound)
	if err := d.db.EndSession(ctx, u.ID, list[0].ID); err != nil {
		t.Fatal(err)
	}
	_, err = d.db.SessionAccount(ctx, first, now)
	wantErr(t, err, db.ErrNotFound)
	if _, err := d.db.SessionAccount(ctx, second, now); err != nil {
		t.Errorf("the other session: %v", err)
	}
	if list, err := d.db.Sessions(ctx, u.ID, now.Add(90*time.Minute)); err != nil || len(list) != 0 {
		t.Errorf("expired sessions are listed: %+v, %v", list, err)
	}
	if err := d.db.EndSessions(ctx, u.ID); err != nil {
		t.Fatal(err)
	}
	if list, err := d.db.Sessions(ctx, u.ID, now); err != nil || len(list) != 0 {
		t.Errorf("ended sessions are listed: %+v, %v", list, err)
	}
}
