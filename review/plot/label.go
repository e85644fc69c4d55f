package plot

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

const (
	maxLabel   = 200 // units of a label beside the curves
	labelPitch = 18  // between two labels
)

// lastText is what stands beside a curve: its name and its last value.
func (p *curvePlot) lastText(k curve) string {
	value := p.y.unit.text(k.last.Y)
	if k.Name == "" {
		return value
	}
	bold := k.Role == Candidate
	room := maxLabel - p.Fonts.Width(" "+value, smallSize, bold)
	if k.Role == Other {
		room -= swatch
	}
	return scene.Isolate(p.Fonts.Cut(k.Name, smallSize, bold, max(room, 40))) + " " + value
}

// labelRoom is the width of the widest label.
func (p *curvePlot) labelRoom() float64 {
	room := 0.0
	for _, k := range p.curves {
		w := p.Fonts.Width(p.lastText(k), smallSize, k.Role == Candidate)
		if k.Role == Other {
			w += swatch
		}
		room = max(room, w)
	}
	return room + 12
}

// sideLabel is a label that wants to stand at y and has to stand at put.
type sideLabel struct {
	curve  curve
	y, put float64
}

// labels writes the last values beside the curves. Labels that would collide
// move apart; if there are more than fit, those of candidate and baseline stay.
func (p *curvePlot) labels() {
	all := make([]sideLabel, 0, len(p.curves))
	for _, k := range p.curves {
		all = append(all, sideLabel{curve: k, y: min(max(p.y.at(k.last.Y), p.top), p.bottom)})
	}
	limit := p.bottom - 4
	room := int((limit-p.top-4)/labelPitch) + 1
	slices.SortStableFunc(all, func(a, b sideLabel) int { return cmp.Compare(a.y, b.y) })
	if n := len(all); n > room {
		all = someLabels(all, room-1)
		p.put(p.right+12, limit+5, "and "+strconv.Itoa(n-len(all))+" more", 0, p.c.muted)
		limit -= labelPitch
	}
	spread(all, p.top+4, limit)
	for _, l := range all {
		p.label(l)
	}
}

// someLabels keeps n of more labels: those of candidate and baseline, and of
// the rest the first, the last and some evenly between, so that all stand near
// their curves.
func someLabels(all []sideLabel, n int) []sideLabel {
	others := 0
	for _, l := range all {
		if l.curve.Role == Other {
			others++
		}
	}
	want := max(n-(len(all)-others), 0)
	out := make([]sideLabel, 0, n)
	i := 0
	for _, l := range all {
		if l.curve.Role == Other {
			// The i-th of others stays if a new multiple of their ratio is reached.
			keep := want == 1 && i == 0 || want > 1 && i*(want-1)/(others-1) != (i-1)*(want-1)/(others-1) || i == 0 && want > 0
			i++
			if !keep {
				continue
			}
		}
		out = append(out, l)
	}
	return out[:min(len(out), n)]
}

func (p *curvePlot) label(l sideLabel) {
	x, k := p.right+12, l.curve
	if end := p.x.at(k.last.X); end < p.right-14 { // a curve that ends early is led to its label
		p.Line([]point{{X: end + 7, Y: l.y}, {X: p.right, Y: l.y}}, k.color, 1, 2, 3)
	}
	if shift := l.put - l.y; shift > 5 || shift < -5 {
		p.Line([]point{{X: p.right + 3, Y: l.y}, {X: p.right + 10, Y: l.put}}, p.c.muted, 1)
	}
	switch k.Role {
	case Candidate:
		p.strong(x, l.put+5, p.lastText(k), 0, p.c.candidate)
	case Baseline:
		p.put(x, l.put+5, p.lastText(k), 0, p.c.muted)
	default:
		p.Line([]point{{X: x, Y: l.put}, {X: x + swatch - 6, Y: l.put}}, k.color, 3, k.dash...)
		p.put(x+swatch, l.put+5, p.lastText(k), 0, p.c.text)
	}
}

// spread moves labels, ordered by y, so that none comes closer to the next than
// a pitch, and all stay between top and bottom if there is room.
func spread(l []sideLabel, top, bottom float64) {
	for i := range l {
		l[i].put = max(l[i].y, top)
		if i > 0 {
			l[i].put = max(l[i].put, l[i-1].put+labelPitch)
		}
	}
	for i := len(l) - 1; i >= 0; i-- {
		limit := bottom
		if i+1 < len(l) {
			limit = l[i+1].put - labelPitch
		}
		l[i].put = min(l[i].put, limit)
	}
}
