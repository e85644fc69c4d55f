package digits

import (
	"errors"
	"fmt"
	"math"
)

// Point is a place on the canvas; x grows to the right, y downwards. The unit
// does not matter.
type Point struct{ X, Y float64 }

// Bounds on a drawing.
const (
	MaxStrokes   = 64
	MaxPoints    = 2048 // in all strokes together
	maxCanvas    = 1e6  // of a coordinate's size
	dots         = 32   // the bitmap is 32×32 dots
	glyphWidth   = 20.0 // dots that a digit may be wide
	glyphHeight  = 32.0 // dots that a digit is high
	wantInk      = 310  // dots of ink that the data's digits have on average (of 1,024)
	thinnestPen  = 2.0  // dots
	thickestPen  = 11.0
	fineness     = 2   // samples a dot in each direction
	levelSpan    = 0.1 // of the height: how much of the top and bottom decides the slant
	flattest     = 3.0 // wider than this many heights is a dash
	leanMended   = 0.5 // share of the slant that is taken out
	steepestLean = 0.3 // columns a row that the slant is mended by at most
)

// ErrNothingDrawn is the error for strokes without a point.
var ErrNothingDrawn = errors.New("nothing is drawn")

// FromStrokes turns pen strokes into the picture that the model takes: 8×8
// counts of 0 to 16. The data's bitmaps were normalized before their blocks were
// counted (NIST Form-Based Handprint Recognition System, NISTIR 5469, 1994);
// this follows what can be measured in the result: digits fill the 32 dots in
// height and are at most about 20 wide, keep their proportions within that, are centered, stand
// almost upright and have nearly the same amount of ink whatever their shape
// (313 dots on average, standard deviation 35). So the drawing is scaled, half
// of its slant is taken out, it is drawn with the pen that gives that ink, and
// the ink of each 4×4 block is counted. Where, how large and with which pen it
// was drawn therefore does not matter.
//
// It fails for empty drawings, for more than [MaxStrokes] strokes or [MaxPoints]
// points, and for coordinates that are not finite or beyond a million.
func FromStrokes(strokes [][]Point) ([Pixels]float32, error) {
	if err := checkStrokes(strokes); err != nil {
		return [Pixels]float32{}, err
	}
	lines := segments(strokes)
	pen := choosePen(lines)
	bitmap := draw(fit(lines, pen), pen)
	return bitmap.blocks(), nil
}

// choosePen finds the pen, in dots, that gives a drawing the usual ink. A thicker
// pen leaves less room for its middle line, so it is found by halving.
func choosePen(lines []line) float64 {
	thin, thick := thinnestPen, thickestPen
	for range 6 {
		pen := (thin + thick) / 2
		bitmap := draw(fit(lines, pen), pen)
		if bitmap.ink() < wantInk*fineness*fineness {
			thin = pen
		} else {
			thick = pen
		}
	}
	return (thin + thick) / 2
}

func checkStrokes(strokes [][]Point) error {
	points := 0
	for _, s := range strokes {
		points += len(s)
		for _, p := range s {
			if !(math.Abs(p.X) <= maxCanvas && math.Abs(p.Y) <= maxCanvas) {
				return fmt.Errorf("a point lies at (%g, %g); coordinates are finite and within ±%g", p.X, p.Y, maxCanvas)
			}
		}
	}
	switch {
	case points == 0:
		return ErrNothingDrawn
	case len(strokes) > MaxStrokes || points > MaxPoints:
		return fmt.Errorf("the drawing has %d strokes and %d points; %d and %d are the most", len(strokes), points, MaxStrokes, MaxPoints)
	}
	return nil
}

// line is a straight piece of the pen's way.
type line struct{ a, b Point }

func segments(strokes [][]Point) []line {
	var lines []line
	for _, s := range strokes {
		if len(s) == 1 {
			lines = append(lines, line{s[0], s[0]})
		}
		for i := 1; i < len(s); i++ {
			lines = append(lines, line{s[i-1], s[i]})
		}
	}
	return lines
}

// box is the smallest upright rectangle around lines.
type box struct{ left, top, right, bottom float64 }

func around(lines []line) box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, l := range lines {
		for _, p := range [2]Point{l.a, l.b} {
			b.left, b.right = min(b.left, p.X), max(b.right, p.X)
			b.top, b.bottom = min(b.top, p.Y), max(b.bottom, p.Y)
		}
	}
	return b
}

