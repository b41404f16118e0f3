package schedule_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"smartscheduler/schedule"
)

func outline(t *testing.T, geojson string) schedule.Outline {
	t.Helper()
	o, err := schedule.ReadOutline([]byte(geojson))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestDraw(t *testing.T) {
	t.Parallel()
	// At 60 degrees north a degree of longitude is half as long.
	holed := outline(t, polygon(`[[0,59],[4,59],[4,61],[0,61],[0,59]]`, `[[1,59.5],[2,59.5],[2,60.5],[1.5,60.5],[1,60.5],[1,59.5]]`))
	p := schedule.Draw(holed, nil)
	if p.Width != 1040 || p.Height != 1040 {
		t.Errorf("%d by %d units", p.Width, p.Height)
	}
	if want := "M20 1020l1000 0l0 -1000l-1000 0zM270 770l250 0l0 -500l-250 0z"; p.Paths[0] != want || p.Paths[1] != "" {
		t.Errorf("paths %q, want %q and nothing", p.Paths, want)
	}
	if x, y, ok := p.Place(schedule.Point{Lat: 60, Lng: 2}); x != 520 || y != 520 || !ok {
		t.Errorf("the middle is at %d, %d: %t", x, y, ok)
	}
	for _, far := range []schedule.Point{{Lat: 0, Lng: 2}, {Lat: 60, Lng: -9}, {Lat: math.NaN(), Lng: 2}} {
		if _, _, ok := p.Place(far); ok {
			t.Errorf("%v is on the picture", far)
		}
	}
	if p := schedule.Draw(nil); p.Width != 0 || len(p.Paths) != 1 {
		t.Errorf("nothing is drawn as %+v", p)
	}
	if _, _, ok := schedule.Draw(nil).Place(schedule.Point{}); ok {
		t.Error("a point is on no picture")
	}
}

// TestDrawIsBounded draws large and many outlines with few corners, and leaves
// none out.
func TestDrawIsBounded(t *testing.T) {
	t.Parallel()
	var coast strings.Builder
	const corners = 100000
	for i := range corners + 1 {
		angle := 2 * math.Pi * float64(i%corners) / corners
		r := 1 + 0.001*float64(i%2)
		fmt.Fprintf(&coast, ",[%.9f,%.9f]", r*math.Cos(angle), r*math.Sin(angle))
	}
	large := outline(t, polygon("["+coast.String()[1:]+"]"))
	if path := schedule.Draw(large).Paths[0]; len(path) < 1000 || len(path) > 100<<10 {
		t.Errorf("a hundred thousand corners take %d bytes", len(path))
	}
	var many []schedule.Outline
	for i := range 3000 {
		x, y := float64(i%60)/100, float64(i/60)/100
		many = append(many, outline(t, polygon(fmt.Sprintf(`[[%v,%v],[%v,%v],[%v,%v],[%v,%v]]`, x, y, x+0.004, y, x+0.004, y+0.004, x, y))))
	}
	total := 0
	for i, path := range schedule.Draw(append(many, large)...).Paths {
		if total += len(path); path == "" {
			t.Fatalf("outline %d is not drawn", i)
		}
	}
	if total > 300<<10 {
		t.Errorf("all take %d bytes", total)
	}
}
