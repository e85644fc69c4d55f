//go:build compat

// Package run_test trains with the real MLflow client under `assay run`: with
// a server, without one, and with one that dies in the middle. It needs a
// Python with mlflow and scikit-learn, named by ASSAY_COMPAT_PYTHON (default
// python3):
//
//	go test -tags compat ./compat/run
package run_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestServerUp(t *testing.T) {
	w := newWorld(t)
	s := w.serve("127.0.0.1:0")
	out := w.assay(s.url, "run", "--", w.python, "train.py")
	trained(t, out)
	if last := w.lastRun(); last.Unsent != 0 {
		t.Errorf("%d calls were not sent", last.Unsent)
	}
	s.holdsTraining(t, w.lastRun())
}

func TestNoServer(t *testing.T) {
	w := newWorld(t)
	out := w.assay("http://"+freeAddress(t), "run", "--", w.python, "train.py", "search")
	trained(t, out)
	refusedSearch(t, out)
	last := w.lastRun()
	if last.Unsent == 0 {
		t.Fatal("all was sent, though no server was there")
	}
	s := w.serve("127.0.0.1:0")
	// So that the experiment's id is another than the one of the store on disk.
	s.post(t, "experiments/create", map[string]any{"name": "other"}, nil)
	w.assay("", "run", "push", last.Dir, "--server", s.url)
	first := s.holdsTraining(t, last)
	w.assay("", "run", "push", last.Dir, "--server", s.url)
	if diff := cmp.Diff(first, s.holdsTraining(t, last)); diff != "" {
		t.Errorf("pushed twice (-once +twice):\n%s", diff)
	}
	// Acknowledged by the server, but cut off before it was remembered here.
	if err := os.Remove(filepath.Join(last.Dir, "sent")); err != nil {
		t.Fatal(err)
	}
	w.assay("", "run", "push", last.Dir, "--server", s.url)
	if diff := cmp.Diff(first, s.holdsTraining(t, last)); diff != "" {
		t.Errorf("each call sent twice (-once +twice):\n%s", diff)
	}
}

func TestServerDies(t *testing.T) {
	w := newWorld(t)
	s := w.serve("127.0.0.1:0")
	ended := make(chan string, 1)
	over := make(chan struct{})
	go func() {
		defer close(over)
		ended <- w.assay(s.url, "run", "--", w.python, "train.py", "pause")
	}()
	t.Cleanup(func() { <-over }) // it is interrupted when the test fails before its end
	if !w.appears("halfway", over) {
		t.Fatal("the training did not come to its middle")
	}
	s.kill()
	if err := os.WriteFile(filepath.Join(w.dir, "go-on"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	trained(t, <-ended)
	last := w.lastRun()
	if last.Unsent == 0 {
		t.Fatal("all was sent, though the server was killed")
	}
	again := w.serve(strings.TrimPrefix(s.url, "http://"))
	w.assay("", "run", "push", last.Dir) // the folder remembers where to
	again.holdsTraining(t, last)
}

func TestNoServerNamed(t *testing.T) {
	w := newWorld(t)
	out := w.assay("", "run", "--", w.python, "train.py", "search")
	trained(t, out)
	refusedSearch(t, out)
}

// trained checks what the script printed: it came to its end, and the client
// repeated no call, for each repetition may cost it minutes.
func trained(t *testing.T, out string) {
	t.Helper()
	for _, want := range []string{"retries: 0\n", "trained "} {
		if !strings.Contains(out, want) {
			t.Fatalf("the training did not print %q", want)
		}
	}
}

// refusedSearch checks that a call that only a server could answer says what
// becomes of the run.
func refusedSearch(t *testing.T, out string) {
	t.Helper()
	_, said, _ := strings.Cut(out, "search_runs: ")
	said, _, _ = strings.Cut(said, "\n")
	if !strings.Contains(said, "assay run push") {
		t.Errorf("search_runs said %q, which does not name `assay run push`", said)
	}
}

// lastRun is what `assay run` leaves of a run.
type lastRun struct {
	RunID  string `json:"run_id"`
	Dir    string `json:"dir"`
	Unsent int    `json:"unsent"`
}

func (w *world) lastRun() lastRun {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, ".assay", "last-run.json"))
	if err != nil {
		w.t.Fatal(err)
	}
	var l lastRun
	if err := json.Unmarshal(data, &l); err != nil {
		w.t.Fatal(err)
	}
	return l
}

// appears waits for a file of the script, not longer than until over.
func (w *world) appears(name string, over <-chan struct{}) bool {
	for range 1200 {
		if _, err := os.Stat(filepath.Join(w.dir, name)); err == nil {
			return true
		}
		select {
		case <-over:
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
	return false
}
