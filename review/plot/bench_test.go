package plot

import (
	"io"
	"testing"
)

// thousand is the measure: two curves of 1,000 points.
func thousand() Curves {
	return Curves{YLabel: "loss", Series: []Series{
		{Name: "this change", Role: Candidate, Y: noisy(1000, .12, 1)},
		{Name: "baseline", Role: Baseline, Y: noisy(1000, .2, 2)},
	}}
}

func draws(b *testing.B, p picture, f Format, scale float64) {
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Draw(io.Discard, f, Options{Scale: scale}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCurve draws the measure; CPU, allocated bytes and allocations each.
func BenchmarkCurve(b *testing.B) {
	b.Run("png", func(b *testing.B) { draws(b, thousand(), PNG, 1) })
	b.Run("png@2", func(b *testing.B) { draws(b, thousand(), PNG, 2) })
	b.Run("svg", func(b *testing.B) { draws(b, thousand(), SVG, 0) })
}

// BenchmarkKinds draws one of every kind at double resolution.
func BenchmarkKinds(b *testing.B) {
	for name, p := range pictures() {
		b.Run(name, func(b *testing.B) { draws(b, p, PNG, 2) })
	}
}

// BenchmarkMillion draws a curve of a million points.
func BenchmarkMillion(b *testing.B) {
	draws(b, Curves{Series: []Series{{Role: Candidate, Y: noisy(1_000_000, .1, 1)}}}, PNG, 2)
}
