package scene

import "math"

// maxMiter is how many half widths a corner may stick out before it is beveled;
// it is SVG's stroke-miterlimit.
const maxMiter = 3

// maxDashes bounds what a dashed line is cut into; beyond it the line is solid.
const maxDashes = 4000

// stroker covers a line with quadrilaterals and the wedges of its corners.
type stroker struct {
	shape
	half float64 // half the width
}

// stroke returns the polygons that cover a line of a width.
func stroke(p []Point, closed bool, width float64, dash []float64) shape {
	s := &stroker{half: width / 2}
	p = distinct(p)
	if closed && len(p) > 2 && p[0] != p[len(p)-1] {
		p = append(p, p[0])
	}
	if len(dash) == 2 && dash[0] > 0 && dash[1] > 0 && length(p)/(dash[0]+dash[1]) < maxDashes {
		s.dashes(p, dash[0], dash[1])
	} else {
		s.run(p, closed)
	}
	return s.shape
}

// run covers one line without gaps.
func (s *stroker) run(p []Point, closed bool) {
	for i := 0; i+1 < len(p); i++ {
		a, b := p[i], p[i+1]
		u := direction(a, b)
		nx, ny := -u.Y*s.half, u.X*s.half
		s.turned(Point{a.X + nx, a.Y + ny}, Point{b.X + nx, b.Y + ny}, Point{b.X - nx, b.Y - ny}, Point{a.X - nx, a.Y - ny})
		switch {
		case i+2 < len(p):
			s.join(u, b, direction(b, p[i+2]))
		case closed:
			s.join(u, b, direction(p[0], p[1]))
		}
	}
}

// join fills the wedge on the outer side of a corner at b between the
// directions u and v.
func (s *stroker) join(u, b, v Point) {
	cross, dot := u.X*v.Y-u.Y*v.X, u.X*v.X+u.Y*v.Y
	if math.Abs(cross) < 1e-3 && dot > 0 {
		return
	}
	side := -s.half
	if cross < 0 {
		side = s.half
	}
	p := Point{b.X - u.Y*side, b.Y + u.X*side}
	q := Point{b.X - v.Y*side, b.Y + v.X*side}
	if cos2 := (1 + dot) / 2; cos2 > 0 && 1/cos2 <= maxMiter*maxMiter {
		mx, my := (p.X+q.X)/2-b.X, (p.Y+q.Y)/2-b.Y
		k := s.half * s.half / (mx*mx + my*my)
		s.turned(b, p, Point{b.X + mx*k, b.Y + my*k}, q)
		return
	}
	s.turned(b, p, q)
}

// dashes covers pieces of on, with gaps of off between them.
func (s *stroker) dashes(p []Point, on, off float64) {
	if len(p) < 2 {
		return
	}
	run := []Point{p[0]}
	drawing, left := true, on
	for i := 0; i+1 < len(p); i++ {
		a, b := p[i], p[i+1]
		l := math.Hypot(b.X-a.X, b.Y-a.Y)
		u, at := direction(a, b), 0.0
		for l-at > left {
			at += left
			q := Point{a.X + u.X*at, a.Y + u.Y*at}
			if drawing {
				s.run(append(run, q), false)
				run, left = run[:0], off
			} else {
				run, left = append(run[:0], q), on
			}
			drawing = !drawing
		}
		left -= l - at
		if drawing {
			run = append(run, b)
		}
	}
	if drawing {
		s.run(distinct(run), false)
	}
}

// distinct drops points that repeat the one before, and what is no number.
func distinct(p []Point) []Point {
	out := make([]Point, 0, len(p)+1)
	for _, q := range p {
		if q.X != q.X || q.Y != q.Y {
			continue
		}
		if n := len(out); n > 0 && math.Abs(out[n-1].X-q.X) < 1e-6 && math.Abs(out[n-1].Y-q.Y) < 1e-6 {
			continue
		}
		out = append(out, q)
	}
	return out
}

func length(p []Point) float64 {
	l := 0.0
	for i := 1; i < len(p); i++ {
		l += math.Hypot(p[i].X-p[i-1].X, p[i].Y-p[i-1].Y)
	}
	return l
}

func direction(a, b Point) Point {
	l := math.Hypot(b.X-a.X, b.Y-a.Y)
	if l == 0 {
		return Point{1, 0}
	}
	return Point{(b.X - a.X) / l, (b.Y - a.Y) / l}
}
