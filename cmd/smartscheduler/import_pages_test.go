package main

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// upload sends a file of jobs or contractors by the form.
func (p *tab) upload(file, kind string) {
	p.t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		p.t.Fatal(err)
	}
	p.open("/imports").do(chromedp.SetUploadFiles(chromedp.CSS("#import-file"), []string{path}))
	p.set("#import-kind", kind)
	p.click("#import .submit")
}

// choose uploads a file and waits for its check.
func (p *tab) choose(file, kind string) {
	p.t.Helper()
	p.upload(file, kind)
	p.await("the check", `document.getElementById('import-content')?.dataset.state === 'checked'`)
}

// hold takes a lock in the database that others have to wait for.
func (w *world) hold(lock string) (release func()) {
	w.t.Helper()
	tx, err := w.owner.BeginTx(context.Background(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := tx.ExecContext(context.Background(), lock); err != nil {
		w.t.Fatal(err)
	}
	return func() { _ = tx.Rollback() }
}

// corrected writes the downloaded file of bad rows with every row put right, as
// its column of errors says.
func corrected(t *testing.T, bad string) (path string) {
	t.Helper()
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(bad, "\ufeff")))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := func(column string) int { return slices.Index(rows[0], column) }
	for _, row := range rows[1:] {
		column, _, _ := strings.Cut(row[at("error")], ":")
		cell := &row[at(column)]
		*cell = map[string]string{
			"skills": "tile", "duration_minutes": "60", "window_start": "2027-03-12T08:00", "window_end": row[at("window_start")][:10] + "T19:00",
			"external_id": *cell + "b", "title": "Lay oak floor",
		}[column]
	}
	var out strings.Builder
	out.WriteString("\ufeff")
	writer := csv.NewWriter(&out)
	writer.Comma, writer.UseCRLF = ';', true
	if err := writer.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "corrected.csv")
	if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
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

// TestS9ImportOfFiveHundredRows is the ninth day of the project's days in the
// life, through the browser: twelve bad rows are named and can be downloaded, the
// boards get one event each and read themselves again, the same file again changes
// nothing, the bad rows put right can be uploaded, and undoing removes what nobody
// has touched.
func TestS9ImportOfFiveHundredRows(t *testing.T) {
	t.Parallel()
	const file = "testdata/import-500.csv"
	w, base := newTour(t)
	a, source := looked(), axe(t)
	ann := w.signedIn(t, base, "ann@example.com").open("/dispatch/north").live()
	ada := w.signedIn(t, base, "admin@example.com")
	jobs := func() int { return ask[int](w, `select count(*) from jobs`) }
	before := jobs()

	a.shoot(ada.open("/imports"), "import-upload", 1280, 360)
	ada.check("upload", source, 1280)
	began := time.Now()
	ada.choose(file, "jobs")
	t.Logf("the check took %v", time.Since(began))
	golden(t, "import-500.golden", get[string](ada, report))
	a.shoot(ada, "import-check", 1280, 360)
	ada.check("check", source, 360)
	bad := get[string](ada, `fetch(document.querySelector('a[download]').href).then((r) => r.arrayBuffer()).then((b) => new TextDecoder('utf-8', {ignoreBOM: true}).decode(b))`)
	golden(t, "import-500-bad.golden.csv", bad)
	if n := jobs(); n != before {
		t.Errorf("the check saved %d jobs", n-before)
	}

	w.confirmInTheBrowser(t, base, ada, a)
	if n := jobs() - before; n != 488 {
		t.Errorf("%d jobs were added", n)
	}
	listed := func(who string) {
		t.Helper()
		ann.await(who, `document.querySelectorAll('#open-north > li').length === `+
			ask[string](w, `select count(*)::text from jobs where region = 'north' and status = 'open'`))
	}
	listed("Ann's board shows the jobs")

	ada.choose(file, "jobs")
	ada.sameAs("the same file again", `document.querySelector('.import-lead').textContent.trim()`, "488 ready (1 neutralised), 12 blocked")
	ada.sameAs("no form", `String(document.getElementById('confirm') === null)`, "true")

	ada.choose(corrected(t, bad), "jobs")
	ada.sameAs("the bad rows put right", `document.querySelector('.import-lead').textContent.trim()`, "12 ready, 0 blocked")
	ada.click("#confirm .submit")
	ada.await("the import", `document.getElementById('import-content').dataset.state === 'done'`)
	if n := jobs() - before; n != 500 {
		t.Errorf("%d jobs were added in the end", n)
	}
	listed("Ann's board shows those, too")

	w.undoInTheBrowser(t, base, ada, a)
	listed("Ann's board has lost the jobs but for some")
	ada.check("undone", source, 360)
	w.otherStates(ada, source)
	ada.open("/imports").check("list", source, 360)
	a.shoot(ada, "import-list", 1280, 360)
	ann.sound()
}

