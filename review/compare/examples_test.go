package compare

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/params"
)

func read(t *testing.T, csv string) *Examples {
	t.Helper()
	table, err := params.Table("p.csv", []byte(csv))
	if err != nil {
		t.Fatal(err)
	}
	e, err := ReadExamples(table, ExampleColumns{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestReadExamples(t *testing.T) {
	plain := read(t, "id,label,prediction\n1,0,0\n2,1,0\n10,2,2\n")
	dressed := read(t, "\ufeffprediction,x,id,label\r\n2,,10,2.0\r\n0.0,,1,0\r\n0,\"a\nb\",2,1\r\n0,,1,0.00\r\n")
	if plain.Digest != dressed.Digest || dressed.Len() != 3 || dressed.Duplicates != 1 || dressed.Contradicting != 0 {
		t.Errorf("order, dress, duplicates: %+v", dressed)
	}
	if a := plain.Accuracy(); !near(a, 2./3, 1e-12) {
		t.Errorf("accuracy %v", a)
	}
	if other := read(t, "id,label,prediction\n1,0,1\n2,1,1\n10,2,0\n"); other.Digest != plain.Digest {
		t.Error("the digest of the test set depends on predictions")
	}
	if other := read(t, "id,label,prediction\n01,0,0\n2,1,0\n10,2,2\n"); other.Digest == plain.Digest {
		t.Error("01 and 1 are one id")
	}
	big := read(t, "id,label,prediction\n9007199254740993,a,a\n9007199254740992,a,a\n")
	if big.Len() != 2 {
		t.Error("ids were read as numbers")
	}
	bad := read(t, "id,label,prediction\n1,a,a\n1,a,b\n1,a,a\n2,a,a\n2,b,a\n3,a,a\n")
	if bad.Len() != 3 || bad.Contradicting != 2 || bad.Duplicates != 3 || bad.Accuracy() != 1 {
		t.Errorf("contradictions: %+v", bad)
	}
}

func TestDigestLengths(t *testing.T) {
	a := read(t, "id,label,prediction\nab,c,x\n")
	b := read(t, "id,label,prediction\na,bc,x\n")
	if a.Digest == b.Digest {
		t.Error("lengths are not part of the digest")
	}
	// printf '\0\0\0\0\0\0\0\2ab\0\0\0\0\0\0\0\1c' | sha256sum
	if want := "601d5476e2ccfe2c87a2bba7a322659734a05749d5b5aa781f513e4912db0d5f"; a.Digest != want {
		t.Errorf("digest %s, want %s", a.Digest, want)
	}
}

func TestReadExamplesColumns(t *testing.T) {
	table := &params.Columns{Names: []string{"key", "y", "yhat"}, Rows: [][]string{{"1", "a", "a"}}}
	if _, err := ReadExamples(table, ExampleColumns{ID: "key", Label: "y", Prediction: "yhat"}); err != nil {
		t.Error(err)
	}
	_, err := ReadExamples(table, ExampleColumns{ID: "key"})
	if err == nil || !strings.Contains(err.Error(), `no column "label": the columns are key, y, yhat`) {
		t.Errorf("got %v", err)
	}
}

func TestLabel(t *testing.T) {
	for in, want := range map[string]string{
		"1.0": "1", "-3.00": "-3", "1.5": "1.5", "1.": "1.", ".0": ".0", "a.0": "a.0", "01.0": "01", "1.0.0": "1.0.0", "": "", "1 ": "1 ", "-.0": "-.0",
	} {
		if got := label(in); got != want {
			t.Errorf("label(%q) = %q, want %q", in, got, want)
		}
	}
}

// answers makes a table of n examples of which model says what f says.
func answers(t *testing.T, n int, f func(i int) (id, label, said string)) *Examples {
	var b strings.Builder
	b.WriteString("id,label,prediction\n")
	for i := range n {
		id, l, s := f(i)
		fmt.Fprintf(&b, "%s,%s,%s\n", id, l, s)
	}
	return read(t, b.String())
}

// right answers all with their label, apart from those in wrong.
func right(t *testing.T, n, offset int, wrong func(i int) bool) *Examples {
	return answers(t, n, func(i int) (string, string, string) {
		l := fmt.Sprint((i + offset) % 3)
		if wrong(i) {
			return fmt.Sprint(i + offset), l, "x"
		}
		return fmt.Sprint(i + offset), l, l
	})
}

func below(k int) func(int) bool { return func(i int) bool { return i < k } }

func TestPair(t *testing.T) {
	p := Pair(right(t, 1000, 0, below(50)), right(t, 990, 20, below(10)))
	if got, want := p.Counts, (Paired{950, 0, 20, 10}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	if p.OnlyBaseline != 20 || p.OnlyCandidate != 10 || p.Union() != 1010 {
		t.Errorf("one-sided %d, %d of %d", p.OnlyBaseline, p.OnlyCandidate, p.Union())
	}
	if len(p.NewlyRight) != 20 || len(p.NewlyWrong) != 0 {
		t.Errorf("%d newly right, %d newly wrong", len(p.NewlyRight), len(p.NewlyWrong))
	}
	want := Flip{ID: "30", Label: "0", Baseline: "x", Candidate: "0"}
	if d := cmp.Diff(want, p.NewlyRight[0]); d != "" {
		t.Error(d)
	}
	// The baseline misses 20 of its own that the candidate lacks; the candidate has 10 right that the baseline lacks.
	if p.Left != (Paired{960, 0, 20, 30}) || p.Right != (Paired{950, 0, 50, 10}) {
		t.Errorf("extremes %+v %+v", p.Left, p.Right)
	}
	if p.Left.N() != p.Union() || p.Right.N() != p.Union() {
		t.Error("the extremes do not hold all ids")
	}
}

func TestComparable(t *testing.T) {
	base := right(t, 1000, 0, below(0))
	half := func(id string) *Examples { // ids below 15 contradict themselves
		return answers(t, 1015, func(i int) (string, string, string) {
			l := fmt.Sprint(i % 3)
			if i >= 1000 {
				return fmt.Sprint(i - 1000), fmt.Sprint((i - 1000) % 3), id
			}
			return fmt.Sprint(i), l, l
		})
	}
	tests := []struct {
		name, blocked, warned string
		e                     *Examples
	}{
		{"same ids", "", "", right(t, 1000, 0, below(3))},
		{"5 % missing", "", IDsDiffer, right(t, 950, 0, below(0))},
		{"more missing", IDsDiffer, "", right(t, 949, 0, below(0))},
		{"labels", LabelsDiffer, "", answers(t, 1000, func(i int) (string, string, string) {
			return fmt.Sprint(i), fmt.Sprint((i + i/999) % 3), "0"
		})},
		{"1.5 % contradict", DuplicateIDs, "", half("x")},
		{"duplicates", "", DuplicateIDs, answers(t, 1200, func(i int) (string, string, string) {
			l := fmt.Sprint(i % 1000 % 3)
			return fmt.Sprint(i % 1000), l, l
		})},
	}
	for _, tt := range tests {
		blocked, warned := Pair(base, tt.e).Comparable()
		var b, w string
		if blocked != nil {
			b = blocked.Code
		}
		if len(warned) > 0 {
			w = warned[0].Code
		}
		if b != tt.blocked || w != tt.warned {
			t.Errorf("%s: blocked %q, warned %q", tt.name, b, w)
		}
	}
}

// A model compared with itself, retrained: the same accuracy, flips by chance.
// Better and worse are false words; at 95 % at most 5 % of them are expected.
func TestSameModelSimulation(t *testing.T) {
	const pairs = 1000
	r := rand.New(rand.NewPCG(7, 11))
	for _, c := range []struct {
		n     int
		flips float64
	}{{200, .1}, {1000, .15}, {4000, .02}} {
		words := map[Word]int{}
		for range pairs {
			p := Paired{}
			for range c.n {
				switch u := r.Float64(); {
				case u < c.flips/2:
					p.NewlyWrong++
				case u < c.flips:
					p.NewlyRight++
				default:
					p.BothRight++
				}
			}
			m := Metric{Goal: Max, Tolerance: .005}
			words[judgeCounts(m, p, .95, false).Word]++
		}
		// 50 expected of 1,000; three standard errors above are 71.
		if wrong := words[Better] + words[Worse]; wrong > 71 {
			t.Errorf("n=%d: %d false words of %d: %v", c.n, wrong, pairs, words)
		}
		if d := words[Better] - words[Worse]; d > 30 || d < -30 {
			t.Errorf("n=%d: the false words lean to one side: %v", c.n, words)
		}
		t.Logf("n=%d flips=%v: %v", c.n, c.flips, words)
	}
}

// A true loss of four points is found about as often as the power says.
func TestLossSimulation(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	found := 0
	const pairs = 500
	for range pairs {
		p := Paired{}
		for range 600 {
			switch u := r.Float64(); {
			case u < .08:
				p.NewlyWrong++
			case u < .12:
				p.NewlyRight++
			default:
				p.BothRight++
			}
		}
		if judgeCounts(Metric{Goal: Max}, p, .95, false).Word == Worse {
			found++
		}
	}
	if found < pairs*7/10 || found > pairs*9/10 { // 80 % of 600 at this share of flips
		t.Errorf("worse said %d times of %d", found, pairs)
	}
}
