package plot

import (
	"math"
	"strconv"
	"strings"
)

// tick is a mark on an axis.
type tick struct {
	value float64
	label string
}

// ticks marks about n values between lo and hi in steps of 1, 2 or 5. With
// whole, the steps are whole numbers.
func ticks(lo, hi float64, n int, whole bool, unit unit) []tick {
	step := niceStep((hi - lo) / float64(max(n, 1)))
	if whole {
		step = max(1, step)
	}
	var out []tick
	first, last := math.Ceil(lo/step-1e-9), math.Floor(hi/step+1e-9)
	if !(last-first <= 50) { // the step is lost in rounding: the range is a sliver
		return []tick{{lo, unit.text(lo)}}
	}
	for k := range int(last-first) + 1 { // counting in floats would not end beyond 2^53
		v := (first + float64(k)) * step
		if v == 0 {
			v = 0 // not -0
		}
		label := unit.tickText(v, step, max(math.Abs(lo), math.Abs(hi)))
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

// logTicks marks powers of ten between two values from 1e-300 to 1e300; if there are fewer
// than three, 2 and 5 times those as well, and if that is still too few, even
// steps.
func logTicks(lo, hi float64, n int, unit unit) []tick {
	for _, factors := range [][]float64{{1}, {1, 2, 5}} {
		var out []tick
		from, to := math.Floor(math.Log10(lo)), math.Ceil(math.Log10(hi))
		every := math.Max(1, math.Ceil((to-from)/float64(max(n, 1))/1.5))
		for e := from; e <= to; e += every {
			for _, f := range factors {
				if v := f * math.Pow(10, e); v >= lo*(1-1e-9) && v <= hi*(1+1e-9) {
					out = append(out, tick{v, unit.text(v)})
				}
			}
		}
		if len(out) >= 3 {
			return out
		}
	}
	return ticks(lo, hi, n, false, unit)
}

// unit says how numbers on a picture read.
type unit bool

const (
	plain   unit = false
	percent unit = true // of values from 0 to 1
)

// text words one value: four significant digits, or one decimal of a percentage.
func (u unit) text(v float64) string {
	if u == percent {
		return trim(strconv.FormatFloat(v*100, 'f', 1, 64)) + " %"
	}
	if a := math.Abs(v); a >= 1e4 && a < 1e15 {
		return sign(scaled(v, 2))
	}
	return sign(exponent(strconv.FormatFloat(v, 'g', 4, 64)))
}

// tickText gives all labels of an axis the decimals that its step needs.
func (u unit) tickText(v, step, largest float64) string {
	if u == percent {
		v, step = v*100, step*100
		return sign(strconv.FormatFloat(v, 'f', decimals(step), 64)) + " %"
	}
	switch {
	case largest >= 1e15 || largest < 1e-4 || decimals(step) > 8:
		return sign(exponent(trim(strconv.FormatFloat(v, 'g', 6, 64))))
	case largest >= 1e4 && step >= 100:
		return sign(scaled(v, 2))
	}
	return sign(strconv.FormatFloat(v, 'f', decimals(step), 64))
}

func decimals(step float64) int {
	return int(math.Max(0, -math.Floor(math.Log10(step)+1e-9)))
}

// scaled writes thousands as k, millions as M, and so on.
func scaled(v float64, digits int) string {
	for _, s := range []struct {
		size float64
		mark string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(v) >= s.size {
			return trim(strconv.FormatFloat(v/s.size, 'f', digits, 64)) + s.mark
		}
	}
	return trim(strconv.FormatFloat(v, 'f', digits, 64))
}

// trim drops zeros behind the decimal point.
func trim(s string) string {
	if !strings.Contains(s, ".") || strings.Contains(s, "e") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// exponent shortens e-05 to e-5 and trims the digits before it.
func exponent(s string) string {
	mantissa, exp, ok := strings.Cut(s, "e")
	if !ok {
		return trim(s)
	}
	n, _ := strconv.Atoi(exp)
	return trim(mantissa) + "e" + strconv.Itoa(n)
}

// sign uses the true minus sign.
func sign(s string) string { return strings.ReplaceAll(s, "-", "\u2212") }
