package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

type picture interface {
	Draw(w io.Writer, f Format, o Options) error
	AltText() string
}

func rising(n int, end float64) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = end - (end-.5)*math.Exp(-float64(i)/float64(n)*6)
	}
	return y
}

func pictures() map[string]picture {
	nan, inf := math.NaN(), math.Inf(1)
	digits := []string{"0", "1", "7"}
	return map[string]picture{
		"curves": Curves{
			Title: "accuracy over epochs: 98.6 %, baseline 97.1 %", XLabel: "epoch", YLabel: "accuracy", Percent: true,
			Series: []Series{{Name: "this change", Role: Candidate, Y: rising(20, .986)}, {Name: "main", Role: Baseline, Y: rising(10, .971)}},
		},
		"curves-log-gaps": Curves{
			Title: "loss over steps: 0.02, baseline 0.05", XLabel: "step", Log: true,
			Series: []Series{
				{Name: "this change", Role: Candidate, X: []float64{0, 100, 200, 300, 400, 500}, Y: []float64{1, .3, nan, .1, inf, .02}},
				{Name: "main", Role: Baseline, X: []float64{0, 100, 200, 300, 400, 500}, Y: []float64{1.1, .4, .2, 0, nan, .05}},
			},
		},
		"curves-many": Curves{
			Title: "f1 of five runs, with a title that needs more than the one line which a picture of this width has for it, so a second",
			Series: []Series{
				{Name: "adam", Y: rising(12, .91)},
				{Name: "sgd with momentum and a very long name", Y: rising(12, .912)},
				{Name: "lamb <b>&\x01", Y: rising(12, .7)},
				{Name: "this change", Role: Candidate, Y: rising(12, .911)},
				{Name: "main", Role: Baseline, Y: rising(12, .909)},
			},
		},
		"curves-one":  Curves{Title: "one point", Series: []Series{{Name: "this change", Role: Candidate, Y: []float64{.93}}}},
		"curves-none": Curves{Title: "nothing", Series: []Series{{Y: []float64{nan, inf}}}},
		"matrix":      Matrix{"Confusion matrix: 98.6 % right", digits, [][]int{{953, 1, 0}, {0, 949, 12}, {4, 30, 12345}}},
		"matrix-long": Matrix{"Two kinds", []string{"a very long name of a class, longer than there is room", "b"}, [][]int{{10, 2}, {0, 0}}},
		"matrix-none": Matrix{Title: "No answers"},
		"diff":        MatrixDiff{"Difference to main: 3 more right", digits, [][]int{{5, -5, 0}, {-3, 3, 0}, {2, 3, -5}}},
	}
}

func drawn(t *testing.T, p picture, f Format, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Draw(&b, f, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGoldenSVG(t *testing.T) {
	for name, p := range pictures() {
		got := string(drawn(t, p, SVG, Options{}))
		file := filepath.Join("testdata", name+".svg")
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
			t.Errorf("%s (-want +got)\n%s", name, d)
		}
	}
}

// texts reads an SVG as XML and returns the texts in it, and all attributes.
func texts(t *testing.T, svg []byte) (out []string, attrs string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	var b strings.Builder
	inText := false
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out, b.String()
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, svg)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			inText = e.Name.Local == "text"
			for _, a := range e.Attr {
				b.WriteString(a.Name.Local + "=" + a.Value + "\n")
			}
		case xml.CharData:
			if inText {
				out = append(out, string(e))
			}
		case xml.EndElement:
			inText = false
		}
	}
}

func TestSVGIsSound(t *testing.T) {
	for name, p := range pictures() {
		for _, theme := range []Theme{Light, Dark} {
			all, attrs := texts(t, drawn(t, p, SVG, Options{Theme: theme}))
			if len(all) == 0 {
				t.Errorf("%s has no text", name)
			}
			for _, s := range all {
				if s == "-0" || s == "\u22120" || strings.Contains(s, "NaN") {
					t.Errorf("%s: the text %q", name, s)
				}
			}
			if strings.Contains(attrs, "NaN") || strings.Contains(attrs, "Inf") || strings.Contains(attrs, "href") {
				t.Errorf("%s: a bad attribute", name)
			}
		}
	}
}

