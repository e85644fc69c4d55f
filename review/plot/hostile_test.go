package plot

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
)

// names are such as strangers give.
var names = map[string]string{
	"long":     strings.Repeat("長い名前 ", 2000) + strings.Repeat("x", 10_000),
	"controls": "a\x00b\x01c\x1b[31m\u0085\u2028d\r\n\te",
	"script":   `<script>alert(1)</script>]]><svg onload="x">&amp;&#0;'"`,
	"marks":    "\u202egnp.exe\u202c \u2066x\u2069 \u200f\u061c",
	"arabic":   "نموذج الأساس 42",
	"emoji":    "👩‍🔬🚀🏳️‍🌈 run",
	"accents":  "e\u0301\u0301\u0301\u0301a\u0316" + strings.Repeat("\u0301", 500),
	"invalid":  "\xff\xfe\xc0\xaf ok \ufffe\uffff",
	"spaces":   strings.Repeat(" \t\n", 400),
}

// hostile are charts of numbers that are hard to draw.
func hostile() map[string]picture {
	nan, inf := math.NaN(), math.Inf(1)
	wide := make([][]int, 200)
	labels := make([]string, 200)
	for i := range wide {
		wide[i] = make([]int, 200)
		for j := range wide[i] {
			wide[i][j] = i * j % 17
		}
		wide[i][i] = math.MaxInt
		labels[i] = fmt.Sprint("class ", i)
	}
	hundred := make([]Series, 0, 100)
	for i := range 100 {
		hundred = append(hundred, Series{Name: fmt.Sprint("run ", i), Y: []float64{float64(i), float64(i + 1)}})
	}
	var crowd []Series
	for i := range 5000 {
		crowd = append(crowd, hundred[i%100])
	}
	return map[string]picture{
		"crowd":        Scatter{Series: crowd},
		"crowd lines":  Curves{Series: crowd},
		"crowd rates":  PrecisionRecall{Series: crowd},
		"huge values":  Curves{Series: []Series{{Y: []float64{1e308, -1e308, 1e299, -1e299}}}},
		"all sizes":    Curves{Log: true, LogX: true, Series: []Series{{X: []float64{1e-300, 1e299}, Y: []float64{1e-300, 1e299}}}},
		"tiny values":  Curves{Series: []Series{{Y: []float64{5e-324, 1e-320}}}},
		"tiny log":     Curves{Log: true, Series: []Series{{Y: []float64{5e-324, 1e299}}}},
		"constant":     Curves{Series: []Series{{Y: []float64{3, 3, 3}}}, Percent: true},
		"constant log": Curves{Log: true, Series: []Series{{Y: []float64{3, 3, 3}}}},
		"constant big": Curves{Series: []Series{{Y: []float64{-1e299, -1e299}}}},
		"sliver":       Curves{Series: []Series{{Y: []float64{1e15, 1e15 + 1}}}},
		"sliver of x":  Curves{Series: []Series{{X: []float64{1e17, 1e17 + 16}, Y: []float64{1, 2}}}},
		"zero":         Curves{Series: []Series{{Y: []float64{0, math.Copysign(0, -1)}}}},
		"bad x":        Curves{Series: []Series{{X: []float64{nan, inf, 3}, Y: []float64{1, 2, 3, 4}}}},
		"negative log": Curves{Log: true, Series: []Series{{Y: []float64{-1, 0}}}},
		"far clock":    Curves{Along: Clock, Series: []Series{{X: []float64{-1e299, 1e299}, Y: []float64{1, 2}}}},
		"far time":     Curves{Along: Time, Series: []Series{{X: []float64{-1e12, 1e18}, Y: []float64{1, 2}}}},
		"bad smooth":   Curves{Smooth: nan, Series: []Series{{Y: []float64{1, 2}}}},
		"bad band":     Curves{Series: []Series{{Y: []float64{1, 2}, Low: []float64{nan, inf}, High: []float64{1}}, {Y: []float64{1, 2, 3}, Low: []float64{nan, 1, -inf}, High: []float64{2, nan, 3}}}},
		"bad role":     Curves{Series: []Series{{Role: 200, Y: []float64{1}}}},
		"no series":    Curves{},
		"hundred":      Curves{Series: hundred},
		"ragged":       Matrix{Labels: []string{"a", "b"}, Counts: [][]int{{1}, {2, 3, 4}}},
		"ragged diff":  MatrixDiff{Labels: []string{"a"}, Counts: [][]int{{1, 5}, {2, 3}}},
		"wide":         Matrix{Labels: labels, Counts: wide},
		"wide shares":  Matrix{Labels: labels, Counts: wide, Normalized: true},
		"wide diff":    MatrixDiff{Labels: labels, Counts: wide},
		"too wide":     Matrix{Labels: make([]string, 1000), Counts: make([][]int, 1000)},
		"negative":     Matrix{Labels: []string{"a", "b"}, Counts: [][]int{{-1, 0}, {0, math.MinInt}}},
		"no bars":      Bars{Labels: []string{"a"}, Candidate: []float64{nan}},
		"short bars":   Bars{Labels: []string{"a", "b"}, Candidate: []float64{1}, Baseline: []float64{inf, 3}},
		"many bars":    Bars{Metric: "recall", Labels: labels, Candidate: evenly(200, 1), Baseline: evenly(200, .5), Goal: Lower},
		"empty rates":  ROC{Series: []Series{{X: []float64{nan}, Y: []float64{1}}, {}}},
		"far rates":    PrecisionRecall{Positive: inf, Series: []Series{{X: []float64{-1e299, 1e299}, Y: []float64{1e299, -1e299}}}},
		"hundred rocs": ROC{Series: hundred},
		"far values":   Histogram{Candidate: []float64{-1e299, 0, 1e299, nan, inf}, Bins: 1 << 30},
		"one value":    Histogram{Candidate: []float64{5}, Baseline: []float64{nan}},
		"no values":    Histogram{Bins: -5},
		"no points":    Scatter{Series: []Series{{X: []float64{1}, Y: nil}}},
		"one point":    Scatter{Diagonal: true, LogX: true, LogY: true, Series: []Series{{X: []float64{1, -1}, Y: []float64{1, 1}}}},
		"no line":      Sparkline{},
		"one dot":      Sparkline{Candidate: []float64{1e299}, Baseline: []float64{-1e299}},
		"no images":    Images{},
		"odd images":   Images{Columns: 1 << 30, Pictures: []Captioned{{"empty", image.NewRGBA(image.Rect(3, 3, 3, 3))}, {"thin", image.NewGray(image.Rect(-5, 0, 1, 4000))}, {"flat", image.NewGray(image.Rect(0, 0, 9000, 1))}}},
		"many images":  Images{Pictures: make([]Captioned, 500)},
	}
}

