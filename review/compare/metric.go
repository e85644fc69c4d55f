package compare

import (
	"math"

	"github.com/assay-ml/assay/params"
)

// Spec is what the configuration says about a metric.
type Spec struct {
	Name      string
	Goal      Goal // NoGoal: guessed from the name
	Tolerance float64
	Unit      Unit // "": guessed
	Decides   bool
}

// Metric is one row of the table.
type Metric struct {
	Name       string `json:"name"`
	Goal       Goal   `json:"goal"`
	Guessed    bool   `json:"goal_guessed"` // from the name, not from the configuration
	Unit       Unit   `json:"unit"`
	Decides    bool   `json:"decides"`
	Tolerance  Num    `json:"tolerance"`
	Baseline   *Num   `json:"baseline"`  // null: not measured
	Candidate  *Num   `json:"candidate"` // null: not measured
	Difference *Num   `json:"difference"`
	Low        *Num   `json:"low"` // ends of the interval; null without one
	High       *Num   `json:"high"`
	P          *Num   `json:"p"`
	N          int    `json:"n"`      // examples behind it; 0 if it is a single number
	Method     string `json:"method"` // see Table.Methods; "" without a judgement
	Word       Word   `json:"word"`   // "" if it was not judged
	Reason     Note   `json:"reason"` // why unknown, why no word, which sameness
}

// Value is a metric's value as one side reports it.
type Value struct {
	Name string
	Num  float64
}

// ValuesOf takes the numbers out of metrics files, in file order. If two files
// use one name, the later stands as "file:name".
func ValuesOf(sets []*params.Set) []Value {
	var out []Value
	taken := map[string]bool{}
	for _, s := range sets {
		for _, v := range s.Values {
			if !v.IsNum {
				continue
			}
			name := v.Path
			if taken[name] || name == "" {
				name = s.File + ":" + v.Path
			}
			taken[name] = true
			out = append(out, Value{name, v.Num})
		}
	}
	return out
}

// metricRows lists configured metrics first, in the order of the configuration,
// then what the candidate and last what only the baseline reports.
func metricRows(specs []Spec, baseline, candidate []Value) []Metric {
	b, c := byName(baseline), byName(candidate)
	var rows []Metric
	done := map[string]bool{}
	add := func(s Spec) {
		if !done[s.Name] {
			done[s.Name] = true
			rows = append(rows, metricRow(s, b[s.Name], c[s.Name]))
		}
	}
	for _, s := range specs {
		add(s)
	}
	for _, side := range [][]Value{candidate, baseline} {
		for _, v := range side {
			add(Spec{Name: v.Name})
		}
	}
	return rows
}

func byName(values []Value) map[string]*Num {
	m := make(map[string]*Num, len(values))
	for _, v := range values {
		m[v.Name] = NumOf(v.Num)
	}
	return m
}

func metricRow(s Spec, baseline, candidate *Num) Metric {
	m := Metric{
		Name: s.Name, Goal: s.Goal, Unit: s.Unit, Decides: s.Decides, Tolerance: Num(s.Tolerance),
		Baseline: baseline, Candidate: candidate,
	}
	if m.Goal == NoGoal {
		m.Goal = GuessGoal(s.Name)
		m.Guessed = m.Goal != NoGoal
	}
	if m.Unit == "" {
		m.Unit = GuessUnit(s.Name, baseline.Float(), candidate.Float())
	}
	if baseline != nil && candidate != nil {
		m.Difference = NumOf(candidate.Float() - baseline.Float())
	}
	m.Reason = whyNoWord(baseline, candidate)
	return m
}

// whyNoWord says why a pair of single numbers is not judged.
func whyNoWord(baseline, candidate *Num) Note {
	finite := func(n *Num) bool { return !math.IsNaN(n.Float()) && !math.IsInf(n.Float(), 0) }
	switch {
	case candidate == nil:
		return Note{NotMeasured, "the candidate does not report it"}
	case baseline == nil:
		return Note{NoBaseline, "the baseline does not report it"}
	case !finite(candidate) || !finite(baseline):
		return Note{NotFinite, "it is not a finite number"}
	}
	return Note{NoExamples, "one number a side"}
}
