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
	gone, again := cannedNotice(0, 92), cannedNotice(0, 93)
	d.send("1-11", "JobUnassigned", views.Contractor(views.ContractorFragment{JobID: jobID(0), Withdrawn: &gone}))
	await(t, ctx, `document.getElementById('withdrawn-`+jobID(0)+`') !== null && document.getElementById('card-`+jobID(0)+`') === null`)
	if got := evaluate[string](t, ctx, `document.querySelector('[data-next]').id`); got == "card-"+jobID(0) {
		t.Error("the next job is one that was taken away")
	}
	do(t, ctx, chromedp.Click(chromedp.CSS(`#withdrawn-`+jobID(0)+` [data-dismiss]`)))
	await(t, ctx, `document.getElementById('withdrawn-`+jobID(0)+`') === null`)
	if out := evaluate[string](t, ctx, `document.getElementById('notices').textContent`); !strings.Contains(out, "J-1070") {
		t.Error("another notice went with it")
	}

	// The server still tells of it, at a reload and on the stream; this phone
	// does not show it again.
	fresh := cannedPhone()
	fresh.Days[0].Cards = fresh.Days[0].Cards[1:]
	fresh.Notices = append(fresh.Notices, gone)
	page := cannedLivePage("My jobs", "contractor", "contractor", "/streams/contractor/"+contractorID(0)+"?after=1-10")
	d.show(views.ContractorHome(page, fresh))
	d.open(ctx)
	d.send("1-11", "JobUnassigned", views.Contractor(views.ContractorFragment{JobID: jobID(0), Withdrawn: &gone}))
	d.frames <- frame("1-12", "resync", `{"reason":"behind"}`)
	later := cannedNotice(71, 94)
	d.send("1-13", "JobUnassigned", views.Contractor(views.ContractorFragment{JobID: jobID(71), Withdrawn: &later}))
	await(t, ctx, `document.getElementById('withdrawn-`+jobID(71)+`') !== null`)
	if got := evaluate[string](t, ctx, `[...document.querySelectorAll('#notices > li')].map((n) => n.dataset.notice).join(' ')`); got != jobID(91)+" "+jobID(94) {
		t.Errorf("the notices are %s", got)
	}
	// Taken off once more, it is news.
	d.send("1-14", "JobUnassigned", views.Contractor(views.ContractorFragment{JobID: jobID(0), Withdrawn: &again}))
	await(t, ctx, `document.getElementById('withdrawn-`+jobID(0)+`') !== null`)
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
