package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// clockWorld is the world of the two nights on which the clocks change: a region
// in Eastern time and one in Central time, at a time that stands still.
func clockWorld(t *testing.T) *world {
	t.Helper()
	w := emptyWorld(t)
	w.exec(`insert into regions (slug, name, zone, postcodes) values
	  ('north', 'North', 'America/New_York', '{37402}'), ('bridgeport', 'Bridgeport', 'America/Chicago', '{35740}')`)
	w.exec(`insert into skills (slug, name) values ('tile', 'Tile')`)
	w.contractor("Rosa Díaz", "north")
	w.contractor("Lee Park", "north")
	w.contractor("Kofi Mensah", "north")
	w.user("Ann", "dispatcher", "north")
	w.user("Ada", "admin")
	return w
}

// night is a moment of the world's zone, and from then on its day.
func (w *world) night(wall string) {
	w.t.Helper()
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		w.t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", wall, loc)
	if err != nil {
		w.t.Fatal(err)
	}
	w.today = wall[:len("2006-01-02")]
	w.standStill(at)
}

// label waits until the card of a job says a text on each of the pages.
func (j job) label(text string, pages ...*tab) {
	for _, p := range pages {
		p.t.Helper()
		p.await(j.number+" says "+text, `document.querySelector(`+quote(cardsOf(j.id))+`)?.textContent.includes(`+quote(text)+`)`)
	}
}

// offer opens the form to assign an open job of the board and sends it.
func (p *tab) offer(w *world, j job, name, clock string) {
	p.t.Helper()
	p.press(cardsOf(j.id)+" .button-small", "the form", `document.querySelector('#assign[data-job="`+j.id+`"]') !== null`)
	p.fill(w, name, clock)
}

// asked waits for a question beside a field and compares the answers with it.
func (p *tab) asked(field, question string, answers ...string) {
	p.t.Helper()
	p.await("the question", `document.getElementById(`+quote(field+"-error")+`)?.textContent === `+quote(question))
	offered := `Array.from(document.querySelectorAll('button[name=instead], .offsets label'), (el) => el.innerText.trim()).join(' | ')`
	p.sameAs("the answers", offered, strings.Join(answers, " | "))
}

// instead presses one of the answers, and wants the field to have it.
func (p *tab) instead(field, value string) {
	p.t.Helper()
	p.click(`button[name="instead"][data-value="` + value + `"]`)
	p.sameAs("what is filled in", `document.getElementById(`+quote(field)+`).value`, value)
}

// unchanged wants that nothing was written since the log had its head.
func (w *world) unchanged(head int64) {
	w.t.Helper()
	if now := w.events(); now != head {
		w.t.Errorf("%d events were logged by what was refused", now-head)
	}
}

// events counts what was logged but for what phones say of earlier events.
func (w *world) events() int64 {
	return ask[int64](w, `select count(*) from event_log where event_type <> 'AwarenessChanged'`)
}

// TestS4AcrossTheClockChange is the fourth day of the project's days in the life,
// through the pages: a job over a skipped hour ends by the clock and keeps its
// length, a time that does not exist is refused with the two beside it, one that
// comes twice is asked about, and a job of another zone says so.
func TestS4AcrossTheClockChange(t *testing.T) {
	t.Parallel()
	w := clockWorld(t)
	t.Run("Spring", w.spring)
	t.Run("Autumn", w.autumn)
}

