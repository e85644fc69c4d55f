package compare

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/assay-ml/assay/review/compare/internal/measure"
	"github.com/assay-ml/assay/review/compare/internal/perexample"
)

// Folder is what one side left behind.
type Folder struct {
	Values  []Value   // of its metrics files; NaN for one that is no number
	Answers io.Reader // its predictions as CSV or TSV; nil without
	Name    string    // of the predictions, for errors
}

// Columns names the columns of the predictions. Optional ones may be empty.
type Columns struct {
	ID, Label, Prediction             string
	Score, Cluster, Seed, InputDigest string
	Slices                            []string
	Must                              []string // optional columns that have to be there
}

// PlanMetric is what a plan says about a metric.
type PlanMetric struct {
	Spec
	From     string  // the built-in metric that it is; "" means that of its name, if any
	Positive string  // "" means the plan's
	Relative float64 // tolerance as a share of the baseline's value; 0 means Spec.Tolerance counts
}

// The corrections for looking at many slices.
const (
	AdjustHolm = "holm"
	AdjustBH   = "bh"
)

// Plan says how two folders are compared.
type Plan struct {
	Level      float64 // 0 means DefaultLevel
	Metrics    []PlanMetric
	Configured bool // Metrics come from a configuration: only they decide
	Columns    Columns
	Positive   string  // the positive label; "" means "1", and more than two classes are then refused
	MaxMissing float64 // share of ids that may be on one side only; 0 means 5 %
	Adjust     string  // "" means AdjustHolm
	MinSlice   int     // examples of a slice below which it is only listed; at least MinExamples
	Gates      []Gate
}

// BuiltIn reports whether a metric's name has a built-in meaning: it is then
// computed from the examples.
func BuiltIn(name string) bool { return slices.Contains(measure.Known(), name) }

// Comparison is the result of comparing two folders. Its JSON is the contract
// of `assay compare --json`: all keys are always there, null where not known.
type Comparison struct {
	Verdict  Word        `json:"verdict"`
	Metrics  []MetricRow `json:"metrics"`
	Slices   []SliceRow  `json:"slices"`
	Warnings []Warning   `json:"warnings"`
	Details  Details     `json:"details"`
}

// MetricRow is a metric's comparison. N counts examples; MDE is the smallest
// change that this test set shows four times in five, in the metric's unit.
type MetricRow struct {
	Name       string   `json:"name"`
	Goal       *Goal    `json:"goal"`
	Baseline   *float64 `json:"baseline"`
	Candidate  *float64 `json:"candidate"`
	Difference *float64 `json:"difference"`
	Low        *float64 `json:"low"`
	High       *float64 `json:"high"`
	Level      float64  `json:"level"`
	P          *float64 `json:"p"`
	Method     *string  `json:"method"`
	N          *int     `json:"n"`
	MDE        *float64 `json:"mde"`
	Verdict    Word     `json:"verdict"`
}

// SliceRow is the comparison on the examples of which a column has one value.
type SliceRow struct {
	Slice      string   `json:"slice"`
	Value      string   `json:"value"`
	N          int      `json:"n"`
	Baseline   *float64 `json:"baseline"`
	Candidate  *float64 `json:"candidate"`
	Difference *float64 `json:"difference"`
	P          *float64 `json:"p"`
	AdjustedP  *float64 `json:"adjusted_p"`
	Verdict    Word     `json:"verdict"`
}

// Warning is a finding that a reader should know.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Details is everything further.
type Details struct {
	Reason   Note           `json:"reason"` // of the verdict
	Metrics  []MetricDetail `json:"metrics"`
	Slices   SliceDetail    `json:"slices"`
	Counts   *FolderCounts  `json:"counts"`   // null without predictions on both sides
	TestSet  *TestSet       `json:"test_set"` // null without predictions on both sides
	Gates    []GateResult   `json:"gates"`
	Decision Status         `json:"decision"`
	Looks    *int           `json:"looks"` // null: two folders know of no earlier looks
	Methods  []Method       `json:"methods"`
}

