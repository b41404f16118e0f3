package db_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
)

// TestImportOfThirtyFourThousandJobs checks, imports and undoes a large file, each
// in under a minute.
func TestImportOfThirtyFourThousandJobs(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	text := manyJobs(34000, 60)
	began := time.Now()
	b := checkImport(t, d, ada, text)
	withinAMinute(t, "the check", began)
	began = time.Now()
	b = runImport(t, d, ada, b, false)
	withinAMinute(t, "the import", began)
	if b.Counts.Created != 34000 || b.Done != 34000 || b.Total != 34000 {
		t.Errorf("imported: %+v", b)
	}
	began = time.Now()
	if err := d.UndoImport(t.Context(), db.UndoImport{By: ada, ID: b.ID, Version: b.Version, Now: importTime}); err != nil {
		t.Fatal(err)
	}
	b = runWaiting(t, d, ada, b.ID)
	withinAMinute(t, "the undoing", began)
	if b.Removed != 34000 || rowsOf(t, d, jobsNow) != "" {
		t.Errorf("undone: %+v", b)
	}
}

// withinAMinute allows three unless SOAK is set: in a check other tests run beside.
func withinAMinute(t *testing.T, what string, began time.Time) {
	t.Helper()
	limit := 3 * time.Minute
	if os.Getenv("SOAK") != "" {
		limit = time.Minute
	}
	if took := time.Since(began); took > limit {
		t.Errorf("%s took %v", what, took)
	} else {
		t.Logf("%s took %v", what, took)
	}
}

// TestImportOfThreeThousandRegions checks and imports a large map over jobs that
// all change region, each in under a minute.
func TestImportOfThreeThousandRegions(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	importCSV(t, d, manyJobs(2000, 60))
	text := manyRegions(3000, 16)
	began := time.Now()
	id, err := d.CheckImport(t.Context(), db.ImportUpload{By: ada, Kind: db.ImportOfRegions, FileName: "map", Content: text, Now: importTime})
	if err != nil {
		t.Fatal(err)
	}
	b := batchNow(t, d, ada, id)
	withinAMinute(t, fmt.Sprintf("the check of %d bytes", len(text)), began)
	began = time.Now()
	done := runImport(t, d, ada, b, false)
	withinAMinute(t, "the import", began)
	if done.State != db.ImportDone || done.Counts.Created != 3000 || done.Counts.Moved < 2000 || done.Counts != b.Counts {
		t.Errorf("checked as %+v, imported as %+v", b.Counts, done)
	}
	if shown := mapPreview(t, d, done); len(shown.Regions) != 3000 || len(shown.Moves) != db.ShownMoves || shown.Moved != done.Counts.Moved {
		t.Errorf("%d regions and %d of %d jobs are shown", len(shown.Regions), len(shown.Moves), shown.Moved)
	}
}

// manyRegions is a map of cells side by side over both sites of manyJobs, with
// that many corners each, most of them shared with a neighbour.
func manyRegions(n, corners int) []byte {
	const perRow = 60
	const side = 2.0 / perRow
	var text strings.Builder
	text.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range n {
		x, y := -0.01+side*float64(i%perRow), -0.01+side*float64(i/perRow)
		text.WriteString(strings.Repeat(",", min(i, 1)))
		fmt.Fprintf(&text, "\n{\"type\":\"Feature\",\"properties\":{\"slug\":\"r%04d\",\"name\":\"Region %d\",\"zone\":\"America/New_York\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[", i, i)
		for c := range corners + 1 {
			// Along the four sides of the cell, on a grid that neighbours share.
			at := float64(c%corners) * 4 / float64(corners)
			dx, dy := min(at, 1)-max(min(at-2, 1), 0), max(min(at-1, 1), 0)-max(at-3, 0)
			text.WriteString(strings.Repeat(",", min(c, 1)))
			fmt.Fprintf(&text, "[%.9f,%.9f]", x+side*dx, y+side*dy)
		}
		text.WriteString("]]}}")
	}
	text.WriteString("]}")
	return []byte(text.String())
}
