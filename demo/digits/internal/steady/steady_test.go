package steady

import (
	"math"
	"testing"
)

func TestExpLogAgreeWithMath(t *testing.T) {
	for x := -740.0; x < 709; x += 0.37 {
		got, want := Exp(x), math.Exp(x)
		if want > 1e-300 && math.Abs(got-want) > 1e-15*want {
			t.Errorf("Exp(%v) = %v, math.Exp gives %v", x, got, want)
		}
		if want < 1e-300 { // math.Log is wrong for subnormal numbers on amd64
			continue
		}
		if got, want := Log(want), math.Log(want); math.Abs(got-want) > 1e-15*math.Abs(want)+1e-15 {
			t.Errorf("Log(e**%v) = %v, math.Log gives %v", x, got, want)
		}
	}
}

func TestSpecialValues(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ got, want float64 }{
		{Exp(-inf), 0},
		{Exp(inf), inf},
		{Exp(1000), inf},
		{Exp(-1000), 0},
		{Exp(0), 1},
		{Log(0), -inf},
		{Log(1), 0},
		{Log(inf), inf},
	} {
		if c.got != c.want {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
	if v := Exp(math.NaN()); v == v {
		t.Errorf("Exp(NaN) = %v", v)
	}
	if v := Log(-1); v == v {
		t.Errorf("Log(-1) = %v", v)
	}
}

// The bits below were computed once; a processor or compiler that gives others
// would make two machines train two different models.
func TestBits(t *testing.T) {
	for _, c := range []struct {
		got  float64
		want uint64
	}{
		{Exp(-3.3), 0x3fa2e259bb85be84}, {Log(0.07), 0xc005462a20517cff},
	} {
		if got := math.Float64bits(c.got); got != c.want {
			t.Errorf("got bits %#x, want %#x", got, c.want)
		}
	}
}

func TestSoftmaxOfLargeScores(t *testing.T) {
	v := []float32{1e30, 1e30, -1e30}
	Softmax(v)
	if v[0] != 0.5 || v[1] != 0.5 || v[2] != 0 {
		t.Errorf("got %v, want 0.5 0.5 0", v)
	}
}

func TestAffine(t *testing.T) {
	out := make([]float32, 2)
	Affine(out, []float32{1, 2, 3, 4}, []float32{10, 20}, []float32{5, 6})
	if out[0] != 27 || out[1] != 59 {
		t.Errorf("got %v, want 27 59", out)
	}
}
