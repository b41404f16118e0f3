package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keys presses keys one after the other, as a dispatcher without a mouse does.
func (p *tab) keys(names ...string) {
	p.t.Helper()
	for _, name := range names {
		p.do(chromedp.KeyEvent(name))
	}
}

// TestEveryViewOfTheBoardLives assigns jobs while the week, the list by job and a
// page of two regions are open: each shows it by its own stream alone.
func TestEveryViewOfTheBoardLives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("Eve", "dispatcher", "north", "south")
	app := startProgram(t, w.dsn)
	list := w.jobs("north", 12)
	open := func(path string) *tab { return w.desk(t, app.base, "Eve").open(path).live() }
	week, jobs, both := open("/dispatch/north?view=week"), open("/dispatch/north+south?view=jobs"), open("/dispatch/north+south")
	jobs.awaitRow(list[0], "jobs-north-"+w.today, "Nobody yet")

	ada := w.staff(app.base, "Ada")
	ada.assign(list[0], "Rosa", "09:00")
	ada.assign(list[1], "Maya", "10:00")
	rosa, maya := "lane-north-"+w.people["Rosa"]+"-"+w.today, "lane-south-"+w.people["Maya"]+"-"+w.today
	week.awaitCard(list[0], rosa)
	week.await("the load of the day", `document.querySelector('#sum-north-`+w.today+` .load-text').textContent === '1 of 32 h'`)
	jobs.awaitRow(list[0], "jobs-north-"+w.today, "Rosa")
	jobs.awaitRow(list[1], "jobs-north-"+w.today, "Maya")
	jobs.await("no second row in the list of Maya's region", `document.querySelector('#jobs-south-`+w.today+` > [data-job="`+list[1].id+`"]')?.hidden === true`)
	both.awaitCard(list[0], rosa)
	both.await("the job of the other region's contractor in her lane, and no second time among the guests",
		`document.querySelector('#`+maya+` > [data-job="`+list[1].id+`"]') !== null &&
		 document.querySelector('#lane-north-guest-`+w.today+` > [data-job="`+list[1].id+`"]')?.hidden === true`)
	leftAlone(ada, list, rosa, week, jobs, both)
	for _, p := range []*tab{week, jobs, both} {
		p.sound()
	}
	if status, _, _ := w.staff(app.base, "Ann").do(w.staff(app.base, "Ann").request("GET", "/dispatch/north+south", nil)); status != 404 {
		t.Errorf("a page with a region of others answers %d", status)
	}
}

// leftAlone changes jobs under the hands of who looks at each view: one has the focus
// on a card, and holds another job with a reason half typed, which then goes to
// somebody else. Focus, place and what was typed stay, and a banner says so.
func leftAlone(ada *client, list []job, lane string, pages ...*tab) {
	const place = `JSON.stringify([document.activeElement.id || document.activeElement.closest('[data-job]')?.dataset.job, scrollY,
		...[...document.querySelectorAll('.open-scroll, .lanes-scroll')].map((el) => el.scrollTop)])`
	held := list[3]
	for _, p := range pages {
		p.look(1280, 420, "light") // too low for all of it
		p.click("#open-north " + cardsOf(held.id) + " .card-title")
		p.await("it is held", `document.querySelector('#main[data-holding] #assign') !== null`)
		p.do(chromedp.SendKeys(chromedp.CSS("#assign-override_reason"), "because"))
		get[bool](p, `(document.querySelectorAll('.open-scroll, .lanes-scroll').forEach((el) => { el.scrollTop = 30; }), true)`)
	}
	before := make([]string, len(pages))
	for i, p := range pages {
		before[i] = get[string](p, place)
	}
	other := list[len(list)-1]
	ada.assign(other, "Rosa", "13:00")
	for i, p := range pages {
		p.await("another job has gone", `document.querySelector('#open-north `+cardsOf(other.id)+`') === null`)
		p.sameAs("focus and place", place, before[i])
		p.sameAs("no banner", `String(document.querySelector('#assign [data-changed]').hidden)`, "true")
	}
	for _, p := range pages {
		// A letter that leads to another view would take the half-typed form along.
		get[bool](p, `(document.querySelector('#assign input[type="radio"]').focus(), true)`)
		p.keys("d", "w", "b")
		get[bool](p, `(document.getElementById('assign-override_reason').focus(), true)`)
	}
	ada.assign(held, "Rosa", "15:00")
	for _, p := range pages {
		p.await("the banner", `document.querySelector('#assign [data-changed]:not([hidden]) [data-changed-what]')?.textContent.startsWith('Ada just now: Assigned to Rosa')`)
		p.sameAs("it is no longer held", `String(document.querySelector('#main[data-holding], [data-place]:not([hidden])'))`, "null")
		p.sameAs("what was typed", `document.activeElement.value`, "because")
	}
}

