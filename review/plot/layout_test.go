package plot

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func labelsOf(t []tick) string {
	var s []string
	for _, k := range t {
		s = append(s, k.label)
	}
	return strings.Join(s, " ")
}

func TestTicks(t *testing.T) {
	tests := []struct {
		lo, hi float64
		n      int
		whole  bool
		u      unit
		want   string
	}{
		{0, 19, 9, true, plain, "0 5 10 15"},
		{0, 3, 9, true, plain, "0 1 2 3"},
		{-.3, .3, 4, false, plain, "−0.2 0.0 0.2"},
		{.9, .99, 5, false, percent, "90 % 92 % 94 % 96 % 98 %"},
		{.97, .986, 5, false, percent, "97.0 % 97.5 % 98.0 % 98.5 %"},
		{0, 250000, 5, false, plain, "0 50k 100k 150k 200k 250k"},
		{0, 3e6, 3, false, plain, "0 1M 2M 3M"},
		{1e-6, 3e-6, 3, false, plain, "1e−6 2e−6 3e−6"},
		{1e15, 1e15 + 1, 5, false, plain, "1e15"},
	}
	for _, tt := range tests {
		if got := labelsOf(ticks(tt.lo, tt.hi, tt.n, tt.whole, tt.u)); got != tt.want {
			t.Errorf("%v…%v: %q, want %q", tt.lo, tt.hi, got, tt.want)
		}
	}
	for _, tt := range []struct {
		lo, hi float64
		want   string
	}{
		{.05, 1.1, "0.05 0.1 0.2 0.5 1"}, {1e-6, 1, "1e−6 1e−5 1e−4 0.001 0.01 0.1 1"}, {1, 1e12, "1 100 10k 1M 100M 10G 1T"}, {.91, .99, "0.92 0.94 0.96 0.98"},
	} {
		got := labelsOf(logTicks(tt.lo, tt.hi, 6, plain))
		if strings.ReplaceAll(got, "1e−4", "0.0001") != strings.ReplaceAll(tt.want, "1e−4", "0.0001") {
			t.Errorf("log %v…%v: %q, want %q", tt.lo, tt.hi, got, tt.want)
		}
	}
}

// Ticks lie in the range, rise, are few, and their labels differ.
func TestTicksProperty(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 5000 {
		lo := r.NormFloat64() * math.Pow(10, float64(r.IntN(12)-6))
		hi := lo + r.ExpFloat64()*math.Pow(10, float64(r.IntN(12)-6))
		all := ticks(lo, hi, 6, r.IntN(2) == 0, plain)
		if len(all) > 8 {
			t.Fatalf("%v…%v: %d ticks", lo, hi, len(all))
		}
		for i, k := range all {
			if i > 0 && (k.value <= all[i-1].value || k.label == all[i-1].label) {
				t.Fatalf("%v…%v: %v", lo, hi, all)
			}
			if k.label == "−0" || k.label == "-0" {
				t.Fatalf("%v…%v: %v", lo, hi, all)
			}
		}
	}
}

