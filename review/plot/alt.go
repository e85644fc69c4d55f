package plot

import (
	"fmt"
	"strings"
)

// AltText says in sentences what the picture shows, for those who do not see
// it.
func (c Curves) AltText() string {
	p := &curvePlot{Curves: c}
	var ends []string
	for _, s := range c.Series {
		runs := p.clean(s)
		if len(runs) == 0 {
			continue
		}
		n := 0
		for _, r := range runs {
			n += len(r)
		}
		run := runs[len(runs)-1]
		name := s.Name
		if name == "" {
			name = "a curve"
		}
		points := "points"
		if n == 1 {
			points = "point"
		}
		ends = append(ends, fmt.Sprintf("%s ends at %s after %d %s", name, c.unit().text(run[len(run)-1].y), n, points))
	}
	if len(ends) == 0 {
		return sentence(c.Title) + " " + sentence(c.emptyText())
	}
	return sentence(c.Title) + " " + sentence(strings.Join(ends[:min(len(ends), 8)], "; "))
}

func (c Curves) emptyText() string {
	if c.Log {
		return "no positive finite values to draw"
	}
	return "no finite values to draw"
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// AltText says in sentences what the picture shows.
func (m Matrix) AltText() string {
	total, right, worst := 0, 0, 0
	at := [2]int{}
	for i, r := range m.Counts {
		for j, v := range r {
			total += v
			if i == j {
				right += v
			} else if v > worst {
				worst, at = v, [2]int{i, j}
			}
		}
	}
	if total == 0 {
		return strings.TrimSpace(sentence(m.Title) + " No answers.")
	}
	s := fmt.Sprintf("%s Confusion matrix of %d labels: %d of %d answers are right.", sentence(m.Title), len(m.Labels), right, total)
	if worst > 0 && max(at[0], at[1]) < len(m.Labels) {
		s += fmt.Sprintf(" Most often %s is taken for %s, %d times.", m.Labels[at[0]], m.Labels[at[1]], worst)
	}
	return strings.TrimSpace(s)
}

// AltText says in sentences what the picture shows.
func (m MatrixDiff) AltText() string {
	right, worst := 0, 0
	at := [2]int{}
	for i, r := range m.Counts {
		for j, v := range r {
			if i == j {
				right += v
			} else if v > worst {
				worst, at = v, [2]int{i, j}
			}
		}
	}
	s := fmt.Sprintf("%s Difference of confusion matrices, candidate minus baseline: %s right answers.", sentence(m.Title), countText(right, true))
	if worst > 0 && max(at[0], at[1]) < len(m.Labels) {
		s += fmt.Sprintf(" The largest new confusion is %s taken for %s, %+d.", m.Labels[at[0]], m.Labels[at[1]], worst)
	}
	return strings.TrimSpace(s)
}
