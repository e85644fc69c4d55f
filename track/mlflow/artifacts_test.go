package mlflow

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/assay-ml/assay/blob"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// memory is a bucket of a map, flat where a real one has folders.
type memory map[string]string

func (m memory) Put(_ context.Context, p string, r io.Reader) (int64, error) {
	b, err := io.ReadAll(r)
	if err == nil {
		m[p] = string(b)
	}
	return int64(len(b)), err
}

type object struct{ *strings.Reader }

func (object) Close() error { return nil }

func (m memory) Open(_ context.Context, p string) (io.ReadSeekCloser, blob.Info, error) {
	s, ok := m[p]
	if !ok {
		return nil, blob.Info{}, fault.New(fault.NotFound, "there is no artifact %q", p)
	}
	return object{strings.NewReader(s)}, blob.Info{Path: p, Size: int64(len(s))}, nil
}

func (m memory) List(_ context.Context, prefix string) ([]blob.Info, error) {
	var out []blob.Info
	for p, s := range m {
		if rest, ok := strings.CutPrefix(p, prefix+"/"); ok && !strings.Contains(rest, "/") {
			out = append(out, blob.Info{Path: p, Size: int64(len(s))})
		}
	}
	slices.SortFunc(out, func(a, b blob.Info) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

func (m memory) Delete(_ context.Context, p string) error { delete(m, p); return nil }

// oneRun is a store with runs that differ in their artifact addresses alone.
type oneRun map[string]string

func (o oneRun) CreateRun(context.Context, track.NewRun) (track.Run, error) { panic("not called") }

func (o oneRun) Run(_ context.Context, id string) (track.Run, error) {
	uri, ok := o[id]
	if !ok {
		return track.Run{}, fault.New(fault.NotFound, "Run with id=%s not found", id)
	}
	return track.Run{RunInfo: track.RunInfo{ID: id, ArtifactURI: uri}}, nil
}

func (o oneRun) SearchRuns(context.Context, track.RunQuery) (track.Page[track.Run], error) {
	panic("not called")
}

func (o oneRun) ChangeRun(context.Context, string, track.RunChange) (track.RunInfo, error) {
	panic("not called")
}

func TestArtifacts(t *testing.T) {
	files := memory{"0/r/artifacts/a.txt": "0123456789", "0/r/artifacts/dir/x.html": "<script>", "secret": "s"}
	var told []track.Change
	h := New(Services{
		Artifacts: files, Runs: oneRun{"r": "mlflow-artifacts:/0/r/artifacts", "s3": "s3://b/x", "evil": "mlflow-artifacts:/0/../.."},
		Notify: func(c track.Change) { told = append(told, c) }, Version: "3.3.2",
	})
	const store = "/api/2.0/mlflow-artifacts/artifacts"
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/version", "", 200, "3.3.2"},
		{"GET", store + "/0/r/artifacts/a.txt", "", 200, "0123456789"},
		{"GET", store + "?path=0/r/artifacts", "", 200, `{"files":[{"path":"a.txt","is_dir":false,"file_size":10}]}`},
		{
			"GET", "/ajax-api/2.0/mlflow/artifacts/list?run_id=r&path=dir", "", 200,
			`{"root_uri":"mlflow-artifacts:/0/r/artifacts","files":[{"path":"dir/x.html","is_dir":false,"file_size":8}]}`,
		},
		{"GET", "/get-artifact?run_uuid=r&path=dir/x.html", "", 200, "<script>"},
		{"GET", "/get-artifact?run_id=none&path=a", "", 404, "RESOURCE_DOES_NOT_EXIST"},
		{"GET", "/get-artifact?run_id=r", "", 400, "Missing value for required parameter 'path'"},
		{"GET", "/get-artifact?run_id=s3&path=a", "", 400, "not kept by this server"},
		{"GET", "/get-artifact?run_id=evil&path=secret", "", 400, "Invalid path"},
		{"GET", "/get-artifact?run_id=r&path=../../../secret", "", 400, "Invalid path"},
		{"GET", "/get-artifact?run_id=r&path=%252e%252e/x", "", 400, "Invalid path"},
		{"GET", store + "/0/r/artifacts/none", "", 404, "RESOURCE_DOES_NOT_EXIST"},
		{"GET", store + "/0/../secret", "", 400, "Invalid path"},
		{"PUT", store + "/%2e%2e/x", "x", 400, "Invalid path"},
		{"PUT", store + "/0%2Fr%2Fartifacts%2Fnew", "neu", 200, "{}"},
		{"DELETE", store + "/0/r/artifacts/new", "", 200, "{}"},
		{"POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=r&path=up", "hoch", 200, "{}"},
		{"POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=r&path=big", strings.Repeat("x", maxPageUpload+1), 400, "too large"},
		{"POST", "/api/2.0/mlflow-artifacts/mpu/create/0/r", "{}", 400, "'path'"},
		{"GET", "/get-artifact?run_id=r&path=dir", "", 400, "refers to a directory"},
		{"DELETE", store + "/0/r/artifacts/new", "", 200, "{}"},
		{"GET", store + "/.uploads/x/target", "", 400, "Invalid path"},
		{"POST", "/api/2.0/mlflow/artifacts/presigned-upload-url", `{"run_id":"r","path":"x"}`, 400, "proxied artifact storage"},
		{"POST", "/api/2.0/mlflow/artifacts/presigned-download-url", `{"run_id":"r","path":"x"}`, 400, "proxied artifact storage"},
		{"POST", "/api/2.0/mlflow/artifacts/presigned-upload-url", `{"path":"x"}`, 400, "Exactly one of run_id and model_id"},
		{"POST", "/api/2.0/mlflow/artifacts/presigned-upload-url", `{"run_id":"s3","path":"x"}`, 501, "NOT_IMPLEMENTED"},
		{"GET", "/api/2.0/mlflow-artifacts/presigned/0/r", "", 501, "NOT_IMPLEMENTED"},
		{"GET", "/api/2.0/mlflow/traces", "", 404, endpointNotFound},
		{"POST", "/api/2.0/mlflow/runs/get", "{}", 404, endpointNotFound},
		{"GET", "/api/3.0/mlflow/server-info", "", 200, `"store_type":"SqlStore"`},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		if strings.HasPrefix(c.body, "{") {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: %d %.300s", c.method, c.path, w.Code, w.Body)
		}
	}
	if files["0/r/artifacts/up"] != "hoch" || len(told) != 4 || told[0] != (track.Change{RunID: "r", Kind: "artifacts"}) {
		t.Errorf("%v %v", files, told)
	}
}

func TestSend(t *testing.T) {
	h := New(Services{Artifacts: memory{"a/ü \".html": "0123456789"}})
	r := httptest.NewRequest("GET", "/api/2.0/mlflow-artifacts/artifacts/"+url.PathEscape("a/ü \".html"), nil)
	r.Header.Set("Range", "bytes=2-4")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusPartialContent || w.Body.String() != "234" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"Content-Disposition": `attachment; filename=" \".html"; filename*=UTF-8''%C3%BC%20%22.html`, "X-Content-Type-Options": "nosniff",
		"Content-Type": "text/html", "Content-Range": "bytes 2-4/10",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestContentTypeAsked(t *testing.T) {
	h := New(Services{})
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
		r := httptest.NewRequest("POST", "/api/2.0/mlflow/runs/create", strings.NewReader("{}"))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "Content-Type") {
			t.Errorf("%q: %d %s", kind, w.Code, w.Body)
		}
	}
}

