package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smartscheduler/db"
)

// importFile writes a file and imports it, and returns what was printed.
func importFile(t testing.TB, database *db.DB, what, text string, flags ...string) (stdout, stderr string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, bad bytes.Buffer
	err = runImport(t.Context(), append([]string{what, path}, flags...), &out, &bad, database)
	return out.String(), bad.String(), err
}

const importHeader = "external_id,title,address,lat,lng,postcode,skills,duration_minutes,window_start,window_end,priority\n"

func TestImportCommand(t *testing.T) {
	t.Parallel()
	app, raw := demoDatabase(t)
	demo(t, app, "--monday", "2027-03-08")
	good := importHeader +
		"=1+1,=HYPERLINK(1),1 Main St,35.05,-85.3,,Gas,60,2027-03-09T09:00,2027-03-09 12:00,rush\n" +
		"X-2,Far away,1 Main St,48.1,11.6,,,60,2027-03-09T09:00,2027-03-09T12:00,\n"
	for _, step := range []struct{ flag, want string }{
		{"--dry-run", "jobs: 2 created, 0 updated, 0 unchanged; 1 of the created are in no region (dry run: nothing was saved)\n"},
		{"", "jobs: 2 created, 0 updated, 0 unchanged; 1 of the created are in no region\n"},
		{"", "jobs: 0 created, 0 updated, 2 unchanged\n"},
	} {
		out, bad, err := importFile(t, app, "jobs", good, strings.Fields(step.flag)...)
		if out != step.want || bad != "" || err != nil {
			t.Errorf("got %q, %q, %v, want %q", out, bad, err, step.want)
		}
	}
	if got := oneColumn(t, raw, `select external_id || ' ' || title from jobs where priority = 'rush' and region = 'north' order by number desc limit 1`); got != "=1+1 =HYPERLINK(1)" {
		t.Errorf("a cell like a formula became %s", got)
	}
	before := exported(t, raw)
	out, bad, err := importFile(t, app, "jobs", importHeader+"X-3,Good,1 Main St,35.05,-85.3,,,60,2027-03-09T09:00,2027-03-09T12:00,\n"+
		"X-4,Gap,1 Main St,35.05,-85.3,,,60,2027-03-14T02:30,2027-03-14T12:00,\n")
	if want := "line 3, column window_start: \"2027-03-14T02:30\" — 02:30 does not exist that night: use 01:59 or 03:00\n"; bad != want || out != "" {
		t.Errorf("got %q and %q, want %q", out, bad, want)
	}
	var rejected *db.Rejected
	if !errors.As(err, &rejected) || !strings.HasSuffix(err.Error(), "nothing was saved: 1 value of the file is bad") {
		t.Errorf("got %v", err)
	}
	if exported(t, raw) != before {
		t.Error("a rejected file changed something")
	}
}

func TestImportCommandRegions(t *testing.T) {
	t.Parallel()
	app, _ := demoDatabase(t)
	demo(t, app, "--monday", "2027-03-08")
	text, err := os.ReadFile("../../db/testdata/counties.geojson")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"regions: 9 created, 0 updated, 0 unchanged; 14 jobs change region\n",
		"regions: 0 created, 0 updated, 9 unchanged\n",
	} {
		if out, bad, err := importFile(t, app, "regions", string(text)); out != want || bad != "" || err != nil {
			t.Errorf("got %q, %q, %v, want %q", out, bad, err, want)
		}
	}
}

func TestImportCommandMisused(t *testing.T) {
	t.Parallel()
	app, _ := demoDatabase(t)
	for _, args := range []string{"", "jobs", "people FILE", "jobs FILE FILE"} {
		var misused usageError
		if err := runImport(t.Context(), strings.Fields(args), &bytes.Buffer{}, &bytes.Buffer{}, app); !errors.As(err, &misused) {
			t.Errorf("import %s: got %v", args, err)
		}
	}
	if err := runImport(t.Context(), []string{"jobs", filepath.Join(t.TempDir(), "none.csv")}, &bytes.Buffer{}, &bytes.Buffer{}, app); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, _, err := importFile(t, app, "regions", "{}"); !errors.Is(err, db.ErrFile) {
		t.Errorf("a file that is no map: %v", err)
	}
}
