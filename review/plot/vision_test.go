package plot

import (
	"math"
	"testing"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// visions are the matrices of Machado, Oliveira and Fernandes (2009) for full
// severity, on linear RGB.
func visions() map[string][9]float64 {
	return map[string][9]float64{
		"usual":        {1, 0, 0, 0, 1, 0, 0, 0, 1},
		"protanopia":   {.152286, 1.052583, -.204868, .114503, .786281, .099216, -.003882, -.048116, 1.051998},
		"deuteranopia": {.367322, .860646, -.227968, .280085, .672501, .047413, -.011820, .042940, .968881},
		"tritanopia":   {1.255528, -.076749, -.178779, -.078411, .930809, .147602, .004733, .691367, .303900},
	}
}

func linear(v uint8) float64 {
	f := float64(v) / 255
	if f <= .04045 {
		return f / 12.92
	}
	return math.Pow((f+.055)/1.055, 2.4)
}

// lab is a color in CIELAB as somebody sees it.
func lab(c scene.Color, m [9]float64) [3]float64 {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	at := func(i int) float64 { return min(1, max(0, m[i]*r+m[i+1]*g+m[i+2]*b)) }
	r, g, b = at(0), at(3), at(6)
	f := func(t float64) float64 {
		if t > .008856 {
			return math.Cbrt(t)
		}
		return 7.787*t + 16./116
	}
	x := f((.4124*r + .3576*g + .1805*b) / .9505)
	y := f(.2126*r + .7152*g + .0722*b)
	z := f((.0193*r + .1192*g + .9505*b) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func apart(a, b scene.Color, m [9]float64) float64 {
	p, q := lab(a, m), lab(b, m)
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

// Whoever cannot see a difference of hue still sees the sides, the verdicts and
// the first six series apart; what is closer than 20 is told by its label.
func TestColorsForEveryVision(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		c := theme.colors()
		for name, m := range visions() {
			for _, pair := range []struct {
				name string
				a, b scene.Color
				min  float64
			}{
				{"candidate and baseline", c.candidate, c.baseline, 20},
				{"better and worse", c.better, c.worse, 20},
				{"bars and outline of a histogram", c.candidate.Mix(c.ground, .4), c.baselineStrong, 20},
			} {
				if d := apart(pair.a, pair.b, m); d < pair.min {
					t.Errorf("%s, %s: %s are %.0f apart", theme, name, pair.name, d)
				}
			}
			for i := range c.series {
				for j := range i {
					if d := apart(c.series[i], c.series[j], m); d < 12 {
						t.Errorf("%s, %s: series %d %v and %d %v are %.0f apart", theme, name, j, c.series[j], i, c.series[i], d)
					}
				}
				if d := apart(c.series[i], c.candidate, m); d < 9 {
					t.Errorf("%s, %s: series %d %v and the candidate are %.0f apart", theme, name, i, c.series[i], d)
				}
			}
		}
	}
}
