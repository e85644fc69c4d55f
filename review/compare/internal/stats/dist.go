// Package stats holds the statistics that review/compare stands on:
// distributions, estimates with their standard errors, DeLong's components,
// bootstrap draws and corrections for looking at many things at once. It knows
// neither files nor metrics nor words. Every function follows a named source;
// testdata of review/compare holds what scipy and statsmodels say to the same.
package stats

import "math"

// NormalQuantile is the quantile of the standard normal distribution.
func NormalQuantile(p float64) float64 {
	if p > 0.5 {
		return -NormalQuantile(1 - p) // exact symmetry
	}
	return math.Sqrt2 * math.Erfinv(2*p-1)
}

// NormalP is the two-sided p of a standard normal z.
func NormalP(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// NormalCDF is P[Z ≤ z].
func NormalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// StudentP is the two-sided p of Student's t with df degrees of freedom: the
// regularised incomplete beta function I(df/(df+t²); df/2, ½). An infinite df
// is the normal distribution.
func StudentP(t, df float64) float64 {
	switch {
	case math.IsNaN(t) || math.IsNaN(df) || df <= 0:
		return math.NaN()
	case t == 0:
		return 1
	case math.IsInf(t, 0):
		return 0
	case df > 1e7: // the difference is below 1e−7 of p wherever p matters
		return NormalP(t)
	}
	// 1−x is passed beside x: near t = 0 their difference would lose digits.
	return incompleteBeta(df/(df+t*t), t*t/(df+t*t), df/2, 0.5)
}

// StudentQuantile is the t whose two-sided p is 1−level.
func StudentQuantile(level, df float64) float64 {
	if df > 1e7 {
		return NormalQuantile((1 + level) / 2)
	}
	alpha := 1 - level
	lo, hi := 0.0, 2.0
	for StudentP(hi, df) > alpha && hi < 1e12 {
		lo, hi = hi, hi*2
	}
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if StudentP(mid, df) > alpha {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// incompleteBeta is I_x(a, b) with y = 1−x, by Lentz's continued fraction
// (Numerical Recipes 6.4; DLMF 8.17.22).
func incompleteBeta(x, y, a, b float64) float64 {
	if x > (a+1)/(a+b+2) { // the fraction converges fast on this side of the mean only
		return 1 - incompleteBeta(y, x, b, a)
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	logx := math.Log(x)
	if x > 0.5 {
		logx = math.Log1p(-y)
	}
	front := math.Exp(lab - la - lb + a*logx + b*math.Log(y))
	return front / a * BetaFraction(x, a, b)
}

// BetaFraction is the continued fraction of the incomplete beta function
// Iₓ(a, b), by the modified method of Lentz.
func BetaFraction(x, a, b float64) float64 {
	const tiny, eps = 1e-300, 1e-16
	nudge := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/nudge(1-(a+b)*x/(a+1))
	h := d
	for i := 1; i <= 100_000; i++ {
		m := float64(i)
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d = 1 / nudge(1+even*d)
		c = nudge(1 + even/c)
		h *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d = 1 / nudge(1+odd*d)
		c = nudge(1 + odd/c)
		step := d * c
		h *= step
		if math.Abs(step-1) < eps {
			break
		}
	}
	return h
}
