package main

import (
	"context"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

// id of a user, by name.
func (w *world) userID(name string) string {
	w.t.Helper()
	return ask[string](w, `select id from users where name = $1`, name)
}

// must fails the test on an error of a command.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// says waits until the page of a path says something.
func (p *tab) says(path, text string) {
	p.t.Helper()
	p.await(path+" says "+text, `location.pathname === `+quote(path)+` && document.querySelector('main').innerText.includes(`+quote(text)+`)`)
}

// TestP15ThePageSaysWhy shows in a browser that the page of somebody who lost
// his rights goes to the sign-in, says why, and leads back.
func TestP15ThePageSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	ctx := context.Background()
	const back = `document.querySelector('#login [name=next]').value`

	t.Run("SignedOutInAnotherTab", func(t *testing.T) {
		p := w.desk(t, app.base, "Ada").open("/dispatch/north").live()
		other := p.another().open("/dispatch/south").live()
		other.click(".who button")
		p.says("/login", "You were signed out.")
		p.sameAs("the way back", back, "/dispatch/north")
		p.sound()
	})
	t.Run("SignedOutWhileAway", func(t *testing.T) {
		box := newMiddlebox(t, app.base)
		p := w.desk(t, box.base, "Ada").open("/dispatch/north").live()
		box.answer.Store(http.StatusServiceUnavailable)
		box.cut(true)
		w.exec(`delete from sessions where user_id = $1`, w.userID("Ada"))
		box.answer.Store(0)
		p.await("the sign-in", `dispatchEvent(new Event('online')), location.pathname === '/login'`)
		p.says("/login", "You were signed out.")
		p.sound()
	})
	t.Run("Password", func(t *testing.T) {
		p := w.desk(t, app.base, "Bo").open("/dispatch/south").live()
		w.must(w.db.SetPassword(ctx, w.userID("Bo"), "eleven other herons"))
		p.says("/login", "Your password was changed")
		p.do(
			chromedp.SendKeys(chromedp.CSS("#login-email"), "bo@example.com"),
			chromedp.SendKeys(chromedp.CSS("#login-password"), "eleven other herons"),
			chromedp.Click(chromedp.CSS("#login button")),
		)
		p.await("he is back", `location.pathname === '/dispatch/south'`)
		p.live()
		w.must(w.db.DisableUser(ctx, w.userID("Bo")))
		p.says("/login", "Your account was disabled.")
		p.sound()
	})
}

// TestP15PhoneAndWallSayWhy shows in a browser that a phone without a link says
// what to do, and that a display asks for its code and goes on with it.
func TestP15PhoneAndWallSayWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	ctx := context.Background()

	t.Run("LinkOfAPhone", func(t *testing.T) {
		p := w.mobile(t, app.base, "Rosa").live()
		_, err := w.db.RevokeContractorLinks(ctx, w.people["Rosa"])
		w.must(err)
		p.says("/login", "Ask the office for a new link.")
		p.sound()
	})
	t.Run("ContractorGone", func(t *testing.T) {
		p := w.mobile(t, app.base, "Lee").live()
		w.exec(`update contractors set active = false where id = $1`, w.people["Lee"])
		p.says("/login", "You are not among the active contractors any more.")
		p.sound()
	})
	t.Run("Display", func(t *testing.T) {
		p := w.wallScreen(t, app.base, "south").live()
		id := ask[string](w, `select id from kiosk_devices where region = 'south'`)
		code, err := w.db.RotateKiosk(ctx, id, w.now())
		w.must(err)
		p.says("/kiosk", "This display was given a new key.")
		p.do(chromedp.SendKeys(chromedp.CSS("#enrol-code"), code), chromedp.Click(chromedp.CSS("#enrol button")))
		p.await("the wall is back", `document.getElementById('wall-rows') !== null`)
		p.live()
		w.must(w.db.RevokeKiosk(ctx, id))
		p.says("/kiosk", "This display was taken out of use.")
		p.sound()
	})
}

// TestP15ThePageShowsOtherRights shows in a browser that a page follows a
// change of regions: its reader sees what he may see now, an open form keeps
// what is typed, and a page that is his no more leads to his start page.
func TestP15ThePageShowsOtherRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	ctx := context.Background()
	open := w.job("north", "Tile the hall")
	p := w.desk(t, app.base, "Ann").open("/dispatch/north").live()
	p.sameAs("the regions at first", `String(document.querySelector('.nav').innerText.includes('South'))`, "false")

	w.must(w.db.SetUserRole(ctx, w.userID("Ann"), "dispatcher", []string{"north", "south"}))
	p.await("the other region is there", `document.querySelector('.nav').innerText.includes('South')`)
	p.says("/dispatch/north", "What you may see was changed just now.")
	p.live()

	p.click(cardsOf(open.id) + " .button-small")
	p.await("the form", `document.getElementById('assign-override_reason') !== null`)
	p.do(chromedp.SendKeys(chromedp.CSS("#assign-override_reason"), "because I say so"))
	get[bool](p, `(() => { document.getElementById('rights-note')?.remove(); return true; })()`)
	w.must(w.db.SetUserRole(ctx, w.userID("Ann"), "dispatcher", []string{"north"}))
	p.says("/dispatch/north", "What you may see was changed just now.")
	p.sameAs("what was typed", `document.getElementById('assign-override_reason').value`, "because I say so")
	p.await("the stream is back", `document.getElementById('state').dataset.state === 'live'`)
	p.click("#workbench [data-close]")

	w.must(w.db.SetUserRole(ctx, w.userID("Ann"), "dispatcher", []string{"south"}))
	p.says("/dispatch/south", "You may not see that page any more. This is your start page.")
	p.live()
	p.open("/dispatch/south").live()
	p.sameAs("said once only", `String(document.getElementById('rights-note') === null)`, "true")
	p.sound()
}

// TestP15OtherRightsWhileAway shows in a browser that a page which was cut off
// while its reader lost the region leads to his start page when it is back.
func TestP15OtherRightsWhileAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	p := w.desk(t, box.base, "Ann").open("/dispatch/north").live()
	box.answer.Store(http.StatusServiceUnavailable)
	box.cut(true)
	w.must(w.db.SetUserRole(context.Background(), w.userID("Ann"), "dispatcher", []string{"south"}))
	box.answer.Store(0)
	p.await("the other region", `dispatchEvent(new Event('online')), location.pathname === '/dispatch/south'`)
	p.says("/dispatch/south", "You may not see that page any more. This is your start page.")
	p.live()
	p.sound()
}

// TestP13WallMovesWhileTheServerIsAway shows in a browser that a wall display
// which is given another region shows it by itself, also when the server cannot
// be reached at the moment at which the display hears of it.
func TestP13WallMovesWhileTheServerIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	wall := w.wallScreen(t, box.base, "north").live()
	const region = `document.querySelector('h1').innerText`
	before := get[string](wall, region)
	box.answer.Store(http.StatusServiceUnavailable) // the open stream goes on
	w.exec(`update kiosk_devices set region = 'south'`)
	wall.await("it knows", `sessionStorage.getItem('rights-changed') === 'reloaded'`)
	wall.await("it waits for the server", `document.getElementById('state').dataset.state === 'reconnecting'`)
	box.answer.Store(0)
	wall.await("the other region", region+` !== `+quote(before)+` && `+region+`.includes('South')`)
	wall.live()
	wall.sound()
}
