package plot

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// Histogram shows how values are distributed, the candidate's as filled bars
// over the baseline's as an outline, 800 × 400 units. With both, bars are shares
// of each side, because the sides may differ in number.
type Histogram struct {
	Title     string // "" makes one with the medians
	XLabel    string
	Candidate []float64
	Baseline  []float64 // may be empty
	Percent   bool      // values are shares from 0 to 1
	Bins      int       // 1 to 200; 0 chooses by Freedman and Diaconis
}

// Draw writes the picture.
func (h Histogram) Draw(w io.Writer, f Format, o Options) error { return write(w, f, o, h) }

// finiteOf are the values that can be drawn, sorted, and how many cannot.
func finiteOf(v []float64) ([]float64, int) {
	out := make([]float64, 0, len(v))
	for _, x := range v {
		if finite(x) {
			out = append(out, x)
		}
	}
	slices.Sort(out)
	return out, len(v) - len(out)
}

// merged is both of two sorted lists, sorted.
func merged(a, b []float64) []float64 {
	out := make([]float64, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0] <= b[0] {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// quantile is that of sorted values; NaN if there are none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// bins are even intervals from lo on.
type bins struct {
	lo, width float64
	n         int
}

const maxBins = 200

// chooseBins finds intervals with round edges that cover sorted values.
func chooseBins(sorted []float64, want int) bins {
	lo, hi := sorted[0], sorted[len(sorted)-1]
	if !(hi > lo) {
		pad := max(math.Abs(lo)*.05, .5)
		return bins{lo - pad, 2 * pad, 1}
	}
	if want > 0 {
		n := min(want, maxBins)
		return bins{lo, (hi - lo) / float64(n), n}
	}
	iqr := quantile(sorted, .75) - quantile(sorted, .25)
	width := 2 * iqr / math.Cbrt(float64(len(sorted)))
	width = min(max(width, (hi-lo)/60), (hi-lo)/8)
	width = niceStep(width)
	first := math.Floor(lo/width) * width
	n := int(math.Floor((hi-first)/width)) + 1
	if n < 1 || n > maxBins || !(width > 0) || !(first+width > first) { // a sliver of large numbers
		return bins{lo, (hi - lo) / 10, 10}
	}
	return bins{first, width, n}
}

// counts sorts values into the bins; the last one has both its ends.
func (b bins) counts(values []float64) []float64 {
	out := make([]float64, b.n)
	for _, v := range values {
		out[min(max(int((v-b.lo)/b.width), 0), b.n-1)]++
	}
	return out
}

func (h Histogram) layout(s style) *page {
	p := &field{page: newPage(800, 400, s)}
	cand, skipped := finiteOf(h.Candidate)
	base, skippedBase := finiteOf(h.Baseline)
	top := p.title(h.headline(cand, base))
	if len(cand)+len(base) == 0 {
		p.say("no finite values to draw")
		return p.done()
	}
	if n := skipped + skippedBase; n > 0 {
		p.notes = append(p.notes, many(n, "value")+" not finite")
	}
	b := chooseBins(merged(cand, base), h.Bins)
	c, o := b.counts(cand), b.counts(base)
	y := axis{unit: plain, name: "number", whole: true}
	if len(cand) > 0 && len(base) > 0 {
		y = axis{unit: percent, name: "share of each side"}
		scaleTo(c, float64(len(cand)))
		scaleTo(o, float64(len(base)))
	}
	y.hi = max(slices.Max(c), slices.Max(o)) * 1.05
	p.y = y
	p.x = axis{lo: b.lo, hi: b.lo + float64(b.n)*b.width, unit: unitOf(h.Percent), name: scene.Clean(h.XLabel)}
	top = p.key(margin, top+12, p.W-margin, h.entries(p.page, len(cand), len(base)))
	p.lay(top, 0)
	p.axes()
	h.bars(p, b, c, o, len(cand) > 0, len(base) > 0)
	return p.done()
}

func scaleTo(v []float64, total float64) {
	for i := range v {
		v[i] /= total
	}
}

func (h Histogram) entries(p *page, cand, base int) []keyEntry {
	var out []keyEntry
	if cand > 0 {
		out = append(out, keyEntry{look: look{color: p.c.candidate.With(.6)}, mark: barMark, name: "this change, " + many(cand, "value"), bold: true})
	}
	if base > 0 {
		out = append(out, keyEntry{look: look{color: p.c.baselineStrong}, mark: outlineMark, name: "baseline, " + many(base, "value")})
	}
	return out
}

// bars draws the candidate's as areas and the baseline's as one outline.
func (h Histogram) bars(p *field, b bins, cand, base []float64, hasCand, hasBase bool) {
	zero := math.Floor(p.bottom)
	edge := func(i int) float64 { return p.x.at(b.lo + float64(i)*b.width) }
	if hasCand {
		for i, v := range cand {
			if y := p.y.at(v); v > 0 {
				gap := min(1, (edge(i+1)-edge(i))/4)
				p.Fill(edge(i)+gap/2, min(y, zero-1), edge(i+1)-edge(i)-gap, max(zero-y, 1), p.c.candidate.With(.6))
			}
		}
	}
	if hasBase {
		line := []point{{X: edge(0), Y: zero}}
		for i, v := range base {
			y := min(p.y.at(v), zero)
			line = append(line, point{X: edge(i), Y: y}, point{X: edge(i + 1), Y: y})
		}
		line = append(line, point{X: edge(len(base)), Y: zero})
		p.Line(line, p.c.baselineStrong, 2)
	}
}

// headline is the title; one that is made says the medians of sorted values.
func (h Histogram) headline(cand, base []float64) string {
	if h.Title != "" {
		return h.Title
	}
	what := h.XLabel
	if what == "" {
		what = "values"
	}
	var ends []ended
	prefix := "median "
	for _, s := range []struct {
		sorted []float64
		role   Role
	}{{cand, Candidate}, {base, Baseline}} {
		if len(s.sorted) > 0 {
			ends = append(ends, ended{role: s.role, value: prefix + unitOf(h.Percent).text(quantile(s.sorted, .5))})
			prefix = ""
		}
	}
	return "distribution of " + what + answer(ends)
}

// AltText says in sentences what the picture shows.
func (h Histogram) AltText() string {
	cand, _ := finiteOf(h.Candidate)
	base, _ := finiteOf(h.Baseline)
	out := sentence(scene.Clean(h.headline(cand, base)))
	u := unitOf(h.Percent)
	for _, s := range []struct {
		sorted []float64
		name   string
	}{{cand, "this change"}, {base, "the baseline"}} {
		if len(s.sorted) == 0 {
			continue
		}
		out += fmt.Sprintf(" Half of %s of %s lie between %s and %s, all between %s and %s.", many(len(s.sorted), "value"), s.name,
			u.text(quantile(s.sorted, .25)), u.text(quantile(s.sorted, .75)), u.text(s.sorted[0]), u.text(s.sorted[len(s.sorted)-1]))
	}
	if len(cand)+len(base) == 0 {
		out += " No finite values."
	}
	return out
}
