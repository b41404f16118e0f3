package views_test

import (
	"testing"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"smartscheduler/views"
)

// openForm opens a board with a form in its workbench.
func openForm(t *testing.T, form templ.Component) (times func(id string) string, keys func(field string, keys ...string), click func(selector string)) {
	t.Helper()
	d := newDesk(t, boardWith(boardPage(), cannedBoard(), form))
	ctx := newBrowser(t)
	d.open(ctx)
	times = func(id string) string {
		return evaluate[string](t, ctx, `['start', 'end', 'start_offset', 'end_offset'].map(n => document.forms.`+id+`.elements[n]?.value).filter(Boolean).join(' ')`)
	}
	keys = func(field string, keys ...string) {
		do(t, ctx, chromedp.Focus(chromedp.CSS(field)))
		for _, k := range keys {
			do(t, ctx, chromedp.KeyEvent(k))
		}
	}
	click = func(selector string) { do(t, ctx, chromedp.Click(chromedp.CSS(selector))) }
	return times, keys, click
}

// TestEndFollowsStart: who moves a job by keyboard types one time. The hour is
// the fourth part of the field.
func TestEndFollowsStart(t *testing.T) {
	t.Parallel()
	times, keys, _ := openForm(t, views.MoveFormPanel(cannedMove()))
	keys("#move-start", kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, kb.ArrowUp)
	if got := times("move"); got != "2027-03-09T11:00 2027-03-09T13:30" {
		t.Errorf("after a later start the times are %s", got)
	}
	keys("#move-start", kb.ArrowDown, kb.ArrowDown)
	if got := times("move"); got != "2027-03-09T09:00 2027-03-09T11:30" {
		t.Errorf("after an earlier start the times are %s", got)
	}
	// An end that was typed is meant.
	keys("#move-end", kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, kb.ArrowUp)
	keys("#move-start", kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, kb.ArrowUp)
	if got := times("move"); got != "2027-03-09T10:00 2027-03-09T12:30" {
		t.Errorf("after a typed end the times are %s", got)
	}
}

// TestReassignKeepsTimes: choosing somebody who is free at the booked time
// changes nothing about it.
func TestReassignKeepsTimes(t *testing.T) {
	t.Parallel()
	f := cannedAssign()
	f.AssignmentID, f.ContractorID, f.End, f.EndOffset = jobID(90), "", "2027-03-09T12:30", "-05:00"
	times, keys, click := openForm(t, views.AssignmentFormPanel(f))
	const booked = "2027-03-09T10:00 2027-03-09T12:30"
	click("#candidate-" + contractorID(0))
	if got := times("assign"); got != booked+" -05:00" {
		t.Errorf("the times were changed to %s", got)
	}
	click("#candidate-" + contractorID(1))
	if got := times("assign"); got != "2027-03-09T11:00 2027-03-09T13:30" {
		t.Errorf("who is not free then has the times %s", got)
	}
	click("#candidate-" + contractorID(0))
	if got := times("assign"); got != booked {
		t.Errorf("back at the booked time they are %s", got)
	}
	keys("#assign-start", kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, kb.ArrowUp)
	if got := times("assign"); got != "2027-03-09T11:00 2027-03-09T13:30" {
		t.Errorf("after a later start the times are %s", got)
	}
}
