package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// holding is the assignment of who has a job.
func (w *world) holding(j job) string {
	w.t.Helper()
	return strings.TrimPrefix(w.held(j), "/assignments/")
}

// rung is how far what is new of a job got to the phone of who has it.
func (w *world) rung(j job) int {
	return ask[int](w, `select coalesce(max(v.rung), 0) from assignments a join awareness v on v.assignment_id = a.id and v.news = a.news
	  where a.job_id = $1 and a.active`, j.id)
}

func (w *world) awaitRung(what string, j job, rung int) {
	w.t.Helper()
	eventually(w.t, what, func() bool { return w.rung(j) >= rung })
}

func (w *world) wantRung(what string, j job, rung int) {
	w.t.Helper()
	if got := w.rung(j); got != rung {
		w.t.Errorf("%s: rung %d, not %d", what, got, rung)
	}
}

// veil makes a page think that it is hidden, or that it is shown, and tells it.
const veil = `((hidden) => {
	Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
	Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => hidden ? 'hidden' : 'visible'});
	document.dispatchEvent(new Event('visibilitychange'));
	return true;
})`

func (p *tab) hide(hidden bool) {
	p.t.Helper()
	get[bool](p, fmt.Sprintf("%s(%v)", veil, hidden))
}

// flush lets milliseconds go by and then waits until the page has nothing left to
// tell.
func (p *tab) flush(after int) {
	p.t.Helper()
	get[bool](p, fmt.Sprintf(`new Promise((done) => {
		const look = () => Object.keys(JSON.parse(localStorage.getItem('receipts')).waiting).length === 0 ? done(true) : setTimeout(look, 20);
		setTimeout(look, %d);
	})`, after))
}

// TestAwareness climbs the ladder by a phone, and shows of each rung what is not
// enough for it. The board shows the rung live, as a fresh one does. A change
// stays until she says OK on one of her devices.
func TestAwareness(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	ada := w.staff(app.base, "Ada")
	jobs := w.jobs("north", 3)
	first, second, third := jobs[0], jobs[1], jobs[2]
	board := w.desk(t, app.base, "Ann").open("/dispatch/north").live()
	mark := func(j job) string { return `document.querySelector('` + cardsOf(j.id) + ` .aware')` }
	says := func(j job, rung int, words string) {
		t.Helper()
		board.await("the board says "+words, fmt.Sprintf(`%[1]s.dataset.rung === '%[2]d' && %[1]s.textContent.trim() === '%[3]s'`, mark(j), rung, words))
	}

	// Nobody is connected: it is logged, and no more.
	ada.assign(first, "Rosa", "07:00")
	says(first, 0, "Not sent yet")
	// A reader of her stream that is no page takes it: sent, and no more.
	w.phone(app.base, "Rosa").listen("/streams/contractor/" + w.people["Rosa"])
	says(first, 1, "Sent")
	w.wantRung("sent to a reader of the stream", first, 1)
	phone := w.mobile(t, app.base, "Rosa").live()
	w.awaitRung("in view for a second", first, 3)
	says(first, 3, "Seen")
	w.wantRung("seen is not acknowledged", first, 3)
	if n := get[int](board, `document.querySelectorAll('[data-fresh]').length`); n != 0 {
		t.Errorf("%d cards are marked as changed because somebody saw them", n)
	}

	// A page that is loaded hidden has it on its screen and does not see it, nor does
	// one that is shown for less than a second.
	hidden := call(phone, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: veil + "(true)"})
	phone.open("/account")
	ada.assign(second, "Rosa", "08:00")
	phone.open("/contractor")
	w.awaitRung("on screen of a hidden page", second, 2)
	call(phone, page.RemoveScriptToEvaluateOnNewDocument, page.RemoveScriptToEvaluateOnNewDocumentParams(hidden))
	phone.flush(1500)
	w.wantRung("a hidden page", second, 2)
	get[bool](phone, `new Promise((done) => { `+veil+`(false); setTimeout(() => done(`+veil+`(true)), 400); })`)
	phone.flush(1500)
	w.wantRung("less than a second", second, 2)
	phone.hide(false)
	w.awaitRung("shown", second, 3)
	says(second, 3, "Seen")
	fresh := w.desk(t, app.base, "Ann").open("/dispatch/north")
	board.sameAs("the mark on a live board", mark(second)+".outerHTML", get[string](fresh, mark(second)+".outerHTML"))

	// The change stays until OK, over a reload, and then goes from all devices.
	change := `document.getElementById('change-` + w.holding(first) + `')`
	other := w.mobile(t, app.base, "Rosa").live()
	other.await("the change on another device", change+` !== null`)
	phone.open("/contractor").live().await("the change after a reload", change+` !== null`)
	phone.press(`#change-`+w.holding(first)+` button`, "it goes", change+` === null`)
	other.await("it goes on the other device", change+` === null`)
	says(first, 4, "Acknowledged")
	lee := w.phone(app.base, "Lee")
	if status, _, _ := lee.do(lee.request(http.MethodPost, w.held(second)+"/acknowledgement", url.Values{"news": {"1"}})); status != http.StatusNotFound {
		t.Errorf("an OK of somebody else is answered with %d", status)
	}

	// While nothing can be saved receipts wait, over a reload too.
	other.do(chromedp.Navigate("about:blank"))
	w.exec(`revoke insert, update on awareness from smartscheduler_app`)
	ada.assign(third, "Rosa", "09:00")
	phone.await("receipts wait", `localStorage.getItem('receipts').includes('`+w.holding(third)+`:1:seen":')`)
	phone.open("/contractor").live()
	w.wantRung("while nothing can be saved", third, 0)
	w.exec(`grant insert, update on awareness to smartscheduler_app`)
	w.awaitRung("told later", third, 3)
	for _, p := range []*tab{board, phone} {
		p.sound()
	}
}
