package scene

import "math"

// shape is a set of closed polygons that are filled as one, kept flat: the
// points of all, and where each polygon ends.
type shape struct {
	points []Point
	ends   []int
}

// add appends a polygon.
func (s *shape) add(p ...Point) {
	s.points = append(s.points, p...)
	s.end()
}

// end closes the polygon that was being appended.
func (s *shape) end() { s.ends = append(s.ends, len(s.points)) }

// turned appends a polygon so that its area is positive: where polygons of a
// stroke overlap, their cover then adds up to one.
func (s *shape) turned(p ...Point) {
	area := 0.0
	for i := range p {
		j := (i + 1) % len(p)
		area += p[i].X*p[j].Y - p[j].X*p[i].Y
	}
	if area < 0 {
		for i, j := 0, len(p)-1; i < j; i, j = i+1, j-1 {
			p[i], p[j] = p[j], p[i]
		}
	}
	s.add(p...)
}

// disc appends a circle.
func (s *shape) disc(c Point, r float64, reverse bool) {
	n := min(int(r*4)+12, 128)
	for i := range n {
		if reverse {
			i = n - i
		}
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		s.points = append(s.points, Point{c.X + r*cos, c.Y + r*sin})
	}
	s.end()
}

// sincosPi is the sine and cosine of half turns, exact for right angles.
func sincosPi(halfTurns float64) (sin, cos float64) {
	switch halfTurns {
	case .5:
		return 1, 0
	case -.5:
		return -1, 0
	}
	return math.Sincos(halfTurns * math.Pi)
}
