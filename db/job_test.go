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
