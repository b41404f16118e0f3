package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
)

// middleOfWorld is a region in the middle of west of importWorld.
const middleOfWorld = `{"type":"Feature","properties":{"slug":"middle","name":"Middle","zone":"America/New_York"},
  "geometry":{"type":"Polygon","coordinates":[[[0.4,0.4],[0.6,0.4],[0.6,0.6],[0.4,0.6],[0.4,0.4]]]}}`

func checkMap(t testing.TB, d *db.DB, by db.Actor, features ...string) db.ImportBatch {
	t.Helper()
	id, err := d.CheckImport(t.Context(), db.ImportUpload{
		By: by, Kind: db.ImportOfRegions, FileName: "map.geojson", Content: []byte(collection(features...)), Now: importTime,
	})
	if err != nil {
		t.Fatal(err)
	}
	return batchNow(t, d, by, id)
}

func mapPreview(t testing.TB, d *db.DB, b db.ImportBatch) db.MapPreview {
	t.Helper()
	shown, err := d.ImportPreview(t.Context(), b.ID)
	if err != nil || shown == nil {
		t.Fatalf("preview %v, %v", shown, err)
	}
	return *shown
}

const jobRegions = `select external_id || ' ' || region from jobs order by 1`

// TestImportBatchOfRegions takes a map from its check to the end: what it would
// do is shown before anything is saved, the jobs follow as they do from the
// command line, and there is no undo.
func TestImportBatchOfRegions(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	before := regionState(t, d)
	b := checkMap(t, d, ada, middleOfWorld, regionFeature("east", newYork, polygonAt(1, 0)))
	if b.Counts != (db.ImportCounts{Created: 1, Updated: 1, Moved: 2}) {
		t.Errorf("checked: %+v", b.Counts)
	}
	shown := mapPreview(t, d, b)
	if len(shown.Moves) != 2 || shown.Moved != 2 || shown.Moves[0].Holder != "Cora" || shown.Moves[1].Holder != "" ||
		shown.Moves[0].From != "west" || shown.Moves[0].To != "Middle" || !shown.Moves[0].Drawn {
		t.Errorf("moves: %+v", shown.Moves)
	}
	if r := shown.Regions; len(r) != 2 || r[0].Name != "Middle" || !r[0].New || r[0].Before != "" || r[0].After == "" ||
		r[1].Name != "Name of east" || r[1].New || r[1].Before != r[1].After || shown.Width == 0 {
		t.Errorf("regions: %+v", r)
	}
	if regionState(t, d) != before || importLog(t, d) != "" {
		t.Error("the check saved something")
	}
	done := runImport(t, d, ada, b, false)
	if done.State != db.ImportDone || done.Counts != b.Counts || rowsOf(t, d, jobRegions) != "W-1 middle\nW-2 middle" {
		t.Errorf("imported: %+v, jobs %s", done, rowsOf(t, d, jobRegions))
	}
	if got, want := importLog(t, d), `JobRegionChanged W-1 {dispatch/west,dispatch/middle,dispatch/east} west middle map
JobRegionChanged W-2 {dispatch/west,dispatch/middle} west middle map`; got != want {
		t.Errorf("log:\n%s\nwant:\n%s", got, want)
	}
	if got := rowsOf(t, d, `select distinct correlation_id::text from event_log where event_type = 'JobRegionChanged'`); got != b.ID {
		t.Errorf("the events are correlated by %s, the import is %s", got, b.ID)
	}
	if err := d.UndoImport(t.Context(), db.UndoImport{By: ada, ID: b.ID, Version: done.Version, Now: importTime}); !errors.Is(err, db.ErrImportState) {
		t.Errorf("undo: %v", err)
	}
	if again := checkMap(t, d, ada, middleOfWorld); again.Counts != (db.ImportCounts{Unchanged: 1}) {
		t.Errorf("the same map again: %+v", again.Counts)
	}
	if _, err := d.DeleteExpired(t.Context(), importTime.Add(time.Hour+time.Second)); err != nil {
		t.Fatal(err)
	}
	if shown, err := d.ImportPreview(t.Context(), b.ID); err != nil || shown != nil {
		t.Errorf("an hour later the preview is %v, %v", shown, err)
	}
}

