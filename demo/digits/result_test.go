package digits

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestWritePredictions(t *testing.T) {
	var out bytes.Buffer
	err := WritePredictions(&out, []Prediction{{"digit-0002", 1, 7, 0.51234567}, {`a,"b`, 0, 0, 1}})
	want := "id,label,prediction,score\ndigit-0002,1,7,0.512346\n\"a,\"\"b\",0,0,1.000000\n"
	if err != nil || out.String() != want {
		t.Errorf("got %q, %v; want %q", out.String(), err, want)
	}
}

func TestPredictionsAreTheResult(t *testing.T) {
	result := preset(t, "better").result
	var out bytes.Buffer
	if err := WritePredictions(&out, result.Predictions); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	right := 0
	for _, line := range lines[1:] {
		f := strings.Split(line, ",")
		if f[1] == f[2] {
			right++
		}
	}
	if len(lines) != 900 || float64(right)/899 != result.Accuracy {
		t.Errorf("%d lines with %d right, want 900 lines and an accuracy of %v", len(lines), right, result.Accuracy)
	}
}

func TestWriteMetrics(t *testing.T) {
	r := Result{Accuracy: 0.98, Loss: 0.07, ModelBytes: 19965, TrainTime: 1234567 * time.Microsecond, Latency: 4100}
	r.Recall[3] = 0.5
	var out bytes.Buffer
	if err := WriteMetrics(&out, r); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Accuracy, Loss float64
		Recall         map[string]float64
		ModelBytes     int     `json:"model_bytes"`
		Seconds        float64 `json:"train_seconds"`
		Latency        float64 `json:"latency_microseconds"`
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Accuracy != 0.98 || got.Loss != 0.07 || got.Recall["3"] != 0.5 || got.ModelBytes != 19965 || got.Seconds != 1.234 || got.Latency != 4.1 {
		t.Errorf("got %+v from %s", got, out.String())
	}
}
