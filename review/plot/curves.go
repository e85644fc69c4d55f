package plot

import (
	"io"
	"math"
	"slices"
)

// Role says what a series is in the comparison; it decides its color.
type Role uint8

// The roles.
const (
	Other     Role = iota // one of several, colored in order
	Candidate             // the accent, drawn last and thicker
	Baseline              // grey
)

// Series is one curve. A NaN in Y is a gap; points whose Y is infinite, or whose
// X is not finite, are skipped.
type Series struct {
	Name string
	Role Role
	X    []float64 // as long as Y; nil means 0, 1, 2 …
	Y    []float64
}

// Curves shows a metric over steps, epochs or time, 800 × 400 units. The last
// values stand beside the curves, so there is no legend.
type Curves struct {
	Title   string // what is shown and the answer: "accuracy over epochs: 98.6 %, baseline 97.2 %"
	XLabel  string
	YLabel  string
	Percent bool // values are shares from 0 to 1
	Log     bool // logarithmic y axis; values that are not positive are skipped
	Series  []Series
}

const maxSeries = 40 // beyond it the curves cannot be told apart

// Draw writes the picture.
func (c Curves) Draw(w io.Writer, f Format, o Options) error {
	return c.scene(o.Theme).write(w, f, o)
}

func (c Curves) unit() unit { return unit(c.Percent) }

func (c Curves) scene(t Theme) *scene {
	s := newScene(800, 400, t, c.AltText())
	p := &curvePlot{scene: s, Curves: c, top: s.title(c.Title), bottom: s.h - 34}
	p.prepare()
	if len(p.curves) == 0 {
		s.say(c.emptyText())
		s.frame()
		return s
	}
	p.fit()
	p.axes()
	for _, k := range p.curves {
		p.draw(k)
	}
	p.labels()
	s.frame()
	return s
}

// curve is a series that has something to draw.
type curve struct {
	Series
	runs  [][]point // data between gaps, by x
	last  point     // the last point of all
	color rgb
	width float64
	dash  []float64
}

type curvePlot struct {
	*scene
	Curves
	curves                   []curve // candidate last, so that it lies on top
	left, right, top, bottom float64
	x0, x1, y0, y1           float64 // y in log10 if Log
	xTicks, yTicks           []tick
	whole                    bool // all x are whole numbers
}

// prepare cleans the data and gives every curve its color.
func (p *curvePlot) prepare() {
	others := 0
	for _, s := range p.Series {
		k := curve{Series: s, width: 1.75}
		switch s.Role {
		case Candidate:
			k.color, k.width = p.c.candidate, 2.5
		case Baseline:
			k.color = p.c.baseline
		default:
			k.color = p.c.series[others%len(p.c.series)]
			switch others / len(p.c.series) {
			case 0:
			case 1:
				k.dash = []float64{6, 3}
			default:
				k.dash = []float64{2, 2}
			}
			others++
		}
		k.runs = p.clean(s)
		if n := len(k.runs); n > 0 && len(p.curves) < maxSeries {
			run := k.runs[n-1]
			k.last = run[len(run)-1]
			p.curves = append(p.curves, k)
		}
	}
	rank := func(r Role) int { return []int{Other: 1, Candidate: 2, Baseline: 0}[r] }
	slices.SortStableFunc(p.curves, func(a, b curve) int { return rank(a.Role) - rank(b.Role) })
}

// clean turns a series into runs between gaps, ordered by x.
func (p *curvePlot) clean(s Series) [][]point {
	pts := make([]point, 0, len(s.Y))
	for i, y := range s.Y {
		x := float64(i)
		if s.X != nil {
			if i >= len(s.X) {
				break
			}
			x = s.X[i]
		}
		if finite(x) && (finite(y) || math.IsNaN(y)) && !(p.Log && y < 1e-300) {
			pts = append(pts, point{x, y})
		}
	}
	byX := func(a, b point) int {
		switch {
		case a.x < b.x:
			return -1
		case a.x > b.x:
			return 1
		}
		return 0
	}
	if !slices.IsSortedFunc(pts, byX) { // a resumed run may log steps again
		slices.SortStableFunc(pts, byX)
	}
	var runs [][]point
	start := 0
	for i := 0; i <= len(pts); i++ {
		if i == len(pts) || math.IsNaN(pts[i].y) {
			if i > start {
				runs = append(runs, pts[start:i])
			}
			start = i + 1
		}
	}
	return runs
}

// finite refuses what is so large that differences overflow.
func finite(v float64) bool { return v > -1e300 && v < 1e300 }

