package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	update = flag.Bool("update", false, "rewrite the golden files")
	dump   = flag.String("dump", "", "write every picture to this folder as SVG and PNG, for eyes and for compat/plot")
)

// TestDump writes pictures for compat/plot, which compares them with another
// renderer's.
func TestDump(t *testing.T) {
	if *dump == "" {
		t.Skip("no folder is named by -dump")
	}
	for name, p := range pictures() {
		for _, theme := range []Theme{Light, Dark} {
			for _, f := range []Format{SVG, PNG} {
				file := filepath.Join(*dump, name+"-"+string(theme)+"."+string(f))
				if err := os.WriteFile(file, drawn(t, p, f, Options{Theme: theme}), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestGoldenSVG(t *testing.T) {
	for name, p := range pictures() {
		for _, theme := range []Theme{Light, Dark} {
			got := string(drawn(t, p, SVG, Options{Theme: theme}))
			if len(got) > 60_000 && theme == Dark {
				continue // the large ones are kept once; here the colors alone differ
			}
			file := filepath.Join("testdata", "golden", name+"-"+string(theme)+".svg")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s, %s (-want +got)\n%.2000s", name, theme, d)
			}
		}
	}
}

// parsed is what an SVG holds.
type parsed struct {
	texts []string
	attrs []string // name=value
	names map[string]int
}

// parse reads an SVG as XML; it must be well-formed.
func parse(t *testing.T, svg []byte) parsed {
	t.Helper()
	out := parsed{names: map[string]int{}}
	d := xml.NewDecoder(bytes.NewReader(svg))
	inText := false
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%.2000s", err, svg)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			out.names[e.Name.Local]++
			inText = e.Name.Local == "text"
			for _, a := range e.Attr {
				out.attrs = append(out.attrs, a.Name.Local+"="+a.Value)
			}
		case xml.CharData:
			if inText {
				out.texts = append(out.texts, string(e))
			}
		case xml.EndElement:
			inText = false
		}
	}
}

// sound fails if an SVG holds what it must not: elements beyond the few that
// are written, references to the outside, numbers that are none.
func sound(t *testing.T, name string, svg []byte) parsed {
	t.Helper()
	p := parse(t, svg)
	for n := range p.names {
		switch n {
		case "svg", "title", "rect", "path", "circle", "text", "image":
		default:
			t.Errorf("%s: an element %q", name, n)
		}
	}
	for _, a := range p.attrs {
		key, value, _ := strings.Cut(a, "=")
		switch {
		case strings.HasPrefix(key, "on") || key == "style" || key == "id" || key == "class":
			t.Errorf("%s: an attribute %s", name, key)
		case key == "href" && !strings.HasPrefix(value, "data:image/png;base64,"):
			t.Errorf("%s: a reference to %.80s", name, value)
		case key != "href" && (strings.Contains(value, "NaN") || strings.Contains(value, "Inf") || strings.Contains(value, "e+")):
			t.Errorf("%s: the attribute %.200s", name, a)
		}
	}
	return p
}

func TestSVGIsSound(t *testing.T) {
	for name, p := range pictures() {
		svg := drawn(t, p, SVG, Options{Theme: Dark})
		got := sound(t, name, svg)
		if len(got.texts) == 0 && name != "sparkline" {
			t.Errorf("%s has no text", name)
		}
		for _, s := range got.texts {
			if s == "-0" || s == "\u22120" || strings.HasPrefix(s, "\u22120 ") || s == "NaN" || strings.HasPrefix(s, "-") {
				t.Errorf("%s: the text %q", name, s)
			}
		}
		if !bytes.Contains(svg, []byte("<title>")) {
			t.Errorf("%s has no alternative text", name)
		}
		if len(svg) > 300_000 {
			t.Errorf("%s has %d bytes", name, len(svg))
		}
	}
}

// A pair of one series and its title: what a reader of a comment sees first.
func TestTitlesSayTheAnswer(t *testing.T) {
	all := pictures()
	for name, want := range map[string]string{
		"curves-smooth":    "loss by step: 0.1297, baseline 0.2132",
		"curves-time":      "loss by time: 0.1189, baseline 0.2132",
		"curves-clock":     "GPU memory by time: 81.9 %",
		"curves-24":        "accuracy by step of 24 runs",
		"matrix":           "confusion matrix: 99.7 % right (14,247 of 14,294)",
		"diff":             "confusion matrix against the baseline: 3 more right",
		"bars":             "recall by class: 8 better, 1 worse, 1 same",
		"roc":              "ROC: AUC 0.923, baseline 0.875",
		"precision-recall": "precision and recall: average precision 0.898, baseline 0.858",
		"histogram":        "distribution of prediction error: median 0.04464, baseline 0.2717",
		"scatter":          "predicted over actual: 300 points",
	} {
		got := strings.Join(parse(t, drawn(t, all[name], SVG, Options{})).texts, " ")
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %.120q, want %q", name, got, want)
		}
	}
}

func TestAltText(t *testing.T) {
	all := pictures()
	for name, want := range map[string]string{
		"curves":      "accuracy by epoch: 98.6 %, baseline 97.1 %. this change ends at 98.4 % after 20 points; main ends at 96.9 % after 10 points.",
		"curves-none": "nothing. The picture is empty: no finite values to draw.",
		"matrix":      "confusion matrix: 99.7 % right (14,247 of 14,294). Of 14,294 answers about 3 classes, 14,247 are right. Most often 7 is taken for 1, 30 times.",
		"matrix-none": "No answers. No answers.",
		"diff":        "confusion matrix against the baseline: 3 more right. Candidate minus baseline: 3 more right answers. The largest new confusion is 7 taken for 1, +3.",
		"bars":        "recall by class: 8 better, 1 worse, 1 same. Bars of 10 classes; cat changed most, from 86.0 % to 88.4 %.",
		"bars-signed": "mean error by class. Bars of 4 classes; the lowest is east with −1.25, the highest north with 0.5.",
		"sparkline":   "accuracy goes from 50.0 % to 97.9 %, between 50.0 % and 97.9 %; the baseline ends at 94.8 %.",
		"roc":         "ROC: AUC 0.923, baseline 0.875. The area under the ROC curve: this change has 0.923; baseline has 0.875.",
		"images":      "sample 3 after 500 steps. Side by side: baseline: 7 (61 %); this change: 1 (98 %).",
	} {
		if got := all[name].AltText(); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, p := range all {
		if got := p.AltText(); got == "" || strings.ContainsAny(got, "\n\x01") || len(got) > 3000 {
			t.Errorf("%s: %q", name, got)
		}
	}
}
