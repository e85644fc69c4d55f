package plot

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// unit says how numbers on a picture read.
type unit uint8

const (
	plain   unit = iota
	percent      // of values from 0 to 1
	elapsed      // seconds since a start
	clock        // seconds since 1970, UTC
)

func unitOf(isPercent bool) unit {
	if isPercent {
		return percent
	}
	return plain
}

// text words one value: four significant digits; of a percentage one decimal,
// and more only where it comes close to 0 or 100.
func (u unit) text(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 0):
		return sign(strings.TrimPrefix(strconv.FormatFloat(v, 'f', -1, 64), "+"))
	}
	switch u {
	case percent:
		return sign(percentText(v)) + " %"
	case elapsed:
		return sign(duration(v, 0))
	case clock:
		return clockText(v, time.DateTime)
	}
	if a := math.Abs(v); a >= 1e4 && a < 1e15 {
		return sign(scaled(v, 4))
	}
	return sign(exponent(strconv.FormatFloat(v, 'g', 4, 64)))
}

// percentText writes a share as a percentage without its sign.
func percentText(v float64) string {
	if v == 0 || v == 1 {
		return strconv.Itoa(int(v) * 100)
	}
	if math.Abs(v) >= 10 { // hardly a percentage
		return strings.ReplaceAll(plain.text(v*100), minus, "-")
	}
	near := math.Min(math.Abs(v), math.Abs(1-v))
	for places := 1; places < 4; places++ {
		if near >= math.Pow(10, -float64(places)-2) {
			return strconv.FormatFloat(v*100, 'f', places, 64)
		}
	}
	return exponent(strconv.FormatFloat(v*100, 'g', 4, 64))
}

// change words a difference with its sign; one of percentages is in points.
func (u unit) change(d float64) string {
	s := u.text(math.Abs(d))
	if u == percent {
		s = changePoints(math.Abs(d) * 100)
	}
	switch {
	case d == 0 || strings.Trim(s, "0.") == "":
		return "±0"
	case d < 0:
		return minus + s
	}
	return "+" + s
}

// changePoints has one decimal, and more only for what one would hide.
func changePoints(d float64) string {
	if d >= 1e4 {
		return plain.text(d)
	}
	for places := 1; places < 4; places++ {
		if d >= .95*math.Pow(10, -float64(places)) {
			return strconv.FormatFloat(d, 'f', places, 64)
		}
	}
	return exponent(strconv.FormatFloat(d, 'g', 2, 64))
}

// tickText gives all labels of an axis the decimals that its step needs.
func (u unit) tickText(v, step, largest float64) string {
	switch u {
	case percent:
		v, step = v*100, step*100
		if math.Abs(v) >= 1e6 || decimals(step) > 8 {
			return sign(exponent(strconv.FormatFloat(v, 'g', 6, 64))) + " %"
		}
		return sign(strconv.FormatFloat(v, 'f', decimals(step), 64)) + " %"
	case elapsed:
		return sign(duration(v, step))
	case clock:
		return clockTick(v, step)
	}
	switch {
	case largest >= 1e15 || largest < 1e-4 || decimals(step) > 8:
		return sign(exponent(trim(strconv.FormatFloat(v, 'g', 6, 64))))
	case largest >= 1e4 && step >= 100:
		return sign(scaled(v, 4))
	}
	return sign(strconv.FormatFloat(v, 'f', decimals(step), 64))
}

// decimals is how many of them a step of 1, 2 or 5 times a power of ten needs.
func decimals(step float64) int {
	return int(math.Max(0, -math.Floor(math.Log10(step)+1e-9)))
}

// scaled writes thousands as k, millions as M, and so on, with as many digits
// as a number has at most.
func scaled(v float64, digits int) string {
	for _, s := range []struct {
		size float64
		mark string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if a := math.Abs(v) / s.size; a >= 1 {
			before := len(strconv.FormatFloat(math.Trunc(a), 'f', 0, 64))
			return trim(strconv.FormatFloat(v/s.size, 'f', max(0, digits-before), 64)) + s.mark
		}
	}
	return trim(strconv.FormatFloat(v, 'g', digits, 64))
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

// sign uses the true minus sign, and none before a zero.
func sign(s string) string {
	if strings.HasPrefix(s, "-") && strings.Trim(s, "-0.") == "" {
		s = s[1:]
	}
	return strings.ReplaceAll(s, "-", minus)
}

const minus = "\u2212"

// count writes a whole number with its thousands apart: 1,000,000.
func count(n int) string {
	s := strconv.Itoa(n)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		return minus + s
	}
	return s
}

// many is "1 point", "2 points".
func many(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + one + "s"
}
