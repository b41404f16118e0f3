package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestP05PageSurvivesAFrameCutAnywhere shows that a page whose connection
// breaks within an event, in its id, its name, its data, a character or before
// the empty line that ends it, shows no half of it, comes back, and has had
// every event once; so has the page of a second tab.
func TestP05PageSurvivesAFrameCutAnywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	ada := w.staff(app.base, "Ada")
	other := w.job("north", "Fliesen für die Küche")
	p := w.desk(t, box.base, "Ann").open("/dispatch/north").live()
	tabs := []*tab{p, p.another().open("/dispatch/north").live()}
	fresh := p.another()
	fresh.base = app.base
	names := []string{"Lee", "Rosa"}
	for _, tab := range tabs {
		tab.caughtUp(w.fence().first)
	}
	start := w.head()
	ada.assign(other, "Rosa", "07:00")
	for i, cut := range []string{
		"i", "id: ", "id: 1", "\nevent: Job", "\nevent: JobReassigned", "\ndata: ", "\ndata: <hx-", "<li id=\"card-", "\xc3", "</hx-upsert>", "\n\n",
	} {
		box.tearIn(cut)
		if i%2 == 0 {
			ada.move(other, clockOf(8+i, 0))
		} else {
			ada.reassign(other, names[i/2%2])
		}
		pos := w.fence().first
		want := fresh.open("/dispatch/north").lasting()
		for k, tab := range tabs {
			tab.caughtUp(pos)
			if got := tab.lasting(); got != want {
				t.Errorf("cut at %q, tab %d: the page shows\n%s\nand a fresh one\n%s", cut, k, got, want)
			}
		}
		box.cut(true) // where nothing came that held the bytes
	}
	want := len(w.positions(start, w.head()))
	for k, tab := range tabs {
		if got := get[int](tab, `probe.frames.filter((pos) => pos > `+str(start)+`).length`); got != want {
			t.Errorf("tab %d swapped %d frames, not %d", k, got, want)
		}
		if n := get[int](tab, `probe.frames.length - new Set(probe.frames).size`); n != 0 {
			t.Errorf("tab %d swapped %d frames twice", k, n)
		}
		tab.sound()
	}
}

// TestP05AwayAndBack shows that a page which slept while its connection broke,
// one that the back button brings back, and one whose reader had to sign in
// again, is the right page and shows what a fresh one shows.
func TestP05AwayAndBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	ada := w.staff(app.base, "Ada")
	j := w.job("north", "Tile the hall")
	p := w.desk(t, box.base, "Ann").open("/dispatch/north").live()
	right := func(when string) {
		t.Helper()
		p.caughtUp(w.fence().first)
		fresh := p.another()
		if got, want := p.lasting(), fresh.open("/dispatch/north").lasting(); got != want {
			t.Errorf("%s the page shows\n%s\nand a fresh one\n%s", when, got, want)
		}
	}

	ada.assign(j, "Rosa", "09:00")

	// A laptop that slept: the connection is gone, nobody said so, only the clock
	// tells.
	before := len(box.requests())
	box.freeze()
	ada.move(j, "11:00")
	get[bool](p, `(() => { const now = Date.now; Date.now = () => now() + 3600e3; return true; })()`)
	eventually(t, "it asks again", func() bool {
		_ = p.try(`dispatchEvent(new Event('online'))`)
		return len(box.requests()) > before
	})
	right("after a sleep")

	p.open("/events")
	ada.reassign(j, "Lee")
	get[bool](p, `(history.back(), true)`)
	p.await("the board is back", `location.pathname === '/dispatch/north'`)
	right("by the back button")

	w.exec(`delete from sessions where user_id = (select id from users where name = 'Ann')`)
	p.await("the sign-in", `location.pathname === '/login'`)
	ada.unassign(j)
	p.do(
		chromedp.SendKeys(chromedp.CSS("#login-email"), "Ann@example.com"),
		chromedp.SendKeys(chromedp.CSS("#login-password"), password),
		chromedp.Click(chromedp.CSS("#login button")),
	)
	p.await("the board is back", `location.pathname === '/dispatch/north'`)
	right("signed in again")
	p.sound()
}
