package plot

import (
	"fmt"
	"math"
	"strings"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// tally counts what the rows say.
func (b Bars) tally() (better, worse, same int, most string) {
	largest := 0.0
	for i, l := range b.Labels {
		d := valueAt(b.Candidate, i) - valueAt(b.Baseline, i)
		switch {
		case math.IsNaN(d):
			continue
		case d == 0:
			same++
		case (d > 0) == (b.Goal != Lower):
			better++
		default:
			worse++
		}
		if math.Abs(d) > largest {
			largest = math.Abs(d)
			most = fmt.Sprintf("%s changed most, from %s to %s", scene.Clean(l),
				unitOf(b.Percent).text(valueAt(b.Baseline, i)), unitOf(b.Percent).text(valueAt(b.Candidate, i)))
		}
	}
	return better, worse, same, most
}

// headline is the title; one that is made says the answer.
func (b Bars) headline() string {
	if b.Title != "" {
		return b.Title
	}
	what := b.Metric
	if what == "" {
		what = "value"
	}
	what += " by class"
	better, worse, same, _ := b.tally()
	words := [2]string{"better", "worse"}
	if b.Goal == NoGoal {
		words = [2]string{"higher", "lower"}
	}
	var parts []string
	for _, k := range []struct {
		n    int
		word string
	}{{better, words[0]}, {worse, words[1]}, {same, "same"}} {
		if k.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", k.n, k.word))
		}
	}
	if len(parts) == 0 {
		return what
	}
	return what + ": " + strings.Join(parts, ", ")
}

// AltText says in sentences what the picture shows.
func (b Bars) AltText() string {
	s := sentence(scene.Clean(b.headline())) + fmt.Sprintf(" Bars of %s", classes(len(b.Labels)))
	if _, _, _, most := b.tally(); most != "" {
		return s + "; " + most + "."
	}
	low, high := -1, -1
	for i := range b.Labels {
		v := valueAt(b.Candidate, i)
		if math.IsNaN(v) {
			continue
		}
		if low < 0 || v < b.Candidate[low] {
			low = i
		}
		if high < 0 || v > b.Candidate[high] {
			high = i
		}
	}
	if low < 0 {
		return s + ", none with a finite value."
	}
	u := unitOf(b.Percent)
	return fmt.Sprintf("%s; the lowest is %s with %s, the highest %s with %s.", s,
		scene.Clean(b.Labels[low]), u.text(b.Candidate[low]), scene.Clean(b.Labels[high]), u.text(b.Candidate[high]))
}

func classes(n int) string {
	if n == 1 {
		return "1 class"
	}
	return count(n) + " classes"
}