// named puts a name everywhere where a name can stand.
func named(s string) map[string]picture {
	y := []float64{1, 2, 3}
	all := []Series{{Name: s, Role: Candidate, Y: y}, {Name: s, Y: y}, {Name: s, X: []float64{0, .5, 1}, Y: []float64{0, .7, 1}}}
	return map[string]picture{
		"curves":    Curves{Title: s, XLabel: s, YLabel: s, Series: all},
		"untitled":  Curves{XLabel: s, YLabel: s, Series: all},
		"matrix":    Matrix{Title: s, Labels: []string{s, s, "c"}, Counts: [][]int{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}},
		"diff":      MatrixDiff{Labels: []string{s, s}, Counts: [][]int{{1, 2}, {3, 4}}},
		"bars":      Bars{Metric: s, Labels: []string{s, "b"}, Candidate: []float64{1, 2}, Baseline: []float64{2, 1}, Goal: Lower},
		"roc":       ROC{Title: s, Series: all},
		"histogram": Histogram{XLabel: s, Candidate: y, Baseline: y},
		"scatter":   Scatter{XLabel: s, YLabel: s, Series: all},
		"images":    Images{Title: s, Pictures: []Captioned{{s, digit(1)}, {s, nil}}},
		"sparkline": Sparkline{Name: s, Candidate: y},
	}
}

// Whatever the numbers are, a picture comes out, its coordinates are sane and
// its size is bounded.
func TestHostileNumbers(t *testing.T) {
	for name, p := range hostile() {
		svg := drawn(t, p, SVG, Options{})
		sound(t, name, svg)
		checkLayout(t, name, p)
		if len(svg) > 400_000 {
			t.Errorf("%s: %d bytes of SVG", name, len(svg))
		}
		im, err := png.Decode(bytes.NewReader(drawn(t, p, PNG, Options{Scale: 1})))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if s := im.Bounds().Size(); s.X > 1200 || s.Y > 6000 {
			t.Errorf("%s: %v", name, s)
		}
	}
}

// Whatever the names are, the SVG is XML without markup of theirs, and texts
// have their room.
func TestHostileNames(t *testing.T) {
	for kind, s := range names {
		for name, p := range named(s) {
			name = kind + ", " + name
			svg := drawn(t, p, SVG, Options{})
			sound(t, name, svg)
			checkLayout(t, name, p)
			for _, bad := range []string{"<script", "onload=\"", "\x00", "\x1b", "\u202e", "\u2066", "]]>"} {
				if bytes.Contains(svg, []byte(bad)) {
					t.Errorf("%s: %q is in the SVG", name, bad)
				}
			}
			if len(svg) > 100_000 {
				t.Errorf("%s: %d bytes", name, len(svg))
			}
			if alt := p.AltText(); len(alt) > 30_000 || strings.ContainsAny(alt, "\x00\n\u202e") {
				t.Errorf("%s: an alternative text of %d bytes", name, len(alt))
			}
			if !testing.Short() {
				drawn(t, p, PNG, Options{Scale: 1})
			}
		}
	}
}

