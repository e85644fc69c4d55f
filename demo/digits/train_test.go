package digits

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
)

// trained keeps what the tests of this package share: each preset trained once.
type trained struct {
	model  *Model
	result Result
	epochs []Epoch
	err    error
}

func train(p Params, parts Parts) trained {
	var t trained
	t.model, t.result, t.err = Train(context.Background(), p, parts, Hooks{Epoch: func(_ context.Context, e Epoch) error {
		t.epochs = append(t.epochs, e)
		return nil
	}})
	return t
}

// models trains presets on first use; the map is filled here and not changed.
var models = func() map[string]func() trained {
	all := map[string]func() trained{}
	for _, p := range Presets() {
		all[p.Name] = sync.OnceValue(func() trained {
			digits, err := Default()
			if err != nil {
				return trained{err: err}
			}
			parts, err := Split(digits, SplitSeed)
			if err != nil {
				return trained{err: err}
			}
			return train(p.Params, parts)
		})
	}
	return all
}()

func preset(t testing.TB, name string) trained {
	t.Helper()
	got := models[name]()
	if got.err != nil {
		t.Fatal(got.err)
	}
	return got
}

// flips counts digits that are newly right and newly wrong in b, and the
// two-sided mid-p value of McNemar's test for them.
func flips(a, b Result) (right, wrong int, p float64) {
	for i, pa := range a.Predictions {
		pb := b.Predictions[i]
		wasRight, isRight := pa.Prediction == pa.Label, pb.Prediction == pb.Label
		if isRight && !wasRight {
			right++
		} else if wasRight && !isRight {
			wrong++
		}
	}
	n, k := right+wrong, min(right, wrong)
	term := math.Pow(0.5, float64(n)) // P(X = 0) of a fair coin
	for i := range k {
		p += 2 * term
		term *= float64(n-i) / float64(i+1)
	}
	return right, wrong, p + term
}

func TestPresets(t *testing.T) {
	for _, c := range []struct {
		name  string
		right int // of 899, the same on every machine
	}{
		{"baseline", 813}, {"better", 881}, {"worse", 838}, {"close", 884},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := preset(t, c.name)
			if right := math.Round(got.result.Accuracy * 899); int(right) != c.right {
				t.Errorf("%v digits read right, want %d", right, c.right)
			}
			p, _ := FindPreset(c.name)
			if len(got.epochs) != p.Params.Epochs {
				t.Errorf("%d epochs reported, want %d", len(got.epochs), p.Params.Epochs)
			}
			last := got.epochs[len(got.epochs)-1]
			if last.HeldOutAccuracy != got.result.Accuracy || last.HeldOutLoss != got.result.Loss {
				t.Errorf("the last epoch %+v is not the result %v, %v", last, got.result.Accuracy, got.result.Loss)
			}
		})
	}
}

func TestPresetsAgainstEachOther(t *testing.T) {
	better := preset(t, "better").result
	for _, c := range []struct {
		name         string
		right, wrong int
		low, high    float64 // of p
	}{
		{"baseline", 6, 74, 0, 1e-6},
		{"worse", 5, 48, 0, 1e-6},
		{"close", 8, 5, 0.2, 1},
	} {
		right, wrong, p := flips(better, preset(t, c.name).result)
		if right != c.right || wrong != c.wrong || p < c.low || p > c.high {
			t.Errorf("%s against better: %d newly right, %d newly wrong, p = %.2g; want %d, %d, p in %g to %g",
				c.name, right, wrong, p, c.right, c.wrong, c.low, c.high)
		}
	}
}

// The digest was computed once, on amd64. Another here means that the reviewer
// of a model and its trainer would not see the same bytes.
func TestSameBytesEverywhere(t *testing.T) {
	file, err := preset(t, "baseline").model.ONNX(nil)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(file)
	if got, want := hex.EncodeToString(sum[:8]), "ba22679d4f410f41"; got != want {
		t.Errorf("the baseline's file has digest %s…, want %s…", got, want)
	}
}

func quick() Params {
	p := Better().Params
	p.Hidden, p.Epochs, p.Copies = 16, 2, 1
	return p
}

func TestTrainingIsDeterministic(t *testing.T) {
	parts := shippedParts(t)
	a, b := train(quick(), parts), train(quick(), parts)
	if a.err != nil || b.err != nil {
		t.Fatal(a.err, b.err)
	}
	fileA, _ := a.model.ONNX(nil)
	fileB, _ := b.model.ONNX(nil)
	if !bytes.Equal(fileA, fileB) {
		t.Error("two trainings with the same parameters gave different models")
	}
	other := quick()
	other.Seed++
	c := train(other, parts)
	if fileC, _ := c.model.ONNX(nil); bytes.Equal(fileA, fileC) {
		t.Error("another seed gave the same model")
	}
}

func TestSoftmaxRegression(t *testing.T) {
	p := quick()
	p.Hidden, p.Epochs = 0, 10
	got := train(p, shippedParts(t))
	if got.err != nil {
		t.Fatal(got.err)
	}
	if got.result.Accuracy < 0.92 || got.model.Numbers() != 650 {
		t.Errorf("accuracy %v with %d numbers, want over 0.92 with 650", got.result.Accuracy, got.model.Numbers())
	}
}

func TestTrainingEnds(t *testing.T) {
	parts := shippedParts(t)
	stop := errors.New("stop")
	_, _, err := Train(context.Background(), quick(), parts, Hooks{Epoch: func(context.Context, Epoch) error { return stop }})
	if !errors.Is(err, stop) {
		t.Errorf("the hook's error became %v", err)
	}
	// An hour's epoch ends at once when the context does.
	ctx, cancel := context.WithCancel(context.Background())
	_, _, err = Train(ctx, quick(), parts, Hooks{EpochTime: time.Hour, Epoch: func(context.Context, Epoch) error {
		cancel()
		return nil
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("canceled, got %v", err)
	}
	wild := quick()
	wild.LearningRate, wild.WeightDecay, wild.Epochs = 1000, 1, 20
	if _, _, err = Train(context.Background(), wild, parts, Hooks{}); !errors.Is(err, ErrDiverged) {
		t.Errorf("weights that explode gave %v, want ErrDiverged", err)
	}
	if _, _, err = Train(context.Background(), quick(), Parts{}, Hooks{}); err == nil {
		t.Error("no digits were trained on")
	}
}

func TestParams(t *testing.T) {
	p, err := ReadParams(map[string]any{"hidden": 64, "learning_rate": 0.5, "seed": uint64(7), "batch": 16.0})
	if err != nil || p.Hidden != 64 || p.LearningRate != 0.5 || p.Seed != 7 || p.Batch != 16 || p.Epochs != 30 {
		t.Errorf("got %+v, %v", p, err)
	}
	want := "hidden: 64\nepochs: 30\nlearning_rate: 0.5\nmomentum: 0.9\nbatch: 16\nweight_decay: 0\ncopies: 6\nbend: 1\nseed: 7\n"
	if got := p.YAML(); got != want {
		t.Errorf("as YAML:\n%s\nwant:\n%s", got, want)
	}
	for want, file := range map[string]map[string]any{
		`no parameter "hiden"`:  {"hiden": 3},
		"not a whole number":    {"epochs": 2.5},
		"not a number":          {"batch": "many"},
		"hidden is -1, must be": {"hidden": -1},
		"learning_rate is NaN":  {"learning_rate": math.NaN()},
	} {
		if _, err := ReadParams(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got error %v, want one with %q", file, err, want)
		}
	}
}
