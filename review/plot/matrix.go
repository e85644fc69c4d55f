package plot

import (
	"io"
	"math"
	"strconv"
)

// Matrix is a confusion matrix: rows are what is right, columns what was said.
// Cells are shaded by their share of the row.
type Matrix struct {
	Title  string
	Labels []string
	Counts [][]int // counts[i][j]: label i was taken for label j
}

// MatrixDiff is the difference of two confusion matrices, candidate minus
// baseline: blue-green where that is better (more on the diagonal, less beside
// it), vermilion where it is worse.
type MatrixDiff struct {
	Title  string
	Labels []string
	Counts [][]int
}

// MaxLabels is the number of labels beyond which a matrix is not drawn.
const MaxLabels = 200

// Draw writes the picture, 560 × 520 units, and larger for many labels.
func (m Matrix) Draw(w io.Writer, f Format, o Options) error {
	p := newGrid(m.Title, m.AltText(), m.Labels, m.Counts, o.Theme)
	return p.draw(false).write(w, f, o)
}

// Draw writes the picture, 560 × 520 units, and larger for many labels.
func (m MatrixDiff) Draw(w io.Writer, f Format, o Options) error {
	p := newGrid(m.Title, m.AltText(), m.Labels, m.Counts, o.Theme)
	return p.draw(true).write(w, f, o)
}

// grid lays a matrix out.
type grid struct {
	*scene
	head      string
	labels    []string
	counts    [][]int
	left, top float64
	cell      point // width and height of a cell
	rotate    bool  // labels of columns stand askew
	rowMax    float64
	totals    []int // of rows, at least 1
	largest   int   // count without its sign, at least 1
}

const (
	minCell   = 30 // a number of four digits fits
	numbersIn = 22 // narrower cells are shaded only: some numbers without the others mislead
	shades    = 40 // steps of a shade: fewer colors than a PNG's palette has
	maxSide   = 1200
	askew     = -45
	labelMax  = 120 // units of a label
	axisTitle = 22  // room for "predicted" and "label"
)

func newGrid(title, alt string, labels []string, counts [][]int, t Theme) *grid {
	n := float64(len(labels))
	w, h := 560.0, 520.0
	if n <= MaxLabels {
		grow := max(0, n*minCell-400)
		w, h = min(w+grow, maxSide), min(h+grow, maxSide)
	}
	return &grid{scene: newScene(w, h, t, alt), head: title, labels: labels, counts: counts}
}

