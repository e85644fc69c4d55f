package compare

import (
	"math"
	"testing"
)

func TestJudge(t *testing.T) {
	iv := func(low, high float64) Interval { return Interval{low, high, .95} }
	nan := math.NaN()
	tests := []struct {
		name string
		e    Evidence
		word Word
		code string
	}{
		{"clear gain", Evidence{Interval: iv(.01, .03), P: .001, N: 1000, Goal: Max}, Better, ""},
		{"clear gain of a loss", Evidence{Interval: iv(.01, .03), P: .001, N: 1000, Goal: Min}, Worse, ""},
		{"clear loss", Evidence{Interval: iv(-.03, -.01), P: .001, N: 1000, Goal: Max}, Worse, ""},
		{"clear fall of a loss", Evidence{Interval: iv(-.03, -.01), P: .001, N: 1000, Goal: Min}, Better, ""},
		{"interval and p disagree", Evidence{Interval: iv(.0001, .03), P: .051, N: 1000, Goal: Max}, Unknown, WideInterval},
		{"p and interval disagree", Evidence{Interval: iv(0, .03), P: .049, N: 1000, Goal: Max}, Unknown, WideInterval},
		{"p at the level", Evidence{Interval: iv(.001, .03), P: .05, N: 1000, Goal: Max}, Better, ""},
		{"same", Evidence{Interval: iv(-.004, .005), P: .8, N: 1000, Tolerance: .005, Goal: Max}, Same, WithinTolerance},
		{"same, really changed", Evidence{Interval: iv(.001, .004), P: .001, N: 1000, Tolerance: .005, Goal: Max}, Same, RealChange},
		{"large p is not same", Evidence{Interval: iv(-.006, .004), P: .9, N: 1000, Tolerance: .005, Goal: Max}, Unknown, WideInterval},
		{"no tolerance, no same", Evidence{Interval: iv(0, 0), P: 1, N: 1000, Goal: Max}, Unknown, WideInterval},
		{"few", Evidence{Interval: iv(.1, .3), P: .001, N: 9, Goal: Max}, Unknown, FewExamples},
		{"no goal", Evidence{Interval: iv(.1, .3), P: .001, N: 90}, Unknown, NoExamples},
		{"NaN", Evidence{Interval: iv(nan, .3), P: .001, N: 90, Goal: Max}, Unknown, NotFinite},
	}
	for _, tt := range tests {
		if v := Judge(tt.e); v.Word != tt.word || v.Reason.Code != tt.code {
			t.Errorf("%s: %v", tt.name, v)
		}
	}
}

func TestHolm(t *testing.T) {
	got := Holm([]float64{.2, .001, .012, .6, .014, .04})
	want := []float64{.4, .006, .06, .6, .06, .12}
	for i := range want {
		if !near(got[i], want[i], 1e-12) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func TestOverall(t *testing.T) {
	m := func(w Word, p float64) Metric {
		row := Metric{Decides: true, Word: w}
		if p >= 0 {
			row.P = NumOf(p)
		}
		return row
	}
	tests := []struct {
		name string
		rows []Metric
		want Word
	}{
		{"none", nil, Unknown},
		{"listed only", []Metric{{Word: Better}}, Unknown},
		{"one better", []Metric{m(Better, .01)}, Better},
		{"first better, second unknown", []Metric{m(Better, .01), m(Unknown, .5)}, Better},
		{"first unknown, second better", []Metric{m(Unknown, .5), m(Better, .01)}, Unknown},
		{"first same, second better", []Metric{m(Same, .5), m(Better, .01)}, Better},
		{"first same, second without a word", []Metric{m(Same, .5), m(NoWord, -1)}, Unknown},
		{"all same", []Metric{m(Same, .5), m(Same, .4)}, Same},
		{"any worse", []Metric{m(Better, .001), m(Worse, .01)}, Worse},
		{"worse alone, not after Holm", []Metric{m(Same, .9), m(Worse, .04)}, Unknown},
		{"worse beside one without p", []Metric{m(NoWord, -1), m(Worse, .04)}, Worse},
	}
	for _, tt := range tests {
		if v := Overall(tt.rows, .95); v.Word != tt.want || v.Word == Unknown && v.Reason.Text == "" && tt.name != "first unknown, second better" && tt.name != "first same, second without a word" {
			t.Errorf("%s: %v, want %s", tt.name, v, tt.want)
		}
	}
}
