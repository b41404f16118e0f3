package db_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// wednesday is the day after that of most tests.
const wednesday = "2032-03-03"

// lane writes what a board of a day shows of a contractor: "lane" when he has a
// row there, then his jobs, in his lane or as those of a guest.
func (d *desk) lane(region, day, contractorID string) string {
	d.t.Helper()
	zone := map[string]string{"north": "America/New_York", "south": "America/New_York", "west": "America/Chicago"}[region]
	loc, err := time.LoadLocation(zone)
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := d.db.Board(context.Background(), region, calendarDay(d.t, day).In(loc))
	if err != nil {
		d.t.Fatal(err)
	}
	var words []string
	if slices.ContainsFunc(b.Contractors, func(c db.LaneContractor) bool { return c.ID == contractorID }) {
		words = append(words, "lane")
	}
	for _, c := range b.Lanes {
		if c.ContractorID != contractorID {
			continue
		}
		if c.ContractorHome == region {
			words = append(words, c.Title)
		} else {
			words = append(words, c.Title+" as a guest")
		}
	}
	return strings.Join(words, ", ")
}

// titled adds a job of a region, promised for a day.
func (d *desk) titled(region, day, title string) string {
	d.t.Helper()
	return d.job(region, func(n *db.NewJob) {
		n.Title, n.WindowStart, n.WindowEnd = title, wall(d.t, day+"T08:00"), wall(d.t, day+"T18:00")
	})
}

// moveOn is the form that gives a contractor another home from a day on.
func (d *desk) moveOn(by db.Actor, id, home, day string, change ...func(*db.ChangeContractor)) error {
	d.t.Helper()
	return d.change(by, id, func(cmd *db.ChangeContractor) {
		cmd.Fields.Home = home
		if day != "" {
			cmd.From = calendarDay(d.t, day)
		}
		for _, c := range change {
			c(cmd)
		}
	})
}

func (d *desk) wantLanes(id string, want map[string]string) {
	d.t.Helper()
	for board, shown := range want {
		region, day, _ := strings.Cut(board, " ")
		if got := d.lane(region, day, id); got != shown {
			d.t.Errorf("the board of %s shows %q, want %q", board, got, shown)
		}
	}
}

