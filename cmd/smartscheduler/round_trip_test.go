package main

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events/broker"
	"smartscheduler/handlers"
)

// roundTripDay is the first of the days that are compared; the clocks change on
// its Sunday.
const roundTripDay = "2027-03-08"

// portable are the kinds that an empty system takes back, in that order.
func portable() []string { return []string{"regions", "skills", "contractors", "jobs", "assignments"} }

// exportedFiles are the files of all kinds that can be imported.
func exportedFiles(t testing.TB, d *db.DB) map[string]string {
	t.Helper()
	files := make(map[string]string)
	for _, kind := range portable() {
		var out, note bytes.Buffer
		if err := runExport(t.Context(), []string{kind}, &out, &note, d); err != nil {
			t.Fatal(err)
		}
		files[kind] = out.String()
	}
	return files
}

// importAll imports files into an empty system.
func importAll(t testing.TB, files map[string]string) (*db.DB, *sql.DB) {
	t.Helper()
	app, raw := demoDatabase(t)
	for _, kind := range portable() {
		if _, bad, err := importFile(t, app, kind, files[kind]); err != nil {
			t.Fatalf("import %s: %v\n%s", kind, err, bad)
		}
	}
	return app, raw
}

// pagesOf draws what people see of a system: each board and each sheet of some
// days, and each contractor. Ids are those that the export gives.
func pagesOf(t testing.TB, d *db.DB, raw *sql.DB, days int) map[string]string {
	t.Helper()
	pages := make(map[string]string)
	for path, page := range drawn(t, d, raw, days) {
		pages[path] = page
	}
	return pages
}

// drawn draws one after the other of these pages.
func drawn(t testing.TB, d *db.DB, raw *sql.DB, days int) iter.Seq2[string, string] {
	t.Helper()
	get := adminOf(t, d, raw)
	names, paths := namesOfIDs(t, raw), pathsOf(t, raw, days)
	return func(yield func(path, page string) bool) {
		for _, path := range paths {
			if !yield(names.Replace(path), names.Replace(position.ReplaceAllString(get(path), ""))) {
				return
			}
		}
	}
}

