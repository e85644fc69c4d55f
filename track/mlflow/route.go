package mlflow

import (
	"context"
	"net/http"
	"strings"

	"github.com/assay-ml/assay/blob"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// Services is what the handlers call.
type Services struct {
	Experiments  Experiments
	Runs         Runs
	Log          Log
	LoggedModels LoggedModels
	Models       Models
	Versions     Versions
	Aliases      Aliases
	Artifacts    blob.Bucket
	// Notify is told of artifacts that came or went; the stores tell of the
	// rest themselves. It may be nil.
	Notify func(track.Change)
	// Version is the version of MLflow's REST API that clients are told.
	Version string
}

// Handler answers MLflow's clients. It asks no one for permission: whoever
// mounts it does, by the same paths as Routes has.
type Handler struct {
	s     Services
	fixed map[string]Route // by method and path
	open  []Route          // with parameters in the path
}

// call answers a JSON call: parameters in, members of the reply out.
type call func(ctx context.Context, a *args, out *encoder) error

// raw answers a call whose body or reply are bytes.
type raw func(w http.ResponseWriter, r *http.Request) error

// Route is one call of the API.
type Route struct {
	Method string
	// Path is the whole path; {x} stands for one segment, {x...} for the rest.
	Path string
	call call
	raw  raw
}

// roots are where the same calls are found, by clients and by pages.
var roots = [...]string{"/api", "/ajax-api"}

// Prefixes lists what a server has to hand to the Handler.
func Prefixes() []string {
	return []string{
		"/api/2.0/", "/ajax-api/2.0/", "/api/3.0/", "/ajax-api/3.0/",
		"/get-artifact", "/model-versions/get-artifact", "/version",
	}
}

// New makes a handler.
func New(s Services) *Handler {
	if s.Notify == nil {
		s.Notify = func(track.Change) {}
	}
	h := &Handler{s: s, fixed: map[string]Route{}}
	for _, r := range h.Routes() {
		if strings.Contains(r.Path, "{") {
			h.open = append(h.open, r)
			continue
		}
		h.fixed[r.Method+" "+r.Path] = r
	}
	return h
}

// Routes lists all the calls there are, each under all its paths.
func (h *Handler) Routes() []Route {
	var out []Route
	for _, root := range roots {
		for _, group := range []struct {
			prefix string
			routes []Route
		}{
			{"/2.0/mlflow/", h.experimentRoutes()},
			{"/2.0/mlflow/", h.runRoutes()},
			{"/2.0/mlflow/", h.logRoutes()},
			{"/2.0/mlflow/", h.metricRoutes()},
			{"/2.0/mlflow/", h.loggedModelRoutes()},
			{"/2.0/mlflow/", h.modelRoutes()},
			{"/2.0/mlflow/", h.versionRoutes()},
			{"/2.0/mlflow/", h.artifactRoutes()},
			{"/2.0/mlflow-artifacts/", h.proxyRoutes()},
			{"/3.0/mlflow/", []Route{{Method: "GET", Path: "server-info", call: h.serverInfo}}},
		} {
			for _, r := range group.routes {
				r.Path = root + group.prefix + r.Path
				out = append(out, r)
			}
		}
	}
	return append(out,
		Route{Method: "GET", Path: "/get-artifact", raw: h.getArtifact},
		Route{Method: "GET", Path: "/model-versions/get-artifact", raw: h.getVersionArtifact},
		Route{Method: "GET", Path: "/version", raw: h.version},
	)
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route, values, ok := h.find(r.Method, r.URL.Path)
	if !ok {
		writeErrorBody(w, http.StatusNotFound, endpointNotFound, "there is no "+r.Method+" "+r.URL.Path+" on this server")
		return
	}
	for name, value := range values {
		r.SetPathValue(name, value)
	}
	var err error
	if route.raw != nil {
		err = route.raw(w, r)
	} else {
		err = serveCall(w, r, route.call, values)
	}
	if err != nil {
		writeError(w, r, err)
	}
}

func (h *Handler) find(method, path string) (Route, map[string]string, bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if r, ok := h.fixed[method+" "+path]; ok {
		return r, nil, true
	}
	for _, r := range h.open {
		if r.Method != method {
			continue
		}
		if values, ok := match(r.Path, path); ok {
			return r, values, true
		}
	}
	return Route{}, nil, false
}

// match compares a path with a pattern. The paths of artifacts are not
// cleaned first, as http.ServeMux would do: a hostile one is refused where it
// is used, not sent elsewhere.
func match(pattern, path string) (map[string]string, bool) {
	values := map[string]string{}
	for pattern != "" {
		var p, s string
		p, pattern, _ = strings.Cut(strings.TrimPrefix(pattern, "/"), "/")
		name, isParam := strings.CutPrefix(p, "{")
		if rest, isRest := strings.CutSuffix(name, "...}"); isParam && isRest {
			values[rest] = strings.TrimPrefix(path, "/")
			return values, values[rest] != ""
		}
		if path == "" {
			return nil, false
		}
		s, path = path[1:], ""
		if i := strings.IndexByte(s, '/'); i >= 0 {
			s, path = s[:i], s[i:]
		}
		switch {
		case isParam && s != "":
			values[strings.TrimSuffix(name, "}")] = s
		case p != s:
			return nil, false
		}
	}
	return values, path == ""
}

func serveCall(w http.ResponseWriter, r *http.Request, fn call, values map[string]string) error {
	a, err := readArgs(w, r)
	if err != nil {
		return err
	}
	for name, value := range values {
		a.set(name, value)
	}
	var out encoder
	out.open('{')
	if err := fn(r.Context(), a, &out); err != nil {
		return err
	}
	out.close('}')
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(out.b) // the caller is gone if this fails
	return nil
}

func (h *Handler) serverInfo(_ context.Context, _ *args, out *encoder) error {
	out.str("store_type", "SqlStore")
	for _, off := range []string{
		"workspaces_enabled", "trace_archival_enabled", "multipart_uploads_enabled", "multipart_downloads_enabled",
		"presigned_upload_run_id_supported", "presigned_upload_model_id_supported",
	} {
		out.bool(off, false)
	}
	out.object("features_enabled")
	out.bool("gateway", false)
	out.close('}')
	return nil
}

func (h *Handler) version(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(h.s.Version))
	return nil
}

func unsupported(what string) error {
	return fault.New(fault.Unsupported, "%s is not offered by this server", what)
}
