package main

import (
	"net/http"
	"strings"
	"testing"
)

// theCopy is a script for the text of the page that the phone keeps, "" for none.
const theCopy = `(caches.match('/contractor', { cacheName: 'phone-page' }).then((copy) => copy ? copy.text() : ''))`

// keeps waits until the phone keeps a page that has a job.
func (p *tab) keeps(j job) {
	p.t.Helper()
	eventually(p.t, "the phone keeps "+j.number, func() bool { return strings.Contains(get[string](p, theCopy), `data-job="`+j.id+`"`) })
}

// reload loads the page again, also where there is no network.
func (p *tab) reload() {
	p.t.Helper()
	get[bool](p, `(window.old = true, location.reload(), true)`)
	p.await("another page", `window.old === undefined && document.readyState === 'complete'`)
}

// TestP13PhoneIsReadableWithoutANetwork shows that the contractor's page opens
// without a network as it was when the network went, that it says so and never
// looks live, that nobody else's answer takes its place, that it goes on by
// itself, and that a sign-out leaves nothing of it on the phone.
func TestP13PhoneIsReadableWithoutANetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	ada := w.staff(app.base, "Ada")
	list := w.jobs("north", 3)
	ada.assign(list[0], "Rosa", "09:00")
	p := w.mobile(t, box.base, "Rosa").live()
	p.keeps(list[0])
	ada.assign(list[1], "Rosa", "11:00")
	p.passed(w.fence().first)
	p.keeps(list[1])

	aged := func(how string) {
		t.Helper()
		p.reload()
		p.await("it is there, "+how, `document.querySelectorAll('.card-phone').length === 2`)
		p.await("it says of when it is", `/^As of (.+, )?\d\d:\d\d$/.test(document.getElementById('state-text').textContent)`)
	}
	box.refuse()
	box.cut(true)
	aged("without a network")
	ada.assign(list[2], "Rosa", "13:00")
	box.listen()
	for _, status := range []int64{http.StatusOK, http.StatusBadGateway} {
		box.answer.Store(status)
		aged(http.StatusText(int(status)) + " of somebody else")
	}
	box.instead.Store("/contractor", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/portal", http.StatusFound)
	}))
	box.instead.Store("/portal", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<!DOCTYPE html><title>Free Wi-Fi</title><p>Accept our terms"))
	}))
	box.instead.Store("/streams/contractor/"+w.people["Rosa"], http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
	}))
	box.answer.Store(0)
	aged("with the sign-in of a network before it")
	box.instead.Clear()
	get[bool](p, `(dispatchEvent(new Event('online')), true)`)
	p.live().passed(w.fence().first)
	p.keeps(list[2])
	p.await("all are there", `document.querySelectorAll('.card-phone').length === 3`)
	p.reload()
	p.live()

	p.click(".who button")
	p.await("it is signed out", `location.pathname === '/login'`)
	if copied := get[string](p, theCopy); copied != "" {
		t.Error("the page is still on the phone after the sign-out")
	}
	box.refuse()
	box.cut(true)
	get[bool](p, `(location.href = '/contractor', true)`)
	p.await("there is nothing", `document.querySelector('.card-phone') === null && location.protocol === 'chrome-error:'`)
}

// TestP13WorkerIsReplacedAndRetired shows that a phone takes the worker of a new
// build without a reload of its own, and drops it when the server has none.
func TestP13WorkerIsReplacedAndRetired(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	j := w.job("north", "Tile the hall")
	w.staff(app.base, "Ada").assign(j, "Rosa", "09:00")
	p := w.mobile(t, box.base, "Rosa").live()
	p.keeps(j)

	source := w.client(app.base).get("/sw.js")
	box.instead.Store("/sw.js", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write([]byte("addEventListener('message', (e) => e.ports[0]?.postMessage('next'));\n" + source))
	}))
	p.reload()
	const which = `(new Promise((done) => {
		const channel = new MessageChannel();
		channel.port1.onmessage = (e) => done(e.data);
		navigator.serviceWorker.controller.postMessage('who', [channel.port2]);
		setTimeout(() => done('old'), 200);
	}))`
	eventually(t, "the next worker serves the page", func() bool { return get[string](p, which) == "next" })
	if get[int](p, `performance.getEntriesByType('navigation').length`) != 1 || !get[bool](p, `window.old === undefined`) {
		t.Error("the page was reloaded for it")
	}
	p.live()
	p.keeps(j)

	box.instead.Store("/sw.js", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }))
	p.reload()
	eventually(t, "no worker is left", func() bool {
		return get[bool](p, `(navigator.serviceWorker.getRegistration('/contractor').then((r) => r === undefined))`) &&
			get[int](p, `(caches.keys().then((names) => names.length))`) == 0
	})
	p.reload()
	p.live().sound()
}
