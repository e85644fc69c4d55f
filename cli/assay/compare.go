package assay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v4"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/params"
	"github.com/assay-ml/assay/review/compare"
)

type compareOptions struct {
	baseline, candidate, config string
	json                        bool
}

func newCompare(env Env) *cobra.Command {
	var o compareOptions
	cmd := &cobra.Command{
		Use:   "compare --baseline DIR --candidate DIR",
		Short: "Say whether what one folder holds is better, same or worse than another, or that it is unknown",
		Long: "Compare two folders, each with metrics.json and, for a verdict, predictions.csv (columns id, label,\n" +
			"prediction, and where there are such score, cluster, seed). Names and tolerances come from --config.\n" +
			"The exit code is 0 whatever the word: `assay check` is the command that fails.",
		Example: "  assay compare --baseline main/ --candidate here/\n  assay compare --baseline main/ --candidate here/ --config assay.yaml --json",
		Args:    args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runCompare(env, o, cmd) },
	}
	cmd.Flags().StringVar(&o.baseline, "baseline", "", "`DIR` with the files of the baseline")
	cmd.Flags().StringVar(&o.candidate, "candidate", "", "`DIR` with the files of the candidate")
	cmd.Flags().StringVar(&o.config, "config", "", "`FILE` that says what matters, written as assay.yaml is (default: none)")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func runCompare(env Env, o compareOptions, cmd *cobra.Command) error {
	if o.baseline == "" || o.candidate == "" {
		return usage(cmd, errors.New("--baseline DIR and --candidate DIR are both needed"))
	}
	conf := defaultComparePlan()
	if o.config != "" {
		data, err := readLimited(within(env.Dir, o.config), maxCompareConfig)
		if err != nil {
			return err
		}
		if conf, err = parseComparePlan(o.config, data); err != nil {
			return err
		}
	}
	var sides [2]compare.Folder
	for i, dir := range []string{o.baseline, o.candidate} {
		side, closer, err := openSide(env, dir, conf)
		if err != nil {
			return err
		}
		defer closer.Close()
		sides[i] = side
	}
	c, err := compare.Folders(sides[0], sides[1], conf.Plan)
	if err != nil {
		return fault.New(fault.Invalid, "%w", err).WithHint("mend the file, or name its columns under `examples:` in the configuration")
	}
	if o.json {
		enc := json.NewEncoder(env.Stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(c)
	}
	_, err = io.WriteString(env.Stdout, compareText(c))
	return err
}

// maxCompareConfig bounds the configuration, in bytes.
const maxCompareConfig = 1 << 20

func readLimited(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fault.New(fault.NotFound, "reading %w", err)
	}
	defer f.Close()
	return readUpTo(f, name, limit)
}

func readUpTo(f io.Reader, name string, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fault.New(fault.Invalid, "reading %s: %w", name, err)
	}
	if int64(len(data)) > limit {
		return nil, fault.New(fault.TooLarge, "%s is larger than %d MB", name, limit>>20)
	}
	return data, nil
}

// openSide reads the metrics of one folder and opens its predictions, which
// need not be there. Links that lead out of the folder are not followed.
func openSide(env Env, dir string, conf comparePlan) (compare.Folder, io.Closer, error) {
	root, err := os.OpenRoot(within(env.Dir, dir))
	if err != nil {
		return compare.Folder{}, nil, fault.New(fault.NotFound, "opening the folder: %w", err)
	}
	defer root.Close()
	var side compare.Folder
	var sets []*params.Set
	for _, name := range conf.metricsFiles {
		shown := path.Join(filepath.ToSlash(dir), name)
		f, err := root.Open(filepath.FromSlash(name))
		if err != nil {
			return side, nil, fault.New(fault.NotFound, "reading %s: %w", shown, err).
				WithHint("each folder needs its metrics as %s", name)
		}
		data, err := readUpTo(f, shown, params.MaxFile)
		f.Close()
		if err != nil {
			return side, nil, err
		}
		set, err := params.Parse(name, data)
		if err != nil {
			return side, nil, fault.New(fault.Invalid, "%s/%w", filepath.ToSlash(filepath.Clean(dir)), err)
		}
		sets = append(sets, conf.withTexts(set))
	}
	side.Values = compare.ValuesOf(sets)
	side.Name = path.Join(filepath.ToSlash(dir), conf.examples)
	f, err := root.Open(filepath.FromSlash(conf.examples))
	if errors.Is(err, fs.ErrNotExist) {
		return side, io.NopCloser(nil), nil
	}
	if err != nil {
		return side, nil, fault.New(fault.Invalid, "reading %s: %w", side.Name, err)
	}
	side.Answers = f
	return side, f, nil
}

// comparePlan is what a configuration says about a comparison.
type comparePlan struct {
	compare.Plan
	metricsFiles []string
	examples     string
}

