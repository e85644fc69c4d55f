package plot

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// Scatter shows points of two numbers each, 800 × 400 units.
type Scatter struct {
	Title      string // "" makes one from the labels
	XLabel     string
	YLabel     string
	LogX, LogY bool
	Diagonal   bool // a line where y is x: predicted over actual
	Series     []Series
}

// maxDots is the number of points that are drawn of all series together. Beyond
// it, points that lie on the same place are drawn once, and then every n-th.
const maxDots = 3000

// Draw writes the picture.
func (s Scatter) Draw(w io.Writer, f Format, o Options) error { return write(w, f, o, s) }

// cloud is a series' points that can be drawn.
type cloud struct {
	look
	Series
	shape  marker
	points []point
}

func (s Scatter) layout(how style) *page {
	p := &field{page: newPage(800, 400, how)}
	top := p.title(s.headline())
	clouds, x, y, skipped := s.clouds(p.c)
	if !x.some {
		p.say("no finite values to draw")
		return p.done()
	}
	total := 0
	entries := make([]keyEntry, 0, len(clouds))
	for _, c := range clouds {
		total += len(c.points)
		if name := scene.Clean(c.Name); name != "" {
			entries = append(entries, keyEntry{c.look, dotMark, name, c.Role == Candidate, c.shape})
		}
	}
	if skipped > 0 {
		why := " not finite"
		if s.LogX || s.LogY {
			why = " not positive or not finite"
		}
		p.notes = append(p.notes, many(skipped, "point")+why)
	}
	p.x, p.y = newAxis(x, s.LogX, .03, plain, scene.Clean(s.XLabel)), newAxis(y, s.LogY, .05, plain, scene.Clean(s.YLabel))
	p.x.whole, p.y.whole = false, false
	if len(s.Series) > maxSeries && len(clouds) == maxSeries {
		p.notes = append(p.notes, fmt.Sprintf("%d of %s series", maxSeries, count(len(s.Series))))
	}
	if total > maxDots {
		p.notes = append(p.notes, fmt.Sprintf("%s points, at most %s drawn, extremes kept", count(total), count(maxDots)))
	}
	if len(entries) > 0 {
		top = p.key(margin, top+12, p.W-margin, entries)
	}
	p.lay(top, 4)
	p.axes()
	s.dots(p, clouds, total)
	return p.done()
}

// clouds cleans the series, at most maxSeries of them; the candidate comes last,
// so that it lies on top.
func (s Scatter) clouds(c colors) (out []cloud, x, y span, skipped int) {
	x, y = newSpan(), newSpan()
	roles := make([]Role, len(s.Series))
	for i, r := range s.Series {
		roles[i] = r.Role
	}
	looks := c.looks(roles)
	nth := 0
	for _, role := range []Role{Baseline, Candidate, Other} {
		for i, r := range s.Series {
			if r.Role != role || len(out) == maxSeries {
				continue
			}
			k := cloud{look: looks[i], Series: r, shape: markerOf(role, nth)}
			if role == Other {
				nth++
			}
			for j, v := range r.Y {
				u, ok := r.at(j)
				if !ok {
					break
				}
				if !finite(u) || !finite(v) || s.LogX && u < positive || s.LogY && v < positive {
					skipped++
					continue
				}
				x.add(u)
				y.add(v)
				k.points = append(k.points, point{X: u, Y: v})
			}
			if len(k.points) > 0 {
				out = append(out, k)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b cloud) int { return layer(a.Role) - layer(b.Role) })
	return out, x, y, skipped
}

// dots draws what is seen of the points. Dots are translucent where there are
// many, so that their density shows.
func (s Scatter) dots(p *field, clouds []cloud, total int) {
	var nodes []scene.Node
	if s.Diagonal && s.LogX == s.LogY {
		lo, hi := max(p.x.lo, p.y.lo), min(p.x.hi, p.y.hi)
		if s.LogX {
			lo, hi = math.Pow(10, lo), math.Pow(10, hi)
		}
		if hi > lo {
			nodes = append(nodes, &scene.Path{
				Points: []point{{X: p.x.at(lo), Y: p.y.at(lo)}, {X: p.x.at(hi), Y: p.y.at(hi)}},
				Stroke: p.c.muted, Width: 1, Dash: []float64{4, 4},
			})
		}
	}
	radius, alpha := 4.0, .75
	if total > 300 {
		radius, alpha = 3, .5
	}
	for _, k := range clouds {
		share := max(1, maxDots*len(k.points)/max(total, 1))
		for _, q := range seen(k.points, share, &p.x, &p.y) {
			nodes = append(nodes, k.shape.draw(q, radius, k.color.With(alpha)))
		}
	}
	p.inside(nodes...)
}

// seen maps points to the page and keeps at most about n of them: the extremes
// of both axes, then one of those on the same place, then every so many.
func seen(points []point, n int, x, y *axis) []point {
	at := func(d point) point { return point{X: x.at(d.X), Y: y.at(d.Y)} }
	out := make([]point, 0, min(len(points), n+4))
	if len(points) <= n {
		for _, d := range points {
			out = append(out, at(d))
		}
		return out
	}
	var ext [4]int
	for i, d := range points {
		for k, less := range []bool{d.X < points[ext[0]].X, d.X > points[ext[1]].X, d.Y < points[ext[2]].Y, d.Y > points[ext[3]].Y} {
			if less {
				ext[k] = i
			}
		}
	}
	w, h := int(math.Abs(x.to-x.from))+2, int(math.Abs(y.to-y.from))+2
	left, top := int(min(x.from, x.to)), int(min(y.from, y.to))
	taken := make([]bool, w*h)
	for _, d := range points {
		q := at(d)
		place := (int(q.Y)-top)*w + int(q.X) - left
		if place < 0 || place >= len(taken) || taken[place] {
			continue
		}
		taken[place] = true
		out = append(out, q)
	}
	if len(out) > n {
		step := float64(len(out)) / float64(n)
		few := make([]point, 0, n+4)
		for f := 0.0; int(f) < len(out); f += step {
			few = append(few, out[int(f)])
		}
		out = few
	}
	for _, i := range ext {
		out = append(out, at(points[i]))
	}
	return out
}

func (s Scatter) headline() string {
	if s.Title != "" {
		return s.Title
	}
	x, y := s.XLabel, s.YLabel
	if x == "" {
		x = "x"
	}
	if y == "" {
		y = "y"
	}
	n := 0
	for _, r := range s.Series {
		n += len(r.Y)
	}
	return y + " over " + x + ": " + many(n, "point")
}

// AltText says in sentences what the picture shows.
func (s Scatter) AltText() string {
	out := sentence(scene.Clean(s.headline()))
	clouds, x, y, _ := s.clouds(Light.colors())
	if !x.some {
		return out + " No finite values."
	}
	var parts []string
	for _, k := range clouds[:min(len(clouds), maxNamed)] {
		name := scene.Clean(k.Name)
		if name == "" {
			name = "a series"
		}
		parts = append(parts, name+" has "+many(len(k.points), "point"))
	}
	return fmt.Sprintf("%s X lies between %s and %s, y between %s and %s; %s.", out,
		plain.text(x.lo), plain.text(x.hi), plain.text(y.lo), plain.text(y.hi), strings.Join(parts, "; "))
}
