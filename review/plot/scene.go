package plot

// point is a place in units of the picture, from the top left corner.
type point struct{ x, y float64 }

type opKind uint8

const (
	opLine opKind = iota
	opRect
	opDot
	opText
)

// op is one thing to draw; which fields count depends on its kind.
type op struct {
	kind   opKind
	color  rgb
	points []point // line
	width  float64 // line, and the width of a rect
	height float64 // rect
	dash   []float64
	at     point   // top left of a rect, center of a dot, anchor of a text on its baseline
	radius float64 // dot
	text   textOp
}

type textOp struct {
	s      string
	size   float64
	anchor float64 // 0 start, 0.5 middle, 1 end
	angle  float64 // degrees, clockwise
	bold   bool
}

// scene is a picture before it is written: what both writers share.
type scene struct {
	w, h float64
	c    colors
	alt  string
	ops  []op
	font *fonts
}

func newScene(w, h float64, t Theme, alt string) *scene {
	return &scene{w: w, h: h, c: t.colors(), alt: alt, font: newFonts()}
}

func (s *scene) line(p []point, c rgb, width float64, dash ...float64) {
	s.ops = append(s.ops, op{kind: opLine, points: p, color: c, width: width, dash: dash})
}

func (s *scene) rect(x, y, w, h float64, c rgb) {
	s.ops = append(s.ops, op{kind: opRect, at: point{x, y}, width: w, height: h, color: c})
}

func (s *scene) dot(x, y, r float64, c rgb) {
	s.ops = append(s.ops, op{kind: opDot, at: point{x, y}, radius: r, color: c})
}

func (s *scene) text(x, y float64, t textOp, c rgb) {
	s.ops = append(s.ops, op{kind: opText, at: point{x, y}, text: t, color: c})
}

const (
	smallSize = 12 // of all texts but titles; nothing is smaller
	titleSize = 15
	margin    = 16
)

// small is a text of the common size.
func small(s string, anchor float64) textOp { return textOp{s: s, size: smallSize, anchor: anchor} }

// frame paints the hairline around the picture; its own ground makes it read on
// a light page and on a dark one.
func (s *scene) frame() {
	w, h := s.w-.5, s.h-.5
	s.line([]point{{.5, .5}, {w, .5}, {w, h}, {.5, h}, {.5, .5}}, s.c.frame, 1)
}

// title sets the title on one or two lines and returns where the content may
// begin.
func (s *scene) title(title string) float64 {
	y := 28.0
	for _, l := range s.font.wrap(title, titleSize, true, s.w-2*margin, 2) {
		s.text(margin, y, textOp{s: l, size: titleSize, bold: true}, s.c.text)
		y += 20
	}
	return max(y, 48) - 4
}

// say writes a sentence into the middle of an empty picture.
func (s *scene) say(sentence string) {
	s.text(s.w/2, s.h/2, textOp{s: s.font.cut(sentence, 14, false, s.w-2*margin), size: 14, anchor: .5}, s.c.muted)
}
