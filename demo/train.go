package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/assay-ml/assay/demo/digits"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/client"
)

// The files of the trainer's repository.
const (
	paramsFile      = "params.yaml"
	dataFile        = "data/digits.csv"
	metricsFile     = "metrics.json"
	predictionsFile = "predictions.csv"
	modelFile       = "model.onnx"
)

// epochTime is how long an epoch takes at least, so that curves can be seen
// to grow.
const epochTime = 60 * time.Millisecond

// Train is the trainer of the demo's repository: it reads params.yaml and the
// digits, trains, and writes the model, its metrics and its predictions into
// dir. Where MLFLOW_TRACKING_URI and MLFLOW_RUN_ID are set it logs every epoch
// there, as any script does that logs with MLflow.
func Train(ctx context.Context, dir string, getenv func(string) string, out io.Writer) error {
	p, err := readParams(filepath.Join(dir, paramsFile))
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(dataFile)))
	if err != nil {
		return fmt.Errorf("reading the digits: %w", err)
	}
	defer f.Close()
	all, err := digits.ReadCSV(f)
	if err != nil {
		return fmt.Errorf("reading %s: %w", dataFile, err)
	}
	parts, err := digits.Split(all, digits.SplitSeed)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "training on %d digits, judging by %d held out\n", len(parts.Train), len(parts.HeldOut))
	hooks := digits.Hooks{EpochTime: epochTime, Epoch: epochs(getenv, out)}
	model, result, err := digits.Train(ctx, p, parts, hooks)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "accuracy %.4f, loss %.4f\n", result.Accuracy, result.Loss)
	return writeResults(dir, model, result)
}

func readParams(path string) (digits.Params, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return digits.Params{}, fmt.Errorf("reading the parameters: %w", err)
	}
	var m map[string]any
	if err := yaml.Unmarshal(data, &m); err != nil {
		return digits.Params{}, fmt.Errorf("reading %s: %w", filepath.Base(path), err)
	}
	return digits.ReadParams(m)
}

// epochs prints every epoch and logs it where the environment says.
func epochs(getenv func(string) string, out io.Writer) func(context.Context, digits.Epoch) error {
	var c *client.Client
	run := getenv("MLFLOW_RUN_ID")
	if uri := getenv("MLFLOW_TRACKING_URI"); uri != "" && run != "" {
		c = client.New(uri, client.Options{})
	}
	return func(ctx context.Context, e digits.Epoch) error {
		if e.Number%10 == 0 {
			fmt.Fprintf(out, "epoch %d of %d: loss %.4f, held-out accuracy %.4f\n", e.Number, e.Of, e.TrainLoss, e.HeldOutAccuracy)
		}
		if c == nil {
			return nil
		}
		var b track.Batch
		for key, v := range map[string]float64{
			"train_loss": e.TrainLoss, "val_loss": e.HeldOutLoss, "train_accuracy": e.TrainAccuracy, "val_accuracy": e.HeldOutAccuracy,
		} {
			b.Metrics = append(b.Metrics, track.Metric{Key: key, Value: v, Step: int64(e.Number), Time: time.Now().UnixMilli()})
		}
		return c.LogBatch(ctx, run, b)
	}
}

func writeResults(dir string, model *digits.Model, result digits.Result) error {
	onnx, err := model.ONNX(nil)
	if err != nil {
		return err
	}
	var metrics, predictions bytes.Buffer
	if err := digits.WriteMetrics(&metrics, result); err != nil {
		return err
	}
	if err := digits.WritePredictions(&predictions, result.Predictions); err != nil {
		return err
	}
	for name, data := range map[string][]byte{modelFile: onnx, metricsFile: metrics.Bytes(), predictionsFile: predictions.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}
