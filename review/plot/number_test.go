package plot

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func labelsOf(t []tick) string {
	var s []string
	for _, k := range t {
		s = append(s, k.label)
	}
	return strings.Join(s, " | ")
}

func TestTicks(t *testing.T) {
	for _, tt := range []struct {
		lo, hi float64
		n      int
		whole  bool
		u      unit
		want   string
	}{
		{0, 19, 9, true, plain, "0 | 5 | 10 | 15"},
		{0, 3, 9, true, plain, "0 | 1 | 2 | 3"},
		{-.3, .3, 4, false, plain, "−0.2 | 0.0 | 0.2"},
		{.9, .99, 5, false, percent, "90 % | 92 % | 94 % | 96 % | 98 %"},
		{.97, .986, 5, false, percent, "97.0 % | 97.5 % | 98.0 % | 98.5 %"},
		{0, 250000, 5, false, plain, "0 | 50k | 100k | 150k | 200k | 250k"},
		{0, 3e6, 3, false, plain, "0 | 1M | 2M | 3M"},
		{1e-6, 3e-6, 3, false, plain, "1e−6 | 2e−6 | 3e−6"},
		{1e15, 1e15 + 1, 5, false, plain, "1e15"},
		{0, 134, 5, false, elapsed, "0 s | 30 s | 1 m | 1 m 30 s | 2 m"},
		{0, 9000, 6, false, elapsed, "0 s | 30 m | 1 h | 1 h 30 m | 2 h | 2 h 30 m"},
		{0, 5 * day, 5, false, elapsed, "0 s | 1 d | 2 d | 3 d | 4 d | 5 d"},
		{0, 1, 4, false, elapsed, "0 s | 0.5 s | 1.0 s"},
		{1795500000, 1795500000 + 3*hour, 4, false, clock, "06:00 | 07:00 | 08:00 | 09:00"},
		{1795500000, 1795500000 + 3*day, 3, false, clock, "25 Nov | 26 Nov | 27 Nov"},
	} {
		if got := labelsOf(ticks(tt.lo, tt.hi, tt.n, tt.whole, tt.u)); got != tt.want {
			t.Errorf("%v…%v: %q, want %q", tt.lo, tt.hi, got, tt.want)
		}
	}
	for _, tt := range []struct {
		lo, hi float64
		want   string
	}{
		{.05, 1.1, "0.05 | 0.1 | 0.2 | 0.5 | 1"},
		{1e-6, 1, "1e−6 | 1e−5 | 0.0001 | 0.001 | 0.01 | 0.1 | 1"},
		{1, 1e12, "1 | 100 | 10k | 1M | 100M | 10G | 1T"},
		{1e-300, 1e300, "1e−300 | 1e−200 | 1e−100 | 1 | 1e100 | 1e200 | 1e300"},
		{.91, .99, "0.92 | 0.94 | 0.96 | 0.98"},
	} {
		if got := labelsOf(logTicks(tt.lo, tt.hi, 6, plain)); got != tt.want {
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
		all := ticks(lo, hi, 6, r.IntN(2) == 0, unit(r.IntN(4)))
		if len(all) > 14 {
			t.Fatalf("%v…%v: %d ticks", lo, hi, len(all))
		}
		for i, k := range all {
			if i > 0 && (k.value <= all[i-1].value || k.label == all[i-1].label) {
				t.Fatalf("%v…%v: %v", lo, hi, all)
			}
			if k.label == "−0" || k.label == "-0" || strings.HasPrefix(k.label, "−0 ") {
				t.Fatalf("%v…%v: %v", lo, hi, all)
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{percent.text(.986), "98.6 %"},
		{percent.text(.97), "97.0 %"},
		{percent.text(.9997), "99.97 %"},
		{percent.text(1), "100 %"},
		{percent.text(0), "0 %"},
		{percent.text(-.25), "−25.0 %"},
		{percent.text(1e90), "1e92 %"},
		{plain.text(.059071), "0.05907"},
		{plain.text(-3), "−3"},
		{plain.text(12345), "12.35k"},
		{plain.text(1.5e-7), "1.5e−7"},
		{plain.text(0), "0"},
		{plain.text(math.Copysign(0, -1)), "0"},
		{plain.text(math.NaN()), "NaN"},
		{plain.text(-1e300), "−1e300"},
		{scaled(2.5e6, 2), "2.5M"},
		{elapsed.text(134), "2 m 14 s"},
		{elapsed.text(.25), "0.25 s"},
		{elapsed.text(90061), "1 d 1 h"},
		{clock.text(1795500000), "2026-11-24 06:00:00"},
		{percent.change(.014), "+1.4"},
		{percent.change(-.0004), "−0.04"},
		{plain.change(-.5), "−0.5"},
		{plain.change(0), "±0"},
		{count(1240), "1,240"},
		{count(-1234567), "−1,234,567"},
		{scoreValue(.9231), "0.923"},
		{scoreValue(.99871), "0.9987"},
		{scoreValue(1), "1.000"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
