package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
)

// offline takes the page's network away or gives it back, as a phone in a tunnel
// knows it: navigator.onLine and its events say so too.
func (p *tab) offline(off bool) {
	p.t.Helper()
	call(p, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}},
	})
	call(p, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1})
}

// step is a tap of a contractor without a browser.
func (c *client) step(j job, act string) {
	c.t.Helper()
	id := c.w.held(j)
	path := id + "/status"
	if act == "accept" {
		path = id + "/answer"
	}
	c.post(http.StatusSeeOther, path, url.Values{
		"act": {act}, "idempotency_key": {act + id}, "version": {ask[string](c.w, `select version::text from assignments where '/assignments/' || id = $1`, id)},
	})
}

// tap presses a button of a card, by its word; the row is opened for it.
func (p *tab) tap(card, word string) {
	p.t.Helper()
	p.await(word+" can be tapped", `(() => {
		const card = document.querySelector(`+quote(card)+`);
		card.querySelector('details').open = true;
		return [...card.querySelectorAll('form[data-tap] button')].some((b) => b.textContent.trim() === `+quote(word)+` && b.checkVisibility());
	})()`)
	get[bool](p, `(() => {
		const button = [...document.querySelectorAll(`+quote(card+" form[data-tap] button")+`)].find((b) => b.textContent.trim() === `+quote(word)+`);
		const began = performance.now();
		const seen = new MutationObserver(() => {
			if (!document.querySelector(`+quote(card)+`)?.querySelector('.tap-line')) return;
			seen.disconnect();
			(window.answered ??= []).push(performance.now() - began);
		});
		seen.observe(document.body, { subtree: true, childList: true });
		button.click();
		return true;
	})()`)
	p.await("the tap is answered", `document.querySelector(`+quote(card)+`).querySelector('.tap-line') !== null`)
}

const tapsKept = `(tapStore.all().then((list) => list.filter((tap) => tap.state !== 'refused').length))`

