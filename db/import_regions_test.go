package db_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

func importGeoJSON(t testing.TB, d *db.DB, features ...string) db.Imported {
	t.Helper()
	done, err := d.ImportRegions(t.Context(), db.RegionImport{By: importer(), File: readRegions(t, collection(features...))})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func regionState(t testing.TB, d *db.DB) string {
	t.Helper()
	return rowsOf(t, d, `select concat_ws(' ', slug, name, zone, postcodes::text, version, geometry->>'type') from regions where slug <> 'unrouted' order by slug`)
}

func TestImportRegions(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	// The polygon of west written in another way is still the same.
	west := `{"type":"Feature","properties":{"slug":"west","name":"west","zone":"America/New_York"},
	  "geometry":{"type":"Polygon","coordinates":[[[0.0,0],[1,0.00],[1e0,1],[0,1],[0,0]]]}}`
	south := `{"type":"Feature","properties":{"slug":"south","name":"South","zone":"Europe/Berlin","postcodes":["20","10"]},
	  "geometry":{"type":"MultiPolygon","coordinates":[` + square(0, -1) + `]}}`
	features := []string{west, regionFeature("east", "America/New_York", polygonAt(1, 0)), south}
	if done := importGeoJSON(t, d, features...); done != (db.Imported{Created: 1, Updated: 1, Unchanged: 1}) {
		t.Errorf("first import: %+v", done)
	}
	want := `central central America/Chicago {} 1 Polygon
east Name of east America/New_York {} 2 Polygon
south South Europe/Berlin {10,20} 1 MultiPolygon
west west America/New_York {100} 1 Polygon`
	if got := regionState(t, d); got != want {
		t.Errorf("regions:\n%s\nwant:\n%s", got, want)
	}
	mapVersion := rowsOf(t, d, `select version::text from region_map`)
	if done := importGeoJSON(t, d, features...); done != (db.Imported{Unchanged: 3}) {
		t.Errorf("second import: %+v", done)
	}
	if regionState(t, d) != want || rowsOf(t, d, `select version::text from region_map`) != mapVersion || importLog(t, d) != "" {
		t.Error("the same file again changed something")
	}
	// A feature without postcodes keeps those of the region.
	importGeoJSON(t, d, regionFeature("south", "Europe/Berlin", polygonAt(0, -1)))
	if got := rowsOf(t, d, `select postcodes::text || version from regions where slug = 'south'`); got != "{10,20}2" {
		t.Errorf("south: %s", got)
	}
}

// TestFirstRegionsNameTheZone: where no region was before, the unrouted queue
// takes the zone of most of those that come, and keeps it afterwards.
func TestFirstRegionsNameTheZone(t *testing.T) {
	t.Parallel()
	d, _ := dbtest.Isolated(t)
	importGeoJSON(t, d, regionFeature("a", "Europe/Berlin", polygonAt(0, 0)), regionFeature("b", "Europe/Berlin", polygonAt(1, 0)),
		regionFeature("c", "Europe/London", polygonAt(2, 0)))
	importGeoJSON(t, d, regionFeature("d", "Asia/Tokyo", polygonAt(3, 0)), regionFeature("e", "Asia/Tokyo", polygonAt(4, 0)),
		regionFeature("f", "Asia/Tokyo", polygonAt(5, 0)))
	if zone := rowsOf(t, d, `select zone from regions where slug = 'unrouted'`); zone != "Europe/Berlin" {
		t.Errorf("unrouted jobs are in %s", zone)
	}
}

func TestImportRegionsMovesJobs(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	importCSV(t, d, jobHeader+"\nP-1,By postcode,x,,,777,,30,2027-03-08T09:00,2027-03-08T12:00,normal\n"+
		"H-1,By hand,x,0.5,0.5,,,30,2027-03-08T09:00,2027-03-08T12:00,normal\n"+
		"G-1,In the gap,x,0.5,0.5,,,30,2027-03-15T02:30,2027-03-15T05:00,normal\n"+
		"C-1,Over,x,0.5,0.5,,,30,2027-03-08T09:00,2027-03-08T12:00,normal\n"+
		"O-1,Past,x,0.5,0.5,,,30,2020-03-08T09:00,2020-03-08T12:00,normal\n")
	for _, change := range []string{
		`update jobs set region_override = 'west', region_reason = 'override' where external_id = 'H-1'`,
		`update jobs set status = 'completed' where external_id = 'C-1'`,
		// A wall time that doesn't exist in the zone of the new region: Berlin changes on 28 March.
		`update jobs set window_start_local = '2027-03-28 02:30', window_end_local = '2027-03-28 05:00',
		   window_start = '2027-03-28 06:30Z', window_end = '2027-03-28 09:00Z' where external_id = 'G-1'`,
	} {
		if err := d.Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	created := importLog(t, d)
	// A small region in the middle of west takes all that stands there.
	middle := `{"type":"Feature","properties":{"slug":"middle","name":"Middle","zone":"Europe/Berlin","postcodes":["777"]},
	  "geometry":{"type":"Polygon","coordinates":[[[0.4,0.4],[0.6,0.4],[0.6,0.6],[0.4,0.6],[0.4,0.4]]]}}`
	file := readRegions(t, collection(middle))
	dry, err := d.ImportRegions(t.Context(), db.RegionImport{By: importer(), File: file, DryRun: true})
	if want := (db.Imported{Created: 1, Moved: 5}); err != nil || dry != want {
		t.Errorf("dry run: %+v, %v", dry, err)
	}
	if strings.Contains(regionState(t, d), "middle") || importLog(t, d) != created {
		t.Error("a dry run saved something")
	}
	if done := importGeoJSON(t, d, middle); done != dry {
		t.Errorf("import: %+v", done)
	}
	want := `C-1 west polygon America/New_York 2027-03-08 14:00:00 1
G-1 middle polygon America/New_York 2027-03-28 06:30:00 2
H-1 west override America/New_York 2027-03-08 14:00:00 1
O-1 middle polygon Europe/Berlin 2020-03-08 08:00:00 2
P-1 middle postcode Europe/Berlin 2027-03-08 08:00:00 2
W-1 middle polygon America/New_York 2027-03-08 14:00:00 3
W-2 middle polygon Europe/Berlin 2027-03-08 08:00:00 2`
	if got := rowsOf(t, d, `select concat_ws(' ', external_id, region, region_reason, zone, window_start at time zone 'UTC', version) from jobs order by 1`); got != want {
		t.Errorf("jobs:\n%s\nwant:\n%s", got, want)
	}
	if got, want := strings.TrimPrefix(importLog(t, d), created+"\n"), `JobRegionChanged W-1 {dispatch/west,dispatch/middle,dispatch/east} west middle map
JobRegionChanged W-2 {dispatch/west,dispatch/middle} west middle map
JobRegionChanged P-1 {dispatch/unrouted,dispatch/middle} unrouted middle map
JobRegionChanged G-1 {dispatch/west,dispatch/middle} west middle map
JobRegionChanged O-1 {dispatch/west,dispatch/middle} west middle map`; got != want {
		t.Errorf("log:\n%s\nwant:\n%s", got, want)
	}
}

// An assignment that is over keeps the region in which it was done.
func TestImportRegionsLeavesThePast(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	if err := d.Exec(t.Context(), `update assignments set during = tstzrange('2020-01-01', '2020-01-02')`); err != nil {
		t.Fatal(err)
	}
	if done := importGeoJSON(t, d, regionFeature("west", newYork, polygonAt(20, 20))); done.Moved != 1 {
		t.Errorf("import: %+v", done)
	}
	if got := rowsOf(t, d, `select external_id || ' ' || region || ' ' || region_reason from jobs order by 1`); got != "W-1 west polygon\nW-2 unrouted none" {
		t.Errorf("jobs: %s", got)
	}
}

// A job that only comes to lie on a border stays and says so.
func TestImportRegionsBorder(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	importGeoJSON(t, d, regionFeature("other", newYork, `{"type":"Polygon","coordinates":[[[0.5,0.5],[0.5,9],[9,9],[9,0.5],[0.5,0.5]]]}`))
	if got := rowsOf(t, d, `select external_id || ' ' || region || ' ' || region_reason from jobs order by 1`); got != "W-1 west border\nW-2 west border" {
		t.Errorf("jobs: %s", got)
	}
	if want := `JobUpdated W-1 {dispatch/west} ["region_reason"]
JobUpdated W-2 {dispatch/west} ["region_reason"]`; importLog(t, d) != want {
		t.Errorf("log:\n%s", importLog(t, d))
	}
}

func TestImportRegionsRejects(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	before := regionState(t, d)
	_, err := d.ImportRegions(t.Context(), db.RegionImport{By: importer(),
		File: readRegions(t, collection(regionFeature("new", newYork, polygonAt(5, 5)), regionFeature("bad", "Nowhere", polygonAt(6, 6))))})
	var bad *db.Rejected
	if !errors.As(err, &bad) || len(bad.Rows) != 1 || bad.Rows[0].Line != 3 {
		t.Errorf("got %v", err)
	}
	if regionState(t, d) != before {
		t.Error("a rejected file changed something")
	}
}

// A job that is entered while a new map is being saved waits for it, and is
// saved under the new one.
func TestNewJobWaitsForMap(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	job := db.NewJob{
		ExternalID: "N-1", Title: "x", Site: db.Site{Address: "x", Point: &schedule.Point{Lat: 0.5, Lng: 0.5}},
		DurationMinutes: 30, Priority: "normal", WindowStart: promised(t, "2027-03-08T09:00"), WindowEnd: promised(t, "2027-03-08T12:00"),
	}
	done := make(chan error, 1)
	saveMap := func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(t.Context(), `select pg_advisory_xact_lock(79)`); err != nil {
			return err
		}
		if _, err := tx.ExecContext(t.Context(), `update regions set geometry = null where slug = 'west'`); err != nil {
			return err
		}
		go func() {
			_, err := d.CreateJob(t.Context(), db.Command{By: importer()}, job)
			done <- err
		}()
		for rowsOf(t, d, `select count(*)::text from pg_locks where locktype = 'advisory' and objid = 79 and not granted
		    and database = (select oid from pg_database where datname = current_database())`) == "0" {
			select {
			case err := <-done:
				done <- err
				t.Error("the job did not wait for the map")
				return nil
			default:
			}
		}
		return nil
	}
	if err := d.LogInTx(t.Context(), saveMap, nothing, func() []events.Event { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := rowsOf(t, d, `select region from jobs where external_id = 'N-1'`); got != "unrouted" {
		t.Errorf("the job was saved under the old map: %s", got)
	}
}

// A region may have postcodes and no area, as an export writes it; one without
// postcodes must have an area.
func TestImportRegionWithoutArea(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	postal := `{"type":"Feature","properties":{"slug":"postal","name":"Postal","zone":"America/New_York","postcodes":["9*"]},"geometry":null}`
	west := `{"type":"Feature","properties":{"slug":"west","name":"west","zone":"America/New_York","postcodes":[]},"geometry":null}`
	if done := importGeoJSON(t, d, postal, west); done != (db.Imported{Created: 1, Updated: 1, Moved: 2}) {
		t.Errorf("first import: %+v", done)
	}
	if done := importGeoJSON(t, d, postal, west); done != (db.Imported{Unchanged: 2}) {
		t.Errorf("second import: %+v", done)
	}
	if got := rowsOf(t, d, `select slug from regions where geometry is null order by 1`); got != "postal\nunrouted\nwest" {
		t.Errorf("without an area: %s", got)
	}
	if got := rowsOf(t, d, `select external_id || ' ' || region from jobs order by 1`); got != "W-1 unrouted\nW-2 unrouted" {
		t.Errorf("jobs: %s", got)
	}
}
