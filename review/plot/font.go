package plot

import (
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// parsed holds the two fonts; reading their tables is put off until the first
// picture is drawn.
var parsed = sync.OnceValues(func() (*sfnt.Font, *sfnt.Font) {
	regular, err := sfnt.Parse(liberationsansregular.TTF)
	if err != nil {
		panic("plot: the embedded regular font is broken: " + err.Error())
	}
	bold, err := sfnt.Parse(liberationsansbold.TTF)
	if err != nil {
		panic("plot: the embedded bold font is broken: " + err.Error())
	}
	return regular, bold
})

// glyph is a letter's outline and width for a font size of 1, y downward.
type glyph struct {
	outline [][]point
	advance float64
}

// face is one font with the glyphs that a picture used so far. It is not safe
// for concurrent use; each picture has its own.
type face struct {
	font   *sfnt.Font
	buf    sfnt.Buffer
	glyphs map[rune]*glyph
}

type fonts struct{ regular, bold face }

func newFonts() *fonts {
	r, b := parsed()
	return &fonts{face{font: r, glyphs: map[rune]*glyph{}}, face{font: b, glyphs: map[rune]*glyph{}}}
}

func (f *fonts) face(bold bool) *face {
	if bold {
		return &f.bold
	}
	return &f.regular
}

// width measures a text.
func (f *fonts) width(s string, size float64, bold bool) float64 {
	face, w := f.face(bold), 0.0
	for _, r := range s {
		w += face.glyph(r).advance
	}
	return w * size
}

// cut shortens a text that is wider than limit in its middle, where names
// differ least: "trainin…_v7".
func (f *fonts) cut(s string, size float64, bold bool, limit float64) string {
	if f.width(s, size, bold) <= limit {
		return s
	}
	r := []rune(s)
	if len(r) > 400 { // far wider than any picture; keeps the search short
		r = append(r[:200:200], r[len(r)-200:]...)
	}
	for keep := len(r) - 1; keep > 1; keep-- {
		head := (keep + 1) / 2
		t := string(r[:head]) + "…" + string(r[len(r)-(keep-head):])
		if f.width(t, size, bold) <= limit {
			return t
		}
	}
	return "…"
}

// wrap breaks a text at spaces into at most n lines; what does not fit is cut
// out of the middle of the last.
func (f *fonts) wrap(s string, size float64, bold bool, limit float64, n int) []string {
	words := strings.Fields(s)
	var lines []string
	for len(words) > 0 {
		if len(lines) == n-1 {
			return append(lines, f.cut(strings.Join(words, " "), size, bold, limit))
		}
		k := 1
		for k < len(words) && f.width(strings.Join(words[:k+1], " "), size, bold) <= limit {
			k++
		}
		lines = append(lines, f.cut(strings.Join(words[:k], " "), size, bold, limit))
		words = words[k:]
	}
	return lines
}

// glyph returns a letter; one that the font lacks is drawn as its empty box.
// Controls have no width.
func (f *face) glyph(r rune) *glyph {
	if g := f.glyphs[r]; g != nil {
		return g
	}
	g := &glyph{}
	f.glyphs[r] = g
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
		return g
	}
	i, err := f.font.GlyphIndex(&f.buf, r)
	if err != nil {
		i = 0
	}
	em := fixed.I(int(f.font.UnitsPerEm()))
	k := 1 / float64(em)
	if a, err := f.font.GlyphAdvance(&f.buf, i, em, font.HintingNone); err == nil {
		g.advance = float64(a) * k
	}
	if segments, err := f.font.LoadGlyph(&f.buf, i, em, nil); err == nil {
		g.outline = flatten(segments, k)
	}
	return g
}

// flatten turns a glyph's curves into polygons.
func flatten(segments sfnt.Segments, k float64) [][]point {
	const steps = 4 // enough for letters of at most 60 device pixels
	at := func(p fixed.Point26_6) point { return point{float64(p.X) * k, float64(p.Y) * k} }
	var out [][]point
	var last point
	add := func(p point) {
		if n := len(out); n > 0 {
			out[n-1] = append(out[n-1], p)
		}
		last = p
	}
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			out = append(out, nil)
			add(at(s.Args[0]))
		case sfnt.SegmentOpLineTo:
			add(at(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			a, b, c := last, at(s.Args[0]), at(s.Args[1])
			for i := 1; i <= steps; i++ {
				t := float64(i) / steps
				u := 1 - t
				add(point{u*u*a.x + 2*u*t*b.x + t*t*c.x, u*u*a.y + 2*u*t*b.y + t*t*c.y})
			}
		case sfnt.SegmentOpCubeTo: // TrueType outlines have none
			add(at(s.Args[2]))
		}
	}
	return out
}
