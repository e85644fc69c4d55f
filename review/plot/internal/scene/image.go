package scene

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math"

	"golang.org/x/image/draw"
)

// Image is a raster image that fills a box.
type Image struct {
	Box
	Source image.Image
}

// svgDensity is how many pixels a unit an image inside an SVG has at most.
const svgDensity = 2

// scaled is the image in a size. One that is enlarged keeps its pixels' edges:
// what a model sees of a small image is its pixels.
func (m *Image) scaled(w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	b := m.Source.Bounds()
	var how draw.Interpolator = draw.CatmullRom
	switch {
	case b.Dx() < w || b.Dy() < h:
		how = draw.NearestNeighbor
	case b.Dx() > 4*w: // many pixels fall on one: the rest is a matter of time
		how = draw.ApproxBiLinear
	}
	how.Scale(out, out.Bounds(), m.Source, b, draw.Src, nil)
	return out
}

// image paints the image over what is there.
func (c *canvas) image(m *Image) {
	r := c.device(m.Box)
	if r.Empty() || m.Source.Bounds().Empty() || r.Dx()*r.Dy() > 1<<26 {
		return
	}
	s := m.scaled(r.Dx(), r.Dy())
	seen := r.Intersect(c.clip)
	draw.Draw(c.img, seen, s, seen.Min.Sub(r.Min), draw.Over)
}

// encoded is the image as PNG, with no more pixels than a sharp screen shows.
func (m *Image) encoded() ([]byte, error) {
	b := m.Source.Bounds()
	w, h := int(math.Round(m.W*svgDensity)), int(math.Round(m.H*svgDensity))
	if w < 1 || h < 1 || b.Empty() {
		w, h = 1, 1
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	if !b.Empty() {
		small = m.scaled(w, h)
	}
	var out bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(&out, small); err != nil {
		return nil, fmt.Errorf("putting an image into an SVG: %w", err)
	}
	return out.Bytes(), nil
}