// TestConfirmedMapIsAskedAgain changes something between the preview of a map
// and its import: nothing is saved, what would happen now is shown, and once
// that is confirmed it does happen.
func TestConfirmedMapIsAskedAgain(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"another job": `insert into jobs select (jsonb_populate_record(j, '{"id":"7c0de5f0-0000-4000-8000-000000000001","number":9000,"external_id":"W-3"}')).*
		  from jobs j where external_id = 'W-2'`,
		"somebody else has the job": `update assignments set status = 'unassigned' where active`,
		"a job is over":             `update jobs set status = 'cancelled' where external_id = 'W-2'`,
		"another name":              `update regions set name = 'West Side', version = version + 1 where slug = 'west'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := importWorld(t)
			ada := importAdmin(t, d)
			west := `{"type":"Feature","properties":{"slug":"west","name":"West","zone":"America/New_York"},"geometry":` + polygonAt(0, 0) + `}`
			b := checkMap(t, d, ada, middleOfWorld, west)
			first := mapPreview(t, d, b)
			if err := d.Exec(t.Context(), change); err != nil {
				t.Fatal(err)
			}
			before := regionState(t, d)
			asked := runImport(t, d, ada, b, false)
			if asked.State != db.ImportChecked || !strings.Contains(asked.Trouble, "have changed since") || asked.Version <= b.Version+1 {
				t.Errorf("asked again: %+v", asked)
			}
			if regionState(t, d) != before || importLog(t, d) != "" {
				t.Error("something was saved")
			}
			second := mapPreview(t, d, b)
			if second.Digest == first.Digest || second.Moved != asked.Counts.Moved {
				t.Errorf("shown anew: %+v", second)
			}
			if err := d.ConfirmImport(t.Context(), db.ConfirmImport{By: ada, ID: b.ID, Version: b.Version, Now: importTime}); !errors.Is(err, db.ErrImportState) {
				t.Errorf("the first page again: %v", err)
			}
			done := runImport(t, d, ada, asked, false)
			if done.State != db.ImportDone || done.Trouble != "" || done.Counts.Moved != second.Moved {
				t.Errorf("imported: %+v", done)
			}
		})
	}
}

// TestImportBatchOfBadRegions takes no map of which a feature is bad, whatever is
// confirmed, and none from a dispatcher.
func TestImportBatchOfBadRegions(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	before := regionState(t, d)
	b := checkMap(t, d, ada, middleOfWorld, regionFeature("bad", "Nowhere", polygonAt(5, 5)))
	if b.Counts.Blocked != 1 || b.Values != 1 {
		t.Errorf("checked: %+v", b)
	}
	if shown, err := d.ImportPreview(t.Context(), b.ID); err != nil || shown != nil {
		t.Errorf("a preview of half a map: %v, %v", shown, err)
	}
	if _, err := d.BadRows(t.Context(), ada, b.ID, importTime); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("bad rows: %v", err)
	}
	if failed := runImport(t, d, ada, b, true); failed.State != db.ImportFailed || regionState(t, d) != before {
		t.Errorf("%+v, regions %s", failed, regionState(t, d))
	}
	bo := importDispatcher(t, d, "bo", "west")
	if failed := runImport(t, d, bo, checkMap(t, d, bo, middleOfWorld), false); failed.State != db.ImportFailed || regionState(t, d) != before {
		t.Errorf("of a dispatcher: %+v, regions %s", failed, regionState(t, d))
	}
	_, err := d.CheckImport(t.Context(), db.ImportUpload{By: ada, Kind: db.ImportOfRegions, FileName: "x", Content: []byte("a,b\n"), Now: importTime})
	if !errors.Is(err, db.ErrFile) {
		t.Errorf("a table: %v", err)
	}
}

// TestCheckOfAMapHoldsNobodyUp checks a map while somebody has a job that it
// would move, and another import runs.
func TestCheckOfAMapHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	job := d.job("west")
	ada := d.admin()
	tx := d.begin()
	tx.exec(`select pg_advisory_xact_lock(79), pg_advisory_xact_lock(80)`)
	tx.exec(`select from jobs where id = $1 for update`, job)
	id, err := d.db.CheckImport(context.Background(), db.ImportUpload{
		By: ada, Kind: db.ImportOfRegions, FileName: "map.geojson", Content: []byte(collection(middleOfWest)), Now: importTime,
	})
	if err != nil {
		t.Fatal(err)
	}
	if b := batchNow(t, d.db, ada, id); b.Counts.Moved != 1 {
		t.Errorf("checked: %+v", b.Counts)
	}
	tx.commit()
}