func defaultComparePlan() comparePlan {
	return comparePlan{
		Plan: compare.Plan{Columns: compare.Columns{
			ID: "id", Label: "label", Prediction: "prediction", Score: "score", Cluster: "cluster", Seed: "seed",
		}},
		metricsFiles: []string{"metrics.json"}, examples: "predictions.csv",
	}
}

// withTexts makes a configured or built-in metric that is a text, null or a
// truth value one that is not finite: it is to be said, not passed over.
func (p comparePlan) withTexts(set *params.Set) *params.Set {
	for i := range set.Values {
		v := &set.Values[i]
		named := compare.BuiltIn(v.Path) || slices.ContainsFunc(p.Metrics, func(m compare.PlanMetric) bool { return m.Name == v.Path })
		if !v.IsNum && named {
			v.IsNum, v.Num = true, math.NaN()
		}
	}
	return set
}

// parseComparePlan reads a configuration. It knows the keys of assay.yaml and,
// beside them, those that only a comparison asks for so far.
func parseComparePlan(name string, data []byte) (comparePlan, error) {
	p := defaultComparePlan()
	p.Configured = true
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return p, fault.New(fault.Invalid, "%s does not parse: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	r := &planReader{file: name, plan: &p, worse: "fail"}
	if len(doc.Content) == 0 {
		r.fail(&yaml.Node{Line: 1}, "there is no key \"metrics\": say which metrics matter")
		return p, r.err
	}
	r.top(doc.Content[0])
	return p, r.err
}

// planReader walks the nodes and keeps the first error.
type planReader struct {
	file           string
	plan           *comparePlan
	err            error
	worse, unknown string
}

func (r *planReader) fail(n *yaml.Node, format string, args ...any) {
	if r.err == nil {
		r.err = fault.New(fault.Invalid, "%s:%d: %s", r.file, max(n.Line, 1), fmt.Sprintf(format, args...)).
			WithHint("docs/compare.md lists what a comparison reads")
	}
}

func (r *planReader) each(n *yaml.Node, what string, keys []string, fn func(key string, k, v *yaml.Node)) {
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

func (r *planReader) top(n *yaml.Node) {
	keys := []string{"experiment", "server", "forge", "files", "examples", "metrics", "level", "slices", "curves", "gate", "models"}
	var metrics *yaml.Node
	r.each(n, "the file", keys, func(key string, _, v *yaml.Node) {
		switch key {
		case "files":
			r.each(v, "files", []string{"metrics", "params", "model", "data", "code"}, func(key string, _, v *yaml.Node) {
				if key == "metrics" {
					r.plan.metricsFiles = r.list(v)
					for _, p := range r.plan.metricsFiles {
						r.path(v, p)
					}
				}
			})
		case "examples":
			r.examples(v)
		case "metrics":
			metrics = v
		case "level":
			r.plan.Level = r.number(v)
			if r.plan.Level <= 0 || r.plan.Level >= 1 {
				r.fail(v, "the level %s is not possible: it is a number between 0 and 1, such as 0.95", v.Value)
			}
		case "slices":
			r.slices(v)
		case "gate":
			r.gate(v)
		}
	})
	if metrics == nil {
		r.fail(n, "there is no key \"metrics\": say which metrics matter")
		return
	}
	r.metrics(metrics)
	r.addGates()
}

func (r *planReader) examples(n *yaml.Node) {
	c, def := &r.plan.Columns, defaultComparePlan().Columns
	optional := map[string]struct{ to, def *string }{
		"score": {&c.Score, &def.Score}, "cluster": {&c.Cluster, &def.Cluster}, "seed": {&c.Seed, &def.Seed},
		"input_digest": {&c.InputDigest, &def.InputDigest},
	}
	needed := map[string]*string{"file": &r.plan.examples, "id": &c.ID, "label": &c.Label, "prediction": &c.Prediction, "positive": &r.plan.Positive}
	keys := []string{"file", "id", "label", "prediction", "score", "cluster", "seed", "image", "slices", "positive", "input_digest", "max_missing"}
	r.each(n, "examples", keys, func(key string, _, v *yaml.Node) {
		switch key {
		case "image": // shown beside the examples, not compared
			r.text(v)
		case "slices":
			c.Slices = r.list(v)
			c.Must = append(c.Must, c.Slices...)
		case "max_missing":
			if r.plan.MaxMissing = r.number(v); r.plan.MaxMissing <= 0 || r.plan.MaxMissing > 1 {
				r.fail(v, "max_missing must be a share above 0 and at most 1")
			}
		default:
			if to := needed[key]; to != nil {
				*to = r.text(v)
				break
			}
			o := optional[key]
			if *o.to = r.text(v); *o.to != *o.def {
				c.Must = append(c.Must, *o.to)
			}
		}
	})
	r.path(n, r.plan.examples)
}

func (r *planReader) metrics(n *yaml.Node) {
	r.each(n, "metrics", nil, func(name string, k, v *yaml.Node) {
		m := compare.PlanMetric{Spec: compare.Spec{Name: name, Decides: true}}
		var g [3]*float64 // min, max, not_worse_by
		average := ""
		keys := []string{"goal", "tolerance", "min", "max", "not_worse_by", "decides", "from", "positive", "average"}
		r.each(v, "metric "+name, keys, func(key string, _, v *yaml.Node) {
			switch key {
			case "goal":
				m.Goal = compare.Goal(r.word(v, "max", "min"))
			case "tolerance":
				m.Tolerance, m.Relative = r.tolerance(v, name)
			case "min", "max", "not_worse_by":
				x := r.number(v)
				g[slices.Index(keys, key)-2] = &x
				if key == "not_worse_by" && x < 0 {
					r.fail(v, "not_worse_by of %s must not be negative", name)
				}
			case "decides":
				m.Decides = r.word(v, "true", "false") == "true"
			case "from":
				if m.From = r.text(v); !compare.BuiltIn(m.From) {
					r.fail(v, "%q is not computed from examples; docs/compare.md lists what is", m.From)
				}
			case "positive":
				m.Positive = r.text(v)
			case "average":
				average = r.word(v, "binary", "macro")
			}
		})
		if average == "macro" {
			if m.From == "f1" || m.From == "" && name == "f1" {
				m.From = "f1_macro"
			} else {
				r.fail(k, "only f1 has a macro average")
			}
		}
		if g[0] != nil && g[1] != nil && *g[0] > *g[1] {
			r.fail(k, "the minimum of %s lies above its maximum", name)
		}
		for i, gate := range []compare.Gate{{Min: g[0]}, {Max: g[1]}, {NotWorseBy: g[2]}} {
			if g[i] != nil {
				gate.Metric = name
				r.plan.Gates = append(r.plan.Gates, gate)
			}
		}
		r.plan.Metrics = append(r.plan.Metrics, m)
	})
	if len(r.plan.Metrics) == 0 {
		r.fail(n, "\"metrics\" names none: say which metrics matter")
	}
}

// tolerance is a number in the metric's unit, or a share of the baseline's
// value written with a per cent sign.
func (r *planReader) tolerance(n *yaml.Node, name string) (absolute, relative float64) {
	number := *n
	text, percent := strings.CutSuffix(strings.TrimSpace(n.Value), "%")
	number.Value = strings.TrimSpace(text)
	x := r.number(&number)
	if x < 0 {
		r.fail(n, "the tolerance of %s must not be negative", name)
	}
	if percent {
		return 0, x / 100
	}
	return x, 0
}

func (r *planReader) slices(n *yaml.Node) {
	r.each(n, "slices", []string{"adjust", "min_examples"}, func(key string, _, v *yaml.Node) {
		if key == "adjust" {
			r.plan.Adjust = r.word(v, compare.AdjustHolm, compare.AdjustBH)
			return
		}
		x := r.number(v)
		if x < compare.MinExamples || x > 1e9 || x != math.Trunc(x) {
			r.fail(v, "min_examples must be a whole number from %d on", compare.MinExamples)
			return
		}
		r.plan.MinSlice = int(x)
	})
}

func (r *planReader) gate(n *yaml.Node) {
	r.each(n, "gate", []string{"worse", "unknown"}, func(key string, _, v *yaml.Node) {
		word := r.word(v, "pass", "warn", "fail")
		if key == "worse" {
			r.worse = word
		} else {
			r.unknown = word
		}
	})
}

// addGates adds the gate of the verdict, and says what undecided ones do.
func (r *planReader) addGates() {
	if r.worse != "pass" {
		r.plan.Gates = append(r.plan.Gates, compare.Gate{Worse: true, WarnOnly: r.worse == "warn"})
	}
	for i := range r.plan.Gates {
		r.plan.Gates[i].Undecided = compare.Status(r.unknown)
	}
}

func (r *planReader) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "" {
		r.fail(n, "a text was expected here")
	}
	return n.Value
}

func (r *planReader) list(n *yaml.Node) []string {
	if n.Kind == yaml.ScalarNode {
		return []string{r.text(n)}
	}
	if n.Kind != yaml.SequenceNode {
		r.fail(n, "a list of texts was expected here")
		return nil
	}
	var out []string
	for _, item := range n.Content {
		if t := r.text(item); slices.Contains(out, t) {
			r.fail(item, "%q stands twice", t)
		}
		out = append(out, item.Value)
	}
	return out
}

func (r *planReader) word(n *yaml.Node, words ...string) string {
	if n.Kind != yaml.ScalarNode || !slices.Contains(words, n.Value) {
		r.fail(n, "%q is not possible here; say %s", n.Value, strings.Join(words, " or "))
	}
	return n.Value
}

func (r *planReader) number(n *yaml.Node) float64 {
	v, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		r.fail(n, "%q is not a number", n.Value)
	}
	return v
}

