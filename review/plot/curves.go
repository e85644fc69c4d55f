package plot

import (
	"io"
	"math"
	"slices"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// Along says what the x axis of curves counts.
type Along uint8

// What an x axis counts.
const (
	Steps  Along = iota // or epochs, or another metric: plain numbers
	Time                // seconds since the start of the run, shown as durations
	Clock               // seconds since 1970, shown as dates and times of UTC
	Epochs              // as Steps, named "epoch" if XLabel is empty
)

// Curves shows a metric over steps, epochs or time, 800 × 400 units. The last
// values stand beside the curves, so there is no legend.
type Curves struct {
	Title   string // what is shown and the answer; "" makes one from the labels and the last values
	XLabel  string
	YLabel  string
	Percent bool // values are shares from 0 to 1
	Log     bool // logarithmic y axis; values that are not positive are skipped
	LogX    bool // logarithmic x axis, of Steps and Epochs
	Along   Along
	// Smooth is the weight of an exponential moving average, 0 to less than 1;
	// the raw line stays faint behind it.
	Smooth float64
	Series []Series
}

const maxSeries = 40 // beyond it the curves cannot be told apart

// Draw writes the picture.
func (c Curves) Draw(w io.Writer, f Format, o Options) error { return write(w, f, o, c) }

// curve is a series that has something to draw.
type curve struct {
	look
	Series
	runs [][]point // data between gaps, by x
	raw  [][]point // what runs are smoothed from, if they are
	last point     // the last point of all, as it was measured
}

type curvePlot struct {
	field
	curves []curve // candidate last, so that it lies on top
}

func (c Curves) layout(s style) *page {
	p := &curvePlot{field: field{page: newPage(800, 400, s)}}
	top := p.title(c.headline())
	p.prepare(c)
	if len(p.curves) == 0 {
		p.say(c.emptyText())
		return p.done()
	}
	p.fit(c)
	p.lay(top, p.labelRoom())
	p.axes()
	p.draw()
	p.labels()
	return p.done()
}

// prepare cleans the data and gives every curve its look.
func (p *curvePlot) prepare(c Curves) {
	roles := make([]Role, len(c.Series))
	for i, s := range c.Series {
		roles[i] = s.Role
	}
	looks := p.c.looks(roles)
	skipped, total, left := 0, 0, 0
	for i, s := range c.Series {
		s.Name = scene.Clean(s.Name)
		if s.Role > Baseline {
			s.Role = Other
		}
		k := curve{Series: s, look: looks[i]}
		var n int
		k.runs, n = s.cleanAlong(s.Y, c)
		skipped += n
		if len(k.runs) == 0 {
			continue
		}
		if len(p.curves) == maxSeries {
			left++
			continue
		}
		total += pointsIn(k.runs)
		k.last = last(k.runs)
		if c.Smooth > 0 && c.Smooth < 1 {
			k.raw = k.runs
			k.runs = smoothRuns(k.raw, c.Smooth)
		}
		p.curves = append(p.curves, k)
	}
	slices.SortStableFunc(p.curves, func(a, b curve) int { return layer(a.Role) - layer(b.Role) })
	p.note(c, skipped, total, left)
}

// note says what the picture leaves out.
func (p *curvePlot) note(c Curves, skipped, total, left int) {
	if left > 0 {
		p.notes = append(p.notes, count(left)+" more series not shown")
	}
	if skipped > 0 {
		why := " not finite"
		if c.Log || c.LogX {
			why = " not positive or not finite"
		}
		p.notes = append(p.notes, many(skipped, "point")+why)
	}
	if total > 5000 {
		p.notes = append(p.notes, count(total)+" points, extremes kept")
	}
	if c.Smooth > 0 && c.Smooth < 1 {
		p.notes = append(p.notes, "smoothed by "+plain.text(c.Smooth)+", raw faint")
	}
}

// cleanAlong is clean, without what a logarithmic x axis cannot show.
func (s *Series) cleanAlong(values []float64, c Curves) ([][]point, int) {
	runs, skipped := s.clean(values, c.Log)
	if !c.logX() {
		return runs, skipped
	}
	for i := range runs { // runs are ordered: what is not positive is at the start
		n := 0
		for n < len(runs[i]) && runs[i][n].X < positive {
			n++
		}
		skipped += n
		runs[i] = runs[i][n:]
	}
	return slices.DeleteFunc(runs, func(r []point) bool { return len(r) == 0 }), skipped
}

// end is the last value that can be drawn and how many can, without the cost of
// ordering them.
func (s *Series) end(c Curves) (value float64, n int) {
	at := math.Inf(-1)
	for i, y := range s.Y {
		x, ok := s.at(i)
		if !ok {
			break
		}
		if !finite(x) || !finite(y) || c.Log && y < positive || c.logX() && x < positive {
			continue
		}
		if n++; x >= at {
			at, value = x, y
		}
	}
	return value, n
}

func (c Curves) logX() bool { return c.LogX && c.Along != Time && c.Along != Clock }

// smoothRuns smooths over all runs of a curve as one series.
func smoothRuns(runs [][]point, weight float64) [][]point {
	y := make([]float64, 0, pointsIn(runs))
	for _, r := range runs {
		for _, q := range r {
			y = append(y, q.Y)
		}
	}
	y = Smoothed(y, weight)
	out := make([][]point, len(runs))
	for i, r := range runs {
		out[i] = make([]point, len(r))
		for j, q := range r {
			out[i][j] = point{X: q.X, Y: y[0]}
			y = y[1:]
		}
	}
	return out
}

// fit finds the ranges.
func (p *curvePlot) fit(c Curves) {
	x, y := newSpan(), newSpan()
	for _, k := range p.curves {
		sets := [][][]point{k.runs, k.raw}
		if k.banded() {
			low, _ := k.cleanAlong(k.Low, c)
			high, _ := k.cleanAlong(k.High, c)
			sets = append(sets, low, high)
		}
		for _, runs := range sets {
			for _, run := range runs {
				for _, q := range run {
					x.add(q.X)
					y.add(q.Y)
				}
			}
		}
	}
	xUnit := map[Along]unit{Time: elapsed, Clock: clock}[c.Along]
	p.x = newAxis(x, c.logX(), 0, xUnit, scene.Clean(c.xName()))
	p.y = newAxis(y, c.Log, .05, unitOf(c.Percent), scene.Clean(c.YLabel))
	p.y.whole = false
}

// draw paints bands, then raw lines, then curves. A run of one point is a dot,
// and the last point of all has one too.
func (p *curvePlot) draw() {
	var bands, faint, lines []scene.Node
	for _, k := range p.curves {
		bands = append(bands, p.band(k)...)
		for _, run := range k.raw {
			faint = append(faint, p.line(run, look{color: k.color.With(.3), width: 1})...)
		}
		for _, run := range k.runs {
			lines = append(lines, p.line(run, k.look)...)
		}
		lines = append(lines, scene.Dot{At: point{X: p.x.at(k.last.X), Y: p.y.at(k.last.Y)}, R: 4, Fill: k.color})
	}
	p.inside(append(append(bands, faint...), lines...)...)
}

func (p *curvePlot) line(run []point, l look) []scene.Node {
	if len(run) == 1 {
		return []scene.Node{scene.Dot{At: point{X: p.x.at(run[0].X), Y: p.y.at(run[0].Y)}, R: 3, Fill: l.color}}
	}
	return []scene.Node{&scene.Path{Points: thin(run, &p.x, &p.y), Stroke: l.color, Width: l.width, Dash: l.dash}}
}

// band is the area between the least and the largest of a group.
func (p *curvePlot) band(k curve) []scene.Node {
	if !k.banded() {
		return nil
	}
	low, _ := k.clean(k.Low, p.y.log)
	high, _ := k.clean(k.High, p.y.log)
	if len(low) != len(high) {
		return nil
	}
	var out []scene.Node
	for i := range low {
		l, h := edge(low[i], &p.x, &p.y, false), edge(high[i], &p.x, &p.y, true)
		if len(l) > 1 && len(h) > 1 {
			out = append(out, bandPath(l, h, k.color))
		}
	}
	return out
}
