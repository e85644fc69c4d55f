package config

import (
	"fmt"
	"math"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// Parse reads a configuration; name is how errors call it. All that is not
// written is the default.
func Parse(name string, data []byte) (*File, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fault.New(fault.Invalid, "%s does not parse: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	c := Default()
	if len(doc.Content) == 0 {
		return c, nil
	}
	r := &reader{file: name}
	r.top(doc.Content[0], c)
	return c, r.err
}

// reader walks the nodes and keeps the first error.
type reader struct {
	file string
	err  error
}

func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	if r.err == nil {
		r.err = fault.New(fault.Invalid, "%s:%d: %s", r.file, n.Line, fmt.Sprintf(format, args...)).
			WithHint("docs/configuration.md lists every key")
	}
}

// each calls fn for every pair of a mapping; keys are what is allowed, nil
// allows all.
func (r *reader) each(n *yaml.Node, what string, keys []string, fn func(key string, k, v *yaml.Node)) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.fail(n, "%s must be a mapping of keys to values", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.Kind != yaml.ScalarNode:
			r.fail(k, "a key of %s must be plain text", what)
		case seen[k.Value]:
			r.fail(k, "%s names %q twice", what, k.Value)
		case keys != nil && !slices.Contains(keys, k.Value):
			r.fail(k, "%s has no key %q; it has %s", what, k.Value, strings.Join(keys, ", "))
		default:
			seen[k.Value] = true
			fn(k.Value, k, v)
		}
	}
}

func (r *reader) top(n *yaml.Node, c *File) {
	keys := []string{"experiment", "server", "forge", "files", "examples", "metrics", "curves", "gate", "models"}
	r.each(n, "the file", keys, func(key string, _, v *yaml.Node) {
		switch key {
		case "experiment":
			c.Experiment = r.text(v)
		case "server":
			c.Server = r.text(v)
		case "forge":
			r.forge(v, &c.Forge)
		case "files":
			r.files(v, &c.Files)
		case "examples":
			r.examples(v, &c.Examples)
		case "metrics":
			r.metrics(v, c)
		case "curves":
			c.Curves = r.list(v)
		case "gate":
			r.each(v, "gate", []string{"worse", "unknown"}, func(key string, _, v *yaml.Node) {
				word := r.word(v, "pass", "warn", "fail")
				if key == "worse" {
					c.Gate.Worse = word
				} else {
					c.Gate.Unknown = word
				}
			})
		case "models":
			r.models(v, c)
		}
	})
}

func (r *reader) forge(n *yaml.Node, f *Forge) {
	r.each(n, "forge", []string{"kind", "url"}, func(key string, _, v *yaml.Node) {
		if key == "kind" {
			f.Kind = r.word(v, "github", "gitlab", "gitea")
			return
		}
		f.URL = strings.TrimRight(r.text(v), "/")
		if u, err := url.Parse(f.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
			r.fail(v, "%q is not the address of a forge; write it as https://HOST", f.URL)
		}
	})
}

func (r *reader) files(n *yaml.Node, f *Files) {
	r.each(n, "files", []string{"metrics", "params", "model", "data", "code"}, func(key string, _, v *yaml.Node) {
		paths := r.list(v)
		for _, p := range paths {
			r.path(v, p)
		}
		switch key {
		case "metrics":
			f.Metrics = paths
		case "params":
			f.Params = paths
		case "model":
			f.Model = paths
		case "data":
			f.Data = paths
		case "code":
			f.Code = paths
		}
	})
}

func (r *reader) examples(n *yaml.Node, e *Examples) {
	into := map[string]*string{"file": &e.File, "id": &e.ID, "label": &e.Label, "prediction": &e.Prediction, "score": &e.Score}
	r.each(n, "examples", []string{"file", "id", "label", "prediction", "score"}, func(key string, _, v *yaml.Node) {
		*into[key] = r.text(v)
	})
	if e.File != "" {
		r.path(n, e.File)
	}
}

