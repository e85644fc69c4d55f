package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/assay-ml/assay/blob"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// maxBody bounds a JSON body, in bytes.
const maxBody = 16 << 20

// Runs is what importing and reading runs needs.
type Runs interface {
	ExperimentByName(ctx context.Context, name string) (track.Experiment, error)
	CreateExperiment(ctx context.Context, e track.Experiment) (track.Experiment, error)
	CreateRun(ctx context.Context, r track.NewRun) (track.Run, error)
	Curve(ctx context.Context, q track.CurveQuery) (track.Curve, error)
	RunsByCommit(ctx context.Context, experimentIDs []int64, commit string) ([]track.Run, error)
}

// LoggedModels is what importing a model that a run made needs.
type LoggedModels interface {
	CreateLoggedModel(ctx context.Context, m track.LoggedModel) (track.LoggedModel, error)
}

// Streams is what output that grows needs.
type Streams interface {
	AppendStream(ctx context.Context, c track.StreamChunk) error
	Stream(ctx context.Context, runID, name string, from int64, max int) (data []byte, next int64, err error)
}

// Reviews is what the record of what was shown of merge requests needs.
type Reviews interface {
	AddReview(ctx context.Context, r track.Review, e track.Event) (track.Review, error)
	Review(ctx context.Context, id string) (track.Review, error)
	Reviews(ctx context.Context, q track.ReviewQuery) ([]track.Review, error)
	Changes(ctx context.Context, q track.ChangesQuery) (track.Page[track.ChangeSummary], error)
	ChangeRuns(ctx context.Context, q track.ChangeRunsQuery) (track.Page[track.ChangeRun], error)
}

// Registry is the rules of models.
type Registry interface {
	Register(ctx context.Context, g track.Registration) (track.ModelVersion, error)
	Promote(ctx context.Context, p track.Promotion) error
	Version(ctx context.Context, model string, version int) (track.ModelVersion, error)
	LoggedFiles(ctx context.Context, runID string) ([]track.LoggedFiles, error)
	Deployed(ctx context.Context, model string, version int, d track.Deployment) error
	Policies
}

// Policies is the rules' record.
type Policies interface {
	Policy(ctx context.Context, model string) (track.Policy, error)
	SetPolicy(ctx context.Context, p track.Policy) (track.Policy, error)
	Events(ctx context.Context, model string, after int64, max int) ([]track.Event, error)
}

// Services is what the handlers call.
type Services struct {
	Runs     Runs
	Models   LoggedModels
	Streams  Streams
	Reviews  Reviews
	Registry Registry
	Files    blob.Bucket
	Actor    func(context.Context) track.Actor
	Watch    func(context.Context) <-chan track.Change
	Now      func() int64 // Unix time in milliseconds
}

// Handler answers the routes below Prefix.
type Handler struct {
	s   Services
	mux *http.ServeMux
}

// New makes the handler.
func New(s Services) *Handler {
	h := &Handler{s: s, mux: http.NewServeMux()}
	for pattern, fn := range h.routes() {
		h.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := fn(w, r); err != nil {
				writeError(w, r, err)
			}
		})
	}
	h.mux.HandleFunc(Prefix+"/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, r, fault.New(fault.NotFound, "there is no %s %s", r.Method, r.URL.Path))
	})
	return h
}

// routes is the one table of what there is.
func (h *Handler) routes() map[string]func(http.ResponseWriter, *http.Request) error {
	return map[string]func(http.ResponseWriter, *http.Request) error{
		"POST " + Prefix + "/import/run":                                    h.importRun,
		"POST " + Prefix + "/import/logged-model":                           h.importLoggedModel,
		"GET " + Prefix + "/runs/by-commit":                                 h.byCommit,
		"GET " + Prefix + "/runs/{run}/curves":                              h.curves,
		"GET " + Prefix + "/runs/{run}/logged-models":                       h.loggedFiles,
		"POST " + Prefix + "/runs/{run}/streams/{name}":                     h.appendStream,
		"GET " + Prefix + "/runs/{run}/streams/{name}":                      h.readStream,
		"POST " + Prefix + "/reviews":                                       h.addReview,
		"GET " + Prefix + "/reviews":                                        h.listReviews,
		"GET " + Prefix + "/reviews/{id}":                                   h.review,
		"GET " + Prefix + "/changes":                                        h.changes,
		"GET " + Prefix + "/changes/runs":                                   h.changeRuns,
		"POST " + Prefix + "/models/{model}/versions":                       h.register,
		"GET " + Prefix + "/models/{model}/versions/{version}":              h.version,
		"GET " + Prefix + "/models/{model}/versions/{version}/download":     h.download,
		"POST " + Prefix + "/models/{model}/versions/{version}/deployments": h.deployed,
		"PUT " + Prefix + "/models/{model}/aliases/{alias}":                 h.promote,
		"GET " + Prefix + "/models/{model}/policy":                          h.policy,
		"PUT " + Prefix + "/models/{model}/policy":                          h.setPolicy,
		"GET " + Prefix + "/models/{model}/events":                          h.events,
		"GET " + Prefix + "/live":                                           h.live,
	}
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	if err := dec.Decode(into); err != nil {
		var big *http.MaxBytesError
		if errors.As(err, &big) {
			return fault.New(fault.TooLarge, "the body is larger than %d MB", maxBody>>20)
		}
		return fault.New(fault.Invalid, "the body is not the JSON that is expected here: %w", err)
	}
	return nil
}

func writeJSON(w http.ResponseWriter, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(data) // the reader went away: nobody to tell
	return nil
}

// statuses maps fault codes to HTTP; what is not listed is 500.
var statuses = map[fault.Code]int{
	fault.Invalid: http.StatusBadRequest, fault.Usage: http.StatusBadRequest, fault.NotFound: http.StatusNotFound,
	fault.Exists: http.StatusConflict, fault.Conflict: http.StatusConflict, fault.Denied: http.StatusForbidden,
	fault.TooLarge: http.StatusRequestEntityTooLarge, fault.Unavailable: http.StatusServiceUnavailable,
	fault.Failed: http.StatusUnprocessableEntity, fault.Undecided: http.StatusUnprocessableEntity,
	fault.Unsupported: http.StatusNotImplemented,
}

func writeError(w http.ResponseWriter, r *http.Request, err error) {
	body := ErrorBody{Code: string(fault.CodeOf(err)), Message: err.Error(), Hint: fault.HintOf(err)}
	status, known := statuses[fault.CodeOf(err)]
	if !known {
		// Detail of our own mistakes is for operators, never for the wire.
		slog.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		status, body = http.StatusInternalServerError, ErrorBody{Code: string(fault.Internal), Message: "internal error; the server's log says more"}
	}
	data, _ := json.Marshal(body)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
