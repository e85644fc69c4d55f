//go:build compat

package pages

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"
	"time"
)

// runCount is how many runs the large experiment has.
const runCount = 1000

// The special runs are the newest of the large experiment, so that the table
// shows them first.
const sweepCount = runCount - 6

// seed fills the server. All values follow from counting, so that the specs can
// name them.
func seed(t *testing.T, w *World) {
	d := door{t: t, base: w.Server, user: "ada"}
	w.HTMLName = `<img src=x onerror=alert(1)>`
	w.LongName = "resnet-50-" + strings.Repeat("very-long-name-", 12) + "end"
	w.Experiments["large"] = d.experiment("digits")
	w.Experiments["none"] = d.experiment("nothing-yet")
	w.Experiments["live"] = d.experiment("live")
	w.Experiments["html"] = d.experiment("<b onmouseover=alert(1)>bold</b>")
	d.experiment("a-" + strings.Repeat("long-experiment-name-", 8) + "end")
	s := &seeder{door: d, w: w, now: time.Now().UnixMilli()}
	for i := range sweepCount {
		s.sweep(i)
	}
	s.hostile()
	s.failed()
	s.withFiles()
	s.candidate()
	s.running()
	s.models()
}

type seeder struct {
	door
	w   *World
	now int64
}

// base is run i of the sweep: started i minutes after the first, the last of
// all one minute ago.
func (s *seeder) base(i int) run {
	start := s.now - int64(runCount-i)*60_000
	r := run{
		experiment: s.w.Experiments["large"], name: fmt.Sprintf("sweep-%04d", i), status: "FINISHED",
		user:  []string{"ada", "grace"}[i%2],
		start: start, end: start + 61_000 + int64(i%90)*1000,
		params: map[string]string{
			"learning_rate": []string{"0.1", "0.03", "0.01", "0.003", "0.001"}[i%5],
			"optimizer":     []string{"adam", "sgd", "rmsprop"}[i%3],
			"hidden":        fmt.Sprint(8 << (i % 5)), "seed": "1", "data.version": "2026-11", "epochs": "20",
		},
		tags: map[string]string{"mlflow.source.git.commit": commitOf(i), "mlflow.user": []string{"ada", "grace"}[i%2]},
	}
	return r
}

// accuracyOf differs from run to run: 37 and 1,000 have no common divisor.
func accuracyOf(i int) float64 { return 0.8 + float64(i*37%1000)/5000 }

func commitOf(i int) string {
	sum := sha1.Sum([]byte(fmt.Sprint("commit ", i)))
	return hex.EncodeToString(sum[:])
}

// sweep makes an ordinary run: every 50th ends with a loss that is not a
// number, every 7th has no val/loss, some failed or were killed.
func (s *seeder) sweep(i int) {
	r := s.base(i)
	switch i % 100 {
	case 13:
		r.status = "FAILED"
	case 57:
		r.status = "KILLED"
	}
	acc := accuracyOf(i)
	if acc > 0.99 && r.params["optimizer"] == "adam" {
		s.w.Matching++
	}
	r.metrics = s.histories(r.start, 20, map[string]float64{"accuracy": acc, "loss": 0.05 + 3*(1-acc)})
	if i%50 == 49 {
		r.metrics[len(r.metrics)-1].Value = "NaN"
	}
	if i%7 != 3 {
		r.metrics = append(r.metrics, point{"val/loss", 0.08 + 3.2*(1-acc), r.end, 20})
	}
	r.metrics = append(r.metrics,
		point{"tokens seen", 1_234_567 * (i + 1), r.end, 20}, point{"final lr", 1.25e-6 * float64(i+1), r.end, 20})
	s.run(r)
}

// histories are curves that end at the given values, the losses last.
func (s *seeder) histories(start int64, steps int, last map[string]float64) []point {
	var out []point
	for _, key := range []string{"accuracy", "loss"} {
		for step := 1; step <= steps; step++ {
			left := float64(steps-step) / float64(steps)
			v := last[key] * (1 - 0.6*left*left)
			if key == "loss" {
				v = last[key] * (1 + 6*left*left)
			}
			if step < steps {
				v *= 1 + 0.02*math.Sin(float64(step)*1.7)
			}
			out = append(out, point{key, v, start + int64(step)*3000, step})
		}
	}
	return out
}

