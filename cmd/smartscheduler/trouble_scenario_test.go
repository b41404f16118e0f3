package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	delayShown = `document.getElementById('delayed').checkVisibility() && document.getElementById('delayed').innerText.includes('Live updates are delayed') &&
		document.getElementById('state-text').textContent === 'Live updates delayed' && document.getElementById('trouble').hidden`
	delayGone = `document.getElementById('delayed').hidden && document.getElementById('state').dataset.state === 'live'`
)

// TestS12PublishingTroubleAndNosyReaders walks through publishing trouble with real
// pages: while publishing panics, jobs are assigned and the boards say that they are
// late, and afterwards they get everything in order; a reader that stops reading is
// ended alone and resumes; when the log cannot be written nothing is assigned. Who
// opens what is not his gets a 404 without content, and is noted.
func TestS12PublishingTroubleAndNosyReaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base, a, m := startMined(t, w.dsn, func(a *app) { a.outage.late, a.outage.every = 500*time.Millisecond, 50*time.Millisecond })
	list := w.jobs("north", 3)
	ann, ada := w.desk(t, base, "Ann").open("/dispatch/north").live(), w.desk(t, base, "Ada").open("/dispatch/north").live()
	rosa := w.mobile(t, base, "Rosa").live()

	w.panicking(t, m, list, ann, ada, rosa)
	// The cards to come are large enough to fill the queue of a reader, so no page reads them.
	ann.open("/account")
	ada.open("/dispatch/south")
	w.stuckAlone(t, a, base)
	w.logIsFull(t, ada)
	w.nosy(t, base)
	for _, p := range []*tab{ann, ada, rosa} {
		p.sound()
	}
}

// panicking assigns two jobs while every look of the relay panics.
func (w *world) panicking(t *testing.T, m *mine, list []job, ann, ada, rosa *tab) {
	t.Helper()
	start := w.fence().last
	ann.passed(start)
	m.armed.Store(true)
	for i, clock := range []string{"09:00", "13:00"} {
		began := time.Now()
		ada.press(cardsOf(list[i].id)+" a[href*='/assignments/new']", "the form", "document.querySelector('#assign[data-job=\""+list[i].id+"\"]') !== null")
		ada.fill(w, "Rosa", clock)
		ada.await("it is assigned", `document.querySelector('#workbench .banner-ok')?.textContent.includes('`+list[i].number+`')`)
		t.Logf("from the form to the confirmation while publishing panics: %v", time.Since(began).Round(time.Millisecond))
		if n := ask[int](w, `select count(*) from event_log where job_id = $1 and event_type = 'JobAssigned'`, list[i].id); n != 1 {
			t.Errorf("the log has %d assignments of %s", n, list[i].number)
		}
	}
	ann.await("the board says that it is late", delayShown)
	rosa.await("so does the phone", `document.getElementById('state-text').textContent === 'Live updates delayed'`)
	if get[bool](ann, `document.querySelector('#open-north `+cardsOf(list[0].id)+`') === null`) || m.blown.Load() == 0 {
		t.Errorf("after %d panics the board shows what was not published", m.blown.Load())
	}
	m.armed.Store(false)
	for _, j := range list[:2] {
		ann.awaitCard(j, "lane-north-"+w.people["Rosa"]+"-"+w.today)
		rosa.await("the phone has "+j.number, `document.querySelector('[data-job="`+j.id+`"]') !== null`)
	}
	ann.await("it is in time again", delayGone)
	end := w.fence().first
	ann.passed(end)
	// How far the phone got is told as it comes, between them.
	aware := ask[string](w, `select coalesce(string_agg(' ' || pos || ' ', ''), '') from event_log where event_type = 'AwarenessChanged'`)
	shown := slices.DeleteFunc(get[[]int64](ann, `probe.frames`), func(pos int64) bool {
		return pos <= start || pos >= end || strings.Contains(aware, fmt.Sprintf(" %d ", pos))
	})
	if want := w.positionsOf("dispatch/north", start, end-1); !slices.Equal(shown, want) {
		t.Errorf("the board got %v, the log has %v", shown, want)
	}
}

