package schedule

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/peterstace/simplefeatures/geom"
)

// CheckGeometry reports why a GeoJSON geometry cannot be the area of a region:
// anything but a Polygon or MultiPolygon, an empty one, a longitude beyond 180
// or a latitude beyond 90 degrees, a ring that is not closed or crosses
// itself, a hole outside its polygon, members that overlap. The direction of
// rings does not matter. The error is a sentence for the person who drew it.
func CheckGeometry(geojson []byte) error {
	_, err := parseGeometry(geojson)
	return err
}

// perDegree is how many grid units a degree has: all geometry is done in whole
// billionths of a degree (0.1 mm), so that areas and sides of a line are exact
// integers and the same on every machine.
const perDegree = 1e9

// vertex is a position in grid units.
type vertex struct{ x, y int64 }

// polygon is an outer ring and its holes, each closed.
type polygon struct {
	rings    [][]vertex
	min, max vertex
	area2    *big.Int // twice the area without the holes, in square grid units
}

func parseGeometry(geojson []byte) ([]polygon, error) {
	// Validation comes later: it means nothing for positions off the Earth.
	g, err := geom.UnmarshalGeoJSON(geojson, geom.NoValidate{})
	if err != nil {
		return nil, fmt.Errorf("read geometry: %w", err)
	}
	var members geom.MultiPolygon
	switch g.Type() {
	case geom.TypePolygon:
		members = g.MustAsPolygon().AsMultiPolygon()
	case geom.TypeMultiPolygon:
		members = g.MustAsMultiPolygon()
	default:
		return nil, fmt.Errorf("read geometry: a region is a Polygon or MultiPolygon, not a %s", g.Type())
	}
	var polygons []polygon
	for _, member := range members.Dump() {
		p, err := newPolygon(member)
		if err != nil {
			return nil, fmt.Errorf("read geometry: %w", err)
		}
		polygons = append(polygons, p)
	}
	if len(polygons) == 0 {
		return nil, errors.New("read geometry: it has no polygon")
	}
	if err := g.Validate(); err != nil {
		return nil, fmt.Errorf("read geometry: %w", inPlainWords(err))
	}
	return polygons, nil
}

// inPlainWords says what is wrong with rings to somebody who drew them; what it
// does not know stays as it is.
func inPlainWords(err error) error {
	rule, place, _ := strings.Cut(err.Error(), " (at or near {")
	for _, known := range [][2]string{
		{"ring not closed", "an outline is not closed: its last position must be its first again"},
		{"ring not simple", "an outline crosses or touches itself"},
		{"nested rings", "a hole lies inside another hole"},
		{"interior ring outside", "a hole lies outside the outline"},
		{"disconnected interior", "the holes cut the area into parts: make a MultiPolygon of them"},
		{"rings intersect", "an outline and a hole meet in more than one point"},
		{"child polygons touch", "two parts of a MultiPolygon overlap or meet in more than one point"},
	} {
		if strings.Contains(rule, known[0]) {
			if place == "" {
				return errors.New(known[1])
			}
			return fmt.Errorf("%s, at or near %s", known[1], strings.Replace(strings.TrimSuffix(place, "})"), " ", ", ", 1))
		}
	}
	return err
}

func newPolygon(member geom.Polygon) (polygon, error) {
	p := polygon{
		min: vertex{math.MaxInt64, math.MaxInt64}, max: vertex{math.MinInt64, math.MinInt64},
		area2: new(big.Int),
	}
	for i, line := range member.DumpRings() {
		ring, err := newRing(line.Coordinates())
		if err != nil {
			return polygon{}, err
		}
		p.rings = append(p.rings, ring)
		if i > 0 {
			p.area2.Sub(p.area2, ringArea2(ring))
			continue
		}
		p.area2.Set(ringArea2(ring))
		for _, v := range ring {
			p.min = vertex{min(p.min.x, v.x), min(p.min.y, v.y)}
			p.max = vertex{max(p.max.x, v.x), max(p.max.y, v.y)}
		}
	}
	if p.area2.Sign() <= 0 {
		return polygon{}, errors.New("a polygon has no area")
	}
	return p, nil
}

func newRing(positions geom.Sequence) ([]vertex, error) {
	ring := make([]vertex, positions.Length())
	for i := range ring {
		at := positions.GetXY(i)
		v, ok := toGrid(at.Y, at.X)
		if !ok {
			return nil, fmt.Errorf("%v, %v is not a longitude and a latitude", at.X, at.Y)
		}
		ring[i] = v
	}
	return ring, nil
}

// toGrid rounds degrees to the grid; false if they are not on the Earth.
func toGrid(lat, lng float64) (vertex, bool) {
	// Written so that NaN fails.
	if !(math.Abs(lat) <= 90 && math.Abs(lng) <= 180) {
		return vertex{}, false
	}
	return vertex{x: int64(math.Round(lng * perDegree)), y: int64(math.Round(lat * perDegree))}, true
}

// ringArea2 is twice the area of a ring, whatever its direction and start.
func ringArea2(ring []vertex) *big.Int {
	sum, a, b := new(big.Int), new(big.Int), new(big.Int)
	for i := 1; i < len(ring); i++ {
		p, q := ring[i-1], ring[i]
		sum.Add(sum, a.Mul(a.SetInt64(p.x), b.SetInt64(q.y)))
		sum.Sub(sum, a.Mul(a.SetInt64(q.x), b.SetInt64(p.y)))
	}
	return sum.Abs(sum)
}
