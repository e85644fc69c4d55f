package plot

import "math"

// maxMiter is how many half widths a corner may stick out before it is beveled.
const maxMiter = 3

// stroke returns the polygons that cover a line of a width. All turn the same
// way, so that where they overlap the cover adds up to one.
func stroke(p []point, width float64, dash []float64) [][]point {
	p = distinct(p)
	if len(p) < 2 {
		return nil
	}
	if len(dash) == 2 && dash[0] > 0 && dash[1] > 0 {
		var out [][]point
		for _, run := range dashes(p, dash[0], dash[1]) {
			out = append(out, stroke(run, width, nil)...)
		}
		return out
	}
	closed := len(p) > 3 && p[0] == p[len(p)-1]
	half := width / 2
	var out [][]point
	for i := 0; i+1 < len(p); i++ {
		a, b := p[i], p[i+1]
		u := direction(a, b)
		nx, ny := -u.y*half, u.x*half
		out = append(out, turned([]point{{a.x + nx, a.y + ny}, {b.x + nx, b.y + ny}, {b.x - nx, b.y - ny}, {a.x - nx, a.y - ny}}))
		switch {
		case i+2 < len(p):
			out = appendJoin(out, u, b, direction(b, p[i+2]), half)
		case closed:
			out = appendJoin(out, u, b, direction(p[0], p[1]), half)
		}
	}
	return out
}

// distinct drops points that repeat the one before.
func distinct(p []point) []point {
	out := make([]point, 0, len(p))
	for _, q := range p {
		if n := len(out); n > 0 && math.Abs(out[n-1].x-q.x) < 1e-6 && math.Abs(out[n-1].y-q.y) < 1e-6 {
			continue
		}
		out = append(out, q)
	}
	return out
}

func direction(a, b point) point {
	l := math.Hypot(b.x-a.x, b.y-a.y)
	return point{(b.x - a.x) / l, (b.y - a.y) / l}
}

// appendJoin fills the wedge on the outer side of a corner at b between the
// directions u and v.
func appendJoin(out [][]point, u, b, v point, half float64) [][]point {
	cross, dot := u.x*v.y-u.y*v.x, u.x*v.x+u.y*v.y
	if math.Abs(cross) < 1e-3 && dot > 0 {
		return out
	}
	side := -half
	if cross < 0 {
		side = half
	}
	p := point{b.x - u.y*side, b.y + u.x*side}
	q := point{b.x - v.y*side, b.y + v.x*side}
	wedge := []point{b, p, q}
	if cos2 := (1 + dot) / 2; cos2 > 0 && 1/cos2 <= maxMiter*maxMiter {
		mx, my := (p.x+q.x)/2-b.x, (p.y+q.y)/2-b.y
		k := half * half / (mx*mx + my*my)
		wedge = []point{b, p, {b.x + mx*k, b.y + my*k}, q}
	}
	return append(out, turned(wedge))
}

// turned makes a polygon's area positive.
func turned(p []point) []point {
	area := 0.0
	for i := range p {
		j := (i + 1) % len(p)
		area += p[i].x*p[j].y - p[j].x*p[i].y
	}
	if area < 0 {
		for i, j := 0, len(p)-1; i < j; i, j = i+1, j-1 {
			p[i], p[j] = p[j], p[i]
		}
	}
	return p
}

// dashes cuts a line into runs of on, with gaps of off between them.
func dashes(p []point, on, off float64) [][]point {
	var out [][]point
	run := []point{p[0]}
	drawing, left := true, on
	for i := 0; i+1 < len(p); i++ {
		a, b := p[i], p[i+1]
		length := math.Hypot(b.x-a.x, b.y-a.y)
		u, at := direction(a, b), 0.0
		for length-at > left {
			at += left
			q := point{a.x + u.x*at, a.y + u.y*at}
			if drawing {
				out = append(out, append(run, q))
				run, left = nil, off
			} else {
				run, left = []point{q}, on
			}
			drawing = !drawing
		}
		left -= length - at
		if drawing {
			run = append(run, b)
		}
	}
	if len(run) > 1 {
		out = append(out, run)
	}
	return out
}

// disc is a circle as a polygon.
func disc(c point, r float64) []point {
	n := int(r*4) + 12
	p := make([]point, n)
	for i := range p {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		p[i] = point{c.x + r*cos, c.y + r*sin}
	}
	return p
}
