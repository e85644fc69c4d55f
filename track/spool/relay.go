package spool

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/api"
)

// maxBody bounds a JSON call of the script, in bytes.
const maxBody = 32 << 20

// Relay is the loopback server that the script logs to.
type Relay struct {
	Journal   *Journal
	Local     http.Handler  // answers for the run, from disk
	Server    string        // "" when there is none
	DrainWait time.Duration // how long a call for the server waits for what was written before it

	mu     sync.Mutex
	models map[string]bool // ids of the run's logged models
}

// ServeHTTP implements http.Handler.
func (r *Relay) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	path := strings.Replace(q.URL.Path, "/ajax-api/", "/api/", 1)
	if rest, ok := strings.CutPrefix(path, artifactPath); ok || path+"/" == artifactPath {
		r.artifact(w, q, rest)
		return
	}
	if path == "/health" || path == "/version" {
		r.Local.ServeHTTP(w, q)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, q.Body, maxBody))
	if err != nil {
		refuse(w, "the call is larger than 32 MB")
		return
	}
	q.Body = io.NopCloser(bytes.NewReader(body))
	if r.ownModels(path, body) && (r.Server == "" || !r.reachable(q.Context())) {
		r.Local.ServeHTTP(w, q)
		return
	}
	if !r.ours(path, q.URL.Query(), body) {
		r.pass(w, q)
		return
	}
	if q.Method == http.MethodGet || strings.HasSuffix(path, "/search") {
		r.Local.ServeHTTP(w, q)
		return
	}
	r.write(w, q, path, body)
}

// ours reports whether a call is about the relay's own run: its id, its
// experiment by name or id, or a logged model that it made.
func (r *Relay) ours(path string, query url.Values, body []byte) bool {
	h := r.Journal.Header
	call := strings.TrimPrefix(path, "/api/2.0/mlflow/")
	switch call {
	case "runs/create", "runs/search", "experiments/search", "logged-models/search":
		return false
	case "experiments/get-by-name":
		return query.Get("experiment_name") == h.Run.Experiment
	}
	if id, ok := strings.CutPrefix(call, "logged-models/"); ok {
		id, _, _ = strings.Cut(id, "/")
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.models[id]
	}
	var in struct {
		RunID       string `json:"run_id"`
		RunUUID     string `json:"run_uuid"`
		SourceRunID string `json:"source_run_id"`
	}
	_ = json.Unmarshal(body, &in) // not JSON: the handler says so
	for _, id := range []string{in.RunID, in.RunUUID, in.SourceRunID, query.Get("run_id"), query.Get("run_uuid")} {
		if id == h.Run.RunID {
			return strings.HasPrefix(call, "runs/") || strings.HasPrefix(call, "metrics/") || call == "artifacts/list" || call == "logged-models"
		}
	}
	return false
}

// write lets the local handler decide, and keeps what it accepted before the
// script hears of it.
func (r *Relay) write(w http.ResponseWriter, q *http.Request, path string, body []byte) {
	rec := &heldReply{header: http.Header{}, code: http.StatusOK}
	r.Local.ServeHTTP(rec, q)
	if rec.code == http.StatusOK {
		e := Entry{Method: q.Method, Path: path, Body: body}
		if path == "/api/2.0/mlflow/logged-models" {
			e.Path, e.Body = api.Prefix+"/import/logged-model", r.withModelID(body, rec.body.Bytes())
		}
		if q.URL.RawQuery != "" {
			e.Path += "?" + q.URL.RawQuery
		}
		if len(e.Body) == 0 {
			e.Body = nil
		}
		if err := r.Journal.Add(e); err != nil {
			refuse(w, err.Error())
			return
		}
	}
	rec.copyTo(w)
}

