package measure

import (
	"math"
	"slices"
)

// AUC is the area under the ROC curve with DeLong's components (DeLong,
// DeLong, Clarke-Pearson 1988; midranks as Sun and Xu 2014): for a positive
// example the share of negatives below it, for a negative one the share of
// positives above it, ties by half. It is NaN if a class is empty.
type AUC struct {
	Value      float64
	Components []float64 // in the order of the examples
	Positives  int
}

// ROC computes the area. positive and score run over the examples.
func ROC(positive []bool, score []float64) AUC {
	n := len(score)
	order := make([]ranked, n)
	n1 := 0
	for i, s := range score {
		order[i] = ranked{s, uint32(i)}
		if positive[i] {
			n1++
		}
	}
	n0 := n - n1
	a := AUC{Value: math.NaN(), Positives: n1}
	if n1 == 0 || n0 == 0 {
		return a
	}
	slices.SortFunc(order, func(x, y ranked) int {
		switch {
		case x.score < y.score:
			return -1
		case x.score > y.score:
			return 1
		}
		return int(x.at) - int(y.at)
	})
	a.Components = make([]float64, n)
	var below [2]int // negatives and positives with a smaller score
	total := 0.0     // Σ over positives of (negatives below + half of ties), in halves exact
	for i := 0; i < n; {
		j := i
		var tied [2]int
		for ; j < n && order[j].score == order[i].score; j++ {
			tied[class(positive[order[j].at])]++
		}
		for _, r := range order[i:j] {
			if positive[r.at] {
				a.Components[r.at] = (float64(below[0]) + float64(tied[0])/2) / float64(n0)
			} else {
				a.Components[r.at] = (float64(n1-below[1]-tied[1]) + float64(tied[1])/2) / float64(n1)
			}
		}
		total += float64(tied[1]) * (float64(below[0]) + float64(tied[0])/2)
		below[0] += tied[0]
		below[1] += tied[1]
		i = j
	}
	a.Value = total / (float64(n1) * float64(n0))
	return a
}

type ranked struct {
	score float64
	at    uint32
}

func class(positive bool) int {
	if positive {
		return 1
	}
	return 0
}
