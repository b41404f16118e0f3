package schedule_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"smartscheduler/schedule"
)

func newMap(t testing.TB, regions ...schedule.Region) *schedule.Map {
	t.Helper()
	m, err := schedule.NewMap(regions)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func region(slug, geojson string) schedule.Region {
	return schedule.Region{Slug: slug, Geometry: []byte(geojson)}
}

func point(lng, lat float64) *schedule.Point { return &schedule.Point{Lat: lat, Lng: lng} }

func TestLocate(t *testing.T) {
	t.Parallel()
	m := newMap(t,
		region("wide", polygon(`[[0,0],[100,0],[100,50],[0,50],[0,0]]`, `[[40,20],[60,20],[60,30],[40,30],[40,20]]`)),
		region("town", polygon(`[[10,10],[20,10],[20,20],[10,20],[10,10]]`)),
		// 19 by 10.1 with a hole of 10 by 10: its area is less than the town's 100.
		region("ring", polygon(`[[12,9.95],[31,9.95],[31,20.05],[12,20.05],[12,9.95]]`, `[[20.5,10],[30.5,10],[30.5,20],[20.5,20],[20.5,10]]`)),
		region("east", polygon(`[[100,0],[120,0],[120,50],[100,50],[100,0]]`)),
		schedule.Region{Slug: "paper", Postcodes: []string{"37402"}, Geometry: []byte(" null ")},
	)
	for _, c := range []struct {
		name           string
		at             *schedule.Point
		region, reason string
	}{
		{"only one", point(5, 5), "wide", "polygon"},
		{"smallest of two", point(11, 15), "town", "polygon"},
		{"holes are subtracted", point(15, 15), "ring", "polygon"},
		{"in a hole", point(25, 15), "wide", "polygon"},
		{"in the hole of the only one", point(50, 25), "unrouted", "none"},
		{"edge of the hole", point(40, 25), "wide", "border"},
		{"corner of the hole", point(60, 30), "wide", "border"},
		{"shared edge: the smaller one", point(100, 25), "east", "border"},
		{"shared corner", point(100, 0), "east", "border"},
		{"outer edge", point(50, 0), "wide", "border"},
		{"edge of the town within the wide one", point(10, 15), "town", "border"},
		{"hole of the ring within the wide one", point(20.5, 15), "ring", "border"},
		{"outside", point(-5, 5), "unrouted", "none"},
		{"beside, on a line with an edge", point(130, 0), "unrouted", "none"},
		{"not on the Earth", &schedule.Point{Lat: 91, Lng: 5}, "unrouted", "none"},
		{"not a number", &schedule.Point{Lat: math.NaN(), Lng: 5}, "unrouted", "none"},
		{"infinite", &schedule.Point{Lat: 5, Lng: math.Inf(1)}, "unrouted", "none"},
		{"unknown", nil, "unrouted", "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := m.Locate(c.at, ""); got.Region != c.region || got.Reason != c.reason {
				t.Errorf("%v: %+v, want %s by %s", c.at, got, c.region, c.reason)
			}
		})
	}
	// A postcode speaks only where no polygon does.
	if got := m.Locate(point(5, 5), "37402"); got.Region != "wide" {
		t.Errorf("in a polygon with a postcode of another: %+v", got)
	}
	for _, p := range []*schedule.Point{nil, point(-5, 5), {Lat: math.NaN()}} {
		if got, want := m.Locate(p, " 374 02 "), (schedule.Located{Region: "paper", Reason: "postcode"}); got != want {
			t.Errorf("%v with a postcode: %+v, want %+v", p, got, want)
		}
	}
}

