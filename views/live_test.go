package views_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"

	"smartscheduler/views"
)

// pollTimeout is how long a page may take to show what it must show.
const pollTimeout = 20 * time.Second

func liveBoard() templ.Component { return views.DispatchBoard(boardPage(), cannedBoard()) }

// assigned moves the open job n to the lane of contractor 5 on the given date.
func assigned(n int, date string) templ.Component {
	return views.Dispatch(views.DispatchFragment{Region: "north", JobID: jobID(n), Lanes: []views.LanePlace{
		{LaneID: views.LaneID("north", contractorID(5), date), Card: cannedLaneCard(n, 53, 8, assignedStatus())},
	}})
}

func TestLiveBoard(t *testing.T) {
	t.Parallel()
	d := newDesk(t, liveBoard())
	ctx := newBrowser(t)
	first := d.open(ctx)
	if got := first.URL.Query().Get("after"); got != "1-10" {
		t.Errorf("the stream was opened after %q, want the position of the page", got)
	}

	// A named fact is swapped: the card leaves the list and enters the lane.
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('.open-scroll').scrollTop = 500; document.querySelector('#card-`+jobID(6)+` .button').focus({preventScroll: true}); 0`))
	top := evaluate[float64](t, ctx, `document.getElementById('card-`+jobID(6)+`').getBoundingClientRect().top`)
	d.send("1-11", "JobAssigned", assigned(1, "2027-03-09"))
	await(t, ctx, `document.querySelector('#lane-north-`+contractorID(5)+`-2027-03-09 > [data-job="`+jobID(1)+`"]') !== null`)
	if got := evaluate[string](t, ctx, `document.getElementById('count-open').textContent + '/' + document.getElementById('count-assigned').textContent`); got != "13/21" {
		t.Errorf("the counts are %s, want 13/21", got)
	}
	if !evaluate[bool](t, ctx, `document.activeElement.closest('#card-`+jobID(6)+`') !== null`) {
		t.Error("the focus has moved")
	}
	if now := evaluate[float64](t, ctx, `document.getElementById('card-`+jobID(6)+`').getBoundingClientRect().top`); now-top > 1 || top-now > 1 {
		t.Errorf("what the reader looks at moved from %v to %v", top, now)
	}
	await(t, ctx, `/change/.test(document.getElementById('announce').textContent)`)

	// The focused card itself is drawn again: the focus stays on its button.
	again := cannedOpen(6)
	again.Title = "Changed meanwhile"
	d.send("1-12", "JobUpdated", views.Dispatch(views.DispatchFragment{Region: "north", JobID: jobID(6), Open: &again}))
	await(t, ctx, `document.getElementById('card-`+jobID(6)+`').textContent.includes('Changed meanwhile')`)
	if !evaluate[bool](t, ctx, `document.activeElement === document.querySelector('#card-`+jobID(6)+` .button')`) {
		t.Error("the focus left the card that was drawn again")
	}

	// Another day's lane is not on this page: the card only leaves.
	d.send("1-13", "JobAssigned", assigned(3, "2027-03-10"))
	await(t, ctx, `document.getElementById('card-`+jobID(3)+`') === null`)

	// The filter is put on again after a swap.
	do(t, ctx, chromedp.SendKeys(chromedp.CSS("#filter-q"), "valve"))
	await(t, ctx, `document.getElementById('count-shown').textContent === '2 of 12'`)
	other := cannedOpen(7)
	d.send("1-14", "JobUpdated", views.Dispatch(views.DispatchFragment{Region: "north", JobID: jobID(7), Open: &other}))
	await(t, ctx, `document.getElementById('card-`+jobID(7)+`').dataset.fresh !== undefined && document.getElementById('card-`+jobID(7)+`').hidden`)

	// On today's board a line stands at this minute, also in the reader's zone
	// when that is another.
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('.lane-group').dataset.date = page.localDate(); page.changed(); 0`))
	if !evaluate[bool](t, ctx, `(() => {
		const [h, m] = page.clock().split(':').map(Number);
		const line = document.querySelector('[data-now]');
		return !line.hidden && line.style.gridColumnStart === String(Math.floor((h * 60 + m) / 15) + 1) && line.getBoundingClientRect().height > 100;
	})()`) {
		t.Error("the line is not at this minute")
	}
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('.lane-group').dataset.date = '2027-03-09'; 0`))

	// A link of a card asks for the date of the page.
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('#lane-north-`+contractorID(5)+`-2027-03-09 .lane-link').click(); 0`))
	await(t, ctx, `document.getElementById('asked')?.textContent === '2027-03-09'`)
}

