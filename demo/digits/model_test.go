package digits

import (
	"strings"
	"testing"

	"github.com/assay-ml/assay/demo/digits/onnx"
)

func evaluator(t testing.TB, m *Model) *Evaluator {
	t.Helper()
	file, err := m.ONNX(map[string]string{"commit": "9f8e7d6"})
	if err != nil {
		t.Fatal(err)
	}
	ev, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

func TestEvaluatorEqualsTrainer(t *testing.T) {
	for _, name := range []string{"baseline", "better"} {
		m := preset(t, name).model
		ev := evaluator(t, m)
		for _, d := range shippedParts(t).HeldOut {
			got, err := ev.Predict(d.Input())
			if err != nil {
				t.Fatal(err)
			}
			if want := m.Probabilities(d.Input()); got != want {
				t.Fatalf("%s, %s: the file says %v, the trainer %v", name, d.ID, got, want)
			}
		}
	}
}

func TestMetadata(t *testing.T) {
	meta := evaluator(t, preset(t, "baseline").model).Metadata()
	if meta[MetaLabels] != "0,1,2,3,4,5,6,7,8,9" || !strings.Contains(meta[MetaPreprocessing], "0 to 16") || meta["commit"] != "9f8e7d6" {
		t.Errorf("got %v", meta)
	}
}

func TestEvaluatorRefuses(t *testing.T) {
	small, err := onnx.Encode(onnx.Network{Layers: []onnx.Layer{{In: 2, Out: 1, Weights: []float32{1, 1}, Bias: []float32{0}}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(small); err == nil || !strings.Contains(err.Error(), "takes 2 numbers and gives 1") {
		t.Errorf("a model of another shape: %v", err)
	}
	if _, err := Load([]byte("not a model")); err == nil {
		t.Error("text was loaded as a model")
	}
	ev := evaluator(t, preset(t, "baseline").model)
	if _, err := ev.Predict([Pixels]float32{5: 17}); err == nil || !strings.Contains(err.Error(), "pixel 5 is 17") {
		t.Errorf("a pixel of 17: %v", err)
	}
}
