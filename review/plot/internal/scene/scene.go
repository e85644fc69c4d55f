// Package scene is a picture before it is written: a list of few primitives
// (path, rectangle, dot, text, raster image, group) on an opaque ground, which
// the SVG writer and the painter both draw. It measures text, and it keeps what
// it writes well-formed and bounded whatever strings and numbers it is given.
//
// It knows nothing of charts: axes, labels and colors are decided by the
// package above.
package scene

import "math"

// Point is a place in units of the picture, from its top left corner.
type Point struct{ X, Y float64 }

// Box is a rectangle in units of the picture.
type Box struct{ X, Y, W, H float64 }

// Node is one thing to draw: *Path, Rect, Dot, Text, Image or *Group.
type Node interface{ node() }

// Path is an open or closed line through points, filled, stroked or both.
type Path struct {
	Points []Point
	Closed bool
	Fill   Color   // none if its alpha is 0
	Stroke Color   // none if its alpha is 0
	Width  float64 // of the stroke, in units
	Dash   []float64
}

// Rect is a filled rectangle.
type Rect struct {
	Box
	Fill Color
}

// Dot is a filled circle, or a ring if Ring is more than 0.
type Dot struct {
	At   Point
	R    float64
	Ring float64 // width of the ring's line, inside R
	Fill Color
}

// Text is one line of text on its baseline.
type Text struct {
	At     Point
	S      string
	Size   float64 // of the font, in units
	Anchor float64 // 0 start, 0.5 middle, 1 end
	Angle  float64 // degrees, clockwise
	Bold   bool
	Color  Color
}

// Group is a set of nodes of which only what lies in Clip is seen.
type Group struct {
	Clip  Box
	Nodes []Node
}

func (*Path) node()  {}
func (Rect) node()   {}
func (Dot) node()    {}
func (Text) node()   {}
func (*Image) node() {}
func (*Group) node() {}

// Scene is a whole picture.
type Scene struct {
	W, H   float64 // units; a unit is a pixel at scale 1
	Ground Color   // opaque
	Alt    string  // what the picture says, for those who do not see it
	Nodes  []Node
	Fonts  *Fonts
}

// New starts a picture. Only a picture that is painted (not one that becomes
// SVG, which the reader's own fonts will show) looks for fonts of the system.
func New(w, h float64, ground Color, painted bool) *Scene {
	return &Scene{W: w, H: h, Ground: ground, Fonts: NewFonts(painted)}
}

// Add appends nodes, on top of those before.
func (s *Scene) Add(n ...Node) { s.Nodes = append(s.Nodes, n...) }

// Line appends a stroked line.
func (s *Scene) Line(p []Point, c Color, width float64, dash ...float64) {
	s.Add(&Path{Points: p, Stroke: c, Width: width, Dash: dash})
}

// Fill appends a filled rectangle.
func (s *Scene) Fill(x, y, w, h float64, c Color) { s.Add(Rect{Box{x, y, w, h}, c}) }

// HLine appends a horizontal hairline on the pixel row that y lies in, so that
// it is sharp at every whole scale.
func (s *Scene) HLine(x0, x1, y float64, c Color) { s.Fill(x0, math.Floor(y), x1-x0, 1, c) }

// VLine appends a vertical hairline on the pixel column that x lies in.
func (s *Scene) VLine(x, y0, y1 float64, c Color) { s.Fill(math.Floor(x), y0, 1, y1-y0, c) }

// Frame appends a hairline around the whole picture.
func (s *Scene) Frame(c Color) {
	s.Fill(0, 0, s.W, 1, c)
	s.Fill(0, s.H-1, s.W, 1, c)
	s.Fill(0, 1, 1, s.H-2, c)
	s.Fill(s.W-1, 1, 1, s.H-2, c)
}

// TextBox is the box that a text without rotation covers, from the tops of its
// capitals to the feet of its descenders.
func (f *Fonts) TextBox(t Text) Box {
	w := f.Width(t.S, t.Size, t.Bold)
	return Box{t.At.X - t.Anchor*w, t.At.Y - .73*t.Size, w, .94 * t.Size}
}

// Meets says whether two boxes overlap.
func (b Box) Meets(c Box) bool {
	return b.X < c.X+c.W && c.X < b.X+b.W && b.Y < c.Y+c.H && c.Y < b.Y+b.H
}
