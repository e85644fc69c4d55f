package plot

import "github.com/assay-ml/assay/review/plot/internal/scene"

// marker is the shape of a scatter plot's points, so that series differ not by
// color alone.
type marker uint8

const (
	discs marker = iota
	rings
	squares
	triangles
	diamonds
)

// markerOf is the shape of the points of a role; others take theirs in turn.
func markerOf(r Role, nth int) marker {
	switch r {
	case Candidate:
		return discs
	case Baseline:
		return rings
	}
	return []marker{discs, squares, triangles, diamonds}[nth%4]
}

// draw is a point of a shape that looks as large as a disc of a radius.
func (m marker) draw(at point, r float64, c scene.Color) scene.Node {
	var p []point
	switch m {
	case rings:
		return scene.Dot{At: at, R: r, Ring: 1.5, Fill: c}
	case squares:
		s := r * .89
		p = []point{{X: -s, Y: -s}, {X: s, Y: -s}, {X: s, Y: s}, {X: -s, Y: s}}
	case triangles:
		p = []point{{X: 0, Y: -1.35 * r}, {X: 1.17 * r, Y: .68 * r}, {X: -1.17 * r, Y: .68 * r}}
	case diamonds:
		s := r * 1.25
		p = []point{{X: 0, Y: -s}, {X: s, Y: 0}, {X: 0, Y: s}, {X: -s, Y: 0}}
	default:
		return scene.Dot{At: at, R: r, Fill: c}
	}
	for i := range p {
		p[i].X += at.X
		p[i].Y += at.Y
	}
	return &scene.Path{Points: p, Closed: true, Fill: c}
}

// arrow is a small triangle that points up for better, down for worse.
func arrow(at point, up bool, c scene.Color) scene.Node {
	const w, h = 4, 6
	tip, foot := at.Y-h/2., at.Y+h/2.
	if !up {
		tip, foot = foot, tip
	}
	return &scene.Path{Points: []point{{X: at.X, Y: tip}, {X: at.X + w, Y: foot}, {X: at.X - w, Y: foot}}, Closed: true, Fill: c}
}