// hostile makes the runs whose names are markup, or longer than any column.
func (s *seeder) hostile() {
	r := s.base(sweepCount)
	r.name = s.w.HTMLName
	r.params["comment"] = `<script>alert(2)</script>`
	r.tags["note"] = `"><svg onload=alert(3)>`
	r.metrics = s.histories(r.start, 20, map[string]float64{"accuracy": 0.91, "loss": 0.3})
	id, root := s.run(r)
	s.w.Runs["html"] = id
	s.file(root, "page.html", []byte("<h1>Hello</h1><script>alert(4)</script><img src=x onerror=alert(5)>\n"))
	s.file(root, "picture.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40" onload="alert(6)"><script>alert(7)</script><rect width="60" height="40" fill="#0072b2"/></svg>`))
	s.output(id, "<b>bold</b><script>alert(8)</script>\n")

	r = s.base(sweepCount + 1)
	r.name = s.w.LongName
	r.params["a/very/long/parameter/name/that/does/not/end/before/the/column/does"] = strings.Repeat("value ", 60)
	r.metrics = append(s.histories(r.start, 20, map[string]float64{"accuracy": 0.92, "loss": 0.29}),
		point{"validation/top 5 accuracy of the held-out classes - weighted", 0.987654321, r.end, 20})
	s.w.Runs["long"], _ = s.run(r)
}

// failed printed what went wrong.
func (s *seeder) failed() {
	r := s.base(sweepCount + 2)
	r.name, r.status = "out-of-memory", "FAILED"
	r.tags["assay.exit_code"], r.tags["assay.command"] = "137", "python train.py --batch-size 4096"
	r.metrics = s.histories(r.start, 4, map[string]float64{"accuracy": 0.51, "loss": 1.9})
	s.w.Runs["failed"], _ = s.run(r)
	var text strings.Builder
	for i := 1; i <= 200; i++ {
		fmt.Fprintf(&text, "\x1b[32mepoch %3d\x1b[0m  loss %.4f  %5.1f images/s\n", i, 2.3/float64(i), 812.5)
	}
	text.WriteString("10 %\r50 %\r100 % read\nTraceback (most recent call last):\n  File \"train.py\", line 88, in <module>\n" +
		"RuntimeError: out of memory: tried to allocate 2.50 GB, 1.20 GB free\n")
	s.output(s.w.Runs["failed"], text.String())
}

// running still trains.
func (s *seeder) running() {
	r := s.base(sweepCount + 5)
	r.name, r.status = "still-training", "RUNNING"
	r.metrics = s.histories(r.start, 12, map[string]float64{"accuracy": 0.88, "loss": 0.41})
	s.w.Runs["running"], _ = s.run(r)
	s.output(s.w.Runs["running"], "epoch 11\nepoch 12\n")
}

// candidate has all that a run can have.
func (s *seeder) candidate() {
	r := s.base(sweepCount + 4)
	s.w.Commit = commitOf(sweepCount + 4)
	r.name = "wide-candidate"
	maps.Copy(r.tags, map[string]string{
		"mlflow.source.git.branch": "wider", "assay.git.dirty": "true", "assay.exit_code": "0",
		"assay.command": "python train.py --hidden 64 --optimizer adam --epochs 300", "assay.change": "team/digits-trainer!7",
	})
	r.metrics = s.histories(r.start, 300, map[string]float64{"accuracy": 0.9859, "loss": 0.0432})
	for step := range 20_000 {
		r.metrics = append(r.metrics, point{"train/batch loss", 2.3*math.Exp(-float64(step)/4000) + 0.2*math.Abs(math.Sin(float64(step)*0.37)), r.start + int64(step)*3, step})
	}
	for step := range 100 {
		at := r.start + int64(step)*600
		r.metrics = append(r.metrics,
			point{"system/cpu_utilization_percentage", 60 + 30*math.Sin(float64(step)/9), at, step},
			point{"system/system_memory_usage_megabytes", 5120.5 + float64(step)*3, at, step})
	}
	r.metrics = append(r.metrics, point{"constant", 1, r.end, 1}, point{"gap", 0.5, r.start, 1}, point{"gap", "NaN", r.start + 1000, 2}, point{"gap", 0.7, r.end, 3})
	id, root := s.run(r)
	s.w.Runs["candidate"] = id
	s.post(mlflow+"runs/log-inputs", object{"run_id": id, "datasets": []object{{"dataset": object{
		"name": "digits.csv", "digest": "0f343b09", "source_type": "local", "source": "data/digits.csv",
	}}}}, nil)
	s.file(root, "assay/environment.json", []byte(`{"python":"3.12.3","packages":{"numpy":"2.1.0","scikit-learn":"1.6.0"},"gpus":[{"name":"NVIDIA H100","memory":85899345920}]}`))
	s.file(root, "assay/patch.diff", []byte("diff --git a/train.py b/train.py\n--- a/train.py\n+++ b/train.py\n@@ -10,3 +10,3 @@ def main():\n     data = load()\n-    hidden = 8\n+    hidden = 64  # wider\n     fit(data)\n"))
	s.output(id, "epoch 300 of 300, accuracy 98.59 %\n")
}