// path refuses what would leave the folder.
func (r *planReader) path(n *yaml.Node, p string) {
	if p == "" || strings.Contains(p, "\\") || !filepath.IsLocal(p) {
		r.fail(n, "%q must be a path inside the folder, with forward slashes", p)
	}
}

// compareText is the comparison for people: the verdict first, then a table,
// the slices that changed, and what is to be known.
func compareText(c *compare.Comparison) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", compareMark(c.Verdict), compareHeadline(c))
	rows := [][]string{{"metric", "baseline", "candidate", "difference", ""}}
	for i, m := range c.Metrics {
		u := compare.GuessUnit(m.Name, floats(m.Baseline, m.Candidate)...)
		diff := amount(m.Difference, u.Change)
		if m.Low != nil && m.High != nil {
			diff += ", " + u.Between(*m.Low, *m.High)
		}
		word := compareMark(m.Verdict) + " " + string(m.Verdict)
		if why := c.Details.Metrics[i].Reason.Text; why != "" && m.Verdict != compare.Better && m.Verdict != compare.Worse {
			word += ": " + why
		}
		rows = append(rows, []string{m.Name, amount(m.Baseline, u.Value), amount(m.Candidate, u.Value), diff, word})
	}
	b.WriteString("\n" + aligned(rows))
	compareSlices(&b, c)
	for _, g := range c.Details.Gates {
		if g.Status == compare.Fail || g.Status == compare.Undecided {
			fmt.Fprintf(&b, "\ngate %s: %s (%s)", printable(g.Sentence), g.Status, g.Reason)
		}
	}
	for _, w := range c.Warnings {
		fmt.Fprintf(&b, "\n! %s: %s", w.Code, printable(w.Message))
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func compareHeadline(c *compare.Comparison) string {
	word := strings.ToUpper(string(c.Verdict[:1])) + string(c.Verdict[1:])
	for i, m := range c.Metrics {
		if !c.Details.Metrics[i].Decides || m.Verdict != c.Verdict || m.Low == nil {
			continue
		}
		u := compare.GuessUnit(m.Name, floats(m.Baseline, m.Candidate)...)
		return fmt.Sprintf("%s: %s %s → %s (%s, %s; %d examples)", word, printable(m.Name), amount(m.Baseline, u.Value), amount(m.Candidate, u.Value),
			amount(m.Difference, u.Change), u.Between(*m.Low, *m.High), *m.N)
	}
	if why := c.Details.Reason.Text; why != "" {
		return word + ": " + printable(why)
	}
	return word
}

func compareSlices(b *strings.Builder, c *compare.Comparison) {
	quiet := 0
	rows := [][]string{{"slice", "baseline", "candidate", "difference", "examples", ""}}
	for _, s := range c.Slices {
		if s.Verdict != compare.Worse && s.Verdict != compare.Better {
			quiet++
			continue
		}
		u := compare.GuessUnit(*c.Details.Slices.Metric, floats(s.Baseline, s.Candidate)...)
		rows = append(rows, []string{
			s.Slice + " = " + s.Value, amount(s.Baseline, u.Value), amount(s.Candidate, u.Value), amount(s.Difference, u.Change),
			strconv.Itoa(s.N), compareMark(s.Verdict) + " " + string(s.Verdict),
		})
	}
	if len(rows) > 1 {
		b.WriteString("\n" + aligned(rows))
	}
	if quiet > 0 {
		fmt.Fprintf(b, "\n%d of %d slices of %s without a clear change, %d looked at together\n", quiet, len(c.Slices), *c.Details.Slices.Metric, c.Details.Slices.Family)
	}
}

func compareMark(w compare.Word) string {
	switch w {
	case compare.Better:
		return "▲"
	case compare.Worse:
		return "▼"
	case compare.Same:
		return "●"
	}
	return "?"
}

func floats(of ...*float64) []float64 {
	var out []float64
	for _, f := range of {
		if f != nil {
			out = append(out, *f)
		}
	}
	return out
}

func amount(f *float64, word func(float64) string) string {
	if f == nil {
		return "–"
	}
	return word(*f)
}

// aligned lays a table out in columns; control characters of names are shown
// as they are in JSON, so that no text can move the cursor.
func aligned(rows [][]string) string {
	var width []int
	for _, row := range rows {
		for i, cell := range row {
			row[i] = printable(cell)
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], utf8.RuneCountInString(row[i]))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += cell + strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '�'
		}
		return r
	}, s)
}