func TestPNG(t *testing.T) {
	sizes := map[string]image.Point{"curves": {800, 400}, "matrix": {560, 520}, "diff": {560, 520}}
	for name, size := range sizes {
		p := pictures()[name]
		for _, scale := range []float64{0, 1, 2} {
			b := drawn(t, p, PNG, Options{Scale: scale})
			if !bytes.Equal(b, drawn(t, p, PNG, Options{Scale: scale})) {
				t.Errorf("%s: two drawings differ", name)
			}
			im, err := png.Decode(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			k := int(scale)
			if k == 0 {
				k = 2
			}
			if got := im.Bounds().Size(); got != size.Mul(k) {
				t.Errorf("%s at %v: size %v", name, scale, got)
			}
			pal, ok := im.(*image.Paletted)
			if !ok || len(pal.Palette) > 256 {
				t.Fatalf("%s is not paletted", name)
			}
			if c := color.RGBAModel.Convert(im.At(5, 5)); c != (color.RGBA{255, 255, 255, 255}) {
				t.Errorf("%s: the ground is %v", name, c)
			}
			if c := color.RGBAModel.Convert(im.At(0, 50)); c == (color.RGBA{255, 255, 255, 255}) {
				t.Errorf("%s has no frame", name)
			}
			if name == "curves" && !hasColor(pal, hex(0x0072b2)) {
				t.Errorf("%s: the candidate is not blue", name)
			}
			if name == "diff" && (!hasColor(pal, hex(0x009e73)) || !hasColor(pal, hex(0xd55e00))) {
				t.Errorf("%s: better and worse have not their colors", name)
			}
			if len(b) > 60_000 {
				t.Errorf("%s at %v: %d bytes", name, scale, len(b))
			}
		}
	}
}

func hasColor(p *image.Paletted, c rgb) bool {
	for _, q := range p.Palette {
		if color.RGBAModel.Convert(q) == (color.RGBA{c.r, c.g, c.b, 255}) {
			return true
		}
	}
	return false
}

func TestOptions(t *testing.T) {
	p := pictures()["curves"]
	for _, tt := range []struct {
		f    Format
		o    Options
		want string
	}{
		{"gif", Options{}, `unknown format "gif"`},
		{PNG, Options{Scale: 100}, "not between 1 and 4"},
		{PNG, Options{Scale: math.NaN()}, "not between 1 and 4"},
	} {
		if err := p.Draw(io.Discard, tt.f, tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %v: %v", tt.f, tt.o, err)
		}
	}
	broken := errors.New("disk full")
	for _, f := range []Format{SVG, PNG} {
		if err := p.Draw(failing{broken}, f, Options{}); !errors.Is(err, broken) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestAltText(t *testing.T) {
	all := pictures()
	for name, want := range map[string]string{
		"curves":      "accuracy over epochs: 98.6 %, baseline 97.1 %. this change ends at 98.4 % after 20 points; main ends at 96.9 % after 10 points.",
		"curves-none": "nothing. no finite values to draw.",
		"matrix":      "Confusion matrix: 98.6 % right. Confusion matrix of 3 labels: 14247 of 14294 answers are right. Most often 7 is taken for 1, 30 times.",
		"matrix-none": "No answers. No answers.",
		"diff":        "Difference to main: 3 more right. Difference of confusion matrices, candidate minus baseline: +3 right answers. The largest new confusion is 7 taken for 1, +3.",
	} {
		if got := all[name].AltText(); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Whatever the numbers are, a picture comes out and its coordinates are sane.
func TestHostile(t *testing.T) {
	huge := strings.Repeat("長い名前 ", 5000)
	nan, inf := math.NaN(), math.Inf(1)
	wide := make([][]int, 200)
	names := make([]string, 200)
	for i := range wide {
		wide[i] = make([]int, 200)
		wide[i][i] = math.MaxInt32
		names[i] = fmt.Sprint("class ", i)
	}
	var many []Series
	for i := range 100 {
		many = append(many, Series{Name: fmt.Sprint("run ", i), Y: []float64{float64(i), float64(i + 1)}})
	}
	for name, p := range map[string]picture{
		"huge values":  Curves{Series: []Series{{Y: []float64{1e308, -1e308, 1e299, -1e299}}}},
		"tiny values":  Curves{Series: []Series{{Y: []float64{5e-324, 1e-320}}}},
		"tiny log":     Curves{Log: true, Series: []Series{{Y: []float64{5e-324, 1e299}}}},
		"sliver":       Curves{Series: []Series{{Y: []float64{1e15, 1e15 + 1}}}},
		"sliver of x":  Curves{Series: []Series{{X: []float64{1e17, 1e17 + 16}, Y: []float64{1, 2}}}},
		"zero":         Curves{Series: []Series{{Y: []float64{0, math.Copysign(0, -1)}}}},
		"bad x":        Curves{Series: []Series{{X: []float64{nan, inf, 3}, Y: []float64{1, 2, 3, 4}}}},
		"negative log": Curves{Log: true, Series: []Series{{Y: []float64{-1, 0}}}},
		"no series":    Curves{Title: huge},
		"long names":   Curves{Title: huge, XLabel: huge, YLabel: huge, Series: []Series{{Name: huge, Y: []float64{1}}}},
		"many":         Curves{Series: many},
		"ragged":       Matrix{Labels: []string{"a", "b"}, Counts: [][]int{{1}, {2, 3, 4}}},
		"ragged diff":  MatrixDiff{Labels: []string{"a"}, Counts: [][]int{{1, 5}, {2, 3}}},
		"wide":         Matrix{Labels: names, Counts: wide},
		"too wide":     Matrix{Labels: make([]string, 1000), Counts: make([][]int, 1000)},
		"negative":     Matrix{Labels: []string{"a", "b"}, Counts: [][]int{{-1, 0}, {0, math.MinInt32}}},
		"long labels":  MatrixDiff{Labels: []string{huge, huge}, Counts: [][]int{{1, 2}, {3, 4}}},
	} {
		all, attrs := texts(t, drawn(t, p, SVG, Options{}))
		if len(all) == 0 || strings.Contains(attrs, "NaN") || strings.Contains(attrs, "Inf") {
			t.Errorf("%s: %d texts, attributes\n%.300s", name, len(all), attrs)
		}
		drawn(t, p, PNG, Options{Scale: 1})
	}
}
