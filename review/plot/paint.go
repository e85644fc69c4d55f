package plot

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// canvas paints a scene into pixels.
type canvas struct {
	img   *image.RGBA
	z     *vector.Rasterizer
	scale float64
}

// paint draws a scene at a scale of device pixels for each unit.
func (s *scene) paint(scale float64) *image.RGBA {
	w, h := int(math.Ceil(s.w*scale)), int(math.Ceil(s.h*scale))
	c := &canvas{image.NewRGBA(image.Rect(0, 0, w, h)), vector.NewRasterizer(w, h), scale}
	draw.Draw(c.img, c.img.Bounds(), s.c.ground.uniform(), image.Point{}, draw.Src)
	for _, o := range s.ops {
		switch o.kind {
		case opLine:
			c.fill(stroke(c.scaled(o.points), o.width*scale, c.dash(o.dash)), o.color)
		case opRect:
			a, b := o.at, point{o.at.x + o.width, o.at.y + o.height}
			c.fill([][]point{c.scaled([]point{a, {b.x, a.y}, b, {a.x, b.y}})}, o.color)
		case opDot:
			c.fill([][]point{disc(point{o.at.x * scale, o.at.y * scale}, o.radius*scale)}, o.color)
		case opText:
			c.fill(s.font.outline(o.at, o.text, scale), o.color)
		}
	}
	return c.img
}

func (c rgb) uniform() *image.Uniform {
	return image.NewUniform(color.RGBA{c.r, c.g, c.b, 255})
}

func (c *canvas) scaled(p []point) []point {
	out := make([]point, len(p))
	for i, q := range p {
		out[i] = point{q.x * c.scale, q.y * c.scale}
	}
	return out
}

func (c *canvas) dash(d []float64) []float64 {
	out := make([]float64, len(d))
	for i, v := range d {
		out[i] = v * c.scale
	}
	return out
}

// fill paints polygons with one color, as one shape.
func (c *canvas) fill(polygons [][]point, col rgb) {
	r := bounds(polygons).Intersect(c.img.Bounds())
	if r.Empty() {
		return
	}
	c.z.Reset(r.Dx(), r.Dy())
	x, y := float64(r.Min.X), float64(r.Min.Y)
	for _, p := range polygons {
		c.z.MoveTo(float32(p[0].x-x), float32(p[0].y-y))
		for _, q := range p[1:] {
			c.z.LineTo(float32(q.x-x), float32(q.y-y))
		}
		c.z.ClosePath()
	}
	c.z.Draw(c.img, r, col.uniform(), image.Point{})
}

func bounds(polygons [][]point) image.Rectangle {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range polygons {
		for _, q := range p {
			x0, y0, x1, y1 = min(x0, q.x), min(y0, q.y), max(x1, q.x), max(y1, q.y)
		}
	}
	const far = 1 << 20 // also false for NaN, and for nothing at all
	if !(x0 > -far && y0 > -far && x1 < far && y1 < far) {
		return image.Rectangle{}
	}
	return image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1)), int(math.Ceil(y1)))
}

// outline sets a text as polygons in device pixels.
func (f *fonts) outline(at point, t textOp, scale float64) [][]point {
	face := f.face(t.bold)
	sin, cos := math.Sincos(t.angle * math.Pi / 180)
	x := -t.anchor * f.width(t.s, t.size, t.bold)
	var out [][]point
	for _, r := range t.s {
		g := face.glyph(r)
		for _, contour := range g.outline {
			p := make([]point, len(contour))
			for i, q := range contour {
				dx, dy := x+q.x*t.size, q.y*t.size
				p[i] = point{(at.x + dx*cos - dy*sin) * scale, (at.y + dx*sin + dy*cos) * scale}
			}
			out = append(out, p)
		}
		x += g.advance * t.size
	}
	return out
}
