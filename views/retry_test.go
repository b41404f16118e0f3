package views_test

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"smartscheduler/views"
)

// TestLiveFailedSave: the server fails after the form was sent. What was typed
// and the key stay, so that sending it again is the same change.
func TestLiveFailedSave(t *testing.T) {
	t.Parallel()
	d := newDesk(t, boardWith(boardPage(), cannedBoard(), views.AssignmentFormPanel(cannedAssign())))
	ctx := newBrowser(t)
	d.open(ctx)
	do(t, ctx, chromedp.SendKeys(chromedp.CSS("#assign-override_reason"), "she knows the house"))
	for _, code := range []int{http.StatusServiceUnavailable, http.StatusInternalServerError} {
		d.jobsAnswer(code, views.FailurePanel(views.FailureFor(code, "req-1")))
		do(t, ctx, chromedp.Click(chromedp.CSS("#assign .submit")))
		first := within(t, d.posts, "the form was not sent")
		await(t, ctx, `document.querySelector('#workbench > [data-unreached][role=alert]')?.textContent.includes('It may not have been saved. Send it again: the same change is never made twice.')`)
		if got := evaluate[string](t, ctx, `document.forms.assign.override_reason.value + '/' + document.forms.assign.idempotency_key.value + '/' + document.forms.assign.querySelector('.submit').disabled`); got != "she knows the house/"+first.Get("idempotency_key")+"/false" {
			t.Errorf("after %d the form holds %s", code, got)
		}
	}
	d.jobsAnswer(http.StatusOK, views.Confirmed(views.Confirmation{Message: "J-1001 is assigned", Panel: cannedPanel()}))
	do(t, ctx, chromedp.Click(chromedp.CSS("#assign .submit")))
	again := within(t, d.posts, "the form was not sent again")
	if again.Get("idempotency_key") != cannedContext().IdempotencyKey || again.Get("override_reason") != "she knows the house" {
		t.Errorf("sent again as %v", again)
	}
	await(t, ctx, `document.getElementById('workbench').textContent.includes('J-1001 is assigned') && document.querySelector('[data-unreached]') === null`)

	// A page that was asked for is not drawn over what stands there.
	d.jobsAnswer(http.StatusServiceUnavailable, views.FailurePanel(views.FailureFor(http.StatusServiceUnavailable, "req-1")))
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('#card-`+jobID(6)+` .card-link').click(); 0`))
	await(t, ctx, `document.querySelector('#workbench > [data-unreached]')?.textContent.includes('Try again in a moment')`)
	if !evaluate[bool](t, ctx, `document.getElementById('workbench').textContent.includes('J-1001 is assigned')`) {
		t.Error("the failure took away what stood in the workbench")
	}
}
