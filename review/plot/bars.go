package plot

import (
	"cmp"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// Goal says which way a metric is better.
type Goal uint8

// The goals.
const (
	NoGoal Goal = iota
	Higher
	Lower
)

// Bars shows a number by class, candidate over baseline, 800 units wide and as
// high as its rows. Each row ends with the candidate's value and the change;
// bars begin at zero.
type Bars struct {
	Title     string // "" makes one that counts what became better and worse
	Metric    string // what the numbers are: "recall"
	Labels    []string
	Candidate []float64 // as long as Labels; NaN is missing
	Baseline  []float64 // as long as Labels, or nil
	Percent   bool
	Goal      Goal
}

// MaxBars is the number of rows beyond which only those that changed most are
// drawn.
const MaxBars = 30

const barPitch = 30 // units of a row

// Draw writes the picture.
func (b Bars) Draw(w io.Writer, f Format, o Options) error { return write(w, f, o, b) }

// barRow is one class.
type barRow struct {
	name        string
	cand, base  float64 // NaN if missing
	value, diff string
}

// rows are the classes to draw, in their order, and how many are left out.
func (b Bars) rows() (rows []barRow, left int) {
	u := unitOf(b.Percent)
	for i, l := range b.Labels {
		r := barRow{name: scene.Clean(l), cand: valueAt(b.Candidate, i), base: valueAt(b.Baseline, i)}
		r.value = "–"
		if !math.IsNaN(r.cand) {
			r.value = u.text(r.cand)
		}
		if d := r.cand - r.base; !math.IsNaN(d) {
			r.diff = u.change(d)
		}
		rows = append(rows, r)
	}
	if len(rows) <= MaxBars {
		return rows, 0
	}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	size := func(i int) float64 {
		if d := rows[i].cand - rows[i].base; !math.IsNaN(d) {
			return math.Abs(d)
		}
		return -1
	}
	slices.SortStableFunc(order, func(a, c int) int { return cmp.Compare(size(c), size(a)) })
	order = order[:MaxBars]
	slices.Sort(order)
	out := make([]barRow, 0, MaxBars)
	for _, i := range order {
		out = append(out, rows[i])
	}
	return out, len(rows) - MaxBars
}

// valueAt is the i-th number; NaN if it is missing or not finite.
func valueAt(v []float64, i int) float64 {
	if i >= len(v) || !finite(v[i]) {
		return math.NaN()
	}
	return v[i]
}

// barPlot lays rows out.
type barPlot struct {
	*page
	Bars
	rows        []barRow
	x           axis
	valueX, top float64 // right edge of the values
	diffX       float64 // right edge of the changes; 0 without
}

func (b Bars) layout(s style) *page {
	rows, left := b.rows()
	page := newPage(800, 400, s)
	title := b.headline()
	lines := len(page.Fonts.Wrap(scene.Clean(title), titleSize, true, page.W-2*margin, 2))
	h := 20 + float64(max(1, lines))*titleGap + 26 + float64(len(rows))*barPitch + 2*lineGap + 8
	p := &barPlot{page: newPage(800, max(h, 160), s), Bars: b, rows: rows}
	p.top = p.title(title) + 6
	if len(rows) == 0 || !p.fit() {
		p.say("no finite values to draw")
		return p.done()
	}
	p.heading()
	p.axis(left)
	for i, r := range p.rows {
		p.row(i, r)
	}
	return p.done()
}

// fit finds the range and the columns; false if no row has a number.
func (p *barPlot) fit() bool {
	names, values, diffs := 0.0, 0.0, 0.0
	x := newSpan()
	for _, r := range p.rows {
		names = max(names, p.small(r.name))
		values = max(values, p.Fonts.Width(r.value, smallSize, true))
		if r.diff != "" {
			diffs = max(diffs, p.small("▲ "+r.diff))
		}
		for _, v := range []float64{r.cand, r.base} {
			if !math.IsNaN(v) {
				x.add(v)
			}
		}
	}
	if !x.some {
		return false
	}
	x.add(0)
	p.valueX = p.W - margin
	if diffs > 0 {
		p.diffX = p.W - margin
		p.valueX = p.diffX - max(diffs, p.small("change")) - 20
	}
	p.x = newAxis(x, false, 0, unitOf(p.Percent), "")
	p.x.whole = false
	p.x.from = margin + min(names, 220) + 12
	p.x.to = p.valueX - max(values, p.small("this change")) - 20
	return true
}

// heading names the columns and shows which bar is which.
func (p *barPlot) heading() {
	entries := []keyEntry{{look: look{color: p.c.candidate}, mark: barMark, name: "this change", bold: true}}
	if p.hasBaseline() {
		entries = append(entries, keyEntry{look: look{color: p.c.baseline}, mark: barMark, name: "baseline"})
	}
	y := p.top + 6
	p.key(p.x.from-2, y, p.x.to, entries)
	p.put(p.valueX, y, "this change", 1, p.c.muted)
	if p.diffX > 0 {
		p.put(p.diffX, y, "change", 1, p.c.muted)
	}
	p.top = y + 10
}

func (p *barPlot) hasBaseline() bool {
	return slices.ContainsFunc(p.rows, func(r barRow) bool { return !math.IsNaN(r.base) })
}

// axis draws the grid, and under it the ticks and what is left out.
func (p *barPlot) axis(left int) {
	bottom := p.top + float64(len(p.rows))*barPitch
	for n := 6; n > 0; n-- {
		p.x.mark(n)
		free, fits := 0.0, true
		for _, t := range p.x.ticks {
			half := p.small(t.label) / 2
			fits = fits && p.x.at(t.value)-half >= free
			free = p.x.at(t.value) + half + 14
		}
		if fits {
			break
		}
	}
	for _, t := range p.x.ticks {
		p.VLine(p.x.at(t.value), p.top, bottom, p.c.grid)
		p.put(math.Floor(p.x.at(t.value))+.5, bottom+18, t.label, .5, p.c.muted)
	}
	p.VLine(p.x.at(0), p.top, bottom, p.c.muted)
	room := p.W - margin - p.x.from
	if left > 0 {
		note := strconv.Itoa(left) + " that changed less are not shown"
		p.put(p.W-margin, bottom+lineGap+20, note, 1, p.c.muted)
		room -= p.small(note) + 24
	}
	p.put(p.x.from, bottom+lineGap+20, p.cut(scene.Clean(p.Metric), room), 0, p.c.muted)
}

func (p *barPlot) row(i int, r barRow) {
	y := p.top + float64(i)*barPitch
	text := y + barPitch/2 + 5
	p.put(p.x.from-12, text, scene.Isolate(p.cut(r.name, 220)), 1, p.c.text)
	p.bar(y+5, 12, r.cand, p.c.candidate)
	p.bar(y+18, 7, r.base, p.c.baseline)
	p.strong(p.valueX, text, r.value, 1, p.c.text)
	if r.diff != "" {
		mark, c := p.verdict(r.cand - r.base)
		p.put(p.diffX, text, mark+r.diff, 1, c)
	}
}

// bar draws one value from zero; one too short to see is a line.
func (p *barPlot) bar(y, h, v float64, c scene.Color) {
	if math.IsNaN(v) {
		return
	}
	a, b := p.x.at(0), p.x.at(v)
	if a > b {
		a, b = b, a
	}
	p.Fill(a, y, max(b-a, 1.5), h, c)
}

// verdict is the mark and the color of a change; the mark says it without the
// color.
func (p *barPlot) verdict(d float64) (string, scene.Color) {
	better := p.Goal == Higher && d > 0 || p.Goal == Lower && d < 0
	switch {
	case d == 0 || p.Goal == NoGoal:
		return "", p.c.muted
	case better:
		return "▲ ", p.c.betterText
	}
	return "▼ ", p.c.worseText
}
