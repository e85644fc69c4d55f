// Command compare times `assay compare` on a million answers a side: wall
// clock, CPU (user and system) and peak memory of one process, beside pandas
// and scikit-learn computing the same values without any interval, if a Python
// with them is named. It is a module of its own, as all benchmarks are.
//
//	cd bench/compare && go run . PROGRAM [PYTHON]
package main

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

const rows = 1_000_000

const classes = `level: 0.95
examples: {slices: [source], positive: "1"}
metrics:
  accuracy: {tolerance: 0.001}
  f1: {}
  f1_macro: {}
  precision: {}
  recall: {}
  roc_auc: {}
  log_loss: {}
  brier: {}
`

const numbers = `metrics:
  mae: {tolerance: 0.01}
  mse: {}
  rmse: {}
`

const peer = `
import sys, pandas as pd
from sklearn import metrics as m
for d in sys.argv[1:]:
    t = pd.read_csv(d + "/predictions.csv", dtype={"id": str})
    if "source" in t:
        y, p, s = t.label, t.prediction, t.score
        m.accuracy_score(y, p), m.f1_score(y, p), m.f1_score(y, p, average="macro"), m.precision_score(y, p)
        m.recall_score(y, p), m.roc_auc_score(y, s), m.log_loss(y, s), m.brier_score_loss(y, s)
    else:
        m.mean_absolute_error(t.label, t.prediction), m.mean_squared_error(t.label, t.prediction)
`

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: go run . PROGRAM [PYTHON]")
		os.Exit(64)
	}
	dir, err := os.MkdirTemp("", "bench-compare")
	check(err)
	defer os.RemoveAll(dir)
	fmt.Printf("| %d answers a side | wall | CPU | peak memory |\n|---|--:|--:|--:|\n", rows)
	for _, c := range []struct {
		name, config string
		header       string
		row          func(r *rand.Rand, i int, skill float64) string
	}{
		{"classes, eight metrics, a slice column", classes, "id,label,prediction,score,source", class},
		{"the same in 20,000 clusters", classes, "id,label,prediction,score,source,cluster", clustered},
		{"numbers, three metrics", numbers, "id,label,prediction", number},
	} {
		var sides []string
		for k, skill := range []float64{.8, .81} {
			side := filepath.Join(dir, fmt.Sprint(c.name, k))
			write(side, c.header, func(r *rand.Rand, i int) string { return c.row(r, i, skill) }, uint64(k))
			sides = append(sides, side)
		}
		config := filepath.Join(dir, "assay.yaml")
		check(os.WriteFile(config, []byte(c.config), 0o644))
		measure(c.name, os.Args[1], "compare", "--baseline", sides[0], "--candidate", sides[1], "--config", config, "--json")
		if len(os.Args) > 2 {
			measure("… pandas + scikit-learn, values only", os.Args[2], "-c", peer, sides[0], sides[1])
		}
	}
}

// answer draws from two streams, so that both sides have one truth.
func answer(r *rand.Rand, i int, skill float64) (y, said int, score float64) {
	y = int(uint32(i)*2654435761>>16) & 1
	z := float64(2*y-1)*skill + r.NormFloat64()
	if z > 0 {
		said = 1
	}
	return y, said, 1 / (1 + math.Exp(-2*z))
}

func class(r *rand.Rand, i int, skill float64) string {
	y, said, score := answer(r, i, skill)
	return fmt.Sprintf("example-%07d,%d,%d,%.6f,source-%d", i, y, said, score, i%12)
}

func clustered(r *rand.Rand, i int, skill float64) string {
	return class(r, i, skill) + fmt.Sprintf(",doc-%d", i%20_000)
}

func number(r *rand.Rand, i int, skill float64) string {
	y := 20 + float64(uint32(i)*2654435761>>8)/(1<<24)*10
	return fmt.Sprintf("example-%07d,%.4f,%.4f", i, y, y+r.NormFloat64()/skill)
}

func write(dir, header string, row func(r *rand.Rand, i int) string, seed uint64) {
	check(os.MkdirAll(dir, 0o755))
	check(os.WriteFile(filepath.Join(dir, "metrics.json"), []byte("{}\n"), 0o644))
	f, err := os.Create(filepath.Join(dir, "predictions.csv"))
	check(err)
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, header)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range rows { // every id once, in no order
		fmt.Fprintln(w, row(r, (i*7_368_787+int(seed))%rows))
	}
	check(w.Flush())
	check(f.Close())
}

func measure(name, program string, args ...string) {
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	check(cmd.Run())
	wall := time.Since(start)
	used := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	fmt.Printf("| %s | %.1f s | %.1f s | %d MB |\n", name, wall.Seconds(), cpu.Seconds(), used.Maxrss>>10)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
