package params

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// number makes a value of a float.
func number(path string, line int, f float64) Value {
	return Value{Path: path, Text: NumberText(f), Num: f, IsNum: true, Line: line}
}

// integer makes a value of an integer's digits (base 0: 0x1f, 0o17, 0b1, 1_000
// are understood). Integers beyond 2^53 keep all their digits in the text.
func integer(path string, line int, digits string) (Value, bool) {
	digits = strings.TrimPrefix(strings.ReplaceAll(digits, "_", ""), "+")
	if len(digits) > 400 { // beyond any float64; big.Int would be quadratic
		return Value{}, false
	}
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		n, ok = new(big.Int).SetString(digits, 0)
	}
	if !ok {
		return Value{}, false
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	return Value{Path: path, Text: n.String(), Num: f, IsNum: true, Line: line}, true
}

// NumberText is the canonical text of a number: the shortest digits that read
// back as the same float64, without exponent between 1e-4 and 1e15, and "NaN",
// "Infinity", "-Infinity". There is no "-0".
func NumberText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	}
	if a := math.Abs(f); a < 1e-4 || a >= 1e15 {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// lines turns growing byte offsets into line numbers in one pass.
type lines struct {
	data []byte
	pos  int
	line int // lines completed before pos
}

func (l *lines) at(offset int) int {
	if offset < l.pos {
		l.pos, l.line = 0, 0
	}
	for ; l.pos < offset && l.pos < len(l.data); l.pos++ {
		if l.data[l.pos] == '\n' {
			l.line++
		}
	}
	return l.line + 1
}
