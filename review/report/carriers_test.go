package report

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/assay-ml/assay/review/compare"
)

func TestJUnit(t *testing.T) {
	for name, c := range map[string]struct {
		doc       *Document
		want, not []string
	}{
		"better": {document(table(t, 10000, 87, 203, 53, .005)), []string{`tests="2" failures="0" skipped="0"`, `classname="assay.gates"`}, []string{"<failure"}},
		"worse":  {document(table(t, 1000, 10, 5, 60, .005)), []string{`<failure message="fail: `, "Worse than main"}, nil},
		"failed": {
			&Document{Marker: `a"<b>`, Failure: &Failure{Command: "train", ExitCode: 1, Tail: "boom \x00 ]]> <x>"}},
			[]string{`name="assay: a&#34;&lt;b&gt;"`, `<testcase name="training"`, "boom"},
			[]string{"<x>", "\x00"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.doc.JUnit()
			if err != nil {
				t.Fatal(err)
			}
			for d := xml.NewDecoder(strings.NewReader(string(got))); ; {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%v in\n%s", err, got)
				}
			}
			for _, w := range c.want {
				if !strings.Contains(string(got), w) {
					t.Errorf("no %s in\n%s", w, got)
				}
			}
			for _, w := range c.not {
				if strings.Contains(string(got), w) {
					t.Errorf("%s is in\n%s", w, got)
				}
			}
		})
	}
}

// TestOpenMetrics: each line is a name and a value that a shell's splitting
// keeps apart, names are unique.
func TestOpenMetrics(t *testing.T) {
	d := document(compare.Build(compare.Input{Candidate: compare.Side{Metrics: []compare.Value{
		{Name: "accuracy", Num: .9}, {Name: "val/acc top-5 #1", Num: 1e-7}, {Name: "val_acc top-5 #1", Num: 2}, {Name: "5xx", Num: 3},
	}}}))
	got := string(d.OpenMetrics())
	want := "# TYPE accuracy gauge\naccuracy 0.9\n# TYPE val_acc_top_5__1 gauge\nval_acc_top_5__1 1e-07\n" +
		"# TYPE val_acc_top_5__1_2 gauge\nval_acc_top_5__1_2 2\n# TYPE _5xx gauge\n_5xx 3\n# EOF\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := string((&Document{}).OpenMetrics()); got != "# EOF\n" {
		t.Errorf("of nothing: %q", got)
	}
}

func TestCodeQuality(t *testing.T) {
	read := func(d *Document) []map[string]any {
		t.Helper()
		data, err := d.CodeQuality()
		if err != nil {
			t.Fatal(err)
		}
		var out []map[string]any
		if err := json.Unmarshal(data, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	worse := document(table(t, 1000, 10, 5, 60, .005))
	worse.Params = []ParamChange{{File: "params.yaml", Path: "lr", Old: "1", New: "2", Line: 7}}
	got := read(worse)
	if len(got) == 0 || got[0]["severity"] != "critical" || got[0]["location"].(map[string]any)["path"] != "params.yaml" ||
		got[0]["location"].(map[string]any)["lines"].(map[string]any)["begin"] != 7.0 || len(got[0]["fingerprint"].(string)) != 32 {
		t.Errorf("%v", got)
	}
	if again := read(worse); again[0]["fingerprint"] != got[0]["fingerprint"] {
		t.Error("the fingerprint is not stable")
	}
	if got := read(document(table(t, 10000, 87, 203, 53, .005))); len(got) != 0 {
		t.Errorf("of a better one: %v", got)
	}
}
