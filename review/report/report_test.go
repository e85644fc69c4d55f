package report

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/params"
	"github.com/assay-ml/assay/review/compare"
)

var update = flag.Bool("update", false, "write the golden files anew")

// examples makes answers to n questions of which those in wrong are wrong.
func examples(t *testing.T, n int, wrong func(i int) bool) *compare.Examples {
	t.Helper()
	c := &params.Columns{Names: []string{"id", "label", "prediction"}}
	for i := range n {
		answer := "1"
		if wrong(i) {
			answer = "0"
		}
		c.Rows = append(c.Rows, []string{fmt.Sprintf("img-%05d", i), "1", answer})
	}
	e, err := compare.ReadExamples(c, compare.ExampleColumns{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// table compares two models on n examples: right newly right, lost newly
// wrong, and both of them wrong on the first both.
func table(t *testing.T, n, both, right, lost int, tolerance float64) *compare.Table {
	t.Helper()
	base := examples(t, n, func(i int) bool { return i < both+right })
	cand := examples(t, n, func(i int) bool { return i < both || i >= both+right && i < both+right+lost })
	drop := 0.003
	return compare.Build(compare.Input{
		Baseline:  &compare.Side{Examples: base, Metrics: []compare.Value{{Name: "loss", Num: 0.31}, {Name: "odd|name", Num: 1}}},
		Candidate: compare.Side{Examples: cand, Metrics: []compare.Value{{Name: "loss", Num: 0.12}, {Name: "odd|name", Num: 2}}},
		Specs:     []compare.Spec{{Name: "accuracy", Goal: compare.Max, Tolerance: tolerance, Decides: true}, {Name: "loss", Goal: compare.Min}},
		Gates:     []compare.Gate{{Worse: true}, {Metric: "accuracy", NotWorseBy: &drop, Undecided: compare.Pass}},
		History:   map[string][]float64{"accuracy": {0.95, 0.96, 0.965}},
	})
}

func document(t *compare.Table) *Document {
	return &Document{
		Marker: "mnist", Target: "main", Head: "9f8e7d6c5b4a", Base: "a1b2c3d4e5f6", Table: t, RunURL: "http://assay/runs/1",
		Params:  []ParamChange{{File: "params.yaml", Path: "hidden", Old: "64", New: "128"}},
		Code:    []string{"train.py"},
		Files:   []File{{Path: "model.onnx", Size: 3, SHA256: strings.Repeat("4f1e", 16)}},
		Updated: time.Date(2026, 11, 24, 14, 2, 0, 0, time.UTC),
	}
}

// TestComments holds five comments against golden files; the first lines are
// those of the comments that we aim for.
func TestComments(t *testing.T) {
	failed := document(nil)
	failed.Failure = &Failure{Command: "python train.py", ExitCode: 1, After: 134 * time.Second, Tail: "ValueError: found NaN ``` in input\n"}
	none := document(compare.Build(compare.Input{Candidate: compare.Side{Metrics: []compare.Value{{Name: "accuracy", Num: .9}}}}))
	for name, c := range map[string]struct {
		doc  *Document
		want []string
	}{
		"better": {document(table(t, 10000, 87, 203, 53, .005)), []string{
			"### ▲ Better than main: accuracy 97.1 % → 98.6 %",
			"+1.5 points (between +1.2 and +1.8 points): 203 of 10,000 examples are newly right, 53 newly wrong.", "Gates: 2 of 2 pass.",
			"this is the best so far", "approving this change approves these bytes",
		}},
		"unknown": {document(table(t, 360, 4, 8, 3, .005)), []string{
			"### ? Cannot tell: accuracy 96.7 % → 98.1 % on 360 examples", "anything between −0.5 and +3.6 points fits",
			"one of seven such comparisons", "These 360 examples show changes of about 2.6 points; to see 1.4, about 1,240 are needed.",
		}},
		"same":   {document(table(t, 10000, 250, 31, 28, .005)), []string{"### ● Same as main: accuracy 97.2 %", "Within the tolerance of 0.5 points"}},
		"worse":  {document(table(t, 1000, 10, 5, 60, .005)), []string{"### ▼ Worse than main: accuracy 98.5 % → 93.0 %", "**fails**"}},
		"failed": {failed, []string{"### ✖ Training failed after 2 m 14 s in python train.py (exit 1)", "````\nValueError"}},
		"first":  {none, []string{"### ? No baseline yet: accuracy 90.0 %"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.doc.Markdown()
			for _, w := range c.want {
				if !strings.Contains(got, w) {
					t.Errorf("the comment lacks %q", w)
				}
			}
			golden := filepath.Join("testdata", name+".md")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestHostileNames: nothing that a stranger named becomes Markdown or HTML.
func TestHostileNames(t *testing.T) {
	d := document(table(t, 1000, 10, 5, 60, 0))
	d.Params = []ParamChange{{File: "p|<b>.yaml", Path: "a`b", Old: "1\n# x", New: "<script>"}}
	d.Marker = "x --> <script>"
	d.Notes = []string{"![x](http://evil) @everyone <img src=x>"}
	got := d.Markdown()
	for _, bad := range []string{"<img", "\n# x", "![x](http://evil)", "@everyone", "x --> <"} {
		if strings.Contains(got, bad) {
			t.Errorf("the comment holds %q", bad)
		}
	}
	if strings.Contains(got, "<script>") && !strings.Contains(got, "`<script>") && !strings.Contains(got, "→ <script>`") {
		t.Error("a tag stands outside of code")
	}
}

// TestManyFiles: a model of many files is named by the digest of their list,
// which is written out below.
func TestManyFiles(t *testing.T) {
	d := document(table(t, 360, 4, 8, 3, .005))
	d.Files = nil
	for i := range 5 {
		d.Files = append(d.Files, File{Path: fmt.Sprintf("classifier/%d", i), SHA256: strings.Repeat(fmt.Sprint(i), 64)})
	}
	d.FilesDigest = "sha256:0123456789abcdef"
	got := d.Markdown()
	for _, want := range []string{"5 files of the model `sha256:01234567…`", "- file classifier/4 `sha256:" + strings.Repeat("4", 64) + "`"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "approving this change"); n != 1 {
		t.Errorf("said %d times", n)
	}
}