// MetricDetail is what stands behind a row.
type MetricDetail struct {
	Name      string   `json:"name"`
	Decides   bool     `json:"decides"`
	Tolerance float64  `json:"tolerance"`
	AdjustedP *float64 `json:"adjusted_p"` // Holm, over the deciding metrics
	Reason    Note     `json:"reason"`     // why unknown, or which sameness
	Notes     []string `json:"notes"`
	Reported  [2]*Num  `json:"reported"`   // by the metrics files: baseline, candidate
	ExampleSE *float64 `json:"example_se"` // noise of the examples in the difference
	SeedSE    *float64 `json:"seed_se"`    // noise of the repeated runs in it; null without
	DF        *float64 `json:"df"`         // degrees of freedom; null means normal or exact
	Flips     *Paired  `json:"flips"`      // of accuracy without seeds
}

// SliceDetail says how the slices were looked at.
type SliceDetail struct {
	Metric     *string `json:"metric"` // null: no metric of the examples was compared
	Adjustment string  `json:"adjustment"`
	Family     int     `json:"family"` // slices adjusted together
	MinimumN   int     `json:"minimum_n"`
}

// FolderCounts counts examples, clusters and seeds.
type FolderCounts struct {
	Common         int      `json:"common"`
	Union          int      `json:"union"`
	OnlyBaseline   int      `json:"only_baseline"`
	OnlyCandidate  int      `json:"only_candidate"`
	Incomplete     int      `json:"incomplete"` // ids without an answer in some seed
	LabelsDiffer   int      `json:"labels_differ"`
	Duplicates     [2]int   `json:"duplicates"`    // rows, by side
	Contradicting  [2]int   `json:"contradicting"` // ids, by side
	Clusters       *int     `json:"clusters"`
	BaselineSeeds  []string `json:"baseline_seeds"`
	CandidateSeeds []string `json:"candidate_seeds"`
}

// TestSet names the test sets by digest, see ReadExamples.
type TestSet struct {
	Baseline  string `json:"baseline"`
	Candidate string `json:"candidate"`
	Same      bool   `json:"same"`
}

// The further codes of warnings and reasons.
const (
	InputsDiffer    = "inputs-differ"
	ClustersDiffer  = "clusters-differ"
	MetricUndefined = "metric-undefined"
	SingleSeed      = "single-seed"
	SliceWorse      = "slice-worse"
	FewClusters     = "few-clusters"
	FewSeeds        = "few-seeds"
	Skewed          = "skewed"
	NoGoalKnown     = "no-goal"
)

// comparer holds what the parts of one comparison share.
type comparer struct {
	Plan
	pool    *perexample.Pool
	pair    *perexample.Pairing // nil without answers on both sides
	own     [2]*perexample.Side
	blocked *Note
	out     *Comparison
	rows    []row
	notes   map[string]bool // warnings given
	meters  map[string]*measure.Measurer
}

// Folders compares two folders. The error is about predictions that cannot be
// read.
func Folders(baseline, candidate Folder, plan Plan) (*Comparison, error) {
	if !(plan.Level > 0 && plan.Level < 1) {
		plan.Level = DefaultLevel
	}
	if plan.MaxMissing == 0 {
		plan.MaxMissing = maxMissing
	}
	if plan.Adjust == "" {
		plan.Adjust = AdjustHolm
	}
	plan.MinSlice = max(plan.MinSlice, MinExamples)
	c := &comparer{Plan: plan, pool: perexample.NewPool(), notes: map[string]bool{}, meters: map[string]*measure.Measurer{}, out: &Comparison{
		Metrics: []MetricRow{}, Slices: []SliceRow{}, Warnings: []Warning{},
		Details: Details{Metrics: []MetricDetail{}, Gates: []GateResult{}, Methods: []Method{}},
	}}
	for i, f := range []Folder{baseline, candidate} {
		if f.Answers == nil {
			continue
		}
		s, err := perexample.Read(f.Answers, f.Name, perexample.Columns(plan.Columns), c.pool)
		if err != nil {
			return nil, fmt.Errorf("%s:%w", f.Name, err)
		}
		c.own[i] = s
	}
	if c.own[0] != nil && c.own[1] != nil {
		c.pair = perexample.Pair(c.own[0], c.own[1], c.pool)
		c.own = [2]*perexample.Side{}
		c.comparable()
	}
	c.listRows(baseline.Values, candidate.Values)
	for i := range c.rows {
		c.judgeRow(&c.rows[i])
	}
	c.slices()
	c.finish()
	return c.out, nil
}