// A million points are thinned; the one that stands out is still there.
func TestMillionPoints(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 100_000
	}
	y := noisy(n, .1, 1)
	y[n/2+5_432] = 9
	x := normal(n, 0, 1, 1)
	for name, p := range map[string]picture{
		"curves":    Curves{Log: true, Series: []Series{{Name: "a", Y: y}}},
		"smooth":    Curves{Smooth: .99, Series: []Series{{Name: "a", X: x, Y: y}}},
		"scatter":   Scatter{Series: []Series{{X: x, Y: y}}},
		"histogram": Histogram{Candidate: x, Baseline: y},
		"sparkline": Sparkline{Candidate: y},
		"roc":       ROC{Series: []Series{{X: evenly(n, 1/float64(n)), Y: evenly(n, 1/float64(n))}}},
	} {
		svg := drawn(t, p, SVG, Options{})
		if sound(t, name, svg); len(svg) > 400_000 {
			t.Errorf("%s: %d bytes", name, len(svg))
		}
		if name == "curves" && !bytes.Contains(svg, []byte(count(n)+" points, extremes kept")) {
			t.Errorf("%s does not say that it is thinned", name)
		}
	}
}

// Charts may be drawn at the same time; fonts are shared and safe.
func TestConcurrentDrawing(t *testing.T) {
	p := pictures()["curves-words"]
	want := drawn(t, p, PNG, Options{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			var b bytes.Buffer
			if err := p.Draw(&b, PNG, Options{}); err != nil || !bytes.Equal(b.Bytes(), want) {
				t.Errorf("%v, %d bytes of %d", err, b.Len(), len(want))
			}
		})
	}
	all.Wait()
}

func TestPNG(t *testing.T) {
	all := pictures()
	for name, size := range map[string]image.Point{"curves": {800, 400}, "matrix": {560, 520}, "diff": {560, 520}, "roc": {560, 520}, "sparkline": {120, 32}} {
		for _, scale := range []float64{0, 1, 2} {
			b := drawn(t, all[name], PNG, Options{Scale: scale})
			if !bytes.Equal(b, drawn(t, all[name], PNG, Options{Scale: scale})) {
				t.Errorf("%s: two drawings differ", name)
			}
			im, err := png.Decode(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if scale == 0 {
				scale = 2
			}
			if got := im.Bounds().Size(); got != size.Mul(int(scale)) {
				t.Errorf("%s at %v: size %v", name, scale, got)
			}
			if pal, ok := im.(*image.Paletted); !ok || len(pal.Palette) > 256 {
				t.Fatalf("%s is not paletted", name)
			}
			if c := color.RGBAModel.Convert(im.At(3, 3)); c != (color.RGBA{255, 255, 255, 255}) {
				t.Errorf("%s: the ground is %v", name, c)
			}
			if len(b) > 60_000 {
				t.Errorf("%s at %v: %d bytes", name, scale, len(b))
			}
		}
	}
}

func TestOptions(t *testing.T) {
	p := pictures()["curves"]
	for _, tt := range []struct {
		f    Format
		o    Options
		want string
	}{
		{"gif", Options{}, `unknown format "gif"`},
		{SVG, Options{Theme: "blue"}, `unknown theme "blue"`},
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

func TestDecodeImage(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, digit(1)); err != nil {
		t.Fatal(err)
	}
	if m, err := DecodeImage(b.Bytes()); err != nil || m.Bounds().Dx() != 28 {
		t.Errorf("%v", err)
	}
	// The header of a GIF of 65535 × 65535 pixels.
	bomb := append([]byte("GIF89a\xff\xff\xff\xff\x80\x00\x00"), make([]byte, 6)...)
	if _, err := DecodeImage(bomb); err == nil || !strings.Contains(err.Error(), "make it smaller") {
		t.Errorf("a bomb: %v", err)
	}
	for _, data := range [][]byte{nil, []byte("text"), b.Bytes()[:40]} {
		if _, err := DecodeImage(data); err == nil {
			t.Errorf("%q is no image", data)
		}
	}
}

func TestContrast(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		c := theme.colors()
		for _, x := range append(c.series[:0:0], c.text, c.muted, c.candidate, c.betterText, c.worseText) {
			if k := x.Contrast(c.ground); k < 4.5 {
				t.Errorf("%s: text %v has a contrast of %.2f", theme, x, k)
			}
		}
		for _, x := range append(c.series[:len(c.series):len(c.series)], c.baseline, c.baselineStrong, c.better, c.worse) {
			if k := x.Contrast(c.ground); k < 3 {
				t.Errorf("%s: mark %v has a contrast of %.2f", theme, x, k)
			}
		}
		for _, full := range append(c.series[:0:0], c.intensity, c.better, c.worse) {
			for i := range 41 {
				ground := c.ground.Mix(full, float64(i)/40)
				if k := ink(ground).Contrast(ground); k < 3.9 {
					t.Errorf("%s: a number on %v has a contrast of %.2f", theme, ground, k)
				}
			}
		}
	}
}
