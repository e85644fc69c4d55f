package compare

import (
	"cmp"
	"math"
	"slices"
)

// Word is the verdict on one metric or on the whole.
type Word string

// The words. A metric that was not judged has no word.
const (
	Better  Word = "better"
	Same    Word = "same"
	Worse   Word = "worse"
	Unknown Word = "unknown"
	NoWord  Word = ""
)

// MinExamples is the number of examples below which nothing is said.
const MinExamples = 10

// DefaultLevel is the level of intervals where none is set.
const DefaultLevel = 0.95

// roundOff forgives that 1 − 0.95 is a little more than 0.05.
const roundOff = 1e-12

// Evidence is what a verdict rests on: the interval of the difference, its p
// and the number of examples; the tolerance is in the metric's unit.
type Evidence struct {
	Interval  Interval
	P         float64
	N         int
	Tolerance float64
	Goal      Goal
	Unit      Unit
}

// Verdict is a word with the reason for it. The reason of unknown says what is
// missing; the reason of same says which sameness it is.
type Verdict struct {
	Word   Word `json:"word"`
	Reason Note `json:"reason"`
}

// Judge applies the rule, in this order: too little to compare is unknown; an
// interval within ±tolerance is same, a real but negligible change included; an
// interval on one side of zero whose p is at most 1 − level is better or worse;
// anything else is unknown. It never says same because p is large.
func Judge(e Evidence) Verdict {
	iv, t := e.Interval, max(0, e.Tolerance)
	switch {
	case e.Goal.sign() == 0:
		return unknown(NoExamples, "whether more or less is better is not known: set the metric's goal")
	case math.IsNaN(iv.Low) || math.IsNaN(iv.High) || math.IsNaN(e.P):
		return unknown(NotFinite, "the difference is not a number")
	case e.N < MinExamples:
		return unknown(FewExamples, "only "+grouped(e.N)+" examples: at least "+grouped(MinExamples)+" are needed")
	}
	clear := e.P <= 1-iv.Level+roundOff && (iv.Low > 0 || iv.High < 0)
	switch {
	case -t <= iv.Low && iv.High <= t && t > 0:
		if clear {
			return Verdict{Same, Note{RealChange, "a real change, but within the tolerance of " + e.Unit.Amount(t)}}
		}
		return Verdict{Same, Note{WithinTolerance, "any change is within the tolerance of " + e.Unit.Amount(t)}}
	case clear && (iv.Low > 0) == (e.Goal == Max):
		return Verdict{Word: Better}
	case clear:
		return Verdict{Word: Worse}
	}
	return unknown(WideInterval, "anything "+e.Unit.Between(iv.Low, iv.High)+" fits")
}

func unknown(code, text string) Verdict { return Verdict{Unknown, Note{code, text}} }

// Holm adjusts p-values for looking at several at once (Holm 1979). The order
// of the result is that of the input.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	out := make([]float64, len(p))
	running := 0.0
	for rank, i := range order {
		running = max(running, min(1, p[i]*float64(len(p)-rank)))
		out[i] = running
	}
	return out
}

// Overall joins the deciding metrics, in their order: worse if any is worse
// after Holm over them; better if the first is better, or any is and none is
// unknown; same if all are same; else unknown. A deciding metric that was not
// judged counts as unknown.
func Overall(metrics []Metric, level float64) Verdict {
	var deciding []Metric
	var p []float64
	for _, m := range metrics {
		if m.Decides {
			deciding = append(deciding, m)
			if m.P != nil {
				p = append(p, m.P.Float())
			}
		}
	}
	if len(deciding) == 0 {
		return unknown(NoExamples, "no metric decides: keep the answers per example, or name the deciding metrics")
	}
	return overallWord(deciding, countWords(deciding, Holm(p), level))
}

// countWords counts the words of the deciding metrics; a worse that does not
// survive the adjustment counts as unknown. adjusted holds the p-values of
// those metrics that have one.
func countWords(deciding []Metric, adjusted []float64, level float64) map[Word]int {
	count := map[Word]int{}
	for _, m := range deciding {
		word := m.Word
		if m.P != nil {
			if word == Worse && adjusted[0] > 1-level+roundOff {
				word = Unknown
			}
			adjusted = adjusted[1:]
		}
		count[word]++
	}
	return count
}

func overallWord(deciding []Metric, count map[Word]int) Verdict {
	first := deciding[0]
	open := count[Unknown] + count[NoWord]
	switch {
	case count[Worse] > 0:
		return Verdict{Word: Worse}
	case first.Word == Better || count[Better] > 0 && open == 0:
		return Verdict{Word: Better}
	case count[Same] == len(deciding):
		return Verdict{Same, first.Reason}
	}
	for _, m := range deciding {
		if m.Word == Unknown || m.Word == NoWord {
			return Verdict{Unknown, m.Reason}
		}
	}
	return unknown(NotAdjusted, "a metric is worse alone, but not once all deciding metrics are looked at together")
}
