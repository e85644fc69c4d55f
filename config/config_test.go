package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-ml/assay/fault"
)

func TestParse(t *testing.T) {
	c, err := Parse("assay.yaml", []byte(`
experiment: digits
files: {metrics: [metrics.json], params: params.yaml, model: [model.onnx]}
metrics:
  accuracy: {goal: max, tolerance: 0.005, min: 0.9, not_worse_by: 0.003}
  loss: {goal: min}
gate: {unknown: warn}
models:
  digits: {aliases: {production: {approvals: 1, same_bytes: true}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	acc, _ := c.Metric("accuracy")
	if !acc.Decides || *acc.NotWorseBy != 0.003 || acc.Tolerance != 0.005 || *acc.Min != 0.9 {
		t.Errorf("accuracy is %+v", acc)
	}
	if loss, _ := c.Metric("loss"); loss.Decides || loss.Goal != "min" {
		t.Errorf("loss is %+v", loss)
	}
	if c.Gate != (Gate{Worse: "fail", Unknown: "warn"}) || c.Examples.File != "predictions.csv" {
		t.Errorf("gate %+v, examples %+v", c.Gate, c.Examples)
	}
	if p := c.Models["digits"].Aliases["production"]; p.Approvals != 1 || !p.SameBytes || p.Reason {
		t.Errorf("policy %+v", p)
	}
}

func TestParseErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"syntax":      {"metrics: {accuracy: {goal: max}", "does not parse"},
		"unknown key": {"metrics:\n  accuracy:\n    goals: max\n", `assay.yaml:3: metric accuracy has no key "goals"`},
		"goal":        {"metrics: {accuracy: {goal: upward}}", `assay.yaml:1: "upward" is not possible here; say max or min`},
		"tolerance":   {"metrics:\n  accuracy: {tolerance: -1}", "assay.yaml:2: the tolerance of accuracy must not be negative"},
		"outside":     {"files: {model: [../model.onnx]}", "must be a path inside the project"},
		"absolute":    {"files: {model: /etc/passwd}", "must be a path inside the project"},
		"list":        {"- a", "must be a mapping"},
		"twice":       {"gate: {worse: fail, worse: pass}", "twice"},
		"min above":   {"metrics: {a: {min: 2, max: 1}}", "above its maximum"},
		"NaN":         {"metrics: {a: {min: .nan}}", "is not a number"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("assay.yaml", []byte(c.text))
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestLoadWithoutFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "digits-trainer")
	os.Mkdir(dir, 0o755)
	c, err := Load(dir)
	if err != nil || c.Experiment != "digits-trainer" || c.Path != "" {
		t.Fatalf("%+v, %v", c, err)
	}
}

func TestServerAddress(t *testing.T) {
	env := map[string]string{"MLFLOW_TRACKING_URI": "http://mlflow:5000/"}
	c := &File{Server: "http://file:1"}
	s, err := c.ServerAddress("", func(k string) string { return env[k] })
	if err != nil || s != (Setting{"http://mlflow:5000", "MLFLOW_TRACKING_URI"}) {
		t.Errorf("%+v, %v", s, err)
	}
	env["MLFLOW_TRACKING_URI"] = "sqlite:///x.db"
	if s, _ := c.ServerAddress("", func(k string) string { return env[k] }); s.Source != FileName {
		t.Errorf("%+v", s)
	}
	if _, err := c.ServerAddress("localhost:5000", func(string) string { return "" }); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("metrics: {accuracy: {goal: max, tolerance: 0.1}}\nmodels: {a: {aliases: {b: {approvals: 2}}}}"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := Parse("assay.yaml", data); err == nil && c == nil {
			t.Fatal("neither a configuration nor an error")
		}
	})
}
