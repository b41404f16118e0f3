package db_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

func TestCreateJob(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`insert into skills (slug, name) values ('gas', 'Gas'), ('tile', 'Tile')`)
	id := d.job("west", func(n *db.NewJob) { n.Skills = []string{"tile", "gas", "tile"} })
	card, e := d.card(id), d.last()
	if card.Region != "west" || card.Zone != "America/Chicago" || card.RegionReason != "polygon" || !card.Open() ||
		strings.Join(card.SkillNames, " ") != "Gas Tile" || !card.WindowStart.Equal(instantIn(t, tuesday+"T08:00", "America/Chicago")) {
		t.Errorf("the card is %+v", card)
	}
	if e.Kind != events.KindJobCreated || e.JobID != id || e.PublishedTo != "dispatch/west" || e.Fields.Region != "west" {
		t.Errorf("logged %s for %q: %s", e.Kind, e.PublishedTo, e.Payload)
	}
	border := d.job("", func(n *db.NewJob) {
		n.Site = db.Site{Address: "On the border", Point: &schedule.Point{Lat: 0.5, Lng: 1}}
	})
	if card := d.card(border); card.Region != "north" || card.RegionReason != "border" {
		t.Errorf("on the border it is in %s by %s", card.Region, card.RegionReason)
	}
}

func TestCreateJobRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	south := d.dispatcher("Bo", "south")
	before := d.state()
	for name, c := range map[string]struct {
		change func(*db.NewJob)
		by     db.Actor
		field  string
	}{
		"ForeignRegion":  {func(*db.NewJob) {}, south, "address"},
		"UnknownRegion":  {func(n *db.NewJob) { n.Site.RegionOverride = "nowhere" }, d.ann, "region_override"},
		"UnknownSkill":   {func(n *db.NewJob) { n.Skills = []string{"juggling"} }, d.ann, "skills"},
		"EndBeforeStart": {func(n *db.NewJob) { n.WindowEnd = n.WindowStart }, d.ann, "window_end"},
		"MissingHour":    {func(n *db.NewJob) { n.WindowStart = wall(t, "2027-03-14T02:30") }, d.ann, "window_start"},
		"Year27":         {func(n *db.NewJob) { n.WindowStart = wall(t, "0027-03-02T08:00") }, d.ann, "window_start"},
		"Year9999":       {func(n *db.NewJob) { n.WindowEnd = wall(t, "9999-12-31T23:59") }, d.ann, "window_end"},
	} {
		n := db.NewJob{Title: "x", DurationMinutes: 60, Priority: "normal", Site: inside("north"),
			WindowStart: wall(t, tuesday+"T08:00"), WindowEnd: wall(t, tuesday+"T18:00")}
		c.change(&n)
		_, err := d.db.CreateJob(t.Context(), db.Command{By: c.by}, n)
		t.Run(name, func(t *testing.T) { invalidAt(t, err, c.field) })
	}
	if d.state() != before {
		t.Error("a refused job left something")
	}
	external := func(n *db.NewJob) { n.ExternalID = uuid.NewString() }
	d.job("north", external)
	n := db.NewJob{ExternalID: "same", Title: "x", DurationMinutes: 60, Priority: "normal", Site: inside("north"),
		WindowStart: wall(t, tuesday+"T08:00"), WindowEnd: wall(t, tuesday+"T18:00")}
	if _, err := d.db.CreateJob(t.Context(), db.Command{By: d.ann}, n); err != nil {
		t.Fatal(err)
	}
	_, err := d.db.CreateJob(t.Context(), db.Command{By: d.ann}, n)
	wantErr(t, err, db.ErrDuplicate)
}

// TestCorrectSite is S7 of the project's days: a job that was placed wrongly
// moves to its region in one event, and its contractor keeps it.
func TestCorrectSite(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kofi := d.contractor("west", "Kofi")
	open, held := d.job("south"), d.job("south")
	d.must(d.assign(held, kofi, tuesday+"T10:00", ""))
	booked := d.card(held).At()
	correct := func(job string) {
		t.Helper()
		site := inside("west")
		site.Address = "8 Other Lane"
		err := d.db.CorrectSite(t.Context(), db.CorrectSite{By: d.ann, JobID: job, Version: d.card(job).Version, Site: site})
		if err != nil {
			t.Fatal(err)
		}
	}
	correct(open)
	if card := d.card(open); card.Region != "west" || card.Zone != "America/Chicago" || !card.WindowStart.Equal(instantIn(t, tuesday+"T08:00", "America/Chicago")) {
		t.Errorf("an open job keeps its wall times in the new zone: %+v", card)
	}
	if e := d.last(); e.Kind != events.KindJobRegionChanged || e.PublishedTo != "dispatch/south dispatch/west" || e.Region != "west" {
		t.Errorf("logged %s in %s for %q", e.Kind, e.Region, e.PublishedTo)
	}
	correct(held)
	if card := d.card(held); card.Region != "west" || card.Zone != "America/New_York" || card.ContractorID != kofi || card.At() != booked {
		t.Errorf("a booked job keeps its instants, its zone and its contractor: %+v", card)
	}
	if e := d.last(); e.Kind != events.KindJobRegionChanged || e.PublishedTo != "dispatch/south dispatch/west contractor/"+kofi {
		t.Errorf("logged %s for %q", e.Kind, e.PublishedTo)
	}
	before := d.state()
	err := d.db.CorrectSite(t.Context(), db.CorrectSite{By: d.ann, JobID: held, Version: 1, Site: inside("north")})
	refusedBy(t, err, db.ConflictStale)
	err = d.db.CorrectSite(t.Context(), db.CorrectSite{By: d.dispatcher("Bo", "south"), JobID: held, Version: d.card(held).Version, Site: inside("north")})
	wantErr(t, err, db.ErrNotFound)
	if d.state() != before {
		t.Error("a refused correction changed something")
	}
}

