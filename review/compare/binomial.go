package compare

import (
	"math"

	"github.com/assay-ml/assay/review/compare/internal/stats"
)

// normal returns the quantile of the standard normal distribution.
func normal(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// halfPMF is P[Bin(m, ½) = k].
func halfPMF(m, k int) float64 {
	if k < 0 || k > m {
		return 0
	}
	if m <= 1000 { // exact enough by products, and free of the cancellation of log-gamma
		p := 1.0
		j := min(k, m-k)
		half := m
		for i := 1; i <= j; i++ {
			p *= float64(m-j+i) / float64(i)
			for ; half > 0 && p > 1; half-- {
				p /= 2
			}
		}
		return math.Ldexp(p, -half)
	}
	lm, _ := math.Lgamma(float64(m) + 1)
	lk, _ := math.Lgamma(float64(k) + 1)
	lr, _ := math.Lgamma(float64(m-k) + 1)
	return math.Exp(lm - lk - lr - float64(m)*math.Ln2)
}

// halfCDF is P[Bin(m, ½) ≤ k] = I½(m−k, k+1), the regularised incomplete beta
// function, by Lentz's continued fraction (Numerical Recipes 6.4; DLMF 8.17.22).
func halfCDF(m, k int) float64 {
	switch {
	case k < 0:
		return 0
	case k >= m:
		return 1
	case 2*k >= m: // the fraction converges fast below the mean only
		return 1 - halfCDF(m, m-k-1)
	}
	a, b := float64(m-k), float64(k+1)
	// x^a (1−x)^b / (a B(a,b)) at x = ½ is C(m,k)·2^−(m+1), half the probability of k.
	return halfPMF(m, k) / 2 * stats.BetaFraction(0.5, a, b)
}
