package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// path leaves the server's name out of an address.
func (p *tab) path(address string) string { return strings.TrimPrefix(address, p.base) }

// submit sends a form without the browser's own checks.
func (p *tab) submit(form, what, expression string) {
	p.t.Helper()
	get[bool](p, `(() => { const form = document.querySelector(`+quote(form)+`); form.noValidate = true; form.requestSubmit(); return true; })()`)
	p.await(what, expression)
}

const problem = `document.querySelector('main [data-focus], main [role=alert]') !== null`

// TestInvitedToSignedOutEverywhere shows in a browser how somebody who is
// invited chooses a password and signs in, and that logging out everywhere in
// another tab takes the open board away at once and says why.
func TestInvitedToSignedOutEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	source, shots := axe(t), looked()
	see := func(p *tab, name string, width int64) {
		t.Helper()
		p.check(name, source, width)
		shots.shoot(p, name, 1280, 360)
		p.look(1280, 800, "light")
	}

	ada := w.desk(t, app.base, "Ada").open("/admin")
	see(ada, "setup", 1280)
	see(ada.open("/admin/users/new"), "invite", 360)
	ada.submit("#user", "the errors", problem)
	see(ada, "invite-errors", 1280)
	ada.set("#user-name", "Ida Berg")
	ada.set("#user-email", "ida@example.com")
	ada.set("#user-role", "dispatcher")
	ada.click("#user-region-north")
	ada.click("#user .submit")
	ada.await("the link", `document.getElementById('link-url') !== null`)
	link := ada.path(get[string](ada, `document.getElementById('link-url').value`))
	ada.set("#link-url", app.base+"/password/not-this-one") // a picture of a link is a link
	see(ada, "invite-link", 360)

	ida := newTab(t, app.base).open(link)
	see(ida, "choose-password", 360)
	ida.do(chromedp.SendKeys(chromedp.CSS("#choose-password"), "too short"))
	ida.submit("#choose", "the error", problem)
	see(ida, "choose-password-error", 1280)
	ida.do(
		chromedp.SendKeys(chromedp.CSS("#choose-password"), "eleven other herons"),
		chromedp.SendKeys(chromedp.CSS("#choose-again"), "eleven other herons"),
		chromedp.Click(chromedp.CSS("#choose button")),
	)
	ida.says("/login", "Your password is set.")
	ida.do(
		chromedp.SendKeys(chromedp.CSS("#login-email"), "ida@example.com"),
		chromedp.SendKeys(chromedp.CSS("#login-password"), "eleven other herons"),
		chromedp.Click(chromedp.CSS("#login button")),
	)
	ida.await("her board", `location.pathname === '/dispatch/north'`)
	ida.live()
	spent := newTab(t, app.base).open(link)
	spent.says(link, "This link was used already")
	see(spent, "choose-password-spent", 360)

	see(ada.open("/admin/users"), "users", 1280)
	ada.open("/admin/users/" + w.userID("Ida Berg"))
	see(ada, "user", 360)

	// Her board follows a change of her rights while she looks at it.
	ada.click("#user-region-south")
	ada.click("#user .submit")
	ada.await("it is saved", `document.querySelector('.banner-ok') !== null`)
	ida.await("the other region", `document.querySelector('.nav').innerText.includes('South')`)

	// Two administrators change her at once: the second sees both versions.
	ada.open("/admin/users/" + w.userID("Ida Berg"))
	w.exec(`update users set name = 'Ida Berg-Lund', version = version + 1 where name = 'Ida Berg'`)
	ada.set("#user-role", "auditor")
	ada.click("#user .submit")
	ada.await("both versions", `document.querySelector('.compare') !== null && document.querySelector('.compare').innerText.includes('Berg-Lund')`)
	see(ada, "user-conflict", 360)
	ada.open("/admin/users/" + w.userID("Ida Berg-Lund")).click("details.confirm summary")
	see(ada, "user-disable", 360)

	other := ida.another().open("/account")
	see(other, "account", 360)
	other.submit("#own", "the errors", problem)
	see(other, "account-errors", 360)
	other.open("/account").click("main form.act button")
	other.says("/login", "You were signed out.")
	ida.says("/login", "You were signed out.")
	ida.sound()
}

// TestDisplaysInTheSetup shows in a browser how a display is set up, given a new
// key and revoked, and that its wall follows at once.
func TestDisplaysInTheSetup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	source, shots := axe(t), looked()
	see := func(p *tab, name string, width int64) {
		t.Helper()
		p.check(name, source, width)
		shots.shoot(p, name, 1280, 360)
		p.look(1280, 800, "light")
	}
	code := func(p *tab) string {
		t.Helper()
		p.await("the code", `document.getElementById('code') !== null`)
		return get[string](p, `document.getElementById('code').value`)
	}
	ada := w.desk(t, app.base, "Ada").open("/admin/kiosks")
	ada.submit("#display", "the errors", problem)
	see(ada, "displays-errors", 360)
	ada.set("#display-region", "north")
	ada.set("#display-name", "Hall")
	ada.click("#display button")
	first := code(ada)
	see(ada, "display-code", 360)

	wall := newTab(t, app.base).open("/kiosk")
	enter := func(code string) {
		t.Helper()
		wall.do(chromedp.SendKeys(chromedp.CSS("#enrol-code"), code), chromedp.Click(chromedp.CSS("#enrol button")))
		wall.await("the wall", `document.getElementById('wall-rows') !== null`)
		wall.live()
	}
	enter(first)
	ada.open("/admin/kiosks").click("details.confirm summary")
	see(ada, "displays", 360)
	ada.click(`button[value="rotate"]`)
	second := code(ada)
	wall.says("/kiosk", "This display was given a new key.")
	enter(second)
	ada.open("/admin/kiosks").click("details.confirm summary")
	ada.click(`button[value="revoke"]`)
	ada.says("/admin/kiosks", "It shows nothing any more.")
	wall.says("/kiosk", "This display was taken out of use.")
	wall.sound()
	ada.sound()
}
