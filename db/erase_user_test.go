package db_test

import (
	"testing"
	"time"

	"smartscheduler/db"
)

// TestErasedUserIsNowhere erases a member of staff who was locked out. What he
// did stays, under his id; nobody can sign in as him again.
func TestErasedUserIsNowhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada := d.admin()
	u, err := d.db.CreateUser(t.Context(), db.NewUser{Email: "gustav.f@example.com", Name: "Gustav Fips", Role: "dispatcher",
		Password: "seven quiet herons", Regions: []string{"north"}})
	if err != nil {
		t.Fatal(err)
	}
	d.ann = db.Actor{UserID: u.ID, Kind: "dispatcher", Regions: []string{"north"}}
	d.must(d.assign(d.job("north"), d.contractor("north", "Rosa"), tuesday+"T09:00", ""))
	err = d.db.RecordRefusal(t.Context(), db.Refusal{Caller: "s:x", Role: "dispatcher", UserID: u.ID, Path: "/streams/kiosk/north", Address: "203.0.113.77"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d.exec(`insert into user_links (token_hash, user_id, epoch, expires_at) values ('l', $1, 1, now())`, u.ID)
	texts := []string{"Gustav Fips", "gustav.f@example.com", "203.0.113.77"}
	d.wantEverywhere(texts...)
	erase := func() error {
		p, err := d.db.PersonByID(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		return d.db.EraseUser(t.Context(), db.Erase{By: ada, ID: u.ID, Version: p.Version, Reason: "Left in May"})
	}
	invalidAt(t, erase(), "")
	if err := d.db.LockUser(t.Context(), d.changing(ada, u.ID), true); err != nil {
		t.Fatal(err)
	}
	upTo := d.events()
	history := d.history(upTo)
	if err := erase(); err != nil {
		t.Fatal(err)
	}
	d.wantNowhere(append(texts, "Gustav", "Fips")...)
	if got := d.history(upTo); got != history || d.events() != upTo {
		t.Errorf("the history is\n%s, it was\n%s", got, history)
	}
	p, err := d.db.PersonByID(t.Context(), u.ID)
	if err != nil || p.Name != "Former user "+u.ID[:4] || !p.Erased || !p.Disabled || p.PasswordHash.Valid || len(p.Regions) != 0 {
		t.Errorf("left is %+v, %v", p, err)
	}
	refusedBy(t, d.db.LockUser(t.Context(), d.changing(ada, u.ID), false), db.ConflictStale)
	if _, err := d.owner.Exec(`update users set disabled_at = null where id = $1`, u.ID); err == nil {
		t.Error("the database lets somebody in who was erased")
	}
	if _, err := d.db.CreateUser(t.Context(), db.NewUser{Email: "gustav.f@example.com", Name: "Gustav", Role: "auditor"}); err != nil {
		t.Errorf("the address is not free: %v", err)
	}
	if err := erase(); err != nil || d.countRows(`select count(*) from erasures`) != 1 {
		t.Errorf("erased twice: %v", err)
	}
}
