package stats

import (
	"math"
	"slices"
)

// Estimate is a number with its uncertainty. DF is +Inf where the normal
// distribution is used.
type Estimate struct {
	Value, SE, DF float64
}

// P is the two-sided p against zero.
func (e Estimate) P() float64 {
	if e.SE == 0 {
		if e.Value == 0 {
			return 1
		}
		return 0
	}
	return StudentP(e.Value/e.SE, e.DF)
}

// Interval is the confidence interval at a level in (0, 1).
func (e Estimate) Interval(level float64) (low, high float64) {
	half := StudentQuantile(level, e.DF) * e.SE
	return e.Value - half, e.Value + half
}

// Sum adds with Neumaier's compensation, so that a million rows lose nothing.
func Sum(x []float64) float64 {
	var s, c float64
	for _, v := range x {
		t := s + v
		if math.Abs(s) >= math.Abs(v) {
			c += (s - t) + v
		} else {
			c += (v - t) + s
		}
		s = t
	}
	return s + c
}

// Mean is the arithmetic mean, NaN of nothing.
func Mean(x []float64) float64 { return Sum(x) / float64(len(x)) }

// Variance is the sample variance (n−1), NaN below two values.
func Variance(x []float64) float64 {
	if len(x) < 2 {
		return math.NaN()
	}
	m := Mean(x)
	var s, c float64
	for _, v := range x {
		y := (v-m)*(v-m) - c
		t := s + y
		c = (t - s) - y
		s = t
	}
	return s / float64(len(x)-1)
}

// Skewness is the moment skewness of a sample, 0 without spread.
func Skewness(x []float64) float64 {
	m := Mean(x)
	var m2, m3 float64
	for _, v := range x {
		d := v - m
		m2 += d * d
		m3 += d * d * d
	}
	n := float64(len(x))
	if m2 == 0 {
		return 0
	}
	return m3 / n / math.Pow(m2/n, 1.5)
}

// PairedT is the mean of per-example differences with its standard error
// (Student 1908): the paired t test.
func PairedT(x []float64) Estimate {
	n := float64(len(x))
	return Estimate{Mean(x), math.Sqrt(Variance(x) / n), n - 1}
}

// Clusters is the mean of per-example differences that come in clusters, with
// the cluster-robust standard error √(G/(G−1)·Σ_g(Σ_{i∈g}(δ_i−δ̄))²)/n and
// t with G−1 degrees of freedom (Liang, Zeger 1986; Cameron, Miller 2015).
// of[i] < count is the cluster of x[i].
func Clusters(x []float64, of []uint32, count int) Estimate {
	m := Mean(x)
	sums := make([]float64, count)
	for i, v := range x {
		sums[of[i]] += v - m
	}
	var s float64
	for _, v := range sums {
		s += v * v
	}
	g, n := float64(count), float64(len(x))
	return Estimate{m, math.Sqrt(g/(g-1)*s) / n, g - 1}
}

// SignFlips is the p of the mean against zero when each cluster's sum may have
// either sign: all 2^count assignments are tried. count must be at most 20.
func SignFlips(x []float64, of []uint32, count int) float64 {
	sums := make([]float64, count)
	for i, v := range x {
		sums[of[i]] += v
	}
	seen := math.Abs(Sum(sums))
	hits := 0
	for mask := range 1 << count {
		var s float64
		for g, v := range sums {
			if mask>>g&1 == 1 {
				v = -v
			}
			s += v
		}
		if math.Abs(s) >= seen*(1-1e-12) {
			hits++
		}
	}
	return float64(hits) / float64(int(1)<<count)
}

// Seeds is the noise between repeated runs of the two sides: of matched runs
// the variance of their differences, else Welch's sum.
func Seeds(baseline, candidate []float64, matched bool) Estimate {
	if matched {
		d := make([]float64, len(baseline))
		for i := range d {
			d[i] = candidate[i] - baseline[i]
		}
		return PairedT(d)
	}
	return Welch(baseline, candidate)
}

// Welch is the difference of two means with Satterthwaite's degrees of freedom
// (Welch 1947).
func Welch(a, b []float64) Estimate {
	va, vb := Variance(a)/float64(len(a)), Variance(b)/float64(len(b))
	return Combine(Mean(b)-Mean(a), Estimate{SE: math.Sqrt(va), DF: float64(len(a) - 1)}, Estimate{SE: math.Sqrt(vb), DF: float64(len(b) - 1)})
}

// Combine adds independent sources of noise to one value: V = ΣV_k, degrees of
// freedom V²/Σ(V_k²/df_k) (Satterthwaite 1946).
func Combine(value float64, parts ...Estimate) Estimate {
	var v, w float64
	for _, p := range parts {
		v += p.SE * p.SE
		w += p.SE * p.SE * p.SE * p.SE / p.DF
	}
	df := v * v / w
	if w == 0 {
		df = math.Inf(1)
		for _, p := range parts {
			df = math.Min(df, p.DF)
		}
	}
	return Estimate{value, math.Sqrt(v), df}
}

// FalseDiscovery adjusts p-values by Benjamini and Hochberg 1995: the expected
// share of false alarms among the alarms. The order of the result is that of
// the input.
func FalseDiscovery(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(p))
	running := 1.0
	for rank := len(order) - 1; rank >= 0; rank-- {
		i := order[rank]
		running = math.Min(running, p[i]*float64(len(p))/float64(rank+1))
		out[i] = running
	}
	return out
}
