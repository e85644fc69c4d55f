package plot

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"math/rand/v2"
	"testing"
)

type picture interface {
	chart
	Draw(w io.Writer, f Format, o Options) error
}

func drawn(t testing.TB, p picture, f Format, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Draw(&b, f, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func rising(n int, end float64) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = end - (end-.5)*math.Exp(-float64(i)/float64(n)*6)
	}
	return y
}

// noisy falls from 2 to end with some noise that is the same each time.
func noisy(n int, end float64, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	y := make([]float64, n)
	for i := range y {
		y[i] = end + (2-end)*math.Exp(-float64(i)/float64(n)*5) + r.NormFloat64()*.04*(.3+math.Exp(-float64(i)/float64(n)*3))
		y[i] = max(y[i], .001)
	}
	return y
}

func evenly(n int, step float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i) * step
	}
	return x
}

func normal(n int, mean, dev float64, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 2))
	out := make([]float64, n)
	for i := range out {
		out[i] = mean + dev*r.NormFloat64()
	}
	return out
}

// rocOf is a smooth ROC curve of n points; the larger k, the better.
func rocOf(n int, k float64) (x, y []float64) {
	for i := range n + 1 {
		f := float64(i) / float64(n)
		x, y = append(x, f*f), append(y, 1-math.Pow(1-f*f, k))
	}
	return x, y
}

func prOf(n int, k float64) (x, y []float64) {
	for i := range n + 1 {
		f := float64(i) / float64(n)
		x, y = append(x, f), append(y, 1-.7*math.Pow(f, k)-.02*math.Sin(f*40)*f*(1-f))
	}
	return x, y
}

// digit is a small gray image, as of a hand-written digit.
func digit(seed int) image.Image {
	m := image.NewGray(image.Rect(0, 0, 28, 28))
	for y := range 28 {
		for x := range 28 {
			d := math.Abs(math.Hypot(float64(x)-14, float64(y)-14)-float64(5+seed%5)) - 1.5
			m.SetGray(x, y, color.Gray{uint8(255 - 255*math.Max(0, math.Min(1, 1-d/2)))})
		}
	}
	return m
}

// photo is a large image of many colors.
func photo(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{uint8(255 * x / w), uint8(255 * y / h), uint8(128 + 127*math.Sin(float64(x+y)/40)), 255})
		}
	}
	return m
}

var tenClasses = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

func tenByTen(seed uint64) [][]int {
	r := rand.New(rand.NewPCG(seed, 3))
	out := make([][]int, 10)
	for i := range out {
		out[i] = make([]int, 10)
		for j := range out[i] {
			switch {
			case i == j:
				out[i][j] = 850 + r.IntN(140)
			case i/2 == j/2:
				out[i][j] = 20 + r.IntN(60)
			default:
				out[i][j] = r.IntN(12)
			}
		}
	}
	return out
}

func differenceOf(a, b [][]int) [][]int {
	out := make([][]int, len(a))
	for i := range a {
		out[i] = make([]int, len(a[i]))
		for j := range a[i] {
			out[i][j] = a[i][j] - b[i][j]
		}
	}
	return out
}

// pictures is one of every kind, and of the forms that a kind has.
func pictures() map[string]picture {
	all := curvePictures()
	for name, p := range otherPictures() {
		all[name] = p
	}
	return all
}

