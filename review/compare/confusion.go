package compare

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// MaxClasses is the number of labels beyond which there is no confusion matrix:
// the answers are then probably not classes.
const MaxClasses = 200

// Confusion holds both models' confusion matrices on the same examples. Rows
// are what is right, columns what the model said; counts[i][j].
type Confusion struct {
	Labels    []string `json:"labels"` // numbers in the order of numbers, before texts
	Baseline  [][]int  `json:"baseline"`
	Candidate [][]int  `json:"candidate"`
	Classes   []Class  `json:"classes"` // in the order of labels
}

// Class is what happened to the examples of one label. The recalls are null if
// no example has this label.
type Class struct {
	Label      string `json:"label"`
	Support    int    `json:"support"` // examples with this label
	Baseline   *Num   `json:"baseline"`
	Candidate  *Num   `json:"candidate"`
	Change     *Num   `json:"change"`
	NewlyRight int    `json:"newly_right"`
	NewlyWrong int    `json:"newly_wrong"`
}

// Difference is the candidate's matrix minus the baseline's.
func (c *Confusion) Difference() [][]int {
	out := square(len(c.Labels))
	for i := range out {
		for j := range out[i] {
			out[i][j] = c.Candidate[i][j] - c.Baseline[i][j]
		}
	}
	return out
}

// Confusion returns the matrices, nil if there are no examples or more than
// MaxClasses labels.
func (p *Pairing) Confusion() *Confusion {
	if len(p.cells) > maxCells {
		return nil
	}
	at := map[string]int{}
	for cell := range p.cells {
		for _, l := range cell {
			at[l] = 0
		}
		if len(at) > MaxClasses {
			return nil
		}
	}
	if len(at) == 0 {
		return nil
	}
	c := &Confusion{}
	for l := range at {
		c.Labels = append(c.Labels, l)
	}
	slices.SortFunc(c.Labels, compareLabels)
	for i, l := range c.Labels {
		at[l] = i
	}
	n := len(c.Labels)
	c.Baseline, c.Candidate, c.Classes = square(n), square(n), make([]Class, n)
	for cell, k := range p.cells {
		truth, b, d := at[cell[0]], at[cell[1]], at[cell[2]]
		c.Baseline[truth][b] += k
		c.Candidate[truth][d] += k
		c.Classes[truth].count(k, truth == b, truth == d)
	}
	for i := range c.Classes {
		c.Classes[i].finish(c.Labels[i], c.Baseline[i][i], c.Candidate[i][i])
	}
	return c
}

func (c *Class) count(k int, baseline, candidate bool) {
	c.Support += k
	switch {
	case candidate && !baseline:
		c.NewlyRight += k
	case baseline && !candidate:
		c.NewlyWrong += k
	}
}

func (c *Class) finish(label string, baseline, candidate int) {
	c.Label = label
	if c.Support > 0 {
		c.Baseline = NumOf(ratio(baseline, c.Support))
		c.Candidate = NumOf(ratio(candidate, c.Support))
		c.Change = NumOf(ratio(candidate-baseline, c.Support))
	}
}

func square(n int) [][]int {
	m := make([][]int, n)
	for i := range m {
		m[i] = make([]int, n)
	}
	return m
}

// compareLabels orders numbers as numbers, before texts.
func compareLabels(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX == nil && errY == nil:
		return cmp.Or(cmp.Compare(x, y), strings.Compare(a, b))
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return strings.Compare(a, b)
}
