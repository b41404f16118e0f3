package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
)

// rosa is a contractor with a phone, as the ladder knows her.
type rosa struct {
	*desk
	id  string
	her db.Actor
}

func newRosa(d *desk) rosa {
	return rosa{desk: d, id: d.contractor("north", "Rosa"), her: db.Actor{Kind: events.ActorContractor}}
}

func (r rosa) receive(contractorID string, receipts ...db.Receipt) {
	r.t.Helper()
	if err := r.db.Receive(context.Background(), r.her, contractorID, receipts); err != nil {
		r.t.Fatal(err)
	}
}

// changes are the changes of hers as `kind number-of-news was now`, with the
// hours in Eastern time.
func (r rosa) changes() string {
	r.t.Helper()
	list, err := r.db.PhoneChanges(context.Background(), []string{r.id}, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	var said []string
	for _, c := range list {
		was := "-"
		if c.WasStart.Valid {
			was = c.WasStart.Time.In(eastern(r.t, tuesday+"T00:00").Location()).Format("15")
		}
		said = append(said, fmt.Sprintf("%s %s %s", c.Kind, was, c.Start.In(eastern(r.t, tuesday+"T00:00").Location()).Format("15")))
	}
	return strings.Join(said, ", ")
}

func (r rosa) wantChanges(what, want string) {
	r.t.Helper()
	if got := r.changes(); got != want {
		r.t.Errorf("%s: the changes are %q, want %q", what, got, want)
	}
}

// ok acknowledges the only change of hers.
func (r rosa) ok() {
	r.t.Helper()
	list, err := r.db.PhoneChanges(context.Background(), []string{r.id}, nil)
	if err != nil || len(list) != 1 {
		r.t.Fatalf("%d changes, %v", len(list), err)
	}
	known := db.Receipt{AssignmentID: list[0].AssignmentID, News: list[0].News, Rung: events.RungAcknowledged}
	if err := r.db.Acknowledge(context.Background(), r.her, r.id, known); err != nil {
		r.t.Fatal(err)
	}
}

// TestLadder climbs it: rungs only go up, each with its time, and each time that
// they do the dispatchers of the job hear of it once; nobody else does but, at the
// end, her own devices.
func TestLadder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := newRosa(d)
	lee := d.contractor("south", "Lee")
	job := d.job("north")
	d.must(d.assign(job, r.id, tuesday+"T10:00", ""))
	card := d.card(job)
	if card.News != 1 || card.Reached != 0 {
		t.Fatalf("a new assignment has news %d at rung %d", card.News, card.Reached)
	}
	d.exec(`update assignments set created_at = created_at - interval '1 minute'`)
	logged := len(d.log())
	at := func(rung events.Rung) db.Receipt {
		return db.Receipt{AssignmentID: card.AssignmentID, News: 1, Rung: rung, ClientAt: time.Now().Add(-time.Second)}
	}
	want := func(what string, reached, more int) {
		t.Helper()
		if got := d.card(job); got.Reached != reached || len(d.log()) != logged+more {
			t.Errorf("%s: rung %d, %d events; want rung %d, %d events", what, got.Reached, len(d.log())-logged, reached, more)
		}
	}
	r.receive(lee, at(events.RungSeen))
	want("a receipt of somebody else", 0, 0)
	if err := d.db.Receive(t.Context(), r.her, "", []db.Receipt{at(events.RungSeen)}); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a receipt of nobody: %v", err)
	}
	want("a receipt of nobody", 0, 0)
	r.receive(r.id, db.Receipt{AssignmentID: card.AssignmentID, News: 2, Rung: events.RungSeen}, db.Receipt{AssignmentID: card.AssignmentID, Rung: events.RungSeen})
	want("a receipt of what there is not", 0, 0)
	r.receive(r.id, at(events.RungOnScreen))
	want("on screen", 2, 1)
	r.receive(r.id, at(events.RungOnScreen), at(events.RungOnScreen))
	want("on screen once more", 2, 1)
	r.receive(r.id, at(events.RungSeen), at(events.RungOnScreen))
	want("seen", 3, 2)
	r.receive(r.id, at(events.RungOnScreen))
	want("on screen after that", 3, 2)
	if e := d.last(); e.Kind != events.KindAwarenessChanged || e.PublishedTo != "dispatch/north" || e.ContractorID != r.id {
		t.Errorf("logged %s of %q for %q", e.Kind, e.ContractorID, e.PublishedTo)
	}
	r.ok()
	want("acknowledged", 4, 3)
	if e := d.last(); e.Kind != events.KindAwarenessChanged || e.PublishedTo != "dispatch/north contractor/"+r.id {
		t.Errorf("logged %s for %q", e.Kind, e.PublishedTo)
	}
	got := d.card(job)
	if !got.SentAt.Valid || got.OnScreenAt.Time.After(got.SeenAt.Time) || got.SeenAt.Time.After(got.AcknowledgedAt.Time) {
		t.Errorf("the times are %+v", got.Awareness)
	}
	var kept int
	d.scan(&kept, `select count(*) from awareness where on_screen_client_at < on_screen_at and seen_client_at < seen_at and acknowledged_client_at is null`)
	if kept != 1 {
		t.Error("what the phone's clock said is not kept")
	}

	// Moved, it is news again, and what is known of the old time says nothing.
	d.must(d.move(job, tuesday+"T13:00", ""))
	logged = len(d.log())
	want("moved", 0, 0)
	r.receive(r.id, at(events.RungSeen))
	want("a late receipt of the old time", 0, 0)
	err := d.db.Acknowledge(t.Context(), r.her, r.id, at(events.RungAcknowledged))
	var conflict *db.Conflict
	if !errors.As(err, &conflict) || conflict.Kind != db.ConflictStale {
		t.Errorf("a late OK to the old time: %v", err)
	}
	if err := d.db.Acknowledge(t.Context(), r.her, lee, at(events.RungAcknowledged)); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("an OK by somebody else: %v", err)
	}
	want("a late OK", 0, 0)
	r.receive(r.id, db.Receipt{AssignmentID: card.AssignmentID, News: 2, Rung: events.RungOnScreen, ClientAt: time.Now().Add(time.Hour)})
	want("on screen anew", 2, 1)
	d.scan(&kept, `select count(*) from awareness where news = 2 and on_screen_client_at is null`)
	if kept != 1 {
		t.Error("a clock an hour ahead is believed")
	}
}

