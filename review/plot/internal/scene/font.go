package scene

import (
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// parsed holds the two embedded fonts; reading their tables is put off until
// the first picture is drawn, so that linking this package costs no start-up.
var parsed = sync.OnceValue(func() [2]*sfnt.Font {
	var out [2]*sfnt.Font
	for i, ttf := range [][]byte{liberationsansregular.TTF, liberationsansbold.TTF} {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			panic("plot: an embedded font is broken: " + err.Error())
		}
		out[i] = f
	}
	return out
})

// glyph is a letter's outline and advance for a font size of 1, y downward.
type glyph struct {
	outline shape
	advance float64
	index   sfnt.GlyphIndex // in its font
	from    *face           // nil if no font has it
}

// face is one font with the glyphs that a picture used so far.
type face struct {
	font   *sfnt.Font
	buf    sfnt.Buffer
	glyphs map[rune]*glyph
	kerns  map[[2]sfnt.GlyphIndex]float64
}

// Fonts measures and outlines text in the regular and the bold font. It is not
// safe for concurrent use; each picture has its own.
type Fonts struct {
	regular, bold face
	system        bool // look for fonts of the system
	others        []*face
}

// NewFonts returns the embedded fonts, with those of the system behind them if
// the picture is painted.
func NewFonts(system bool) *Fonts {
	p := parsed()
	return &Fonts{
		regular: face{font: p[0], glyphs: map[rune]*glyph{}},
		bold:    face{font: p[1], glyphs: map[rune]*glyph{}},
		system:  system,
	}
}

// Width measures a text, in units.
func (f *Fonts) Width(s string, size float64, bold bool) float64 {
	w := 0.0
	var before *glyph
	for _, r := range s {
		g := f.glyph(r, bold)
		w += kern(before, g) + g.advance
		before = g
	}
	return w * size
}

// kern is how much closer, or less close, two letters stand, for a font size
// of 1.
func kern(a, b *glyph) float64 {
	if a == nil || a.from == nil || a.from != b.from {
		return 0
	}
	f := a.from
	pair := [2]sfnt.GlyphIndex{a.index, b.index}
	k, ok := f.kerns[pair]
	if !ok {
		em := fixed.I(int(f.font.UnitsPerEm()))
		if v, err := f.font.Kern(&f.buf, a.index, b.index, em, font.HintingNone); err == nil {
			k = float64(v) / float64(em)
		}
		if f.kerns == nil {
			f.kerns = map[[2]sfnt.GlyphIndex]float64{}
		}
		f.kerns[pair] = k
	}
	return k
}

func (f *Fonts) glyph(r rune, bold bool) *glyph {
	own := &f.regular
	if bold {
		own = &f.bold
	}
	if g := own.glyphs[r]; g != nil {
		return g
	}
	g := f.find(own, r)
	own.glyphs[r] = g
	return g
}

// find looks a letter up in the embedded font, then in those of the system. A
// letter that no font has is an empty box as wide as such letters usually are.
func (f *Fonts) find(own *face, r rune) *glyph {
	if invisible(r) {
		return &glyph{}
	}
	if g := own.load(r); g != nil {
		return g
	}
	if f.system {
		if f.others == nil {
			f.others = systemFaces()
		}
		for _, other := range f.others {
			if g := other.load(r); g != nil {
				return g
			}
		}
	}
	w := usualWidth(r)
	if w == 0 {
		return &glyph{}
	}
	return &glyph{outline: emptyBox(w), advance: w}
}

// emptyBox is what stands for a letter that no font has.
func emptyBox(w float64) shape {
	var s shape
	l, r, t, b, line := .08, w-.08, -.7, 0.0, .05
	s.add(Point{l, t}, Point{r, t}, Point{r, b}, Point{l, b})
	s.add(Point{l + line, t + line}, Point{l + line, b - line}, Point{r - line, b - line}, Point{r - line, t + line})
	return s
}

// load returns a letter, or nil if the font lacks it.
func (f *face) load(r rune) *glyph {
	i, err := f.font.GlyphIndex(&f.buf, r)
	if err != nil || i == 0 {
		return nil
	}
	em := fixed.I(int(f.font.UnitsPerEm()))
	k := 1 / float64(em)
	advance, err := f.font.GlyphAdvance(&f.buf, i, em, font.HintingNone)
	if err != nil {
		return nil
	}
	segments, err := f.font.LoadGlyph(&f.buf, i, em, nil)
	if err != nil { // a colored bitmap, or a broken font
		return nil
	}
	return &glyph{outline: flatten(segments, k), advance: float64(advance) * k, index: i, from: f}
}

// flatten turns a glyph's curves into polygons.
func flatten(segments sfnt.Segments, k float64) shape {
	const steps = 4 // enough for letters of at most 80 device pixels
	at := func(p fixed.Point26_6) Point { return Point{float64(p.X) * k, float64(p.Y) * k} }
	var s shape
	var last Point
	open := false
	add := func(p Point) {
		s.points = append(s.points, p)
		last = p
	}
	for _, g := range segments {
		if g.Op == sfnt.SegmentOpMoveTo && open {
			s.end()
		}
		open = true
		switch g.Op {
		case sfnt.SegmentOpMoveTo, sfnt.SegmentOpLineTo:
			add(at(g.Args[0]))
		case sfnt.SegmentOpQuadTo:
			a, b, c := last, at(g.Args[0]), at(g.Args[1])
			for i := 1; i <= steps; i++ {
				t := float64(i) / steps
				u := 1 - t
				add(Point{u*u*a.X + 2*u*t*b.X + t*t*c.X, u*u*a.Y + 2*u*t*b.Y + t*t*c.Y})
			}
		case sfnt.SegmentOpCubeTo: // fonts of the system
			a, b, c, d := last, at(g.Args[0]), at(g.Args[1]), at(g.Args[2])
			for i := 1; i <= steps; i++ {
				t := float64(i) / steps
				u := 1 - t
				x := u*u*u*a.X + 3*u*u*t*b.X + 3*u*t*t*c.X + t*t*t*d.X
				add(Point{x, u*u*u*a.Y + 3*u*u*t*b.Y + 3*u*t*t*c.Y + t*t*t*d.Y})
			}
		}
	}
	if open {
		s.end()
	}
	return s
}

// outline sets a text as polygons in device pixels.
func (f *Fonts) outline(t Text, scale float64) shape {
	sin, cos := 0.0, 1.0
	if t.Angle != 0 {
		rad := t.Angle / 180
		sin, cos = sincosPi(rad)
	}
	x := -t.Anchor * f.Width(t.S, t.Size, t.Bold)
	var out shape
	var before *glyph
	for _, r := range visual(t.S) {
		g := f.glyph(r, t.Bold)
		x += kern(before, g) * t.Size
		before = g
		base := len(out.points)
		for _, q := range g.outline.points {
			dx, dy := x+q.X*t.Size, q.Y*t.Size
			out.points = append(out.points, Point{(t.At.X + dx*cos - dy*sin) * scale, (t.At.Y + dx*sin + dy*cos) * scale})
		}
		for _, e := range g.outline.ends {
			out.ends = append(out.ends, base+e)
		}
		x += g.advance * t.Size
	}
	return out
}