// TestCorrectSiteClosed leaves a closed job as it was done.
func TestCorrectSiteClosed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, status := range []schedule.JobStatus{schedule.JobCompleted, schedule.JobCancelled} {
		job := d.job("south")
		d.exec(`update jobs set status = $2 where id = $1`, job, string(status))
		before := d.state()
		err := d.db.CorrectSite(t.Context(), db.CorrectSite{By: d.ann, JobID: job, Version: d.card(job).Version, Site: inside("north")})
		refusedBy(t, err, db.ConflictState)
		if d.state() != before {
			t.Errorf("a %s job changed", status)
		}
	}
}

// TestCorrectSiteRepeatedHour keeps the zone of a job whose promised hour comes
// twice in the zone of its new region: nobody is there to say which is meant.
func TestCorrectSiteRepeatedHour(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	job := d.job("south", func(n *db.NewJob) {
		n.WindowStart, n.WindowStartOffset = wall(t, "2027-11-07T01:30"), "-05:00"
		n.WindowEnd = wall(t, "2027-11-07T08:00")
	})
	before := d.card(job)
	err := d.db.CorrectSite(t.Context(), db.CorrectSite{By: d.ann, JobID: job, Version: before.Version, Site: inside("west")})
	if err != nil {
		t.Fatal(err)
	}
	if card := d.card(job); card.Region != "west" || card.Zone != before.Zone || !card.WindowStart.Equal(before.WindowStart) {
		t.Errorf("in %s, zone %s, from %s", card.Region, card.Zone, card.WindowStart)
	}
}

// TestCreateJobOnce sends the same form twice, then again at once, and another
// form under the same key.
func TestCreateJobOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := db.NewJob{Title: "Lay a floor", DurationMinutes: 60, Priority: "normal", Site: inside("north"),
		WindowStart: wall(t, tuesday+"T08:00"), WindowEnd: wall(t, tuesday+"T18:00")}
	cmd := db.Command{By: d.ann, Key: "form-1", RequestHash: "a"}
	first, err := d.db.CreateJob(t.Context(), cmd, n)
	if err != nil {
		t.Fatal(err)
	}
	before := d.state()
	ids := make(chan string, 8)
	for range cap(ids) {
		go func() {
			id, err := d.db.CreateJob(context.Background(), cmd, n)
			if err != nil {
				id = err.Error()
			}
			ids <- id
		}()
	}
	for range cap(ids) {
		if id := <-ids; id != first {
			t.Errorf("a retry gave %s, not %s", id, first)
		}
	}
	if d.state() != before {
		t.Error("a retry wrote something")
	}
	cmd.RequestHash = "b"
	_, err = d.db.CreateJob(t.Context(), cmd, n)
	wantErr(t, err, db.ErrKeyReused)
	// A new key, many times at once: one job.
	cmd = db.Command{By: d.ann, Key: "form-2", RequestHash: "a"}
	seen := make(map[string]bool)
	for range cap(ids) {
		go func() {
			id, err := d.db.CreateJob(context.Background(), cmd, n)
			if err != nil {
				id = err.Error()
			}
			ids <- id
		}()
	}
	for range cap(ids) {
		seen[<-ids] = true
	}
	if len(seen) != 1 {
		t.Errorf("one form made %v", seen)
	}
}

// TestJobByNumber finds a job as people name it.
func TestJobByNumber(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.job("north")
	if got, err := d.db.JobByNumber(t.Context(), d.card(id).Number); err != nil || got != id {
		t.Errorf("found %s, %v", got, err)
	}
	_, err := d.db.JobByNumber(t.Context(), 1)
	wantErr(t, err, db.ErrNotFound)
}
