package compare

// Side is what one side measured.
type Side struct {
	Metrics  []Value
	Examples *Examples // nil without answers per example
}

// Input is all that a comparison needs.
type Input struct {
	Baseline  *Side // nil if there is none yet
	Candidate Side
	Specs     []Spec               // what the configuration says, in its order
	Gates     []Gate               // none means DefaultGate
	History   map[string][]float64 // earlier values by metric, newest last
	Level     float64              // 0 means DefaultLevel; must lie in (0, 1)
	Exact     bool                 // McNemar's exact p instead of mid-p
	Accuracy  string               // the metric that the examples give; "" finds or adds one
}

// Table is the result of a comparison, the common coin of a review. Its JSON is
// strict: see Num.
type Table struct {
	HasBaseline bool          `json:"has_baseline"`
	Level       float64       `json:"level"`
	Overall     Verdict       `json:"overall"`
	Metrics     []Metric      `json:"metrics"`
	Gates       []GateResult  `json:"gates"`
	Decision    Status        `json:"decision"` // pass, warn, fail or undecided
	History     []History     `json:"history"`
	Examples    *ExampleCount `json:"examples"`  // null without answers on both sides
	Confusion   *Confusion    `json:"confusion"` // null without classes
	NewlyWrong  []Flip        `json:"newly_wrong"`
	NewlyRight  []Flip        `json:"newly_right"` // both by id, at most 1,000; Examples.Counts has all
	Warnings    []Note        `json:"warnings"`
	Methods     []Method      `json:"methods"`
}

// ExampleCount says how many examples stand behind the answers.
type ExampleCount struct {
	Metric          string `json:"metric"` // the row that they give
	Counts          Paired `json:"counts"`
	OnlyBaseline    int    `json:"only_baseline"`
	OnlyCandidate   int    `json:"only_candidate"`
	BaselineDigest  string `json:"baseline_digest"`  // of the test set, not of the answers
	CandidateDigest string `json:"candidate_digest"` // equal: the same test set
	Shows           *Num   `json:"shows"`            // smallest difference this test set shows, 80 % power; null if not comparable
	Needed          int    `json:"needed"`           // examples to see the observed difference; 0 if there is no answer
}

// Method names a way of judging and where it comes from.
type Method struct {
	Name   string `json:"name"`
	Text   string `json:"text"`
	Source string `json:"source"`
}

// Metric returns a row by name.
func (t *Table) Metric(name string) (Metric, bool) {
	for _, m := range t.Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// Build compares. Metrics that decide are those that the configuration says
// decide; if it names none, the accuracy from examples decides.
func Build(in Input) *Table {
	if !(in.Level > 0 && in.Level < 1) {
		in.Level = DefaultLevel
	}
	t := &Table{
		HasBaseline: in.Baseline != nil, Level: in.Level,
		History: []History{}, NewlyWrong: []Flip{}, NewlyRight: []Flip{}, Warnings: []Note{}, Methods: []Method{},
	}
	base := in.Baseline
	if base == nil {
		base = &Side{}
	}
	t.Metrics = metricRows(in.Specs, base.Metrics, in.Candidate.Metrics)
	t.addExamples(in, base)
	t.Overall = t.overall(in)
	t.addHistory(in.History)
	t.Gates = askGates(in.Gates, t)
	t.Decision = Decide(t.Gates)
	return t
}

func (t *Table) overall(in Input) Verdict {
	if in.Baseline == nil {
		return unknown(NoBaseline, "there is no baseline to compare with")
	}
	return Overall(t.Metrics, t.Level)
}

// addExamples judges accuracy where the candidate has answers per example.
func (t *Table) addExamples(in Input, base *Side) {
	if in.Candidate.Examples == nil {
		return
	}
	at := t.accuracyAt(in)
	if base.Examples == nil {
		t.oneSide(at, in.Candidate.Examples)
		return
	}
	p := Pair(base.Examples, in.Candidate.Examples)
	m := &t.Metrics[at]
	t.Warnings = append(t.Warnings, judgeAccuracy(m, p, t.Level, in.Exact)...)
	t.Examples = countExamples(m.Name, p, t.Level, m.Method != "")
	if m.Method == "" {
		return // not comparable: flips and matrices would mislead
	}
	t.Methods = methods(in.Exact)
	t.NewlyWrong = append(t.NewlyWrong, p.NewlyWrong...)
	t.NewlyRight = append(t.NewlyRight, p.NewlyRight...)
	if t.Confusion = p.Confusion(); t.Confusion == nil {
		t.Warnings = append(t.Warnings, Note{TooManyClasses, "more than 200 labels: no confusion matrix"})
	}
}

// accuracyAt finds the accuracy's row or adds it at the top.
func (t *Table) accuracyAt(in Input) int {
	at := accuracyRow(t.Metrics, in.Accuracy)
	if at < 0 {
		name := in.Accuracy
		if name == "" {
			name = "accuracy"
		}
		row := metricRow(Spec{Name: name, Goal: Max}, nil, nil)
		row.Guessed = true
		t.Metrics = append([]Metric{row}, t.Metrics...)
		at = 0
	}
	decided := false
	for _, s := range in.Specs {
		decided = decided || s.Decides
	}
	if !decided {
		t.Metrics[at].Decides = true
	}
	return at
}

// oneSide fills in the candidate's accuracy where the baseline has no answers.
func (t *Table) oneSide(at int, e *Examples) {
	m := &t.Metrics[at]
	if m.Candidate == nil {
		m.Candidate, m.Unit = numOrNil(e.Accuracy()), Share
	}
	m.N = e.Len()
	if m.Baseline != nil {
		m.Difference = NumOf(m.Candidate.Float() - m.Baseline.Float())
	}
	m.Word, m.Reason = Unknown, Note{NoExamples, "the baseline has no answers per example: keep them, or evaluate it again"}
}

func countExamples(metric string, p *Pairing, level float64, comparable bool) *ExampleCount {
	c := &ExampleCount{
		Metric: metric, Counts: p.Counts, OnlyBaseline: p.OnlyBaseline, OnlyCandidate: p.OnlyCandidate,
		BaselineDigest: p.Baseline.Digest, CandidateDigest: p.Compared.Digest,
	}
	if comparable {
		c.Shows = NumOf(p.Counts.Shows(level))
		c.Needed = p.Counts.Needed(p.Counts.Difference(), level)
	}
	return c
}

func (t *Table) addHistory(earlier map[string][]float64) {
	for _, m := range t.Metrics {
		if values := earlier[m.Name]; len(values) > 0 {
			t.History = append(t.History, HistoryOf(m.Name, m.Goal, values, m.Candidate.Float()))
		}
	}
}

func methods(exact bool) []Method {
	test := Method{
		MethodMidP, "McNemar's test for paired answers, mid-p, with Tango's score interval",
		"Fagerland, Lydersen, Laake 2013; Tango 1998",
	}
	if exact {
		test = Method{
			MethodExact, "McNemar's exact test for paired answers, with Tango's score interval",
			"McNemar 1947; Tango 1998",
		}
	}
	return []Method{
		test,
		{"power-paired-proportions", "smallest difference shown and examples needed, 80 % power, at the seen share of flips", "Connor 1987"},
		{"holm", "adjustment for several deciding metrics", "Holm 1979"},
	}
}
