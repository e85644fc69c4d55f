package compare

import (
	"math"
	"strings"
)

// Status is how a gate ended.
type Status string

// The statuses. Warn is a decision only, never a gate's own result.
const (
	Pass      Status = "pass"
	Warn      Status = "warn"
	Fail      Status = "fail"
	Undecided Status = "undecided"
	Skip      Status = "skip"
)

// Gate is one rule that a change must keep. Set exactly one of Min, Max,
// NotWorseBy and Worse.
type Gate struct {
	Metric     string   // "" with Worse means the overall verdict
	Min, Max   *float64 // bounds of the candidate's value
	NotWorseBy *float64 // in the metric's unit, ≥ 0
	Worse      bool     // fails if the verdict is worse
	WarnOnly   bool     // a failure warns, and holds nothing
	Undecided  Status   // what an undecided gate does: Pass, Warn or Fail; "" means Warn
}

// DefaultGate is the gate where none is configured: the verdict must not be
// worse.
func DefaultGate() Gate { return Gate{Worse: true} }

// GateResult is a gate's end, with the rule as a sentence for people.
type GateResult struct {
	Metric   string `json:"metric"`
	Sentence string `json:"sentence"` // "accuracy: not worse by more than 0.3 points"
	Status   Status `json:"status"`   // pass, fail, undecided or skip
	Effect   Status `json:"effect"`   // what it means for the check: pass, warn, fail or skip
	Reason   string `json:"reason"`   // why it did not pass; "" if it did
}

// askGates asks each gate. rows and overall are finished.
func askGates(gates []Gate, t *Table) []GateResult {
	if len(gates) == 0 {
		gates = []Gate{DefaultGate()}
	}
	out := make([]GateResult, 0, len(gates))
	for _, g := range gates {
		r := g.ask(t)
		r.Metric = g.Metric
		r.Effect = g.effect(r.Status)
		out = append(out, r)
	}
	return out
}

func (g Gate) effect(s Status) Status {
	switch {
	case s == Fail && g.WarnOnly:
		return Warn
	case s != Undecided:
		return s
	case g.Undecided == "":
		return Warn
	}
	return g.Undecided
}

func (g Gate) ask(t *Table) GateResult {
	if g.Worse && g.Metric == "" {
		return wordGate("the verdict is not worse", t.Overall, t.HasBaseline)
	}
	m, ok := t.Metric(g.Metric)
	if !ok {
		m = Metric{Name: g.Metric, Unit: GuessUnit(g.Metric)}
	}
	switch {
	case g.Min != nil:
		return boundGate(m, "at least "+m.Unit.bound(*g.Min), func(v float64) bool { return v >= *g.Min })
	case g.Max != nil:
		return boundGate(m, "at most "+m.Unit.bound(*g.Max), func(v float64) bool { return v <= *g.Max })
	case g.NotWorseBy != nil:
		r := nonInferior(m, *g.NotWorseBy, t.HasBaseline)
		r.Sentence = m.Name + ": not worse by more than " + m.Unit.Amount(*g.NotWorseBy)
		return r
	case g.Worse:
		return wordGate(m.Name+": not worse", Verdict{m.Word, m.Reason}, t.HasBaseline)
	}
	return GateResult{Sentence: m.Name + ": no rule", Status: Skip, Reason: "the gate has no rule: set min, max, not_worse_by or worse"}
}

// bound shows a configured bound as it was typed.
func (u Unit) bound(x float64) string {
	if u == Share {
		return plain(x*100) + " %"
	}
	return plain(x)
}

// boundGate holds a rule against the candidate's own value. A value that is
// missing or not a number fails: nothing shows that the rule is kept.
func boundGate(m Metric, rule string, holds func(float64) bool) GateResult {
	r := GateResult{Sentence: m.Name + ": " + rule, Status: Pass}
	v := m.Candidate.Float()
	switch {
	case m.Candidate == nil:
		r.Status, r.Reason = Fail, "the candidate does not report it"
	case math.IsNaN(v):
		r.Status, r.Reason = Fail, "the candidate's value is NaN"
	case !holds(v):
		r.Status, r.Reason = Fail, "it is "+m.Unit.Value(v)
	}
	return r
}

