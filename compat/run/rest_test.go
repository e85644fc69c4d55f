//go:build compat

package run_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// held is what a server holds of the only run, as far as it must not change
// when the run is sent again.
type held struct {
	Runs, Params, Tags int
	Points             map[string]int    // of each metric
	Files              map[string]string // SHA-256 of the run's artifacts
	Models             map[string]string
	ModelFiles         map[string]string
	Output             string
}

type pair struct{ Key, Value string }

type runReply struct {
	Info struct {
		RunID       string `json:"run_id"`
		Status      string `json:"status"`
		ArtifactURI string `json:"artifact_uri"`
	} `json:"info"`
	Data struct {
		Params  []pair                 `json:"params"`
		Tags    []pair                 `json:"tags"`
		Metrics []struct{ Key string } `json:"metrics"`
	} `json:"data"`
	Outputs struct {
		Models []struct {
			ID string `json:"model_id"`
		} `json:"model_outputs"`
	} `json:"outputs"`
}

// holdsTraining checks that the server has exactly the run that was trained,
// whole, and returns what it has.
func (s *running) holdsTraining(t *testing.T, last lastRun) held {
	t.Helper()
	run, h := s.onlyRun(t)
	runID := last.RunID
	if run.Info.RunID != runID || run.Info.Status != "FINISHED" {
		t.Errorf("run %s is %s, want %s FINISHED", run.Info.RunID, run.Info.Status, runID)
	}
	if has(run.Data.Params, "C") != "0.5" || h.Params != 2 {
		t.Errorf("params are %v", run.Data.Params)
	}
	for key, want := range map[string]string{"team": "vision", "stage": "trial", "assay.exit_code": "0"} {
		if got := has(run.Data.Tags, key); got != want {
			t.Errorf("tag %s is %q, want %q", key, got, want)
		}
	}
	if h.Points["loss"] != 20 || h.Points["accuracy"] != 1 {
		t.Errorf("points of metrics are %v, want 20 of loss and 1 of accuracy", h.Points)
	}
	if h.Files["config.json"] == "" {
		t.Errorf("artifact config.json is missing from %v", h.Files)
	}
	if got, want := h.Files["notes/read me ü.txt"], digestOf([]byte("trained on 300 digits\n")); got != want {
		t.Errorf("the note has the digest %s, want %s", got, want)
	}
	if len(h.Models) != 1 || len(run.Outputs.Models) != 1 {
		t.Fatalf("models are %v, outputs of the run %v, want one", h.Models, run.Outputs.Models)
	}
	id := run.Outputs.Models[0].ID
	if h.Models[id] != "LOGGED_MODEL_READY" {
		t.Errorf("model %s is %q, want LOGGED_MODEL_READY", id, h.Models[id])
	}
	for _, name := range []string{"MLmodel", "model.pkl"} {
		if h.ModelFiles[name] == "" {
			t.Errorf("file %s of the model is missing from %v", name, h.ModelFiles)
		}
	}
	if diff := cmp.Diff(last.kept(t), digests(h.Files, h.ModelFiles)); diff != "" {
		t.Errorf("digests of all files (-kept here +on the server):\n%s", diff)
	}
	if strings.Count(h.Output, "trained "+runID) != 1 {
		t.Errorf("recorded output is %q", h.Output)
	}
	return h
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// digests are those of all files, in order.
func digests(sets ...map[string]string) []string {
	var all []string
	for _, files := range sets {
		all = slices.AppendSeq(all, maps.Values(files))
	}
	slices.Sort(all)
	return all
}

// kept are the digests of the files that the run's folder holds.
func (l lastRun) kept(t *testing.T) []string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(filepath.Join(l.Dir, "artifacts"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = digestOf(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return digests(files)
}

func has(pairs []pair, key string) string {
	for _, p := range pairs {
		if p.Key == key {
			return p.Value
		}
	}
	return ""
}

// onlyRun reads all that the server has of the run.
func (s *running) onlyRun(t *testing.T) (runReply, held) {
	t.Helper()
	var experiments struct {
		Experiments []struct {
			ID string `json:"experiment_id"`
		} `json:"experiments"`
	}
	s.post(t, "experiments/search", map[string]any{"max_results": 100}, &experiments)
	ids := []string{}
	for _, e := range experiments.Experiments {
		ids = append(ids, e.ID)
	}
	var found struct{ Runs []runReply }
	s.post(t, "runs/search", map[string]any{"experiment_ids": ids}, &found)
	if len(found.Runs) != 1 {
		t.Fatalf("the server has %d runs, want 1", len(found.Runs))
	}
	id := found.Runs[0].Info.RunID
	var one struct{ Run runReply }
	s.get(t, "/api/2.0/mlflow/runs/get?run_id="+id, &one)
	run := one.Run
	h := held{
		Runs: len(found.Runs), Params: len(run.Data.Params), Tags: len(run.Data.Tags),
		Points: map[string]int{}, Files: map[string]string{}, Models: map[string]string{}, ModelFiles: map[string]string{},
		Output: string(s.read(t, "/api/assay/v1/runs/"+id+"/streams/output")),
	}
	for _, m := range run.Data.Metrics {
		var history struct{ Metrics []struct{ Step any } }
		s.get(t, "/api/2.0/mlflow/metrics/get-history?run_id="+id+"&metric_key="+url.QueryEscape(m.Key), &history)
		h.Points[m.Key] = len(history.Metrics)
	}
	s.files(t, run.Info.ArtifactURI, "", h.Files)
	s.models(t, ids, &h)
	return run, h
}

func (s *running) models(t *testing.T, experiments []string, h *held) {
	t.Helper()
	var found struct {
		Models []struct {
			Info struct {
				ID          string `json:"model_id"`
				Status      string `json:"status"`
				ArtifactURI string `json:"artifact_uri"`
			} `json:"info"`
		} `json:"models"`
	}
	s.post(t, "logged-models/search", map[string]any{"experiment_ids": experiments}, &found)
	for _, m := range found.Models {
		h.Models[m.Info.ID] = m.Info.Status
		s.files(t, m.Info.ArtifactURI, "", h.ModelFiles)
	}
}

// files collects the digests of what lies below an artifact root.
func (s *running) files(t *testing.T, root, dir string, into map[string]string) {
	t.Helper()
	at := path.Join(strings.TrimPrefix(root, "mlflow-artifacts:"), dir)
	var list struct {
		Files []struct {
			Path  string `json:"path"`
			IsDir bool   `json:"is_dir"`
		} `json:"files"`
	}
	s.get(t, "/api/2.0/mlflow-artifacts/artifacts?path="+url.QueryEscape(strings.TrimPrefix(at, "/")), &list)
	for _, f := range list.Files {
		name := path.Join(dir, path.Base(f.Path))
		if f.IsDir {
			s.files(t, root, name, into)
			continue
		}
		parts := strings.Split(strings.TrimPrefix(path.Join(at, path.Base(f.Path)), "/"), "/")
		for i, p := range parts {
			parts[i] = url.PathEscape(p)
		}
		into[name] = digestOf(s.read(t, "/api/2.0/mlflow-artifacts/artifacts/"+strings.Join(parts, "/")))
	}
}

func (s *running) post(t *testing.T, call string, in, out any) {
	t.Helper()
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(s.url+"/api/2.0/mlflow/"+call, "application/json", bytes.NewReader(data))
	s.reply(t, call, out, res, err)
}

func (s *running) get(t *testing.T, call string, out any) {
	t.Helper()
	res, err := http.Get(s.url + call)
	s.reply(t, call, out, res, err)
}

func (s *running) read(t *testing.T, call string) []byte {
	t.Helper()
	res, err := http.Get(s.url + call)
	return s.reply(t, call, nil, res, err)
}

func (s *running) reply(t *testing.T, call string, out any, res *http.Response, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v: %s", call, res.Status, err, data)
	}
	if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			t.Fatalf("%s: %v: %s", call, err, data)
		}
	}
	return data
}
