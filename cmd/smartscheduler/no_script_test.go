package main

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// reads waits until an expression is true, looking from outside: a page without
// script has no timers.
func (p *tab) reads(what, expression string) {
	p.t.Helper()
	eventually(p.t, what, func() bool {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		defer cancel()
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.readyState === 'complete' && ("+expression+")"))
		return err == nil && ok
	})
}

// TestWithoutScript does a dispatcher's work in a browser that runs no script:
// every step is a link or a plain form, and every change leads back to the
// board.
func TestWithoutScript(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	j, other := w.job("north", "Tile the hall"), w.job("north", "Tile the porch")
	p := newTab(t, app.base)
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	card := "document.querySelector('" + cardsOf(j.id) + "')?.parentElement.id === "

	p.open("/login")
	p.do(
		chromedp.SendKeys(chromedp.CSS("#login-email"), "ann@example.com"),
		chromedp.SendKeys(chromedp.CSS("#login-password"), password),
		chromedp.Click(chromedp.CSS("#login button")),
	)
	p.reads("Ann is at her board", `location.pathname === '/dispatch/north'`)
	p.reads("the page does not claim to be live", `document.getElementById('state-text').textContent.includes('reload')`)

	p.click(cardsOf(j.id) + " .button-small")
	p.reads("the form is a page", `location.pathname.endsWith('/assignments/new') && document.querySelector('#assign') !== null`)
	p.click("label[for='candidate-" + w.people["Rosa"] + "']")
	p.click("#assign .submit")
	p.reads("back at the board, in Rosa's lane", card+quote("lane-north-"+w.people["Rosa"]+"-"+w.today))

	act := func(label, form string) {
		p.click(cardsOf(j.id) + " a")
		p.reads("the job is a page", `location.pathname === '/jobs/`+j.id+`'`)
		p.click("#workbench .held-actions a[href*='" + label + "']")
		p.reads("the form is a page", `document.getElementById('`+form+`') !== null`)
	}
	act("/times", "move")
	p.do(chromedp.Evaluate[chromedp.Void](`document.getElementById('move-start').value = '` + w.today + `T15:00'; document.getElementById('move-end').value = ''`))
	p.click("#move .submit")
	p.reads("back at the board, moved", card+quote("lane-north-"+w.people["Rosa"]+"-"+w.today)+
		" && document.querySelector('"+cardsOf(j.id)+"').textContent.includes('15:00–16:00')")

	act("/removal", "removal")
	p.click("#removal .submit")
	p.reads("back at the board, open", card+quote("open-north"))

	p.do(chromedp.SendKeys(chromedp.CSS("#filter-q"), "porch"))
	p.click("#filter button")
	p.reads("the filter hides one", `new URLSearchParams(location.search).get('q') === 'porch' &&
		document.querySelector('`+cardsOf(j.id)+`').hidden && !document.querySelector('`+cardsOf(other.id)+`').hidden`)

	// What is refused says so on a page of its own, with what was typed.
	p.open("/jobs/" + j.id + "/assignments/new?board=north")
	p.reads("the form", `document.querySelector('#assign') !== null`)
	p.click("label[for='candidate-" + w.people["Lee"] + "']")
	p.do(chromedp.Evaluate[chromedp.Void](`document.getElementById('assign').noValidate = true; document.getElementById('assign-start').value = ''`))
	p.click("#assign .submit")
	p.reads("the error and the choice", `document.querySelector('#assign .error, #assign [role=alert], #assign [aria-invalid]') !== null &&
		document.getElementById('candidate-`+w.people["Lee"]+`').checked`)
	if n := ask[int](w, `select count(*) from event_log where job_id = $1 and event_type <> 'AwarenessChanged'`, j.id); n != 4 {
		t.Errorf("the job has %d events, not created, assigned, rescheduled and unassigned", n)
	}
}
