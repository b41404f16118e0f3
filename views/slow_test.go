package views_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/a-h/templ"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestLiveSlowPanel: while the server takes its time, the card that was clicked
// and the workbench say so.
func TestLiveSlowPanel(t *testing.T) {
	t.Parallel()
	d := newDesk(t, liveBoard())
	ctx := newBrowser(t)
	d.open(ctx)
	gate := make(chan string)
	t.Cleanup(func() { close(gate) })
	d.jobsAnswer(http.StatusOK, templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, <-gate)
		return err
	}))
	ask := func(n int) {
		do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('#card-`+jobID(n)+` .card-link').click(); 0`))
		await(t, ctx, `getComputedStyle(document.getElementById('card-`+jobID(n)+`'), '::after').opacity === '1' && document.getElementById('workbench').ariaBusy === 'true'`)
	}
	ask(1)
	gate <- `<p id="first">J-1001</p>`
	await(t, ctx, `document.getElementById('first') !== null && document.getElementById('workbench').ariaBusy === null`)
	if got := evaluate[string](t, ctx, `getComputedStyle(document.getElementById('card-`+jobID(1)+`'), '::after').content`); got != "none" {
		t.Errorf("the card is still busy: %s", got)
	}

	// Another one is asked for while the first is still on its way.
	ask(2)
	ask(3)
	if got := evaluate[string](t, ctx, `getComputedStyle(document.getElementById('workbench'), '::before').opacity`); got != "1" {
		t.Errorf("what stands in the workbench does not look busy: opacity %s", got)
	}
	gate <- `<p id="second">one of them</p>`
	gate <- `<p id="second">one of them</p>`
	await(t, ctx, `document.getElementById('second') !== null && document.getElementById('workbench').ariaBusy === null`)
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