func TestLiveResync(t *testing.T) {
	t.Parallel()
	d := newDesk(t, liveBoard())
	ctx := newBrowser(t)
	d.open(ctx)

	later := cannedBoard()
	later.Regions[0].Open = later.Regions[0].Open[:3]
	newer := boardPage()
	newer.Live.URL = "/streams/dispatch/north?after=1-500"
	d.show(boardWith(newer, later, views.AssignmentFormPanel(cannedAssign())))
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`window.sameDocument = true; 0`))
	d.frames <- frame("1-490", "resync", `{"reason":"behind"}`)
	// Older than the content that was read: it must not bring back an old state.
	d.send("1-495", "JobCreated", views.Dispatch(views.DispatchFragment{Region: "north", JobID: jobID(2)}))
	d.send("1-501", "JobAssigned", assigned(1, "2027-03-09"))
	await(t, ctx, `document.querySelector('.lane-cards > [data-job="`+jobID(1)+`"]') !== null`)
	if !evaluate[bool](t, ctx, `window.sameDocument && document.getElementById('card-`+jobID(2)+`') !== null`) {
		t.Error("a frame older than the content was applied, or the whole page was loaded anew")
	}
	if got := evaluate[int](t, ctx, `document.querySelectorAll('.open-list > li').length`); got != 2 {
		t.Errorf("%d open jobs, want 2", got)
	}
	if evaluate[bool](t, ctx, `document.querySelector('#workbench form') !== null`) {
		t.Error("the reload touched the workbench")
	}

	// A swap that fails loses its frame: the content is read again, and the
	// stream goes on from the last position.
	before := d.readings()
	d.frames <- frame("1-502", "JobUpdated", `<hx-partial hx-target="#content" hx-swap="nonsense"><p>x</p></hx-partial>`)
	if again := d.next(); again.Header.Get("Last-Event-ID") != "1-502" {
		t.Errorf("reconnected after %q, want 1-502", again.Header.Get("Last-Event-ID"))
	}
	await(t, ctx, `document.getElementById('state').dataset.state === 'live'`)
	if d.readings() <= before {
		t.Error("the content was not read again after a failed swap")
	}
}

func TestLiveForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t, boardWith(boardPage(), cannedBoard(), views.AssignmentFormPanel(cannedConflict())))
	ctx := newBrowser(t)
	d.open(ctx)

	// The start follows the contractor, and the end follows the start.
	do(t, ctx, chromedp.Click(chromedp.CSS("#candidate-"+contractorID(1))))
	if got := evaluate[string](t, ctx, `document.forms.assign.start.value + ' ' + document.forms.assign.end.value`); got != "2027-03-09T11:00 2027-03-09T13:30" {
		t.Errorf("the times are %s", got)
	}
	// A free slot fills the start with its offset and posts nothing.
	do(t, ctx, chromedp.Click(chromedp.CSS(`.slots li:nth-child(3) button`)))
	if got := evaluate[string](t, ctx, `document.forms.assign.start.value + document.forms.assign.start_offset.value`); got != "2027-03-10T08:00-05:00" {
		t.Errorf("the slot filled %s", got)
	}
	// What was chosen by hand stays.
	do(t, ctx, chromedp.Click(chromedp.CSS("#candidate-"+contractorID(2))), chromedp.SendKeys(chromedp.CSS("#assign-override_reason"), "she knows the house"))
	if got := evaluate[string](t, ctx, `document.forms.assign.start.value`); got != "2027-03-10T08:00" {
		t.Errorf("the start was overwritten with %s", got)
	}

	d.send("1-11", "JobAssigned", assigned(1, "2027-03-09"))
	await(t, ctx, `document.querySelector('#assign [data-changed]').hidden === false`)
	if got := evaluate[string](t, ctx, `document.forms.assign.override_reason.value + document.forms.assign.version.value`); got != "she knows the house3" {
		t.Errorf("the open form was touched: %s", got)
	}

	// A server that is gone is said, and the form stays as it is.
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`window.fetch = () => Promise.reject(new TypeError('gone')); 0`), chromedp.Click(chromedp.CSS("#assign .submit")))
	await(t, ctx, `document.querySelector('#workbench > [data-unreached][role=alert]') !== null`)
	if got := evaluate[string](t, ctx, `document.forms.assign.override_reason.value`); got != "she knows the house" {
		t.Errorf("the form lost what was typed: %q", got)
	}
}

