package main

import (
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/systeminfo"
	"github.com/chromedp/chromedp"
)

// buildOfPage is the build of the server that drew the page.
const buildOfPage = `document.querySelector('meta[name="build"]').content`

// stateIs tells the state of the stream on the page.
func stateIs(name string) string {
	return `document.getElementById('state').dataset.state === ` + quote(name)
}

// lasts lets so much time pass in a long run; the others are shorter, and where
// it matters they move the page's clock instead, see ahead.
func lasts(d time.Duration) {
	if os.Getenv("SOAK") != "" {
		<-time.After(d)
	}
}

// ahead moves the clock of the page that nobody can set.
func (p *tab) ahead(d time.Duration) {
	p.t.Helper()
	get[bool](p, `(() => { const now = performance.now.bind(performance); performance.now = () => now() + `+str(d.Milliseconds())+`; return true; })()`)
}

// passes lets time pass in the page: in a long run really.
func (p *tab) passes(d time.Duration) {
	p.t.Helper()
	if os.Getenv("SOAK") == "" {
		p.ahead(d)
	}
	lasts(d)
}

// setClock sets the clock on the display's own wall.
func (p *tab) setClock(d time.Duration) {
	p.t.Helper()
	get[bool](p, `(() => { const now = Date.now; Date.now = () => now() + (`+str(d.Milliseconds())+`); return true; })()`)
}

// healing is a wall that nobody touches, and what happens to it.
type healing struct {
	*world
	t     *testing.T
	app   *child
	box   *middlebox
	ada   *client
	wall  *tab
	fresh *tab
	job   job
	hour  int
}

func newHealing(t *testing.T) *healing {
	t.Helper()
	w := newWorld(t)
	h := &healing{world: w, t: t, app: startChild(t, w.dsn), hour: 7}
	h.box = newMiddlebox(t, h.app.base)
	h.ada = w.staff(h.app.base, "Ada")
	h.job = w.job("north", "Tile the hall")
	h.ada.assign(h.job, "Rosa", "07:00")
	return h
}

// changes moves the job by an hour.
func (h *healing) changes() {
	h.t.Helper()
	h.hour++
	h.ada.move(h.job, clockOf(h.hour, 0))
}

// right waits until the wall has everything, is live, and shows what a fresh
// one shows.
func (h *healing) right(when string) {
	h.t.Helper()
	pos := h.fence().first
	h.wall.await(when+": it is right again", `probe.applied >= `+str(pos)+` && `+stateIs("live"))
	h.fresh.base = h.app.base
	if got, want := h.wall.lasting(), h.fresh.open("/kiosk").lasting(); got != want {
		h.t.Errorf("%s the wall shows\n%s\nand a fresh one\n%s", when, got, want)
	}
}

// trouble changes the board while the wall cannot hear of it, and looks at it
// when it can again.
func (h *healing) trouble(what string, begin func(), wants string, end func()) {
	h.t.Helper()
	begin()
	h.changes()
	h.wall.await(what+": it says so", wants)
	end()
	h.right("after " + what)
}

