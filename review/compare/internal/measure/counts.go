package measure

import (
	"cmp"
	"math"
	"slices"
)

// counts2 is a binary confusion matrix, less the true negatives.
type counts2 struct{ tp, truth, said int }

// value is the metric of the counts, NaN where it has none.
func (c counts2) value(name string) float64 {
	num, den := float64(c.tp), float64(c.said)
	switch name {
	case Recall:
		den = float64(c.truth)
	case F1:
		num, den = 2*num, float64(c.truth+c.said)
	}
	if c.truth == 0 || den == 0 {
		return math.NaN()
	}
	return num / den
}

func confusion(name string, y, said []bool) Result {
	var c counts2
	for i := range y {
		c.add(y[i], said[i], 1)
	}
	v := c.value(name)
	if math.IsNaN(v) {
		return failed(Undefined, "no answer is the positive label")
	}
	n := float64(len(y))
	psi := make([]float64, len(y))
	r := Result{Value: v, Psi: psi, Rarer: -1}
	for i := range y {
		t, a := bit(y[i]), bit(said[i])
		switch name {
		case Precision:
			r.Range = n / float64(c.said)
			psi[i] = (t*a - v*a) * r.Range
		case Recall:
			r.Range = n / float64(c.truth)
			psi[i] = (t*a - v*t) * r.Range
		default:
			r.Range = 2 * n / float64(c.truth+c.said)
			psi[i] = (2*t*a - v*(t+a)) * n / float64(c.truth+c.said)
		}
	}
	return r
}

func (c *counts2) add(y, said bool, k int) {
	if y {
		c.truth += k
	}
	if said {
		c.said += k
	}
	if y && said {
		c.tp += k
	}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// macro is the mean of F1 over the classes that are right or said somewhere.
func macro(label, pred []uint32) Result {
	at := map[uint32]*counts2{}
	class := func(c uint32) *counts2 {
		if at[c] == nil {
			at[c] = &counts2{}
		}
		return at[c]
	}
	for i := range label {
		y, p := class(label[i]), class(pred[i])
		y.truth++
		p.said++
		if y == p {
			y.tp++
		}
	}
	classes, values, least := 0, make(map[uint32]float64, len(at)), math.MaxInt
	var all []float64
	for c, n := range at {
		if n.truth > 0 {
			classes++
		}
		values[c] = 2 * float64(n.tp) / float64(n.truth+n.said)
		all = append(all, values[c])
		least = min(least, n.truth+n.said)
	}
	if classes < 2 {
		return failed(Undefined, "every example has the same label")
	}
	k, n := float64(len(at)), float64(len(label))
	weight := make(map[uint32]float64, len(at))
	for c, x := range at {
		weight[c] = n / k / float64(x.truth+x.said)
	}
	psi := make([]float64, len(label))
	for i := range label {
		y, p := label[i], pred[i]
		if y == p {
			psi[i] = (2 - 2*values[y]) * weight[y]
		} else {
			psi[i] = -values[y]*weight[y] - values[p]*weight[p]
		}
	}
	slices.Sort(all) // the order of a map must not show in the last digit
	return Result{Value: sum(all) / k, Psi: psi, Range: 2 * n / k / float64(least), Rarer: -1}
}

func sum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

// Cells are the different (right, said by the first, said by the second)
// triples with their counts, for metrics that depend on counts only.
type Cells struct {
	Triples [][3]uint32
	Counts  []int
	Of      []uint32 // by example: its cell
}

// MakeCells groups examples into cells, at most limit; nil if there are more.
// The order of the cells follows less, not the codes.
func MakeCells(label, first, second []uint32, limit int, less func(a, b uint32) int) *Cells {
	at := map[[3]uint32]uint32{}
	c := &Cells{Of: make([]uint32, len(label))}
	for i := range label {
		t := [3]uint32{label[i], first[i], second[i]}
		j, ok := at[t]
		if !ok {
			if len(c.Triples) == limit {
				return nil
			}
			j = uint32(len(c.Triples))
			at[t] = j
			c.Triples, c.Counts = append(c.Triples, t), append(c.Counts, 0)
		}
		c.Counts[j]++
		c.Of[i] = j
	}
	order := make([]int, len(c.Triples))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := c.Triples[a], c.Triples[b]
		return cmp.Or(less(x[0], y[0]), less(x[1], y[1]), less(x[2], y[2]))
	})
	sorted := &Cells{Of: c.Of}
	place := make([]uint32, len(order))
	for i, j := range order {
		place[j] = uint32(i)
		sorted.Triples, sorted.Counts = append(sorted.Triples, c.Triples[j]), append(sorted.Counts, c.Counts[j])
	}
	for i, j := range c.Of {
		sorted.Of[i] = place[j]
	}
	return sorted
}

// Difference returns a function from counts of the cells to the difference of
// the metric, second minus first; NaN where one of them has none. positive
// tells the positive label of a binary metric.
func (c *Cells) Difference(name string, positive func(uint32) bool) func(counts []int) float64 {
	if name == F1Macro {
		return c.macroDifference()
	}
	bits := make([][3]bool, len(c.Triples))
	for i, t := range c.Triples {
		bits[i] = [3]bool{positive(t[0]), positive(t[1]), positive(t[2])}
	}
	return func(counts []int) float64 {
		var a, b counts2
		for i, k := range counts {
			a.add(bits[i][0], bits[i][1], k)
			b.add(bits[i][0], bits[i][2], k)
		}
		return b.value(name) - a.value(name)
	}
}

func (c *Cells) macroDifference() func(counts []int) float64 {
	number := map[uint32]int{}
	dense := make([][3]int, len(c.Triples))
	for i, t := range c.Triples {
		for j, code := range t {
			n, ok := number[code]
			if !ok {
				n = len(number)
				number[code] = n
			}
			dense[i][j] = n
		}
	}
	side := [2][]counts2{make([]counts2, len(number)), make([]counts2, len(number))}
	return func(counts []int) float64 {
		var value [2]float64
		for s := range side {
			clear(side[s])
			for i, k := range counts {
				y, p := dense[i][0], dense[i][1+s]
				side[s][y].truth += k
				side[s][p].said += k
				if y == p {
					side[s][y].tp += k
				}
			}
			classes := 0
			for _, n := range side[s] {
				if n.truth+n.said > 0 {
					classes++
					value[s] += 2 * float64(n.tp) / float64(n.truth+n.said)
				}
			}
			value[s] /= float64(classes)
		}
		return value[1] - value[0]
	}
}
