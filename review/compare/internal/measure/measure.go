// Package measure computes metrics from answers per example, as scikit-learn
// does, together with their influence values: what each example adds. From
// these come standard errors, for every metric by one formula (Hampel 1974;
// "linearisation"). It compares nothing and gives no words.
package measure

import (
	"fmt"
	"math"
	"slices"
)

// The metrics that have a built-in meaning.
const (
	Accuracy  = "accuracy"
	F1        = "f1"
	F1Macro   = "f1_macro"
	Precision = "precision"
	Recall    = "recall"
	ROCAUC    = "roc_auc"
	LogLoss   = "log_loss"
	Brier     = "brier"
	MAE       = "mae"
	MSE       = "mse"
	RMSE      = "rmse"
)

// Known lists them.
func Known() []string {
	return []string{Accuracy, F1, F1Macro, Precision, Recall, ROCAUC, LogLoss, Brier, MAE, MSE, RMSE}
}

// IsLoss reports whether less of a built-in metric is better.
func IsLoss(name string) bool {
	return slices.Contains([]string{LogLoss, Brier, MAE, MSE, RMSE}, name)
}

// IsMean reports whether a metric is a mean of one number an example.
func IsMean(name string) bool {
	return slices.Contains([]string{Accuracy, LogLoss, Brier, MAE, MSE}, name)
}

// Problem says why a metric has no value.
type Problem int

// The problems.
const (
	None Problem = iota
	NoScores
	NotFinite
	Undefined
)

// Result is a metric of one side. Problem and Why say why it has none.
type Result struct {
	Value   float64   // mean over the seeds
	Seeds   []float64 // by seed
	Psi     []float64 // by example, mean over the seeds; of a mean metric what the example adds, else centred
	Range   float64   // how far apart the influence of two answers can lie
	ROC     *AUC
	Rarer   int // examples of the rarer class; −1 where classes do not matter
	Problem Problem
	Why     string
}

// Answers are one side's: what is right by example, and by seed and example
// what the model said and its score. Score is nil without.
type Answers struct {
	Label []uint32
	Pred  [][]uint32
	Score [][]float64
}

// Texts says what the codes of answers stand for.
type Texts interface {
	Text(code uint32) string
	Find(text string) (uint32, bool)
	Number(code uint32) float64 // NaN for what is none
}

// Measurer computes metrics of sides whose codes mean the same texts.
type Measurer struct {
	Texts      Texts
	Positive   string
	Configured bool // the positive label was set, and was not assumed
}

// Compute measures one side.
func (m *Measurer) Compute(name string, a *Answers) Result {
	if len(a.Label) == 0 {
		return failed(Undefined, "there are no examples")
	}
	if needsScore(name) && a.Score == nil {
		return failed(NoScores, "there is no column of scores")
	}
	out := Result{Rarer: -1, Psi: make([]float64, len(a.Label))}
	for s := range a.Pred {
		one := m.seed(name, a, s)
		if one.Problem != None {
			return one
		}
		out.Seeds = append(out.Seeds, one.Value)
		out.Range = max(out.Range, one.Range)
		out.ROC, out.Rarer = one.ROC, one.Rarer
		if len(a.Pred) == 1 {
			out.Psi = one.Psi
			break
		}
		for i, v := range one.Psi {
			out.Psi[i] += v / float64(len(a.Pred))
		}
	}
	out.Value = mean(out.Seeds)
	if len(out.Seeds) == 1 {
		out.Value = out.Seeds[0]
	}
	if math.IsNaN(out.Value) || math.IsInf(out.Value, 0) {
		return failed(NotFinite, "its value is not a finite number")
	}
	return out
}

func needsScore(name string) bool { return name == ROCAUC || name == LogLoss || name == Brier }

func failed(p Problem, format string, args ...any) Result {
	return Result{Value: math.NaN(), Rarer: -1, Problem: p, Why: fmt.Sprintf(format, args...)}
}

func (m *Measurer) seed(name string, a *Answers, s int) Result {
	switch name {
	case Accuracy:
		return accuracy(a.Label, a.Pred[s])
	case MAE, MSE, RMSE:
		return m.errors(name, a.Label, a.Pred[s])
	case F1Macro:
		return macro(a.Label, a.Pred[s])
	}
	y, r := m.Truth(a.Label, name)
	if r.Problem != None {
		return r
	}
	if needsScore(name) {
		return scored(name, y, a.Score[s])
	}
	return confusion(name, y, m.Positives(a.Pred[s]))
}

