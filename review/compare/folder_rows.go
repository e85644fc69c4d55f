package compare

import (
	"math"

	"github.com/assay-ml/assay/review/compare/internal/measure"
	"github.com/assay-ml/assay/review/compare/internal/perexample"
)

// row is a metric on its way through the comparison.
type row struct {
	PlanMetric
	kind     string  // the built-in metric; "" for a number
	reported [2]*Num // baseline, candidate
	value    [2]float64
	diff     float64
	ev       *evidence // nil if it was not compared
	verdict  Verdict
	notes    []string
}

// listRows lists the configured metrics first, in their order, then what the
// candidate and last what only the baseline reports.
func (c *comparer) listRows(baseline, candidate []Value) {
	b, k := byName(baseline), byName(candidate)
	done := map[string]bool{}
	add := func(m PlanMetric) {
		if done[m.Name] {
			return
		}
		done[m.Name] = true
		r := row{PlanMetric: m, reported: [2]*Num{b[m.Name], k[m.Name]}}
		r.kind = m.From
		if r.kind == "" && BuiltIn(m.Name) {
			r.kind = m.Name
		}
		if !c.Configured {
			r.Decides = r.kind != "" && c.pair != nil
		}
		if r.Goal == NoGoal {
			r.Goal = goalOf(r.kind, m.Name)
		}
		c.rows = append(c.rows, r)
	}
	for _, m := range c.Metrics {
		add(m)
	}
	for _, side := range [][]Value{candidate, baseline} {
		for _, v := range side {
			add(PlanMetric{Spec: Spec{Name: v.Name}})
		}
	}
	if !c.Configured && c.pair != nil && !c.anyBuiltIn() && c.classes() {
		add(PlanMetric{Spec: Spec{Name: measure.Accuracy}})
	}
}

func goalOf(kind, name string) Goal {
	switch {
	case kind == "":
		return GuessGoal(name)
	case measure.IsLoss(kind):
		return Min
	}
	return Max
}

func (c *comparer) anyBuiltIn() bool {
	for _, r := range c.rows {
		if r.kind != "" {
			return true
		}
	}
	return false
}

// classes reports whether the labels are few enough to be classes.
func (c *comparer) classes() bool {
	seen := map[uint32]bool{}
	for _, l := range c.pair.Own[1].Label {
		if seen[l] = true; len(seen) > MaxClasses {
			return false
		}
	}
	return true
}

// judgeRow fills a row: from the examples where there are any, else with the
// numbers that were reported.
func (c *comparer) judgeRow(r *row) {
	r.value = [2]float64{r.reported[0].Float(), r.reported[1].Float()}
	r.diff = r.value[1] - r.value[0]
	if r.kind == "" || c.pair == nil {
		c.number(r)
	} else {
		c.fromExamples(r)
	}
	if r.Unit == "" {
		r.Unit = GuessUnit(r.Name, r.value[0], r.value[1])
	}
	if r.Relative > 0 {
		r.Tolerance = r.Relative * math.Abs(r.value[0])
		if math.IsNaN(r.Tolerance) {
			r.Tolerance = 0
		}
	}
	if r.ev != nil {
		r.verdict = c.word(r)
	}
}

// number is a metric of which each side has one number: it never gets a word.
func (c *comparer) number(r *row) {
	r.verdict = Verdict{Unknown, whyNoWord(r.reported[0], r.reported[1])}
	if r.verdict.Reason.Code == NoExamples {
		r.verdict.Reason.Text = "one number a side says nothing of its noise: "
		if r.kind != "" {
			r.verdict.Reason.Text += "keep the answers per example of both sides"
		} else {
			r.verdict.Reason.Text += "repeat the run at least 5 times a side, or judge a metric that answers per example give"
		}
	}
	if c.notFiniteReported(r) {
		c.notFinite(r)
	}
	for i := range c.own { // one side alone has answers
		if s := c.own[i]; s != nil && r.kind != "" && r.reported[i] == nil {
			p := perexample.Pair(s, s, c.pool)
			r.value[i] = c.measurer(r).Compute(r.kind, sideOf(&p.Own[0])).Value
			r.diff = r.value[1] - r.value[0]
			r.verdict.Reason = Note{NoExamples, "one side alone has answers per example: keep those of both"}
		}
	}
}

func (c *comparer) notFiniteReported(r *row) bool {
	return broken(r.reported[0]) || broken(r.reported[1])
}

