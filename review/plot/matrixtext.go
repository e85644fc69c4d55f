package plot

import (
	"fmt"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// matrixSum is what the cells of a matrix add up to. Sums are computed in
// floating point, where hostile counts cannot overflow.
type matrixSum struct {
	total, right float64
	worst        int    // the largest count beside the diagonal
	at           [2]int // where that is
}

func sumOf(counts [][]int) matrixSum {
	var s matrixSum
	for i, r := range counts {
		for j, v := range r {
			s.total += float64(v)
			if i == j {
				s.right += float64(v)
			} else if v > s.worst {
				s.worst, s.at = v, [2]int{i, j}
			}
		}
	}
	return s
}

func labelAt(labels []string, i int) string {
	if i < len(labels) {
		if l := scene.Clean(labels[i]); l != "" {
			return l
		}
	}
	return fmt.Sprintf("label %d", i)
}

// headline is the title; one that is made says the answer.
func (m Matrix) headline() string {
	if m.Title != "" {
		return m.Title
	}
	s := sumOf(m.Counts)
	if !(s.total > 0) {
		return "confusion matrix"
	}
	return fmt.Sprintf("confusion matrix: %s right (%s of %s)", percent.text(s.right/s.total), number(s.right), number(s.total))
}

// number writes a whole number that may be too large for an int.
func number(v float64) string {
	if v > -1e15 && v < 1e15 {
		return count(int(v))
	}
	return plain.text(v)
}

// AltText says in sentences what the picture shows.
func (m Matrix) AltText() string {
	s := sumOf(m.Counts)
	head := sentence(scene.Clean(m.headline()))
	if !(s.total > 0) {
		return head + " No answers."
	}
	out := fmt.Sprintf("%s Of %s answers about %s, %s are right.", head, number(s.total), classes(len(m.Labels)), number(s.right))
	if s.worst > 0 {
		out += fmt.Sprintf(" Most often %s is taken for %s, %s times.", labelAt(m.Labels, s.at[0]), labelAt(m.Labels, s.at[1]), count(s.worst))
	}
	return out
}

// headline is the title; one that is made says the answer.
func (m MatrixDiff) headline() string {
	if m.Title != "" {
		return m.Title
	}
	switch r := sumOf(m.Counts).right; {
	case r > 0:
		return fmt.Sprintf("confusion matrix against the baseline: %s more right", number(r))
	case r < 0:
		return fmt.Sprintf("confusion matrix against the baseline: %s fewer right", number(-r))
	}
	return "confusion matrix against the baseline: as many right"
}

// AltText says in sentences what the picture shows.
func (m MatrixDiff) AltText() string {
	s := sumOf(m.Counts)
	out := sentence(scene.Clean(m.headline())) + " Candidate minus baseline: "
	switch {
	case s.right > 0:
		out += fmt.Sprintf("%s more right answers.", number(s.right))
	case s.right < 0:
		out += fmt.Sprintf("%s fewer right answers.", number(-s.right))
	default:
		out += "as many right answers."
	}
	if s.worst > 0 {
		out += fmt.Sprintf(" The largest new confusion is %s taken for %s, +%s.", labelAt(m.Labels, s.at[0]), labelAt(m.Labels, s.at[1]), count(s.worst))
	}
	return out
}
