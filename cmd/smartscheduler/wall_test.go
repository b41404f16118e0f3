package main

import (
	"net/http"
	"testing"
)

// buildOfPage is the build of the server that drew the page.
const buildOfPage = `document.querySelector('meta[name="build"]').content`

// TestP13WallHealsItself shows that a wall display which nobody touches shows
// what a fresh one shows after its server answered 503, refused, was replaced
// by a page of somebody else, was started again, or was silent, and that it
// says since when it is stale while it is.
func TestP13WallHealsItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	ada := w.staff(app.base, "Ada")
	j := w.job("north", "Tile the hall")
	ada.assign(j, "Rosa", "07:00")
	wall := w.wallScreen(t, box.base, "north").live()
	fresh := wall.another()
	hour := 7
	// trouble changes the board while the wall cannot hear of it, and then looks
	// at it after it can again.
	trouble := func(what string, begin func(), wants string, end func()) {
		t.Helper()
		begin()
		hour++
		ada.move(j, clockOf(hour, 0))
		wall.await(what+": it says so", wants)
		end()
		pos := w.fence().first
		wall.await(what+": it is right again", `probe.applied >= `+str(pos)+` && document.getElementById('state').dataset.state === 'live'`)
		fresh.base = app.base
		if got, want := wall.lasting(), fresh.open("/kiosk").lasting(); got != want {
			t.Errorf("after %s the wall shows\n%s\nand a fresh one\n%s", what, got, want)
		}
	}
	const lost = `document.getElementById('state').dataset.state === 'reconnecting'`
	answer := func(status int64) func() {
		return func() {
			box.answer.Store(status)
			box.cut(true)
		}
	}
	trouble("503", answer(http.StatusServiceUnavailable), lost, answer(0))
	trouble("refused connections", func() { box.refuse(); box.cut(true) }, lost, box.listen)
	trouble("somebody else's page", answer(http.StatusOK), lost, answer(0))
	build := get[string](wall, buildOfPage)
	trouble("another start", func() { box.refuse(); box.cut(true) }, lost, func() {
		app.stop()
		app = startProgram(t, w.dsn)
		ada.base = app.base
		box.lead(app.base)
		box.listen()
		wall.await("it loads the page of the newer server", buildOfPage+` !== `+quote(build)+` && document.getElementById('state').dataset.state === 'live'`)
	})
	for _, age := range []struct{ ms, state string }{{"45e3", "stale"}, {"600e3", "lost"}} {
		trouble("silence", func() {
			box.freeze()
			box.hold()
			get[bool](wall, `(() => { const now = Date.now; Date.now = () => now() + `+age.ms+`; return true; })()`)
		}, `document.getElementById('state').dataset.state === '`+age.state+`' && /^Stale since \d\d:\d\d$/.test(document.getElementById('state-text').textContent)`,
			box.letThrough)
	}
	wall.sound()
}