// broken reports whether a number was given that is none.
func broken(n *Num) bool { return n != nil && (math.IsNaN(n.Float()) || math.IsInf(n.Float(), 0)) }

func (c *comparer) notFinite(r *row) Note {
	for i, name := range []string{"baseline", "candidate"} {
		if broken(r.reported[i]) {
			c.warn(NotFinite, "%s of the %s is not a finite number", r.Name, name)
		}
	}
	return Note{NotFinite, r.Name + " is not a finite number on both sides"}
}

// measurer is the one for the row's positive label; it remembers numbers.
func (c *comparer) measurer(r *row) *measure.Measurer {
	positive := r.Positive
	if positive == "" {
		positive = c.Positive
	}
	m := c.meters[positive]
	if m == nil {
		m = &measure.Measurer{Texts: c.pool, Positive: perexample.Label(positive), Configured: positive != ""}
		if positive == "" {
			m.Positive = "1"
		}
		c.meters[positive] = m
	}
	return m
}

// fromExamples computes both sides from their answers and, where they can be
// compared, gathers the evidence.
func (c *comparer) fromExamples(r *row) {
	m := c.measurer(r)
	var own, common [2]measure.Result
	for i := range own {
		own[i] = m.Compute(r.kind, sideOf(&c.pair.Own[i]))
		common[i] = own[i]
		if c.blocked == nil && c.pair.Common[i].Len() != c.pair.Own[i].Len() {
			common[i] = m.Compute(r.kind, sideOf(&c.pair.Common[i]))
		}
	}
	if own[0].Problem == measure.NoScores || own[1].Problem == measure.NoScores {
		c.number(r)
		r.verdict.Reason = Note{NoExamples, "it needs a column of scores on both sides"}
		return
	}
	c.mismatch(r, own)
	r.value = [2]float64{common[0].Value, common[1].Value}
	r.diff = math.NaN()
	if c.blocked != nil {
		r.verdict = Verdict{Unknown, *c.blocked}
		return
	}
	r.diff = common[1].Value - common[0].Value
	if bad := c.problem(r, common); bad != nil {
		r.verdict = Verdict{Unknown, *bad}
		return
	}
	if c.notFiniteReported(r) {
		for i := range r.reported {
			if broken(r.reported[i]) {
				r.value[i], r.diff = math.NaN(), math.NaN()
			}
		}
		r.verdict = Verdict{Unknown, c.notFinite(r)}
		return
	}
	if r.Unit == "" {
		r.Unit = GuessUnit(r.Name, r.value[0], r.value[1])
	}
	r.ev = c.evidence(r, m, common, c.design(), sideOf(&c.pair.Common[0]), sideOf(&c.pair.Common[1]), c.Level, false)
}

// sideOf hands answers to those who measure.
func sideOf(a *perexample.Answers) *measure.Answers { m := measure.Answers(*a); return &m }

// problem says why a metric cannot be computed.
func (c *comparer) problem(r *row, results [2]measure.Result) *Note {
	for i, side := range []string{"baseline", "candidate"} {
		res := results[i]
		switch res.Problem {
		case measure.NotFinite:
			n := c.warn(NotFinite, "%s of the %s: %s", r.Name, side, res.Why)
			return &n
		case measure.Undefined:
			n := c.warn(MetricUndefined, "%s of the %s is not defined: %s", r.Name, side, res.Why)
			return &n
		}
	}
	return nil
}

// mismatch compares what the sides report with what their examples give; the
// examples count.
func (c *comparer) mismatch(r *row, own [2]measure.Result) {
	for i, side := range []string{"baseline", "candidate"} {
		reported, mine := r.reported[i].Float(), own[i].Value
		slack := mismatch
		if r.kind == measure.MAE || r.kind == measure.MSE || r.kind == measure.RMSE {
			slack *= math.Max(1, math.Abs(mine)) // their size is that of the data
		}
		percent := !measure.IsLoss(r.kind) && math.Abs(reported/100-mine) <= mismatch
		if math.Abs(reported-mine) > slack && !percent && !math.IsInf(reported, 0) {
			c.warn(MetricMismatch, "the %s reports %s %s, its examples give %s: the examples count", side, r.Name, digits(reported), digits(mine))
			r.notes = append(r.notes, "the reported value of the "+side+" is not that of its examples")
		}
	}
}
