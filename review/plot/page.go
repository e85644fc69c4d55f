package plot

import (
	"strconv"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// A comment's column is about 700 pixels wide, so that 14 units of a picture
// that is 800 wide are shown as 12 pixels: nothing is smaller.
const (
	smallSize = 14
	titleSize = 18
	margin    = 20
	lineGap   = 18 // from one line of small text to the next
	titleGap  = 24
)

type (
	point = scene.Point
	box   = scene.Box
)

// page is a picture that is being laid out, in a theme's colors.
type page struct {
	*scene.Scene
	c colors
}

func newPage(w, h float64, s style) *page {
	c := s.theme.colors()
	return &page{scene.New(w, h, c.ground, s.painted), c}
}

// small is the width of a text of the common size.
func (p *page) small(s string) float64 { return p.Fonts.Width(s, smallSize, false) }

// cut shortens a text of the common size in its middle.
func (p *page) cut(s string, limit float64) string { return p.Fonts.Cut(s, smallSize, false, limit) }

// put writes a text of the common size; anchor is 0 for start, 0.5, 1 for end.
func (p *page) put(x, y float64, s string, anchor float64, c scene.Color) {
	if s != "" {
		p.Add(scene.Text{At: point{X: x, Y: y}, S: s, Size: smallSize, Anchor: anchor, Color: c})
	}
}

// strong writes a bold text of the common size.
func (p *page) strong(x, y float64, s string, anchor float64, c scene.Color) {
	if s != "" {
		p.Add(scene.Text{At: point{X: x, Y: y}, S: s, Size: smallSize, Anchor: anchor, Bold: true, Color: c})
	}
}

// title sets the title on one or two lines and returns where the content may
// begin.
func (p *page) title(title string) float64 {
	y := 32.0
	for _, l := range p.Fonts.Wrap(scene.Clean(title), titleSize, true, p.W-2*margin, 2) {
		p.Add(scene.Text{At: point{X: margin, Y: y}, S: l, Size: titleSize, Bold: true, Color: p.c.text})
		y += titleGap
	}
	return max(y, 32+titleGap) - 12
}

// say writes a sentence into the middle of an empty picture.
func (p *page) say(sentence string) {
	p.put(p.W/2, p.H/2+5, p.cut(sentence, p.W-2*margin), .5, p.c.muted)
}

// done frames the picture; its own ground makes it read on a light page and on
// a dark one.
func (p *page) done() *page {
	p.Frame(p.c.frame)
	return p
}

// mark is what stands for a series in a key.
type mark uint8

const (
	lineMark mark = iota
	dotMark
	barMark
	outlineMark
	betterMark
	worseMark
)

// keyEntry names a look.
type keyEntry struct {
	look
	mark  mark
	name  string
	bold  bool
	shape marker // of a dotMark
}

const swatch = 24 // units of the mark before a name

// key writes which mark is which, on at most two lines from y, and returns
// where the content may begin.
func (p *page) key(x, y, right float64, entries []keyEntry) float64 {
	at, rows := x, 1
	for i, e := range entries {
		name := scene.Isolate(p.Fonts.Cut(e.name, smallSize, e.bold, 260))
		w := swatch + p.Fonts.Width(name, smallSize, e.bold)
		more := "and " + strconv.Itoa(len(entries)-i) + " more"
		room := right
		if rows == 2 && i+1 < len(entries) {
			room -= p.small(more) + 20
		}
		if at > x && at+w > room {
			if rows == 2 {
				p.put(at, y, more, 0, p.c.muted)
				break
			}
			rows, at = rows+1, x
			y += lineGap
		}
		p.swatch(at, y, e)
		c := p.c.text
		if e.bold {
			p.strong(at+swatch, y, name, 0, c)
		} else {
			p.put(at+swatch, y, name, 0, c)
		}
		at += w + 20
	}
	return y + 8
}

// swatch draws a key's mark before the text on the baseline y.
func (p *page) swatch(x, y float64, e keyEntry) {
	switch e.mark {
	case dotMark:
		p.Add(e.shape.draw(point{X: x + 10, Y: y - 5}, 5, e.color))
	case barMark:
		p.Fill(x+2, y-11, 16, 12, e.color)
	case betterMark, worseMark:
		p.Fill(x+2, y-12, 16, 14, e.color)
		p.Add(arrow(point{X: x + 10, Y: y - 5}, e.mark == betterMark, ink(e.color)))
	case outlineMark:
		p.Line([]point{{X: x + 2, Y: y + 1}, {X: x + 2, Y: y - 10}, {X: x + 17, Y: y - 10}, {X: x + 17, Y: y + 1}}, e.color, 2)
	default:
		p.Line([]point{{X: x, Y: y - 5}, {X: x + 18, Y: y - 5}}, e.color, max(2.5, e.width), e.dash...)
	}
}
