package db_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// square is the coordinates of a polygon with a side of one degree.
func square(x, y float64) string {
	return fmt.Sprintf("[[[%g,%g],[%g,%g],[%g,%g],[%g,%g],[%g,%g]]]", x, y, x+1, y, x+1, y+1, x, y+1, x, y)
}

func regionFeature(slug, zone, geometry string) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"slug":%q,"name":"Name of %s","zone":%q},"geometry":%s}`, slug, slug, zone, geometry)
}

func polygonAt(x, y float64) string {
	return `{"type":"Polygon","coordinates":` + square(x, y) + `}`
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + "\n" + strings.Join(features, ",\n") + "\n]}"
}

const newYork = "America/New_York"

func readRegions(t testing.TB, text string) db.RegionFile {
	t.Helper()
	file, err := db.ReadRegionsGeoJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("read regions: %v", err)
	}
	return file
}

func TestReadRegionsGeoJSON(t *testing.T) {
	t.Parallel()
	file := readRegions(t, "\ufeff"+collection(
		regionFeature("a", newYork, `{"bbox":[0],"type":"Polygon","x":"\u0000","coordinates":[[[0,0],[1.0,0],[1,1e0],[0,0]]]}`),
		`{"type":"Feature","id":7,"properties":{"slug":"b","name":" B ","zone":"Europe/Berlin","postcodes":["2"," 1 ","2"],"other":{}},
		  "geometry":{"type":"MultiPolygon","coordinates":[`+square(5, 5)+`]}}`))
	if len(file.Bad) > 0 || len(file.Rows) != 2 {
		t.Fatalf("rows %+v, bad %v", file.Rows, file.Bad)
	}
	a, b := file.Rows[0], file.Rows[1]
	if a.Line != 2 || b.Line != 3 || a.HasPostcodes || !b.HasPostcodes || strings.Join(b.Region.Postcodes, " ") != "1 2" || b.Region.Name != "B" {
		t.Errorf("rows %+v", file.Rows)
	}
	if want := `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`; a.Region.Geometry != want {
		t.Errorf("geometry %s", a.Region.Geometry)
	}
}

func TestReadRegionsGeoJSONBadFeatures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ feature, column, reason string }{
		"slug":       {regionFeature("Upper Case", newYork, polygonAt(0, 0)), "slug", "small letters"},
		"reserved":   {regionFeature("unrouted", newYork, polygonAt(0, 0)), "slug", "reserved"},
		"twice":      {regionFeature("first", newYork, polygonAt(0, 0)), "slug", "line 2 has this slug"},
		"zone":       {regionFeature("r", "Eastern", polygonAt(0, 0)), "zone", "IANA"},
		"local zone": {regionFeature("r", "Local", polygonAt(0, 0)), "zone", "IANA"},
		"no zone":    {`{"type":"Feature","properties":{"slug":"r","name":"R"},"geometry":` + polygonAt(0, 0) + `}`, "zone", "missing"},
		"name":       {`{"type":"Feature","properties":{"slug":"r","name":7,"zone":"Europe/Berlin"},"geometry":` + polygonAt(0, 0) + `}`, "name", "must be text"},
		"point":      {regionFeature("r", newYork, `{"type":"Point","coordinates":[0,0]}`), "geometry", "Polygon or MultiPolygon"},
		"null":       {regionFeature("r", newYork, `null`), "geometry", "missing"},
		"open ring":  {regionFeature("r", newYork, `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}`), "geometry", "closed"},
		"bow tie":    {regionFeature("r", newYork, `{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,1],[0,0]]]}`), "geometry", "crosses or touches itself"},
		"no area":    {regionFeature("r", newYork, `{"type":"Polygon","coordinates":[[[0,0],[1,1],[2,2],[0,0]]]}`), "geometry", "no polygon"},
		"off Earth":  {regionFeature("r", newYork, polygonAt(180, 0)), "geometry", "longitude"},
		"depth":      {regionFeature("r", newYork, `{"type":"Polygon","coordinates":[[0,0],[1,0]]}`), "geometry", "depth"},
		"no feature": {`"text"`, "", "not a GeoJSON Feature"},
		"postcodes":  {`{"type":"Feature","properties":{"slug":"r","name":"R","zone":"Europe/Berlin","postcodes":"1"},"geometry":` + polygonAt(0, 0) + `}`, "postcodes", "list"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := readRegions(t, collection(regionFeature("first", newYork, polygonAt(9, 9)), test.feature))
			if len(file.Bad) != 1 || len(file.Rows) != 1 {
				t.Fatalf("bad %v, rows %v", file.Bad, file.Rows)
			}
			if bad := file.Bad[0]; bad.Line != 3 || bad.Column != test.column || !strings.Contains(bad.Reason, test.reason) {
				t.Errorf("got %v", bad)
			}
		})
	}
}

func TestReadRegionsGeoJSONBadFile(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "list": "[]", "feature": regionFeature("a", newYork, polygonAt(0, 0)),
		"cut off":      collection(regionFeature("a", newYork, polygonAt(0, 0)))[:150],
		"no features":  `{"type":"FeatureCollection"}`,
		"not a list":   `{"type":"FeatureCollection","features":{}}`,
		"other system": `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:3857"}},"features":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := db.ReadRegionsGeoJSON(strings.NewReader(text)); !errors.Is(err, db.ErrFile) {
				t.Errorf("got %v, want ErrFile", err)
			}
		})
	}
	_, err := db.ReadRegionsGeoJSON(strings.NewReader("{\n\"type\":\n oops}"))
	if err == nil || !strings.HasPrefix(err.Error(), "line 3: ") {
		t.Errorf("the syntax error is on line 3: %v", err)
	}
}

