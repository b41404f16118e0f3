package schedule_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"smartscheduler/schedule"
)

// randomWorld makes convex areas that are cut into neighbours, triangles taken
// out as holes and filled by another region, and free areas over it all.
func randomWorld(rng *rand.Rand) exactWorld {
	var w exactWorld
	for range 1 + rng.IntN(3) {
		w = append(w, cutArea(rng, &w)...)
	}
	// Some regions have a second polygon elsewhere, which is as large as the first,
	// and there the neighbours of others.
	for _, p := range w[:len(w):len(w)] {
		if rng.IntN(2) == 0 {
			w = append(w, p.moved(elsewhere))
		}
	}
	return w
}

// elsewhere is further east than any random area reaches, in eighths.
const elsewhere = 120

func (p exactPolygon) moved(east int64) exactPolygon {
	to := exactPolygon{slug: p.slug}
	for _, ring := range p.rings {
		var r []corner
		for _, c := range ring {
			r = append(r, corner{c[0] + east, c[1]})
		}
		to.rings = append(to.rings, r)
	}
	return to
}

// members counts the polygons of a region.
func (w exactWorld) members(slug string) (n int) {
	for _, p := range w {
		if p.slug == slug {
			n++
		}
	}
	return n
}

// cutArea cuts a convex polygon along a diagonal or into a fan.
func cutArea(rng *rand.Rand, w *exactWorld) []exactPolygon {
	hull := convexHull(rng, 4+rng.IntN(8), rng.Int64N(40), rng.Int64N(40))
	if len(hull) < 4 {
		return nil
	}
	n := 0
	slug := func() string {
		n++
		return fmt.Sprintf("%c%d", 'a'+rng.IntN(20), len(*w)*10+n)
	}
	cut := 2 + rng.IntN(len(hull)-3)
	left := exactPolygon{slug(), [][]corner{closed(hull[:cut+1])}}
	right := exactPolygon{slug(), [][]corner{closed(append(slices.Clone(hull[cut:]), hull[0]))}}
	pieces := []exactPolygon{left, right}
	for i := range pieces {
		if hole, ok := holeIn(rng, pieces[i].rings[0]); ok {
			pieces[i].rings = append(pieces[i].rings, hole)
			if rng.IntN(2) == 0 {
				pieces = append(pieces, exactPolygon{slug(), [][]corner{slices.Clone(hole)}})
			}
		}
	}
	if rng.IntN(3) == 0 { // a region over both, and one equal to a piece
		pieces = append(pieces, exactPolygon{slug(), [][]corner{closed(hull)}}, exactPolygon{slug(), pieces[1].rings})
	}
	return pieces
}

// holeIn finds a random triangle strictly inside a convex ring.
func holeIn(rng *rand.Rand, ring []corner) ([]corner, bool) {
	outer := exactPolygon{"", [][]corner{ring}}
	var hole []corner
	for range 60 {
		at := ring[rng.IntN(len(ring))]
		c := corner{at[0] + rng.Int64N(41) - 20, at[1] + rng.Int64N(41) - 20}
		if in, edge := outer.holds(corner{2 * c[0], 2 * c[1]}); in && !edge {
			hole = append(hole, c)
		}
		if len(hole) == 3 {
			return closed(hole), turn(hole[0], hole[1], hole[2]) != 0
		}
	}
	return nil, false
}

func closed(ring []corner) []corner { return append(slices.Clone(ring), ring[0]) }

func turn(a, b, c corner) int64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}

// convexHull is the hull of random corners, without those on its edges.
func convexHull(rng *rand.Rand, n int, x, y int64) []corner {
	var all []corner
	for range n {
		all = append(all, corner{x + rng.Int64N(60), y + rng.Int64N(60)})
	}
	slices.SortFunc(all, func(a, b corner) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	half := func(sorted []corner) []corner {
		var h []corner
		for _, c := range sorted {
			for len(h) > 1 && turn(h[len(h)-2], h[len(h)-1], c) <= 0 {
				h = h[:len(h)-1]
			}
			h = append(h, c)
		}
		return h[:len(h)-1]
	}
	lower := half(all)
	slices.Reverse(all)
	return append(lower, half(all)...)
}

// regions writes the world as GeoJSON, in a random order, each ring from a
// random start and in a random direction.
func (w exactWorld) regions(rng *rand.Rand) []schedule.Region {
	members := make(map[string][][][][2]float64)
	for _, p := range w {
		var rings [][][2]float64
		for _, ring := range p.rings {
			open := slices.Clone(ring[:len(ring)-1])
			k := rng.IntN(len(open))
			open = append(slices.Clone(open[k:]), open[:k]...)
			if rng.IntN(2) == 0 {
				slices.Reverse(open)
			}
			var out [][2]float64
			for _, c := range closed(open) {
				out = append(out, [2]float64{float64(c[0]) / 8, float64(c[1]) / 8})
			}
			rings = append(rings, out)
		}
		members[p.slug] = append(members[p.slug], rings)
	}
	var regions []schedule.Region
	for slug, polygons := range members {
		shape := map[string]any{"type": "Polygon", "coordinates": polygons[0]}
		if len(polygons) > 1 {
			shape = map[string]any{"type": "MultiPolygon", "coordinates": polygons}
		}
		text, _ := json.Marshal(shape)
		regions = append(regions, schedule.Region{Slug: slug, Geometry: text})
	}
	// A map has no order of its own that a seed could repeat.
	slices.SortFunc(regions, func(a, b schedule.Region) int { return cmp.Compare(a.Slug, b.Slug) })
	rng.Shuffle(len(regions), func(i, j int) { regions[i], regions[j] = regions[j], regions[i] })
	return regions
}

// randomPoint is in sixteenths, so that the middle of each edge is among them.
func (w exactWorld) randomPoint(rng *rand.Rand) corner {
	if len(w) == 0 || rng.IntN(3) == 0 {
		return corner{rng.Int64N(220), rng.Int64N(220)}
	}
	p := w[rng.IntN(len(w))]
	ring := p.rings[rng.IntN(len(p.rings))]
	i := 1 + rng.IntN(len(ring)-1)
	a, b := ring[i-1], ring[i]
	middle := corner{a[0] + b[0], a[1] + b[1]}
	switch rng.IntN(4) {
	case 0:
		return corner{2 * a[0], 2 * a[1]}
	case 1:
		return corner{middle[0] + rng.Int64N(3) - 1, middle[1] + rng.Int64N(3) - 1}
	case 2: // level with a corner, where a ray is easily counted twice
		return corner{rng.Int64N(220), 2 * a[1]}
	}
	return middle
}
