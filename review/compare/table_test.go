package compare

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func ptr(f float64) *float64 { return &f }

// digits360 is the second example of the review's comments: 345 both right, 3
// newly wrong, 8 newly right, 4 both wrong.
func digits360(t *testing.T) (b, c *Examples) {
	b = right(t, 360, 0, func(i int) bool { return i < 8 || i >= 11 && i < 15 })
	c = right(t, 360, 0, func(i int) bool { return i >= 8 && i < 15 })
	return b, c
}

func TestBuildGolden(t *testing.T) {
	b, c := digits360(t)
	table := Build(Input{
		Baseline:  &Side{Metrics: []Value{{"accuracy", .9667}, {"loss", .12}}, Examples: b},
		Candidate: Side{Metrics: []Value{{"accuracy", .9806}, {"loss", math.NaN()}, {"size", 3}}, Examples: c},
		Specs:     []Spec{{Name: "accuracy", Decides: true, Tolerance: .005}},
		Gates:     []Gate{{Metric: "accuracy", NotWorseBy: ptr(.003)}, {Metric: "size", Max: ptr(5)}, DefaultGate()},
		History:   map[string][]float64{"accuracy": {.95, .96}},
	})
	got, err := json.MarshalIndent(table, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const file = "testdata/digits360.json"
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	var back Table
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if again, _ := json.MarshalIndent(&back, "", "  "); !bytes.Equal(append(again, '\n'), got) {
		t.Error("the table does not survive JSON")
	}
}

func TestBuildWords(t *testing.T) {
	none := below(0)
	side := func(e *Examples) *Side { return &Side{Examples: e} }
	base := right(t, 1000, 0, below(100))
	tests := []struct {
		name     string
		base     *Side
		cand     Side
		word     Word
		code     string
		decision Status
	}{
		{"better", side(base), Side{Examples: right(t, 1000, 0, below(50))}, Better, "", Pass},
		{"worse", side(base), Side{Examples: right(t, 1000, 0, below(150))}, Worse, "", Fail},
		{"few flips", side(base), Side{Examples: right(t, 1000, 0, below(97))}, Unknown, FewFlips, Warn},
		{"labels differ", side(base), Side{Examples: answers(t, 1000, func(i int) (string, string, string) { return fmt.Sprint(i), "7", "7" })}, Unknown, LabelsDiffer, Warn},
		{"ids differ", side(base), Side{Examples: right(t, 1000, 200, none)}, Unknown, IDsDiffer, Warn},
		{"better though some are missing", side(base), Side{Examples: right(t, 990, 0, none)}, Better, "", Pass},
		{"the missing could change it", side(base), Side{Examples: right(t, 960, 0, below(80))}, Unknown, IDsDiffer, Warn},
		{"no baseline", nil, Side{Examples: base}, Unknown, NoBaseline, Pass},
		{"no answers of the baseline", &Side{Metrics: []Value{{"accuracy", .9}}}, Side{Examples: base}, Unknown, NoExamples, Warn},
		{"numbers only", &Side{Metrics: []Value{{"accuracy", .9}}}, Side{Metrics: []Value{{"accuracy", .95}}}, Unknown, NoExamples, Warn},
		{"nine examples", side(right(t, 9, 0, none)), Side{Examples: right(t, 9, 0, below(9))}, Unknown, FewExamples, Warn},
		{"no examples", side(right(t, 0, 0, none)), Side{Examples: right(t, 0, 0, none)}, Unknown, FewExamples, Warn},
	}
	for _, tt := range tests {
		got := Build(Input{Baseline: tt.base, Candidate: tt.cand})
		if got.Overall.Word != tt.word || got.Overall.Reason.Code != tt.code || got.Decision != tt.decision {
			t.Errorf("%s: %+v, %s", tt.name, got.Overall, got.Decision)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// Swapping the sides turns the word and the sign; a tolerance makes it same.
func TestBuildMetamorphic(t *testing.T) {
	a, b := &Side{Examples: right(t, 2000, 0, below(100))}, &Side{Examples: right(t, 2000, 0, below(160))}
	worse, better := Build(Input{Baseline: a, Candidate: *b}), Build(Input{Baseline: b, Candidate: *a})
	x, y := worse.Metrics[0], better.Metrics[0]
	if x.Word != Worse || y.Word != Better || *x.Difference != -*y.Difference || *x.Low != -*y.High || *x.P != *y.P {
		t.Errorf("%+v\n%+v", x, y)
	}
	same := Build(Input{Baseline: a, Candidate: *b, Specs: []Spec{{Name: "accuracy", Tolerance: .05}}})
	if same.Overall.Word != Same || same.Overall.Reason.Code != RealChange {
		t.Errorf("%+v", same.Overall)
	}
	if exact := Build(Input{Baseline: a, Candidate: *b, Exact: true}); exact.Metrics[0].P.Float() <= x.P.Float() {
		t.Error("the exact p is not larger than mid-p")
	}
}

func TestAccuracyRow(t *testing.T) {
	e := right(t, 1000, 0, below(30))
	tests := []struct {
		name   string
		values []Value
		ask    string
		row    string
		warned bool
	}{
		{"exact name", []Value{{"loss", 1}, {"accuracy", .97}}, "", "accuracy", false},
		{"per cent", []Value{{"acc", 97}}, "", "acc", false},
		{"test before plain", []Value{{"accuracy", .99}, {"test_accuracy", .97}}, "", "test_accuracy", false},
		{"not of training", []Value{{"train_accuracy", .99}}, "", "accuracy", false},
		{"asked for", []Value{{"top1", .97}}, "top1", "top1", false},
		{"mismatch", []Value{{"accuracy", .98}}, "", "accuracy", true},
	}
	for _, tt := range tests {
		got := Build(Input{Baseline: &Side{Examples: e}, Candidate: Side{Metrics: tt.values, Examples: e}, Accuracy: tt.ask})
		m, ok := got.Metric(tt.row)
		if !ok || m.N != 1000 || *m.Candidate != .97 || !m.Decides || m.Unit != Share {
			t.Errorf("%s: %+v", tt.name, m)
		}
		if warned := len(got.Warnings) > 0 && got.Warnings[0].Code == MetricMismatch; warned != tt.warned {
			t.Errorf("%s: warnings %v", tt.name, got.Warnings)
		}
	}
}

func TestGates(t *testing.T) {
	share := func(cand, low, high float64) Metric {
		return Metric{Name: "accuracy", Unit: Share, Goal: Max, Baseline: NumOf(.97), Candidate: NumOf(cand), Difference: NumOf(cand - .97), Low: NumOf(low), High: NumOf(high)}
	}
	number := func(base, cand float64) Metric {
		return Metric{Name: "loss", Unit: Number, Goal: Min, Baseline: NumOf(base), Candidate: NumOf(cand), Difference: NumOf(cand - base), Reason: Note{NoExamples, "one number a side"}}
	}
	within := func(x float64) Gate { return Gate{Metric: "accuracy", NotWorseBy: ptr(x)} }
	loss := func(x float64) Gate { return Gate{Metric: "loss", NotWorseBy: ptr(x)} }
	nan := math.NaN()
	tests := []struct {
		g        Gate
		m        Metric
		status   Status
		sentence string
	}{
		{Gate{Metric: "accuracy", Min: ptr(.97)}, share(.97, 0, 0), Pass, "accuracy: at least 97 %"},
		{Gate{Metric: "accuracy", Min: ptr(.971)}, share(.97, 0, 0), Fail, "accuracy: at least 97.1 %"},
		{Gate{Metric: "accuracy", Min: ptr(.9)}, share(nan, 0, 0), Fail, "accuracy: at least 90 %"},
		{Gate{Metric: "loss", Max: ptr(.5)}, number(.4, .5), Pass, "loss: at most 0.5"},
		{Gate{Metric: "gone", Max: ptr(.5)}, number(.4, .5), Fail, "gone: at most 0.5"},
		{within(.003), share(.975, -.002, .01), Pass, "accuracy: not worse by more than 0.3 points"},
		{within(.003), share(.975, -.005, .01), Undecided, "accuracy: not worse by more than 0.3 points"},
		{within(.003), share(.95, -.03, -.004), Fail, "accuracy: not worse by more than 0.3 points"},
		{within(0), share(.98, 0, .02), Pass, "accuracy: not worse by more than 0 points"},
		{loss(.1), number(.4, .55), Fail, "loss: not worse by more than 0.1"},
		{loss(.1), number(.4, .45), Undecided, "loss: not worse by more than 0.1"},
		{loss(.1), number(.4, .3), Undecided, "loss: not worse by more than 0.1"},
		{loss(.1), number(nan, .3), Skip, "loss: not worse by more than 0.1"},
		{loss(.1), number(.3, nan), Fail, "loss: not worse by more than 0.1"},
		{Gate{Metric: "loss", Worse: true}, number(.3, .4), Undecided, "loss: not worse"},
		{Gate{Metric: "loss"}, number(.3, .4), Skip, "loss: no rule"},
	}
	for _, tt := range tests {
		table := &Table{HasBaseline: true, Metrics: []Metric{tt.m}}
		r := askGates([]Gate{tt.g}, table)[0]
		if r.Status != tt.status || r.Sentence != tt.sentence {
			t.Errorf("%s: %+v", tt.sentence, r)
		}
		if (r.Status == Pass) != (r.Reason == "") {
			t.Errorf("%s: %s because %q", tt.sentence, r.Status, r.Reason)
		}
	}
	lossInterval := number(.4, .45)
	lossInterval.Low, lossInterval.High = NumOf(.01), NumOf(.09)
	if r := loss(.1).ask(&Table{HasBaseline: true, Metrics: []Metric{lossInterval}}); r.Status != Pass {
		t.Errorf("a loss that rises by at most .09: %+v", r)
	}
	if r := loss(.005).ask(&Table{HasBaseline: true, Metrics: []Metric{lossInterval}}); r.Status != Fail {
		t.Errorf("a loss that rises by at least .01: %+v", r)
	}
	if r := within(.1).ask(&Table{Metrics: []Metric{share(.9, 0, 0)}}); r.Status != Skip {
		t.Errorf("without a baseline: %+v", r)
	}
}

func TestDecide(t *testing.T) {
	results := func(undecided Status, s ...Status) []GateResult {
		var out []GateResult
		for _, x := range s {
			out = append(out, GateResult{Status: x, Effect: Gate{Undecided: undecided}.effect(x)})
		}
		return out
	}
	tests := []struct {
		gates []GateResult
		want  Status
	}{
		{nil, Pass},
		{results("", Pass, Skip), Pass},
		{results("", Pass, Undecided), Warn},
		{results(Pass, Pass, Undecided), Pass},
		{results(Fail, Undecided, Pass), Undecided},
		{results(Fail, Undecided, Fail), Fail},
	}
	for _, tt := range tests {
		if got := Decide(tt.gates); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.gates, got, tt.want)
		}
	}
}

func TestGateValidate(t *testing.T) {
	for _, tt := range []struct {
		g    Gate
		want string
	}{
		{DefaultGate(), ""},
		{Gate{Metric: "a", Min: ptr(1)}, ""},
		{Gate{Metric: "a", Min: ptr(1), Max: ptr(2)}, "exactly one"},
		{Gate{Min: ptr(1)}, "name a metric"},
		{Gate{Metric: "a", NotWorseBy: ptr(-1)}, "0 or more"},
		{Gate{Worse: true, Undecided: "maybe"}, "undecided must be"},
	} {
		if got := tt.g.Validate(); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%+v: %q", tt.g, got)
		}
	}
}

// TestWarnOnly: a gate that only warns fails, says so, and holds nothing.
func TestWarnOnly(t *testing.T) {
	least := 0.99
	in := Input{
		Candidate: Side{Metrics: []Value{{Name: "accuracy", Num: 0.9}}},
		Gates:     []Gate{{Metric: "accuracy", Min: &least, WarnOnly: true}},
	}
	got := Build(in)
	if g := got.Gates[0]; g.Status != Fail || g.Effect != Warn || got.Decision != Warn {
		t.Errorf("%+v, decision %s", g, got.Decision)
	}
	in.Gates = append(in.Gates, Gate{Metric: "accuracy", Min: &least})
	if got := Build(in); got.Decision != Fail {
		t.Errorf("beside one that holds: %s", got.Decision)
	}
}
