package main

import (
	"context"
	"net/http"
	"testing"

	"smartscheduler/db"
	"smartscheduler/events"
)

// TestCommittedButNeverSent stops the program, commits an assignment that no
// relay ever hears of, as a process does that dies between commit and send, and
// starts the program again: the card arrives at the page that was left open,
// and at a plain reader that resumes, exactly once.
func TestCommittedButNeverSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := startProgram(t, w.dsn)
	box := newMiddlebox(t, first.base)
	j := w.job("north", "Tile the hall")
	p := w.desk(t, box.base, "Ann").open("/dispatch/north").live()
	ann := w.staff(first.base, "Ann")
	at := w.fence().first
	p.passed(at)
	last := ask[string](w, `select epoch || '-' || pos from event_head`)
	first.stop()
	box.answer.Store(http.StatusBadGateway)

	out, err := w.db.Assign(context.Background(), db.Assign{
		Command: db.Command{By: db.Actor{Kind: events.ActorSystem, AllRegions: true}, Version: ask[int](w, `select version from jobs where id = $1`, j.id)},
		JobID:   j.id, ContractorID: w.people["Rosa"], At: db.Times{Start: w.wall("09:00")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := ask[int](w, `select count(*) from event_log where event_id = $1 and pos is null`, out.EventIDs[0]); n != 1 {
		t.Fatal("the event has a position although nobody sends")
	}
	if get[int](p, `probe.frames.length`) > 1 { // the fence
		t.Fatal("the page got the event although nobody sends")
	}

	second := startProgram(t, w.dsn)
	box.lead(second.base)
	box.answer.Store(0)
	p.caughtUp(w.fence().first)
	p.awaitCard(j, "lane-north-"+w.people["Rosa"]+"-"+w.today)
	pos := ask[int64](w, `select pos from event_log where event_id = $1`, out.EventIDs[0])
	if n := get[int](p, `probe.frames.filter((pos) => pos === `+str(pos)+`).length`); n != 1 {
		t.Errorf("the page got the event %d times, not once", n)
	}
	ann.base = second.base
	late := ann.listen("/streams/dispatch/north+unrouted", "Last-Event-ID", last)
	end := w.fence()
	late.passed(end.first)
	got := 0
	for _, f := range late.facts(0, end.first) {
		if f.pos() == pos && f.event == "JobAssigned" {
			got++
		}
	}
	if got != 1 {
		t.Errorf("a reader that resumed got the event %d times, not once", got)
	}
	p.sound()
}

// TestRefusedMeansNothingHappened sends what must be refused: no event is
// logged and nothing reaches a stream.
func TestRefusedMeansNothingHappened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	ada := w.staff(app.base, "Ada")
	j, other := w.job("north", "Tile the hall"), w.job("north", "Tile the porch")
	ada.assign(j, "Rosa", "09:00")
	stream := ada.listen("/streams/dispatch/north+south+unrouted")
	after := w.fence()
	stream.passed(after.first)
	path := "/jobs/" + other.id + "/assignments"
	fields := ada.form(other, map[string][]string{"contractor_id": {w.people["Rosa"]}, "start": {w.today + "T09:30"}})
	ada.post(http.StatusConflict, path, fields)
	fields.Set("start", "yesterday")
	ada.post(http.StatusUnprocessableEntity, path, fields)
	fields.Set("start", w.today+"T12:00")
	fields.Set("version", "99")
	ada.post(http.StatusConflict, path, fields)
	ada.post(http.StatusNotFound, "/jobs/"+w.people["Rosa"]+"/assignments", fields)
	before := w.fence()
	stream.passed(before.first)
	if facts := stream.facts(after.last, before.first); len(facts) > 0 {
		t.Errorf("refused commands sent %v", facts)
	}
	if n := ask[int](w, `select count(*) from event_log where pos > $1 and pos < $2 and event_type <> 'AwarenessChanged'`, after.last, before.first); n != 0 {
		t.Errorf("refused commands logged %d events", n)
	}
}
