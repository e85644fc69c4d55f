package params

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// parseTOML reads TOML 1.0. The library's decoder checks the document (keys
// defined twice, tables opened again); its parser then gives order and lines.
func parseTOML(c *collector, data []byte) error {
	if err := tomlDepth(c, data); err != nil {
		return err
	}
	var all map[string]any
	if err := toml.Unmarshal(data, &all); err != nil {
		return c.tomlError(err)
	}
	r := &tomlReader{c: c, lines: lines{data: data}, tables: map[string]int{}}
	r.p.Reset(data)
	for r.p.NextExpression() {
		if err := r.expression(r.p.Expression()); err != nil {
			return err
		}
	}
	if err := r.p.Error(); err != nil {
		return c.tomlError(err)
	}
	return nil
}

// tomlDepth refuses long runs of brackets before the decoder recurses on them.
func tomlDepth(c *collector, data []byte) error {
	run, line := 0, 1
	for _, b := range data {
		switch b {
		case '[', '{':
			if run++; run > MaxDepth {
				return c.fail(line, "nested deeper than %d levels", MaxDepth)
			}
		case '\n':
			line++
		case ' ', '\t', '\r':
		default:
			run = 0
		}
	}
	return nil
}

func (c *collector) tomlError(err error) error {
	var de *toml.DecodeError
	if errors.As(err, &de) {
		row, _ := de.Position()
		return c.fail(row, "%s", strings.TrimPrefix(de.Error(), "toml: "))
	}
	return c.fail(0, "%s", strings.TrimPrefix(err.Error(), "toml: "))
}

type tomlReader struct {
	c      *collector
	p      unstable.Parser
	lines  lines
	table  string         // path of the table that is open
	depth  int            // its depth
	tables map[string]int // elements so far of each array of tables
}

func (r *tomlReader) expression(n *unstable.Node) error {
	switch n.Kind {
	case unstable.Table, unstable.ArrayTable:
		path, depth, _, err := r.path("", 0, n.Key(), n.Kind == unstable.ArrayTable)
		if err != nil {
			return err
		}
		r.table, r.depth = path, depth
		return nil
	case unstable.KeyValue:
		return r.keyValue(n, r.table, r.depth)
	}
	return nil
}

// path joins a dotted key to its parent; a part that names an array of tables
// means its last element.
func (r *tomlReader) path(parent string, depth int, keys unstable.Iterator, opens bool) (path string, at, line int, err error) {
	path, at = parent, depth
	for keys.Next() {
		k := keys.Node()
		line = r.lines.at(int(k.Raw.Offset))
		if path, err = r.c.key(path, string(k.Data), line); err != nil {
			return "", 0, 0, err
		}
		if at++; at > MaxDepth {
			return "", 0, 0, r.c.fail(line, "nested deeper than %d levels", MaxDepth)
		}
		if opens && keys.IsLast() {
			r.tables[path]++
		}
		if n := r.tables[path]; n > 0 {
			path += "[" + strconv.Itoa(n-1) + "]"
		}
	}
	return path, at, line, nil
}

func (r *tomlReader) keyValue(n *unstable.Node, parent string, depth int) error {
	path, at, line, err := r.path(parent, depth, n.Key(), false)
	if err != nil {
		return err
	}
	return r.value(n.Value(), path, at, line)
}

func (r *tomlReader) value(n *unstable.Node, path string, depth, line int) error {
	if err := r.c.enter(depth, line); err != nil {
		return err
	}
	switch n.Kind {
	case unstable.Array:
		return r.array(n, path, depth, line)
	case unstable.InlineTable:
		empty := true
		for it := n.Children(); it.Next(); {
			empty = false
			if err := r.keyValue(it.Node(), path, depth); err != nil {
				return err
			}
		}
		if empty {
			return r.c.add(Value{Path: path, Text: "{}", Line: line})
		}
		return nil
	}
	return r.c.add(r.scalar(n, path, line))
}

func (r *tomlReader) array(n *unstable.Node, path string, depth, line int) error {
	i := 0
	for it := n.Children(); it.Next(); i++ {
		e, at := it.Node(), line
		if e.Raw.Length > 0 {
			at = r.lines.at(int(e.Raw.Offset))
		}
		if err := r.value(e, path+"["+strconv.Itoa(i)+"]", depth+1, at); err != nil {
			return err
		}
	}
	if i == 0 {
		return r.c.add(Value{Path: path, Text: "[]", Line: line})
	}
	return nil
}

func (r *tomlReader) scalar(n *unstable.Node, path string, line int) Value {
	text := string(n.Data)
	switch n.Kind {
	case unstable.Integer:
		if v, ok := integer(path, line, text); ok {
			return v
		}
	case unstable.Float:
		return number(path, line, tomlFloat(text))
	}
	return Value{Path: path, Text: text, Line: line}
}

func tomlFloat(s string) float64 {
	switch strings.TrimPrefix(s, "+") {
	case "inf":
		return math.Inf(1)
	case "-inf":
		return math.Inf(-1)
	case "nan", "-nan":
		return math.NaN()
	}
	f, _ := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	return f
}