func (g *grid) draw(diff bool) *scene {
	g.top = g.title(g.head) + 4
	switch {
	case len(g.labels) == 0 || !isSquare(g.counts, len(g.labels)):
		g.say("no answers to show")
	case len(g.labels) > MaxLabels:
		g.say(strconv.Itoa(len(g.labels)) + " labels are too many to show")
	default:
		g.fit(diff)
		g.names(diff)
		for i, row := range g.counts {
			for j := range row {
				g.drawCell(i, j, diff)
			}
		}
	}
	g.frame()
	return g.scene
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
func (g *grid) fit(diff bool) {
	widest := 0.0
	for _, l := range g.labels {
		widest = max(widest, g.font.width(l, smallSize, false))
	}
	g.rowMax = min(widest, labelMax)
	g.left = margin + axisTitle + g.rowMax + 8
	g.cell.x = (g.w - g.left - margin) / float64(len(g.labels))
	g.rotate = g.rowMax > g.cell.x-4 && g.rowMax > 12
	bottom := margin/2 + axisTitle + 18.0
	if g.rotate {
		bottom += g.rowMax*.71 - 4
	}
	if diff {
		g.top += 16 // for the key of colors
	}
	g.totals, g.largest = make([]int, len(g.counts)), 1
	for i, r := range g.counts {
		for _, v := range r {
			g.totals[i] += max(v, 0)
			g.largest = max(g.largest, v, -v)
		}
		g.totals[i] = max(g.totals[i], 1)
	}
	g.cell.y = (g.h - g.top - bottom) / float64(len(g.labels))
}

// names writes labels and axis titles; labels that have no room are left out.
func (g *grid) names(diff bool) {
	if diff {
		g.key()
	}
	n := float64(len(g.labels))
	right, bottom := g.left+n*g.cell.x, g.top+n*g.cell.y
	everyRow := int(math.Ceil(14 / g.cell.y))
	everyCol := int(math.Ceil(14 / g.cell.x))
	for i, l := range g.labels {
		l = g.font.cut(l, smallSize, false, g.rowMax)
		if i%everyRow == 0 {
			g.text(g.left-7, g.top+(float64(i)+.5)*g.cell.y+4, small(l, 1), g.c.text)
		}
		if i%everyCol == 0 {
			x := g.left + (float64(i)+.5)*g.cell.x
			if g.rotate {
				t := small(l, 1)
				t.angle = askew
				g.text(x+4, bottom+13, t, g.c.text)
			} else {
				g.text(x, bottom+17, small(l, .5), g.c.text)
			}
		}
	}
	g.text((g.left+right)/2, g.h-margin+2, small("predicted", .5), g.c.muted)
	t := small("label", .5)
	t.angle = -90
	g.text(margin+8, (g.top+bottom)/2, t, g.c.muted)
}

// key names the two colors of a difference.
func (g *grid) key() {
	x := g.left
	for _, k := range []struct {
		c    rgb
		name string
	}{{g.c.better, "better than the baseline"}, {g.c.worse, "worse"}} {
		g.rect(x, g.top-22, 11, 11, k.c)
		g.text(x+16, g.top-12, small(k.name, 0), g.c.muted)
		x += 16 + g.font.width(k.name, smallSize, false) + 20
	}
}

func (g *grid) drawCell(i, j int, diff bool) {
	x, y := g.left+float64(j)*g.cell.x, g.top+float64(i)*g.cell.y
	color := g.shade(i, j, diff)
	gap := 1.0
	if g.cell.x < 8 {
		gap = 0
	}
	g.rect(x, y, g.cell.x-gap, g.cell.y-gap, color)
	v := g.counts[i][j]
	s := countText(v, diff)
	if v == 0 && diff || g.cell.x < numbersIn || g.cell.y < 14 {
		return
	}
	size := 13.0
	for ; size > smallSize && g.font.width(s, size, i == j) > g.cell.x-4; size-- {
	}
	if g.font.width(s, size, i == j) > g.cell.x-2 {
		s = shortCount(v, diff)
		if g.font.width(s, size, i == j) > g.cell.x-1 {
			return
		}
	}
	c := ink(color)
	if v == 0 {
		c = g.c.muted
	}
	g.text(x+(g.cell.x-gap)/2, y+(g.cell.y-gap)/2+size*.36, textOp{s: s, size: size, anchor: .5, bold: i == j}, c)
}

// shade turns a share into the strength of a color. The root makes a few errors
// among many right answers visible.
func shade(share float64) float64 { return math.Ceil(math.Sqrt(share)*shades) / shades }

// shade colors a cell.
func (g *grid) shade(i, j int, diff bool) rgb {
	empty := g.c.ground.mix(g.c.muted, .06)
	if !diff {
		return empty.mix(g.c.intensity, shade(float64(max(g.counts[i][j], 0))/float64(g.totals[i])))
	}
	v := g.counts[i][j]
	t := shade(math.Abs(float64(v)) / float64(g.largest))
	if (v > 0) == (i == j) {
		return empty.mix(g.c.better, t)
	}
	return empty.mix(g.c.worse, t)
}

// countText writes a count; one of a difference has its sign.
func countText(v int, diff bool) string {
	s := sign(strconv.Itoa(v))
	if diff && v > 0 {
		return "+" + s
	}
	return s
}

func shortCount(v int, diff bool) string {
	s := sign(scaled(float64(v), 1))
	if diff && v > 0 {
		return "+" + s
	}
	return s
}