// Published maps are rounded to a grid, which leaves spikes and collapsed rings.
func TestReadRegionsGeoJSONTidies(t *testing.T) {
	t.Parallel()
	const want = `{"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,4],[0,0]]]]}`
	for name, coordinates := range map[string]string{
		"repeated":          `[[[[0,0],[4,0],[4,0],[4,4],[0,4],[0,0]]]]`,
		"spike":             `[[[[0,0],[4,0],[5,0],[4,0],[4,4],[0,4],[0,0]]]]`,
		"long spike":        `[[[[0,0],[4,0],[5,0],[6,1],[5,0],[4,0],[4,4],[0,4],[0,0]]]]`,
		"overshoot":         `[[[[0,0],[5,0],[4,0],[4,4],[0,4],[0,0]]]]`,
		"spike at the seam": `[[[[0,0],[4,0],[4,4],[0,4],[0,0],[-1,-1],[0,0]]]]`,
		"collapsed member":  `[[[[9,9],[8,8],[9,9],[9,9]]],[[[0,0],[4,0],[4,4],[0,4],[0,0]]]]`,
		"collapsed hole":    `[[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[2,2],[3,3],[1,1]]]]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := readRegions(t, collection(regionFeature("r", newYork, `{"type":"MultiPolygon","coordinates":`+coordinates+`}`)))
			if len(file.Bad) > 0 || file.Rows[0].Region.Geometry != want {
				t.Errorf("rows %+v, bad %v", file.Rows, file.Bad)
			}
		})
	}
}

// The counties around Chattanooga, from real data; see testdata/README.md.
func TestReadRegionsGeoJSONRealCounties(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/counties.geojson")
	if err != nil {
		t.Fatal(err)
	}
	file := readRegions(t, string(text))
	if len(file.Bad) > 0 || len(file.Rows) < 5 {
		t.Fatalf("%d rows, bad %v", len(file.Rows), file.Bad)
	}
	var regions []schedule.Region
	for _, row := range file.Rows {
		regions = append(regions, schedule.Region{Slug: row.Region.Slug, Geometry: []byte(row.Region.Geometry)})
	}
	index, err := schedule.NewMap(regions)
	if err != nil {
		t.Fatal(err)
	}
	for place, at := range map[string]schedule.Point{
		"hamilton-tn": {Lat: 35.0463, Lng: -85.3161}, // Chattanooga
		"walker-ga":   {Lat: 34.7048, Lng: -85.2819}, // LaFayette
		"catoosa-ga":  {Lat: 34.9154, Lng: -85.1091}, // Ringgold
		"dade-ga":     {Lat: 34.8729, Lng: -85.5094}, // Trenton
		"marion-tn":   {Lat: 35.0712, Lng: -85.6255}, // Jasper
		"unrouted":    {Lat: 33.749, Lng: -84.388},   // Atlanta
	} {
		if got := index.Locate(&at, ""); got.Region != place {
			t.Errorf("%v lies in %s, not in %s", at, got.Region, place)
		}
	}
}

func FuzzReadRegionsGeoJSON(f *testing.F) {
	f.Add(collection(regionFeature("a", newYork, polygonAt(0, 0)), regionFeature("b", "Europe/Berlin", `{"type":"MultiPolygon","coordinates":[`+square(1, 0)+`]}`)))
	f.Add(`{"type":"FeatureCollection","crs":null,"features":[{"type":"Feature","properties":null,"geometry":{"type":"Polygon","coordinates":[[[0,0],[0],[null,1],[0,0]]]}}]}`)
	f.Add(collection(regionFeature("a", newYork, `{"type":"Polygon","coordinates":[[[0,0],[1,0,5],[1,0],[2,2],[0,0]],[]]}`)))
	f.Fuzz(func(t *testing.T, text string) {
		file, err := db.ReadRegionsGeoJSON(strings.NewReader(text))
		if err != nil {
			return
		}
		lines := strings.Count(text, "\n") + 1
		var regions []schedule.Region
		for _, row := range file.Rows {
			if row.Line < 1 || row.Line > lines || !json.Valid([]byte(row.Region.Geometry)) {
				t.Fatalf("a row that must not pass: %+v", row)
			}
			regions = append(regions, schedule.Region{Slug: row.Region.Slug, Geometry: []byte(row.Region.Geometry), Postcodes: row.Region.Postcodes})
		}
		if _, err := schedule.NewMap(regions); err != nil {
			t.Fatalf("what passed makes no map: %v", err)
		}
		for _, bad := range file.Bad {
			if bad.Line < 1 || bad.Line > lines || bad.Reason == "" || strings.ContainsAny(bad.Error(), "\n\x1b") {
				t.Fatalf("an error that does not lead to its feature: %+v", bad)
			}
		}
	})
}
