package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Draws is the number of resamples for an interval at a level: at least 100
// beyond each end (Efron, Tibshirani 1993), from 4,000 to 100,000.
func Draws(level float64) int {
	switch {
	case level <= 0.95:
		return 4000
	case level <= 0.98:
		return 10_000
	}
	return int(min(100_000, max(20_000, math.Ceil(200/(1-level)))))
}

// Percentile is the plain bootstrap interval: the quantiles of the draws.
// draws is sorted in place.
func Percentile(draws []float64, level float64) (low, high float64) {
	slices.Sort(draws)
	alpha := (1 - level) / 2
	return quantile(draws, alpha), quantile(draws, 1-alpha)
}

// BCa is the bias-corrected and accelerated interval (Efron 1987). value is the
// estimate itself, acceleration Σψ³/(6(Σψ²)^1.5) of its influence. draws is
// sorted in place.
func BCa(draws []float64, value, acceleration, level float64) (low, high float64) {
	slices.Sort(draws)
	below, _ := slices.BinarySearch(draws, value)
	upto := below
	for upto < len(draws) && draws[upto] == value {
		upto++
	}
	n := float64(len(draws))
	share := (float64(below) + float64(upto-below)/2) / n
	share = min(max(share, 1/(n+1)), n/(n+1))
	z0 := NormalQuantile(share)
	at := func(z float64) float64 {
		w := z0 + z
		return quantile(draws, NormalCDF(z0+w/(1-acceleration*w)))
	}
	z := NormalQuantile((1 + level) / 2)
	return at(-z), at(z)
}

// Acceleration is BCa's acceleration of a mean of influence values.
func Acceleration(psi []float64) float64 {
	return Skewness(psi) / 6 / math.Sqrt(float64(len(psi)))
}

// SkewedMean is BCa's interval for a mean without resampling, by the expansion
// that BCa's z0 = a = skew/(6√n) gives (DiCiccio, Efron 1992, the ABC idea):
// for samples too large to resample.
func SkewedMean(e Estimate, acceleration, level float64) (low, high float64) {
	at := func(z float64) float64 {
		w := acceleration + z
		u := acceleration + w/(1-acceleration*w)
		// The quantile u of the mean's own skewed distribution (Cornish, Fisher 1938).
		return e.Value + e.SE*(u+acceleration*(u*u-1))
	}
	z := NormalQuantile((1 + level) / 2)
	return at(-z), at(z)
}

// quantile interpolates linearly between order statistics (Hyndman, Fan 1996,
// type 7, as numpy does).
func quantile(sorted []float64, p float64) float64 {
	h := p * float64(len(sorted)-1)
	i := int(math.Floor(h))
	switch {
	case i < 0:
		return sorted[0]
	case i+1 >= len(sorted):
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}

// Multinomial draws how often each of the cells comes up when their sum is drawn
// anew with replacement. counts are the cells as seen, out takes the draw.
func Multinomial(r *rand.Rand, counts, out []int) {
	left, total := 0, 0
	for _, c := range counts {
		total += c
	}
	left = total
	for i, c := range counts {
		switch {
		case left == 0 || c == 0:
			out[i] = 0
		case c == total:
			out[i] = left
		default:
			out[i] = binomial(r, left, float64(c)/float64(total))
		}
		left -= out[i]
		total -= c
	}
}

// binomial draws from Bin(n, p): by inversion where n·p is small, else by
// transformed rejection (Hörmann 1993, BTRS).
func binomial(r *rand.Rand, n int, p float64) int {
	if p > 0.5 {
		return n - binomial(r, n, 1-p)
	}
	if float64(n)*p < 10 {
		return binomialByGaps(r, n, p)
	}
	fn := float64(n)
	sd := math.Sqrt(fn * p * (1 - p))
	b := 1.15 + 2.53*sd
	a := -0.0873 + 0.0248*b + 0.01*p
	c := fn*p + 0.5
	vr := 0.92 - 4.2/b
	alpha := (2.83 + 5.1/b) * sd
	lpq := math.Log(p / (1 - p))
	m := math.Floor((fn + 1) * p)
	h := logFactorial(m) + logFactorial(fn-m)
	for {
		v, u := r.Float64(), r.Float64()-0.5
		us := 0.5 - math.Abs(u)
		k := math.Floor((2*a/us+b)*u + c)
		if k < 0 || k > fn {
			continue
		}
		if us >= 0.07 && v <= vr {
			return int(k)
		}
		v = math.Log(v * alpha / (a/(us*us) + b))
		if v <= h-logFactorial(k)-logFactorial(fn-k)+(k-m)*lpq {
			return int(k)
		}
	}
}

// binomialByGaps counts successes by jumping over the failures between them.
func binomialByGaps(r *rand.Rand, n int, p float64) int {
	if p <= 0 {
		return 0
	}
	q := math.Log1p(-p)
	k, at := 0, 0.0
	for {
		at += math.Floor(math.Log(1-r.Float64())/q) + 1
		if at > float64(n) {
			return k
		}
		k++
	}
}

func logFactorial(k float64) float64 {
	l, _ := math.Lgamma(k + 1)
	return l
}
