//go:build compat

package onnx

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/assay-ml/assay/compat/internal/program"
	"github.com/assay-ml/assay/demo/digits"
)

const tolerance = 1e-5

type testCase struct {
	Model         string        `json:"model"`
	Inputs        [][64]float32 `json:"inputs"`
	Probabilities [][10]float32 `json:"probabilities"`
}

func TestONNXRuntime(t *testing.T) {
	python := program.Python(t, "onnx", "onnxruntime")
	folder := t.TempDir()
	inputs, parts := heldOut(t)
	regression := digits.Baseline()
	regression.Name, regression.Params.Hidden = "regression", 0
	var cases []testCase
	for _, p := range []digits.Preset{digits.Baseline(), digits.Better(), regression} {
		model, _, err := digits.Train(context.Background(), p.Params, parts, digits.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		file, err := model.ONNX(map[string]string{"preset": p.Name})
		if err != nil {
			t.Fatal(err)
		}
		c := testCase{Model: p.Name + ".onnx", Inputs: inputs, Probabilities: evaluate(t, file, inputs)}
		write(t, filepath.Join(folder, c.Model), file)
		cases = append(cases, c)
	}
	text, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "cases.json"), text)
	out, err := exec.Command(python, "compare.py", folder).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("onnxruntime does not agree: %v", err)
	}
	otherWay(t, folder, inputs)
}

func heldOut(t *testing.T) ([][64]float32, digits.Parts) {
	t.Helper()
	all, err := digits.Default()
	if err != nil {
		t.Fatal(err)
	}
	parts, err := digits.Split(all, digits.SplitSeed)
	if err != nil {
		t.Fatal(err)
	}
	var inputs [][64]float32
	for _, d := range parts.HeldOut {
		inputs = append(inputs, d.Input())
	}
	return inputs, parts
}

func evaluate(t *testing.T, file []byte, inputs [][64]float32) [][10]float32 {
	t.Helper()
	ev, err := digits.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	var all [][10]float32
	for _, in := range inputs {
		p, err := ev.Predict(in)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// otherWay evaluates a file that the onnx package wrote.
func otherWay(t *testing.T, folder string, inputs [][64]float32) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(folder, "reference.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want [][10]float32
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for i, got := range evaluate(t, file, inputs) {
		for d, p := range got {
			worst = max(worst, math.Abs(float64(p-want[i][d])))
		}
	}
	t.Logf("reference.onnx: %d inputs, largest difference %.3g", len(inputs), worst)
	if len(want) != len(inputs) || worst > tolerance {
		t.Errorf("the evaluator differs from onnxruntime by %g on a file written by onnx", worst)
	}
}
