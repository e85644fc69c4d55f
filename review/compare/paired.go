package compare

import "math"

// Paired counts the right and wrong answers of two models to the same
// examples. C − B over N is the difference in accuracy.
type Paired struct {
	BothRight  int `json:"both_right"`  // a
	NewlyWrong int `json:"newly_wrong"` // b: only the baseline is right
	NewlyRight int `json:"newly_right"` // c: only the candidate is right
	BothWrong  int `json:"both_wrong"`  // e
}

// N is the number of examples.
func (p Paired) N() int { return p.BothRight + p.NewlyWrong + p.NewlyRight + p.BothWrong }

// Flips is the number of examples that one model alone has right.
func (p Paired) Flips() int { return p.NewlyWrong + p.NewlyRight }

// Baseline is the baseline's accuracy, NaN without examples.
func (p Paired) Baseline() float64 { return ratio(p.BothRight+p.NewlyWrong, p.N()) }

// Candidate is the candidate's accuracy, NaN without examples.
func (p Paired) Candidate() float64 { return ratio(p.BothRight+p.NewlyRight, p.N()) }

// Difference is the candidate's accuracy minus the baseline's.
func (p Paired) Difference() float64 { return ratio(p.NewlyRight-p.NewlyWrong, p.N()) }

// Swap turns the two sides around.
func (p Paired) Swap() Paired {
	p.NewlyWrong, p.NewlyRight = p.NewlyRight, p.NewlyWrong
	return p
}

func ratio(a, n int) float64 { return float64(a) / float64(n) }

// ExactP is McNemar's exact two-sided p: twice the binomial tail, at most 1.
func (p Paired) ExactP() float64 {
	return min(1, 2*halfCDF(p.Flips(), min(p.NewlyWrong, p.NewlyRight)))
}

// MidP is McNemar's mid-p (Fagerland, Lydersen, Laake 2013): the exact p less
// the probability of what was seen. It keeps to its level in practice and is
// less conservative.
func (p Paired) MidP() float64 {
	m, k := p.Flips(), min(p.NewlyWrong, p.NewlyRight)
	if p.NewlyWrong == p.NewlyRight {
		return 1 // 2·P[X<k] + P[X=k], the whole distribution
	}
	return min(1, 2*halfCDF(m, k)-halfPMF(m, k))
}

// Interval is a confidence interval of a difference at a level in (0, 1).
type Interval struct {
	Low, High, Level float64
}

// Tango is the score interval for the difference of paired proportions (Tango
// 1998): all Δ whose score statistic stays within ±z. Equal counts give
// symmetric ends, and no flips give ±z²/(n+z²), not zero. Without examples both
// ends are NaN.
func (p Paired) Tango(level float64) Interval {
	if p.N() == 0 {
		return Interval{math.NaN(), math.NaN(), level}
	}
	z := normal(1 - (1-level)/2)
	// The upper end is the lower end of the swapped table, turned: that keeps
	// the two ends exactly symmetric.
	return Interval{tangoLow(p, z), -tangoLow(p.Swap(), z), level}
}

// tangoLow bisects [−1, d] for the Δ at which the statistic is z.
func tangoLow(p Paired, z float64) float64 {
	lo, hi := -1.0, p.Difference()
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if tangoScore(p, mid) > z {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// tangoScore is (c−b−nΔ)/√(n(2q+Δ(1−Δ))), where q is the likeliest share of
// newly wrong answers if the difference is Δ.
func tangoScore(p Paired, delta float64) float64 {
	n, b, c := float64(p.N()), float64(p.NewlyWrong), float64(p.NewlyRight)
	qa, qb, qc := 2*n, -b-c+(2*n-c+b)*delta, -b*delta*(1-delta)
	q := (math.Sqrt(max(0, qb*qb-4*qa*qc)) - qb) / (2 * qa)
	variance := n * (2*q + delta*(1-delta))
	num := c - b - n*delta
	if variance <= 0 { // at ±1, and at 0 without flips
		return math.Copysign(math.Inf(1), num)
	}
	return num / math.Sqrt(variance)
}

// Shows is the smallest difference in accuracy that this test set shows four
// times in five (80 % power) at a level, given how often the two models
// disagree: (z_{1−α/2} + z_{0.8})·√m / n.
func (p Paired) Shows(level float64) float64 {
	return (normal(1-(1-level)/2) + normal(power)) * math.Sqrt(float64(max(p.Flips(), 1))) / float64(p.N())
}

const power = 0.8

// Needed is the number of examples that shows a step in accuracy with 80 %
// power, if the models go on disagreeing as often as here (Connor 1987). It is
// 0 where the question has no answer: no step, no flips, or a step larger than
// the share of flips.
func (p Paired) Needed(step, level float64) int {
	f, d := ratio(p.Flips(), p.N()), math.Abs(step)
	if !(f > 0) || !(d > 0) || d > f {
		return 0
	}
	za, zb := normal(1-(1-level)/2), normal(power)
	return ceil(math.Pow((za*math.Sqrt(f)+zb*math.Sqrt(f-d*d))/d, 2))
}

// NeededForSame is the number of examples that shows equality within a
// tolerance with 80 % power, if there is none of a difference: (z_{1−α/2} +
// z_{0.9})²·f/t². It is 0 without flips or tolerance.
func (p Paired) NeededForSame(tolerance, level float64) int {
	f := ratio(p.Flips(), p.N())
	if !(f > 0) || !(tolerance > 0) {
		return 0
	}
	z := normal(1-(1-level)/2) + normal((1+power)/2)
	return ceil(z * z * f / (tolerance * tolerance))
}

// ceil bounds what a tiny step would ask for.
func ceil(f float64) int { return int(math.Ceil(min(f, 1e15))) }

// SmallestP is the smallest p that m flips could have given, all one way.
func (p Paired) SmallestP(exact bool) float64 {
	if exact {
		return min(1, math.Ldexp(2, -p.Flips()))
	}
	return math.Ldexp(1, -p.Flips())
}

// About rounds a count to three digits, for sentences: 1,241 reads "about
// 1,240".
func About(n int) int {
	if n < 1000 {
		return n
	}
	unit := int(math.Pow(10, math.Floor(math.Log10(float64(n)))-2))
	return (n + unit/2) / unit * unit
}
