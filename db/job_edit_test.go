package db_test

import (
	"slices"
	"strings"
	"testing"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// TestEditJob changes a job of a contractor from elsewhere field by field: each
// change names itself and reaches those whose screens show it.
func TestEditJob(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`insert into skills (slug, name) values ('gas', 'Gas')`)
	kofi := d.contractor("west", "Kofi")
	d.exec(`insert into contractor_skills (contractor_id, skill) values ($1, 'gas')`, kofi)
	job := d.job("south")
	d.must(d.assign(job, kofi, tuesday+"T10:00", ""))
	booked := d.card(job).At()
	for _, c := range []struct {
		name    string
		change  func(*db.NewJob)
		changed string
		to      string
	}{
		{"Title", func(n *db.NewJob) { n.Title = "Sand a floor" }, "title", "south west phone"},
		{"Priority", func(n *db.NewJob) { n.Priority = "rush" }, "priority", "south west phone"},
		{"Skills", func(n *db.NewJob) { n.Skills = []string{"gas", "gas"} }, "skills", "south west phone"},
		{"Notes", func(n *db.NewJob) { n.Notes = "Mind the dog" }, "notes", "south phone"},
		{"AccessNotes", func(n *db.NewJob) { n.Site.AccessNotes = "Key under the mat" }, "access_notes", "south phone"},
		{"Address", func(n *db.NewJob) { n.Site.Address = "8 Other Lane" }, "site", "south phone"},
		{"Customer", func(n *db.NewJob) { n.CustomerPhone = "555-0142" }, "customer", "south phone"},
		{"Duration", func(n *db.NewJob) { n.DurationMinutes = 45 }, "duration", "south"},
		{"Window", func(n *db.NewJob) { n.WindowEnd = wall(t, tuesday+"T17:00") }, "window", "south"},
		{"Override", func(n *db.NewJob) { n.Site.RegionOverride = "south" }, "region_reason", "south"},
		{"Two", func(n *db.NewJob) { n.Title, n.DurationMinutes = "Oil a floor", 60 }, "title duration", "south west phone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := *d
			d.t = t
			want := strings.NewReplacer("south", "dispatch/south", "west", "dispatch/west", "phone", "contractor/"+kofi).Replace(c.to)
			d.must(d.edit(job, c.change))
			e := d.last()
			if e.Kind != events.KindJobUpdated || strings.Join(e.Fields.Changed, " ") != c.changed || e.PublishedTo != want || e.ContractorID != kofi {
				t.Errorf("logged %s of %v for %q, want %s for %q", e.Kind, e.Fields.Changed, e.PublishedTo, c.changed, want)
			}
			entered, err := d.card(job).Entered()
			if err != nil {
				t.Fatal(err)
			}
			again := entered
			if c.change(&again); !slices.Equal(slices.Compact(again.Skills), entered.Skills) || again.Title != entered.Title || again.WindowEnd != entered.WindowEnd || again.Site.AccessNotes != entered.Site.AccessNotes {
				t.Errorf("saved is %+v", entered)
			}
		})
	}
	card := d.card(job)
	if card.At() != booked || card.ContractorID != kofi || card.CustomerName != "Ida Berg" || card.CustomerPhone != "555-0142" || card.DurationMinutes != 60 {
		t.Errorf("afterwards the card is %+v", card)
	}
}

// TestEditJobRefuses leaves everything as it was when an edit may not be.
func TestEditJobRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`insert into skills (slug, name) values ('gas', 'Gas')`)
	job := d.job("south")
	d.must(d.assign(job, d.contractor("south", "Lee"), tuesday+"T10:00", ""))
	before := d.state()
	for name, c := range map[string]struct {
		change func(*db.NewJob)
		field  string
	}{
		"NothingDiffers": {func(*db.NewJob) {}, ""},
		"UnknownSkill":   {func(n *db.NewJob) { n.Skills = []string{"juggling"} }, "skills"},
		"NotHisSkill":    {func(n *db.NewJob) { n.Skills = []string{"gas"} }, "skills"},
		"UnknownRegion":  {func(n *db.NewJob) { n.Site.RegionOverride = "nowhere" }, "region_override"},
		"MissingHour":    {func(n *db.NewJob) { n.WindowStart = wall(t, "2027-03-14T02:30") }, "window_start"},
		"RepeatedHour":   {func(n *db.NewJob) { n.WindowStart = wall(t, "2027-11-07T01:30") }, "window_start"},
		"EndBeforeStart": {func(n *db.NewJob) { n.WindowEnd = n.WindowStart }, "window_end"},
	} {
		_, err := d.edit(job, c.change)
		t.Run(name, func(t *testing.T) { invalidAt(t, err, c.field) })
	}
	entered, err := d.card(job).Entered()
	if err != nil {
		t.Fatal(err)
	}
	entered.Title = "Sand a floor"
	edit := func(by db.Actor, version int) error {
		_, err := d.db.EditJob(t.Context(), db.EditJob{Command: db.Command{By: by, Version: version}, JobID: job, Job: entered})
		return err
	}
	refusedBy(t, edit(d.ann, 1), db.ConflictStale)
	wantErr(t, edit(d.dispatcher("Bo", "north"), d.card(job).Version), db.ErrNotFound)
	if d.state() != before {
		t.Error("a refused edit changed something")
	}
	for _, status := range []schedule.JobStatus{schedule.JobCompleted, schedule.JobCancelled} {
		d.exec(`update jobs set status = $2 where id = $1`, job, string(status))
		before := d.state()
		refusedBy(t, edit(d.ann, d.card(job).Version), db.ConflictState)
		if d.state() != before {
			t.Errorf("a %s job changed", status)
		}
	}
}

