package plot

import (
	"cmp"
	"slices"
	"strconv"
)

const (
	maxLabel   = 190 // units of a label beside the curves
	labelPitch = 16  // between two labels
	swatch     = 18  // the short line before the name of a series that is no side
)

// lastText is what stands beside a curve: its name and its last value.
func (p *curvePlot) lastText(k curve) string {
	value := p.unit().text(k.last.y)
	if k.Name == "" {
		return value
	}
	room := maxLabel - swatch - p.font.width(" "+value, smallSize, true)
	return p.font.cut(k.Name, smallSize, k.Role == Candidate, max(room, 40)) + " " + value
}

// labelRoom is the width of the widest label.
func (p *curvePlot) labelRoom() float64 {
	room := 0.0
	for _, k := range p.curves {
		w := p.font.width(p.lastText(k), smallSize, k.Role == Candidate)
		if k.Role == Other {
			w += swatch
		}
		room = max(room, w)
	}
	return room + 14
}

// sideLabel is a label that wants to stand at y and has to stand at put.
type sideLabel struct {
	curve   curve
	y, put  float64
	matters bool
}

// labels writes the last values beside the curves. Labels that would collide
// move apart; if there are more than fit, those of candidate and baseline stay.
func (p *curvePlot) labels() {
	all := make([]sideLabel, 0, len(p.curves))
	for _, k := range p.curves {
		all = append(all, sideLabel{curve: k, y: p.py(k.last.y), matters: k.Role != Other})
	}
	room := int((p.bottom-p.top)/labelPitch) + 1
	dropped := 0
	if len(all) > room {
		dropped = len(all) - (room - 1)
		slices.SortStableFunc(all, func(a, b sideLabel) int { return cmp.Compare(rankLabel(a), rankLabel(b)) })
		all = all[:room-1]
	}
	slices.SortStableFunc(all, func(a, b sideLabel) int { return cmp.Compare(a.y, b.y) })
	limit := p.bottom
	if dropped > 0 {
		limit -= labelPitch
		p.text(p.right+10, p.bottom+4, small("and "+strconv.Itoa(dropped)+" more", 0), p.c.muted)
	}
	spread(all, p.top+4, limit)
	for _, l := range all {
		p.label(l)
	}
}

func rankLabel(l sideLabel) int {
	if l.matters {
		return 0
	}
	return 1
}

func (p *curvePlot) label(l sideLabel) {
	x, k := p.right+10, l.curve
	if end := p.px(k.last.x); end < p.right-12 { // a curve that ends early is led to its label
		p.line([]point{{end + 6, l.y}, {p.right, l.y}}, k.color, .75, 2, 3)
	}
	if shift := l.put - l.y; shift > 5 || shift < -5 {
		p.line([]point{{p.right + 1, l.y}, {p.right + 8, l.put}}, p.c.muted, .75)
	}
	t := textOp{s: p.lastText(k), size: smallSize}
	color := p.c.text
	switch k.Role {
	case Candidate:
		t.bold, color = true, p.c.candidate
	case Baseline:
		color = p.c.muted
	default:
		p.line([]point{{x, l.put}, {x + swatch - 5, l.put}}, k.color, 2.5, k.dash...)
		x += swatch
	}
	p.text(x, l.put+4, t, color)
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