// TestS2PhoneLosesItsSignal is the seven minutes in a tunnel: the list stays
// readable, taps wait through reloads, airplane mode and the death of the server,
// and are sent once each when the network is back; what came too late is said
// until it has been read, and stands in the story of the job.
func TestS2PhoneLosesItsSignal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startChild(t, w.dsn)
	box := newMiddlebox(t, app.base)
	ada, rosa := w.staff(app.base, "Ada"), w.phone(app.base, "Rosa")
	list := w.jobs("north", 4)
	for i, clock := range []string{"07:00", "09:00", "11:00"} {
		ada.assign(list[i], "Rosa", clock)
	}
	rosa.step(list[0], "accept")
	rosa.step(list[0], "start")
	done, taken := cardsOf(list[0].id), cardsOf(list[2].id)
	p := w.mobile(t, box.base, "Rosa").live()
	p.keeps(list[2])

	// Into the tunnel.
	box.refuse()
	box.cut(true)
	p.offline(true)
	p.await("it says so", `/^Offline since \d\d:\d\d$/.test(document.querySelector('.taps .banner').textContent)`)
	start := w.head()
	ada.move(list[1], "13:00")
	ada.unassign(list[2])
	ada.assign(list[3], "Rosa", "15:00")
	p.tap(done, "Done")
	p.tap(taken, "Accept")
	tapped := time.Now()
	for _, ms := range get[[]float64](p, `answered`) {
		if ms > 100 {
			t.Logf("a tap was answered after %.0f ms", ms) // the machine may be busy
		}
	}
	waits := func(when string) {
		t.Helper()
		p.await("two taps wait, "+when, `/^Offline since .*\d\d:\d\d – 2 taps waiting$/.test(document.querySelector('.taps .banner').textContent)`)
		p.await("the cards say so", `document.querySelectorAll('.tap-line').length === 2 && document.querySelector(`+quote(done)+`).querySelector('.tap-made .st-completed') !== null`)
	}
	waits("at first")
	for range 5 {
		p.reload()
		waits("after a reload")
		p.offline(false)
		p.offline(true)
	}
	app.kill()
	app = startChild(t, w.dsn)
	ada.base = app.base
	box.lead(app.base)
	if n := ask[int](w, `select count(*) from event_log where pos > $1 and event_type in ('JobCompleted', 'AssignmentAccepted')`, start); n != 0 {
		t.Fatalf("%d taps arrived without a network", n)
	}

	// Out of it.
	box.listen()
	p.offline(false)
	p.live()
	eventually(t, "nothing waits", func() bool { return get[int](p, tapsKept) == 0 })
	p.await("it is done", `document.querySelector(`+quote(done)+`)?.querySelector('.st-completed') != null`)
	p.await("what came too late is said", `/^Accept, J-\d+.*taken off your list at \d\d:\d\d.* by Ada/.test(document.querySelector('.taps .notice')?.textContent)`)
	p.await("the banner is gone", `document.querySelector('.taps .banner').hidden`)
	p.passed(w.fence().first)
	p.await("the list is right", `[...document.querySelectorAll('.card-phone')].slice(1).map((c) => c.dataset.job + c.querySelector('.phone-clock').textContent.slice(0, 5)).join(' ') === `+
		quote(list[1].id+"13:00 "+list[3].id+"15:00"))
	missed := ask[string](w, `select string_agg(pos::text, ' ' order by pos) from event_log where pos > $1 and $2 = any (published_to)`, start, "contractor/"+w.people["Rosa"])
	if got := get[string](p, `probe.frames.filter((pos) => pos > `+str(start)+`).join(' ')`); got != missed {
		t.Errorf("the page took the events %s, of %s", got, missed)
	}
	for event, want := range map[string]int{"JobCompleted": 1, "AssignmentAccepted": 0, "TapRefused": 1} {
		if n := ask[int](w, `select count(*) from event_log where pos > $1 and event_type = $2`, start, event); n != want {
			t.Errorf("%d %s, want %d", n, event, want)
		}
	}
	at := ask[time.Time](w, `select (payload->>'clientAt')::timestamptz from event_log where pos > $1 and event_type = 'JobCompleted'`, start)
	if d := tapped.Sub(at); d < 0 || d > time.Minute {
		t.Errorf("it was done at %s, tapped before %s", at, tapped)
	}
	if story := words(ada.get("/jobs/" + list[2].id)); !strings.Contains(story, "tapped too late to accept: the booking was unassigned by then") {
		t.Errorf("the story of the job is %s", story)
	}
	p.reload()
	p.live()
	p.click(".taps .notice button")
	p.reload()
	p.live()
	if get[int](p, `document.querySelectorAll('.taps .notice').length`) != 0 || get[int](p, tapsKept) != 0 {
		t.Error("what was read is said again")
	}
	p.sound()
}