func TestLocateMemberOfMultiPolygon(t *testing.T) {
	t.Parallel()
	// All of b is larger than a, but the member that holds the point is smaller.
	m := newMap(t,
		region("a", polygon(square)),
		region("b", multiPolygon(`[[[1,1],[3,1],[3,3],[1,3],[1,1]]]`, `[[[20,0],[60,0],[60,40],[20,40],[20,0]]]`)),
	)
	if got := m.Locate(point(2, 2), ""); got != (schedule.Located{Region: "b", Reason: "polygon"}) {
		t.Errorf("%+v, want b: its own member is the smallest", got)
	}
}

func TestLocateEqualAreas(t *testing.T) {
	t.Parallel()
	// Three cells of a grid in tenths: as floats their widths differ
	// (0.3-0.2 < 0.1), as the degrees that were drawn they do not.
	cell := func(x float64) string {
		return polygon(fmt.Sprintf(`[[%v,0],[%v,0],[%v,0.1],[%v,0.1],[%v,0]]`, x, x+0.1, x+0.1, x, x))
	}
	turned := polygon(`[[0.2,0.1],[0.2,0],[0.1,0],[0.1,0.1],[0.2,0.1]]`)
	for _, slugs := range [][3]string{{"a", "b", "c"}, {"c", "b", "a"}, {"b", "a", "c"}} {
		m := newMap(t, region(slugs[0], cell(0)), region(slugs[1], turned), region(slugs[2], cell(0.2)))
		for i, x := range []float64{0.1, 0.2} {
			want := schedule.Located{Region: min(slugs[i], slugs[i+1]), Reason: "border"}
			if got := m.Locate(point(x, 0.05), ""); got != want {
				t.Errorf("%v at %v: %+v, want %+v", slugs, x, got, want)
			}
		}
	}
}

// Along a row of cells in hundredths every edge is a tie.
func TestLocateEqualCells(t *testing.T) {
	t.Parallel()
	var row []schedule.Region
	for i := range 200 {
		a, b := float64(i)*0.01, float64(i)*0.01+0.01
		row = append(row, region(fmt.Sprintf("r%03d", 200-i), polygon(fmt.Sprintf(`[[%v,0],[%v,0],[%v,0.01],[%v,0.01],[%v,0]]`, a, b, b, a, a))))
	}
	m := newMap(t, row...)
	for i := 1; i < 200; i++ {
		want := schedule.Located{Region: fmt.Sprintf("r%03d", 200-i), Reason: "border"}
		if got := m.Locate(point(float64(i)*0.01, 0.005), ""); got != want {
			t.Errorf("edge %d: %+v, want %+v", i, got, want)
		}
	}
}

// A point that is computed to lie on a slanting edge is seldom exactly there.
// It must still be on the border, and land the same whatever the order of the
// regions, the direction of the rings and where they start.
func TestLocateSlantingBorder(t *testing.T) {
	t.Parallel()
	const ax, ay, bx, by = -85.3101234, 35.0456789, -85.1709876, 34.9871234
	edge := func(k float64) (x, y float64) { return ax + (bx-ax)*k, ay + (by-ay)*k }
	// The neighbour below has two more corners on the edge that the one above has not.
	qx, qy := edge(0.3)
	rx, ry := edge(0.7)
	north := []string{
		fmt.Sprintf(`[[%v,%v],[%v,%v],[-85.2,35.3],[%v,%v]]`, ax, ay, bx, by, ax, ay),
		fmt.Sprintf(`[[%v,%v],[%v,%v],[-85.2,35.3],[%v,%v]]`, bx, by, ax, ay, bx, by),
	}
	south := []string{
		fmt.Sprintf(`[[%v,%v],[-85.4,34.2],[%v,%v],[%v,%v],[%v,%v],[%v,%v]]`, ax, ay, bx, by, rx, ry, qx, qy, ax, ay),
		fmt.Sprintf(`[[%v,%v],[%v,%v],[%v,%v],[%v,%v],[-85.4,34.2],[%v,%v]]`, ax, ay, qx, qy, rx, ry, bx, by, ax, ay),
	}
	world := region("all", polygon(`[[-86,34],[-85,34],[-85,36],[-86,36],[-86,34]]`))
	var maps []*schedule.Map
	for _, n := range north {
		for _, s := range south {
			a, b := region("north", polygon(n)), region("south", polygon(s))
			maps = append(maps, newMap(t, a, b, world), newMap(t, world, b, a))
		}
	}
	for i := range 2001 {
		p := point(edge(float64(i) / 2000))
		for j, m := range maps {
			if got := m.Locate(p, ""); got != (schedule.Located{Region: "north", Reason: "border"}) {
				t.Fatalf("map %d, point %d at %v: %+v, want north, the smaller one, by border", j, i, *p, got)
			}
		}
		// A millimetre and more off the edge it is no border any more.
		for _, off := range []float64{1e-8, 1e-6} {
			up, down := point(p.Lng, p.Lat+off), point(p.Lng, p.Lat-off)
			if i == 0 || i == 2000 {
				continue // the corners have other edges
			}
			if got := maps[i%len(maps)].Locate(up, ""); got.Region != "north" || got.Reason != "polygon" {
				t.Fatalf("%v above point %d: %+v", off, i, got)
			}
			if got := maps[i%len(maps)].Locate(down, ""); got.Region != "south" || got.Reason != "polygon" {
				t.Fatalf("%v below point %d: %+v", off, i, got)
			}
		}
	}
}

