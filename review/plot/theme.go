package plot

import (
	"fmt"
	"math"
)

// rgb is an opaque color.
type rgb struct{ r, g, b uint8 }

func hex(v uint32) rgb { return rgb{uint8(v >> 16), uint8(v >> 8), uint8(v)} }

func (c rgb) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// mix goes from c (t = 0) to d (t = 1).
func (c rgb) mix(d rgb, t float64) rgb {
	t = math.Max(0, math.Min(1, t))
	m := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*t)) }
	return rgb{m(c.r, d.r), m(c.g, d.g), m(c.b, d.b)}
}

// luminance is that of WCAG 2.
func (c rgb) luminance() float64 {
	lin := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.r) + 0.7152*lin(c.g) + 0.0722*lin(c.b)
}

// contrast is that of WCAG 2: 1 to 21.
func (c rgb) contrast(d rgb) float64 {
	a, b := c.luminance(), d.luminance()
	if a < b {
		a, b = b, a
	}
	return (a + 0.05) / (b + 0.05)
}

// colors is a theme's set. Text has a contrast of at least 4.5 on the ground,
// marks of at least 3.
type colors struct {
	ground, frame, grid      rgb
	text, muted              rgb
	candidate, baseline      rgb
	better, worse, intensity rgb
	series                   []rgb // for series that are neither candidate nor baseline
}

// colors returns the Okabe-Ito palette, darkened or lightened where a color
// would not stand out from the ground.
func (t Theme) colors() colors {
	if t == Dark {
		return colors{
			ground: hex(0x0d1117), frame: hex(0x30363d), grid: hex(0x21262d),
			text: hex(0xe6edf3), muted: hex(0x9198a1),
			candidate: hex(0x56b4e9), baseline: hex(0x8b949e),
			better: hex(0x00b386), worse: hex(0xe8702a), intensity: hex(0x56b4e9),
			series: []rgb{hex(0xe69f00), hex(0x009e73), hex(0xcc79a7), hex(0xf0e442), hex(0xd55e00), hex(0x3d94cf)},
		}
	}
	return colors{
		ground: hex(0xffffff), frame: hex(0xd0d7de), grid: hex(0xeaeef2),
		text: hex(0x1f2328), muted: hex(0x59636e),
		candidate: hex(0x0072b2), baseline: hex(0x818b98),
		better: hex(0x009e73), worse: hex(0xd55e00), intensity: hex(0x0072b2),
		series: []rgb{hex(0xd55e00), hex(0x009e73), hex(0xb85f92), hex(0xb07900), hex(0x2f8fc7), hex(0x1f2328)},
	}
}

// ink is black or white, whichever reads better on a ground.
func ink(ground rgb) rgb {
	black, white := hex(0x1f2328), hex(0xffffff)
	if ground.contrast(white) >= 4.5 || ground.contrast(white) > ground.contrast(black) {
		return white
	}
	return black
}
