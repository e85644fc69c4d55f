package plot

import (
	"fmt"
	"io"
	"math"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// Sparkline is a curve as large as a word, 120 × 32 units, for a table's cell:
// the candidate's values over those of the baseline, without axes. A NaN is a
// gap.
type Sparkline struct {
	Name      string // of the metric, for the alternative text
	Candidate []float64
	Baseline  []float64 // may be empty
	Percent   bool
}

// Draw writes the picture.
func (l Sparkline) Draw(w io.Writer, f Format, o Options) error { return write(w, f, o, l) }

func (l Sparkline) layout(s style) *page {
	p := newPage(120, 32, s)
	x, y := newSpan(), newSpan()
	base := Series{Y: l.Baseline}
	cand := Series{Y: l.Candidate}
	baseRuns, _ := base.clean(base.Y, false)
	candRuns, _ := cand.clean(cand.Y, false)
	for _, run := range append(append([][]point{}, baseRuns...), candRuns...) {
		for _, q := range run {
			x.add(q.X)
			y.add(q.Y)
		}
	}
	if !x.some {
		p.HLine(6, p.W-6, p.H/2, p.c.grid)
		return p
	}
	xa, ya := newAxis(x, false, 0, plain, ""), newAxis(y, false, 0, plain, "")
	xa.from, xa.to, ya.from, ya.to = 5, p.W-7, p.H-6, 6
	line := func(runs [][]point, l look) {
		for _, run := range runs {
			if len(run) > 1 {
				p.Add(&scene.Path{Points: thin(run, &xa, &ya), Stroke: l.color, Width: l.width})
			}
		}
	}
	line(baseRuns, look{color: p.c.baseline, width: 1.5})
	line(candRuns, look{color: p.c.candidate, width: 2})
	for _, e := range []struct {
		runs [][]point
		c    scene.Color
	}{{baseRuns, p.c.baseline}, {candRuns, p.c.candidate}} {
		if len(e.runs) > 0 {
			end := last(e.runs)
			p.Add(scene.Dot{At: point{X: xa.at(end.X), Y: ya.at(end.Y)}, R: 3, Fill: e.c})
		}
	}
	return p
}

// AltText says in a sentence what the picture shows.
func (l Sparkline) AltText() string {
	u := unitOf(l.Percent)
	name := scene.Clean(l.Name)
	if name == "" {
		name = "values"
	}
	first, end, low, high := math.NaN(), math.NaN(), math.Inf(1), math.Inf(-1)
	for _, v := range l.Candidate {
		if !finite(v) {
			continue
		}
		if math.IsNaN(first) {
			first = v
		}
		end, low, high = v, min(low, v), max(high, v)
	}
	if math.IsNaN(first) {
		return name + ": no values."
	}
	s := fmt.Sprintf("%s goes from %s to %s, between %s and %s", name, u.text(first), u.text(end), u.text(low), u.text(high))
	if base := (Series{Y: l.Baseline}); len(base.Y) > 0 {
		if runs, _ := base.clean(base.Y, false); len(runs) > 0 {
			s += "; the baseline ends at " + u.text(last(runs).Y)
		}
	}
	return s + "."
}
