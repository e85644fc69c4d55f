package mlflow

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// encoder appends JSON as MLflow's clients expect it: snake_case names, int64
// as numbers, NaN and infinities as strings, and nothing for what is not set.
// Replies can hold 10,000 runs, so it writes bytes and reflects nothing.
type encoder struct{ b []byte }

// next puts a comma where one is due.
func (e *encoder) next() {
	if n := len(e.b); n > 0 {
		switch e.b[n-1] {
		case '{', '[', ':':
		default:
			e.b = append(e.b, ',')
		}
	}
}

func (e *encoder) open(bracket byte) {
	e.next()
	e.b = append(e.b, bracket)
}

func (e *encoder) close(bracket byte) { e.b = append(e.b, bracket) }

// key writes the name of a member; its value follows.
func (e *encoder) key(name string) {
	e.next()
	e.b = append(e.b, '"')
	e.b = append(e.b, name...) // our own names need no escapes
	e.b = append(e.b, '"', ':')
}

func (e *encoder) object(name string) { e.key(name); e.open('{') }

func (e *encoder) str(name, value string) {
	e.key(name)
	e.b = appendText(e.b, value)
}

// given writes a text unless it is empty.
func (e *encoder) given(name, value string) {
	if value != "" {
		e.str(name, value)
	}
}

func (e *encoder) int(name string, v int64) {
	e.key(name)
	e.b = strconv.AppendInt(e.b, v, 10)
}

// decimal writes an integer that MLflow's protos have as a string.
func (e *encoder) decimal(name string, v int64) {
	e.key(name)
	e.b = append(e.b, '"')
	e.b = strconv.AppendInt(e.b, v, 10)
	e.b = append(e.b, '"')
}

func (e *encoder) bool(name string, v bool) {
	e.key(name)
	e.b = strconv.AppendBool(e.b, v)
}

func (e *encoder) float(name string, v float64) {
	e.key(name)
	switch {
	case math.IsNaN(v):
		e.b = append(e.b, `"NaN"`...)
	case math.IsInf(v, 1):
		e.b = append(e.b, `"Infinity"`...)
	case math.IsInf(v, -1):
		e.b = append(e.b, `"-Infinity"`...)
	default:
		e.b = strconv.AppendFloat(e.b, v, 'g', -1, 64)
	}
}

func (e *encoder) text(value string) {
	e.next()
	e.b = appendText(e.b, value)
}

// list writes a list of objects, or nothing if it is empty.
func list[T any](e *encoder, name string, items []T, one func(*encoder, T)) {
	if len(items) == 0 {
		return
	}
	e.key(name)
	e.open('[')
	for _, item := range items {
		e.open('{')
		one(e, item)
		e.close('}')
	}
	e.close(']')
}

func (e *encoder) texts(name string, items []string) {
	if len(items) == 0 {
		return
	}
	e.key(name)
	e.open('[')
	for _, s := range items {
		e.text(s)
	}
	e.close(']')
}

const hexDigits = "0123456789abcdef"

// appendText appends a JSON string; bytes that are no UTF-8 become U+FFFD.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(b, s[start:i]...)
				b = append(b, `\ufffd`...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
