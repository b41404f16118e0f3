package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestStreamOfAPage holds the page to what was learned about streams in
// browsers the hard way.
func TestStreamOfAPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	j := w.job("north", "Tile the hall")
	ada := w.staff(app.base, "Ada")
	p := w.desk(t, box.base, "Ann").live()

	// Separate scripts would race, and now and then no stream be opened.
	for range 5 {
		before := len(box.requests())
		p.open("/dispatch/north").live()
		if n := len(box.requests()) - before; n != 1 {
			t.Errorf("a page asked for %d streams, not 1", n)
		}
	}

	// A slow first answer must not make the trigger open a second stream.
	box.hold()
	before := len(box.requests())
	p.open("/dispatch/north")
	eventually(t, "the stream is asked for", func() bool { return len(box.requests()) > before })
	get[bool](p, `(() => { for (let i = 0; i < 5; i++) document.dispatchEvent(new Event('visibilitychange')); return true; })()`)
	box.letThrough()
	p.live()
	ada.assign(j, "Rosa", "09:00")
	p.awaitCard(j, "lane-north-"+w.people["Rosa"]+"-"+w.today)
	if n := len(box.requests()) - before; n != 1 {
		t.Errorf("after a slow answer the page asked for %d streams, not 1", n)
	}

	// A server that is away for a while must not make the page forget where it was.
	last := ask[string](w, `select epoch || '-' || pos from event_head`)
	before = len(box.requests())
	box.answer.Store(http.StatusServiceUnavailable)
	box.cut(true)
	p.await("it was refused twice", "dispatchEvent(new Event('online')), document.getElementById('state').dataset.state === 'reconnecting'")
	eventually(t, "it asks again and again", func() bool {
		_ = p.try(`dispatchEvent(new Event('online'))`)
		return len(box.requests()) >= before+3
	})
	ada.move(j, "14:00")
	box.answer.Store(0)
	p.caughtUp(w.fence().first)
	for _, id := range box.requests()[before:] {
		if id != last {
			t.Errorf("the page resumed after %q, not %q", id, last)
		}
	}
	if n := get[int](p, `probe.frames.length - new Set(probe.frames).size`); n != 0 {
		t.Errorf("%d frames were swapped in twice", n)
	}

	// The session ends: the page must not go on to look alive.
	w.exec(`delete from sessions where user_id = (select id from users where name = 'Ann')`)
	p.await("the sign-in", `location.pathname === '/login' && new URLSearchParams(location.search).get('next') === '/dispatch/north'`)
	p.sound()
}

// TestSignedOutWhileAway cuts a page off and ends its session meanwhile: its
// next attempt is answered 401, and the page asks to sign in.
func TestSignedOutWhileAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	p := w.desk(t, box.base, "Ann").open("/dispatch/north").live()
	box.answer.Store(http.StatusServiceUnavailable)
	box.cut(true)
	w.exec(`delete from sessions`)
	box.answer.Store(0)
	p.await("the sign-in", `dispatchEvent(new Event('online')), location.pathname === '/login'`)
	p.sound()
}

