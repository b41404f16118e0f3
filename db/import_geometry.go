package db

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"smartscheduler/schedule"
)

// position is longitude, latitude and perhaps a height; a ring ends with its
// first position.
type (
	position = []float64
	ring     = []position
	polygon  = []ring
)

// readGeometry checks a Polygon or MultiPolygon and returns it as GeoJSON with
// nothing but its type and its coordinates, the numbers written in one way and
// without the parts that have no area.
func readGeometry(raw []byte) (string, error) {
	var g struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		return "", errors.New("it is not a GeoJSON geometry")
	}
	var err error
	switch g.Type {
	case "Polygon":
		var p polygon
		err = json.Unmarshal(g.Coordinates, &p)
		p, _ = tidyPolygon(p)
		g.Coordinates = compactJSON(p)
	case "MultiPolygon":
		var members []polygon
		err = json.Unmarshal(g.Coordinates, &members)
		kept := []polygon{}
		for _, p := range members {
			if p, ok := tidyPolygon(p); ok {
				kept = append(kept, p)
			}
		}
		g.Coordinates = compactJSON(kept)
	default:
		return "", fmt.Errorf("a region is a Polygon or MultiPolygon, not %s", shownValue(g.Type))
	}
	if err != nil {
		return "", errors.New("its coordinates are not lists of numbers of the right depth")
	}
	plain := compactJSON(g)
	return string(plain), schedule.CheckGeometry(plain)
}

// compactJSON writes numbers, lists and text, which cannot fail.
func compactJSON(v any) []byte {
	text, _ := json.Marshal(v)
	return text
}

// tidyPolygon takes off what published maps have from rounding: repeated
// positions, spikes that go out and back on the same line, and rings that have
// collapsed to a line. None of it has an area, so no place changes its region.
// It returns false when nothing is left.
func tidyPolygon(p polygon) (polygon, bool) {
	kept := polygon{}
	for i, r := range p {
		r, ok := tidyRing(r)
		switch {
		case ok:
			kept = append(kept, r)
		case i == 0:
			return kept, false
		}
	}
	return kept, len(kept) > 0
}

// tidyRing returns false for a ring without area. A ring that is not one is
// returned as it is, for the check to name.
func tidyRing(r ring) (ring, bool) {
	for _, at := range r {
		if len(at) < 2 {
			return r, true
		}
	}
	if len(r) < 4 || !samePlace(r[0], r[len(r)-1]) {
		return r, true
	}
	open := trimEnds(withoutSpikes(r[:len(r)-1]))
	if len(open) < 3 {
		return nil, false
	}
	closed := append(open, open[0])
	return closed, math.Abs(doubleArea(closed)) > 1e-15
}

// withoutSpikes drops repeated positions, and the tip of a line that goes out
// and back on itself.
func withoutSpikes(open ring) ring {
	var kept ring
	for _, at := range open {
		for len(kept) > 1 && isSpike(kept[len(kept)-2], kept[len(kept)-1], at) {
			kept = kept[:len(kept)-1]
		}
		if len(kept) == 0 || !samePlace(kept[len(kept)-1], at) {
			kept = append(kept, at)
		}
	}
	return kept
}

// trimEnds does the same where the end of the ring meets its start.
func trimEnds(r ring) ring {
	for len(r) > 2 {
		last := len(r) - 1
		switch {
		case samePlace(r[last], r[0]), isSpike(r[last-1], r[last], r[0]):
			r = r[:last]
		case isSpike(r[last], r[0], r[1]):
			r = r[1:]
		default:
			return r
		}
	}
	return r
}

// isSpike tells whether the way from a to tip turns right back towards b.
func isSpike(a, tip, b position) bool {
	outX, outY, backX, backY := tip[0]-a[0], tip[1]-a[1], b[0]-tip[0], b[1]-tip[1]
	return outX*backY == outY*backX && outX*backX+outY*backY < 0
}

func samePlace(a, b position) bool { return a[0] == b[0] && a[1] == b[1] }

// doubleArea is twice the signed area of a ring, in square degrees. It is taken
// from the ring's first position on, or the area of a small ring far from 0, 0
// would be lost to rounding.
func doubleArea(r ring) float64 {
	sum, x, y := 0.0, r[0][0], r[0][1]
	for i := 1; i < len(r); i++ {
		sum += (r[i-1][0]-x)*(r[i][1]-y) - (r[i][0]-x)*(r[i-1][1]-y)
	}
	return sum
}
