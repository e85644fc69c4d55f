package assay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/fault"
)

// comparing runs `assay compare` on folders a and b below a new directory and
// returns what it printed.
func comparing(t *testing.T, files map[string]string, arguments ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	cmd := newCompare(Env{Dir: dir, Stdout: &out, Stderr: &out})
	cmd.SetArgs(arguments)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetFlagErrorFunc(usage)
	err := cmd.Execute()
	return out.String(), err
}

func bothSides(extra map[string]string) map[string]string {
	var a, b strings.Builder
	for _, w := range []*strings.Builder{&a, &b} {
		w.WriteString("id,label,prediction,source\n")
	}
	for i := range 200 {
		y := i % 2
		fmt.Fprintf(&a, "%d,%d,%d,s%d\n", i, y, map[bool]int{true: y, false: 1 - y}[i%5 > 0], i%3)
		fmt.Fprintf(&b, "%d,%d,%d,s%d\n", i, y, map[bool]int{true: y, false: 1 - y}[i%20 > 0], i%3)
	}
	files := map[string]string{
		"a/metrics.json": `{"accuracy": 0.8, "latency": 1.2}`, "b/metrics.json": `{"accuracy": 0.95, "latency": 1.3}`,
		"a/predictions.csv": a.String(), "b/predictions.csv": b.String(),
		"assay.yaml": "level: 0.9\nexamples: {slices: [source]}\nmetrics:\n  accuracy: {tolerance: 0.01, min: 0.9}\n  latency: {goal: min, decides: false}\n",
	}
	maps.Copy(files, extra)
	return files
}

var compareFlags = []string{"--baseline", "a", "--candidate", "b"}

// TestCompareJSON holds the contract: which keys there are, and that all are.
func TestCompareJSON(t *testing.T) {
	out, err := comparing(t, bothSides(nil), append(compareFlags, "--config", "assay.yaml", "--json")...)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatal(err)
	}
	keys := func(m any) []string { return slices.Sorted(maps.Keys(m.(map[string]any))) }
	metric := []string{"baseline", "candidate", "difference", "goal", "high", "level", "low", "mde", "method", "n", "name", "p", "verdict"}
	slice := []string{"adjusted_p", "baseline", "candidate", "difference", "n", "p", "slice", "value", "verdict"}
	if diff := cmp.Diff([]string{"details", "metrics", "slices", "verdict", "warnings"}, keys(all)); diff != "" {
		t.Error(diff)
	}
	metrics := all["metrics"].([]any)
	for _, m := range metrics {
		if diff := cmp.Diff(metric, keys(m)); diff != "" {
			t.Error(diff)
		}
	}
	for _, s := range all["slices"].([]any) {
		if diff := cmp.Diff(slice, keys(s)); diff != "" {
			t.Error(diff)
		}
	}
	latency := metrics[1].(map[string]any)
	if all["verdict"] != "better" || len(all["slices"].([]any)) != 3 || latency["verdict"] != "unknown" || latency["p"] != nil || latency["level"] != .9 {
		t.Errorf("%s", out)
	}
	again, _ := comparing(t, bothSides(nil), append(compareFlags, "--config", "assay.yaml", "--json")...)
	if again != out {
		t.Error("the same input gives other bytes")
	}
}

