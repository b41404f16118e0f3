package main

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// later makes the clock of a page run ahead, and lets it look at once.
func (p *tab) later(by time.Duration) {
	p.t.Helper()
	get[bool](p, `(() => { const now = Date.now; Date.now = () => now() + `+str(by.Milliseconds())+`; alerts.draw(); return true; })()`)
}

// row opens the row of a job on a phone.
func (p *tab) row(j job) string {
	p.t.Helper()
	row := cardsOf(j.id) + " .phone-row"
	get[bool](p, `(() => { const row = document.querySelector(`+quote(row)+`); if (!row.open) row.querySelector('summary').click(); return true; })()`)
	return cardsOf(j.id)
}

// assignment is the id of who has a job.
func (w *world) assignment(j job) string { return strings.TrimPrefix(w.held(j), "/assignments/") }

// TestS8DeclineAndSilence offers three jobs to Rosa. She declines the first: it is
// open again with the reason, and whoever looks for somebody else finds her last.
// She is silent about the second: the board turns amber, then red, the offer ends,
// her phone says so, and her late answer is refused. The third she accepts in one
// tab, and the other follows.
func TestS8DeclineAndSilence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ahead atomic.Int64
	w.ahead = func() time.Duration { return time.Duration(ahead.Load()) }
	base := startProgramAt(t, w)
	far, silent, taken := w.job("north", "Too far"), w.job("north", "Silence"), w.job("north", "Taken")
	ada := w.staff(base, "Ada")
	ada.assign(far, "Rosa", "09:00")
	ada.assign(silent, "Rosa", "11:00")
	ada.assign(taken, "Rosa", "13:00")
	ann := w.desk(t, base, "Ann").open("/dispatch/north").live()
	rosa := w.mobile(t, base, "Rosa").live()
	other := rosa.another().open("/contractor").live()
	lane := "lane-north-" + w.people["Rosa"] + "-" + w.today

	row := rosa.row(far)
	rosa.press(row+" .phone-why summary", "the reasons", `document.querySelector('`+row+` .phone-why').open`)
	rosa.click(row + " input[value='too_far']")
	rosa.click(row + " .phone-why form button")
	rosa.awaitNoCard(far)
	ann.awaitCard(far, "open-north")
	ann.await("the reason", `document.querySelector('`+cardsOf(far.id)+` .card-lost').textContent === 'Declined by Rosa Díaz: too far'`)
	ann.await("it is to be seen to", `document.querySelector('#alerts').textContent.includes('`+far.number+` · Declined by Rosa Díaz: too far')`)
	ann.press("#open-north "+cardsOf(far.id)+" .button-small", "the form", "document.getElementById('assign') !== null")
	ann.await("Rosa comes last", `(() => { const all = [...document.querySelectorAll('.candidate')]; return all.length > 1 && all.at(-1).textContent.includes('declined this job: too far'); })()`)

	card := `document.querySelector('#` + lane + ` ` + cardsOf(silent.id) + `')`
	ann.await("the offer", card+` !== null && !`+card+`.dataset.alert`)
	ann.later(16 * time.Minute)
	ann.await("amber", card+`.dataset.alert === 'amber' && document.querySelector('#alerts').textContent.includes('Rosa Díaz · No answer yet')`)
	ann.later(15 * time.Minute)
	ann.await("red", card+`.dataset.alert === 'red' && `+card+`.querySelector('a').textContent.includes('No answer by')`)
	late := get[string](rosa, `(() => { const form = document.querySelector('#accept-' + `+quote(w.assignment(silent))+`); return new URLSearchParams(new FormData(form)).toString(); })()`)
	w.exec(`update assignments set answer_by = answer_by + interval '1 day' where id = $1`, w.assignment(taken))
	address := w.held(silent)
	ahead.Store(int64(31 * time.Minute))
	ann.awaitCard(silent, "open-north")
	ann.await("the silence", `document.querySelector('`+cardsOf(silent.id)+` .card-lost').textContent.startsWith('No answer from Rosa Díaz by ')`)
	rosa.await("the phone says so", `document.getElementById('withdrawn-`+silent.id+`').textContent.includes('the time to answer is over')`)
	refused := get[string](rosa, `fetch(`+quote(address+"/answer")+`, {method: 'POST', body: new URLSearchParams(`+quote(late)+`)}).then(async (r) => r.status + ' ' + await r.text())`)
	if !strings.HasPrefix(refused, "409 ") || !strings.Contains(refused, "The offer of "+silent.number+" ended ") {
		t.Errorf("the late answer gets %.500s", refused)
	}

	row = other.row(taken)
	other.row(taken)
	rosa.row(taken)
	rosa.press("#accept-"+w.assignment(taken)+" button", "it is accepted", `document.querySelector('`+row+`').textContent.includes('On my way')`)
	other.await("the other tab follows", `document.getElementById('accept-`+w.assignment(taken)+`') === null && document.querySelector('`+row+`').textContent.includes('On my way')`)
	if got := ask[string](w, `select status from assignments where id = $1`, w.assignment(taken)); got != "accepted" {
		t.Errorf("it is %s", got)
	}
}