func (w *world) spring(t *testing.T) {
	w.t = t
	w.night("2027-03-13T12:00")
	base := startProgramAt(t, w)
	a := looked()
	ann := w.desk(t, base, "Ann").open("/dispatch/north").live()
	phone, wall := w.mobile(t, base, "Rosa").live(), w.wallScreen(t, base, "north").live()

	// Six hours from Saturday 22:00 on.
	night := w.job("north", "Seal the floor")
	w.exec(`update jobs set duration_minutes = 360 where id = $1`, night.id)
	ann.offer(w, night, "Rosa", "22:00")
	night.label("22:00–Sun 05:00", ann, phone, wall)
	const logged = `select payload->>'startUtc' || ' ' || (payload->>'endUtc') || ' ' || (payload->>'endLocal') from event_log
	  where event_type = 'JobAssigned' and job_id = $1`
	if got := ask[string](w, logged, night.id); got != "2027-03-14T03:00:00Z 2027-03-14T09:00:00Z 2027-03-14T05:00" {
		t.Errorf("the event says %s", got)
	}
	// The end of a form follows the start by that clock.
	ann.action(night, "Move")
	ann.set("#move-start", "2027-03-13T23:00")
	ann.sameAs("the end after a later start", `document.getElementById('move-end').value`, "2027-03-14T06:00")

	// A job of Central time on the board, the wall and the phone of Eastern time.
	central := w.job("bridgeport", "Bridgeport tiles")
	w.staff(base, "Ada").assign(central, "Rosa", "09:00")
	central.label("09:00–10:00 CT", ann, phone, wall)
	a.shoot(ann, "s4-saturday", 1280, 360)
	a.shoot(phone, "s4-phone", 360)

	ann.look(1280, 800, "light")
	ann.open("/jobs/"+night.id).says("/jobs/"+night.id, "Sat 13 Mar 22:00–Sun 05:00")
	w.today = "2027-03-14"
	ann.open("/dispatch/north?date=" + w.today).live()
	ann.awaitCard(night, "lane-north-"+w.people["Rosa"]+"-"+w.today)
	night.label("22:00–Sun 05:00", ann)
	a.shoot(ann, "s4-night", 1280, 360)
	ann.look(1280, 800, "light")
	w.missingHour(t, ann, a)
	w.missingHourElsewhere(t, ann, a)
	for _, p := range []*tab{ann, phone, wall} {
		p.sound()
	}
}

// missingHour assigns and moves a job to a time that does not exist.
func (w *world) missingHour(t *testing.T, ann *tab, a album) {
	const question = "02:30 does not exist that night; 01:59 or 03:00?"
	j := w.job("north", "Measure the hall")
	before := w.events()
	ann.offer(w, j, "Lee", "02:30")
	ann.asked("assign-start", question, "01:59", "03:00")
	w.unchanged(before)
	ann.check("a time that does not exist", axe(t), 1280)
	a.shoot(ann, "s4-missing", 1280, 360)
	ann.look(1280, 800, "light")
	ann.instead("assign-start", "2027-03-14T03:00")
	ann.click("#assign .submit")
	ann.await("the confirmation", `document.querySelector('#workbench .banner-ok') !== null`)
	ann.awaitCard(j, "lane-north-"+w.people["Lee"]+"-"+w.today)
	j.label("03:00–04:00", ann)
	a.shoot(ann, "s4-sunday", 1280)

	ann.look(1280, 800, "light")
	before = w.events()
	ann.action(j, "Move")
	ann.set("#move-start", "2027-03-14T02:30")
	ann.click("#move .submit")
	ann.asked("move-start", question, "01:59", "03:00")
	w.unchanged(before)
	ann.instead("move-start", "2027-03-14T01:59")
	ann.sameAs("the end an hour later", `document.getElementById('move-end').value`, "2027-03-14T03:59")
	ann.click("#move .submit")
	j.label("01:59–03:59", ann)
}

// missingHourElsewhere enters such a time as the window of a new job, and as a
// contractor's hours of that day.
func (w *world) missingHourElsewhere(t *testing.T, ann *tab, a album) {
	const question = "02:30 does not exist that night; 01:59 or 03:00?"
	before := w.events()
	ann.newJob("2027-03-14T02:30", "2027-03-14T12:00")
	ann.asked("job-window_start", question, "01:59", "03:00")
	w.unchanged(before)
	a.shoot(ann, "s4-window", 1280, 360)
	ann.instead("job-window_start", "2027-03-14T03:00")
	ann.click("#job .submit")
	ann.await("the job", `document.querySelector('main')?.innerText.includes('Sun 14 Mar 03:00–12:00')`)
	// The page that asked was posted, and no browser goes back to such a page.
	ann.do(chromedp.NavigateBack())
	ann.sameAs("where the way back leads", `location.pathname + ' ' + document.getElementById('job-title').value`, "/jobs/new ")

	days := "/contractors/" + w.people["Kofi"] + "/days"
	before = w.events()
	ann.open(days)
	ann.set("#days-from", "2027-03-14")
	ann.set("#days-kind", "hours")
	ann.set("#days-hours", "02:30-06:00")
	ann.click("#days .submit")
	ann.asked("days-hours", question, "01:59–06:00", "03:00–06:00")
	w.unchanged(before)
	ann.check("hours that do not exist", axe(t), 360)
	a.shoot(ann, "s4-days", 1280, 360)
	ann.instead("days-hours", "03:00–06:00")
	ann.click("#days .submit")
	ann.says("/contractors/"+w.people["Kofi"], "03:00–06:00")
}

