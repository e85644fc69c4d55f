package plot

import "math"

// tick is a mark on an axis.
type tick struct {
	value float64
	label string
}

// ticks marks about n values between lo and hi in steps of 1, 2 or 5, or in
// steps that clocks have. With whole, the steps are whole numbers.
func ticks(lo, hi float64, n int, whole bool, u unit) []tick {
	step := niceStep((hi - lo) / float64(max(n, 1)))
	switch {
	case u == elapsed || u == clock:
		step = timeStep((hi - lo) / float64(max(n, 1)))
	case whole:
		step = max(1, step)
	}
	var out []tick
	first, last := math.Ceil(lo/step-1e-9), math.Floor(hi/step+1e-9)
	if !(last-first <= 50) { // the step is lost in rounding: the range is a sliver
		return []tick{{lo, u.text(lo)}}
	}
	for k := range int(max(-1, last-first)) + 1 { // counting in floats would not end beyond 2^53
		v := (first + float64(k)) * step
		if v == 0 {
			v = 0 // not -0
		}
		label := u.tickText(v, step, max(math.Abs(lo), math.Abs(hi)))
		if n := len(out); n > 0 && out[n-1].label == label {
			continue
		}
		out = append(out, tick{v, label})
	}
	return out
}

// niceStep rounds up to 1, 2 or 5 times a power of ten.
func niceStep(raw float64) float64 {
	if !(raw > 0) || math.IsInf(raw, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		if raw <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// logTicks marks powers of ten between two values from 1e-300 to 1e300; if
// there are fewer than three, 2 and 5 times those as well, and if that is still
// too few, even steps.
func logTicks(lo, hi float64, n int, u unit) []tick {
	from, to := math.Log10(lo), math.Log10(hi)
	every := max(1, niceStep((to-from)/float64(max(n, 1))))
	for _, factors := range [][]float64{{1}, {1, 2, 5}} {
		if len(factors) > 1 && every > 1 {
			break
		}
		var out []tick
		for e := math.Floor(from/every) * every; e <= to+1e-9; e += every {
			for _, f := range factors {
				if v := f * math.Pow(10, e); v >= lo*(1-1e-9) && v <= hi*(1+1e-9) {
					out = append(out, tick{v, u.logText(v, hi)})
				}
			}
		}
		if len(out) >= 3 || len(out) == 2 && every > 1 {
			return out
		}
	}
	return ticks(lo, hi, n, false, u)
}

// logText words a tick of a logarithmic axis that goes up to hi, so that 1k
// stands before 10k.
func (u unit) logText(v, hi float64) string {
	if u == plain && hi >= 1e4 && v >= 1e3 && v < 1e15 {
		return scaled(v, 4)
	}
	return u.text(v)
}