// fit finds the ranges, the ticks and the room that labels need.
func (p *curvePlot) fit() {
	p.x0, p.x1, p.y0, p.y1 = math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	p.whole = true
	for _, k := range p.curves {
		for _, run := range k.runs {
			for _, q := range run {
				p.x0, p.x1 = min(p.x0, q.x), max(p.x1, q.x)
				p.y0, p.y1 = min(p.y0, p.scaleY(q.y)), max(p.y1, p.scaleY(q.y))
				p.whole = p.whole && q.x == math.Trunc(q.x)
			}
		}
	}
	p.x0, p.x1 = widen(p.x0, p.x1, 0)
	p.y0, p.y1 = widen(p.y0, p.y1, 0.05)
	if p.YLabel != "" {
		p.top += 18
	}
	if p.XLabel != "" {
		p.bottom -= 18
	}
	if p.Log {
		p.yTicks = logTicks(math.Pow(10, max(p.y0, -300)), math.Pow(10, min(p.y1, 300)), 6, p.unit())
	} else {
		p.yTicks = ticks(p.y0, p.y1, 6, false, p.unit())
	}
	p.left = margin + 8
	for _, t := range p.yTicks {
		p.left = max(p.left, margin+8+p.font.width(t.label, smallSize, false))
	}
	p.right = p.w - margin - p.labelRoom()
	p.xTicks = p.fitXTicks()
}

func (p *curvePlot) scaleY(y float64) float64 {
	if p.Log {
		return math.Log10(y)
	}
	return y
}

// widen gives a range some air; a range of one value gets room around it.
func widen(lo, hi, share float64) (float64, float64) {
	pad := (hi - lo) * share
	if !(hi > lo) {
		pad = max(math.Abs(lo)*0.1, 1e-9)
		if share == 0 {
			pad = max(pad, 0.5)
		}
	}
	return lo - pad, hi + pad
}

// fitXTicks takes as many ticks as have room for their labels.
func (p *curvePlot) fitXTicks() []tick {
	for n := 9; n > 1; n-- {
		t := ticks(p.x0, p.x1, n, p.whole, plain)
		free := -math.MaxFloat64
		fits := true
		for _, k := range t {
			half := p.font.width(k.label, smallSize, false) / 2
			fits = fits && p.px(k.value)-half >= free
			free = p.px(k.value) + half + 12
		}
		if fits {
			return t
		}
	}
	return ticks(p.x0, p.x1, 1, p.whole, plain)
}

func (p *curvePlot) px(x float64) float64 { return p.left + (x-p.x0)/(p.x1-p.x0)*(p.right-p.left) }

func (p *curvePlot) py(y float64) float64 {
	return p.bottom - (p.scaleY(y)-p.y0)/(p.y1-p.y0)*(p.bottom-p.top)
}

// axes draws the faint grid, the ticks and the names.
func (p *curvePlot) axes() {
	if p.YLabel != "" {
		p.text(margin, p.top-8, small(p.font.cut(p.YLabel, smallSize, false, p.right-margin), 0), p.c.muted)
	}
	for _, t := range p.yTicks {
		y := math.Round(p.py(t.value)) + .5
		p.line([]point{{p.left, y}, {p.right, y}}, p.c.grid, 1)
		p.text(p.left-8, y+4, small(t.label, 1), p.c.muted)
	}
	base := math.Round(p.bottom) + .5
	p.line([]point{{p.left, base}, {p.right, base}}, p.c.muted, 1)
	for _, t := range p.xTicks {
		x := math.Round(p.px(t.value)) + .5
		p.line([]point{{x, base}, {x, base + 5}}, p.c.muted, 1)
		p.text(x, base+18, small(t.label, .5), p.c.muted)
	}
	if p.XLabel != "" {
		p.text((p.left+p.right)/2, base+36, small(p.font.cut(p.XLabel, smallSize, false, p.right-p.left), .5), p.c.muted)
	}
}

// draw paints a curve; a run of one point is a dot, and the last point of all
// has one too.
func (p *curvePlot) draw(k curve) {
	for _, run := range k.runs {
		q := make([]point, len(run))
		for i, d := range run {
			q[i] = point{p.px(d.x), p.py(d.y)}
		}
		if len(q) == 1 {
			p.dot(q[0].x, q[0].y, 3, k.color)
			continue
		}
		p.line(thin(q, .5), k.color, k.width, k.dash...)
	}
	p.dot(p.px(k.last.x), p.py(k.last.y), 3, k.color)
}

// thin keeps the first, lowest, highest and last point of every column of a
// width: the picture is the same, however many points there are.
func thin(p []point, column float64) []point {
	var out []point
	for i := 0; i < len(p); {
		at := math.Floor(p[i].x / column)
		j, lo, hi := i, i, i
		for ; j < len(p) && math.Floor(p[j].x/column) == at; j++ {
			if p[j].y < p[lo].y {
				lo = j
			}
			if p[j].y > p[hi].y {
				hi = j
			}
		}
		last := -1
		for _, k := range []int{i, min(lo, hi), max(lo, hi), j - 1} {
			if k != last {
				out = append(out, p[k])
				last = k
			}
		}
		i = j
	}
	return out
}
