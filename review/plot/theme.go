package plot

import "github.com/assay-ml/assay/review/plot/internal/scene"

// colors is a theme's set. Text has a contrast of at least 4.5 on the ground,
// marks of at least 3.
type colors struct {
	ground, frame, grid      scene.Color
	text, muted              scene.Color
	candidate, baseline      scene.Color
	baselineStrong           scene.Color // the baseline's over the candidate's areas
	better, worse, intensity scene.Color
	betterText, worseText    scene.Color   // the same, as text
	series                   []scene.Color // for series that are neither candidate nor baseline
}

// colors returns the Okabe-Ito palette, darkened or lightened where a color
// would not stand out from the ground.
func (t Theme) colors() colors {
	hex := scene.Hex
	if t == Dark {
		return colors{
			ground: hex(0x0d1117), frame: hex(0x30363d), grid: hex(0x21262d),
			text: hex(0xe6edf3), muted: hex(0x9198a1),
			candidate: hex(0x56b4e9), baseline: hex(0x8b949e), baselineStrong: hex(0xc9d1d9),
			better: hex(0x00b386), worse: hex(0xe8702a), intensity: hex(0x56b4e9),
			betterText: hex(0x2fc99a), worseText: hex(0xf0854d),
			series: []scene.Color{hex(0xe69f00), hex(0x009e73), hex(0xcc79a7), hex(0xf0e442), hex(0xd55e00), hex(0x2f81c7)},
		}
	}
	return colors{
		ground: hex(0xffffff), frame: hex(0xd0d7de), grid: hex(0xeaeef2),
		text: hex(0x1f2328), muted: hex(0x59636e),
		candidate: hex(0x0072b2), baseline: hex(0x818b98), baselineStrong: hex(0x424a53),
		better: hex(0x009e73), worse: hex(0xd55e00), intensity: hex(0x0072b2),
		betterText: hex(0x007a59), worseText: hex(0xb84f00),
		series: []scene.Color{hex(0xd55e00), hex(0x009e73), hex(0xb85f92), hex(0x7d5500), hex(0x5b8de8), hex(0x1f2328)},
	}
}

// ink is black or white, whichever reads better on a ground.
func ink(ground scene.Color) scene.Color {
	black, white := scene.Hex(0x1f2328), scene.Hex(0xffffff)
	if ground.Contrast(white) >= 4.5 || ground.Contrast(white) > ground.Contrast(black) {
		return white
	}
	return black
}

// layer orders roles from the bottom to the top: the candidate hides, and is
// not hidden.
func layer(r Role) int {
	switch r {
	case Baseline:
		return 0
	case Candidate:
		return 2
	}
	return 1
}

// look is how a series is drawn.
type look struct {
	color scene.Color
	width float64
	dash  []float64
}

// looks gives every series its look; nothing depends on how many there are, so
// that a series keeps its own when another is added behind it.
func (c colors) looks(roles []Role) []look {
	out := make([]look, len(roles))
	others := 0
	for i, r := range roles {
		switch r {
		case Candidate:
			out[i] = look{color: c.candidate, width: 2.5}
		case Baseline:
			out[i] = look{color: c.baseline, width: 2}
		default:
			l := look{color: c.series[others%len(c.series)], width: 2}
			switch others / len(c.series) % 3 {
			case 1:
				l.dash = []float64{7, 3}
			case 2:
				l.dash = []float64{2, 2}
			}
			others++
			out[i] = l
		}
	}
	return out
}
