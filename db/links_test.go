package db_test

import (
	"errors"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
)

func TestContractorLink(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	region := newRegion(t, d)
	now := time.Now()

	t.Run("FoundByIDExternalIDOrName", func(t *testing.T) {
		id, name := newContractor(t, d, region)
		for _, by := range []string{id, "ext-" + id, name} {
			token, c, err := d.CreateContractorLink(t.Context(), by, now)
			if err != nil || c.ID != id || !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(token) {
				t.Errorf("link for %q: %q for %q, %v", by, token, c.ID, err)
			}
		}
		_, _, err := d.CreateContractorLink(t.Context(), "Cora", now)
		wantErr(t, err, db.ErrNotFound)
	})
	t.Run("SameNameTwice", func(t *testing.T) {
		a, name := newContractor(t, d, region)
		if err := d.Exec(t.Context(), `insert into contractors (name, home_region) values ($1, $2)`, name, region); err != nil {
			t.Fatal(err)
		}
		_, _, err := d.CreateContractorLink(t.Context(), name, now)
		wantErr(t, err, db.ErrAmbiguous)
		if _, _, err := d.CreateContractorLink(t.Context(), a, now); err != nil {
			t.Errorf("by id: %v", err)
		}
	})
	t.Run("OnceOnly", func(t *testing.T) {
		id, _ := newContractor(t, d, region)
		token := newLink(t, d, id, now)
		if works, err := d.LinkWorks(t.Context(), token, now); !works || err != nil {
			t.Fatalf("fresh link: %v, %v", works, err)
		}
		u, err := d.ConsumeContractorLink(t.Context(), token, now)
		if err != nil || u.Role != "contractor" || u.ContractorID.String != id {
			t.Fatalf("user is %+v, %v", u, err)
		}
		if works, err := d.LinkWorks(t.Context(), token, now); works || err != nil {
			t.Errorf("used link: %v, %v", works, err)
		}
		_, err = d.ConsumeContractorLink(t.Context(), token, now)
		wantErr(t, err, db.ErrSpent)
		again, err := d.ConsumeContractorLink(t.Context(), newLink(t, d, id, now), now)
		if err != nil || again.ID != u.ID {
			t.Errorf("a second link gave user %s (%v), want %s", again.ID, err, u.ID)
		}
	})
	t.Run("Expired", func(t *testing.T) {
		id, _ := newContractor(t, d, region)
		token := newLink(t, d, id, now)
		_, err := d.ConsumeContractorLink(t.Context(), token, now.Add(24*time.Hour))
		wantErr(t, err, db.ErrSpent)
		if _, err := d.ConsumeContractorLink(t.Context(), token, now.Add(24*time.Hour-time.Second)); err != nil {
			t.Errorf("a second before: %v", err)
		}
	})
	t.Run("ReplacedByNewer", func(t *testing.T) {
		id, _ := newContractor(t, d, region)
		older, newer := newLink(t, d, id, now), newLink(t, d, id, now)
		_, err := d.ConsumeContractorLink(t.Context(), older, now)
		wantErr(t, err, db.ErrSpent)
		if _, err := d.ConsumeContractorLink(t.Context(), newer, now); err != nil {
			t.Errorf("newer link: %v", err)
		}
	})
	t.Run("DisabledUser", func(t *testing.T) {
		id, _ := newContractor(t, d, region)
		u, err := d.ConsumeContractorLink(t.Context(), newLink(t, d, id, now), now)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.DisableUser(t.Context(), u.ID); err != nil {
			t.Fatal(err)
		}
		_, err = d.ConsumeContractorLink(t.Context(), newLink(t, d, id, now), now)
		wantErr(t, err, db.ErrSpent)
	})
	t.Run("InactiveContractor", func(t *testing.T) {
		id, _ := newContractor(t, d, region)
		token := newLink(t, d, id, now)
		if err := d.Exec(t.Context(), `update contractors set active = false where id = $1`, id); err != nil {
			t.Fatal(err)
		}
		_, err := d.ConsumeContractorLink(t.Context(), token, now)
		wantErr(t, err, db.ErrSpent)
		_, _, err = d.CreateContractorLink(t.Context(), id, now)
		wantErr(t, err, db.ErrNotFound)
	})
	t.Run("Unknown", func(t *testing.T) {
		_, err := d.ConsumeContractorLink(t.Context(), uuid.NewString(), now)
		wantErr(t, err, db.ErrSpent)
	})
}

func TestContractorLinkRace(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	now := time.Now()
	id, _ := newContractor(t, d, newRegion(t, d))
	token := newLink(t, d, id, now)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = d.ConsumeContractorLink(t.Context(), token, now) })
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
		t.Errorf("%d of 8 used the link, want 1", won)
	}
}

func newLink(t testing.TB, d *db.DB, contractor string, now time.Time) string {
	t.Helper()
	token, _, err := d.CreateContractorLink(t.Context(), contractor, now)
	if err != nil {
		t.Fatalf("new link: %v", err)
	}
	return token
}