// fit scales, straightens and centers lines on the 32×32 dots, leaving room for
// half a pen on all sides.
func fit(lines []line, pen float64) []line {
	b := around(lines)
	width, height := b.right-b.left, b.bottom-b.top
	roomX, roomY := glyphWidth-pen, glyphHeight-pen
	scaleX, scaleY := 1.0, 1.0 // of a dot, which has no size
	switch {
	case width > flattest*height: // a dash is not stretched to a digit's height
		scaleX = roomX / width
		scaleY = scaleX
	case height > 0:
		scaleY = roomY / height
		scaleX = scaleY
		if width > 0 {
			scaleX = min(scaleY, roomX/width)
		}
	}
	fitted := make([]line, len(lines))
	place := func(p Point) Point { return Point{(p.X - b.left) * scaleX, (p.Y - b.top) * scaleY} }
	for i, l := range lines {
		fitted[i] = line{place(l.a), place(l.b)}
	}
	straighten(fitted)
	return center(fitted)
}

// straighten shears lines so that top and bottom begin nearer to the same column.
func straighten(lines []line) {
	b := around(lines)
	height := b.bottom - b.top
	if height < 1 {
		return
	}
	top, bottom := math.Inf(1), math.Inf(1)
	for _, l := range lines {
		top = min(top, leftmost(l, b.top, b.top+levelSpan*height))
		bottom = min(bottom, leftmost(l, b.bottom-levelSpan*height, b.bottom))
	}
	lean := (bottom - top) / (height * (1 - levelSpan))
	lean = max(-steepestLean, min(steepestLean, lean*leanMended))
	for i, l := range lines {
		l.a.X -= lean * (l.a.Y - b.top)
		l.b.X -= lean * (l.b.Y - b.top)
		lines[i] = l
	}
}

// leftmost is the smallest x of the part of l between two heights.
func leftmost(l line, from, to float64) float64 {
	a, b := l.a, l.b
	if a.Y > b.Y {
		a, b = b, a
	}
	if b.Y < from || a.Y > to {
		return math.Inf(1)
	}
	at := func(y float64) float64 {
		if b.Y == a.Y {
			return min(a.X, b.X)
		}
		return a.X + (b.X-a.X)*(y-a.Y)/(b.Y-a.Y)
	}
	return min(at(max(a.Y, from)), at(min(b.Y, to)))
}

func center(lines []line) []line {
	b := around(lines)
	dx, dy := (dots-b.left-b.right)/2, (dots-b.top-b.bottom)/2
	for i, l := range lines {
		lines[i] = line{Point{l.a.X + dx, l.a.Y + dy}, Point{l.b.X + dx, l.b.Y + dy}}
	}
	return lines
}

// bitmap is ink or none at the samples of the 32×32 dots.
type bitmap [dots * fineness * dots * fineness]bool

// draw marks the samples within half a pen of a line, its round ends included.
func draw(lines []line, pen float64) bitmap {
	var b bitmap
	const side = dots * fineness
	reach := pen / 2
	clip := func(v float64) int { return int(max(0, min(side-1, v))) }
	for _, l := range lines {
		top := clip((min(l.a.Y, l.b.Y) - reach) * fineness)
		bottom := clip((max(l.a.Y, l.b.Y) + reach) * fineness)
		left := clip((min(l.a.X, l.b.X) - reach) * fineness)
		right := clip((max(l.a.X, l.b.X) + reach) * fineness)
		for row := top; row <= bottom; row++ {
			for column := left; column <= right; column++ {
				p := Point{(float64(column) + 0.5) / fineness, (float64(row) + 0.5) / fineness}
				if !b[row*side+column] && near(p, l, reach) {
					b[row*side+column] = true
				}
			}
		}
	}
	return b
}

// near says whether p is within reach of l.
func near(p Point, l line, reach float64) bool {
	dx, dy := l.b.X-l.a.X, l.b.Y-l.a.Y
	share := 0.0
	if length := dx*dx + dy*dy; length > 0 {
		share = max(0, min(1, ((p.X-l.a.X)*dx+(p.Y-l.a.Y)*dy)/length))
	}
	x, y := l.a.X+share*dx-p.X, l.a.Y+share*dy-p.Y
	return x*x+y*y <= reach*reach
}

func (b *bitmap) ink() int {
	n := 0
	for _, on := range b {
		if on {
			n++
		}
	}
	return n
}

// blocks counts ink by 4×4 dots: a dot is as much ink as its samples say.
func (b *bitmap) blocks() [Pixels]float32 {
	var counts [Pixels]int
	const side = dots * fineness
	const block = 4 * fineness
	for i, on := range b {
		if on {
			counts[i/side/block*8+i%side/block]++
		}
	}
	var pixels [Pixels]float32
	for i, n := range counts {
		pixels[i] = float32(math.Round(float64(n) / (fineness * fineness)))
	}
	return pixels
}