func TestLiveEnds(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		`{"reason":"password-changed"}`: "next=%2Fdesk&why=password-changed",
		`{"reason":"a&next=//b"}`:       "next=%2Fdesk&why=a%26next%3D%2F%2Fb",
		`{}`:                            "next=%2Fdesk&why=signed-out",
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, liveBoard())
			ctx := newBrowser(t)
			d.open(ctx)
			d.frames <- frame("1-11", "session-ended", reason)
			if got := d.signIn(); got != want {
				t.Errorf("the sign-in was asked for with %q, not %q", got, want)
			}
		})
	}
	t.Run("UnauthorisedReconnect", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, liveBoard())
		ctx := newBrowser(t)
		d.open(ctx)
		d.answer(http.StatusUnauthorized)
		d.show(cannedPages()["login"])
		d.frames <- ""
		if got := d.signIn(); got != "next=%2Fdesk&why=signed-out" {
			t.Errorf("the sign-in was asked for with %q", got)
		}
	})
}

// TestLiveFreshness moves the page's clock: amber, red, and a silent reader
// that is cut and comes back with its position.
func TestLiveFreshness(t *testing.T) {
	t.Parallel()
	d := newDesk(t, liveBoard())
	ctx := newBrowser(t)
	d.open(ctx)
	ahead := func(ms string) {
		do(t, ctx, chromedp.Evaluate[chromedp.Void](`window.realNow ||= Date.now; Date.now = () => window.realNow() + `+ms+`; 0`))
	}
	ahead("31000")
	await(t, ctx, `document.getElementById('state').dataset.state === 'stale' && /^Stale since \d\d:\d\d/.test(document.getElementById('state-text').textContent)`)
	d.frames <- frame("1-15", "hb", `{"degraded":false}`)
	await(t, ctx, `document.getElementById('state').dataset.state === 'live'`)
	ahead("72000") // 41 s after the heartbeat
	if again := d.next(); again.Header.Get("Last-Event-ID") != "1-15" {
		t.Errorf("came back after %q, want 1-15", again.Header.Get("Last-Event-ID"))
	}
	await(t, ctx, `document.getElementById('state').dataset.state === 'live'`)
	d.answer(http.StatusServiceUnavailable)
	d.frames <- ""
	ahead("200000")
	await(t, ctx, `document.getElementById('state').dataset.state === 'lost'`)
	d.answer(http.StatusOK)
	await(t, ctx, `document.getElementById('state').dataset.state === 'live'`)
}

