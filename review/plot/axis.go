package plot

import (
	"math"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// span is the range of the values that it was shown.
type span struct {
	lo, hi float64
	whole  bool // all were whole numbers
	some   bool // there were any
}

func newSpan() span { return span{lo: math.Inf(1), hi: math.Inf(-1), whole: true} }

func (s *span) add(v float64) {
	s.lo, s.hi = min(s.lo, v), max(s.hi, v)
	s.whole = s.whole && v == math.Trunc(v)
	s.some = true
}

// finite refuses what is so large that differences overflow.
func finite(v float64) bool { return v > -1e300 && v < 1e300 }

// axis maps values to units of the page.
type axis struct {
	lo, hi   float64 // the range; powers of ten if log
	from, to float64 // where it lies on the page
	log      bool
	whole    bool
	unit     unit
	name     string
	ticks    []tick
}

// positive is the least value that a logarithmic axis shows.
const positive = 1e-300

// newAxis covers a span, with some air of a share of it.
func newAxis(s span, log bool, air float64, u unit, name string) axis {
	a := axis{log: log, whole: s.whole, unit: u, name: name}
	lo, hi := a.scaled(s.lo), a.scaled(s.hi)
	pad := (hi - lo) * air
	if !(hi > lo) { // a range of one value gets room around it
		pad = max(math.Abs(lo)*.1, 1e-9)
		if log || air == 0 {
			pad = max(pad, .5)
		}
		a.whole = a.whole && air == 0
	}
	a.lo, a.hi = lo-pad, hi+pad
	if u == percent && air > 0 && !log { // no percentage beyond what there can be
		if s.lo >= 0 {
			a.lo = max(a.lo, -.02*(a.hi-a.lo))
		}
	}
	return a
}

func (a *axis) scaled(v float64) float64 {
	if a.log {
		return math.Log10(max(v, positive))
	}
	return v
}

// at is where a value lies on the page.
func (a *axis) at(v float64) float64 {
	return a.from + (a.scaled(v)-a.lo)/(a.hi-a.lo)*(a.to-a.from)
}

// mark chooses about n ticks.
func (a *axis) mark(n int) {
	if a.log {
		a.ticks = logTicks(math.Pow(10, max(a.lo, -300)), math.Pow(10, min(a.hi, 300)), n, a.unit)
		return
	}
	a.ticks = ticks(a.lo, a.hi, n, a.whole, a.unit)
}

// field is a chart's area between its two axes.
type field struct {
	*page
	x, y                     axis
	left, right, top, bottom float64
	notes                    []string // what the picture does not show, under it
}

// lay finds the room that ticks and names need; top is where the field may
// begin, and room what stays free to its right.
func (f *field) lay(top, room float64) {
	f.top, f.bottom = top+14, f.H-margin-lineGap-2
	if f.y.name != "" {
		f.top += lineGap
	}
	if f.x.name != "" || len(f.notes) > 0 {
		f.bottom -= lineGap + 2
	}
	f.y.from, f.y.to = f.bottom, f.top
	f.y.mark(int(max(2, min(6, (f.bottom-f.top)/40))))
	f.left = margin + 8
	for _, t := range f.y.ticks {
		f.left = max(f.left, margin+10+f.small(t.label))
	}
	f.right = f.W - margin - room
	f.x.from, f.x.to = f.left, f.right
	f.markX()
}

// markX takes as many ticks as have room for their labels.
func (f *field) markX() {
	for n := 9; n > 1; n-- {
		f.x.mark(n)
		free, fits := 0.0, true
		for _, k := range f.x.ticks {
			half := f.small(k.label) / 2
			fits = fits && f.x.at(k.value)-half >= free && f.x.at(k.value)+half <= f.W-6
			free = f.x.at(k.value) + half + 14
		}
		if fits {
			return
		}
	}
	f.x.ticks = f.x.ticks[:min(1, len(f.x.ticks))]
}

// axes draws the faint grid, the ticks and the names.
func (f *field) axes() {
	if f.y.name != "" {
		f.put(margin, f.top-14, f.cut(f.y.name, f.right-margin), 0, f.c.muted)
	}
	for _, t := range f.y.ticks {
		y := f.y.at(t.value)
		f.HLine(f.left, f.right, y, f.c.grid)
		f.put(f.left-8, math.Floor(y)+5.5, t.label, 1, f.c.muted)
	}
	base := math.Floor(f.bottom)
	f.HLine(f.left, f.right, base, f.c.muted)
	for _, t := range f.x.ticks {
		x := f.x.at(t.value)
		f.VLine(x, base, base+6, f.c.muted)
		f.put(math.Floor(x)+.5, base+21, t.label, .5, f.c.muted)
	}
	f.footer(base + 21 + lineGap + 3)
}

// footer writes the name of the x axis in the middle, and the notes at the
// right; if both have no room the name goes to the left.
func (f *field) footer(y float64) {
	notes := ""
	for i, n := range f.notes {
		if i > 0 {
			notes += "; "
		}
		notes += n
	}
	name := f.cut(f.x.name, f.right-f.left)
	if notes == "" {
		f.put((f.left+f.right)/2, y, name, .5, f.c.muted)
		return
	}
	name = f.cut(f.x.name, 220)
	nameX, nameW := f.left, f.small(name)
	notes = f.cut(notes, f.W-margin-nameX-nameW-24)
	f.put(nameX, y, name, 0, f.c.muted)
	f.put(f.W-margin, y, notes, 1, f.c.muted)
}

// inside groups what must not leave the field.
func (f *field) inside(nodes ...scene.Node) {
	f.Add(&scene.Group{Clip: box{X: f.left, Y: f.top - 4, W: f.right - f.left + 4, H: f.bottom - f.top + 4}, Nodes: nodes})
}