// wordGate fails on worse, passes on better and same; anything else cannot be
// decided.
func wordGate(sentence string, v Verdict, hasBaseline bool) GateResult {
	r := GateResult{Sentence: sentence}
	switch {
	case !hasBaseline:
		r.Status, r.Reason = Skip, "there is no baseline to compare with"
	case v.Word == Worse:
		r.Status, r.Reason = Fail, "it is worse"
	case v.Word == Better || v.Word == Same:
		r.Status = Pass
	default:
		r.Status, r.Reason = Undecided, v.Reason.Text
	}
	return r
}

// nonInferior asks whether the candidate is at most x worse. With an interval:
// pass if it lies above −x, fail if it lies wholly below, else undecided.
// Without one, a point difference beyond x fails, and anything else is
// undecided: a single number cannot show that a loss is small.
func nonInferior(m Metric, x float64, hasBaseline bool) GateResult {
	sign := m.Goal.sign()
	switch {
	case !hasBaseline:
		return GateResult{Status: Skip, Reason: "there is no baseline to compare with"}
	case m.incomparable():
		return GateResult{Status: Undecided, Reason: m.Reason.Text}
	case m.Candidate == nil || math.IsNaN(m.Candidate.Float()):
		return GateResult{Status: Fail, Reason: "the candidate does not report a number"}
	case m.Baseline == nil || math.IsNaN(m.Baseline.Float()):
		return GateResult{Status: Skip, Reason: "the baseline does not report a number"}
	case sign == 0:
		return GateResult{Status: Undecided, Reason: "whether more or less is better is not known: set the metric's goal"}
	case m.Low == nil:
		if loss := -sign * m.Difference.Float(); loss > x+roundOff {
			return GateResult{Status: Fail, Reason: "the difference is " + m.Unit.Change(m.Difference.Float())}
		}
		return GateResult{Status: Undecided, Reason: "one number a side cannot show it"}
	}
	return nonInferiorInterval(m, sign, x)
}

// incomparable reports whether the two sides did not answer the same
// questions, or too few of them.
func (m Metric) incomparable() bool {
	switch m.Reason.Code {
	case IDsDiffer, LabelsDiffer, DuplicateIDs, FewExamples:
		return m.Word == Unknown
	}
	return false
}

func nonInferiorInterval(m Metric, sign, x float64) GateResult {
	low, high := sign*m.Low.Float(), sign*m.High.Float()
	if sign < 0 {
		low, high = high, low
	}
	between := m.Unit.Between(m.Low.Float(), m.High.Float())
	switch {
	case low >= -x-roundOff:
		return GateResult{Status: Pass}
	case high < -x:
		return GateResult{Status: Fail, Reason: "the difference lies " + between}
	}
	return GateResult{Status: Undecided, Reason: "the difference may lie anywhere " + between}
}

// Decide joins the gates' effects: fail if any gate failed; undecided if one
// could not decide and that counts as failing; warn; else pass. Skipped gates
// say nothing.
func Decide(gates []GateResult) Status {
	rank := Pass
	for _, g := range gates {
		switch {
		case g.Effect == Fail && g.Status == Fail:
			return Fail
		case g.Status == Undecided && g.Effect == Fail:
			rank = Undecided
		case g.Effect == Warn && rank == Pass:
			rank = Warn
		}
	}
	return rank
}

// Validate says what is wrong with a gate; "" if nothing is.
func (g Gate) Validate() string {
	rules := 0
	for _, set := range []bool{g.Min != nil, g.Max != nil, g.NotWorseBy != nil, g.Worse} {
		if set {
			rules++
		}
	}
	var wrong []string
	if rules != 1 {
		wrong = append(wrong, "set exactly one of min, max, not_worse_by and worse")
	}
	if g.Metric == "" && !g.Worse {
		wrong = append(wrong, "name a metric")
	}
	if g.NotWorseBy != nil && !(*g.NotWorseBy >= 0) {
		wrong = append(wrong, "not_worse_by must be 0 or more")
	}
	switch g.Undecided {
	case "", Pass, Warn, Fail:
	default:
		wrong = append(wrong, "undecided must be pass, warn or fail")
	}
	return strings.Join(wrong, "; ")
}
