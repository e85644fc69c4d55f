package compare

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(got, want, tol float64) bool { return math.Abs(got-want) <= tol }

// The golden numbers of statsmodels and scipy; Tango's are from the paper's
// method solved to six digits.
func TestPairedGolden(t *testing.T) {
	tests := []struct {
		p                                  Paired
		d, exact, mid, low, high, mde, tol float64
	}{
		{Paired{152, 9, 21, 18}, .06, .0427739, .0294494, .006702, .116906, .07672, 5e-7},
		{Paired{80, 0, 0, 20}, 0, 1, 1, -.036993, .036993, math.NaN(), 5e-7},
		{Paired{45, 2, 9, 4}, .116667, .0654297, .0385742, .009787, .235337, .15486, 5e-7},
		{Paired{9000, 120, 165, 715}, .0045, .00903343, .00768372, .001199, .007856, .00473, 5e-7},
		{Paired{30, 1, 6, 3}, .125, .125, .0703125, -.005947, .272124, .18531, 5e-7},
	}
	for _, tt := range tests {
		iv := tt.p.Tango(.95)
		got := []float64{tt.p.Difference(), tt.p.ExactP(), tt.p.MidP(), iv.Low, iv.High}
		for i, want := range []float64{tt.d, tt.exact, tt.mid, tt.low, tt.high} {
			if !near(got[i], want, tt.tol) {
				t.Errorf("%v: value %d is %.8f, want %.8f", tt.p, i, got[i], want)
			}
		}
		if mde := tt.p.Shows(.95); !math.IsNaN(tt.mde) && !near(mde, tt.mde, 1e-5) {
			t.Errorf("%v: shows %.6f, want %.6f", tt.p, mde, tt.mde)
		}
	}
	if iv := (Paired{BothRight: 1000}).Tango(.95); !near(iv.High, .003827, 5e-7) || iv.Low != -iv.High {
		t.Errorf("no flips in 1000: %v", iv)
	}
}

// The two comments of the review's examples.
func TestPairedReportExamples(t *testing.T) {
	round := func(f float64) float64 { return math.Round(f*1000) / 10 } // points, one decimal
	p := Paired{BothRight: 345, NewlyWrong: 3, NewlyRight: 8, BothWrong: 4}
	iv := p.Tango(.95)
	if round(p.Difference()) != 1.4 || round(iv.Low) != -.5 || round(iv.High) != 3.6 {
		t.Errorf("example 2: %v %v", p.Difference(), iv)
	}
	if round(p.Shows(.95)) != 2.6 || About(p.Needed(p.Difference(), .95)) != 1240 {
		t.Errorf("example 2: shows %v, needs %d", p.Shows(.95), p.Needed(p.Difference(), .95))
	}
	if oneIn := math.Round(1 / p.MidP()); oneIn != 7 {
		t.Errorf("example 2: one in %v", oneIn)
	}
	p = Paired{BothRight: 9657, NewlyWrong: 53, NewlyRight: 203, BothWrong: 87}
	iv = p.Tango(.95)
	if round(p.Difference()) != 1.5 || round(iv.Low) != 1.2 || round(iv.High) != 1.8 {
		t.Errorf("example 1: %v %v", p.Difference(), iv)
	}
}

func TestNeeded(t *testing.T) {
	tests := []struct {
		flips int // of 1000
		step  float64
		want  int
	}{{50, .01, 3923}, {100, .01, 7847}, {50, .005, 15696}, {100, .02, 1960}}
	for _, tt := range tests {
		p := Paired{BothRight: 1000 - tt.flips, NewlyRight: tt.flips}
		if got := p.Needed(tt.step, .95); !near(float64(got), float64(tt.want), 1) {
			t.Errorf("flips %d, step %v: %d, want %d", tt.flips, tt.step, got, tt.want)
		}
	}
	same := []struct {
		flips int
		t     float64
		want  int
	}{{50, .01, 5254}, {50, .005, 21015}, {100, .02, 2627}}
	for _, tt := range same {
		p := Paired{BothRight: 1000 - tt.flips, NewlyRight: tt.flips}
		if got := p.NeededForSame(tt.t, .95); !near(float64(got), float64(tt.want), 1) {
			t.Errorf("same within %v: %d, want %d", tt.t, got, tt.want)
		}
	}
	if n := (Paired{BothRight: 10}).Needed(0, .95); n != 0 {
		t.Errorf("no flips need %d examples", n)
	}
}

func TestSmallestP(t *testing.T) {
	for m, want := range map[int][2]float64{5: {.0625, .03125}, 6: {.03125, .015625}} {
		p := Paired{NewlyRight: m}
		if p.SmallestP(true) != want[0] || p.SmallestP(false) != want[1] {
			t.Errorf("m=%d: %v %v", m, p.SmallestP(true), p.SmallestP(false))
		}
		if p.ExactP() != want[0] || p.MidP() != want[1] {
			t.Errorf("m=%d: p is %v, mid-p %v", m, p.ExactP(), p.MidP())
		}
	}
}

// Large tables, from scipy.stats.binom.
func TestBinomialLarge(t *testing.T) {
	tests := []struct {
		m, k     int
		cdf, pmf float64
	}{
		{1000, 450, 0.000865268042488151, 0.000169397245277116},
		{1001, 480, 0.103053655416477, 0.0108947441013042},
		{20000, 9800, 0.00239044472795139, 0.000103326745448066},
		{1000000, 499000, 0.0228041499326948, 0.000107981978018914},
		{1000000, 497000, 9.92574881961445e-10, 1.2150669037166e-11},
		{1000000, 500000, 0.500398942180665, 0.00079788436133175},
		{1000000, 499999, 0.499601057819335, 0.000797882765566219},
	}
	for _, tt := range tests {
		if got := halfCDF(tt.m, tt.k); !near(got, tt.cdf, 1e-7*tt.cdf) {
			t.Errorf("cdf(%d,%d) = %v, want %v", tt.m, tt.k, got, tt.cdf)
		}
		if got := halfPMF(tt.m, tt.k); !near(got, tt.pmf, 1e-7*tt.pmf) {
			t.Errorf("pmf(%d,%d) = %v, want %v", tt.m, tt.k, got, tt.pmf)
		}
	}
}

// The continued fraction against the plain sum, for all small m.
func TestBinomialSmall(t *testing.T) {
	for m := range 60 {
		sum := 0.0
		for k := range m + 1 {
			sum += halfPMF(m, k)
			if got := halfCDF(m, k); !near(got, sum, 1e-13) {
				t.Fatalf("cdf(%d,%d) = %v, sum %v", m, k, got, sum)
			}
		}
	}
}

// Swapping the sides turns the sign of all, and a higher level is wider.
func TestPairedMetamorphic(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		p := Paired{r.IntN(500), r.IntN(40), r.IntN(40), 1 + r.IntN(100)}
		a, b := p.Tango(.95), p.Swap().Tango(.95)
		if a.Low != -b.High || a.High != -b.Low || p.MidP() != p.Swap().MidP() || p.ExactP() != p.Swap().ExactP() {
			t.Fatalf("%v does not turn: %v %v", p, a, b)
		}
		if d := p.Difference(); a.Low > d || a.High < d || a.Low < -1 || a.High > 1 {
			t.Fatalf("%v: %v does not hold %v", p, a, d)
		}
		if w := p.Tango(.99); w.Low > a.Low || w.High < a.High {
			t.Fatalf("%v: 99 %% is narrower than 95 %%", p)
		}
		if p.MidP() > p.ExactP() {
			t.Fatalf("%v: mid-p above exact", p)
		}
	}
}