// The longest edges that there are: products of differences need 78 bits.
func TestLocateLongEdges(t *testing.T) {
	t.Parallel()
	m := newMap(t,
		region("lower", polygon(`[[-180,-90],[180,-90],[180,89.999999999],[-180,-90]]`)),
		region("upper", polygon(`[[-180,-90],[180,89.999999999],[-180,89.999999999],[-180,-90]]`)),
	)
	slope := 179.999999999 / 360
	for x := -179.0; x < 180; x += 0.37 {
		y := -90 + (x+180)*slope
		for off, want := range map[float64]schedule.Located{
			0: {Region: "lower", Reason: "border"}, 1e-8: {Region: "upper", Reason: "polygon"}, -1e-8: {Region: "lower", Reason: "polygon"},
		} {
			if got := m.Locate(point(x, y+off), ""); got != want {
				t.Fatalf("%v, %v%+g: %+v, want %+v", x, y, off, got, want)
			}
		}
	}
}

func TestNewMapRefuses(t *testing.T) {
	t.Parallel()
	if _, err := schedule.NewMap([]schedule.Region{{Slug: "north"}, {Slug: "north"}}); err == nil {
		t.Error("a slug listed twice is accepted")
	}
	_, err := schedule.NewMap([]schedule.Region{region("north", polygon(square)), region("south", polygon(`[[0,0],[1,1]]`))})
	if err == nil {
		t.Fatal("a broken geometry is accepted")
	}
	if got := err.Error(); !slices.Contains([]string{`map region "south": read geometry`}, got[:min(len(got), 33)]) {
		t.Errorf("the error %q does not name the region", got)
	}
	empty := newMap(t)
	if got := empty.Locate(point(1, 1), "37402"); got != (schedule.Located{Region: schedule.Unrouted, Reason: schedule.ReasonNone}) {
		t.Errorf("an empty map says %+v", got)
	}
}

