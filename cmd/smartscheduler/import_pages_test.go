package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// choose uploads a file by the form.
func (p *tab) choose(file string) {
	p.t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		p.t.Fatal(err)
	}
	p.open("/imports").do(chromedp.SetUploadFiles(chromedp.CSS("#import-file"), []string{path}))
	p.click("#import .submit")
	p.await("the check", `document.getElementById('import-content')?.dataset.state === 'checked'`)
}

// compareGolden compares a text with a file of testdata.
func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s\nwant:\n%s", name, got, want)
	}
}

// signedIn is a browser of the demo world in which somebody has signed in.
func (w *world) signedIn(t *testing.T, base, email string) *tab {
	t.Helper()
	p := newTab(t, base).at(w.now()).open("/login")
	p.do(
		chromedp.SendKeys(chromedp.CSS("#login-email"), email),
		chromedp.SendKeys(chromedp.CSS("#login-password"), demoPassword),
		chromedp.Click(chromedp.CSS("#login button")),
	)
	p.await(email+" is signed in", `document.querySelector('.who-name') !== null`)
	return p
}

// report is what the page says of a check: the sentence, and every bad value.
const report = `[document.querySelector('.import-lead').textContent.trim(),
	...Array.from(document.querySelectorAll('#import-content tbody tr'), (row) =>
		Array.from(row.cells, (cell) => cell.textContent.trim().replace(/\s+/g, ' ')).join(' | '))].join('\n') + '\n'`

// TestImportOfFiveHundredRows takes the file of a customer through the browser:
// twelve bad rows are named and can be downloaded, the boards get one event each
// and read themselves again, the same file again changes nothing, and undoing
// removes what nobody has touched.
func TestImportOfFiveHundredRows(t *testing.T) {
	t.Parallel()
	const file = "testdata/import-500.csv"
	w, base := newTour(t)
	a, source := looked(), axe(t)
	ann := w.signedIn(t, base, "ann@example.com").open("/dispatch/north").live()
	ada := w.signedIn(t, base, "admin@example.com")
	reader := w.client(base)
	reader.post(http.StatusSeeOther, "/login", url.Values{"email": {"ann@example.com"}, "password": {demoPassword}})
	stream := reader.listen("/streams/dispatch/north+unrouted")
	jobs := func() int { return ask[int](w, `select count(*) from jobs`) }
	before, head := jobs(), w.head()

	a.shoot(ada.open("/imports"), "import-upload", 1280, 360)
	ada.check("upload", source, 1280)
	began := time.Now()
	ada.choose(file)
	t.Logf("the check took %v", time.Since(began))
	compareGolden(t, "import-500.golden", get[string](ada, report))
	a.shoot(ada, "import-check", 1280, 360)
	ada.check("check", source, 360)
	compareGolden(t, "import-500-bad.golden.csv", get[string](ada, `fetch(document.querySelector('a[download]').href).then((r) => r.arrayBuffer()).then((b) => new TextDecoder('utf-8', {ignoreBOM: true}).decode(b))`))
	if n := jobs(); n != before {
		t.Errorf("the check saved %d jobs", n-before)
	}

	ada.click("#confirm .submit")
	ada.await("the import", `document.getElementById('import-content').dataset.state === 'done'`)
	if n := jobs() - before; n != 488 {
		t.Errorf("%d jobs were added", n)
	}
	a.shoot(ada, "import-done", 1280, 360)
	ada.check("done", source, 360)
	open := ask[string](w, `select count(*)::text from jobs where region = 'north' and status = 'open'`)
	ann.await("Ann's board shows the jobs", `document.querySelectorAll('#open-north > li').length === `+open)
	last := w.head()
	stream.passed(last)
	var kinds []string
	for _, f := range stream.facts(head, last+1) {
		kinds = append(kinds, f.event)
	}
	if got := strings.Join(kinds, " "); got != "ImportCompleted ImportCompleted" {
		t.Errorf("the streams of north and unrouted brought %s", got)
	}

	ada.choose(file)
	ada.sameAs("the same file again", `document.querySelector('.import-lead').textContent.trim()`, "488 ready (1 neutralised), 12 blocked")
	ada.sameAs("no form", `String(document.getElementById('confirm') === null)`, "true")

	w.undoInTheBrowser(t, base, ada, a)
	ann.await("Ann's board has lost the jobs but for one", `document.querySelectorAll('#open-north > li').length === `+
		ask[string](w, `select count(*)::text from jobs where region = 'north' and status = 'open'`))
	ada.check("undone", source, 360)
	ada.open("/imports").check("list", source, 360)
	a.shoot(ada, "import-list", 1280, 360)
	ann.sound()
}

// undoInTheBrowser takes the import back after one of its jobs was assigned and
// another one changed.
func (w *world) undoInTheBrowser(t *testing.T, base string, ada *tab, a album) {
	t.Helper()
	clerk := w.client(base)
	clerk.post(http.StatusSeeOther, "/login", url.Values{"email": {"admin@example.com"}, "password": {demoPassword}})
	j := job{id: ask[string](w, `select id from jobs where external_id = 'S9-002'`)}
	clerk.assign(j, "Rosa", "18:30")
	w.exec(`update jobs set version = version + 1 where external_id in ('S9-004', 'S9-005')`)
	ada.open("/imports")
	ada.click("a[href='/imports/" + ask[string](w, `select id from import_batches where state = 'done'`) + "']")
	ada.await("the import", `document.getElementById('undo') !== null`)
	ada.click("#undo .submit")
	ada.await("the undoing", `document.getElementById('import-content').dataset.state === 'undone'`)
	want := "Undone: 485 jobs removed. 1 job kept: assigned by now 2 jobs kept: changed since the import"
	ada.sameAs("what was undone", `Array.from(document.querySelectorAll('#import-content .banner-ok, #import-content h2'), (el) => el.textContent.trim()).join(' ')`, want)
	a.shoot(ada, "import-undone", 1280, 360)
	if n := ask[int](w, `select count(*) from jobs where external_id like 'S9-%'`); n != 3 {
		t.Errorf("%d jobs of the import are left", n)
	}
}