// TestEditMovesRegion is S7 of the project's days: a job that was placed wrongly
// moves to its region in one event, and its contractor keeps it.
func TestEditMovesRegion(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kofi := d.contractor("west", "Kofi")
	open, held := d.job("south"), d.job("south")
	d.must(d.assign(held, kofi, tuesday+"T10:00", ""))
	booked := d.card(held).At()
	correct := func(n *db.NewJob) {
		n.Site = inside("west")
		n.Site.Address = "8 Other Lane"
	}
	d.must(d.edit(open, correct))
	if card := d.card(open); card.Region != "west" || card.Zone != "America/Chicago" || !card.WindowStart.Equal(instantIn(t, tuesday+"T08:00", "America/Chicago")) {
		t.Errorf("an open job keeps its wall times in the new zone: %+v", card)
	}
	if e := d.last(); e.Kind != events.KindJobRegionChanged || e.PublishedTo != "dispatch/south dispatch/west" || e.Region != "west" {
		t.Errorf("logged %s in %s for %q", e.Kind, e.Region, e.PublishedTo)
	}
	d.must(d.edit(held, correct))
	if card := d.card(held); card.Region != "west" || card.Zone != "America/New_York" || card.ContractorID != kofi || card.At() != booked {
		t.Errorf("a booked job keeps its instants, its zone and its contractor: %+v", card)
	}
	if e := d.last(); e.Kind != events.KindJobRegionChanged || e.PublishedTo != "dispatch/south dispatch/west contractor/"+kofi {
		t.Errorf("logged %s for %q", e.Kind, e.PublishedTo)
	}
	// With something else at once: two events, together.
	d.must(d.edit(held, func(n *db.NewJob) { n.Site, n.Title = inside("north"), "Sand a floor" }))
	rows := d.log()
	moved, changed := rows[len(rows)-2], rows[len(rows)-1]
	if moved.PublishedTo != "dispatch/west dispatch/north contractor/"+kofi || changed.Kind != events.KindJobUpdated || changed.Region != "north" ||
		strings.Join(changed.Fields.Changed, " ") != "title" || changed.PublishedTo != "dispatch/north dispatch/west contractor/"+kofi ||
		changed.CorrelationID != moved.CorrelationID {
		t.Errorf("logged %s for %q and %s of %v for %q", moved.Kind, moved.PublishedTo, changed.Kind, changed.Fields.Changed, changed.PublishedTo)
	}
	// A repeated hour of the old zone says nothing about the new one, and nobody
	// chose: the job keeps its zone.
	twice := d.job("south", func(n *db.NewJob) {
		n.WindowStart, n.WindowStartOffset = wall(t, "2027-11-07T01:30"), "-05:00"
		n.WindowEnd = wall(t, "2027-11-07T08:00")
	})
	before := d.card(twice)
	d.must(d.edit(twice, correct))
	if card := d.card(twice); card.Region != "west" || card.Zone != before.Zone || !card.WindowStart.Equal(before.WindowStart) {
		t.Errorf("in %s, zone %s, from %s", card.Region, card.Zone, card.WindowStart)
	}
}

// TestEditOnce sends the same edit twice under one key.
func TestEditOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	job := d.job("north")
	entered, err := d.card(job).Entered()
	if err != nil {
		t.Fatal(err)
	}
	entered.Title = "Sand a floor"
	cmd := db.EditJob{Command: d.command(job), JobID: job, Job: entered}
	cmd.Key, cmd.RequestHash = "form-1", "a"
	first := d.must(d.db.EditJob(t.Context(), cmd))
	before := d.state()
	if again := d.must(d.db.EditJob(t.Context(), cmd)); !slices.Equal(again.EventIDs, first.EventIDs) || d.state() != before {
		t.Errorf("a retry did %+v after %+v", again, first)
	}
	cmd.RequestHash = "b"
	_, err = d.db.EditJob(t.Context(), cmd)
	wantErr(t, err, db.ErrKeyReused)
}