// adminOf asks the pages of a system for what an administrator is shown, on the
// first of the days.
func adminOf(t testing.TB, d *db.DB, raw *sql.DB) func(path string) string {
	t.Helper()
	at := time.Date(2027, 3, 8, 15, 0, 0, 0, time.UTC)
	streams := broker.New(broker.Options{})
	t.Cleanup(streams.Close)
	site := handlers.New(handlers.Options{
		DB: d, Broker: streams, Build: "same", Now: func() time.Time { return at }, Log: slog.New(slog.DiscardHandler),
	}).Echo()
	eve, err := d.CreateUser(t.Context(), db.NewUser{Email: "eve@example.com", Name: "Eve", Role: "admin"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ExecContext(t.Context(), `update users set password_hash = $2 where id = $1`, eve.ID, dbtest.QuickHash(t, password)); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader(url.Values{"email": {"eve@example.com"}, "password": {password}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	signedIn := httptest.NewRecorder()
	site.ServeHTTP(signedIn, r)
	// Sessions are counted by the clock of the database, which is not ours.
	if _, err := raw.ExecContext(t.Context(), `update sessions set expiry = '2100-01-01'`); err != nil {
		t.Fatal(err)
	}
	return func(path string) string {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		for _, c := range signedIn.Result().Cookies() {
			r.AddCookie(c)
		}
		got := httptest.NewRecorder()
		site.ServeHTTP(got, r)
		if got.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, got.Code)
		}
		return got.Body.String()
	}
}

// position is what no file carries: the place in the log, row versions, and why the
// last offer of a job came to nothing, which no import makes again.
var position = regexp.MustCompile(`\?after=[0-9]+-[0-9]+|name="version" value="[0-9]+"|<p class="card-line card-reason card-lost" dir="auto">[^<]*</p>`)

func namesOfIDs(t testing.TB, raw *sql.DB) *strings.Replacer {
	t.Helper()
	return strings.NewReplacer(strings.Fields(oneColumn(t, raw, `
	  select id || ' job:' || coalesce(external_id, id::text) from jobs
	  union all select id || ' contractor:' || coalesce(external_id, id::text) from contractors
	  union all select a.id || ' assignment:' || coalesce(j.external_id, j.id::text) || ':' || row_number() over (partition by a.job_id order by lower(a.during), a.place) from assignments a join jobs j on j.id = a.job_id where a.active`))...)
}

func pathsOf(t testing.TB, raw *sql.DB, days int) []string {
	t.Helper()
	first, err := time.Parse(time.DateOnly, roundTripDay)
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"/dispatch/unrouted"}
	for _, region := range strings.Fields(oneColumn(t, raw, `select slug from regions where slug <> 'unrouted' order by 1`)) {
		for day := range days {
			date := first.AddDate(0, 0, day).Format(time.DateOnly)
			paths = append(paths, "/dispatch/"+region+"?date="+date, "/dispatch/"+region+"/sheet?date="+date)
		}
	}
	for _, id := range strings.Fields(oneColumn(t, raw, `select id::text from contractors`)) {
		paths = append(paths, "/contractors/"+id, "/contractors/"+id+"/details")
	}
	return paths
}

// differing lists the pages that are not the same.
func differing(a, b map[string]string) []string {
	var list []string
	for _, path := range slices.Sorted(maps.Keys(a)) {
		if a[path] != b[path] {
			list = append(list, path)
		}
	}
	for path := range b {
		if _, known := a[path]; !known {
			list = append(list, path)
		}
	}
	return list
}

// firstDifference shows where two texts part.
func firstDifference(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	show := func(s string) string { return s[max(0, n-150):min(len(s), n+150)] }
	return fmt.Sprintf("…%s…\n and now\n…%s…", show(a), show(b))
}

// wantSame exports a system, imports it into an empty one and compares.
func wantSame(t *testing.T, what string, app *db.DB, raw *sql.DB) map[string]string {
	t.Helper()
	files := exportedFiles(t, app)
	again, rawAgain := importAll(t, files)
	before, after := pagesOf(t, app, raw, 9), pagesOf(t, again, rawAgain, 9)
	if paths := differing(before, after); len(paths) > 0 {
		t.Errorf("%s: %d pages differ, such as %s:\n%s", what, len(paths), paths[0], firstDifference(before[paths[0]], after[paths[0]]))
	}
	for kind, text := range exportedFiles(t, again) {
		if want := withoutEnded(t, kind, files[kind]); text != want {
			t.Errorf("%s: the export of %s is another one then:\n%s", what, kind, firstDifference(want, text))
		}
	}
	for _, kind := range portable() {
		if out, bad, err := importFile(t, app, kind, files[kind]); err != nil || !strings.Contains(out, ": 0 created, 0 updated, ") {
			t.Errorf("%s: %s imported where they come from: %s %s %v", what, kind, out, bad, err)
		}
	}
	return files
}

// withoutEnded leaves out the assignments that no import makes.
func withoutEnded(t testing.TB, kind, text string) string {
	t.Helper()
	if kind != "assignments" {
		return text
	}
	return edited(t, text, func(column string, row map[string]string) (string, bool) {
		return row[column], !slices.Contains([]string{"unassigned", "cancelled", "declined", "expired"}, row["status"])
	})
}

// edited writes a CSV file again with other cells, and without some rows.
func edited(t testing.TB, text string, cell func(column string, row map[string]string) (string, bool)) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	_ = w.Write(rows[0])
	for _, record := range rows[1:] {
		row := make(map[string]string)
		for i, column := range rows[0] {
			row[column] = record[i]
		}
		kept := true
		for i, column := range rows[0] {
			record[i], kept = cell(column, row)
		}
		if kept {
			_ = w.Write(record)
		}
	}
	w.Flush()
	return out.String()
}

// TestX2RoundTripOfDemoWorlds exports two demo worlds and imports them into empty
// systems: every board of every day is the same, byte for byte.
func TestX2RoundTripOfDemoWorlds(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tour", "week"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app, raw := demoDatabase(t)
			demo(t, app, "--world", name, "--monday", roundTripDay)
			wantSame(t, name, app, raw)
		})
	}
}

// TestX2RoundTripOfRandomHistories does the same after a few hundred commands of
// every kind. Then it leaves out one column of the files after the other: each
// time something that people see is another.
func TestX2RoundTripOfRandomHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			app, raw := demoDatabase(t)
			h := newHistory(t, app, raw, rand.New(rand.NewPCG(seed, 20)))
			h.run(150)
			files := wantSame(t, fmt.Sprint("seed ", seed), app, raw)
			if seed == 0 {
				wantEveryColumn(t, files)
			}
		})
	}
}
