// Package steady is arithmetic that gives the same bits on every processor:
// exponential, logarithm, and the three layers of a small network. It exists
// because math.Exp picks fused instructions where the processor has them, and
// because Go fuses x*y+z on some architectures unless the product is converted
// explicitly. It is not fast and not complete.
package steady

import "math"

const (
	ln2Hi = 6.93147180369123816490e-01 // the leading 32 bits of ln 2
	ln2Lo = 1.90821492927058770002e-10 // the rest
)

// Exp returns e**x within two units in the last place. Like math.Exp it gives
// 0 below about -745, +Inf above about 709 and NaN for NaN.
func Exp(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > 709.78:
		return math.Inf(1)
	case x < -745.2:
		return 0
	}
	k := math.Floor(float64(x*math.Log2E) + 0.5)
	r := x - float64(k*ln2Hi) - float64(k*ln2Lo)
	// |r| ≤ 0.347: fourteen terms of Taylor's series are exact to 2**-57.
	sum := 1.0
	for n := 14.0; n >= 1; n-- {
		sum = 1 + float64(sum*r)/n
	}
	return math.Ldexp(sum, int(k))
}

// Log returns the natural logarithm of a positive x within a few units in the
// last place; -Inf for 0, NaN below.
func Log(x float64) float64 {
	switch {
	case x != x || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	m, k := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		k--
	}
	// ln m = 2·artanh s, and |s| ≤ 0.1716: twelve terms suffice.
	s := (m - 1) / (m + 1)
	s2 := s * s
	sum := 0.0
	for n := 23.0; n >= 1; n -= 2 {
		sum = 1/n + float64(sum*s2)
	}
	return float64(2*s*sum) + float64(float64(k)*ln2Lo) + float64(float64(k)*ln2Hi)
}

// Affine sets out[o] = bias[o] + Σ weights[o·len(in)+i]·in[i]. A nil bias is
// zero. The products of float32 are exact in float64 and are summed there.
func Affine(out, weights, bias, in []float32) {
	for o := range out {
		row := weights[o*len(in):][:len(in)]
		sum := 0.0
		for i, w := range row {
			sum += float64(w) * float64(in[i])
		}
		if bias != nil {
			sum += float64(bias[o])
		}
		out[o] = float32(sum)
	}
}

// ReLU sets negative values to zero; NaN stays.
func ReLU(values []float32) {
	for i, v := range values {
		if v < 0 {
			values[i] = 0
		}
	}
}

// Softmax turns scores into probabilities in place.
func Softmax(values []float32) {
	if len(values) == 0 {
		return
	}
	top := values[0]
	for _, v := range values[1:] {
		top = max(top, v)
	}
	sum := 0.0
	for _, v := range values {
		sum += Exp(float64(v) - float64(top))
	}
	for i, v := range values {
		values[i] = float32(Exp(float64(v)-float64(top)) / sum)
	}
}