func TestSources(t *testing.T) {
	h := New(Services{Runs: oneRun{"r": "mlflow-artifacts:/0/r/artifacts", "local": "file:///srv/0/local/artifacts"}})
	const refused = "refused"
	for _, c := range []struct{ source, run, want string }{
		{"s3://bucket/a b", "", "s3://bucket/a b"},
		{"http://host:9000/models", "", "http://host:9000/models"},
		{"http://host:9000/api/2.0/mlflow-artifacts/artifacts/0/r/artifacts/m", "r", "http://host:9000/api/2.0/mlflow-artifacts/artifacts/0/r/artifacts/m"},
		{"http://host:9000/api/2.0/mlflow-artifacts/artifacts/0/other", "r", ""},
		{"http://host:9000/api/2.0/mlflow-artifacts/artifacts/../x", "r", refused},
		// Text alone: what the server does not read through.
		{"mlflow-artifacts:/0/r/artifacts/m", "", ""},
		{"mlflow-artifacts:/0/r/artifactsx", "r", ""},
		{"mlflow-artifacts:/0/q/artifacts", "r", ""},
		{"mlflow-artifacts://host:9000/models/foo///bar", "r", ""},
		{"mlflow-artifacts:/models/..../", "nobody", ""},
		{"runs:/r/model", "other", ""},
		{"runs:/nobody/model", "", ""},
		{"runs:/nobody/model", "nobody", ""},
		{"file:///srv/0/local/artifacts/m", "local", ""},
		{"/srv/0/local/artifacts/m/..", "local", ""},
		// What lies in the run's root is read.
		{"mlflow-artifacts:/0/r/artifacts/m", "r", "mlflow-artifacts:/0/r/artifacts/m"},
		{"runs:/r/model", "", "mlflow-artifacts:/0/r/artifacts/model"},
		{"runs:/r/model", "r", "mlflow-artifacts:/0/r/artifacts/model"},
		// Paths of machines outside the run's folder, and ways to leave a root.
		{"/srv/0/local/artifacts/m", "", refused},
		{"/srv/0/local/artifactsx", "local", refused},
		{"file:///srv/0/local/artifacts/../../x", "local", refused},
		{"file://other/srv/0/local/artifacts", "local", refused},
		{"/etc/passwd", "r", refused},
		{"etc", "", refused},
		{"file:///etc", "local", refused},
		{"FILE:/etc", "", refused},
		{"file+x:///etc", "", refused},
		{`C:\x`, "", refused},
		{"./x:y", "", refused},
		{"prompt-template", "", refused},
		{"mlflow-artifacts:/0/../x", "r", refused},
		{"mlflow-artifacts:/%2e%2e/x", "r", refused},
		{"mlflow-artifacts:/%252e%252e/x", "r", refused},
		{"mlflow-artifacts:/x%00", "r", refused},
		{"s3://b/../x", "", refused},
		{"s3://b/./x", "", refused},
		{"s3://b/x#../y", "", "s3://b/x#../y"}, // of another store: text
		{"s3://b/x\x00", "", refused},
		{"s3://b", "", refused},
		{"models:/m", "", refused},
		{"models:/m/x", "", refused},
	} {
		v := track.ModelVersion{Source: c.source, RunID: c.run}
		err := h.resolveSource(context.Background(), &v)
		if c.want == refused && !fault.Is(err, fault.Invalid) || c.want != refused && (err != nil || v.StorageLocation != c.want) {
			t.Errorf("%q of run %q: %q, %v", c.source, c.run, v.StorageLocation, err)
		}
	}
}

func TestPromptSources(t *testing.T) {
	h := New(Services{})
	for source, ok := range map[string]bool{"prompt-template": true, "dummy-source": true, "s3://b/x": false, "file:///etc": false} {
		v := track.ModelVersion{Source: source, Tags: []track.Tag{{Key: promptTag, Value: "true"}}}
		if err := h.resolveSource(context.Background(), &v); (err == nil) != ok {
			t.Errorf("%q: %v", source, err)
		}
	}
}

func TestAttachment(t *testing.T) {
	for name, want := range map[string]string{
		"a.txt":   "attachment; filename=a.txt",
		"a b.txt": `attachment; filename="a b.txt"`,
		`a"b`:     `attachment; filename="a\"b"`,
		"é.txt":   "attachment; filename=.txt; filename*=UTF-8''%C3%A9.txt",
		"数":       "attachment; filename=download; filename*=UTF-8''%E6%95%B0",
	} {
		if got := attachment(name); got != want {
			t.Errorf("%q: %s, not %s", name, got, want)
		}
	}
}