// TestTapsAreUndoneAndKeptForTheirOwner shows that a tap on the phone can be undone
// before it is sent, that nobody else's sign-in sends it, and that one follows
// another where there is no network.
func TestTapsAreUndoneAndKeptForTheirOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	j := w.job("north", "Tile the hall")
	w.staff(app.base, "Ada").assign(j, "Rosa", "09:00")
	p := w.mobile(t, box.base, "Rosa").live()
	card := cardsOf(j.id)
	p.tap(card, "Accept")
	p.click("[data-undo]")
	p.await("it is as before", `document.querySelector('.tap-line') === null && document.querySelector(`+quote(card)+`).querySelector('form[data-tap]').checkVisibility()`)
	if n := get[int](p, tapsKept); n != 0 {
		t.Errorf("%d taps are kept", n)
	}

	box.instead.Store(w.held(j)+"/answer", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	p.tap(card, "Accept")
	p.click(".who button")
	p.await("it says what waits", `location.pathname === '/login' && document.querySelector('main .banner').textContent.startsWith('1 tap is kept on this phone')`)
	box.instead.Clear()
	p.open(w.link("Lee")).click("main button")
	p.await("Lee sees his list", `document.querySelector('.phone') !== null`)
	p.live()
	if n := get[int](p, `(tapStore.all().then(() => taps.waiting().length + taps.refused().length))`); n != 0 {
		t.Errorf("Lee has %d taps of Rosa's", n)
	}
	// A page of hers that is still open would send it in his name.
	status := get[int](p, `(fetch(`+quote(w.held(j)+"/answer")+`, { method: 'POST', body: new URLSearchParams({ act: 'accept' }), headers: { 'X-Contractor': `+quote(w.people["Rosa"])+`, 'HX-Request-Type': 'partial' } }).then((a) => a.status))`)
	if status != http.StatusUnauthorized {
		t.Errorf("her tap in his name is %d", status)
	}
	p.open(w.link("Rosa")).click("main button")
	p.await("it is accepted", `document.querySelector(`+quote(card)+`)?.querySelector('.st-tag:not(.tap-made) > .st-accepted') != null`)
	if n := ask[int](w, `select count(*) from event_log where event_type = 'AssignmentAccepted'`); n != 1 {
		t.Errorf("it was accepted %d times", n)
	}
	p.goesOn(w, j)
	p.sound()
}

// goesOn takes several steps of a job without a network, and undoes the last. A
// finger that bounces takes one of them.
func (p *tab) goesOn(w *world, j job) {
	p.t.Helper()
	card := cardsOf(j.id)
	taken := func(word string, lines int) string {
		return fmt.Sprintf(`(() => {
			const card = document.querySelector(%s);
			card.querySelector('details').open = true;
			if (card.querySelectorAll('.tap-line').length >= %d) return true;
			[...card.querySelectorAll('form[data-tap] button')].find((b) => b.textContent.trim() === %s && b.checkVisibility())?.click();
			return false;
		})()`, quote(card), lines, quote(word))
	}
	p.await("nothing waits", `document.querySelector('.tap-line') === null`)
	p.offline(true)
	get[bool](p, `((clock) => { const now = clock(); Date.now = () => now; window.unfreeze = () => { Date.now = clock; return true; }; return true; })(Date.now)`)
	p.await("on my way", taken("On my way", 1))
	p.await("the next step is there", `[...document.querySelectorAll('.tap-step button')].some((b) => b.textContent.trim() === 'I am here' && b.checkVisibility())`)
	if get[int](p, `(async () => { `+taken("I am here", 2)+`; await tapStore.all(); return (await tapStore.all()).length; })()`) != 1 {
		p.t.Error("a finger that bounces takes two steps")
	}
	get[bool](p, `unfreeze()`)
	p.await("I am here", taken("I am here", 2))
	p.await("start work", taken("Start work", 3))
	p.check("taps that wait", axe(p.t), 320)
	p.click("[data-undo]")
	p.await("the last one is undone", `document.querySelectorAll('.tap-line').length === 2 && document.querySelectorAll('[data-undo]').length === 1`)
	opened := get[int](p, `probe.opened`)
	p.offline(false)
	p.await("it trusts no connection from before", fmt.Sprintf(`probe.opened > %d`, opened))
	p.live().hide(true) // who looks away comes to undo nothing
	eventually(p.t, "nothing waits", func() bool { return get[int](p, tapsKept) == 0 })
	p.hide(false)
	p.await("the server has it", `document.querySelector(`+quote(card)+`)?.querySelector('.st-tag:not(.tap-made) > .st-on_site') != null`)
	got := ask[string](w, `select string_agg(event_type, ' ' order by pos) from event_log where job_id = $1 and payload ? 'clientAt' and event_type <> 'AssignmentAccepted'`, j.id)
	if got != "TravelStarted ArrivedOnSite" {
		p.t.Errorf("the server got %q", got)
	}
}
