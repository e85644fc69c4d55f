package plot

import (
	"math"
	"slices"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// Series is one curve. A NaN in Y is a gap; points whose Y is infinite, or whose
// X is not finite, are skipped.
type Series struct {
	Name string
	Role Role
	X    []float64 // as long as Y; nil means 0, 1, 2 …
	Y    []float64

	// Low and High, if they are as long as Y, are a band around the curve: the
	// least and the largest of a group of runs. Group makes them.
	Low, High []float64
}

// at returns the i-th point; ok is false beyond the shorter of X and Y.
func (s *Series) at(i int) (x float64, ok bool) {
	if s.X == nil {
		return float64(i), true
	}
	if i >= len(s.X) {
		return 0, false
	}
	return s.X[i], true
}

func (s *Series) banded() bool {
	return len(s.Y) > 0 && len(s.Low) == len(s.Y) && len(s.High) == len(s.Y)
}

// clean turns values over x into runs between gaps, ordered by x, and counts
// what cannot be drawn. On a logarithmic axis what is not positive is skipped.
func (s *Series) clean(values []float64, log bool) (runs [][]point, skipped int) {
	pts := make([]point, 0, len(values))
	sorted := true
	for i, y := range values {
		x, ok := s.at(i)
		if !ok {
			break
		}
		if !finite(x) || !finite(y) && !math.IsNaN(y) || log && y < positive {
			skipped++
			continue
		}
		if n := len(pts); n > 0 && pts[n-1].X > x {
			sorted = false
		}
		pts = append(pts, point{X: x, Y: y})
	}
	if !sorted { // a resumed run may log steps again
		slices.SortStableFunc(pts, func(a, b point) int {
			switch {
			case a.X < b.X:
				return -1
			case a.X > b.X:
				return 1
			}
			return 0
		})
	}
	start := 0
	for i := 0; i <= len(pts); i++ {
		if i == len(pts) || math.IsNaN(pts[i].Y) {
			if i > start {
				runs = append(runs, pts[start:i])
			}
			start = i + 1
		}
	}
	return runs, skipped
}

// last is the end of a curve; there is one if there are runs.
func last(runs [][]point) point {
	run := runs[len(runs)-1]
	return run[len(run)-1]
}

func pointsIn(runs [][]point) int {
	n := 0
	for _, r := range runs {
		n += len(r)
	}
	return n
}

// Smoothed is the exponential moving average of a series with a weight from 0
// (as it is) to less than 1, corrected for its start as TensorBoard does; gaps
// stay gaps and do not count.
func Smoothed(y []float64, weight float64) []float64 {
	out := slices.Clone(y)
	if !(weight > 0 && weight < 1) {
		return out
	}
	sum, norm := 0.0, 0.0
	for i, v := range y {
		if !finite(v) {
			continue
		}
		sum = weight*sum + (1-weight)*v
		norm = weight*norm + (1 - weight)
		out[i] = sum / norm
	}
	return out
}

// Group makes one series of several runs: their mean at every x that any of
// them has, with the band from the least to the largest. Values that are not
// finite do not count.
func Group(name string, role Role, runs []Series) Series {
	type sum struct {
		total, low, high float64
		n                int
	}
	sums := map[float64]*sum{}
	var xs []float64
	for _, r := range runs {
		for i, y := range r.Y {
			x, ok := r.at(i)
			if !ok || !finite(x) || !finite(y) {
				continue
			}
			g := sums[x]
			if g == nil {
				g = &sum{low: y, high: y}
				sums[x] = g
				xs = append(xs, x)
			}
			g.total += y
			g.n++
			g.low, g.high = min(g.low, y), max(g.high, y)
		}
	}
	slices.Sort(xs)
	out := Series{Name: name, Role: role, X: xs}
	for _, x := range xs {
		g := sums[x]
		out.Y = append(out.Y, g.total/float64(g.n))
		out.Low, out.High = append(out.Low, g.low), append(out.High, g.high)
	}
	return out
}

// column is the width, in units, within which points are thinned.
const column = .5

// thinner maps data to the page and keeps the first, lowest, highest and last
// point of every column: the picture is the same, however many points there
// are, and no extreme is lost.
func thin(run []point, x, y *axis) []point {
	var out []point
	var first, low, high, end point
	var iFirst, iLow, iHigh, iEnd int
	flush := func() {
		a, b, ia, ib := low, high, iLow, iHigh
		if ib < ia {
			a, b, ia, ib = b, a, ib, ia
		}
		out = append(out, first)
		if ia != iFirst {
			out = append(out, a)
		}
		if ib != ia && ib != iFirst {
			out = append(out, b)
		}
		if iEnd != iFirst && iEnd != ia && iEnd != ib {
			out = append(out, end)
		}
	}
	at := 0
	for i, d := range run {
		q := point{X: x.at(d.X), Y: y.at(d.Y)}
		c := int(math.Floor(q.X / column))
		if i == 0 || c != at {
			if i > 0 {
				flush()
			}
			at = c
			first, low, high, end = q, q, q, q
			iFirst, iLow, iHigh, iEnd = i, i, i, i
			continue
		}
		if q.Y > low.Y { // lower on the page
			low, iLow = q, i
		}
		if q.Y < high.Y {
			high, iHigh = q, i
		}
		end, iEnd = q, i
	}
	if len(run) > 0 {
		flush()
	}
	return out
}

// edge thins the edge of a band: one point a column, the outermost.
func edge(run []point, x, y *axis, upper bool) []point {
	var out []point
	at := math.MinInt
	for _, d := range run {
		q := point{X: x.at(d.X), Y: y.at(d.Y)}
		c := int(math.Floor(q.X / column))
		if c != at {
			at = c
			out = append(out, q)
			continue
		}
		o := &out[len(out)-1]
		if upper {
			o.Y = min(o.Y, q.Y)
		} else {
			o.Y = max(o.Y, q.Y)
		}
	}
	return out
}

// bandPath is the area between two edges.
func bandPath(low, high []point, c scene.Color) *scene.Path {
	p := slices.Clone(high)
	for i := len(low) - 1; i >= 0; i-- {
		p = append(p, low[i])
	}
	return &scene.Path{Points: p, Closed: true, Fill: c.With(.18)}
}