// withModelID remembers a logged model of the run and puts the id that was
// chosen here into the call, so that the server takes it over.
func (r *Relay) withModelID(body, reply []byte) []byte {
	var said struct {
		Model struct {
			Info struct {
				ID string `json:"model_id"`
			} `json:"info"`
		} `json:"model"`
	}
	var call map[string]any
	if json.Unmarshal(reply, &said) != nil || json.Unmarshal(body, &call) != nil {
		return body
	}
	r.mu.Lock()
	if r.models == nil {
		r.models = map[string]bool{}
	}
	r.models[said.Model.Info.ID] = true
	r.mu.Unlock()
	call["model_id"] = said.Model.Info.ID
	out, err := json.Marshal(call)
	if err != nil {
		return body
	}
	return out
}

// artifact keeps and reads files of the run; those of others are the server's.
func (r *Relay) artifact(w http.ResponseWriter, q *http.Request, rest string) {
	if !r.inside(rest, q.URL.Query().Get("path")) {
		r.pass(w, q)
		return
	}
	if q.Method != http.MethodPut && q.Method != http.MethodDelete {
		r.Local.ServeHTTP(w, q)
		return
	}
	held := &heldReply{header: http.Header{}, code: http.StatusOK}
	r.Local.ServeHTTP(held, q)
	if held.code == http.StatusOK {
		e := Entry{Method: q.Method, Path: artifactPath + escape(rest)}
		if q.Method == http.MethodPut {
			e.File = rest
		}
		if err := r.Journal.Add(e); err != nil {
			refuse(w, err.Error())
			return
		}
	}
	held.copyTo(w)
}

// inside reports whether an artifact path, or the path that is listed, lies in
// the run's folder or in that of one of its models.
func (r *Relay) inside(rest, listed string) bool {
	p, err := track.CleanPath(rest)
	if err != nil {
		return true // the local handler refuses it
	}
	if p == "" {
		p = listed
	}
	root, _, _ := track.ArtifactPath(r.Journal.Header.Root)
	if p == root || strings.HasPrefix(p, root+"/") {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.models {
		if strings.Contains(p+"/", "/models/"+id+"/") {
			return true
		}
	}
	return false
}

func escape(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

// pass sends a call on to the server, after what was written before it. An
// answer that the client would repeat for minutes becomes one that it does not.
func (r *Relay) pass(w http.ResponseWriter, q *http.Request) {
	target, err := url.Parse(r.Server)
	if r.Server == "" || err != nil {
		refuse(w, "no server is set, and this call is not about the recorded run")
		return
	}
	if !r.reachable(q.Context()) {
		refuse(w, "the server "+r.Server+" does not answer")
		return
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) },
		ModifyResponse: func(res *http.Response) error {
			if transient(res.StatusCode) {
				return errTransient
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			refuse(w, "the server "+r.Server+" cannot answer now")
		},
	}
	proxy.ServeHTTP(w, q)
}

// reachable reports whether the server answers, and waits until it has what was
// written before. A server that is down is noticed at once.
func (r *Relay) reachable(ctx context.Context) bool {
	quick, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(quick, http.MethodGet, r.Server+"/health", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return false
	}
	wait, stop := context.WithTimeout(ctx, r.DrainWait)
	defer stop()
	return r.drained(wait)
}

// ownModels reports a search for logged models that the local store can answer
// when the server cannot: in the run's own experiment, of a run that has some.
// MLflow resolves runs:/ID/NAME by such a search.
func (r *Relay) ownModels(path string, body []byte) bool {
	if path != "/api/2.0/mlflow/logged-models/search" {
		return false
	}
	var in struct {
		IDs []string `json:"experiment_ids"`
	}
	if json.Unmarshal(body, &in) != nil || len(in.IDs) != 1 || in.IDs[0] != strconv.FormatInt(r.Journal.Header.Local, 10) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.models) > 0
}

// drained waits until nothing is left to send.
func (r *Relay) drained(ctx context.Context) bool {
	for {
		count, sent, news := r.Journal.state()
		if sent >= count {
			return true
		}
		select {
		case <-news:
		case <-ctx.Done():
			return false
		}
	}
}
