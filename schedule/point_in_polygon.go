package schedule

import "math"

// edgeTolerance is how near an edge a point must be to lie on it, in grid
// units: 2e-9 degrees, about 0.2 mm. A point of a slanting edge is seldom a
// grid point: rounding moves it and each end of the edge by up to 0.71 units,
// so 2 is the least whole number that catches every one of them.
const edgeTolerance = 2

// side is where a point lies with respect to a polygon.
type side int

const (
	outside side = iota
	onEdge
	inside
)

// locate says where v lies. Being on an edge of the outer ring or of a hole
// goes before everything else. The answer does not depend on where a ring
// starts, on its direction, or on floating point hardware.
func (p *polygon) locate(v vertex) side {
	odd := false
	for _, ring := range p.rings {
		for i := 1; i < len(ring); i++ {
			a, b := upwards(ring[i-1], ring[i])
			if v.y < a.y-edgeTolerance || v.y > b.y+edgeTolerance {
				continue
			}
			if nearEdge(v, a, b) {
				return onEdge
			}
			if crosses(v, a, b) {
				odd = !odd
			}
		}
	}
	if odd {
		return inside
	}
	return outside
}

// upwards orders the ends of an edge, so that both neighbours of a shared edge
// see the same one.
func upwards(a, b vertex) (low, high vertex) {
	if b.y < a.y || b.y == a.y && b.x < a.x {
		return b, a
	}
	return a, b
}

// nearEdge reports whether v lies on the edge from a to b, give or take the
// tolerance. a is not above b.
func nearEdge(v, a, b vertex) bool {
	if v.x < min(a.x, b.x)-edgeTolerance || v.x > max(a.x, b.x)+edgeTolerance {
		return false
	}
	c := cross(v, a, b)
	dx, dy := float64(b.x-a.x), float64(b.y-a.y)
	// Distance = c / length. The conversions keep the compiler from fusing
	// multiply and add, which would round differently on some machines.
	length2 := float64(dx*dx) + float64(dy*dy)
	return float64(c*c) <= float64(edgeTolerance*edgeTolerance)*length2
}

// crosses reports whether a ray from v towards greater x crosses the edge from
// a to b; a is not above b. The upper end does not belong to the edge, so a
// vertex on the ray is counted once.
func crosses(v, a, b vertex) bool {
	if v.y < a.y || v.y >= b.y || v.x > max(a.x, b.x) {
		return false
	}
	return v.x < min(a.x, b.x) || cross(v, a, b) > 0
}

// cross is the cross product of b-a and v-a: positive when v is on the left of
// the way from a to b. Its sign is exact, and so is its value below 2^53.
func cross(v, a, b vertex) float64 {
	// Differences are below 2^39, so a product can need 78 bits.
	dx, dy, ex, ey := b.x-a.x, b.y-a.y, v.x-a.x, v.y-a.y
	rough := float64(dx)*float64(ey) - float64(dy)*float64(ex)
	if math.Abs(rough) > 1<<62 {
		// The rounding error is below 2^27: the sign is certain.
		return rough
	}
	// The products may wrap around, their difference does not.
	return float64(dx*ey - dy*ex)
}
