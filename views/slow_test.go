package views_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/a-h/templ"
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
