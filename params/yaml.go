package params

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// parseYAML reads one YAML document. Aliases are followed and counted, so a
// bomb of aliases meets the limit of values.
func parseYAML(c *collector, data []byte) error {
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithPlugin(yamlLimits{}))
	if err != nil {
		return c.yamlError(err)
	}
	var doc yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) {
		return nil // an empty file has no values
	} else if err != nil {
		return c.yamlError(err)
	}
	if err := onlyOne(c, loader); err != nil {
		return err
	}
	root := &doc
	if root.Kind == yaml.DocumentNode {
		if len(root.Content) == 0 {
			return nil
		}
		root = root.Content[0]
	}
	return (&yamlReader{c: c}).node(root, "", 0, root.Line)
}

// onlyOne refuses a second document: it would be ambiguous which one counts.
func onlyOne(c *collector, loader *yaml.Loader) error {
	var second yaml.Node
	err := loader.Load(&second)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return c.yamlError(err)
	}
	return c.fail(second.Line, "a second YAML document starts here: keep one in a file")
}

// yamlLimits makes the library stop at our depth while it still scans. Aliases
// are counted by the collector, which sees what they cost.
type yamlLimits struct{}

func (yamlLimits) CheckDepth(depth int, _ *yaml.DepthContext) error {
	if depth > MaxDepth+2 { // the collector gives the exact answer; this guards the stack
		return fmt.Errorf("nested deeper than %d levels", MaxDepth)
	}
	return nil
}

func (yamlLimits) CheckAlias(int, int) error { return nil }

func (c *collector) yamlError(err error) error {
	var le *yaml.LoadError
	if errors.As(err, &le) {
		return c.fail(le.Mark.Line, "%s", le.Message)
	}
	return c.fail(0, "%s", err)
}

type yamlReader struct{ c *collector }

func (r *yamlReader) node(n *yaml.Node, path string, depth, line int) error {
	if err := r.c.enter(depth, line); err != nil {
		return err
	}
	switch n.Kind {
	case yaml.AliasNode:
		// One level deeper, so that an alias to itself ends at the depth limit.
		return r.node(n.Alias, path, depth+1, line)
	case yaml.MappingNode:
		return r.mapping(n, path, depth, line)
	case yaml.SequenceNode:
		return r.sequence(n, path, depth, line)
	}
	v, err := r.scalar(n, path, line)
	if err != nil {
		return err
	}
	return r.c.add(v)
}

func (r *yamlReader) sequence(n *yaml.Node, path string, depth, line int) error {
	if len(n.Content) == 0 {
		return r.c.add(Value{Path: path, Text: "[]", Line: line})
	}
	for i, e := range n.Content {
		if err := r.node(e, path+"["+strconv.Itoa(i)+"]", depth+1, e.Line); err != nil {
			return err
		}
	}
	return nil
}

// pair is an entry of a mapping after its merge keys are followed.
type pair struct{ key, value *yaml.Node }

func (r *yamlReader) mapping(n *yaml.Node, path string, depth, line int) error {
	pairs, err := r.pairs(n, depth)
	if err != nil {
		return err
	}
	if len(pairs) == 0 {
		return r.c.add(Value{Path: path, Text: "{}", Line: line})
	}
	for _, p := range pairs {
		child, err := r.c.key(path, p.key.Value, p.key.Line)
		if err != nil {
			return err
		}
		if err := r.node(p.value, child, depth+1, p.key.Line); err != nil {
			return err
		}
	}
	return nil
}

// pairs lists a mapping's entries in file order. What the mapping says itself
// wins over what it merges; of several merged mappings the first wins.
func (r *yamlReader) pairs(n *yaml.Node, depth int) ([]pair, error) {
	own := map[string]bool{}
	var out []pair
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		if k.Kind != yaml.ScalarNode {
			return nil, r.c.fail(n.Content[i].Line, "a key is a map or a list: use a plain word")
		}
		if k.ShortTag() == "!!merge" {
			merges = append(merges, v)
			continue
		}
		if own[k.Value] {
			return nil, r.c.fail(k.Line, "%s stands twice", nameOf(k.Value))
		}
		own[k.Value] = true
		out = append(out, pair{k, v})
	}
	for _, m := range merges {
		merged, err := r.merged(m, depth+1)
		if err != nil {
			return nil, err
		}
		for _, p := range merged {
			if !own[p.key.Value] {
				own[p.key.Value] = true
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// merged returns the entries that a merge key's value brings.
func (r *yamlReader) merged(n *yaml.Node, depth int) ([]pair, error) {
	if err := r.c.enter(depth, n.Line); err != nil {
		return nil, err
	}
	switch n.Kind {
	case yaml.AliasNode:
		return r.merged(n.Alias, depth+1)
	case yaml.MappingNode:
		r.c.nodes += len(n.Content) / 2
		return r.pairs(n, depth)
	case yaml.SequenceNode:
		var out []pair
		for _, e := range n.Content {
			p, err := r.merged(e, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, p...)
		}
		return out, nil
	}
	return nil, r.c.fail(n.Line, "<< merges maps only")
}

func (r *yamlReader) scalar(n *yaml.Node, path string, line int) (Value, error) {
	switch n.ShortTag() {
	case "!!int":
		if v, ok := integer(path, line, n.Value); ok {
			return v, nil
		}
		return r.float(n, path, line)
	case "!!float":
		return r.float(n, path, line)
	case "!!null":
		return Value{Path: path, Text: "null", Line: line}, nil
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err != nil {
			return Value{}, r.c.fail(n.Line, "%q is not a truth value", short(n.Value))
		}
		return Value{Path: path, Text: strconv.FormatBool(b), Line: line}, nil
	}
	return Value{Path: path, Text: n.Value, Line: line}, nil
}

func (r *yamlReader) float(n *yaml.Node, path string, line int) (Value, error) {
	f := math.NaN()
	if err := n.Decode(&f); err != nil {
		return Value{}, r.c.fail(n.Line, "%q is not a number", short(n.Value))
	}
	return number(path, line, f), nil
}

func short(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
