package compare

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/assay-ml/assay/review/compare/internal/measure"
	"github.com/assay-ml/assay/review/compare/internal/stats"
)

// goldenFile is testdata/folders.json, made by testdata/folders.py.
type goldenFile struct {
	Tails []struct{ T, DF, P, Quantile, Level float64 }
	Cases []goldenCase
}

type goldenCase struct {
	Name    string
	Level   float64
	Rows    []struct{ ID, Label, A, B, SA, SB, Cluster, Slice string }
	Seeds   map[string][]struct{ ID, Label, Pred, Seed string }
	Metrics []struct {
		Name, Method                      string
		Baseline, Candidate, P, Low, High float64
		Within                            float64 // relative, of the interval's half width and of log p
	}
	Slices []struct {
		Value       string
		N           int
		P, Holm, BH float64
	}
}

func golden(t *testing.T) goldenFile {
	t.Helper()
	data, err := os.ReadFile("testdata/folders.json")
	if err != nil {
		t.Fatal(err)
	}
	var g goldenFile
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// tables writes a case's two files.
func (c goldenCase) tables() (a, b string) {
	var sides [2]strings.Builder
	if c.Seeds != nil {
		for i, key := range []string{"a", "b"} {
			sides[i].WriteString("id,label,prediction,seed\n")
			for _, r := range c.Seeds[key] {
				fmt.Fprintf(&sides[i], "%s,%s,%s,%s\n", r.ID, r.Label, r.Pred, r.Seed)
			}
		}
		return sides[0].String(), sides[1].String()
	}
	clustered := ""
	if c.Rows[0].Cluster != "" {
		clustered = ",cluster"
	}
	for i := range sides {
		sides[i].WriteString("id,label,prediction,score,source" + clustered + "\n")
		for _, r := range c.Rows {
			pred, score := r.A, r.SA
			if i == 1 {
				pred, score = r.B, r.SB
			}
			fmt.Fprintf(&sides[i], "%s,%s,%s,%s,%s", r.ID, r.Label, pred, score, r.Slice)
			if clustered != "" {
				sides[i].WriteString("," + r.Cluster)
			}
			sides[i].WriteString("\n")
		}
	}
	return sides[0].String(), sides[1].String()
}

func planOf(names ...string) Plan {
	p := Plan{Configured: true, Columns: Columns{
		ID: "id", Label: "label", Prediction: "prediction", Score: "score", Cluster: "cluster", Seed: "seed",
	}}
	for _, n := range names {
		p.Metrics = append(p.Metrics, PlanMetric{Spec: Spec{Name: n, Decides: true}})
	}
	return p
}

func folders(t *testing.T, a, b string, p Plan) *Comparison {
	t.Helper()
	c, err := Folders(Folder{Answers: strings.NewReader(a), Name: "a.csv"}, Folder{Answers: strings.NewReader(b), Name: "b.csv"}, p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func within(got *float64, want, slack float64) bool {
	return got != nil && math.Abs(*got-want) <= slack
}

func TestAgainstTheLibraries(t *testing.T) {
	for _, c := range golden(t).Cases {
		t.Run(c.Name, func(t *testing.T) {
			var names []string
			for _, m := range c.Metrics {
				names = append(names, m.Name)
			}
			plan := planOf(names...)
			plan.Columns.Slices = []string{"source"}
			a, b := c.tables()
			got := folders(t, a, b, plan)
			for i, want := range c.Metrics {
				m := got.Metrics[i]
				half := (want.High - want.Low) / 2
				switch {
				case !within(m.Baseline, want.Baseline, 1e-12*max(1, want.Baseline)) || !within(m.Candidate, want.Candidate, 1e-12*max(1, want.Candidate)):
					t.Errorf("%s: values %v, %v, want %g, %g", m.Name, *m.Baseline, *m.Candidate, want.Baseline, want.Candidate)
				case m.P == nil || m.N == nil:
					t.Errorf("%s: no p: %s", m.Name, got.Details.Metrics[i].Reason.Text)
				case want.Method != "" && *m.Method != want.Method:
					t.Errorf("%s: method %s, want %s", m.Name, *m.Method, want.Method)
				case !within(m.Low, want.Low, want.Within*half) || !within(m.High, want.High, want.Within*half):
					t.Errorf("%s: interval [%g, %g], want [%g, %g]", m.Name, *m.Low, *m.High, want.Low, want.High)
				case math.Abs(normal(*m.P/2)-normal(want.P/2)) > 2*want.Within*math.Abs(normal(want.P/2))+1e-9:
					t.Errorf("%s: p %g, want %g", m.Name, *m.P, want.P)
				}
			}
			checkSlices(t, c, got, func() *Comparison { plan.Adjust = AdjustBH; return folders(t, a, b, plan) }())
		})
	}
}

func checkSlices(t *testing.T, c goldenCase, holm, bh *Comparison) {
	for i, want := range c.Slices {
		h, f := holm.Slices[i], bh.Slices[i]
		if h.Value != want.Value || h.N != want.N || !within(h.P, want.P, 1e-12) || !within(h.AdjustedP, want.Holm, 1e-12) || !within(f.AdjustedP, want.BH, 1e-12) {
			t.Errorf("slice %s: n %d p %v holm %v bh %v, want %+v", h.Value, h.N, *h.P, *h.AdjustedP, *f.AdjustedP, want)
		}
	}
}

func TestStudent(t *testing.T) {
	for _, c := range golden(t).Tails {
		if p := stats.StudentP(c.T, c.DF); math.Abs(p-c.P) > 1e-9*c.P+1e-14 {
			t.Errorf("p of t = %g with %g: %g, want %g", c.T, c.DF, p, c.P)
		}
		if q := stats.StudentQuantile(c.Level, c.DF); math.Abs(q-c.Quantile) > 1e-8*c.Quantile {
			t.Errorf("quantile %g with %g: %.12g, want %.12g", c.Level, c.DF, q, c.Quantile)
		}
	}
}

// TestBook checks numbers worked out once by scipy, statsmodels and by hand.
func TestBook(t *testing.T) {
	x := []float64{1.2, .8, 2.1, .4, 1.9, 3.3, .2, 1.1, .9, 2.6, 1.4, .7}
	z := []float64{1.0, .9, 1.7, .5, 1.5, 2.4, .3, .8, .9, 2.0, 1.1, .8}
	d := make([]float64, len(x))
	for i := range d {
		d[i] = z[i] - x[i]
	}
	var doc []uint32
	for i := range 24 {
		doc = append(doc, uint32(i/3))
	}
	delta := []float64{1, 1, 0, 1, 0, 0, 0, -1, 0, 0, 1, 1, 1, 0, 0, 0, 0, -1, -1, 0, 1, 0, 0, 0}
	a := []float64{.912, .905, .918, .909, .914}
	b := []float64{.921, .915, .919, .924, .917}
	y := []bool{true, true, true, true, true, false, false, false, false, false, false, false}
	s1 := measure.ROC(y, []float64{.9, .8, .55, .5, .3, .7, .5, .4, .35, .2, .15, .1})
	s2 := measure.ROC(y, []float64{.95, .85, .6, .65, .45, .6, .5, .3, .25, .3, .2, .05})
	for _, c := range []struct {
		name              string
		e                 stats.Estimate
		value, p, low, hi float64
	}{
		{"paired t", stats.PairedT(d), -.225, .0340989, -.429766, -.020234},
		{"clusters", stats.Clusters(delta, doc, 8), .1666667, .2753456, -.166412, .499745},
		{"welch", stats.Seeds(a, b, false), .0076, .0252648, .001248, .013952},
		{"matched", stats.Seeds(a, b, true), .0076, .0394106, .000598, .014602},
		{"delong", stats.DeLong(y, s2.Value-s1.Value, s1.Components, s2.Components), .1142857, .1224976, -.030754, .259326},
	} {
		low, high := c.e.Interval(.95)
		for i, pair := range [][2]float64{{c.e.Value, c.value}, {c.e.P(), c.p}, {low, c.low}, {high, c.hi}} {
			if math.Abs(pair[0]-pair[1]) > 1.1e-6 {
				t.Errorf("%s, number %d: %.7f, want %.7f", c.name, i, pair[0], pair[1])
			}
		}
	}
	if p := stats.SignFlips(d, []uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 12); math.Abs(p-.0380859) > 1e-6 {
		t.Errorf("sign flips %g", p)
	}
	p := []float64{.001, .012, .014, .04, .2, .6}
	for i, want := range []float64{.006, .028, .028, .06, .24, .6} {
		if got := stats.FalseDiscovery(p)[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("BH of %g: %g, want %g", p[i], got, want)
		}
	}
}

// TestKnownMetricsHaveAGoal guards the list against a forgotten entry.
func TestKnownMetricsHaveAGoal(t *testing.T) {
	for _, name := range measure.Known() {
		if want := goalOf(name, name); GuessGoal(name) != want {
			t.Errorf("%s: guessed %q, built in %q", name, GuessGoal(name), want)
		}
	}
}
