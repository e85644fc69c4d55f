package plot

import (
	"image"
	"image/color"
	"io"
	"math"
	"strconv"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// Matrix is a confusion matrix: rows are what is right, columns what was said.
// Cells are shaded by their share of the row.
type Matrix struct {
	Title      string // "" makes one with the share that is right
	Labels     []string
	Counts     [][]int // counts[i][j]: label i was taken for label j
	Normalized bool    // cells show percentages of the row instead of counts
}

// MatrixDiff is the difference of two confusion matrices, candidate minus
// baseline: blue-green where that is better (more on the diagonal, less beside
// it), vermilion where it is worse.
type MatrixDiff struct {
	Title  string // "" makes one with the change of right answers
	Labels []string
	Counts [][]int
}

// MaxLabels is the number of labels beyond which a matrix is not drawn.
const MaxLabels = 200

// Draw writes the picture, 560 × 520 units, and larger for many labels.
func (m Matrix) Draw(w io.Writer, f Format, o Options) error { return write(w, f, o, m) }

// Draw writes the picture, 560 × 520 units, and larger for many labels.
func (m MatrixDiff) Draw(w io.Writer, f Format, o Options) error { return write(w, f, o, m) }

func (m Matrix) layout(s style) *page {
	show := showCounts
	if m.Normalized {
		show = showShares
	}
	return newGrid(m.Labels, m.Counts, show, s).draw(m.headline())
}

func (m MatrixDiff) layout(s style) *page {
	return newGrid(m.Labels, m.Counts, showChange, s).draw(m.headline())
}

// shown is what the cells of a grid say.
type shown uint8

const (
	showCounts shown = iota
	showShares
	showChange
)

// grid lays a matrix out.
type grid struct {
	*page
	show      shown
	labels    []string
	counts    [][]int
	left, top float64
	cell      point // width and height of a cell
	rotate    bool  // labels of columns stand askew
	nameMax   float64
	totals    []float64 // of rows, at least 1
	largest   float64   // count without its sign, at least 1
}

const (
	minCell   = 38 // a number of four digits fits
	numbersIn = 26 // narrower cells are shaded only: some numbers without the others mislead
	tinyCell  = 12
	shades    = 40 // steps of a shade: fewer colors than a PNG's palette has
	maxSide   = 1200
	askew     = -45
	labelMax  = 120 // units of a label
	axisTitle = 24  // room for "predicted" and "label"
)

func newGrid(labels []string, counts [][]int, show shown, s style) *grid {
	n := float64(len(labels))
	w, h := 560.0, 520.0
	if n <= MaxLabels {
		grow := max(0, n*minCell-400)
		w, h = min(w+grow, maxSide), min(h+grow, maxSide)
	}
	return &grid{page: newPage(w, h, s), labels: labels, counts: counts, show: show}
}

func (g *grid) draw(title string) *page {
	g.top = g.title(title) + 4
	switch {
	case len(g.labels) == 0 || !isSquare(g.counts, len(g.labels)):
		g.say("no answers to show")
	case len(g.labels) > MaxLabels:
		g.say(count(len(g.labels)) + " labels are too many to show")
	default:
		g.fit()
		g.names()
		g.cells()
	}
	return g.done()
}

// cells draws the matrix; one of very small cells is an image of a pixel each,
// because 40,000 rectangles are too much for an SVG.
func (g *grid) cells() {
	n := len(g.labels)
	if g.cell.X >= tinyCell && g.cell.Y >= tinyCell {
		for i := range n {
			for j := range n {
				g.drawCell(i, j)
			}
		}
		return
	}
	m := image.NewRGBA(image.Rect(0, 0, n, n))
	for i := range n {
		for j := range n {
			c := g.shade(i, j)
			m.SetRGBA(j, i, color.RGBA{R: c.R, G: c.G, B: c.B, A: 255})
		}
	}
	all := box{X: g.left, Y: g.top, W: float64(n) * g.cell.X, H: float64(n) * g.cell.Y}
	g.Add(&scene.Image{Box: all, Source: m})
}

func isSquare(m [][]int, n int) bool {
	if len(m) != n {
		return false
	}
	for _, r := range m {
		if len(r) != n {
			return false
		}
	}
	return true
}

// fit gives labels their room and cells the rest.
func (g *grid) fit() {
	widest := 0.0
	names := make([]string, len(g.labels))
	for i, l := range g.labels {
		names[i] = scene.Isolate(g.cut(scene.Clean(l), labelMax))
		widest = max(widest, g.small(names[i]))
	}
	g.labels = names
	g.nameMax = widest
	g.left = margin + axisTitle + g.nameMax + 8
	g.cell.X = (g.W - g.left - margin) / float64(len(g.labels))
	g.rotate = g.nameMax > g.cell.X-6 && (g.cell.X >= 18 || g.nameMax > 16)
	bottom := margin/2 + axisTitle + 20.0
	if g.rotate {
		bottom += g.nameMax*.71 + 2
		// A first label that leans out of the picture pushes the cells right.
		if out := g.nameMax*.71 + margin - g.left - g.cell.X/2; out > 0 {
			g.left += out
			g.cell.X = (g.W - g.left - margin) / float64(len(g.labels))
		}
	}
	g.top += lineGap + 2 // for the key of colors
	g.totals, g.largest = make([]float64, len(g.counts)), 1
	for i, r := range g.counts {
		for _, v := range r {
			g.totals[i] += float64(max(v, 0))
			g.largest = max(g.largest, math.Abs(float64(v)))
		}
		g.totals[i] = max(g.totals[i], 1)
	}
	g.cell.Y = (g.H - g.top - bottom) / float64(len(g.labels))
}

// names writes labels and axis titles; labels that have no room are left out.
func (g *grid) names() {
	g.legend()
	n := float64(len(g.labels))
	right, bottom := g.left+n*g.cell.X, g.top+n*g.cell.Y
	everyRow := int(math.Ceil(16 / g.cell.Y))
	everyCol := int(math.Ceil(22 / g.cell.X))
	if !g.rotate {
		everyCol = int(math.Ceil((g.nameMax + 6) / g.cell.X))
	}
	for i, l := range g.labels {
		if i%everyRow == 0 {
			g.put(g.left-7, g.top+(float64(i)+.5)*g.cell.Y+5, l, 1, g.c.text)
		}
		if i%everyCol == 0 {
			x := g.left + (float64(i)+.5)*g.cell.X
			if g.rotate {
				g.Add(scene.Text{At: point{X: x + 5, Y: bottom + 15}, S: l, Size: smallSize, Anchor: 1, Angle: askew, Color: g.c.text})
			} else {
				g.put(x, bottom+19, l, .5, g.c.text)
			}
		}
	}
	g.put((g.left+right)/2, g.H-margin+4, "predicted", .5, g.c.muted)
	g.Add(scene.Text{At: point{X: margin + 8, Y: (g.top + bottom) / 2}, S: "label", Size: smallSize, Anchor: .5, Angle: -90, Color: g.c.muted})
}

// legend says what a cell's number and its color are.
func (g *grid) legend() {
	y := g.top - 10
	switch g.show {
	case showCounts:
		g.put(g.left, y, "answers, shaded by their share of the row", 0, g.c.muted)
	case showShares:
		g.put(g.left, y, "% of the row", 0, g.c.muted)
	case showChange:
		g.key(g.left, y, g.W-margin, []keyEntry{
			{look: look{color: g.c.better}, mark: betterMark, name: "better than the baseline"},
			{look: look{color: g.c.worse}, mark: worseMark, name: "worse"},
		})
	}
}

func (g *grid) drawCell(i, j int) {
	// Edges on whole units are sharp.
	x, y := math.Round(g.left+float64(j)*g.cell.X), math.Round(g.top+float64(i)*g.cell.Y)
	right, bottom := math.Round(g.left+float64(j+1)*g.cell.X), math.Round(g.top+float64(i+1)*g.cell.Y)
	color := g.shade(i, j)
	const gap = 1
	g.Fill(x, y, right-x-gap, bottom-y-gap, color)
	v := g.counts[i][j]
	if v == 0 && g.show == showChange || g.cell.X < numbersIn || g.cell.Y < 16 {
		return
	}
	s, ok := g.number(i, j, g.cell.X-4)
	if !ok {
		return
	}
	c, down := ink(color), 5.0
	if v == 0 {
		c = g.c.muted
	}
	if g.show == showChange && g.cell.Y < 40 { // leaves the corner to the verdict
		down += 2
	}
	if g.show == showChange { // the verdict without the color
		g.Add(arrow(point{X: right - gap - 7, Y: y + 6}, (v > 0) == (i == j), c))
	}
	g.Add(scene.Text{At: point{X: (x + right - gap) / 2, Y: (y+bottom-gap)/2 + down}, S: s, Size: smallSize, Anchor: .5, Bold: i == j, Color: c})
}

// number is what a cell says: in full if that has room, else short.
func (g *grid) number(i, j int, room float64) (string, bool) {
	v := g.counts[i][j]
	forms := []string{strconv.Itoa(v), scaled(float64(v), 3), scaled(float64(v), 2)}
	if g.show == showShares {
		share := 100 * float64(v) / g.totals[i]
		forms = []string{strconv.FormatFloat(share, 'f', 1, 64), strconv.FormatFloat(share, 'f', 0, 64)}
		if v == 0 {
			forms = []string{"0"}
		}
	}
	for _, s := range forms {
		s = sign(s)
		if g.show == showChange && v > 0 {
			s = "+" + s
		}
		if g.Fonts.Width(s, smallSize, i == j) <= room {
			return s, true
		}
	}
	return "", false
}

// shade turns a share into the strength of a color. The root makes a few errors
// among many right answers visible.
func shade(share float64) float64 { return math.Ceil(math.Sqrt(share)*shades) / shades }

// shade colors a cell.
func (g *grid) shade(i, j int) scene.Color {
	empty := g.c.ground.Mix(g.c.muted, .06)
	v := float64(g.counts[i][j])
	if g.show != showChange {
		return empty.Mix(g.c.intensity, shade(max(v, 0)/g.totals[i]))
	}
	t := shade(math.Abs(v) / g.largest)
	if (v > 0) == (i == j) {
		return empty.Mix(g.c.better, t)
	}
	return empty.Mix(g.c.worse, t)
}
