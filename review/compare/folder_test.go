package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// made is a table of answers that tests take apart.
type made struct{ rows [][]string }

var madeHeader = []string{"id", "label", "prediction", "score", "source"}

// makeSide draws n answers that are right with probability p.
func makeSide(seed uint64, n int, p float64) made {
	truth := rand.New(rand.NewPCG(7, 7))
	r := rand.New(rand.NewPCG(seed, 1))
	var m made
	for i := range n {
		y := truth.IntN(2)
		said := y
		if r.Float64() > p {
			said = 1 - y
		}
		score := float64(said)*.5 + r.Float64()*.5
		m.rows = append(m.rows, []string{fmt.Sprintf("%d", i), fmt.Sprint(y), fmt.Sprint(said), fmt.Sprintf("%.3f", score), string(rune('a' + i%4))})
	}
	return m
}

func (m made) csv() string {
	lines := []string{strings.Join(madeHeader, ",")}
	for _, r := range m.rows {
		lines = append(lines, strings.Join(r, ","))
	}
	return strings.Join(lines, "\n") + "\n"
}

func (m made) clone() made {
	var out made
	for _, r := range m.rows {
		out.rows = append(out.rows, slices.Clone(r))
	}
	return out
}

func allPlan() Plan {
	p := planOf("accuracy", "f1", "f1_macro", "precision", "recall", "roc_auc", "log_loss", "brier", "mae", "mse", "rmse")
	p.Columns.Slices = []string{"source"}
	return p
}