// confirmInTheBrowser imports the file that was checked: the page shows how far it
// is, and the boards get one event each.
func (w *world) confirmInTheBrowser(t *testing.T, base string, ada *tab, a album) {
	t.Helper()
	reader := w.client(base)
	reader.post(http.StatusSeeOther, "/login", url.Values{"email": {"ann@example.com"}, "password": {demoPassword}})
	stream := reader.listen("/streams/dispatch/north+unrouted")
	head, source := w.head(), axe(t)
	stale := ada.another().open(get[string](ada, `location.pathname`))
	saved, logged := w.hold(`lock table visits in share mode`), w.hold(`lock table event_log in share mode`)
	defer saved()
	defer logged()
	ada.click("#confirm .submit")
	far := func(text string) {
		t.Helper()
		ada.await(text, `document.querySelector('progress.import-progress') !== null && document.getElementById('import-content').innerText.includes(`+quote(text)+`)`)
	}
	far("0 of 488 rows")
	// It asks each second, but not while nobody looks.
	asks := func(hidden string) string {
		return get[string](ada, `(Object.defineProperty(document, 'hidden', { configurable: true, value: `+hidden+` }),
		  new Promise((done) => document.addEventListener('htmx:before:request', (e) => setTimeout(() => done(String(!e.defaultPrevented))), { once: true })))`)
	}
	if hidden, looking := asks("true"), asks("false"); hidden != "false" || looking != "true" {
		t.Errorf("it asks while nobody looks: %s, and when somebody does: %s", hidden, looking)
	}
	saved()
	far("488 of 488 rows")
	logged()
	ada.await("the import", `document.getElementById('import-content').dataset.state === 'done'`)
	a.shoot(ada, "import-done", 1280, 360)
	ada.check("done", source, 360)

	last := w.head()
	stream.passed(last)
	var kinds []string
	for _, f := range stream.facts(head, last+1) {
		kinds = append(kinds, f.event)
	}
	if got := strings.Join(kinds, " "); got != "ImportCompleted ImportCompleted" {
		t.Errorf("the streams of north and unrouted brought %s", got)
	}
	const batch = `select count(*) || ' ' || count(distinct region) || ' ' || count(distinct correlation_id) || ' ' || min(event_type) from event_log where pos > $1`
	if got := ask[string](w, batch, head); got != "3 3 1 ImportCompleted" {
		t.Errorf("events, regions, batches: %s", got)
	}
	// Who had the page open longer is told that it is done.
	stale.click("#confirm .submit")
	stale.await("the notice", `document.querySelector('#import-content .banner[role=alert]')?.innerText.includes('not as it was when you opened the page')`)
	stale.check("import confirmed twice", source, 360)
}

// otherStates looks at the pages of a file that is none, of an import that runs
// and of one that failed.
func (w *world) otherStates(ada *tab, source string) {
	w.t.Helper()
	ada.upload("testdata/import-500.golden", "jobs")
	ada.await("the refusal", `document.getElementById('import-file-error') !== null`)
	ada.check("upload refused", source, 360)
	const path = `select '/imports/' || id from import_batches where file_name = 'corrected.csv'`
	for _, state := range []string{"undoing", "failed"} {
		// Nobody's turn comes, so that it stays like that.
		w.exec(`update import_batches set state = $1, trouble = 'Not every row could be taken any more.', queued_by = null where file_name = 'corrected.csv'`, state)
		ada.open(ask[string](w, path))
		ada.await(state, `document.getElementById('import-content').dataset.state === '`+state+`'`)
		ada.check("import "+state, source, 360)
	}
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
	ada.click("a[href='/imports/" + ask[string](w, `select id from import_batches where file_name = 'import-500.csv' and state = 'done'`) + "']")
	ada.await("the import", `document.getElementById('undo') !== null`)
	ada.click("#undo .submit")
	ada.await("the undoing", `document.getElementById('import-content').dataset.state === 'undone'`)
	want := "Undone: 485 jobs removed. 1 job kept: assigned by now 2 jobs kept: changed since the import"
	ada.sameAs("what was undone", `Array.from(document.querySelectorAll('#import-content .banner-ok, #import-content h2'), (el) => el.textContent.trim()).join(' ')`, want)
	a.shoot(ada, "import-undone", 1280, 360)
	if n := ask[int](w, `select count(*) from jobs where external_id like 'S9-%'`); n != 15 {
		t.Errorf("%d jobs of both files are left, not 3 and 12", n)
	}
}
