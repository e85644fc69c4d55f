package spool

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track/api"
)

const runID = "0123456789abcdef0123456789abcdef"

func journal(t *testing.T) *Journal {
	t.Helper()
	j, err := Create(t.TempDir(), Header{
		Run: api.ImportRun{RunID: runID, Experiment: "digits"}, Root: "mlflow-artifacts:/1/" + runID + "/artifacts", Local: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

// remote is a server that takes the calls down.
type remote struct {
	mu    sync.Mutex
	calls []string
	code  int
}

func (r *remote) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if strings.HasSuffix(q.URL.Path, "/import/run") {
		_ = json.NewEncoder(w).Encode(api.ImportedRun{RunID: runID, ExperimentID: 7, ArtifactURI: "mlflow-artifacts:/7/" + runID + "/artifacts"})
		return
	}
	if r.code != 0 {
		w.WriteHeader(r.code)
		return
	}
	r.calls = append(r.calls, q.Method+" "+q.URL.Path+" "+string(body))
}

type noFiles struct{}

func (noFiles) Open(context.Context, string) (io.ReadSeekCloser, error) {
	return nil, fault.New(fault.NotFound, "gone")
}

func accepting() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "log-parameter") {
			http.Error(w, "{}", http.StatusBadRequest)
			return
		}
		_, _ = w.Write([]byte("{}"))
	})
}

func post(h http.Handler, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
	return w
}

func TestRelayKeepsWhatWasAccepted(t *testing.T) {
	j := journal(t)
	r := &Relay{Journal: j, Local: accepting(), DrainWait: time.Second}
	own := `{"run_id":"` + runID + `","key":"x"}`
	if w := post(r, "/api/2.0/mlflow/runs/log-metric", own); w.Code != 200 {
		t.Errorf("own metric: %d", w.Code)
	}
	if w := post(r, "/api/2.0/mlflow/runs/log-parameter", own); w.Code != 400 {
		t.Errorf("refused param: %d", w.Code)
	}
	if j.Left() != 1 {
		t.Errorf("%d calls kept, want the one that was accepted", j.Left())
	}
	for path, body := range map[string]string{
		"/api/2.0/mlflow/runs/search":     `{"experiment_ids":["1"]}`,
		"/api/2.0/mlflow/runs/log-metric": `{"run_id":"another"}`,
		"/api/2.0/mlflow/runs/create":     `{}`,
	} {
		w := post(r, path, body)
		if w.Code != 400 || !strings.Contains(w.Body.String(), "assay run push") {
			t.Errorf("%s without a server: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestSendOnce(t *testing.T) {
	ctx := context.Background()
	j := journal(t)
	server := &remote{}
	s := httptest.NewServer(server)
	defer s.Close()
	for _, e := range []Entry{
		{Method: "POST", Path: "/api/2.0/mlflow/runs/log-batch", Body: json.RawMessage(`{"a":1}`)},
		{Method: "DELETE", Path: artifactPath + "1/" + runID + "/artifacts/x.txt"},
		{Method: "POST", Path: api.Prefix + "/import/logged-model", Body: json.RawMessage(`{"experiment_id":"1"}`)},
		{Method: "PUT", Path: artifactPath + "1/models/m-1/artifacts/MLmodel", File: "1/models/m-1/artifacts/MLmodel"},
	} {
		if err := j.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	f := &Forwarder{Journal: j, Server: s.URL, HTTP: http.DefaultClient, Files: noFiles{}}
	for range 2 {
		if err := f.Send(ctx); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		`POST /api/2.0/mlflow/runs/log-batch {"a":1}`,
		"DELETE " + artifactPath + "7/" + runID + "/artifacts/x.txt ",
		"POST " + api.Prefix + `/import/logged-model {"experiment_id":"7"}`,
	}
	if got := strings.Join(server.calls, "\n"); got != strings.Join(want, "\n") || j.Left() != 0 {
		t.Errorf("%d left, sent:\n%s", j.Left(), got)
	}
}

func TestSendStopsWhereTheServerCannot(t *testing.T) {
	for code, want := range map[int]fault.Code{503: fault.Unavailable, 429: fault.Unavailable, 401: fault.Denied} {
		j := journal(t)
		server := &remote{code: code}
		s := httptest.NewServer(server)
		if err := j.Add(Entry{Method: "POST", Path: "/x", Body: json.RawMessage(`{}`)}); err != nil {
			t.Fatal(err)
		}
		f := &Forwarder{Journal: j, Server: s.URL, HTTP: http.DefaultClient, Files: noFiles{}}
		if err := f.Send(context.Background()); !fault.Is(err, want) || j.Left() != 1 {
			t.Errorf("%d: %v, %d left", code, err, j.Left())
		}
		server.code = 0
		if err := f.Send(context.Background()); err != nil || j.Left() != 0 {
			t.Errorf("after %d: %v, %d left", code, err, j.Left())
		}
		s.Close()
	}
}

// TestTornLine: a line that was not written whole was never acknowledged.
func TestTornLine(t *testing.T) {
	j := journal(t)
	if err := j.Add(Entry{Method: "POST", Path: "/whole"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(j.Dir(), entriesFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(bytes.Clone(whole), `{"method":"PO`...), 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := Open(j.Dir())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got, _ := os.ReadFile(path); !bytes.Equal(got, whole) || again.Left() != 1 {
		t.Errorf("%d left, file %q", again.Left(), got)
	}
}
