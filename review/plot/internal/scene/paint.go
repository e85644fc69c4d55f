package scene

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// A shape is painted tile by tile: tiles that none of its polygons touches cost
// nothing, and the cover of one tile stays in the processor's cache.
const (
	tileW = 512 // up to this the rasterizer computes in whole numbers
	tileH = 64
)

// canvas paints a scene into pixels.
type canvas struct {
	img   *image.RGBA
	mask  *image.Alpha
	z     *vector.Rasterizer
	clip  image.Rectangle
	scale float64
	fonts *Fonts
	boxes []image.Rectangle // of the polygons being painted
	tmp   shape
}

// Paint draws a scene at a scale of device pixels a unit.
func (s *Scene) Paint(scale float64) *image.RGBA {
	w, h := int(math.Ceil(s.W*scale-1e-9)), int(math.Ceil(s.H*scale-1e-9))
	c := &canvas{
		img: image.NewRGBA(image.Rect(0, 0, w, h)), mask: image.NewAlpha(image.Rect(0, 0, tileW, tileH)),
		z: vector.NewRasterizer(tileW, tileH), scale: scale, fonts: s.Fonts,
	}
	c.clip = c.img.Bounds()
	px := c.img.Pix
	px[0], px[1], px[2], px[3] = s.Ground.R, s.Ground.G, s.Ground.B, 255
	for n := 4; n < len(px); n *= 2 {
		copy(px[n:], px[:n])
	}
	c.nodes(s.Nodes)
	return c.img
}

func (c *canvas) nodes(all []Node) {
	for _, n := range all {
		switch n := n.(type) {
		case *Path:
			c.path(n)
		case Rect:
			c.rect(n)
		case Dot:
			c.tmp = shape{c.tmp.points[:0], c.tmp.ends[:0]}
			at := Point{n.At.X * c.scale, n.At.Y * c.scale}
			c.tmp.disc(at, n.R*c.scale, false)
			if n.Ring > 0 {
				c.tmp.disc(at, (n.R-n.Ring)*c.scale, true)
			}
			c.fill(&c.tmp, n.Fill)
		case Text:
			o := c.fonts.outline(n, c.scale)
			c.fill(&o, n.Color)
		case *Image:
			c.image(n)
		case *Group:
			outer := c.clip
			c.clip = c.clip.Intersect(c.device(n.Clip))
			c.nodes(n.Nodes)
			c.clip = outer
		}
	}
}

// device is the box in pixels, rounded.
func (c *canvas) device(b Box) image.Rectangle {
	r := func(v float64) int { return int(math.Round(clamp(v * c.scale))) }
	return image.Rect(r(b.X), r(b.Y), r(b.X+b.W), r(b.Y+b.H))
}

// clamp keeps coordinates where the rasterizer's arithmetic is sound.
func clamp(v float64) float64 {
	const far = 1 << 15
	if v != v {
		return -far
	}
	return math.Max(-far, math.Min(far, v))
}

func (c *canvas) path(p *Path) {
	q := make([]Point, len(p.Points))
	for i, d := range p.Points {
		q[i] = Point{clamp(d.X * c.scale), clamp(d.Y * c.scale)}
	}
	if p.Fill.A > 0 && len(q) > 2 {
		c.fill(&shape{q, []int{len(q)}}, p.Fill)
	}
	if p.Stroke.A > 0 {
		var dash []float64
		if len(p.Dash) == 2 {
			dash = []float64{p.Dash[0] * c.scale, p.Dash[1] * c.scale}
		}
		s := stroke(q, p.Closed, p.Width*c.scale, dash)
		c.fill(&s, p.Stroke)
	}
}

