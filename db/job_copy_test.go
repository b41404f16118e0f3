package db_test

import (
	"slices"
	"testing"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// copies copies a job and returns the new cards, the earliest first.
func (d *desk) copies(jobID, first string, times int, more ...string) ([]db.Card, error) {
	d.t.Helper()
	day, err := schedule.ParseDay(first)
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := db.CopyJob{Command: d.command(jobID), JobID: jobID, First: day, Times: times}
	if len(more) > 0 {
		cmd.StartOffset = more[0]
	}
	before := len(d.log())
	out, err := d.db.CopyJob(d.t.Context(), cmd)
	if err != nil {
		return nil, err
	}
	var cards []db.Card
	for i, e := range d.log()[before:] {
		if e.Kind != events.KindJobCreated || e.Fields.CopyOf != jobID || e.PublishedTo != "dispatch/"+e.Region || !slices.Contains(out.EventIDs, e.Fields.EventID) {
			d.t.Errorf("logged %s for %q: %s", e.Kind, e.PublishedTo, e.Payload)
		}
		if i == 0 && e.JobID != out.JobID {
			d.t.Errorf("the outcome names %s, the first copy is %s", out.JobID, e.JobID)
		}
		cards = append(cards, d.card(e.JobID))
	}
	if len(cards) != times {
		d.t.Errorf("%d copies, want %d", len(cards), times)
	}
	return cards, nil
}

// TestS4CopyKeepsWallTime: "every Tuesday at nine" stays at nine over both
// changes of the clocks, though the instants move by an hour.
func TestS4CopyKeepsWallTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`insert into skills (slug, name) values ('gas', 'Gas')`)
	job := d.job("north", func(n *db.NewJob) {
		n.ExternalID, n.Skills, n.Priority, n.Notes = "EXT-1", []string{"gas"}, "high", "Mind the dog"
		n.WindowStart, n.WindowEnd = wall(t, "2027-03-02T09:00"), wall(t, "2027-03-03T01:30")
		n.Site.Postcode, n.Site.AccessNotes = "37401", "Key under the mat"
	})
	for _, first := range []string{"2027-03-09", "2027-11-02"} {
		cards, err := d.copies(job, first, 3)
		if err != nil {
			t.Fatal(err)
		}
		day, err := schedule.ParseDay(first)
		if err != nil {
			t.Fatal(err)
		}
		for week, card := range cards {
			start := wall(t, day.Add(7*week).String()+"T09:00")
			if want := eastern(t, start.String()); !card.WindowStart.Equal(want) || !card.WindowEnd.Equal(eastern(t, day.Add(7*week+1).String()+"T01:30")) {
				t.Errorf("week %d is from %s to %s, want from %s", week, card.WindowStart, card.WindowEnd, want)
			}
			entered, err := card.Entered()
			if err != nil {
				t.Fatal(err)
			}
			same, err := d.card(job).Entered()
			if err != nil {
				t.Fatal(err)
			}
			if entered.Title != same.Title || entered.CustomerName != same.CustomerName || !slices.Equal(entered.Skills, same.Skills) ||
				entered.Priority != same.Priority || entered.Notes != same.Notes || entered.Site.AccessNotes != same.Site.AccessNotes ||
				*entered.Site.Point != *same.Site.Point || entered.Site.Postcode != same.Site.Postcode || !card.Open() || card.JobID == job {
				t.Errorf("the copy is %+v of %+v", entered, same)
			}
		}
		if summer := cards[2].WindowStart.Sub(cards[0].WindowStart).Hours(); summer == 14*24 {
			t.Error("the clocks did not change in between")
		}
	}
}

// TestCopyRefuses makes no copy at all when one of them cannot be, and asks
// which of two hours is meant.
func TestCopyRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	gap := d.job("north", func(n *db.NewJob) {
		n.WindowStart, n.WindowEnd = wall(t, "2027-02-28T02:30"), wall(t, "2027-02-28T05:00")
	})
	twice := d.job("north", func(n *db.NewJob) {
		n.WindowStart, n.WindowEnd = wall(t, "2027-10-31T01:30"), wall(t, "2027-10-31T05:00")
	})
	before := d.state()
	_, err := d.copies(gap, "2027-03-07", 3)
	if invalid := invalidAt(t, err, "window_start"); invalid.Message != "02:30 does not exist that night: use 01:59 or 03:00" {
		t.Errorf("it says %q", invalid.Message)
	}
	_, err = d.copies(twice, "2027-11-07", 2)
	invalidAt(t, err, "window_start")
	for _, times := range []int{0, -1, 53} {
		_, err = d.copies(gap, "2027-06-06", times)
		invalidAt(t, err, "times")
	}
	day, err := schedule.ParseDay("2027-06-06")
	if err != nil {
		t.Fatal(err)
	}
	cmd := db.CopyJob{Command: d.command(gap), JobID: gap, First: day, Times: 1}
	cmd.By = d.dispatcher("Bo", "south")
	_, err = d.db.CopyJob(t.Context(), cmd)
	wantErr(t, err, db.ErrNotFound)
	if d.state() != before {
		t.Error("a refused copy left something")
	}
	cards, err := d.copies(twice, "2027-11-07", 2, "-05:00")
	if err != nil || !cards[0].WindowStart.Equal(instantIn(t, "2027-11-07T01:30", "Etc/GMT+5")) || !cards[1].WindowStart.Equal(eastern(t, "2027-11-14T01:30")) {
		t.Errorf("copied to %v, %v", cards, err)
	}
}

// TestCopyOnce sends the same form twice under its key.
func TestCopyOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	job := d.job("north")
	day, err := schedule.ParseDay("2032-03-09")
	if err != nil {
		t.Fatal(err)
	}
	cmd := db.CopyJob{Command: d.command(job), JobID: job, First: day, Times: 2}
	cmd.Key, cmd.RequestHash = "form-1", "a"
	first := d.must(d.db.CopyJob(t.Context(), cmd))
	before := d.state()
	if again := d.must(d.db.CopyJob(t.Context(), cmd)); again.JobID != first.JobID || d.state() != before {
		t.Errorf("a retry made %+v after %+v", again, first)
	}
}