func (r *reader) metrics(n *yaml.Node, c *File) {
	r.each(n, "metrics", nil, func(name string, k, v *yaml.Node) {
		m := Metric{Name: name, Line: k.Line, Decides: len(c.Metrics) == 0}
		keys := []string{"goal", "tolerance", "min", "max", "not_worse_by", "decides"}
		r.each(v, "metric "+name, keys, func(key string, _, v *yaml.Node) {
			switch key {
			case "goal":
				m.Goal = r.word(v, "max", "min")
			case "tolerance":
				m.Tolerance = r.number(v)
				if m.Tolerance < 0 {
					r.fail(v, "the tolerance of %s must not be negative", name)
				}
			case "min":
				m.Min = ptr(r.number(v))
			case "max":
				m.Max = ptr(r.number(v))
			case "not_worse_by":
				m.NotWorseBy = ptr(r.number(v))
				if *m.NotWorseBy < 0 {
					r.fail(v, "not_worse_by of %s must not be negative", name)
				}
			case "decides":
				m.Decides = r.bool(v)
			}
		})
		if m.Min != nil && m.Max != nil && *m.Min > *m.Max {
			r.fail(k, "the minimum of %s lies above its maximum", name)
		}
		c.Metrics = append(c.Metrics, m)
	})
}

func (r *reader) models(n *yaml.Node, c *File) {
	c.Models = map[string]Model{}
	r.each(n, "models", nil, func(name string, _, v *yaml.Node) {
		r.each(v, "model "+name, []string{"aliases"}, func(_ string, _, v *yaml.Node) {
			c.Models[name] = Model{Aliases: r.aliases(v)}
		})
	})
}

// ParsePolicy reads the part of a policy file below a model's name: a mapping
// of aliases to what moving them needs.
func ParsePolicy(name string, data []byte) (map[string]track.AliasPolicy, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil || len(doc.Content) == 0 {
		return nil, fault.New(fault.Invalid, "%s does not parse as a policy: %v", name, err)
	}
	r := &reader{file: name}
	var out map[string]track.AliasPolicy
	r.each(doc.Content[0], "the policy", []string{"aliases"}, func(_ string, _, v *yaml.Node) {
		out = r.aliases(v)
	})
	if r.err == nil && out == nil {
		r.fail(doc.Content[0], "the policy has no key \"aliases\"")
	}
	return out, r.err
}

func (r *reader) aliases(n *yaml.Node) map[string]track.AliasPolicy {
	out := map[string]track.AliasPolicy{}
	r.each(n, "aliases", nil, func(alias string, _, v *yaml.Node) {
		var p track.AliasPolicy
		r.each(v, "alias "+alias, []string{"approvals", "same_bytes", "gates", "reason"}, func(key string, _, v *yaml.Node) {
			switch key {
			case "approvals":
				p.Approvals = int(r.number(v))
				if p.Approvals < 0 || p.Approvals > 100 {
					r.fail(v, "approvals must be a number from 0 to 100")
				}
			case "same_bytes":
				p.SameBytes = r.bool(v)
			case "gates":
				p.Gates = r.bool(v)
			case "reason":
				p.Reason = r.bool(v)
			}
		})
		out[alias] = p
	})
	return out
}

func (r *reader) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.fail(n, "a text was expected here")
	}
	return n.Value
}

func (r *reader) list(n *yaml.Node) []string {
	if n.Kind == yaml.ScalarNode {
		return []string{r.text(n)}
	}
	if n.Kind != yaml.SequenceNode {
		r.fail(n, "a list of texts was expected here")
		return nil
	}
	out := make([]string, 0, len(n.Content))
	for _, item := range n.Content {
		out = append(out, r.text(item))
	}
	return out
}

func (r *reader) word(n *yaml.Node, words ...string) string {
	if n.Kind != yaml.ScalarNode || !slices.Contains(words, n.Value) {
		r.fail(n, "%q is not possible here; say %s", n.Value, strings.Join(words, " or "))
	}
	return n.Value
}

func (r *reader) number(n *yaml.Node) float64 {
	v, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		r.fail(n, "%q is not a number", n.Value)
	}
	return v
}

func (r *reader) bool(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
		r.fail(n, "%q must be true or false", n.Value)
	}
	return n.Value == "true"
}

// path refuses what would leave the project's folder.
func (r *reader) path(n *yaml.Node, p string) {
	clean := path.Clean(p)
	if p == "" || path.IsAbs(p) || strings.Contains(p, "\\") || clean == ".." || strings.HasPrefix(clean, "../") {
		r.fail(n, "%q must be a path inside the project, with forward slashes", p)
	}
}

func ptr(v float64) *float64 { return &v }