func bytesOf(t *testing.T, c *Comparison) string {
	t.Helper()
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSwappedSidesNegate(t *testing.T) {
	a, b := makeSide(1, 400, .8).csv(), makeSide(2, 400, .87).csv()
	one, two := folders(t, a, b, allPlan()), folders(t, b, a, allPlan())
	turned := map[Word]Word{Better: Worse, Worse: Better, Same: Same, Unknown: Unknown}
	for i, m := range one.Metrics {
		k := two.Metrics[i]
		if *m.Difference != -*k.Difference || *m.Low != -*k.High || *m.High != -*k.Low || *m.P != *k.P || *m.MDE != *k.MDE || m.Verdict != turned[k.Verdict] {
			t.Errorf("%s: %g [%g, %g] p %g %s, turned %g [%g, %g] p %g %s", m.Name, *m.Difference, *m.Low, *m.High, *m.P, m.Verdict,
				*k.Difference, *k.Low, *k.High, *k.P, k.Verdict)
		}
	}
	if two.Verdict != turned[one.Verdict] {
		t.Errorf("overall %s, turned %s", one.Verdict, two.Verdict)
	}
	for i, s := range one.Slices {
		if k := two.Slices[i]; *s.Difference != -*k.Difference || *s.P != *k.P || *s.AdjustedP != *k.AdjustedP || s.Verdict != turned[k.Verdict] {
			t.Errorf("slice %s: %v, turned %v", s.Value, s, k)
		}
	}
}

// TestDressChangesNothing: order of rows and columns, quotes, byte order mark,
// line ends, an empty last column, 1.0 for 1, equal rows twice.
func TestDressChangesNothing(t *testing.T) {
	a, b := makeSide(1, 300, .8), makeSide(2, 300, .87)
	plain := bytesOf(t, folders(t, a.csv(), b.csv(), allPlan()))
	r := rand.New(rand.NewPCG(3, 3))
	mixed := b.clone()
	r.Shuffle(len(mixed.rows), func(i, j int) { mixed.rows[i], mixed.rows[j] = mixed.rows[j], mixed.rows[i] })
	floats := b.clone()
	for _, row := range floats.rows {
		row[1], row[2] = row[1]+".0", row[2]+".00"
	}
	var dressed strings.Builder
	dressed.WriteString("\ufeff")
	for _, row := range append([][]string{madeHeader}, b.rows...) {
		for _, i := range []int{4, 2, 0, 3, 1} {
			dressed.WriteString(`"` + row[i] + `",`)
		}
		dressed.WriteString("\r\n")
	}
	for name, text := range map[string]string{"rows": mixed.csv(), "floats": floats.csv(), "dress": dressed.String()} {
		if got := bytesOf(t, folders(t, a.csv(), text, allPlan())); got != plain {
			t.Errorf("%s: the result differs:\n%s", name, cmp.Diff(plain, got))
		}
	}
	twice := b.clone()
	twice.rows = append(twice.rows, b.rows[:40]...)
	got := folders(t, a.csv(), twice.csv(), allPlan())
	if want := folders(t, a.csv(), b.csv(), allPlan()); cmp.Diff(want.Metrics, got.Metrics) != "" || cmp.Diff(want.Slices, got.Slices) != "" {
		t.Error("rows that stand twice change the numbers")
	}
	if codes(got) != DuplicateIDs {
		t.Errorf("warnings %q", codes(got))
	}
}

func TestLevelWidens(t *testing.T) {
	a, b := makeSide(1, 300, .8).csv(), makeSide(2, 300, .87).csv()
	var last *Comparison
	for _, level := range []float64{.8, .9, .95, .98, .99, .999} {
		p := allPlan()
		p.Level = level
		c := folders(t, a, b, p)
		for i, m := range c.Metrics {
			if m.Level != level || *m.Low > *m.Difference || *m.High < *m.Difference {
				t.Errorf("%s at %g: [%g, %g] about %g", m.Name, m.Level, *m.Low, *m.High, *m.Difference)
			}
			if last != nil && (*m.Low >= *last.Metrics[i].Low || *m.High <= *last.Metrics[i].High || *m.P != *last.Metrics[i].P) {
				t.Errorf("%s at %g: [%g, %g] is not wider than [%g, %g]", m.Name, level, *m.Low, *m.High, *last.Metrics[i].Low, *last.Metrics[i].High)
			}
		}
		last = c
	}
}

func codes(c *Comparison) string {
	var out []string
	for _, w := range c.Warnings {
		out = append(out, w.Code)
	}
	return strings.Join(out, " ")
}

// TestFoldersComparable: what is the matter with a test set is found and said.
func TestFoldersComparable(t *testing.T) {
	a, b := makeSide(1, 1000, .7), makeSide(2, 1000, .9)
	edit := func(fn func(m *made)) string { m := b.clone(); fn(&m); return m.csv() }
	opposite := func(r []string) []string {
		return []string{r[0], r[1], map[string]string{"0": "1", "1": "0"}[r[2]], r[3], r[4]}
	}
	for _, c := range []struct {
		name, text, codes string
		word              Word
		n                 int // of accuracy; 0: null
	}{
		{"nothing", b.csv(), "", Better, 1000},
		{"few missing", edit(func(m *made) { m.rows = m.rows[10:] }), "ids-differ", Better, 990},
		{"at five per cent", edit(func(m *made) { m.rows = m.rows[50:] }), "ids-differ", Better, 950},
		{"beyond", edit(func(m *made) { m.rows = m.rows[51:] }), "ids-differ", Unknown, 0},
		{"one label", edit(func(m *made) { m.rows[5] = []string{"5", "x", "x", "0.5", "b"} }), "labels-differ", Unknown, 0},
		{"one contradiction", edit(func(m *made) { m.rows = append(m.rows, opposite(m.rows[3])) }), "duplicate-ids", Better, 999},
		{"eleven contradictions", edit(func(m *made) {
			for i := range 11 {
				m.rows = append(m.rows, opposite(m.rows[i]))
			}
		}), "duplicate-ids", Unknown, 0},
		{"ids are bytes", edit(func(m *made) { m.rows[7][0] = "07" }), "ids-differ", Better, 999},
		{"other slice", edit(func(m *made) { m.rows[7][4] = "z" }), "inputs-differ", Better, 1000},
	} {
		p := planOf("accuracy")
		p.Columns.Slices = []string{"source"}
		got := folders(t, a.csv(), c.text, p)
		n := 0
		if got.Metrics[0].N != nil {
			n = *got.Metrics[0].N
		}
		if codes(got) != c.codes || got.Verdict != c.word || n != c.n {
			t.Errorf("%s: %s, %q, n %d; want %s, %q, %d", c.name, got.Verdict, codes(got), n, c.word, c.codes, c.n)
		}
	}
}

// TestMissingCouldChangeIt: a word that the absent answers could turn is none.
func TestMissingCouldChangeIt(t *testing.T) {
	a, b := makeSide(1, 1000, .80), makeSide(2, 1000, .84)
	whole := folders(t, a.csv(), b.csv(), planOf("accuracy"))
	b.rows = b.rows[45:]
	part := folders(t, a.csv(), b.csv(), planOf("accuracy"))
	if whole.Verdict != Better || part.Verdict != Unknown || part.Details.Reason.Code != IDsDiffer {
		t.Errorf("whole %s, part %s (%v)", whole.Verdict, part.Verdict, part.Details.Reason)
	}
}

func TestProblemsOfValues(t *testing.T) {
	a, b := makeSide(1, 200, .8), makeSide(2, 200, .8)
	edit := func(m made, fn func(r []string)) string {
		m = m.clone()
		for _, r := range m.rows {
			fn(r)
		}
		return m.csv()
	}
	none := func([]string) {}
	first := func(to string) func(r []string) {
		return func(r []string) {
			if r[0] == "0" {
				r[3] = to
			}
		}
	}
	for _, c := range []struct {
		name, metric string
		edit         func(r []string)
		both         bool
		code         string
	}{
		{"a score that is NaN", "roc_auc", first("nan"), false, NotFinite},
		{"no score", "brier", first(""), false, NotFinite},
		{"an infinite score", "roc_auc", first("inf"), false, NotFinite},
		{"no probability", "log_loss", first("1.5"), false, MetricUndefined},
		{"one class", "roc_auc", func(r []string) { r[1] = "1" }, true, MetricUndefined},
		{"no positives", "f1", func(r []string) { r[1] = "0" }, true, MetricUndefined},
		{"never said", "precision", func(r []string) { r[2] = "0" }, false, MetricUndefined},
		{"three classes", "recall", func(r []string) {
			if r[0] == "3" {
				r[1] = "2"
			}
		}, true, MetricUndefined},
		{"texts", "mae", func(r []string) { r[1] = "cat" }, true, NotFinite},
	} {
		baseline := edit(a, none)
		if c.both {
			baseline = edit(a, c.edit)
		}
		got := folders(t, baseline, edit(b, c.edit), planOf(c.metric))
		m := got.Metrics[0]
		if !strings.Contains(codes(got), c.code) || m.Verdict != Unknown || m.P != nil || m.Candidate != nil {
			t.Errorf("%s: %q %+v", c.name, codes(got), m)
		}
	}
}

func TestReportedNumbers(t *testing.T) {
	a, b := makeSide(1, 200, .8), makeSide(2, 200, .8)
	run := func(base, cand []Value, answers bool, p Plan) *Comparison {
		f := [2]Folder{{Values: base, Name: "a"}, {Values: cand, Name: "b"}}
		if answers {
			f[0].Answers, f[1].Answers = strings.NewReader(a.csv()), strings.NewReader(b.csv())
		}
		c, err := Folders(f[0], f[1], p)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	alone := run([]Value{{"accuracy", .9}, {"latency", 2}}, []Value{{"accuracy", .95}, {"latency", 1}}, false, planOf("accuracy"))
	for _, m := range alone.Metrics {
		if m.Verdict != Unknown || m.P != nil || m.Low != nil || m.N != nil || m.Method != nil || m.MDE != nil || m.Difference == nil {
			t.Errorf("one number a side: %+v", m)
		}
	}
	if alone.Verdict != Unknown || len(alone.Metrics) != 2 || !strings.Contains(alone.Details.Reason.Text, "answers per example") {
		t.Errorf("%s, %d metrics, %v", alone.Verdict, len(alone.Metrics), alone.Details.Reason)
	}
	wrong := run([]Value{{"accuracy", .5}}, nil, true, planOf("accuracy"))
	if codes(wrong) != MetricMismatch || *wrong.Metrics[0].Baseline == .5 {
		t.Errorf("%q %+v", codes(wrong), wrong.Metrics[0])
	}
	nan := NumOf(0)
	*nan = Num(notANumber())
	broken := run([]Value{{"accuracy", nan.Float()}}, nil, true, planOf("accuracy"))
	if codes(broken) != NotFinite || broken.Verdict != Unknown || !json.Valid([]byte(bytesOf(t, broken))) {
		t.Errorf("%q %s", codes(broken), broken.Verdict)
	}
}

func notANumber() float64 { zero := 0.0; return zero / zero }

// TestIdenticalAnswers: no change at all is the same within a tolerance that
// the test set can show, and unknown within a smaller one; never certain.
func TestIdenticalAnswers(t *testing.T) {
	for _, c := range []struct {
		n         int
		tolerance float64
		want      Word
	}{{1000, .005, Same}, {1000, .003, Unknown}, {700, .005, Unknown}, {800, .005, Same}, {1000, 0, Unknown}} {
		p := planOf("accuracy")
		p.Metrics[0].Tolerance = c.tolerance
		a := makeSide(1, c.n, .8).csv()
		got := folders(t, a, a, p)
		if got.Verdict != c.want || *got.Metrics[0].P != 1 || *got.Metrics[0].Low >= 0 {
			t.Errorf("%d at %g: %s, [%g, %g]", c.n, c.tolerance, got.Verdict, *got.Metrics[0].Low, *got.Metrics[0].High)
		}
	}
	p := allPlan()
	a := makeSide(1, 1000, .8).csv()
	for _, m := range folders(t, a, a, p).Metrics {
		if *m.P != 1 || !(*m.Low < 0) || *m.Low != -*m.High || m.Verdict != Unknown {
			t.Errorf("%s: p %g [%g, %g] %s", m.Name, *m.P, *m.Low, *m.High, m.Verdict)
		}
	}
}

func TestFewOfAKind(t *testing.T) {
	head := "id,label,prediction,cluster,seed\n"
	table := func(n, clusters, seeds int, right bool) string {
		var b bytes.Buffer
		b.WriteString(head)
		for s := range seeds {
			for i := range n {
				fmt.Fprintf(&b, "%d,1,%d,c%d,%d\n", i, map[bool]int{true: 1}[right || i%10 == 0], i%clusters, s)
			}
		}
		return b.String()
	}
	for _, c := range []struct {
		name string
		a, b string
		want string
	}{
		{"nine examples", table(9, 9, 1, false), table(9, 9, 1, true), FewExamples},
		{"four clusters", table(40, 4, 1, false), table(40, 4, 1, true), FewClusters},
		{"one seed against three", table(40, 40, 1, false), table(40, 40, 3, true), FewSeeds},
		{"enough", table(40, 20, 3, false), table(40, 20, 3, true), ""},
	} {
		got := folders(t, c.a, c.b, planOf("accuracy"))
		if r := got.Details.Metrics[0].Reason; r.Code != c.want {
			t.Errorf("%s: %s %v", c.name, got.Verdict, r)
		}
	}
}

func TestFoldersOverall(t *testing.T) {
	mk := func(words ...Word) []row {
		var out []row
		for i, w := range words {
			p := .5
			if w == Better || w == Worse {
				p = .001
			}
			out = append(out, row{PlanMetric: PlanMetric{Spec: Spec{Name: fmt.Sprint(i), Decides: true}}, verdict: Verdict{Word: w}, ev: &evidence{p: p}})
		}
		return out
	}
	weak := mk(Same, Worse)
	weak[1].ev.p = .04
	for _, c := range []struct {
		name string
		rows []row
		want Word
	}{
		{"first better", mk(Better, Unknown), Better},
		{"second better, first unknown", mk(Unknown, Better), Unknown},
		{"second better, first same", mk(Same, Better), Better},
		{"any worse", mk(Better, Same, Worse), Worse},
		{"all same", mk(Same, Same), Same},
		{"same and unknown", mk(Same, Unknown), Unknown},
		{"worse, but not after Holm", weak, Unknown},
		{"none", nil, Unknown},
	} {
		k := &comparer{Plan: Plan{Level: .95}, rows: c.rows}
		if got := k.overall(k.adjusted()); got.Word != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.Word, c.want)
		}
	}
}

