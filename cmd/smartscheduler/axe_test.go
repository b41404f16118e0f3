package main

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axeRun asks axe-core for what is wrong, one line for each rule; axeColours
// for what may be wrong in another colour scheme only.
const (
	axeRun     = `axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})` + axeLines
	axeColours = `axe.run(document, {resultTypes: ['violations'], runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}})` + axeLines
	axeLines   = `.then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + n.failureSummary).join(' | ')))`
)

// axe is the source of axe-core.
func axe(t testing.TB) string {
	t.Helper()
	source, err := os.ReadFile("../../static/testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	return string(source) + ";0"
}

// check runs axe over the page in both colour schemes, and fails for what it
// finds, for a page wider than its window and for breaches of its policy.
func (p *tab) check(name, axe string, width int64) {
	p.t.Helper()
	if get[bool](p, `document.querySelector('.failure-code') !== null`) != (name == "not found") {
		p.t.Errorf("%s: this is not the page, or it is and should not be", name)
	}
	p.do(chromedp.Evaluate[chromedp.Void](axe))
	for _, run := range [][2]string{{"light", axeRun}, {"dark", axeColours}} {
		p.look(width, 800, run[0])
		for _, violation := range get[[]string](p, run[1]) {
			p.t.Errorf("%s, %s: %s", name, run[0], violation)
		}
	}
	if get[bool](p, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
		p.t.Errorf("%s scrolls sideways at %d px", name, width)
	}
	for _, breach := range get[[]string](p, `probe.csp`) {
		p.t.Errorf("%s breaks its policy: %s", name, breach)
	}
	p.sound()
}

// TestPagesAreAccessibleAndStrict looks at every page of the running program,
// light and dark, with axe-core, and at what its Content-Security-Policy stops.
func TestPagesAreAccessibleAndStrict(t *testing.T) {
	t.Parallel()
	source := axe(t)
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	list := w.jobs("north", 4)
	w.job("unrouted", "Nowhere near")
	ada := w.staff(app.base, "Ada")
	ada.assign(list[0], "Rosa", "09:00")
	ada.assign(list[1], "Maya", "11:00")
	ada.assign(list[2], "Rosa", "13:00")
	ada.unassign(list[2])

	t.Run("Staff", func(t *testing.T) {
		t.Parallel()
		w.staffPages(t, app.base, list, source)
	})
	t.Run("Forms", func(t *testing.T) {
		t.Parallel()
		w.formsOfTheBoard(t, app.base, list, source)
	})
	t.Run("Others", func(t *testing.T) {
		t.Parallel()
		w.pagesOfOthers(t, app.base, source)
	})
}

func (w *world) staffPages(t *testing.T, base string, list []job, source string) {
	p := w.desk(t, base, "Ada")
	for _, page := range []struct{ name, path string }{
		{"board", "/dispatch/north"},
		{"empty board", "/dispatch/south?date=2031-01-01"},
		{"board with a filter that hides all", "/dispatch/north?q=zeppelin"},
		{"unrouted", "/dispatch/unrouted"},
		{"open job", "/jobs/" + list[2].id},
		{"assigned job", "/jobs/" + list[0].id},
		{"assign form on its own page", "/jobs/" + list[3].id + "/assignments/new"},
		{"edit form", "/jobs/" + list[0].id + "/details"},
		{"new job", "/jobs/new"},
		{"event log", "/events"},
		{"event log without an entry", "/events?kind=ImportCompleted"},
		{"event", "/events/" + str(w.head())},
		{"decision", "/audits/" + ask[string](w, `select id from audit_records where job_id = $1 limit 1`, list[0].id)},
		{"delivery", "/admin/delivery"},
		{"personal data", "/admin/people"},
		{"a customer with jobs to do", "/admin/people/" + ask[string](w, `select id from customers limit 1`)},
		{"an active contractor", "/contractors/" + w.people["Rosa"] + "/erasure"},
		{"not found", "/jobs/" + w.people["Rosa"]},
	} {
		p.open(page.path)
		p.check(page.name, source, 1280)
	}
	p.open("/jobs/new")
	get[bool](p, `(() => { const form = document.querySelector('main form'); form.noValidate = true; form.requestSubmit(); return true; })()`)
	p.await("the errors", `document.querySelector('[data-focus]') !== null`)
	p.check("new job with errors", source, 1280)
	w.erasureIn(p, source)
}

// erasureIn looks for a customer whose jobs are done, and fails to erase her.
func (w *world) erasureIn(p *tab, source string) {
	shots := looked()
	w.exec(`with k as (insert into customers (name, phone) values ('Ida Østergård-Baumgartner', '555-0177') returning id),
	    s as (insert into sites (customer_id, address, postcode) select id, '17 Plum Alley', '37401' from k returning id)
	  insert into jobs (title, site_id, region, region_reason, duration_minutes, zone, window_start_local, window_end_local, window_start, window_end, status)
	  select 'Bathroom floor', id, 'west', 'override', 60, $1, '2026-03-02 08:00', '2026-03-02 10:00', '2026-03-02 08:00Z', '2026-03-02 10:00Z', 'completed' from s`, w.zone)
	p.open("/admin/people")
	p.set("#people-text", "øStergard")
	p.click("#people button")
	p.await("she is found", `document.querySelector('main table a') !== null`)
	p.check("customers found", source, 360)
	shots.shoot(p, "customers-found", 1280, 360)
	p.click("main table a")
	p.await("the form", `document.getElementById('erasure-word') !== null`)
	p.submit("#erasure", "the errors", problem)
	p.check("erasure with errors", source, 360)
	shots.shoot(p, "erasure-errors", 1280, 360)
	p.set("#erasure-reason", "Asked by letter")
	p.set("#erasure-word", "erase")
	p.click("#erasure .submit")
	p.await("it is said", `location.pathname === '/admin/people' && document.querySelector('.banner-ok') !== null`)
	p.check("after an erasure", source, 360)
	shots.shoot(p, "erased", 1280, 360)
}

func (w *world) formsOfTheBoard(t *testing.T, base string, list []job, source string) {
	p := w.desk(t, base, "Ann").open("/dispatch/north").live()
	open := list[3]
	p.click(cardsOf(open.id) + " .button-small")
	p.await("the form", `document.querySelector('#assign') !== null`)
	p.check("board with an open form", source, 1280)

	// 422: a time that is none.
	get[bool](p, `(() => { const form = document.getElementById('assign'); form.noValidate = true; return true; })()`)
	p.click("label.candidate")
	p.set("#assign-start", "")
	p.click("#assign .submit")
	p.await("the error", `document.querySelector('#assign [data-focus]') !== null`)
	p.check("board with a form that was refused", source, 1280)

	// 409: Rosa has the time already.
	p.fill(w, "Rosa", "09:30")
	p.await("the conflict", `document.querySelector('#assign .slots') !== null`)
	p.check("board with a lost race", source, 1280)

	for _, label := range []string{"Move", "Reassign", "Unassign"} {
		p.action(list[0], label)
		p.check("board with the form "+label, source, 1280)
	}
	for _, f := range []struct {
		job       job
		path, id  string
		field, to string
	}{
		{list[0], "cancellation", "#act", "reason", ""}, {open, "hold", "#act", "", ""}, {list[0], "copies", "#copy", "times", "0"},
	} {
		p.press(cardsOf(f.job.id)+" a", "the panel", "document.querySelector('#workbench [data-panel-job=\""+f.job.id+"\"] .job-acts') !== null")
		p.press("#workbench .job-acts a[href*='/"+f.path+"']", "the form", "document.querySelector('#workbench form"+f.id+"') !== null")
		p.check("board with the form "+f.path, source, 1280)
		if f.field == "" {
			continue
		}
		p.set(f.id+"-"+f.field, f.to)
		p.submit(f.id, "what is missing", "document.querySelector('"+f.id+" [data-focus]') !== null")
		p.check("board with the form "+f.path+", refused", source, 1280)
	}
}

func (w *world) pagesOfOthers(t *testing.T, base, source string) {
	p := newTab(t, base)
	for _, page := range []struct{ name, path string }{
		{"login", "/login"},
		{"link", w.link("Lee")},
		{"spent link", "/link/nothing"},
		{"set up a display", "/kiosk"},
		{"not found", "/nothing/here"},
	} {
		p.open(page.path)
		p.check(page.name, source, 360)
	}
	p.open("/login")
	p.do(
		chromedp.SendKeys(chromedp.CSS("#login-email"), "ann@example.com"),
		chromedp.SendKeys(chromedp.CSS("#login-password"), "not her password"),
		chromedp.Click(chromedp.CSS("#login button")),
	)
	p.await("the refusal", `document.getElementById('login-error') !== null`)
	p.check("login refused", source, 360)
	p.open("/kiosk")
	p.do(chromedp.SendKeys(chromedp.CSS("#enrol-code"), "00000-00000"), chromedp.Click(chromedp.CSS("#enrol button")))
	p.await("the refusal", `document.querySelector('main [aria-invalid], main [role=alert], main .error') !== null`)
	p.check("code refused", source, 360)

	phone := w.mobile(t, base, "Rosa").live()
	phone.check("phone", source, 360)
	w.mobile(t, base, "Kofi").live().check("empty phone", source, 360)
	w.wallScreen(t, base, "north").live().check("wall", source, 1920)
}

// TestPolicyStopsInlineScript is the proof that the checks above can fail: what
// the policy must stop is stopped, and reported.
func TestPolicyStopsInlineScript(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	p := newTab(t, app.base).open("/login")
	get[bool](p, `(() => {
		const script = document.createElement('script');
		script.textContent = 'window.broken = true';
		document.body.append(script);
		document.body.setAttribute('onclick', 'window.broken = true');
		document.body.click();
		return true;
	})()`)
	p.await("the policy reports it", `probe.csp.length >= 2`)
	if get[bool](p, `window.broken === true`) {
		t.Error("an inline script ran")
	}
	for _, header := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} {
		if _, h, _ := w.client(app.base).do(w.client(app.base).request(http.MethodGet, "/login", url.Values{})); h.Get(header) == "" {
			t.Errorf("no %s", header)
		}
	}
	p.do(chromedp.Evaluate[chromedp.Void](axe(t)))
	get[bool](p, `(() => { document.getElementById('login-email').previousElementSibling?.remove(); document.querySelector('label[for=login-email]')?.remove(); return true; })()`)
	if found := strings.Join(get[[]string](p, axeRun), "\n"); !strings.Contains(found, "label") {
		t.Errorf("axe does not miss a label: %s", found)
	}
}
