package schedule_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"smartscheduler/schedule"
)

// corner is a position in eighths of a degree, which floats and decimals both
// hold exactly.
type corner [2]int64

// Random maps against the plainest way to say it: every polygon of every
// region, rational numbers, no index, no tolerance. SOAK=1 makes it 1,000 maps.
func TestLocateAgainstExactArithmetic(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 10))
	maps := 300
	if os.Getenv("SOAK") != "" {
		maps = 1000
	}
	reasons, holes, ties, far := map[string]int{}, 0, 0, 0
	for range maps {
		w := randomWorld(rng)
		m := newMap(t, w.regions(rng)...)
		again := newMap(t, w.regions(rng)...)
		for range 60 {
			p := w.randomPoint(rng)
			want, tie := w.locate(p)
			got := m.Locate(point(float64(p[0])/16, float64(p[1])/16), "")
			if got != want {
				t.Fatalf("at %d/16, %d/16: %+v, want %+v in %v", p[0], p[1], got, want, w)
			}
			if other := again.Locate(point(float64(p[0])/16, float64(p[1])/16), ""); other != got {
				t.Fatalf("another order of regions and rings: %+v and %+v", got, other)
			}
			reasons[got.Reason]++
			if tie {
				ties++
			}
			if got.Reason != "none" && w.members(got.Region) > 1 {
				far++
			}
		}
		for _, p := range w {
			holes += len(p.rings) - 1
		}
	}
	for _, r := range []string{"polygon", "border", "none"} {
		if reasons[r] < 2*maps {
			t.Errorf("only %d points by %s: the maps prove too little (%v)", reasons[r], r, reasons)
		}
	}
	if holes < maps/3 || ties < maps/3 || far < 2*maps {
		t.Errorf("only %d holes, %d ties and %d points in regions of several polygons", holes, ties, far)
	}
}

// exactPolygon is one member of a region.
type exactPolygon struct {
	slug  string
	rings [][]corner // closed
}

type exactWorld []exactPolygon

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

// locate is the rule of regions, word for word. tie says that two of the
// smallest had the same area.
func (w exactWorld) locate(p corner) (found schedule.Located, tie bool) {
	var holding []exactPolygon
	border := false
	for _, polygon := range w {
		in, edge := polygon.holds(p)
		if in {
			holding = append(holding, polygon)
			border = border || edge
		}
	}
	if len(holding) == 0 {
		return schedule.Located{Region: "unrouted", Reason: "none"}, false
	}
	slices.SortFunc(holding, func(a, b exactPolygon) int {
		return cmp.Or(a.area().Cmp(b.area()), cmp.Compare(a.slug, b.slug))
	})
	found = schedule.Located{Region: holding[0].slug, Reason: "polygon"}
	if border {
		found.Reason = "border"
	}
	return found, len(holding) > 1 && holding[0].area().Cmp(holding[1].area()) == 0
}

// area is that of the outer ring without the holes.
func (p exactPolygon) area() *big.Rat {
	sum := new(big.Rat)
	for i, ring := range p.rings {
		of := new(big.Rat)
		for j := 1; j < len(ring); j++ {
			a, b := ring[j-1], ring[j]
			of.Add(of, big.NewRat(a[0]*b[1]-b[0]*a[1], 2))
		}
		of.Abs(of)
		if i > 0 {
			of.Neg(of)
		}
		sum.Add(sum, of)
	}
	return sum
}

// holds casts a ray upwards from p, in sixteenths, with rational numbers.
func (p exactPolygon) holds(at corner) (in, edge bool) {
	x, y := big.NewRat(at[0], 2), big.NewRat(at[1], 2)
	for _, ring := range p.rings {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			low, high := min(a[0], b[0]), max(a[0], b[0])
			if x.Cmp(big.NewRat(low, 1)) < 0 || x.Cmp(big.NewRat(high, 1)) > 0 {
				continue
			}
			if low == high {
				if y.Cmp(big.NewRat(min(a[1], b[1]), 1)) >= 0 && y.Cmp(big.NewRat(max(a[1], b[1]), 1)) <= 0 {
					return true, true
				}
				continue
			}
			// Where the edge is at x: a.y + (x - a.x) * slope.
			edgeY := new(big.Rat).Sub(x, big.NewRat(a[0], 1))
			edgeY.Mul(edgeY, big.NewRat(b[1]-a[1], b[0]-a[0]))
			edgeY.Add(edgeY, big.NewRat(a[1], 1))
			switch edgeY.Cmp(y) {
			case 0:
				return true, true
			case 1:
				if x.Cmp(big.NewRat(high, 1)) < 0 {
					in = !in
				}
			}
		}
	}
	return in, false
}
