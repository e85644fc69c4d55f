package plot

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Thinning keeps the extremes and the ends, and is bounded by the width.
func TestThin(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	p := make([]point, 100_000)
	for i := range p {
		p[i] = point{X: float64(i) / 100_000 * 700, Y: r.Float64()}
	}
	p[54321].Y, p[777].Y = 50, -50
	same := axis{hi: 1, to: 1}
	q := thin(p, &same, &same)
	if len(q) > 4*1400 {
		t.Errorf("%d points are left", len(q))
	}
	if q[0] != p[0] || q[len(q)-1] != p[len(p)-1] || !slices.Contains(q, p[54321]) || !slices.Contains(q, p[777]) {
		t.Error("an end or an extreme is lost")
	}
	if !slices.IsSortedFunc(q, func(a, b point) int {
		if a.X < b.X {
			return -1
		}
		return 1
	}) {
		t.Error("the order is lost")
	}
	if got := thin(p[:1], &same, &same); len(got) != 1 {
		t.Errorf("%v", got)
	}
	if got := thin(nil, &same, &same); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// Of many dots, those at the ends of both axes are drawn.
func TestSeenKeepsExtremes(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	p := make([]point, 50_000)
	for i := range p {
		p[i] = point{X: r.Float64() * 700, Y: r.Float64() * 300}
	}
	want := []point{{X: -5, Y: 100}, {X: 705, Y: 100}, {X: 100, Y: -5}, {X: 100, Y: 305}}
	copy(p[40_000:], want)
	same := axis{lo: -10, hi: 710, from: -10, to: 710}
	got := seen(p, 1000, &same, &same)
	if len(got) > 1010 {
		t.Errorf("%d dots", len(got))
	}
	for _, w := range want {
		if !slices.ContainsFunc(got, func(q point) bool { return math.Hypot(q.X-w.X, q.Y-w.Y) < 1e-9 }) {
			t.Errorf("%v is lost", w)
		}
	}
}

func TestSmoothed(t *testing.T) {
	got := Smoothed([]float64{1, math.NaN(), 2, math.Inf(1), 3}, .5)
	// 1; (0.5·0.5·1 + 0.5·2)/0.75 over the two values; likewise over three.
	want := []float64{1, math.NaN(), (.25*1 + .5*2) / .75, math.Inf(1), (.125*1 + .25*2 + .5*3) / .875}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("%d: %v, want %v", i, got[i], want[i])
		}
	}
	if !math.IsNaN(got[1]) || !math.IsInf(got[3], 1) {
		t.Errorf("gaps are filled: %v", got)
	}
	if got := Smoothed([]float64{1, 5}, 0); got[1] != 5 {
		t.Errorf("%v", got)
	}
}

func TestGroup(t *testing.T) {
	g := Group("three", Candidate, []Series{
		{X: []float64{0, 1, 2}, Y: []float64{1, 2, 3}},
		{X: []float64{0, 1}, Y: []float64{3, math.NaN()}},
		{Y: []float64{5, 4}},
	})
	for name, pair := range map[string][2][]float64{
		"x": {g.X, {0, 1, 2}}, "mean": {g.Y, {3, 3, 3}}, "low": {g.Low, {1, 2, 3}}, "high": {g.High, {5, 4, 3}},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
}

func TestScores(t *testing.T) {
	if got := AreaUnder([]float64{0, 0, 1}, []float64{0, 1, 1}); got != 1 {
		t.Errorf("a perfect curve has %v", got)
	}
	if got := AreaUnder([]float64{0, math.NaN(), 1}, []float64{0, 0, 1}); got != .5 {
		t.Errorf("guessing has %v", got)
	}
	// scikit-learn: average_precision_score([0, 0, 1, 1], [.1, .4, .35, .8]) is 0.8333…
	if got := AveragePrecision([]float64{.5, .5, 1, 1}, []float64{1, .5, 2. / 3, .5}); math.Abs(got-5./6) > 1e-12 {
		t.Errorf("average precision %v", got)
	}
}

// Labels keep their order, their distance and, where there is room, the frame.
func TestSpread(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 1000 {
		l := make([]sideLabel, 1+r.IntN(16))
		for i := range l {
			l[i].y = 50 + r.Float64()*300
		}
		slices.SortFunc(l, func(a, b sideLabel) int {
			if a.y < b.y {
				return -1
			}
			return 1
		})
		spread(l, 50, 350)
		for i := range l {
			if i > 0 && l[i].put-l[i-1].put < labelPitch-1e-9 {
				t.Fatalf("labels collide: %v", l)
			}
			if l[i].put < 50-1e-9 || l[i].put > 350+1e-9 {
				t.Fatalf("a label leaves the picture: %v", l)
			}
		}
	}
}

// Of too many labels those of the sides stay, and some of all heights.
func TestSomeLabels(t *testing.T) {
	all := make([]sideLabel, 40)
	for i := range all {
		all[i].y = float64(i)
	}
	all[7].curve.Role, all[8].curve.Role = Candidate, Baseline
	for n := 3; n < 40; n++ {
		got := someLabels(all, n)
		if len(got) > n || len(got) < n-1 {
			t.Errorf("%d of 40: %d", n, len(got))
		}
		sides := 0
		for _, l := range got {
			if l.curve.Role != Other {
				sides++
			}
		}
		if sides != 2 {
			t.Errorf("%d of 40: %d sides", n, sides)
		}
		if n > 4 && (got[0].y != 0 || got[len(got)-1].y != 39) {
			t.Errorf("%d of 40: from %v to %v", n, got[0].y, got[len(got)-1].y)
		}
	}
}

func TestChooseBins(t *testing.T) {
	for _, v := range [][]float64{{1}, {1, 1, 1}, {0, 1e-300}, {-1e299, 1e299}, {1e15, 1e15 + 1}, {0, 0, 0, 0, 0, 1e9}, normal(1000, 3, 2, 1)} {
		slices.Sort(v)
		b := chooseBins(v, 0)
		if b.n < 1 || b.n > maxBins || !(b.width > 0) {
			t.Errorf("%v: %+v", v[:1], b)
		}
		total := 0.0
		for _, c := range b.counts(v) {
			total += c
		}
		if total != float64(len(v)) {
			t.Errorf("%v: %v of %d values are in bins", v[:1], total, len(v))
		}
	}
}