func TestLocatePostcode(t *testing.T) {
	t.Parallel()
	m := newMap(t,
		schedule.Region{Slug: "north", Postcodes: []string{"374*", "37421", "SW1A 1AA", "", "ec1a 1bb"}},
		schedule.Region{Slug: "south", Postcodes: []string{"3740*", "37402", "374 2*", "SW1*"}},
		schedule.Region{Slug: "east", Postcodes: []string{"37402", "374*", "3 7 4 0 9 *"}},
	)
	for code, want := range map[string]string{
		"37402": "east",  // both list it: the lowest slug
		"37403": "south", // 3740* is longer than 374*
		"37450": "east",  // both list 374*: the lowest slug
		"37421": "north", // the whole code goes before 3742*
		"37422": "south", "374": "east", "3740": "south", "37409": "east", "37409-1234": "east",
		"sw1a1aa": "north", " Sw1A\u00a01aA ": "north", "SW1A 2AA": "south", "EC1A1BB": "north",
		"37": "", "47402": "", "": "", "  ": "", "S": "",
	} {
		located := schedule.Located{Region: want, Reason: schedule.ReasonPostcode}
		if want == "" {
			located = schedule.Located{Region: schedule.Unrouted, Reason: schedule.ReasonNone}
		}
		if got := m.Locate(nil, code); got != located {
			t.Errorf("%q: %+v, want %+v", code, got, located)
		}
	}
	all := newMap(t, schedule.Region{Slug: "north", Postcodes: []string{"*"}})
	if got := all.Locate(nil, "x"); got.Region != "north" {
		t.Errorf("a star alone is every postcode: %+v", got)
	}
	if got := all.Locate(nil, " "); got.Region != schedule.Unrouted {
		t.Errorf("but not none: %+v", got)
	}
}

func BenchmarkLocate(b *testing.B) {
	// 3,000 star-shaped areas of 48 corners around Chattanooga, overlapping.
	rng := rand.New(rand.NewPCG(3, 3000))
	regions := make([]schedule.Region, 3000)
	for i := range regions {
		x, y := -86+float64(i%60)*0.04, 34+float64(i/60)*0.04
		regions[i] = region(fmt.Sprintf("r%04d", i), polygon(star(rng, x, y, 0.03, 48)))
	}
	m := newMap(b, regions...)
	points := make([]*schedule.Point, 1024)
	for i := range points {
		points[i] = point(-86+rng.Float64()*2.4, 34+rng.Float64()*2)
	}
	b.ReportAllocs()
	hits := 0
	for i := 0; b.Loop(); i++ {
		if m.Locate(points[i%len(points)], "").Region != schedule.Unrouted {
			hits++
		}
	}
	if hits == 0 {
		b.Fatal("every point is outside")
	}
}

// star is a ring around a place whose corners are at random distances.
func star(rng *rand.Rand, x, y, size float64, corners int) string {
	ring, first := "", ""
	for i := range corners {
		angle := 2 * math.Pi * float64(i) / float64(corners)
		r := size * (0.6 + 0.4*rng.Float64())
		corner := fmt.Sprintf("[%.6f,%.6f]", x+r*math.Cos(angle), y+r*math.Sin(angle))
		if i == 0 {
			first = corner
		}
		ring += corner + ","
	}
	return "[" + ring + first + "]"
}

func TestHolding(t *testing.T) {
	t.Parallel()
	m := newMap(t,
		region("wide", polygon(`[[0,0],[110,0],[110,50],[0,50],[0,0]]`)),
		region("town", multiPolygon(`[[[10,10],[20,10],[20,20],[10,20],[10,10]]]`, `[[[20,20],[30,20],[30,30],[20,30],[20,20]]]`)),
		region("east", polygon(`[[100,0],[179,0],[179,50],[100,50],[100,0]]`)),
	)
	for _, c := range []struct {
		at   schedule.Point
		want string
	}{
		{schedule.Point{Lat: 15, Lng: 15}, "town wide"},
		{schedule.Point{Lat: 20, Lng: 20}, "town wide"}, // the corner of both its parts
		{schedule.Point{Lat: 25, Lng: 95}, "wide"},
		{schedule.Point{Lat: 25, Lng: 105}, "east wide"},
		{schedule.Point{Lat: 25, Lng: -50}, ""},
		{schedule.Point{Lat: 91, Lng: 5}, ""},
	} {
		if got := strings.Join(m.Holding(c.at), " "); got != c.want {
			t.Errorf("%v: got %q, want %q", c.at, got, c.want)
		}
	}
}
