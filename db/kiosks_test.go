package db_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
)

func TestEnrolKiosk(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	region := newRegion(t, d)
	now := time.Now()
	code := func(t *testing.T) string {
		t.Helper()
		code, err := d.CreateKioskCode(t.Context(), region, "hall", now)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}

	t.Run("OnceOnly", func(t *testing.T) {
		c := code(t)
		if !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$`).MatchString(c) {
			t.Errorf("code is %q", c)
		}
		token, k, err := d.EnrolKiosk(t.Context(), c, now)
		if err != nil || k.Region != region || k.Name != "hall" || k.ID == "" {
			t.Fatalf("kiosk is %+v, %v", k, err)
		}
		a, err := d.KioskByToken(t.Context(), token, now)
		if err != nil || a.Role != "kiosk" || a.KioskID != k.ID || a.KioskRegion != region || a.UserID != "" {
			t.Errorf("account is %+v, %v", a, err)
		}
		_, _, err = d.EnrolKiosk(t.Context(), c, now)
		wantErr(t, err, db.ErrSpent)
	})
	t.Run("AsPeopleType", func(t *testing.T) {
		typed := strings.NewReplacer("0", "o", "1", "l", "-", " ").Replace(strings.ToLower(code(t)))
		if _, _, err := d.EnrolKiosk(t.Context(), " "+typed+" ", now); err != nil {
			t.Errorf("code typed as %q: %v", typed, err)
		}
	})
	t.Run("Expired", func(t *testing.T) {
		c := code(t)
		_, _, err := d.EnrolKiosk(t.Context(), c, now.Add(10*time.Minute))
		wantErr(t, err, db.ErrSpent)
		if _, _, err := d.EnrolKiosk(t.Context(), c, now.Add(10*time.Minute-time.Second)); err != nil {
			t.Errorf("a second before: %v", err)
		}
	})
	t.Run("UnknownRegion", func(t *testing.T) {
		for _, slug := range []string{"nowhere", events.Unrouted, ""} {
			_, err := d.CreateKioskCode(t.Context(), slug, "", now)
			wantErr(t, err, db.ErrNotFound)
		}
	})
	t.Run("Race", func(t *testing.T) {
		c := code(t)
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, _, errs[i] = d.EnrolKiosk(t.Context(), c, now) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, db.ErrSpent) {
				t.Errorf("a loser got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d of 8 used the code, want 1", won)
		}
	})
}

func TestKioskByToken(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	region := newRegion(t, d)
	now := time.Now()
	code, err := d.CreateKioskCode(t.Context(), region, "", now)
	if err != nil {
		t.Fatal(err)
	}
	token, k, err := d.EnrolKiosk(t.Context(), code, now)
	if err != nil {
		t.Fatal(err)
	}

	later := now.Add(14 * 24 * time.Hour)
	_, err = d.KioskByToken(t.Context(), token, later)
	wantErr(t, err, db.ErrNotFound)
	if err := d.KioskSeen(t.Context(), db.Account{KioskID: k.ID}, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.KioskByToken(t.Context(), token, later); err != nil {
		t.Errorf("seen within 14 days: %v", err)
	}
	if err := d.RevokeKiosk(t.Context(), k.ID); err != nil {
		t.Fatal(err)
	}
	_, err = d.KioskByToken(t.Context(), token, now)
	wantErr(t, err, db.ErrNotFound)
	wantErr(t, d.RevokeKiosk(t.Context(), "not an id"), db.ErrNotFound)

	for after, want := range map[time.Time]bool{now.Add(-time.Hour): true, time.Now().Add(time.Hour): false} {
		list, err := d.Kiosks(t.Context(), after, 0)
		if got := slices.ContainsFunc(list, func(listed db.Kiosk) bool { return listed.ID == k.ID }); err != nil || got != want {
			t.Errorf("a display that was revoked now is among those after %v: %t, %v", after, got, err)
		}
	}
	if list, err := d.Kiosks(t.Context(), time.Time{}, 1); err != nil || len(list) != 1 {
		t.Errorf("one display at the most: %d, %v", len(list), err)
	}
	list, err := d.Kiosks(t.Context(), time.Time{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, listed := range list {
		if listed.ID == k.ID {
			if !listed.RevokedAt.Valid || !listed.LastSeen.Valid {
				t.Errorf("listed as %+v", listed)
			}
			return
		}
	}
	t.Errorf("kiosk %s is not in the list of %d", k.ID, len(list))
}