// TestP13WallHealsItself shows that a wall display which nobody touches shows
// what a fresh one shows after its server answered 503, refused, was replaced by
// the sign-in page of a network, was killed and started again, or was silent, and
// after its own clock was set by a day; that it says since when it is stale while
// it is; and that it shows nothing once it is revoked. SOAK=1 makes each trouble
// as long as it was promised for.
func TestP13WallHealsItself(t *testing.T) {
	t.Parallel()
	h := newHealing(t)
	h.wall = h.wallScreen(t, h.box.base, "north").live()
	h.fresh = h.wall.another()
	const off = `['reconnecting', 'stale'].includes(document.getElementById('state').dataset.state)`
	answer := func(status int64, d time.Duration) func() {
		return func() {
			h.box.answer.Store(status)
			h.box.cut(true)
			lasts(d)
		}
	}
	refuse := func() { h.box.refuse(); h.box.cut(true) }
	h.trouble("503", answer(http.StatusServiceUnavailable, 10*time.Second), off, answer(0, 0))
	h.trouble("refused connections", func() { refuse(); lasts(30 * time.Second) }, off, h.box.listen)
	h.trouble("the sign-in of a network", answer(http.StatusOK, 30*time.Second), off, answer(0, 0))
	build := get[string](h.wall, buildOfPage)
	h.trouble("kill -9", refuse, off, func() {
		h.app.kill()
		h.app = startChild(t, h.dsn)
		h.ada.base = h.app.base
		h.box.lead(h.app.base)
		h.box.listen()
		h.wall.await("it loads the page of the newer server", buildOfPage+` !== `+quote(build)+` && `+stateIs("live"))
	})
	for what, by := range map[string]time.Duration{"clock a day ahead": 24 * time.Hour, "clock two days back": -48 * time.Hour} {
		h.wall.setClock(by)
		h.changes()
		h.right(what)
		h.wall.await(what+": it tells the right time", h.rightTime())
	}
	for _, c := range []struct {
		age         time.Duration
		state, said string
	}{{60 * time.Second, "stale", `no news for ([6-9]|1[01])\d s`}, {130 * time.Second, "lost", `no news for [23] min`}} {
		h.trouble("silence of "+c.age.String(), func() { h.box.swallow(); h.wall.passes(c.age) },
			stateIs(c.state)+` && /^Stale since \d\d:\d\d$/.test(document.getElementById('state-text').textContent)
				&& /^`+c.said+`$/.test(document.getElementById('state-clock').textContent)`, h.box.letThrough)
	}
	h.wall.sound()
	id := ask[string](h.world, `select id from kiosk_devices`)
	limit := patience
	if os.Getenv("SOAK") != "" {
		limit = 5 * time.Second
	}
	begin := time.Now()
	h.must(h.db.RevokeKiosk(t.Context(), id))
	h.wall.await("it shows nothing", `getComputedStyle(document.querySelector('.wall-content') ?? document.head).visibility !== 'visible' || document.querySelector('.wall-content') === null`)
	if took := time.Since(begin); took > limit {
		t.Errorf("it showed nothing only after %v", took)
	}
	h.wall.says("/kiosk", "This display was taken out of use.")
}

// rightTime tells whether the wall's clock is that of the region.
func (h *healing) rightTime() string {
	loc, err := time.LoadLocation(h.zone)
	h.must(err)
	now := time.Now().In(loc)
	return `[` + quote(now.Format("15:04")) + `, ` + quote(now.Add(time.Minute).Format("15:04")) + `].includes(document.getElementById('clock').textContent)`
}

// TestP13WallAfterItWasStopped shows that a wall display whose browser was
// stopped as a whole, as a laptop that is closed, and whose connection broke
// meanwhile, shows what a fresh one shows soon after it goes on. SOAK=1 stops it
// for 90 s.
func TestP13WallAfterItWasStopped(t *testing.T) {
	t.Parallel()
	h := newHealing(t)
	own := &chromium{}
	ctx, cancel := chromedp.NewContext(own.acquire(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	h.wall = h.enrolled(startTab(t, ctx, h.box.base), "north").live()
	h.fresh = h.wall.another()
	found, err := chromedp.CallBrowser(ctx, systeminfo.GetProcessInfo, cdp.Empty{})
	h.must(err)
	signal := func(s syscall.Signal) {
		for _, p := range found.ProcessInfo {
			_ = syscall.Kill(int(p.ID), s) // what helps the browser may have ended
		}
	}
	t.Cleanup(func() { signal(syscall.SIGCONT) })
	for what, meanwhile := range map[string]func(){"with its connection": func() {}, "without": func() { h.box.cut(true) }} {
		signal(syscall.SIGSTOP)
		h.changes()
		meanwhile()
		lasts(90 * time.Second)
		signal(syscall.SIGCONT)
		h.right("stopped and gone on " + what)
	}
	h.wall.sound()
}
