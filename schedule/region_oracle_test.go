package schedule_test

import (
	"cmp"
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
