package compare

import (
	"math"
	"strconv"
	"strings"
)

const minus = "\u2212"

// Change words a difference with its sign: "+1.4 points", "−0.035".
func (u Unit) Change(d float64) string {
	if u == Share {
		return points(d*100) + " points"
	}
	return signed(d, digits(d))
}

// Between words an interval: "between −0.5 and +3.6 points".
func (u Unit) Between(low, high float64) string {
	if u == Share {
		return "between " + points(low*100) + " and " + points(high*100) + " points"
	}
	return "between " + signed(low, digits(low)) + " and " + signed(high, digits(high))
}

// Amount words a size without a sign, as a person set it: "0.3 points", "0.005".
func (u Unit) Amount(x float64) string {
	if u == Share {
		if s := plain(x * 100); s != "1" {
			return s + " points"
		}
		return "1 point"
	}
	return plain(x)
}

// Value words a metric's value: "97.1 %", "0.412". Shares have one decimal,
// and more only near 0 and 1, where one would hide the difference.
func (u Unit) Value(x float64) string {
	if u == Share {
		if x == 0 || x == 1 {
			return digits(x*100) + " %"
		}
		for places := 1; places < 4; places++ {
			text := strconv.FormatFloat(x*100, 'f', places, 64)
			if near := math.Min(math.Abs(x), math.Abs(1-x)); near >= math.Pow(10, -float64(places)-2) {
				return text + " %"
			}
		}
		return digits(x*100) + " %"
	}
	return digits(x)
}

// points gives one decimal from 0.1 on, and two significant digits below.
func points(x float64) string {
	switch a := math.Abs(x); {
	case a >= 0.095:
		return signed(x, strconv.FormatFloat(x, 'f', 1, 64))
	case a >= 0.0095:
		return signed(x, strconv.FormatFloat(x, 'f', 2, 64))
	}
	return signed(x, strconv.FormatFloat(x, 'g', 2, 64))
}

func signed(x float64, text string) string {
	if x > 0 {
		return "+" + text
	}
	return strings.Replace(text, "-", minus, 1)
}

// digits gives four significant digits and no trailing zeros.
func digits(x float64) string {
	if a := math.Abs(x); a >= 1000 && a < 1e15 {
		return strconv.FormatFloat(math.Round(x), 'f', 0, 64)
	}
	s := strconv.FormatFloat(x, 'g', 4, 64)
	if strings.Contains(s, ".") && !strings.Contains(s, "e") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// plain shows what somebody typed: 0.003·100 is 0.3, not 0.30000000000000004.
func plain(x float64) string { return strconv.FormatFloat(x, 'g', 12, 64) }

// grouped writes 1240 as 1,240.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