// TestLiveTrouble: while the server cannot reach its database the page says so
// across its whole width, and since when, until it can again.
func TestLiveTrouble(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]templ.Component{"board": liveBoard(), "phone": cannedPages()["contractor"]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, page)
			ctx := newBrowser(t)
			d.open(ctx)
			since := evaluate[[]string](t, ctx, `[page.clock(), page.clock(new Date(Date.now() + 60e3))]`)
			const shown = `document.getElementById('trouble')?.checkVisibility() === true`
			const gone = `document.getElementById('trouble').hidden && document.getElementById('state').dataset.state === 'live'`
			await(t, ctx, gone)
			for i, end := range []string{frame("1-10", "hb", `{"degraded":false}`), frame("1-10", "hello", `{"build":"b1"}`)} {
				d.frames <- frame("1-10", "hb", `{"degraded":true}`)
				await(t, ctx, shown+` && document.getElementById('state').dataset.state === 'degraded'`)
				text := evaluate[string](t, ctx, `document.getElementById('trouble').innerText`)
				if !strings.Contains(text, "cannot be saved or seen") || i == 0 && !strings.Contains(text, since[0]) && !strings.Contains(text, since[1]) {
					t.Errorf("the page says %q, known since %v", text, since)
				}
				if i > 0 { // the stream is given up, the trouble is not over
					d.frames <- frame("1-10", "unavailable", `{"reason":"database"}`)
					await(t, ctx, shown)
				}
				if !evaluate[bool](t, ctx, `(() => { scrollTo(0, 1e6); const at = document.getElementById('trouble').getBoundingClientRect(); return at.top >= 0 && at.bottom <= innerHeight && at.width > innerWidth * .9 && document.documentElement.scrollWidth <= innerWidth; })()`) {
					t.Error("the words are out of sight")
				}
				d.frames <- end
				await(t, ctx, gone)
			}
		})
	}
}

// TestLiveHidden opens the page in a hidden tab: it takes no connection until
// it is looked at.
func TestLiveHidden(t *testing.T) {
	t.Parallel()
	d := newDesk(t, liveBoard())
	ctx := newBrowser(t)
	do(t, ctx, chromedp.Func(onLoad(`window.away = true; Object.defineProperty(document, 'hidden', {get: () => window.away});`)), chromedp.Navigate(d.url+"/desk"))
	await(t, ctx, `document.readyState === 'complete' && document.getElementById('live')._htmx !== undefined`)
	select {
	case <-d.opened:
		t.Error("a hidden tab opened its stream")
	default:
	}
	reveal := `window.away = false; document.dispatchEvent(new Event('visibilitychange')); 0`
	do(t, ctx, chromedp.Evaluate[chromedp.Void](reveal))
	await(t, ctx, `document.getElementById('state').dataset.state === 'live'`)
	if n := len(d.opened); n != 1 {
		t.Errorf("%d streams were opened, want 1", n)
	}

	// Looked at again after a while without a stream, the page says since when
	// it is stale, and not that it has only just lost the line.
	since := evaluate[[]string](t, ctx, `[page.clock(new Date(Date.now() - 60e3)), page.clock()]`)
	d.answer(http.StatusServiceUnavailable)
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`window.away = true; document.dispatchEvent(new Event('visibilitychange')); 0`))
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`const now = Date.now; Date.now = () => now() + 600e3; `+reveal))
	if got := evaluate[string](t, ctx, `document.getElementById('state').dataset.state + ' ' + document.getElementById('state-text').textContent`); got != "lost Stale since "+since[0] && got != "lost Stale since "+since[1] {
		t.Errorf("after ten minutes away the page says %q, want it stale since %v", got, since)
	}
	d.answer(http.StatusOK)
	await(t, ctx, `document.getElementById('state').dataset.state === 'live'`)
}

func TestLiveKiosk(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cannedPages()["kiosk"])
	ctx := newBrowser(t)
	d.open(ctx)
	read := d.readings()
	d.frames <- frame("1-11", "hello", `{"build":"b2"}`)
	d.next() // the page was loaded again, once it was sure to be there
	if d.readings() != read+2 {
		t.Errorf("%d loads, want %d", d.readings(), read+2)
	}
	await(t, ctx, `document.getElementById('state').dataset.state === 'live'`)
	// The same foreign build again, from a proxy that serves the old page.
	d.frames <- frame("1-12", "hello", `{"build":"b2"}`)
	card := cannedWallCard(700)
	d.send("1-13", "JobAssigned", views.Kiosk(views.KioskFragment{JobID: jobID(700), Places: []views.WallPlace{{ListID: views.WallID("north", contractorID(0), "2027-03-09"), Card: card}}}))
	await(t, ctx, `document.querySelector('#wall-north-`+contractorID(0)+`-2027-03-09 > li') !== null`)
	if evaluate[string](t, ctx, `sessionStorage.getItem('reloaded-for')`) != "b2" || d.readings() != read+2 {
		t.Error("the wall loads itself over and over")
	}
}
