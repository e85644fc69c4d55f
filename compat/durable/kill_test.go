//go:build compat

package durable_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assay-ml/assay/compat/internal/program"
)

// acknowledged is what clients were told is kept.
type acknowledged struct {
	sync.Mutex
	steps     map[string]int    // of a run: the last step
	artifacts map[string]string // path → SHA-256
	versions  map[int]string    // version of the model → source
}

// TestKillUnderLoad kills the server again and again while clients log,
// upload and register: all that was answered is there after the next start.
func TestKillUnderLoad(t *testing.T) {
	bin, data := program.Build(t), t.TempDir()
	acked := &acknowledged{steps: map[string]int{}, artifacts: map[string]string{}, versions: map[int]string{}}
	for round := range 5 {
		s := program.Serve(t, bin, "--data", data)
		a := api{t, s.URL}
		if round == 0 {
			a.must("registered-models/create", map[string]any{"name": "digits"}, nil)
		}
		acked.verify(a)
		var clients sync.WaitGroup
		for c := range 4 {
			clients.Go(func() { acked.logRuns(a) })
			clients.Go(func() { acked.upload(a, fmt.Sprintf("%d/%d", round, c)) })
		}
		clients.Go(func() { acked.register(a, round) })
		time.Sleep(time.Duration(300+rand.IntN(700)) * time.Millisecond) // when does not matter, only that it is in the middle
		s.Kill()
		clients.Wait()
	}
	s := program.Serve(t, bin, "--data", data)
	acked.verify(api{t, s.URL})
	if len(acked.steps) < 8 || len(acked.artifacts) < 20 || len(acked.versions) < 20 {
		t.Errorf("too little was acknowledged to show anything: %d runs, %d artifacts, %d versions",
			len(acked.steps), len(acked.artifacts), len(acked.versions))
	}
	t.Logf("%d runs, %d artifacts, %d versions", len(acked.steps), len(acked.artifacts), len(acked.versions))
}

// logRuns logs until the server is gone.
func (k *acknowledged) logRuns(a api) {
	for {
		run := a.newRun()
		for i := range 100 {
			if run == "" {
				return
			}
			if status, _ := a.logBatch(run, i); status != 200 {
				return
			}
			k.Lock()
			k.steps[run] = i
			k.Unlock()
		}
		if status, _ := a.post("runs/update", map[string]any{"run_id": run, "status": "FINISHED", "end_time": 2}); status != 200 {
			return
		}
	}
}

func (k *acknowledged) upload(a api, folder string) {
	for i := 0; ; i++ {
		body := strings.Repeat(fmt.Sprintf("%s %d\n", folder, i), 1+i%5000)
		path := fmt.Sprintf("0/kill/artifacts/%s/%d.txt", folder, i)
		if status, _ := a.send("PUT", "/api/2.0/mlflow-artifacts/artifacts/"+path, strings.NewReader(body)); status != 200 {
			return
		}
		sum := sha256.Sum256([]byte(body))
		k.Lock()
		k.artifacts[path] = hex.EncodeToString(sum[:])
		k.Unlock()
	}
}

func (k *acknowledged) register(a api, round int) {
	for i := 0; ; i++ {
		source := fmt.Sprintf("s3://bucket/%d/%d", round, i)
		var made struct {
			Version struct{ Version string } `json:"model_version"`
		}
		status, text := a.post("model-versions/create", map[string]any{"name": "digits", "source": source})
		if status != 200 {
			if status != 0 {
				a.t.Errorf("registering: %d %s", status, text)
			}
			return
		}
		if n := parse(a, text, &made, func() string { return made.Version.Version }); n > 0 {
			k.Lock()
			k.versions[n] = source
			k.Unlock()
		}
	}
}

// verify asks the server for everything that was acknowledged.
func (k *acknowledged) verify(a api) {
	a.t.Helper()
	for run, last := range k.steps {
		for _, key := range []string{"loss", "acc"} {
			h := a.history(run, key)
			if len(h) <= last {
				a.t.Errorf("run %s: %s has %d points, %d were acknowledged", run, key, len(h), last+1)
				continue
			}
			for i, v := range h {
				if want := map[string]float64{"loss": 1 / float64(i+1), "acc": float64(i)}[key]; v != want {
					a.t.Errorf("run %s: %s at %d is %v, want %v", run, key, i, v, want)
					break
				}
			}
		}
	}
	for path, want := range k.artifacts {
		status, body := a.send("GET", "/api/2.0/mlflow-artifacts/artifacts/"+path, nil)
		if sum := sha256.Sum256([]byte(body)); status != 200 || hex.EncodeToString(sum[:]) != want {
			a.t.Errorf("artifact %s: %d, %d bytes", path, status, len(body))
		}
	}
	for n, want := range k.versions {
		var got struct {
			Version struct{ Source string } `json:"model_version"`
		}
		a.get(fmt.Sprintf("/api/2.0/mlflow/model-versions/get?name=digits&version=%d", n), &got)
		if got.Version.Source != want {
			a.t.Errorf("version %d has source %s, want %s", n, got.Version.Source, want)
		}
	}
}
