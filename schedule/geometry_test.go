package schedule_test

import (
	"strings"
	"testing"

	"smartscheduler/schedule"
)

const square = `[[0,0],[10,0],[10,10],[0,10],[0,0]]`

func polygon(rings ...string) string {
	return `{"type":"Polygon","coordinates":[` + strings.Join(rings, ",") + `]}`
}

func multiPolygon(members ...string) string {
	return `{"type":"MultiPolygon","coordinates":[` + strings.Join(members, ",") + `]}`
}

func TestCheckGeometryAccepts(t *testing.T) {
	t.Parallel()
	for name, geojson := range map[string]string{
		"square":               polygon(square),
		"clockwise":            polygon(`[[0,0],[0,10],[10,10],[10,0],[0,0]]`),
		"hole":                 polygon(square, `[[4,4],[6,4],[6,6],[4,6],[4,4]]`),
		"hole touches a point": polygon(square, `[[0,5],[2,4],[2,6],[0,5]]`),
		"two members":          multiPolygon(`[`+square+`]`, `[[[20,0],[30,0],[25,5],[20,0]]]`),
		"members touch":        multiPolygon(`[`+square+`]`, `[[[10,10],[20,10],[20,20],[10,10]]]`),
		"island in the hole":   multiPolygon(`[`+square+`,[[2,2],[8,2],[8,8],[2,8],[2,2]]]`, `[[[4,4],[6,4],[6,6],[4,4]]]`),
		"heights are ignored":  polygon(`[[0,0,5],[10,0,5],[10,10,5],[0,0,5]]`),
		"corners of the Earth": polygon(`[[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]]`),
		"other members":        `{"bbox":[0,0,1,1],"type":"Polygon","coordinates":[` + square + `],"properties":{}}`,
	} {
		if err := schedule.CheckGeometry([]byte(geojson)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckGeometryRefuses(t *testing.T) {
	t.Parallel()
	for name, geojson := range map[string]string{
		"nothing":             ``,
		"null":                `null`,
		"not JSON":            `{"type":"Polygon"`,
		"no coordinates":      `{"type":"Polygon"}`,
		"no ring":             polygon(),
		"empty ring":          polygon(`[]`),
		"no member":           multiPolygon(),
		"empty member":        multiPolygon(`[`+square+`]`, `[]`),
		"a point":             `{"type":"Point","coordinates":[1,1]}`,
		"a line":              `{"type":"LineString","coordinates":` + square + `}`,
		"a feature":           `{"type":"Feature","geometry":` + polygon(square) + `}`,
		"a collection":        `{"type":"GeometryCollection","geometries":[` + polygon(square) + `]}`,
		"open ring":           polygon(`[[0,0],[10,0],[10,10],[0,10]]`),
		"three positions":     polygon(`[[0,0],[10,0],[0,0]]`),
		"crosses itself":      polygon(`[[0,0],[10,10],[10,0],[0,10],[0,0]]`),
		"hole outside":        polygon(square, `[[20,20],[21,20],[21,21],[20,20]]`),
		"hole over the edge":  polygon(square, `[[5,5],[15,5],[15,6],[5,5]]`),
		"hole cuts in two":    polygon(square, `[[0,5],[10,5],[5,6],[0,5]]`),
		"members overlap":     multiPolygon(`[`+square+`]`, `[[[5,5],[15,5],[15,15],[5,5]]]`),
		"members share edges": multiPolygon(`[`+square+`]`, `[[[10,0],[20,0],[20,10],[10,10],[10,0]]]`),
		"longitude":           polygon(`[[0,0],[181,0],[10,10],[0,0]]`),
		"latitude":            polygon(`[[0,0],[10,0],[10,90.1],[0,0]]`),
		"huge":                polygon(`[[0,0],[1e308,0],[10,1e308],[0,0]]`),
		"too huge":            polygon(`[[0,0],[1e999,0],[10,10],[0,0]]`),
		"flat":                polygon(`[[0,0],[5,5],[10,10],[0,0]]`),
		"no area on the grid": polygon(`[[0,0],[1e-10,0],[0,1e-10],[0,0]]`),
		"one number":          polygon(`[[0],[10],[10],[0]]`),
		"words":               polygon(`[["0","0"],["1","0"],["1","1"],["0","0"]]`),
	} {
		err := schedule.CheckGeometry([]byte(geojson))
		if err == nil {
			t.Errorf("%s: accepted %s", name, geojson)
			continue
		}
		if _, mapErr := schedule.NewMap([]schedule.Region{{Slug: "north", Geometry: []byte(geojson)}}); mapErr == nil && name != "nothing" && name != "null" {
			t.Errorf("%s: NewMap takes what CheckGeometry refuses: %v", name, err)
		}
	}
}

func FuzzCheckGeometry(f *testing.F) {
	for _, s := range []string{
		polygon(square), polygon(square, `[[4,4],[6,4],[6,6],[4,6],[4,4]]`), polygon(),
		multiPolygon(`[`+square+`]`, `[[[10,10],[20,10],[20,20],[10,10]]]`), `null`, `{"type":"Polygon","coordinates":[[]]}`,
		`{"type":"MultiPolygon","coordinates":[[[[0,0,1],[1,1]]]]}`, polygon(`[[0,0],[1e-9,0],[0,1e-9],[0,0]]`),
		`{"type":"GeometryCollection","geometries":[{"type":"Point"}]}`,
	} {
		f.Add([]byte(s), 5.0, 5.0)
	}
	f.Fuzz(func(t *testing.T, geojson []byte, lat, lng float64) {
		if schedule.CheckGeometry(geojson) != nil {
			return
		}
		m, err := schedule.NewMap([]schedule.Region{{Slug: "north", Geometry: geojson}})
		if err != nil {
			t.Fatalf("good geometry, but no map: %v", err)
		}
		switch got := m.Locate(&schedule.Point{Lat: lat, Lng: lng}, ""); got.Reason {
		case schedule.ReasonPolygon, schedule.ReasonBorder, schedule.ReasonNone:
		default:
			t.Errorf("located %+v", got)
		}
	})
}

// TestCheckGeometrySaysWhatToMend wants no words of a library, and the place.
func TestCheckGeometrySaysWhatToMend(t *testing.T) {
	t.Parallel()
	for want, geojson := range map[string]string{
		"an outline is not closed: its last position must be its first again, at or near 0, 0": polygon(`[[0,0],[10,0],[10,10],[0,10]]`),
		"an outline crosses or touches itself":                                                 polygon(`[[0,0],[10,10],[10,0],[0,5],[0,0]]`),
		"a hole lies inside another hole":                                                      polygon(square, `[[2,2],[8,2],[8,8],[2,8],[2,2]]`, `[[4,4],[6,4],[6,6],[4,4]]`),
		"a hole lies outside the outline":                                                      polygon(square, `[[20,20],[21,20],[21,21],[20,20]]`),
		"an outline and a hole meet in more than one point":                                    polygon(square, `[[5,5],[15,5],[15,6],[5,5]]`),
		"the holes cut the area into parts":                                                    polygon(square, `[[0,5],[5,5],[3,6],[0,5]]`, `[[5,5],[10,5],[7,6],[5,5]]`),
		"two parts of a MultiPolygon overlap":                                                  multiPolygon(`[`+square+`]`, `[[[5,5],[15,5],[15,15],[5,15],[5,5]]]`),
	} {
		err := schedule.CheckGeometry([]byte(geojson))
		if err == nil || !strings.HasPrefix(err.Error(), "read geometry: "+want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
