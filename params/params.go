// Package params reads the values that people keep in files: parameters and
// metrics in YAML, JSON and TOML, flattened to dotted paths with the line each
// stands on, and tables in CSV and TSV. It compares two sets of such files.
//
// It does not write files, does not know which file is a parameter and which a
// metric, and does not read from disk: callers hand it the bytes. All input may
// be hostile; every size is bounded (see the Max constants).
package params

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

// Bounds of Parse. A file that goes beyond one of them is refused with a
// *SyntaxError that names the bound.
const (
	MaxFile   = 16 << 20 // bytes of a values file
	MaxDepth  = 64       // maps and lists inside each other
	MaxValues = 100_000  // nodes after YAML aliases are followed
	maxPath   = 1024     // bytes of one dotted path: paths repeat their parents, so this bounds memory
	maxMarks  = 1 << 20  // characters that may begin a node, before a library builds a tree of it
)

// Value is one leaf of a file. Empty maps and lists are leaves too, with the
// texts "{}" and "[]", so that their coming and going is seen.
type Value struct {
	Path  string  // dotted, lists as a[0]; keys stand as they are, a dot in a key included; "" if the whole file is one value
	Text  string  // canonical: 1e-3 and 0.001 have one text; "null", "true", "false"; "NaN", "Infinity", "-Infinity"
	Num   float64 // valid if IsNum; may be NaN or infinite
	IsNum bool
	Line  int // 1-based line of the key, or of the element in a list; 0 unknown
}

// Set is the values of one file, in file order.
type Set struct {
	File   string
	Values []Value
}

// Get returns the value at a dotted path.
func (s *Set) Get(path string) (Value, bool) {
	for _, v := range s.Values {
		if v.Path == path {
			return v, true
		}
	}
	return Value{}, false
}

// SyntaxError says where a file cannot be read, and why.
type SyntaxError struct {
	File string
	Line int // 1-based; 0 if no line is to blame
	Msg  string
}

func (e *SyntaxError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
	}
	return e.File + ": " + e.Msg
}

// Parse reads a values file; the format follows from the extension of name:
// .yaml, .yml, .json or .toml. JSON may hold the bare NaN, Infinity and
// -Infinity that Python writes. A path that stands twice is an error, in JSON
// too. YAML merge keys (<<) are followed. Every error is a *SyntaxError.
func Parse(name string, data []byte) (*Set, error) {
	c := &collector{file: name, seen: map[string]bool{}}
	if len(data) > MaxFile {
		return nil, c.fail(0, "%d bytes are more than the limit of %d MB", len(data), MaxFile>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, c.fail(lineOfBadUTF8(data), "the text is not UTF-8: save it as UTF-8")
	}
	ext := strings.ToLower(path.Ext(name))
	if ext != ".json" && marks(data) > maxMarks {
		return nil, c.fail(0, "more than %d commas, colons, brackets, dashes and lines: keep data in a table", maxMarks)
	}
	var err error
	switch ext {
	case ".yaml", ".yml":
		err = parseYAML(c, data)
	case ".json":
		err = parseJSON(c, data)
	case ".toml":
		err = parseTOML(c, data)
	default:
		err = c.fail(0, "cannot tell the format from the extension %q: use .yaml, .yml, .json or .toml", ext)
	}
	if err != nil {
		return nil, err
	}
	return &Set{File: name, Values: c.values}, nil
}

// marks bounds from above how many nodes a YAML or TOML library would build.
func marks(data []byte) int {
	n := 0
	for _, b := range data {
		switch b {
		case ',', ':', '[', '{', '-', '?', '=', '\n':
			n++
		}
	}
	return n
}

// lineOfBadUTF8 finds the line of the first byte that is not UTF-8.
func lineOfBadUTF8(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			return line
		}
		if r == '\n' {
			line++
		}
		data = data[n:]
	}
	return line
}

// collector gathers leaves for the three readers and keeps their bounds.
type collector struct {
	file   string
	values []Value
	seen   map[string]bool
	nodes  int
}

func (c *collector) fail(line int, format string, args ...any) error {
	return &SyntaxError{File: c.file, Line: line, Msg: fmt.Sprintf(format, args...)}
}

// enter is called for every node, leaf or not, so that aliases to empty
// containers cannot cost time without being counted.
func (c *collector) enter(depth, line int) error {
	c.nodes++
	switch {
	case depth > MaxDepth:
		return c.fail(line, "nested deeper than %d levels", MaxDepth)
	case c.nodes > MaxValues:
		return c.fail(line, "more than %d values (aliases followed)", MaxValues)
	}
	return nil
}

func (c *collector) add(v Value) error {
	if c.seen[v.Path] {
		return c.fail(v.Line, "%s stands twice", nameOf(v.Path))
	}
	c.seen[v.Path] = true
	c.values = append(c.values, v)
	return nil
}

// key joins a map key to its parent's path.
func (c *collector) key(parent, key string, line int) (string, error) {
	p := key
	if parent != "" {
		p = parent + "." + key
	}
	if len(p) > maxPath {
		return "", c.fail(line, "the name %s… is longer than %d bytes", p[:40], maxPath)
	}
	return p, nil
}

func nameOf(path string) string {
	if path == "" {
		return "the empty name"
	}
	return path
}
