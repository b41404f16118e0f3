package views_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"

	"smartscheduler/views"
)

// shortBoard is the board after a position, with only so many open jobs.
func shortBoard(position string, open int) templ.Component {
	at := boardPage()
	at.Live.URL = "/streams/dispatch/north?after=" + position
	board := cannedBoard()
	board.Regions[0].Open = board.Regions[0].Open[:open]
	return views.DispatchBoard(at, board)
}

// TestP05MessagesWaitForAReload shows that an event which comes while the page
// reads its content again is shown afterwards and not lost, and that a resync
// which comes meanwhile makes it read once more.
func TestP05MessagesWaitForAReload(t *testing.T) {
	t.Parallel()
	d := newDesk(t, liveBoard())
	ctx := newBrowser(t)
	d.open(ctx)

	// The page turns, not the stream: nothing makes the stream wait.
	d.show(shortBoard("1-20", 3))
	release := d.holdReadings()
	before := d.readings()
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`live.refresh(); 0`))
	d.awaitReadings(before + 1)
	d.send("1-21", "JobAssigned", assigned(1, "2027-03-09"))
	await(t, ctx, `document.getElementById('live')._htmx.sse.lastEventId === '1-21'`)
	close(release)
	await(t, ctx, `document.querySelector('.lane-cards > [data-job="`+jobID(1)+`"]') !== null && document.querySelectorAll('.open-list > li').length === 2`)

	// The reading that is under way is older than what the stream asks for.
	release = d.holdReadings()
	before = d.readings()
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`live.refresh(); 0`))
	d.awaitReadings(before + 1)
	d.frames <- frame("2-40", "resync", `{"reason":"epoch"}`)
	await(t, ctx, `document.getElementById('live')._htmx.sse.lastEventId === '2-40'`)
	d.show(shortBoard("2-41", 5))
	close(release)
	await(t, ctx, `document.querySelectorAll('.open-list > li').length === 5`)
}

// TestP05FailedReload shows that a page whose content cannot be put in place
// is loaded anew, and is right afterwards.
func TestP05FailedReload(t *testing.T) {
	t.Parallel()
	d := newDesk(t, liveBoard())
	ctx := newBrowser(t)
	d.open(ctx)
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`window.old = true; htmx.swap = () => Promise.reject(new Error('broken')); 0`))
	d.show(shortBoard("1-20", 3))
	d.send("1-11", "JobAssigned", assigned(1, "2027-03-09"))
	d.next()
	await(t, ctx, `window.old === undefined && document.querySelectorAll('.open-list > li').length === 3 && document.getElementById('state').dataset.state === 'live'`)
}

// TestP05ForeignAnswers shows that a page believes nobody who answers in the
// server's place: it stays, and is right when the server is back.
func TestP05ForeignAnswers(t *testing.T) {
	t.Parallel()
	portal := "<!DOCTYPE html><html><head><title>Free WiFi</title></head><body><h1>Accept our terms</h1></body></html>"
	for _, status := range []int{http.StatusOK, http.StatusNoContent, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, liveBoard())
			ctx := newBrowser(t)
			d.open(ctx)
			do(t, ctx, chromedp.Evaluate[chromedp.Void](`window.same = true; 0`))
			d.foreign(status, portal)
			d.frames <- ""
			hurry := `dispatchEvent(new Event('online')), `
			await(t, ctx, hurry+`document.getElementById('state').dataset.state === 'reconnecting'`)
			for range 2 {
				await(t, ctx, hurry+`true`)
				d.next()
			}
			d.show(shortBoard("1-20", 3))
			d.foreign(0, "")
			await(t, ctx, hurry+`document.getElementById('state').dataset.state === 'live'`)
			d.frames <- frame("1-20", "resync", `{"reason":"too-old"}`)
			await(t, ctx, hurry+`document.querySelectorAll('.open-list > li').length === 3`)
			if !evaluate[bool](t, ctx, `window.same === true && document.title !== 'Free WiFi'`) {
				t.Error("the page was left for a foreign one")
			}
			if n := len(d.signIns); n != 0 {
				t.Error("the page went to the sign-in")
			}
		})
	}
}
