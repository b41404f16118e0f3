package schedule

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/peterstace/simplefeatures/rtree"
)

// Unrouted is the region of jobs that no other region claims.
const Unrouted = "unrouted"

// The reasons of a [Located].
const (
	ReasonPolygon  = "polygon"  // the point lies within a polygon of the region
	ReasonBorder   = "border"   // it lies on an edge, so the rule for ties decided
	ReasonPostcode = "postcode" // no polygon holds it, the postcode list does
	ReasonNone     = "none"     // nothing claims it
)

// Region is an area that one group of dispatchers looks after.
type Region struct {
	Slug     string
	Geometry []byte // GeoJSON Polygon or MultiPolygon, longitude first; empty or null if it has none
	// Postcodes lists whole postcodes ("37402") and beginnings that end in a
	// star ("3740*"). Case and spaces do not matter.
	Postcodes []string
}

// Point is a place on the Earth in degrees, WGS 84.
type Point struct{ Lat, Lng float64 }

// Located is the region of a place and why.
type Located struct {
	Region string // a slug; Unrouted if nothing claims the place
	Reason string // one of the Reason constants
}

// Map finds the region of a place. It never changes after NewMap and may be
// used by any number of goroutines.
type Map struct {
	areas []area // smallest first, equal ones by slug
	boxes *rtree.RTree
	codes postcodes
}

// area is one polygon of a region.
type area struct {
	region string
	polygon
}

// NewMap builds the map of all regions; their order does not matter. It fails
// on a slug that is listed twice and on a geometry that [CheckGeometry]
// refuses.
func NewMap(regions []Region) (*Map, error) {
	m := &Map{codes: newPostcodes(regions)}
	seen := make(map[string]bool, len(regions))
	for _, r := range regions {
		if seen[r.Slug] {
			return nil, fmt.Errorf("map region %q: listed twice", r.Slug)
		}
		seen[r.Slug] = true
		if text := bytes.TrimSpace(r.Geometry); len(text) == 0 || string(text) == "null" {
			continue
		}
		polygons, err := parseGeometry(r.Geometry)
		if err != nil {
			return nil, fmt.Errorf("map region %q: %w", r.Slug, err)
		}
		for _, p := range polygons {
			m.areas = append(m.areas, area{region: r.Slug, polygon: p})
		}
	}
	slices.SortFunc(m.areas, func(a, b area) int {
		return cmp.Or(a.area2.Cmp(b.area2), cmp.Compare(a.region, b.region))
	})
	items := make([]rtree.BulkItem, len(m.areas))
	for i, a := range m.areas {
		items[i] = rtree.BulkItem{Box: boxOf(a.min, a.max), RecordID: i}
	}
	m.boxes = rtree.BulkLoad(items)
	return m, nil
}

// Locate gives the region of a place: that of the smallest polygon that holds
// the point, by its own area in square degrees without its holes; of equal
// ones the lowest slug. A point on an edge is in the polygons on both sides of
// it, also at the edge of a hole, and the reason is then border. A point that
// no polygon holds, or none at all (nil, or not on the Earth), is looked up by
// its postcode: the whole one first, then the longest beginning. The result
// depends on neither the order of the regions nor the machine.
func (m *Map) Locate(p *Point, postcode string) Located {
	if p != nil {
		if v, ok := toGrid(p.Lat, p.Lng); ok {
			if found, ok := m.locate(v); ok {
				return found
			}
		}
	}
	if region, ok := m.codes.find(postcode); ok {
		return Located{Region: region, Reason: ReasonPostcode}
	}
	return Located{Region: Unrouted, Reason: ReasonNone}
}

// Holding lists the regions with a polygon that holds the point, edges included,
// the one that Locate gives first and each once.
func (m *Map) Holding(p Point) []string {
	v, ok := toGrid(p.Lat, p.Lng)
	if !ok {
		return nil
	}
	var regions []string
	found, _ := m.holding(v)
	for _, i := range found {
		if !slices.Contains(regions, m.areas[i].region) {
			regions = append(regions, m.areas[i].region)
		}
	}
	return regions
}

func (m *Map) locate(v vertex) (Located, bool) {
	found, border := m.holding(v)
	if len(found) == 0 {
		return Located{}, false
	}
	reason := ReasonPolygon
	if border {
		reason = ReasonBorder
	}
	return Located{Region: m.areas[found[0]].region, Reason: reason}, true
}

// holding lists the areas that hold a point, the smallest first, and whether it
// lies on an edge of one.
func (m *Map) holding(v vertex) (found []int, border bool) {
	// The callback gives no error, so neither does the search.
	_ = m.boxes.RangeSearch(boxOf(v, v), func(i int) error {
		at := m.areas[i].polygon.locate(v)
		if at != outside {
			found = append(found, i)
			border = border || at == onEdge
		}
		return nil
	})
	slices.Sort(found)
	return found, border
}

// boxOf is the box of two corners, grown by the tolerance of edges. Grid units
// are small enough to be exact as floats.
func boxOf(low, high vertex) rtree.Box {
	return rtree.Box{
		MinX: float64(low.x - edgeTolerance), MinY: float64(low.y - edgeTolerance),
		MaxX: float64(high.x + edgeTolerance), MaxY: float64(high.y + edgeTolerance),
	}
}