// TestS5MoveFromALaterDay plans a move from Wednesday on. Boards of Wednesday show
// him there, with the job that he keeps as a guest of the old region, and boards
// of Tuesday where he is. Of two processes one carries it out, at midnight of the
// new region and not before, and then the boards show the same.
func TestS5MoveFromALaterDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, kofi := d.admin(), d.contractor("north", "Kofi")
	early, kept, released := d.titled("north", tuesday, "Early"), d.titled("north", wednesday, "Kept"), d.titled("north", wednesday, "Released")
	for job, start := range map[string]string{early: tuesday + "T09:00", kept: wednesday + "T09:00", released: wednesday + "T13:00"} {
		d.must(d.assign(job, kofi, start, ""))
	}
	asked := clashesOf(t, d.moveOn(ada, kofi, "west", wednesday))
	if len(asked.Cards) != 2 || asked.Cards[0].JobID != kept || asked.Cards[1].JobID != released {
		t.Fatalf("asked about %+v", asked.Cards)
	}
	err := d.moveOn(ada, kofi, "west", wednesday, func(cmd *db.ChangeContractor) {
		cmd.Confirmed, cmd.Release, cmd.Fields.Phone = asked.Digest(), []string{released}, "555-0109"
	})
	if err != nil {
		t.Fatal(err)
	}
	r := d.record(kofi)
	if r.HomeRegion != "north" || r.Phone != "555-0109" || r.Move == nil || *r.Move != (db.PlannedMove{To: "west", ToName: "West", From: wednesday}) {
		t.Errorf("he is %+v, %+v", r, r.Move)
	}
	if c := d.card(released); c.Status != schedule.JobOpen {
		t.Errorf("the released job is %s", c.Status)
	}
	d.must(d.assign(d.titled("west", wednesday, "There"), kofi, wednesday+"T14:00", ""))
	lanes := map[string]string{
		"north " + tuesday: "lane, Early", "west " + tuesday: "",
		"north " + wednesday: "Kept as a guest", "west " + wednesday: "lane, Kept, There", "south " + wednesday: "",
	}
	d.wantLanes(kofi, lanes)
	// Both boards show it: north as a guest's, west in his lane.
	d.must(d.move(kept, wednesday+"T10:00", ""))
	if last := d.log()[len(d.log())-1]; last.PublishedTo != "dispatch/north dispatch/west contractor/"+kofi {
		t.Errorf("the move of the job is told to %s", last.PublishedTo)
	}

	midnight := time.Date(2032, 3, 3, 6, 0, 0, 0, time.UTC) // in Chicago
	if n, err := d.db.CarryOutMoves(t.Context(), midnight.Add(-time.Second)); n != 0 || err != nil {
		t.Errorf("a second before: %d, %v", n, err)
	}
	upTo := d.events()
	var group sync.WaitGroup
	counts := make(chan string, 4)
	// All of them have seen that it is due before one can do it.
	gate := d.begin()
	gate.exec(`select from contractors where id = $1 for update`, kofi)
	for range 4 {
		group.Go(func() {
			n, err := d.db.CarryOutMoves(context.Background(), midnight)
			counts <- fmt.Sprint(n, " ", err)
		})
	}
	d.waiting(nil, 4)
	gate.commit()
	group.Wait()
	close(counts)
	var done []string
	for c := range counts {
		done = append(done, c)
	}
	if slices.Sort(done); !slices.Equal(done, []string{"0 <nil>", "0 <nil>", "0 <nil>", "1 <nil>"}) {
		t.Errorf("four processes did %q", done)
	}
	kind, to, payload := d.lastEvent()
	if d.events() != upTo+1 || kind != "ContractorMovedRegion" || payload["from"] != "north" || payload["to"] != "west" || payload["effectiveFrom"] != wednesday ||
		!slices.Equal(sorted(to...), sorted("dispatch/north", "dispatch/west", "contractor/"+kofi)) || fmt.Sprint(payload["actor"]) != "map[kind:system]" {
		t.Errorf("logged is %s to %s: %v", kind, to, payload)
	}
	if r := d.record(kofi); r.HomeRegion != "west" || r.Move != nil {
		t.Errorf("now he is %+v", r)
	}
	d.wantLanes(kofi, lanes)
}

// TestMovesToCome takes a move back, replaces one by another, and refuses days
// that are over or too far away.
func TestMovesToCome(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, kofi := d.admin(), d.contractor("north", "Kofi")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	invalidAt(t, d.moveOn(ada, kofi, "west", "2032-02-29"), "from")
	invalidAt(t, d.moveOn(ada, kofi, "west", "2034-01-01"), "from")
	must(d.moveOn(ada, kofi, "west", wednesday))
	must(d.moveOn(ada, kofi, "south", wednesday))
	d.wantLanes(kofi, map[string]string{"north " + wednesday: "", "west " + wednesday: "", "south " + wednesday: "lane", "north " + tuesday: "lane"})
	refusedBy(t, d.db.WithdrawMove(t.Context(), ada, kofi, 1, before(t)), db.ConflictStale)
	if err := d.db.WithdrawMove(t.Context(), d.ann, kofi, d.record(kofi).Version, before(t)); err == nil {
		t.Error("a dispatcher took it back")
	}
	must(d.db.WithdrawMove(t.Context(), ada, kofi, d.record(kofi).Version, before(t)))
	if kind, to, _ := d.lastEvent(); kind != "AvailabilityChanged" || !slices.Contains(to, "dispatch/south") {
		t.Errorf("told by %s to %s", kind, to)
	}
	d.wantLanes(kofi, map[string]string{"north " + wednesday: "lane", "south " + wednesday: ""})
	if n, err := d.db.CarryOutMoves(t.Context(), after(t)); n != 0 || err != nil {
		t.Errorf("a move that was taken back: %d, %v", n, err)
	}
	// One today takes the place of the one to come, and the days before stay.
	must(d.moveOn(ada, kofi, "west", wednesday))
	must(d.moveOn(ada, kofi, "south", ""))
	d.wantLanes(kofi, map[string]string{"north 2032-02-29": "lane", "south 2032-02-29": "", "south 2032-03-01": "lane", "south " + wednesday: "lane", "west " + wednesday: ""})
	if n, err := d.db.CarryOutMoves(t.Context(), after(t)); n != 0 || err != nil {
		t.Errorf("nothing is to come: %d, %v", n, err)
	}
}