func curvePictures() map[string]picture {
	nan, inf := math.NaN(), math.Inf(1)
	var runs, old []Series
	for i := range 5 {
		runs = append(runs, Series{Y: noisy(60, .1+.02*float64(i), uint64(i))})
		old = append(old, Series{Y: noisy(60, .25+.02*float64(i), uint64(i+9))})
	}
	many := make([]Series, 0, 24)
	for i := range 24 {
		many = append(many, Series{Name: fmt.Sprintf("run %d", i+1), Y: rising(30, .7+float64(i)*.012)})
	}
	return map[string]picture{
		"curves": Curves{
			Title: "accuracy by epoch: 98.6 %, baseline 97.1 %", XLabel: "epoch", YLabel: "accuracy", Percent: true,
			Series: []Series{{Name: "this change", Role: Candidate, Y: rising(20, .986)}, {Name: "main", Role: Baseline, Y: rising(10, .971)}},
		},
		"curves-smooth": Curves{
			YLabel: "loss", Smooth: .9,
			Series: []Series{{Name: "this change", Role: Candidate, Y: noisy(400, .12, 1)}, {Name: "baseline", Role: Baseline, Y: noisy(400, .2, 2)}},
		},
		"curves-log-gaps": Curves{
			YLabel: "loss", Log: true,
			Series: []Series{
				{Name: "this change", Role: Candidate, X: evenly(6, 100), Y: []float64{1, .3, nan, .1, inf, .02}},
				{Name: "main", Role: Baseline, X: evenly(6, 100), Y: []float64{1.1, .4, .2, 0, nan, .05}},
			},
		},
		"curves-log-x": Curves{
			YLabel: "validation loss", XLabel: "examples seen", LogX: true, Log: true,
			Series: []Series{{Name: "this change", Role: Candidate, X: []float64{1e2, 1e3, 1e4, 1e5, 1e6}, Y: []float64{4, 2, 1, .5, .3}}},
		},
		"curves-time": Curves{
			YLabel: "loss", Along: Time,
			Series: []Series{{Name: "this change", Role: Candidate, X: evenly(200, 41), Y: noisy(200, .1, 5)}, {Name: "baseline", Role: Baseline, X: evenly(150, 77), Y: noisy(150, .2, 6)}},
		},
		"curves-clock": Curves{
			YLabel: "GPU memory", Along: Clock, Percent: true,
			Series: []Series{{Name: "gpu 0", X: func() []float64 {
				x := evenly(100, 600)
				for i := range x {
					x[i] += 1795500000
				}
				return x
			}(), Y: rising(100, .82)}},
		},
		"curves-group": Curves{
			YLabel: "loss",
			Series: []Series{Group("this change, mean of 5", Candidate, runs), Group("main, mean of 5", Baseline, old)},
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
		"curves-24":   Curves{YLabel: "accuracy", Percent: true, Series: many},
		"curves-one":  Curves{Title: "one point", Series: []Series{{Name: "this change", Role: Candidate, Y: []float64{.93}}}},
		"curves-none": Curves{Title: "nothing", Series: []Series{{Y: []float64{nan, inf}}}},
		"curves-words": Curves{
			Title: "потери по шагам, απώλεια: 0,12", XLabel: "шаг", YLabel: "потери",
			Series: []Series{{Name: "это изменение", Role: Candidate, Y: noisy(30, .1, 1)}, {Name: "βασική γραμμή", Role: Baseline, Y: noisy(30, .2, 2)}, {Name: "基线模型", Y: noisy(30, .3, 3)}, {Name: "מודל בסיס", Y: noisy(30, .4, 4)}},
		},
		"sparkline": Sparkline{Name: "accuracy", Candidate: rising(30, .98), Baseline: rising(20, .95), Percent: true},
	}
}

func otherPictures() map[string]picture {
	digits := []string{"0", "1", "7"}
	rx, ry := rocOf(200, 12)
	bx, by := rocOf(200, 7)
	px, py := prOf(200, 6)
	qx, qy := prOf(200, 4)
	cand := []float64{.98, .97, .91, .884, .95, .87, .981, .96, .975, .97}
	base := []float64{.97, .975, .9, .86, .95, .85, .98, .95, .97, .968}
	wide := make([][]int, 45)
	names := make([]string, 45)
	for i := range wide {
		wide[i] = make([]int, 45)
		names[i] = fmt.Sprintf("class %d", i)
		for j := range wide[i] {
			wide[i][j] = max(0, 40-(i-j)*(i-j)*8)
		}
	}
	return map[string]picture{
		"bars":              Bars{Metric: "recall", Labels: tenClasses, Candidate: cand, Baseline: base, Percent: true, Goal: Higher},
		"bars-signed":       Bars{Metric: "mean error", Labels: []string{"north", "east", "a region with a very long name, longer than there is room for", "west"}, Candidate: []float64{.5, -1.25, math.NaN(), .02}, Goal: NoGoal},
		"matrix":            Matrix{Labels: digits, Counts: [][]int{{953, 1, 0}, {0, 949, 12}, {4, 30, 12345}}},
		"matrix-ten":        Matrix{Labels: tenClasses, Counts: tenByTen(1)},
		"matrix-normalized": Matrix{Labels: tenClasses, Counts: tenByTen(1), Normalized: true},
		"matrix-long":       Matrix{Title: "Two kinds", Labels: []string{"a very long name of a class, longer than there is room", "b"}, Counts: [][]int{{10, 2}, {0, 0}}},
		"matrix-45":         Matrix{Labels: names, Counts: wide},
		"matrix-none":       Matrix{Title: "No answers"},
		"diff":              MatrixDiff{Labels: digits, Counts: [][]int{{5, -5, 0}, {-3, 3, 0}, {2, 3, -5}}},
		"diff-ten":          MatrixDiff{Labels: tenClasses, Counts: differenceOf(tenByTen(1), tenByTen(2))},
		"roc":               ROC{Series: []Series{{Name: "this change", Role: Candidate, X: rx, Y: ry}, {Name: "baseline", Role: Baseline, X: bx, Y: by}}},
		"precision-recall":  PrecisionRecall{Positive: .2, Series: []Series{{Name: "this change", Role: Candidate, X: px, Y: py}, {Name: "baseline", Role: Baseline, X: qx, Y: qy}}},
		"histogram":         Histogram{XLabel: "prediction error", Candidate: normal(2000, 0, 1, 1), Baseline: normal(1500, .3, 1.3, 2)},
		"histogram-one":     Histogram{XLabel: "latency in ms", Candidate: normal(500, 12, 3, 3)},
		"scatter": Scatter{XLabel: "actual", YLabel: "predicted", Diagonal: true, Series: []Series{
			{Name: "this change", Role: Candidate, X: normal(150, 5, 2, 1), Y: normal(150, 5, 2, 7)},
			{Name: "baseline", Role: Baseline, X: normal(150, 5, 2, 2), Y: normal(150, 5, 2, 8)},
		}},
		"scatter-many": Scatter{XLabel: "first component", YLabel: "second component", Series: []Series{
			{Name: "cats", X: normal(4000, 0, 1, 1), Y: normal(4000, 0, 1, 5)},
			{Name: "dogs", X: normal(4000, 2, 1, 2), Y: normal(4000, 1, 1, 6)},
			{Name: "birds", X: normal(4000, 0, .6, 3), Y: normal(4000, 3, .6, 7)},
		}},
		"images":        Images{Title: "sample 3 after 500 steps", Pictures: []Captioned{{"baseline: 7 (61 %)", digit(1)}, {"this change: 1 (98 %)", digit(4)}}},
		"images-photos": Images{Pictures: []Captioned{{"a photograph in full color, whose caption needs a second line, and then even more than that has", photo(320, 200)}, {"upright", photo(150, 250)}, {"missing", nil}, {"tiny", photo(3, 2)}, {"second row", digit(3)}}},
	}
}
