package stats

import "math"

// DeLong is the difference of two areas under the ROC curve on the same
// examples, from their components by example, with DeLong's standard error
// (DeLong, DeLong, Clarke-Pearson 1988); the normal distribution is used.
func DeLong(positive []bool, difference float64, baseline, candidate []float64) Estimate {
	var pos, neg []float64
	for i, p := range positive {
		d := candidate[i] - baseline[i]
		if p {
			pos = append(pos, d)
		} else {
			neg = append(neg, d)
		}
	}
	v := Variance(pos)/float64(len(pos)) + Variance(neg)/float64(len(neg))
	return Estimate{difference, math.Sqrt(v), math.Inf(1)}
}
