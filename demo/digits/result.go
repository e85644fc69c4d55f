package digits

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/assay-ml/assay/demo/digits/internal/steady"
)

// Prediction is the model's answer for one held-out digit.
type Prediction struct {
	ID         string
	Label      int     // what it is
	Prediction int     // what the model says
	Score      float32 // how likely the model holds its answer, 0 to 1
}

// Result is how good a model is on the held-out digits, and what it costs.
type Result struct {
	Accuracy    float64          // share of held-out digits read right
	Loss        float64          // mean cross entropy in nats
	Recall      [Classes]float64 // by digit: share of those read right
	Predictions []Prediction     // in the order of the held-out digits
	ModelBytes  int              // size of the ONNX file without the caller's metadata
	TrainTime   time.Duration    // learning alone, without judging and waiting
	Latency     time.Duration    // median time to read one digit, on this machine
}

// measure judges a finished model.
func measure(m *Model, heldOut []Digit) (Result, error) {
	var r Result
	file, err := m.ONNX(nil)
	if err != nil {
		return Result{}, fmt.Errorf("measuring the model: %w", err)
	}
	r.ModelBytes = len(file)
	r.Loss, r.Accuracy = judge(m, heldOut)
	var right, of [Classes]float64
	times := make([]time.Duration, 0, len(heldOut))
	for _, d := range heldOut {
		in := d.Input()
		began := time.Now()
		digit, score := best(m.Probabilities(in))
		times = append(times, time.Since(began))
		r.Predictions = append(r.Predictions, Prediction{d.ID, d.Label, digit, score})
		of[d.Label]++
		if digit == d.Label {
			right[d.Label]++
		}
	}
	for d := range of {
		if of[d] > 0 {
			r.Recall[d] = right[d] / of[d]
		}
	}
	slices.Sort(times)
	r.Latency = times[len(times)/2]
	return r, nil
}

// judge is the mean cross entropy and the share of digits read right.
func judge(m *Model, all []Digit) (loss, accuracy float64) {
	right := 0
	for _, d := range all {
		p := m.Probabilities(d.Input())
		// A probability too small for float32 counts as the smallest it has.
		loss -= steady.Log(max(float64(p[d.Label]), 1e-45))
		if digit, _ := best(p); digit == d.Label {
			right++
		}
	}
	n := float64(len(all))
	return loss / n, float64(right) / n
}

// WritePredictions writes a CSV file with the header id,label,prediction,score.
func WritePredictions(w io.Writer, all []Prediction) error {
	table := csv.NewWriter(w)
	rows := [][]string{{"id", "label", "prediction", "score"}}
	for _, p := range all {
		score := strconv.FormatFloat(float64(p.Score), 'f', 6, 32)
		rows = append(rows, []string{p.ID, strconv.Itoa(p.Label), strconv.Itoa(p.Prediction), score})
	}
	if err := table.WriteAll(rows); err != nil {
		return fmt.Errorf("writing predictions: %w", err)
	}
	return nil
}

// WriteMetrics writes the result without its predictions as indented JSON:
// accuracy, loss, recall by digit, model_bytes, train_seconds and
// latency_microseconds. Times differ from run to run, the rest does not.
func WriteMetrics(w io.Writer, r Result) error {
	recall := make(map[string]float64, Classes)
	for d, v := range r.Recall {
		recall[strconv.Itoa(d)] = v
	}
	text, err := json.MarshalIndent(struct {
		Accuracy   float64            `json:"accuracy"`
		Loss       float64            `json:"loss"`
		Recall     map[string]float64 `json:"recall"`
		ModelBytes int                `json:"model_bytes"`
		Seconds    float64            `json:"train_seconds"`
		Latency    float64            `json:"latency_microseconds"`
	}{
		r.Accuracy, r.Loss, recall, r.ModelBytes,
		float64(r.TrainTime.Milliseconds()) / 1e3, float64(r.Latency.Nanoseconds()) / 1e3,
	}, "", "  ")
	if err == nil {
		_, err = w.Write(append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("writing metrics: %w", err)
	}
	return nil
}