// awaitRow waits until a job stands in a list by job, with these words.
func (p *tab) awaitRow(j job, list, words string) {
	p.t.Helper()
	p.await(j.number+" with "+words, `[...document.querySelectorAll('#`+list+` > [data-job="`+j.id+`"]')].length === 1 &&
		document.querySelector('#`+list+` > [data-job="`+j.id+`"]').textContent.includes(`+quote(words)+`)`)
}

// TestJobIsPutOntoALane gives one job away with three clicks and one with five
// keys, and finds the filter again after a look at another page.
func TestJobIsPutOntoALane(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	list := w.jobs("north", 20)
	ann := w.desk(t, app.base, "Ann").open("/dispatch/north").live()
	lane := "lane-north-" + w.people["Lee"] + "-" + w.today
	start := `document.getElementById('assign-start').value`

	ann.click("#open-north > li:first-child .card-title") // 1: hold the job
	ann.await("the job is held", `document.querySelector('#assign') && document.querySelector('[data-place="`+w.people["Lee"]+`"]:not([hidden])') !== null`)
	proposed := get[string](ann, start)
	ann.click(`[data-place="` + w.people["Lee"] + `"]`) // 2: a time of a lane
	ann.await("the form has the contractor and the time", `document.querySelector('#assign input[value="`+w.people["Lee"]+`"]').checked && `+start+` !== `+quote(proposed)+
		` && document.activeElement.matches('#assign .submit')`)
	at := get[string](ann, start)
	ann.click("#assign .submit") // 3: confirm
	ann.awaitCard(list[0], lane)
	if got := ask[string](w, `select to_char(lower(during) at time zone $2, 'YYYY-MM-DD"T"HH24:MI') from assignments where job_id = $1`, list[0].id, w.zone); got != at {
		t.Errorf("it is booked for %s, the form said %s", got, at)
	}

	// Five keys: to the next open job, hold it, to the lanes, choose the place, confirm.
	ann.open("/dispatch/north").live()
	ann.keys("j", kb.Enter)
	ann.await("the job is held", `document.querySelector('#main[data-holding] #assign') !== null`)
	ann.keys("p")
	ann.await("a lane has the focus", `document.activeElement.matches('[data-place]')`)
	ann.keys(kb.Enter)
	ann.await("the form is ready", `document.activeElement.matches('#assign .submit')`)
	ann.keys(kb.Enter)
	ann.await("it is given away", `document.querySelector('#open-north [data-job="`+list[1].id+`"]') === null`)

	// Away and back.
	ann.set("#filter-q", "j-101")
	ann.set("#filter-sort", "number")
	ann.await("only what is looked for", `document.querySelectorAll('#open-north > li:not([hidden])').length === 10`)
	ann.open("/events")
	get[bool](ann, `(history.back(), true)`)
	ann.await("the board as it was", `document.getElementById('filter-q')?.value === "j-101" && document.getElementById('filter-sort').value === 'number' &&
		document.querySelectorAll('#open-north > li:not([hidden])').length === 10`)
	ann.sound()
}