func TestBrokenTables(t *testing.T) {
	good := "id,label,prediction\n1,a,a\n"
	for _, c := range []struct{ text, want string }{
		{"", "b.csv: the table is empty"},
		{"id,label\n1,a\n", `b.csv:1: there is no column "prediction"`},
		{"id,label,prediction\n1,a\n", "b.csv:2: the row has 2 cells"},
		{"id,label,prediction\n1,a,a,b\n", "b.csv:2: the row has 4 cells"},
		{"id,label,prediction\n1,\"a,a\n", "b.csv:2: "},
		{"id,id,label,prediction\n", `b.csv:1: the column "id" stands twice`},
	} {
		_, err := Folders(Folder{Answers: strings.NewReader(good), Name: "a.csv"}, Folder{Answers: strings.NewReader(c.text), Name: "b.csv"}, planOf("accuracy"))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

// FuzzFolders: no input makes it fail in another way than by an error, or say
// what JSON cannot hold; swapping the sides turns each metric's word.
func FuzzFolders(f *testing.F) {
	f.Add("id,label,prediction,score,cluster,seed\n1,1,1,0.5,a,1\n2,0,1,0.25,b,1\n", "id,label,prediction,score,cluster,seed\n1,1,0,0.5,a,1\n2,0,1,nan,b,2\n")
	f.Add(makeSide(1, 20, .5).csv(), makeSide(2, 20, .9).csv())
	f.Fuzz(func(t *testing.T, a, b string) {
		run := func(x, y string) *Comparison {
			c, err := Folders(Folder{Answers: strings.NewReader(x), Name: "a"}, Folder{Answers: strings.NewReader(y), Name: "b"}, allPlan())
			if err != nil {
				return nil
			}
			if _, err := json.Marshal(c); err != nil {
				t.Fatal(err)
			}
			return c
		}
		one, two := run(a, b), run(b, a)
		if one == nil || two == nil {
			return
		}
		turned := map[Word]Word{Better: Worse, Worse: Better, Same: Same, Unknown: Unknown}
		for i, m := range one.Metrics { // the overall word treats the first metric's better as primary, and no worse
			if k := two.Metrics[i]; k.Verdict != turned[m.Verdict] {
				t.Errorf("%s: %s, turned %s", m.Name, m.Verdict, k.Verdict)
			}
		}
	})
}