// TestSentIsWhatAConnectionTook notes news up to the position that a live
// connection has, and only once.
func TestSentIsWhatAConnectionTook(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := newRosa(d)
	job, later := d.job("north"), d.job("south")
	d.must(d.assign(job, r.id, tuesday+"T10:00", ""))
	note := func(want int) {
		t.Helper()
		head, err := d.db.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n, err := d.db.NoteSent(t.Context(), map[string]events.Position{r.id: head}); err != nil || n != want {
			t.Errorf("noted %d, %v; want %d", n, err, want)
		}
	}
	sequence := func() {
		t.Helper()
		if _, err := d.db.Sequence(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
	}
	note(0) // it has no position yet
	sequence()
	d.must(d.assign(later, r.id, tuesday+"T14:00", ""))
	note(1)
	if e := d.last(); e.Kind != events.KindAwarenessChanged || !strings.Contains(string(e.Payload), `"rung": "sent"`) || !strings.Contains(string(e.Payload), `"ofSeq"`) {
		t.Errorf("logged %s %s", e.Kind, e.Payload)
	}
	note(0)
	if d.card(job).Reached != 1 || d.card(later).Reached != 0 {
		t.Errorf("rungs %d and %d", d.card(job).Reached, d.card(later).Reached)
	}
	sequence()
	note(1)
}

// TestChangesFold: all that happened to a job since she last said OK is one
// change, from what she knew to what is.
func TestChangesFold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := newRosa(d)
	job := d.job("north")
	d.must(d.assign(job, r.id, tuesday+"T10:00", ""))
	r.wantChanges("given", "new - 10")
	d.must(d.move(job, tuesday+"T11:00", ""))
	r.wantChanges("moved before she knew of it", "new - 11")
	r.ok()
	r.wantChanges("acknowledged", "")
	d.must(d.move(job, tuesday+"T13:00", ""))
	d.must(d.move(job, tuesday+"T15:00", ""))
	r.wantChanges("moved twice", "moved 11 15")
	d.must(d.move(job, tuesday+"T11:00", ""))
	r.wantChanges("moved back", "")
	d.must(d.unassign(job, ""))
	r.wantChanges("taken off", "removed 11 11")
	d.must(d.assign(job, r.id, tuesday+"T12:00", ""))
	r.wantChanges("given back at another time", "moved 11 12")
	d.must(d.unassign(job, ""))
	r.wantChanges("taken off again", "removed 11 12")
	r.ok()
	r.wantChanges("acknowledged that it is gone", "")
	d.must(d.assign(job, r.id, tuesday+"T09:00", ""))
	r.wantChanges("given for the third time", "new - 09")
	d.must(d.cancel(job))
	r.wantChanges("cancelled", "cancelled - 09")
	d.exec(`update assignments set news_at = news_at - interval '15 days'`)
	r.wantChanges("two weeks later", "")
}

// TestLostDaysAreOneChange: of a job of several days that is cancelled one change
// is told, and one OK is enough.
func TestLostDaysAreOneChange(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := newRosa(d)
	job := d.job("north", func(n *db.NewJob) { n.Days = 2; n.WindowEnd = n.WindowStart.AddDays(3) })
	d.must(d.assign(job, r.id, tuesday+"T10:00", ""))
	d.must(d.assign(job, r.id, "2032-03-03T10:00", ""))
	r.wantChanges("given two days", "new - 10, new - 10")
	d.must(d.cancel(job))
	r.wantChanges("cancelled", "cancelled - 10")
	r.ok()
	r.wantChanges("acknowledged", "")
	former, err := d.db.FormerHolders(t.Context(), job)
	if err != nil || len(former) != 0 {
		t.Errorf("former holders who don't know: %+v, %v", former, err)
	}
}
