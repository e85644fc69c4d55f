package plot

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // what a run logs
	_ "image/jpeg" // as images
	_ "image/png"
	"io"
	"math"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// Captioned is an image with what is written under it. An Image of nil is one
// that is missing.
type Captioned struct {
	Caption string
	Image   image.Image
}

// Images shows images side by side with captions, 800 units wide and as high as
// they need: a pair of baseline and candidate in a row, or samples.
type Images struct {
	Title    string // "" makes one that counts them
	Columns  int    // 1 to 8; 0 takes 2 for a pair, else at most 4
	Pictures []Captioned
}

const (
	// MaxImages is how many images a picture shows; the rest is counted.
	MaxImages = 32
	// MaxImagePixels is how many pixels DecodeImage accepts.
	MaxImagePixels = 40_000_000

	imageGap   = 16
	imageHigh  = 420 // units of the highest row
	imageLarge = 8   // units that a pixel of a small image becomes at most
)

// DecodeImage reads a PNG, JPEG or GIF (its first frame) of a stranger. One
// with more than MaxImagePixels is refused before it is unpacked.
func DecodeImage(data []byte) (image.Image, error) {
	c, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("reading an image: %w", err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > MaxImagePixels/c.Height {
		return nil, fmt.Errorf("reading a %s image: %d × %d pixels are more than %d: make it smaller", kind, c.Width, c.Height, MaxImagePixels)
	}
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("reading a %s image: %w", kind, err)
	}
	return m, nil
}

// Draw writes the picture.
func (m Images) Draw(w io.Writer, f Format, o Options) error { return write(w, f, o, m) }

// columns is how many images stand in a row.
func (m Images) columns() int {
	n := min(len(m.Pictures), MaxImages)
	if m.Columns > 0 {
		return min(m.Columns, 8, n)
	}
	return min(4, n)
}

func (m Images) layout(s style) *page {
	const w = 800.0
	p := newPage(w, 200, s)
	n := min(len(m.Pictures), MaxImages)
	if n == 0 {
		p.title(m.headline())
		p.say("no images to show")
		return p.done()
	}
	cols := m.columns()
	cell := (w - 2*margin - float64(cols-1)*imageGap) / float64(cols)
	top := p.title(m.headline()) + 8
	y := top
	for row := 0; row < n; row += cols {
		y = m.row(p, m.Pictures[row:min(row+cols, n)], y, cell)
	}
	if left := len(m.Pictures) - n; left > 0 {
		p.put(margin, y+8, many(left, "more image")+" not shown", 0, p.c.muted)
		y += lineGap
	}
	p.H = math.Ceil(y + 4)
	return p.done()
}

// row draws one row of images and returns where the next may begin.
func (m Images) row(p *page, all []Captioned, y, cell float64) float64 {
	high := 0.0
	for _, c := range all {
		_, h := fitImage(c.Image, cell)
		high = max(high, h)
	}
	lines := 0
	for i, c := range all {
		x := margin + float64(i)*(cell+imageGap)
		w, h := fitImage(c.Image, cell)
		at := box{X: math.Round(x + (cell-w)/2), Y: math.Round(y + (high-h)/2), W: math.Round(w), H: math.Round(h)}
		if c.Image == nil || c.Image.Bounds().Empty() {
			p.missing(at)
		} else {
			p.Add(&scene.Image{Box: at, Source: c.Image})
		}
		caption := p.Fonts.Wrap(scene.Clean(c.Caption), smallSize, false, cell, 2)
		for k, l := range caption {
			p.put(x+cell/2, y+high+20+float64(k)*lineGap, scene.Isolate(l), .5, p.c.text)
		}
		lines = max(lines, len(caption))
	}
	return y + high + 24 + float64(lines)*lineGap
}

// fitImage is the size of an image in a cell; its shape stays.
func fitImage(m image.Image, cell float64) (w, h float64) {
	if m == nil || m.Bounds().Empty() {
		return cell, min(cell, 120)
	}
	b := m.Bounds()
	k := min(cell/float64(b.Dx()), imageHigh/float64(b.Dy()), imageLarge)
	return max(1, float64(b.Dx())*k), max(1, float64(b.Dy())*k)
}

func (p *page) missing(b box) {
	p.Add(&scene.Path{
		Points: []point{{X: b.X, Y: b.Y}, {X: b.X + b.W, Y: b.Y}, {X: b.X + b.W, Y: b.Y + b.H}, {X: b.X, Y: b.Y + b.H}},
		Closed: true, Stroke: p.c.muted, Width: 1, Dash: []float64{4, 4},
	})
	p.put(b.X+b.W/2, b.Y+b.H/2+5, p.cut("no image", b.W), .5, p.c.muted)
}

func (m Images) headline() string {
	if m.Title != "" {
		return m.Title
	}
	return many(len(m.Pictures), "image")
}

// AltText says in sentences what the picture shows.
func (m Images) AltText() string {
	out := sentence(scene.Clean(m.headline()))
	for i, c := range m.Pictures[:min(len(m.Pictures), maxNamed)] {
		if i == 0 {
			out += " Side by side:"
		} else {
			out += ";"
		}
		caption := scene.Clean(c.Caption)
		if caption == "" {
			caption = "an image"
		}
		if c.Image == nil {
			caption += " (missing)"
		}
		out += " " + caption
	}
	if len(m.Pictures) > maxNamed {
		out += fmt.Sprintf("; %d more", len(m.Pictures)-maxNamed)
	}
	return sentence(out)
}