// Positives says which codes are the positive label.
func (m *Measurer) Positives(codes []uint32) []bool {
	out := make([]bool, len(codes))
	code, ok := m.Texts.Find(m.Positive)
	for i, c := range codes {
		out[i] = ok && c == code
	}
	return out
}

// Truth says which examples are positive, and refuses labels that a binary
// metric has no meaning for.
func (m *Measurer) Truth(labels []uint32, name string) ([]bool, Result) {
	if !m.Configured {
		if n := distinct(labels, 3); n > 2 {
			return nil, failed(Undefined, "there are more than two classes: name the positive one under examples.positive")
		}
	}
	y := m.Positives(labels)
	n1 := 0
	for _, p := range y {
		if p {
			n1++
		}
	}
	switch {
	case n1 == 0:
		return nil, failed(Undefined, "no example has the positive label %q: examples.positive names another", m.Positive)
	case n1 == len(y) && needsScore(name):
		return nil, failed(Undefined, "every example has the positive label %q", m.Positive)
	}
	return y, Result{}
}

// distinct counts different codes, up to a limit.
func distinct(codes []uint32, limit int) int {
	var seen []uint32
	for _, c := range codes {
		if !slices.Contains(seen, c) {
			if seen = append(seen, c); len(seen) == limit {
				break
			}
		}
	}
	return len(seen)
}

func accuracy(label, pred []uint32) Result {
	psi := make([]float64, len(label))
	right := 0
	for i := range label {
		if label[i] == pred[i] {
			psi[i] = 1
			right++
		}
	}
	return Result{Value: float64(right) / float64(len(label)), Psi: psi, Range: 1, Rarer: -1}
}

func (m *Measurer) errors(name string, label, pred []uint32) Result {
	psi := make([]float64, len(label))
	for i := range label {
		y, p := m.Texts.Number(label[i]), m.Texts.Number(pred[i])
		for j, v := range []float64{y, p} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return failed(NotFinite, "%q is not a finite number", clip(m.Texts.Text([]uint32{label[i], pred[i]}[j])))
			}
		}
		e := p - y
		if name == MAE {
			psi[i] = math.Abs(e)
		} else {
			psi[i] = e * e
		}
	}
	r := Result{Value: mean(psi), Psi: psi, Range: spread(psi), Rarer: -1}
	if name == RMSE {
		r.Value = math.Sqrt(r.Value)
		for i := range psi { // d√x = dx / 2√x
			if r.Value > 0 {
				psi[i] = (psi[i] - r.Value*r.Value) / (2 * r.Value)
			}
		}
		r.Range = spread(psi)
	}
	return r
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

// mean adds with Neumaier's compensation, so that a million rows lose nothing.
func mean(x []float64) float64 {
	var s, c float64
	for _, v := range x {
		t := s + v
		if math.Abs(s) >= math.Abs(v) {
			c += (s - t) + v
		} else {
			c += (v - t) + s
		}
		s = t
	}
	return (s + c) / float64(len(x))
}

func spread(x []float64) float64 { return slices.Max(x) - slices.Min(x) }

func scored(name string, y []bool, score []float64) Result {
	for _, s := range score {
		switch {
		case math.IsNaN(s) || math.IsInf(s, 0):
			return failed(NotFinite, "a score is not a finite number")
		case name != ROCAUC && (s < 0 || s > 1):
			return failed(Undefined, "a score of %g is no probability", s)
		}
	}
	if name == ROCAUC {
		return area(y, score)
	}
	psi := make([]float64, len(y))
	const eps = 0x1p-52 // scikit-learn clips at the float's eps
	for i, p := range score {
		switch {
		case name == Brier && y[i]:
			psi[i] = (p - 1) * (p - 1)
		case name == Brier:
			psi[i] = p * p
		case y[i]:
			psi[i] = -math.Log(min(max(p, eps), 1-eps))
		default:
			psi[i] = -math.Log(min(max(1-p, eps), 1-eps))
		}
	}
	r := Result{Value: mean(psi), Psi: psi, Range: 1, Rarer: -1}
	if name == LogLoss {
		r.Range = spread(psi)
	}
	return r
}

func area(y []bool, score []float64) Result {
	roc := ROC(y, score)
	n, n1 := len(y), roc.Positives
	n0 := n - n1
	psi := make([]float64, n)
	for i, c := range roc.Components {
		if y[i] {
			psi[i] = (c - roc.Value) * float64(n) / float64(n1)
		} else {
			psi[i] = (c - roc.Value) * float64(n) / float64(n0)
		}
	}
	rarer := min(n0, n1)
	return Result{Value: roc.Value, Psi: psi, Range: float64(n) / float64(rarer), ROC: &roc, Rarer: rarer}
}
