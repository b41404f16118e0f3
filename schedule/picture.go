package schedule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Outline is a Polygon or MultiPolygon for drawing: its rings, holes among them,
// as positions of longitude and latitude in degrees.
type Outline [][][2]float64

// ReadOutline reads the geometry of a region, which CheckGeometry has passed;
// empty or null is an empty outline.
func ReadOutline(geojson []byte) (Outline, error) {
	if text := bytes.TrimSpace(geojson); len(text) == 0 || string(text) == "null" {
		return nil, nil
	}
	var g struct {
		Type        string
		Coordinates json.RawMessage
	}
	if err := json.Unmarshal(geojson, &g); err != nil {
		return nil, fmt.Errorf("read outline: %w", err)
	}
	var members []Outline
	var err error
	switch g.Type {
	case "Polygon":
		members = make([]Outline, 1)
		err = json.Unmarshal(g.Coordinates, &members[0])
	case "MultiPolygon":
		err = json.Unmarshal(g.Coordinates, &members)
	default:
		err = errors.New("it is no area")
	}
	if err != nil {
		return nil, fmt.Errorf("read outline: %w", err)
	}
	var o Outline
	for _, rings := range members {
		o = append(o, rings...)
	}
	return o, nil
}

// Picture draws outlines on a grid of units, north up. A degree of longitude is
// as much shorter than one of latitude as it is on the ground in the middle of
// the picture. It is for the eye: which region a place is in, Map knows.
type Picture struct {
	// Width and Height are in units; 0 when there is nothing to draw.
	Width, Height int
	// Paths are the outlines as SVG path data for fill-rule evenodd, in the order
	// they were given.
	Paths []string

	west, north, perLng, perLat float64
}

const (
	// pictureSize is the longer side of a picture without its margins, in units.
	pictureSize   = 1000
	pictureMargin = 20
	// pictureCorners bounds the corners of a picture; beyond them it is drawn
	// coarser.
	pictureCorners = 30000
)

// Draw draws outlines in one picture. Corners that fall on the same unit, or on
// a straight line, are drawn as one, on both sides of a shared edge alike.
func Draw(outlines ...Outline) Picture {
	p, ok := frame(outlines)
	if !ok {
		p.Paths = make([]string, len(outlines))
		return p
	}
	for step := 1; ; step *= 2 {
		corners := 0
		p.Paths = p.Paths[:0]
		for _, o := range outlines {
			path, n := p.path(o, step)
			p.Paths = append(p.Paths, path)
			corners += n
		}
		if corners <= pictureCorners || step >= 32 {
			return p
		}
	}
}

// frame finds the box of all outlines and its scale; false if there is none.
func frame(outlines []Outline) (Picture, bool) {
	west, south, east, north := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, o := range outlines {
		for _, ring := range o {
			for _, at := range ring {
				west, east = min(west, at[0]), max(east, at[0])
				south, north = min(south, at[1]), max(north, at[1])
			}
		}
	}
	if west > east {
		return Picture{}, false
	}
	shorter := math.Cos((south + north) / 2 * math.Pi / 180)
	wide, high := (east-west)*shorter, north-south
	perLat := pictureSize / max(wide, high, 1e-9)
	return Picture{
		Width: int(math.Round(wide*perLat)) + 2*pictureMargin, Height: int(math.Round(high*perLat)) + 2*pictureMargin,
		west: west, north: north, perLng: perLat * shorter, perLat: perLat,
	}, true
}

// Place is where a point is on the picture; false if it is outside.
func (p Picture) Place(at Point) (x, y int, ok bool) {
	fx, fy := p.exact(at.Lng, at.Lat)
	// Written so that NaN fails.
	if !(p.Width > 0 && fx >= 0 && fy >= 0 && fx <= float64(p.Width) && fy <= float64(p.Height)) {
		return 0, 0, false
	}
	return int(math.Round(fx)), int(math.Round(fy)), true
}

func (p Picture) exact(lng, lat float64) (x, y float64) {
	return (lng-p.west)*p.perLng + pictureMargin, (p.north-lat)*p.perLat + pictureMargin
}

// path writes an outline in steps of the grid, and counts its corners. What
// collapses is left out, but for a dot if nothing else is left.
func (p Picture) path(o Outline, step int) (string, int) {
	var path []byte
	corners := 0
	for _, ring := range o {
		spots := p.spots(ring, step)
		if len(spots) < 3 {
			continue
		}
		corners += len(spots)
		path = appendRing(path, spots)
	}
	if len(path) == 0 && len(o) > 0 && len(o[0]) > 0 {
		at := p.spot(o[0][0], step)
		path, corners = appendRing(path, [][2]int{at, {at[0] + step, at[1]}, {at[0] + step, at[1] + step}, {at[0], at[1] + step}}), 4
	}
	return string(path), corners
}

func (p Picture) spot(at [2]float64, step int) [2]int {
	x, y := p.exact(at[0], at[1])
	return [2]int{int(math.Round(x/float64(step))) * step, int(math.Round(y/float64(step))) * step}
}

// spots puts a closed ring on the grid, open, without repeated corners and those
// on a straight line.
func (p Picture) spots(ring [][2]float64, step int) [][2]int {
	var kept [][2]int
	for _, at := range ring {
		spot := p.spot(at, step)
		for len(kept) > 1 && onLine(kept[len(kept)-2], kept[len(kept)-1], spot) {
			kept = kept[:len(kept)-1]
		}
		if len(kept) == 0 || kept[len(kept)-1] != spot {
			kept = append(kept, spot)
		}
	}
	if n := len(kept); n > 1 && kept[0] == kept[n-1] {
		kept = kept[:n-1]
	}
	return kept
}

// onLine tells whether b is on the line through a and c.
func onLine(a, b, c [2]int) bool {
	return (b[0]-a[0])*(c[1]-a[1]) == (c[0]-a[0])*(b[1]-a[1])
}

// appendRing writes corners as a closed path, each relative to the one before.
func appendRing(path []byte, corners [][2]int) []byte {
	at := [2]int{}
	for i, c := range corners {
		letter := byte('l')
		if i == 0 {
			letter = 'M'
		}
		path = append(path, letter)
		path = strconv.AppendInt(path, int64(c[0]-at[0]), 10)
		path = append(path, ' ')
		path = strconv.AppendInt(path, int64(c[1]-at[1]), 10)
		at = c
	}
	return append(path, 'z')
}