// rect paints a rectangle: directly if its edges lie between pixels.
func (c *canvas) rect(r Rect) {
	if r.W <= 0 || r.H <= 0 {
		return
	}
	d := c.device(r.Box)
	at := func(v float64, w int) bool { return math.Abs(v*c.scale-float64(w)) < 1e-3 }
	if r.Fill.A == 255 && at(r.X, d.Min.X) && at(r.Y, d.Min.Y) && at(r.X+r.W, d.Max.X) && at(r.Y+r.H, d.Max.Y) {
		draw.Draw(c.img, d.Intersect(c.clip), image.NewUniform(color.RGBA{r.Fill.R, r.Fill.G, r.Fill.B, 255}), image.Point{}, draw.Src)
		return
	}
	x0, y0, x1, y1 := clamp(r.X*c.scale), clamp(r.Y*c.scale), clamp((r.X+r.W)*c.scale), clamp((r.Y+r.H)*c.scale)
	c.tmp = shape{c.tmp.points[:0], c.tmp.ends[:0]}
	c.tmp.add(Point{x0, y0}, Point{x1, y0}, Point{x1, y1}, Point{x0, y1})
	c.fill(&c.tmp, r.Fill)
}

// fill paints polygons in device pixels with one color, as one shape.
func (c *canvas) fill(s *shape, col Color) {
	c.boxes = c.boxes[:0]
	var all image.Rectangle
	start := 0
	for _, end := range s.ends {
		b := bounds(s.points[start:end])
		c.boxes = append(c.boxes, b)
		all = all.Union(b)
		start = end
	}
	all = all.Intersect(c.clip)
	for y := all.Min.Y; y < all.Max.Y; y += tileH {
		for x := all.Min.X; x < all.Max.X; x += tileW {
			c.tile(s, image.Rect(x, y, x+tileW, y+tileH).Intersect(all), col)
		}
	}
}

// tile paints what of a shape lies in a tile. Polygons beside the tile cover
// nothing of it; those that reach over its edge are cut by the rasterizer.
func (c *canvas) tile(s *shape, r image.Rectangle, col Color) {
	empty := true
	start := 0
	x, y := float64(r.Min.X), float64(r.Min.Y)
	for i, end := range s.ends {
		p := s.points[start:end]
		start = end
		if !c.boxes[i].Overlaps(r) {
			continue
		}
		if empty {
			c.z.Reset(r.Dx(), r.Dy())
			empty = false
		}
		c.z.MoveTo(float32(p[0].X-x), float32(p[0].Y-y))
		for _, q := range p[1:] {
			c.z.LineTo(float32(q.X-x), float32(q.Y-y))
		}
		c.z.ClosePath()
	}
	if empty {
		return
	}
	c.mask.Rect = image.Rect(0, 0, r.Dx(), r.Dy())
	c.mask.Stride = r.Dx()
	c.z.DrawOp = draw.Src
	c.z.Draw(c.mask, c.mask.Rect, image.Opaque, image.Point{})
	c.blend(r, col)
}

// blend lays a color over the pixels of a tile, as much as the mask covers.
func (c *canvas) blend(r image.Rectangle, col Color) {
	w := r.Dx()
	for y := range r.Dy() {
		m := c.mask.Pix[y*w : y*w+w]
		row := c.img.Pix[c.img.PixOffset(r.Min.X, r.Min.Y+y):]
		for i := 0; i < w; {
			if i+8 <= w && binary.LittleEndian.Uint64(m[i:]) == 0 {
				i += 8
				continue
			}
			if a := uint32(m[i]); a > 0 {
				p := row[i*4 : i*4+4 : i*4+4]
				a *= uint32(col.A)
				p[0], p[1], p[2] = over(p[0], col.R, a), over(p[1], col.G, a), over(p[2], col.B, a)
			}
			i++
		}
	}
}

// over mixes two channels by an alpha of 0 to 255².
func over(below, above uint8, a uint32) uint8 {
	const one = 255 * 255
	return uint8((uint32(below)*(one-a) + uint32(above)*a + one/2) / one)
}

func bounds(p []Point) image.Rectangle {
	if len(p) < 3 {
		return image.Rectangle{}
	}
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, q := range p {
		x0, y0, x1, y1 = min(x0, q.X), min(y0, q.Y), max(x1, q.X), max(y1, q.Y)
	}
	const far = 1 << 16 // also false for NaN
	if !(x0 > -far && y0 > -far && x1 < far && y1 < far) {
		return image.Rectangle{}
	}
	return image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1)), int(math.Ceil(y1)))
}
