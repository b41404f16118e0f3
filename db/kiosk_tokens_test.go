package db_test

import (
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
)

// display is a kiosk as its browser sees it: the token in its cookie.
type display struct {
	t     *testing.T
	d     *db.DB
	id    string
	token string
	now   time.Time
}

func newDisplay(t *testing.T, d *db.DB) *display {
	t.Helper()
	s := &display{t: t, d: d, now: time.Now()}
	code, err := d.CreateKioskCode(t.Context(), newRegion(t, d), "hall", s.now)
	if err != nil {
		t.Fatal(err)
	}
	var k db.Kiosk
	if s.token, k, err = d.EnrolKiosk(t.Context(), code, s.now); err != nil {
		t.Fatal(err)
	}
	s.id = k.ID
	return s
}

// comes shows a token as a request does, and returns why it opens nothing.
func (s *display) comes(token string) error {
	s.t.Helper()
	a, err := s.d.KioskByToken(s.t.Context(), token, s.now)
	if err == nil {
		err = s.d.KioskSeen(s.t.Context(), a, s.now)
	}
	return err
}

// loads is a load of the page; it returns the new token, or "".
func (s *display) loads(token string) string {
	s.t.Helper()
	if err := s.comes(token); err != nil {
		s.t.Fatalf("load: %v", err)
	}
	fresh, err := s.d.RenewKioskToken(s.t.Context(), token, s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	return fresh
}

// TestP15KioskTokenIsRenewed shows that a display gets another token a day
// later, that the old one holds until the new one has been used and ten minutes
// more, and that an answer that got lost locks no display out.
func TestP15KioskTokenIsRenewed(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)

	t.Run("Daily", func(t *testing.T) {
		s := newDisplay(t, d)
		first := s.token
		s.now = s.now.Add(24*time.Hour - time.Second)
		if s.loads(first) != "" {
			t.Fatal("renewed before its time")
		}
		s.now = s.now.Add(time.Second)
		second := s.loads(first)
		if second == "" || second == first {
			t.Fatalf("after a day the token is %q", second)
		}
		if s.loads(first) != "" {
			t.Error("two loads at once got two tokens: one of them is in no cookie")
		}
		if err := s.comes(second); err != nil {
			t.Fatalf("the new token: %v", err)
		}
		s.now = s.now.Add(10*time.Minute - time.Second)
		if err := s.comes(first); err != nil {
			t.Errorf("the old token within ten minutes: %v", err)
		}
		if fresh := s.loads(first); fresh != "" {
			t.Error("the old token got another one after the new one was used")
		}
		s.now = s.now.Add(time.Second)
		wantLost(t, s.comes(first), events.LossKioskRotated)
		if err := s.comes(second); err != nil {
			t.Errorf("the new token later: %v", err)
		}
	})
	t.Run("LostAnswer", func(t *testing.T) {
		s := newDisplay(t, d)
		s.now = s.now.Add(25 * time.Hour)
		lost := s.loads(s.token)
		s.now = s.now.Add(3 * 24 * time.Hour)
		again := s.loads(s.token)
		if again == "" || again == lost {
			t.Fatalf("three days later it got %q", again)
		}
		if err := s.comes(again); err != nil {
			t.Errorf("the token that arrived: %v", err)
		}
		if s.comes(lost) == nil {
			t.Error("the token that got lost opens something")
		}
	})
}

// TestP15KioskIsRotatedByHand shows that a display's token can be ended at once,
// and that the code printed for it gives the same display another.
func TestP15KioskIsRotatedByHand(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)

	t.Run("ByHand", func(t *testing.T) {
		s := newDisplay(t, d)
		code, err := d.RotateKiosk(t.Context(), s.id, s.now)
		if err != nil {
			t.Fatal(err)
		}
		wantLost(t, s.comes(s.token), events.LossKioskRotated)
		if fresh, err := d.RenewKioskToken(t.Context(), s.token, s.now.Add(25*time.Hour)); fresh != "" || err != nil {
			t.Errorf("the dead token got %q, %v", fresh, err)
		}
		fresh, k, err := d.EnrolKiosk(t.Context(), code, s.now)
		if err != nil || k.ID != s.id {
			t.Fatalf("enrolled as %+v, %v; want the same display %s", k, err, s.id)
		}
		if err := s.comes(fresh); err != nil {
			t.Errorf("the new token: %v", err)
		}
		wantLost(t, s.comes(s.token), events.LossKioskRotated)
	})
	t.Run("Revoked", func(t *testing.T) {
		s := newDisplay(t, d)
		code, err := d.RotateKiosk(t.Context(), s.id, s.now)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.RevokeKiosk(t.Context(), s.id); err != nil {
			t.Fatal(err)
		}
		_, _, err = d.EnrolKiosk(t.Context(), code, s.now)
		wantErr(t, err, db.ErrSpent)
		_, err = d.RotateKiosk(t.Context(), s.id, s.now)
		wantErr(t, err, db.ErrNotFound)
		wantLost(t, s.comes(s.token), events.LossKioskRevoked)
	})
	t.Run("Away", func(t *testing.T) {
		s := newDisplay(t, d)
		s.now = s.now.Add(14 * 24 * time.Hour)
		wantLost(t, s.comes(s.token), events.LossKioskAway)
	})
}