func TestUnitText(t *testing.T) {
	for got, want := range map[string]string{
		percent.text(.986): "98.6 %", percent.text(.97): "97 %", plain.text(.059071): "0.05907", plain.text(-3): "−3",
		plain.text(12345): "12.35k", plain.text(1.5e-7): "1.5e−7", plain.text(0): "0", scaled(2.5e6, 1): "2.5M",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCutAndWrap(t *testing.T) {
	f := newFonts()
	if got := f.cut("short", 12, false, 100); got != "short" {
		t.Errorf("%q", got)
	}
	got := f.cut("training_run_of_the_model_v7", 12, false, 100)
	if !strings.HasPrefix(got, "train") || !strings.HasSuffix(got, "_v7") || strings.Count(got, "…") != 1 || f.width(got, 12, false) > 100 {
		t.Errorf("%q", got)
	}
	if got := f.cut("abc", 12, false, 1); got != "…" {
		t.Errorf("%q", got)
	}
	lines := f.wrap(strings.Repeat("some words ", 20), 12, true, 200, 2)
	if len(lines) != 2 || f.width(lines[0], 12, true) > 200 || f.width(lines[1], 12, true) > 200 || !strings.Contains(lines[1], "…") {
		t.Errorf("%q", lines)
	}
	if got := f.wrap("", 12, true, 200, 2); len(got) != 0 {
		t.Errorf("%q", got)
	}
	// Liberation Sans has the widths of Arial: 667/1000 for A.
	if w := f.width("A", 1000, false); math.Abs(w-667) > 1 {
		t.Errorf("A is %v wide", w)
	}
}

// Labels keep their order, their distance and, where there is room, the frame.
func TestSpread(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 1000 {
		l := make([]sideLabel, 1+r.IntN(18))
		for i := range l {
			l[i].y = 50 + r.Float64()*300
		}
		slices.SortFunc(l, func(a, b sideLabel) int {
			if a.y < b.y {
				return -1
			}
			return 1
		})
		spread(l, 50, 350)
		for i := range l {
			if i > 0 && l[i].put-l[i-1].put < labelPitch-1e-9 {
				t.Fatalf("labels collide: %v", l)
			}
			if l[i].put < 50-1e-9 || l[i].put > 350+1e-9 {
				t.Fatalf("a label leaves the picture: %v", l)
			}
		}
	}
}

// Thinning keeps the extremes and the ends, and is bounded by the width.
func TestThin(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	p := make([]point, 100_000)
	for i := range p {
		p[i] = point{float64(i) / 100_000 * 700, r.Float64()}
	}
	p[54321].y, p[777].y = 50, -50
	q := thin(p, .5)
	if len(q) > 4*1400 {
		t.Errorf("%d points are left", len(q))
	}
	if q[0] != p[0] || q[len(q)-1] != p[len(p)-1] || !slices.Contains(q, p[54321]) || !slices.Contains(q, p[777]) {
		t.Error("an end or an extreme is lost")
	}
	if got := thin(p[:1], .5); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// Text stands out by 4.5 and marks by 3 from the ground, in both themes, and
// numbers stand out from every shade.
func TestContrast(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		c := theme.colors()
		for _, x := range []rgb{c.text, c.muted, c.candidate} {
			if k := x.contrast(c.ground); k < 4.5 {
				t.Errorf("%s: text %v has a contrast of %.2f", theme, x, k)
			}
		}
		for _, x := range append(slices.Clone(c.series), c.baseline, c.better, c.worse) {
			if k := x.contrast(c.ground); k < 3 {
				t.Errorf("%s: mark %v has a contrast of %.2f", theme, x, k)
			}
		}
		for _, full := range []rgb{c.intensity, c.better, c.worse} {
			for i := range 41 {
				ground := c.ground.mix(full, float64(i)/40)
				if k := ink(ground).contrast(ground); k < 3.9 {
					t.Errorf("%s: a number on %v has a contrast of %.2f", theme, ground, k)
				}
			}
		}
	}
}

// A stroke covers its line once: the paint is as wide as the line.
func TestStroke(t *testing.T) {
	s := newScene(100, 100, Light, "")
	s.line([]point{{10, 50}, {50, 50}, {90, 50}}, hex(0), 10)
	s.line([]point{{20, 80}, {80, 80}}, hex(0), 4, 10, 10)
	im := s.paint(1)
	dark := func(x, y int) bool { return im.RGBAAt(x, y).R < 10 }
	for x := 11; x < 89; x++ {
		if !dark(x, 46) || !dark(x, 54) || dark(x, 43) || dark(x, 57) {
			t.Fatalf("the line is broken at %d", x)
		}
	}
	for _, tt := range []struct {
		x  int
		on bool
	}{{22, true}, {35, false}, {45, true}, {55, false}, {65, true}, {75, false}} {
		if dark(tt.x, 80) != tt.on {
			t.Errorf("dash at %d", tt.x)
		}
	}
}

// A color that many pixels have survives the reduction exactly.
func TestPalettedKeepsFrequentColors(t *testing.T) {
	s := newScene(200, 200, Light, "")
	for i := range 100 { // a ramp of 100 cells, with text that makes blends
		s.rect(float64(i%10)*20, float64(i/10)*20, 20, 20, hex(0xffffff).mix(hex(0x0072b2), float64(i)/100))
		s.text(float64(i%10)*20, float64(i/10)*20+15, small("8", 0), hex(0))
	}
	im := s.paint(2)
	p := paletted(im)
	if len(p.Palette) > 256 {
		t.Fatalf("%d colors", len(p.Palette))
	}
	for i := range 100 {
		x, y := i%10*40+36, i/10*40+4
		r, g, b, _ := p.At(x, y).RGBA()
		if want := im.RGBAAt(x, y); uint8(r>>8) != want.R || uint8(g>>8) != want.G || uint8(b>>8) != want.B {
			t.Fatalf("cell %d: %v, want %v", i, p.At(x, y), want)
		}
	}
}