// newJob sends the form of a new job in the north with a window.
func (p *tab) newJob(from, until string) {
	p.t.Helper()
	p.open("/jobs/new")
	for field, value := range map[string]string{
		"title": "Lay oak", "customer_name": "Ida Berg", "address": "7 Test Lane", "postcode": "37402", "window_start": from, "window_end": until,
	} {
		p.set("#job-"+field, value)
	}
	p.click("#job .submit")
}

func (w *world) autumn(t *testing.T) {
	w.t = t
	w.night("2027-11-07T00:30")
	base := startProgramAt(t, w)
	a := looked()
	ann := w.desk(t, base, "Ann").open("/dispatch/north").live()
	phone, wall := w.mobile(t, base, "Rosa").live(), w.wallScreen(t, base, "north").live()
	const question = "01:30 happens twice that night; the first (EDT) or the second (EST)?"
	answers := []string{"First 01:30 (EDT)", "Second 01:30 (EST)"}
	first, second, third := w.job("north", "First hour"), w.job("north", "Second hour"), w.job("north", "Third")

	for _, c := range []struct {
		job           job
		offset, label string
	}{{first, "-04:00", "01:30 EDT–01:30 EST"}, {second, "-05:00", "01:30 EST–02:30"}} {
		before := w.events()
		ann.offer(w, c.job, "Rosa", "01:30")
		ann.asked("assign-start_offset", question, answers...)
		w.unchanged(before)
		ann.click(`label[for="assign-start_offset` + c.offset + `"]`)
		ann.click("#assign .submit")
		c.job.label(c.label, ann, phone, wall)
	}
	const apart = `select (lower(b.during) - lower(a.during))::text || ' ' || (a.during && b.during) from assignments a, assignments b
	  where a.job_id = $1 and b.job_id = $2 and a.active and b.active`
	if got := ask[string](w, apart, first.id, second.id); got != "01:00:00 false" {
		t.Errorf("the second starts after the first by, and overlaps it: %s", got)
	}
	a.shoot(ann, "s4-twice", 1280, 360)
	a.shoot(phone, "s4-phone-twice", 360)
	a.shoot(wall, "s4-wall-twice", 1280)

	ann.look(1280, 800, "light")
	ann.offer(w, third, "Lee", "09:00")
	third.label("09:00–10:00", ann)
	before := w.events()
	ann.action(third, "Move")
	ann.set("#move-start", "2027-11-07T01:30")
	ann.click("#move .submit")
	ann.asked("move-start_offset", question, answers...)
	w.unchanged(before)
	a.shoot(ann, "s4-asks", 1280, 360)
	ann.look(1280, 800, "light")
	ann.click(`label[for="move-start_offset-05:00"]`)
	ann.click("#move .submit")
	third.label("01:30 EST–02:30", ann)

	before = w.events()
	ann.newJob("2027-11-07T01:30", "2027-11-07T12:00")
	ann.asked("job-window_start_offset", question, answers...)
	w.unchanged(before)
	ann.click(`label[for="job-window_start_offset-05:00"]`)
	ann.click("#job .submit")
	ann.await("the job", `document.querySelector('main')?.innerText.includes('Sun 7 Nov 01:30 EST–12:00')`)
	for _, p := range []*tab{ann, phone, wall} {
		p.sound()
	}
}
