package scene

import (
	"fmt"
	"math"
)

// Color is a color with an alpha that is not multiplied in; alpha 0 is none.
type Color struct{ R, G, B, A uint8 }

// Hex is the opaque color 0xRRGGBB.
func Hex(v uint32) Color { return Color{uint8(v >> 16), uint8(v >> 8), uint8(v), 255} }

// String writes #rrggbb, without the alpha.
func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// With is the color with an alpha from 0 to 1.
func (c Color) With(alpha float64) Color {
	c.A = uint8(math.Round(255 * math.Max(0, math.Min(1, alpha))))
	return c
}

// Mix goes from c (t = 0) to d (t = 1); the result is opaque.
func (c Color) Mix(d Color, t float64) Color {
	t = math.Max(0, math.Min(1, t))
	m := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*t)) }
	return Color{m(c.R, d.R), m(c.G, d.G), m(c.B, d.B), 255}
}

// Luminance is the relative luminance of WCAG 2, 0 to 1.
func (c Color) Luminance() float64 {
	lin := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B)
}

// Contrast is the contrast ratio of WCAG 2, 1 to 21.
func (c Color) Contrast(d Color) float64 {
	a, b := c.Luminance(), d.Luminance()
	if a < b {
		a, b = b, a
	}
	return (a + 0.05) / (b + 0.05)
}
