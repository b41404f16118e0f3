package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"smartscheduler/db"
)

// postal is a site that only its postcode says something about.
func postal(code string) func(*db.NewJob) {
	return func(n *db.NewJob) { n.Site = db.Site{Address: "7 Test Lane", Postcode: code} }
}

func (d *desk) changeRegion(by db.Actor, version int, confirmed, name string, codes ...string) error {
	return d.db.ChangeRegion(context.Background(), db.ChangeRegion{
		By: by, Slug: "north", Version: version, Name: name, Postcodes: codes, Confirmed: confirmed,
	})
}

// TestChangePostcodesOfARegion shows the jobs that another list of postcodes
// moves before it is saved, and asks again when they are others by then.
func TestChangePostcodesOfARegion(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada := d.admin()
	first := d.job("", postal("37402"))
	d.job("", postal("40000"))
	var shown *db.MapMoves
	if err := d.changeRegion(ada, 1, "", "North", " 37402", "3741*", "37402"); !errors.As(err, &shown) || shown.Moved != 1 ||
		shown.Moves[0].JobID != first || shown.Moves[0].From != "Unrouted" || shown.Moves[0].To != "North" {
		t.Fatalf("got %+v, %v", shown, err)
	}
	second := d.job("", postal("37411"))
	var other *db.MapMoves
	if err := d.changeRegion(ada, 1, shown.Digest, "North", "37402", "3741*"); !errors.As(err, &other) || other.Moved != 2 {
		t.Fatalf("got %+v, %v", other, err)
	}
	if d.card(second).Region != "unrouted" || d.card(first).Region != "unrouted" {
		t.Error("something moved unasked")
	}
	logged := len(d.log())
	if err := d.changeRegion(ada, 1, other.Digest, "The North", "37402", "3741*"); err != nil {
		t.Fatal(err)
	}
	if d.card(first).Region != "north" || d.card(second).Region != "north" || d.card(first).RegionReason != "postcode" {
		t.Errorf("%+v", d.card(first))
	}
	rows := d.log()[logged:]
	if len(rows) != 2 || string(rows[0].Kind) != "JobRegionChanged" || rows[0].PublishedTo != "dispatch/unrouted dispatch/north" ||
		rows[0].CorrelationID != rows[1].CorrelationID {
		t.Errorf("logged %+v", rows)
	}
	r, err := d.db.RegionRecord(t.Context(), "north", 1)
	if err != nil || r.Name != "The North" || strings.Join(r.Codes, " ") != "37402 3741*" || r.Version != 2 || r.Total != 2 ||
		len(r.Jobs) != 1 || r.OpenJobs != 2 || r.Geometry == "" || !r.HasMap || strings.Join(r.Dispatchers, " ") != "Ann" {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestChangeRegionRefused changes nothing for others, over a newer version, with
// bad input, while an import runs, or when nothing differs.
func TestChangeRegionRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada := d.admin()
	wantErr(t, d.changeRegion(d.ann, 1, "", "New"), db.ErrNotFound)
	refusedBy(t, d.changeRegion(ada, 2, "", "New"), db.ConflictStale)
	invalidAt(t, d.changeRegion(ada, 1, "", ""), "name")
	invalidAt(t, d.changeRegion(ada, 1, "", "New", strings.Repeat("9", 21)), "postcodes")
	for _, slug := range []string{"unrouted", "nowhere", "\x00"} {
		wantErr(t, d.db.ChangeRegion(t.Context(), db.ChangeRegion{By: ada, Slug: slug, Version: 1, Name: "New"}), db.ErrNotFound)
		_, err := d.db.RegionRecord(t.Context(), slug, 1)
		wantErr(t, err, db.ErrNotFound)
	}
	tx := d.begin()
	tx.exec(`select pg_advisory_xact_lock(80)`)
	invalidAt(t, d.changeRegion(ada, 1, "", "New"), "")
	tx.commit()
	if err := d.changeRegion(ada, 1, "", "North"); err != nil {
		t.Error(err)
	}
	list, err := d.db.RegionList(t.Context())
	if err != nil || len(list) != 3 || list[0].Name != "North" || list[0].Zone != "America/New_York" || list[0].OpenJobs != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if n := d.countRows(`select count(*) from regions where version <> 1`); n != 0 {
		t.Errorf("%d regions changed", n)
	}
}
