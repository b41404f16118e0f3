package views_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"smartscheduler/views"
)

func TestLivePhone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cannedPages()["contractor"])
	ctx := newBrowser(t)
	d.open(ctx)
	if got := evaluate[string](t, ctx, `document.querySelector('[data-next]').id`); got != "card-"+jobID(0) {
		t.Errorf("the next job is %s", got)
	}
	gone := cannedChange(0, 0, "removed")
	gone.News = 2
	d.send("1-11", "JobUnassigned", views.Contractor(views.ContractorFragment{JobID: jobID(0), Changes: []views.PhoneChange{gone}}))
	await(t, ctx, `document.getElementById('withdrawn-`+jobID(0)+`') !== null && document.getElementById('card-`+jobID(0)+`') === null`)
	if got := evaluate[string](t, ctx, `document.querySelector('[data-next]').id`); got == "card-"+jobID(0) {
		t.Error("the next job is one that was taken away")
	}
	// It stands in place of the change before it, and goes when it is known.
	if evaluate[bool](t, ctx, `document.getElementById('change-`+jobID(0)+`') !== null`) {
		t.Error("a job that was taken off is also said to have moved")
	}
	d.send("1-12", "AwarenessChanged", views.Contractor(views.ContractorFragment{JobID: jobID(0)}))
	await(t, ctx, `document.getElementById('withdrawn-`+jobID(0)+`') === null`)
	if out := evaluate[string](t, ctx, `document.getElementById('notices').textContent`); !strings.Contains(out, "J-1070") {
		t.Error("another change went with it")
	}

	// What is no change of a job is waved away on this phone: the server goes on
	// telling it at a reload and on the stream.
	fresh := cannedPhone()
	fresh.Days[0].Cards, fresh.Changes = fresh.Days[0].Cards[1:], fresh.Changes[:1]
	fresh.Moved = &views.HomeNotice{EventID: jobID(94), Home: "South", Sort: "1804600000 0"}
	page := cannedLivePage("My jobs", "contractor", "contractor", "/streams/contractor/"+contractorID(0)+"?after=1-12")
	d.show(views.ContractorHome(page, fresh))
	d.frames <- frame("1-13", "resync", `{"reason":"behind"}`)
	await(t, ctx, `document.getElementById('moved-home') !== null`)
	do(t, ctx, chromedp.Click(chromedp.CSS(`#moved-home [data-dismiss]`)))
	await(t, ctx, `document.getElementById('moved-home') === null`)
	d.open(ctx)
	later := cannedChange(71, 95, "cancelled")
	d.send("1-14", "JobCancelled", views.Contractor(views.ContractorFragment{JobID: jobID(71), Changes: []views.PhoneChange{later}}))
	await(t, ctx, `document.getElementById('withdrawn-`+jobID(71)+`') !== null`)
	if got := evaluate[string](t, ctx, `[...document.querySelectorAll('#notices > li')].map((n) => n.id).join(' ')`); got != "withdrawn-"+jobID(70)+" withdrawn-"+jobID(71) {
		t.Errorf("the changes are %s", got)
	}
}

// TestPhoneRowsOpen: the next job is open, and what the reader opened and closed
// stays so while cards come and go.
func TestPhoneRowsOpen(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cannedPages()["contractor"])
	ctx := newBrowser(t)
	do(t, ctx, look(320, 568, "light"))
	d.open(ctx)
	row := func(n int) string { return `#card-` + jobID(n) + ` details` }
	open := `[...document.querySelectorAll('.phone-row[open]')].map((row) => row.parentElement.id).join(' ')`
	await(t, ctx, `document.querySelector('[data-next]') !== null`)
	if got := evaluate[string](t, ctx, open); got != "card-"+jobID(0) {
		t.Errorf("open is %q", got)
	}
	// Its buttons are where a thumb is, however long its notes are.
	long := cannedPhoneCard(0)
	long.Notes = strings.Repeat("Mind the step. ", 60)
	d.send("1-11", "JobUpdated", views.Contractor(views.ContractorFragment{JobID: jobID(0), Places: []views.PhonePlace{{Dates: []string{"2027-03-09"}, Card: long}}}))
	await(t, ctx, `document.querySelector('[data-next]').textContent.includes('Mind the step')`)
	thumb := `(({ top, bottom }) => top > innerHeight / 2 && bottom <= innerHeight)(document.querySelector('[data-next] .phone-actions').getBoundingClientRect())`
	if !evaluate[bool](t, ctx, thumb) {
		t.Error("the buttons of the next job are not at hand")
	}
	do(t, ctx, chromedp.Click(chromedp.CSS(row(1)+" summary")), chromedp.Click(chromedp.CSS(row(0)+" summary")))
	d.send("1-12", "JobUpdated", views.Contractor(views.ContractorFragment{JobID: jobID(1), Places: []views.PhonePlace{{Dates: []string{"2027-03-09"}, Card: cannedPhoneCard(1)}}}))
	d.frames <- frame("1-13", "resync", `{"reason":"behind"}`)
	d.send("1-14", "JobUpdated", views.Contractor(views.ContractorFragment{JobID: jobID(0), Places: []views.PhonePlace{{Dates: []string{"2027-03-09"}, Card: long}}}))
	await(t, ctx, `document.querySelectorAll('#day-2027-03-09 > li').length === 3 && document.getElementById('card-`+jobID(0)+`').dataset.fresh === ''`)
	if got := evaluate[string](t, ctx, open); got != "card-"+jobID(1) {
		t.Errorf("open is %q", got)
	}
}

// TestPhoneWithoutScript: the first job is the big one.
func TestPhoneWithoutScript(t *testing.T) {
	t.Parallel()
	site := newSite(t, http.HandlerFunc(quietStream))
	ctx := newBrowser(t)
	do(t, ctx, look(360, 740, "light"), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}), chromedp.Navigate(site.URL+"/page/contractor"))
	big := `[...document.querySelectorAll('.card-phone')].filter((c) => getComputedStyle(c.querySelector('.phone-clock')).fontSize === '30px').map((c) => c.id).join(' ')`
	if got := evaluate[string](t, ctx, big); got != "card-"+jobID(0) {
		t.Errorf("big is %q", got)
	}
	if !evaluate[bool](t, ctx, `document.querySelector('#card-`+jobID(0)+` .phone-actions a').checkVisibility({contentVisibilityProperty: true})`) {
		t.Error("what can be done with it is hidden")
	}
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('.phone-list').replaceChildren(); 0`))
	if got := evaluate[string](t, ctx, big); got != "card-"+jobID(10) {
		t.Errorf("with nothing today big is %q", got)
	}
	do(t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
		return err
	}), chromedp.Navigate(site.URL+"/page/contractor"))
	await(t, ctx, `document.querySelector('[data-next]') !== null`)
	if got := evaluate[string](t, ctx, big); got != "card-"+jobID(0) {
		t.Errorf("with script big is %q", got)
	}
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-next]').dataset.end = '2020-01-01T00:00:00Z'; page.changed(); 0`))
	if got := evaluate[string](t, ctx, big); got != "card-"+jobID(1) {
		t.Errorf("when the first is past, big is %q", got)
	}
}
