package main

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
)

// live waits until the page says that its stream is live.
func (p *tab) live() *tab {
	p.t.Helper()
	p.await("the page is live", `document.getElementById('state').dataset.state === 'live'`)
	return p
}

// desk is a browser in which Ann, Bo or Ada has signed in.
func (w *world) desk(t testing.TB, base, name string) *tab {
	t.Helper()
	p := w.newTab(t, base)
	w.signInAt(p, name)
	return p
}

// newTab is an empty page in a new profile, with the clock of the world if that
// stands.
func (w *world) newTab(t testing.TB, base string) *tab {
	t.Helper()
	p := newTab(t, base)
	if w.still {
		p.at(w.now())
	}
	return p
}

// signInAt signs Ann, Bo or Ada in with a browser that is there.
func (w *world) signInAt(p *tab, name string) {
	p.t.Helper()
	p.open("/login").do(
		chromedp.SendKeys(chromedp.CSS("#login-email"), name+"@example.com"),
		chromedp.SendKeys(chromedp.CSS("#login-password"), password),
		chromedp.Click(chromedp.CSS("#login button")),
	)
	p.await(name+" is signed in", `document.querySelector('.who-name') !== null`)
}

// mobile is a phone on which a contractor's link was opened.
func (w *world) mobile(t testing.TB, base, name string) *tab {
	t.Helper()
	p := w.newTab(t, base)
	p.look(360, 740, "light")
	p.open(w.link(name))
	p.click("main button")
	p.await(name+" sees the list", `document.querySelector('.phone') !== null`)
	return p
}

// wallScreen is a display that was enrolled for a region.
func (w *world) wallScreen(t testing.TB, base, region string) *tab {
	t.Helper()
	return w.enrolled(w.newTab(t, base), region)
}

// enrolled makes a browser that is there the display of a region.
func (w *world) enrolled(p *tab, region string) *tab {
	p.t.Helper()
	p.look(1920, 1080, "light")
	p.open("/kiosk")
	p.do(
		chromedp.SendKeys(chromedp.CSS("#enrol-code"), w.code(region)),
		chromedp.Click(chromedp.CSS("#enrol button")),
	)
	p.await("the wall is there", `document.getElementById('wall-rows') !== null`)
	return p
}

// passed waits until the page has swapped in everything up to a position.
func (p *tab) passed(pos int64) {
	p.t.Helper()
	p.await("position "+str(pos)+" is on the screen", "probe.applied >= "+str(pos))
}

func str(pos int64) string { return strconv.FormatInt(pos, 10) }

// plain is a script that gives the content of a page without what the page's
// own script adds: marks of time and choice, counts, the state of the link.
const plain = `(root) => {
	const copy = root.cloneNode(true);
	const gone = ['data-when', 'data-next', 'data-fresh', 'data-selected', 'data-htmx-powered'];
	for (const el of [copy, ...copy.querySelectorAll('*')]) {
		for (const name of gone) el.removeAttribute(name);
		for (const name of [...el.classList]) if (name.startsWith('htmx-')) el.classList.remove(name);
		if (el.getAttribute('class') === '') el.removeAttribute('class');
	}
	for (const el of copy.querySelectorAll('.phone-row')) el.open = false;
	for (const el of copy.querySelectorAll('.lane-cards > li, .job-rows > li')) el.hidden = false; // twins of two regions
	for (const el of copy.querySelectorAll('[data-now], #count-found[hidden], #notices-more, #wall-page, #clock, .aware, [data-travels] > *')) el.remove();
	return copy.outerHTML.replace(/>\s+</g, '><');
}`

// content is what the page shows, see plain.
func (p *tab) content() string {
	p.t.Helper()
	return get[string](p, "("+plain+")(document.getElementById('content'))")
}

// cardsOf selects all cards of a job.
func cardsOf(id string) string { return `.card[data-job="` + id + `"]` }

// card is one job's card as the page has it, see plain; "" if there is none.
func (p *tab) card(j job) string {
	p.t.Helper()
	return get[string](p, "((card) => card ? ("+plain+")(card) : '')(document.querySelector('"+cardsOf(j.id)+"'))")
}

// awaitCard waits until a job's card stands in a list, and only there.
func (p *tab) awaitCard(j job, list string) {
	p.t.Helper()
	p.await(j.number+" stands in #"+list, "document.querySelectorAll('"+cardsOf(j.id)+"').length === 1 && "+
		"document.querySelector('"+cardsOf(j.id)+"').parentElement.id === "+quote(list))
}

// awaitNoCard waits until a job's card is gone.
func (p *tab) awaitNoCard(j job) {
	p.t.Helper()
	p.await(j.number+" is gone", "document.querySelector('"+cardsOf(j.id)+"') === null")
}