func TestCompareText(t *testing.T) {
	out, err := comparing(t, bothSides(nil), append(compareFlags, "--config", "assay.yaml")...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"▲ Better: accuracy 80.0 % → 95.0 % (+15.0 points, between ", "; 200 examples)\n",
		"latency   1.2       1.3        +0.1", "? unknown: one number a side",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	out, err = comparing(t, bothSides(map[string]string{"b/metrics.json": "{\"late\\u001b[2Jncy\": 1}"}), compareFlags...)
	if err != nil || strings.Contains(out, "\x1b") {
		t.Errorf("%v: a control character came through:\n%q", err, out)
	}
}

func TestCompareRefuses(t *testing.T) {
	with := func(name, text string) map[string]string { return bothSides(map[string]string{name: text}) }
	without := func(name string) map[string]string { f := bothSides(nil); delete(f, name); return f }
	full := append(slices.Clone(compareFlags), "--config", "assay.yaml", "--json")
	for _, c := range []struct {
		name  string
		files map[string]string
		args  []string
		exit  int
		want  string
	}{
		{"no folders", bothSides(nil), nil, fault.ExitUsage, "--baseline DIR and --candidate DIR"},
		{"an argument", bothSides(nil), append(slices.Clone(compareFlags), "x"), fault.ExitUsage, "unknown command"},
		{"a flag", bothSides(nil), append(slices.Clone(compareFlags), "--seed", "1"), fault.ExitUsage, "unknown flag"},
		{"no folder", bothSides(nil), []string{"--baseline", "a", "--candidate", "c"}, fault.ExitCannot, "opening the folder"},
		{"no metrics.json", without("b/metrics.json"), compareFlags, fault.ExitCannot, "reading b/metrics.json"},
		{"broken metrics.json", with("b/metrics.json", "{\n\"a\": }"), compareFlags, fault.ExitCannot, "b/metrics.json:2"},
		{"broken predictions", with("b/predictions.csv", "id,label,prediction\n1,2\n"), compareFlags, fault.ExitCannot, "b/predictions.csv:2"},
		{"no column", with("b/predictions.csv", "id,label\n1,2\n"), compareFlags, fault.ExitCannot, `b/predictions.csv:1: there is no column "prediction"`},
		{"no configuration", bothSides(nil), append(slices.Clone(compareFlags), "--config", "nowhere.yaml"), fault.ExitCannot, "nowhere.yaml"},
		{"no metrics", with("assay.yaml", "level: 0.9\n"), full, fault.ExitCannot, `assay.yaml:1: there is no key "metrics"`},
		{"empty", with("assay.yaml", ""), full, fault.ExitCannot, "assay.yaml:1:"},
		{"none named", with("assay.yaml", "level: 0.9\nmetrics: {}\n"), full, fault.ExitCannot, "assay.yaml:2:"},
		{"goal", with("assay.yaml", "metrics:\n  f1:\n    goal: upward\n"), full, fault.ExitCannot, "assay.yaml:3: \"upward\""},
		{"level", with("assay.yaml", "metrics: {f1: {}}\nlevel: 95\n"), full, fault.ExitCannot, "assay.yaml:2: the level 95"},
		{"level one", with("assay.yaml", "metrics: {f1: {}}\nlevel: 1\n"), full, fault.ExitCannot, "assay.yaml:2: the level 1"},
		{"tolerance", with("assay.yaml", "metrics:\n  f1: {tolerance: -0.1}\n"), full, fault.ExitCannot, "assay.yaml:2: the tolerance"},
		{"no tolerance", with("assay.yaml", "metrics:\n  f1: {tolerance: .inf}\n"), full, fault.ExitCannot, "assay.yaml:2: \".inf\""},
		{"unknown key", with("assay.yaml", "metrics:\n  f1: {}\nexample: {}\n"), full, fault.ExitCannot, "assay.yaml:3: the file has no key"},
		{"key of a metric", with("assay.yaml", "metrics:\n  f1: {tolerence: 1}\n"), full, fault.ExitCannot, "assay.yaml:2: metric f1 has no key"},
		{"twice", with("assay.yaml", "metrics:\n  f1: {}\n  f1: {}\n"), full, fault.ExitCannot, "assay.yaml:3: metrics names"},
		{"outside", with("assay.yaml", "metrics: {f1: {}}\nexamples: {file: ../x.csv}\n"), full, fault.ExitCannot, "assay.yaml:2:"},
		{"a slice column", with("assay.yaml", "metrics: {f1: {}}\nexamples: {slices: [page]}\n"), full, fault.ExitCannot, `there is no column "page"`},
	} {
		out, err := comparing(t, c.files, c.args...)
		if err == nil || fault.Exit(err) != c.exit || !strings.Contains(err.Error(), c.want) || out != "" {
			t.Errorf("%s: exit %d, %v; printed %q", c.name, fault.Exit(err), err, out)
		}
	}
}

// TestCompareLeavesTheFolder: a link that leads out of the folder is refused.
func TestCompareLeavesTheFolder(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.csv")
	for name, text := range map[string]string{secret: "id,label,prediction\n", filepath.Join(dir, "metrics.json"): "{}"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	side := filepath.Join(dir, "side")
	if err := os.Mkdir(side, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(side, "metrics.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(side, "predictions.csv")); err != nil {
		t.Skip("no symbolic links here")
	}
	if _, err := comparing(t, nil, "--baseline", side, "--candidate", side); err == nil || fault.Exit(err) != fault.ExitCannot {
		t.Errorf("%v", err)
	}
}

func TestCompareReadsItsPlan(t *testing.T) {
	p, err := parseComparePlan("c.yaml", []byte(`
level: 0.99
examples: {file: out/p.tsv, id: key, cluster: doc, seed: seed, image: png, slices: [a, b], positive: spam, max_missing: 0.1}
slices: {adjust: bh, min_examples: 30}
metrics:
  f1: {tolerance: 5%, average: macro, not_worse_by: 0.02}
  mine: {from: rmse, positive: x, decides: false}
gate: {worse: warn, unknown: fail}
models: {digits: {}}
`))
	if err != nil {
		t.Fatal(err)
	}
	f1, mine := p.Metrics[0], p.Metrics[1]
	switch {
	case p.Level != .99 || p.examples != "out/p.tsv" || p.Columns.ID != "key" || p.Columns.Score != "score" || p.Positive != "spam" || p.MaxMissing != .1:
		t.Errorf("%+v", p)
	case !slices.Equal(p.Columns.Must, []string{"doc", "a", "b"}) || p.Adjust != "bh" || p.MinSlice != 30:
		t.Errorf("%+v", p)
	case f1.Relative != .05 || f1.From != "f1_macro" || !f1.Decides || mine.From != "rmse" || mine.Decides || mine.Positive != "x":
		t.Errorf("%+v %+v", f1, mine)
	case len(p.Gates) != 2 || *p.Gates[0].NotWorseBy != .02 || !p.Gates[1].WarnOnly || p.Gates[1].Undecided != "fail":
		t.Errorf("%+v", p.Gates)
	}
}

// TestExampleConfiguration: the configuration that the example project has is
// one that a comparison reads.
func TestExampleConfiguration(t *testing.T) {
	data, err := os.ReadFile("../../examples/digits-trainer/assay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := parseComparePlan("assay.yaml", data)
	if err != nil || len(p.Metrics) != 2 || p.Metrics[0].Name != "accuracy" {
		t.Errorf("%+v, %v", p.Metrics, err)
	}
}