func (c *comparer) warn(code, format string, args ...any) Note {
	n := Note{code, fmt.Sprintf(format, args...)}
	if key := code + "\x00" + n.Text; !c.notes[key] {
		c.notes[key] = true
		c.out.Warnings = append(c.out.Warnings, Warning{n.Code, n.Text})
	}
	return n
}

// comparable says what is the matter with the test sets, and whether that
// forbids a comparison.
func (c *comparer) comparable() {
	p := c.pair
	block := func(n Note) {
		if c.blocked == nil {
			c.blocked = &n
		}
	}
	both := p.Union - p.Sides[0].Only - p.Sides[1].Only
	if p.LabelsDiffer > 0 {
		block(c.warn(LabelsDiffer, "the test set has changed: %s of %s labels differ; evaluate the baseline again", grouped(p.LabelsDiffer), grouped(both)))
	}
	if p.Absent > 0 {
		n := c.warn(IDsDiffer, "%s of %s ids have no answer on one side (%s without one of the candidate, %s without one of the baseline)%s",
			grouped(p.Absent), grouped(p.Union), grouped(p.Sides[0].Only), grouped(p.Sides[1].Only), c.incompleteText())
		if float64(p.Absent) > c.MaxMissing*float64(p.Union) {
			n.Text = "the test set has changed: " + n.Text + "; evaluate the baseline again"
			block(n)
		}
	}
	if p.InputsDiffer > 0 {
		block(c.warn(InputsDiffer, "the test set has changed: %s ids have other inputs; evaluate the baseline again", grouped(p.InputsDiffer)))
	}
	if p.ClustersDiffer > 0 {
		block(c.warn(ClustersDiffer, "%s ids belong to other clusters in the other side", grouped(p.ClustersDiffer)))
	}
	for i, name := range []string{"baseline", "candidate"} {
		f := p.Sides[i]
		if f.Duplicates == 0 && f.Contradicting == 0 {
			continue
		}
		n := c.warn(DuplicateIDs, "%s repeated rows in the %s: equal ones count once; %s of %s ids contradict themselves and are left out",
			grouped(f.Duplicates), name, grouped(f.Contradicting), grouped(f.IDs))
		if float64(f.Contradicting) > maxContradicting*float64(f.IDs) {
			block(n)
		}
	}
	c.seedsAndSlices()
}

func (c *comparer) incompleteText() string {
	if n := c.pair.Absent - c.pair.Sides[0].Only - c.pair.Sides[1].Only; n > 0 {
		return fmt.Sprintf(", %s without one in some seed", grouped(n))
	}
	return ""
}

func (c *comparer) seedsAndSlices() {
	p := c.pair
	if (p.Sides[0].HasSeed || p.Sides[1].HasSeed) && len(p.Sides[0].Seeds) == 1 && len(p.Sides[1].Seeds) == 1 {
		c.warn(SingleSeed, "one seed a side: the verdict is about these two models, not about the way they were trained")
	}
	for k, odd := range p.Odd {
		if odd > 0 {
			c.warn(InputsDiffer, "%s ids have another %q in the other side: they are in none of its slices", grouped(odd), c.Columns.Slices[k])
		}
	}
}

// finite makes a pointer to a number, nil for one that JSON cannot hold.
func finite(f float64) *float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return &f
}
