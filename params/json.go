package params

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// parseJSON reads RFC 8259 plus the bare words NaN, Infinity and -Infinity. It
// is written by hand because encoding/json refuses those words and reports
// offsets, not lines.
func parseJSON(c *collector, data []byte) error {
	r := &jsonReader{c: c, data: data, lines: lines{data: data}}
	r.space()
	if err := r.value("", 0, r.line()); err != nil {
		return err
	}
	r.space()
	if r.pos < len(data) {
		return r.fail("something follows the end of the value")
	}
	return nil
}

type jsonReader struct {
	c     *collector
	data  []byte
	pos   int
	lines lines
}

func (r *jsonReader) line() int { return r.lines.at(r.pos) }

func (r *jsonReader) fail(msg string) error { return r.c.fail(r.line(), "%s", msg) }

func (r *jsonReader) space() {
	for r.pos < len(r.data) {
		switch r.data[r.pos] {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return
		}
	}
}

// peek returns the next byte, 0 at the end.
func (r *jsonReader) peek() byte {
	if r.pos < len(r.data) {
		return r.data[r.pos]
	}
	return 0
}

// value reads one value; line is where its key stands.
func (r *jsonReader) value(path string, depth, line int) error {
	if err := r.c.enter(depth, line); err != nil {
		return err
	}
	switch b := r.peek(); {
	case b == '{':
		return r.object(path, depth, line)
	case b == '[':
		return r.array(path, depth, line)
	case b == '"':
		s, err := r.str()
		if err != nil {
			return err
		}
		return r.c.add(Value{Path: path, Text: s, Line: line})
	case b == 0 && r.pos >= len(r.data):
		return r.fail("the file ends where a value is expected")
	default:
		return r.word(path, line)
	}
}

// word reads a number or a bare word.
func (r *jsonReader) word(path string, line int) error {
	start := r.pos
	for r.pos < len(r.data) && !bytes.ContainsRune([]byte(" \t\r\n,]}:\"[{"), rune(r.data[r.pos])) {
		r.pos++
	}
	w := string(r.data[start:r.pos])
	switch w {
	case "true", "false", "null":
		return r.c.add(Value{Path: path, Text: w, Line: line})
	case "NaN", "Infinity", "-Infinity":
		f, _ := strconv.ParseFloat(w, 64)
		return r.c.add(number(path, line, f))
	}
	if !jsonNumber(w) {
		r.pos = start
		if len(w) > 40 {
			w = w[:40] + "…"
		}
		return r.fail("expected a value, found " + strconv.Quote(w))
	}
	if !strings.ContainsAny(w, ".eE") {
		if v, ok := integer(path, line, w); ok {
			return r.c.add(v)
		}
	}
	f, _ := strconv.ParseFloat(w, 64) // out of range reads as infinite, as Python does
	return r.c.add(number(path, line, f))
}

// jsonNumber checks the grammar of RFC 8259 section 6.
func jsonNumber(s string) bool {
	i := 0
	digits := func() bool {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	first := i
	if !digits() || s[first] == '0' && i > first+1 {
		return false
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(s)
}

// str reads a quoted string.
func (r *jsonReader) str() (string, error) {
	start := r.pos
	plain := true
	for r.pos++; r.pos < len(r.data); r.pos++ {
		switch b := r.data[r.pos]; {
		case b == '\\':
			plain = false
			r.pos++
		case b == '"':
			r.pos++
			raw := r.data[start:r.pos]
			if plain {
				return string(raw[1 : len(raw)-1]), nil
			}
			var s string
			if err := json.Unmarshal(raw, &s); err != nil {
				r.pos = start
				return "", r.fail("bad escape in a string")
			}
			return s, nil
		case b < 0x20:
			return "", r.fail("a string is not closed before the end of its line")
		}
	}
	r.pos = start
	return "", r.fail("a string is not closed")
}

func (r *jsonReader) object(path string, depth, line int) error {
	r.pos++
	r.space()
	if r.peek() == '}' {
		r.pos++
		return r.c.add(Value{Path: path, Text: "{}", Line: line})
	}
	for {
		r.space()
		if r.peek() != '"' {
			return r.fail("expected a key in double quotes")
		}
		keyLine := r.line()
		key, err := r.str()
		if err != nil {
			return err
		}
		p, err := r.c.key(path, key, keyLine)
		if err != nil {
			return err
		}
		r.space()
		if r.peek() != ':' {
			return r.fail("expected a colon after the key " + strconv.Quote(key))
		}
		r.pos++
		r.space()
		if err := r.value(p, depth+1, keyLine); err != nil {
			return err
		}
		if done, err := r.next('}'); done || err != nil {
			return err
		}
	}
}

func (r *jsonReader) array(path string, depth, line int) error {
	r.pos++
	r.space()
	if r.peek() == ']' {
		r.pos++
		return r.c.add(Value{Path: path, Text: "[]", Line: line})
	}
	for i := 0; ; i++ {
		r.space()
		if err := r.value(path+"["+strconv.Itoa(i)+"]", depth+1, r.line()); err != nil {
			return err
		}
		if done, err := r.next(']'); done || err != nil {
			return err
		}
	}
}

// next passes the comma or the end of a container.
func (r *jsonReader) next(end byte) (done bool, err error) {
	r.space()
	switch r.peek() {
	case end:
		r.pos++
		return true, nil
	case ',':
		r.pos++
		return false, nil
	}
	return false, r.fail("expected a comma or " + strconv.Quote(string(rune(end))))
}
