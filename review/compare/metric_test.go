package compare

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/params"
)

func TestGuessGoal(t *testing.T) {
	for name, want := range map[string]Goal{
		"val/loss": Min, "valLoss": Min, "log_loss": Min, "error_rate": Min, "latency_p95": Min, "train_time": Min,
		"model.size": Min, "neg_mean_squared_error": Max, "perplexity": Min, "accuracyError": Min,
		"test_accuracy": Max, "AUC": Max, "f1": Max, "r2_score": Max, "recall.7": Max, "macro avg.precision": Max,
		"brier_score": Min, "epoch": NoGoal, "lr": NoGoal, "": NoGoal, "focalloss": Min,
	} {
		if got := GuessGoal(name); got != want {
			t.Errorf("GuessGoal(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestGuessUnit(t *testing.T) {
	tests := []struct {
		name   string
		values []float64
		want   Unit
	}{
		{"accuracy", []float64{.9, .97}, Share},
		{"accuracy", []float64{97.1, 97}, Number},
		{"accuracy", []float64{.9, math.NaN()}, Share},
		{"loss", []float64{.3, .2}, Number},
		{"error_rate", []float64{.03}, Share},
		{"f1_score", []float64{.5}, Share},
		{"latency", []float64{.5}, Number},
	}
	for _, tt := range tests {
		if got := GuessUnit(tt.name, tt.values...); got != tt.want {
			t.Errorf("GuessUnit(%q, %v) = %q", tt.name, tt.values, got)
		}
	}
}

func TestNumJSON(t *testing.T) {
	in := []*Num{NumOf(.1), NumOf(math.NaN()), NumOf(math.Inf(1)), NumOf(math.Inf(-1)), nil}
	b, err := json.Marshal(in)
	if err != nil || string(b) != `[0.1,"NaN","Infinity","-Infinity",null]` {
		t.Fatalf("%s, %v", b, err)
	}
	var out []*Num
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	for i := range in {
		if a, b := in[i].Float(), out[i].Float(); a != b && !(math.IsNaN(a) && math.IsNaN(b)) {
			t.Errorf("%d: %v came back as %v", i, a, b)
		}
	}
	if err := json.Unmarshal([]byte(`["x"]`), &out); err == nil {
		t.Error("a text was read as a number")
	}
}

func TestHistory(t *testing.T) {
	nan := math.NaN()
	values := []float64{.9, nan, .95, .93, math.Inf(1), .91, .92, .93, .94, .94, .94, .94, .9}
	h := HistoryOf("acc", Max, values, .951)
	if h.Count != 11 || !near(h.Best.Float(), .95, 0) || !near(h.Mean.Float(), .927273, 1e-6) || len(h.Last) != 10 || h.Last[0] != .95 || h.Last[9] != .9 || !h.BestSoFar {
		t.Errorf("%+v", h)
	}
	for _, tt := range []struct {
		goal      Goal
		candidate float64
		best      bool
	}{{Max, .95, false}, {Max, nan, false}, {Min, .89, true}, {Min, .9, false}, {NoGoal, .99, false}, {Max, math.Inf(1), false}} {
		if h := HistoryOf("x", tt.goal, values, tt.candidate); h.BestSoFar != tt.best {
			t.Errorf("%v: best so far %v", tt, h.BestSoFar)
		}
	}
	if h := HistoryOf("x", Max, []float64{nan}, .5); h.Count != 0 || h.Mean != nil || h.BestSoFar {
		t.Errorf("no history: %+v", h)
	}
}

func TestValuesOf(t *testing.T) {
	a, _ := params.Parse("a.json", []byte(`{"acc": 0.9, "name": "x", "t": {"loss": NaN}}`))
	b, _ := params.Parse("b.json", []byte(`{"acc": 0.8}`))
	got := ValuesOf([]*params.Set{a, b})
	if len(got) != 3 || got[0] != (Value{"acc", .9}) || got[1].Name != "t.loss" || got[2] != (Value{"b.json:acc", .8}) {
		t.Errorf("%v", got)
	}
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		Share.Change(.014):        "+1.4 points",
		Share.Change(-.0003):      "−0.03 points",
		Share.Between(-.005, .03): "between −0.5 and +3.0 points",
		Share.Amount(.003):        "0.3 points",
		Share.Amount(.01):         "1 point",
		Share.Value(.9714):        "97.1 %",
		Share.Value(.98):          "98.0 %",
		Share.Value(.99961):       "99.96 %",
		Share.Value(1):            "100 %",
		Number.Change(.035):       "+0.035",
		Number.Change(0):          "0",
		Number.Value(1234.4):      "1234",
		Number.Value(.41234):      "0.4123",
		grouped(1234567):          "1,234,567",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestConfusion(t *testing.T) {
	base := read(t, "id,label,prediction\n1,10,2\n2,10,10\n3,2,2\n4,cat,2\n5,2,cat\n")
	cand := read(t, "id,label,prediction\n1,10,10\n2,10,2\n3,2,2\n4,cat,dog\n5,2,2\n")
	c := Pair(base, cand).Confusion()
	want := &Confusion{
		Labels:    []string{"2", "10", "cat", "dog"},
		Baseline:  [][]int{{1, 0, 1, 0}, {1, 1, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}},
		Candidate: [][]int{{2, 0, 0, 0}, {1, 1, 0, 0}, {0, 0, 0, 1}, {0, 0, 0, 0}},
		Classes: []Class{
			{"2", 2, NumOf(.5), NumOf(1), NumOf(.5), 1, 0},
			{"10", 2, NumOf(.5), NumOf(.5), NumOf(0), 1, 1},
			{"cat", 1, NumOf(0), NumOf(0), NumOf(0), 0, 0},
			{"dog", 0, nil, nil, nil, 0, 0},
		},
	}
	if d := cmp.Diff(want, c); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if d := c.Difference(); d[0][0] != 1 || d[0][2] != -1 || d[2][3] != 1 {
		t.Errorf("difference %v", d)
	}
	many := right(t, 500, 0, below(0))
	for i := range many.rows {
		many.rows[i].Label = many.rows[i].ID
	}
	if Pair(many, many).Confusion() != nil {
		t.Error("500 labels have a matrix")
	}
}