// stuckAlone lets one of two readers stop reading.
func (w *world) stuckAlone(t *testing.T, a *app, base string) {
	t.Helper()
	g := &gate{opened: make(chan struct{})}
	stuck, healthy := w.staff(base, "Ann"), count(w.staff(base, "Ada").ask(""))
	<-healthy.said
	const open = 3 // a board, a phone and the healthy reader
	eventually(t, "only they are open", func() bool { return a.broker.Streams() == open })
	slow := count(stuck.askRaw(g))
	eventually(t, "its stream is open", func() bool { return a.broker.Streams() == open+1 })
	j, start := w.heavy(), w.fence().last
	var end int64
	for healthy.bytes.Load() < 9<<20 {
		end = w.touch(j, touches)
		eventually(t, "the healthy reader has it", func() bool { return healthy.upTo.Load() >= end })
	}
	eventually(t, "the reader that does not read is ended", func() bool { return a.broker.Streams() == open })
	close(g.opened)
	<-slow.done
	got, last := slow.events()
	back := count(stuck.ask(last))
	eventually(t, "it has what it missed", func() bool { return back.upTo.Load() >= end })
	rest, _ := back.events()
	before := func(pos int64) bool { return pos <= start || pos > end }
	want := slices.DeleteFunc(w.logged(start), before)
	if got = slices.DeleteFunc(append(got, rest...), before); !slices.Equal(got, want) {
		t.Errorf("the reader that came back got %d events, %d were logged", len(got), len(want))
	}
	if n := a.broker.Streams(); n != open+1 {
		t.Errorf("%d streams are open, not the %d of the others and that of the one that came back", n, open)
	}
}

// logIsFull refuses an assignment as a whole.
func (w *world) logIsFull(t *testing.T, ada *tab) {
	t.Helper()
	j := w.job("south", "Seal the floor")
	ada.open("/dispatch/south").live()
	w.exec(`create function no_room() returns trigger language plpgsql as $$ begin raise exception 'no space left on device' using errcode = '53100'; end $$`)
	w.exec(`create trigger no_room before insert on event_log for each row execute function no_room()`)
	state := `select (select count(*) from event_log) + (select count(*) from audit_records) + (select count(*) from assignments) + (select sum(version) from jobs)`
	before := ask[int64](w, state)
	ada.press(cardsOf(j.id)+" a[href*='/assignments/new']", "the form", "document.querySelector('#assign[data-job=\""+j.id+"\"]') !== null")
	ada.fill(w, "Kofi", "10:00")
	ada.await("it says that nothing was saved", `document.querySelector('#workbench').innerText.includes('The disk of the database is full. Nothing was saved.')`)
	if after := ask[int64](w, state); after != before {
		t.Error("an assignment that could not be logged has changed something")
	}
	w.exec(`drop trigger no_room on event_log`)
}

// nosy asks for what is others'.
func (w *world) nosy(t *testing.T, base string) {
	t.Helper()
	lee, wall := w.mobile(t, base, "Lee"), w.display(base, "north")
	refused := ask[int](w, `select count(*) from stream_refusals`)
	for _, path := range []string{"/streams/contractor/" + w.people["Maya"], "/streams/dispatch/north", "/streams/kiosk/south"} {
		answer := get[string](lee, `fetch(`+quote(path)+`).then(async (r) => r.status + ' ' + await r.text())`)
		if answer != "404 " {
			t.Errorf("Lee asks for %s and gets %.200s", path, answer)
		}
	}
	status, _, body := wall.do(wall.request(http.MethodGet, "/streams/kiosk/south", nil))
	if status != http.StatusNotFound || strings.TrimSpace(body) != "" {
		t.Errorf("the wall of north asks for south and gets %d %.200s", status, body)
	}
	eventually(t, "all four are noted", func() bool { return ask[int](w, `select count(*) from stream_refusals`) == refused+4 })
}
