package main

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// pick chooses a contractor of the form that is open, the arrows going along.
func (h *hands) pick(w *world, name string) {
	h.t.Helper()
	h.reach("the contractors", "#assign input[name=contractor_id]")
	h.press(" ")
	for range 9 {
		if get[string](h.tab, `document.querySelector('#assign input[name=contractor_id]:checked')?.value ?? ''`) == w.people[name] {
			return
		}
		h.press(kb.ArrowDown)
	}
	h.t.Fatalf("the arrows never come to %s", name)
}

// fresh is a new open job whose card has come.
func (h *hands) fresh(w *world, title string) job {
	h.t.Helper()
	j := w.job("north", title)
	h.await("its card", `document.querySelector('`+cardsOf(j.id)+`') !== null`)
	return j
}

// scenarioFlows are what dispatchers do when somebody else was quicker (S1), after
// a mis-click (S6), and when a contractor who is on his way breaks down and help
// comes from another region (S10), each with a job of its own.
func scenarioFlows(w *world, ada *client) []keyboardFlow {
	open := func(h *hands, j job) {
		h.enter("Assign", cardsOf(j.id)+" a[href*='/assignments/new']", "the form", formIsThere)
	}
	return []keyboardFlow{
		{name: "Choose again after a lost race", do: func(h *hands, _ job) {
			j, other := h.fresh(w, "Tile the loft"), w.job("north", "Tile the yard")
			open(h, j)
			h.pick(w, "Rosa")
			start := get[string](h.tab, `document.querySelector('#assign [name=start]').value`)
			ada.assign(other, "Rosa", start[len("2027-03-08T"):][:len("10:00")])
			h.press(kb.Enter)
			h.await("it says who was quicker", `document.querySelector('#workbench [role=alert]') !== null`)
			h.pick(w, "Lee")
			h.press(kb.Enter)
			h.await("it is done", saidDone)
		}},
		{name: "Take back a mis-click", do: func(h *hands, _ job) {
			j := h.fresh(w, "Tile the porch")
			open(h, j)
			h.pick(w, "Lee")
			h.press(kb.Enter)
			h.await("it is done", saidDone)
			h.enter("Undo", "#workbench form[action^='/undo/'] button", "it is open again", `document.querySelector('#open-north > `+cardsOf(j.id)+`') !== null`)
		}},
		{name: "Give to another region", do: func(h *hands, _ job) {
			j := h.fresh(w, "Tile the bath")
			ada.assign(j, "Lee", "17:00")
			w.exec(`update assignments set status = 'en_route', version = version + 1 where job_id = $1`, j.id)
			h.await("it is on his row", `document.querySelector('.lane-cards > `+cardsOf(j.id)+`') !== null`)
			h.panel(j)
			h.form("contractor")
			h.pick(w, "Maya")
			h.reach("the reason", "#assign-override_reason")
			h.write("Lee broke down")
			h.enter("the button", "#assign .submit", "it is done", saidDone)
		}},
	}
}

// readyAtOnce answers, for a form that comes into the workbench, whether htmx has
// it before anything else happens on the page.
const readyAtOnce = `new Promise((resolve) => {
	const channel = new MessageChannel();
	new MutationObserver((_, seen) => {
		const form = document.querySelector('#workbench form#assign');
		if (!form) return;
		seen.disconnect();
		channel.port1.onmessage = () => resolve(form.hasAttribute('data-htmx-powered'));
		channel.port2.postMessage('');
	}).observe(document.getElementById('workbench'), { childList: true, subtree: true });
	document.querySelector('#workbench a[href*="/assignments/new"]').click();
})`

// TestFormIsReadyAtOnce shows that a key that is pressed as soon as a form is there
// finds it ready: neither leaves it the page nor does it take the focus away later.
func TestFormIsReadyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	h := &hands{tab: w.desk(t, app.base, "Ann")}
	j := w.job("north", "Tile the hall")
	for range 3 {
		h.open("/dispatch/north").live()
		h.panel(j)
		if !get[bool](h.tab, readyAtOnce) {
			t.Error("the form is there and not yet htmx's")
		}
	}
	h.sound()
}