// TestLiveUpdateLeavesTheReaderAlone lets jobs change under the hands of a
// dispatcher: what is typed stays, focus stays, the filter stays.
func TestLiveUpdateLeavesTheReaderAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	ada := w.staff(app.base, "Ada")
	open, other := w.job("north", "Tile the hall"), w.job("north", "Tile the porch")
	p := w.desk(t, app.base, "Ann").open("/dispatch/north").live()

	t.Run("OpenForm", func(t *testing.T) {
		p.click(cardsOf(open.id) + " .button-small")
		p.await("the form", `document.getElementById('assign-override_reason') !== null`)
		version := get[string](p, `document.querySelector('#assign [name=version]').value`)
		p.do(chromedp.SendKeys(chromedp.CSS("#assign-override_reason"), "because I say so"))
		p.sameAs("no banner yet", `String(document.querySelector('#assign [data-changed]').hidden)`, "true")
		ada.assign(open, "Lee", "09:00")
		p.awaitCard(open, "lane-north-"+w.people["Lee"]+"-"+w.today)
		p.sameAs("the banner", `String(document.querySelector('#assign [data-changed]').hidden)`, "false")
		p.await("who changed it", `document.querySelector('#assign [data-changed-what]').textContent.startsWith('Ada just now: Assigned to Lee Park, ')`)
		p.sameAs("what was typed", `document.getElementById('assign-override_reason').value`, "because I say so")
		p.sameAs("the focus", `document.activeElement.id`, "assign-override_reason")
		p.sameAs("the version", `document.querySelector('#assign [name=version]').value`, version)
		// Sent all the same, it changes nothing and says who was faster.
		p.fill(w, "Rosa", "10:00")
		p.await("who was faster", `document.querySelector('#workbench [role=alert]') !== null`)
		said := get[string](p, `document.querySelector('#workbench [role=alert]').textContent`)
		if !strings.Contains(said, open.number+" was just given to Lee Park") {
			t.Errorf("the refusal reads %q", said)
		}
		p.click("#workbench [data-close]")
	})
	t.Run("Focus", func(t *testing.T) {
		get[bool](p, `(document.querySelector('`+cardsOf(other.id)+` .card-link').focus(), true)`)
		ada.move(open, "11:00")
		p.await("the move", "document.querySelector('"+cardsOf(open.id)+"').textContent.includes('11:00')")
		p.sameAs("focus, another card changed", `document.activeElement.closest('[data-job]')?.dataset.job ?? ''`, other.id)
		// Its own card is replaced: the focus goes into the new one.
		ada.assign(other, "Rosa", "13:00")
		p.awaitCard(other, "lane-north-"+w.people["Rosa"]+"-"+w.today)
		p.sameAs("focus, its own card moved", `document.activeElement.closest('[data-job]')?.dataset.job ?? ''`, other.id)
	})
	t.Run("OpenPanel", func(t *testing.T) {
		p.click(cardsOf(other.id) + " .card-link, " + cardsOf(other.id) + " .lane-link")
		p.await("the panel", `document.querySelector('#workbench [data-panel-job="`+other.id+`"]') !== null`)
		before := get[string](p, `document.querySelector('#workbench .held').textContent`)
		held := get[string](p, `(document.querySelector('#workbench .held-actions a').focus(), document.activeElement.textContent)`)
		ada.move(other, "15:00")
		p.await("who moved it", `document.querySelector('#workbench [data-changed]:not([hidden]) [data-changed-what]')?.textContent.startsWith('Ada just now: Moved for Rosa Díaz')`)
		p.sameAs("what it showed", `document.querySelector('#workbench .held').textContent`, before)
		p.sameAs("the focus", `document.activeElement.textContent`, held)
		p.press("#workbench [data-changed] a", "the job as it is now", `document.querySelector('#workbench .held').textContent.includes('15:00')`)
		p.sameAs("no banner", `String(document.querySelector('#workbench [data-changed]').hidden)`, "true")
		p.click("#workbench [data-close]")
	})
	t.Run("Announced", func(t *testing.T) {
		get[bool](p, `(probe.said = [], new MutationObserver(() => probe.said.push([performance.now(), document.getElementById('announce').textContent]))
			.observe(document.getElementById('announce'), {childList: true, characterData: true, subtree: true}), true)`)
		ada.move(other, "13:00")
		p.await("the first is said", `probe.said.length === 1`)
		for _, clock := range []string{"14:00", "15:00", "13:00"} {
			ada.move(other, clock)
		}
		p.await("the others are said at once", `probe.said.length === 2`)
		p.sameAs("what is said", `probe.said.at(-1)[1]`, "3 changes in North")
		if apart := get[float64](p, `probe.said[1][0] - probe.said[0][0]`); apart < 4900 {
			t.Errorf("it speaks every %.0f ms", apart)
		}
	})
	t.Run("Filter", func(t *testing.T) {
		p.do(chromedp.SendKeys(chromedp.CSS("#filter-q"), "porch"))
		ada.unassign(other)
		ada.unassign(open)
		p.awaitCard(other, "open-north")
		p.awaitCard(open, "open-north")
		p.await("the filter holds", `document.getElementById('count-shown').textContent === '1 of 2'`)
		p.sameAs("the job that matches", `String(document.querySelector('`+cardsOf(other.id)+`').hidden)`, "false")
		p.sameAs("the job that doesn't", `String(document.querySelector('`+cardsOf(open.id)+`').hidden)`, "true")
		p.sameAs("the filter itself", `document.getElementById('filter-q').value`, "porch")
	})
	p.sound()
}
