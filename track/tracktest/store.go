package tracktest

import (
	"context"

	"github.com/assay-ml/assay/track"
)

// Store is what is tested: what the wires and the registry ask of a store,
// plus what the server itself calls.
type Store interface {
	Experiments
	Runs
	Log
	LoggedModels
	Models
	Versions
	Trail
	Streams
	Reviews
}

// Experiments keeps experiments; the same as mlflow.Experiments.
type Experiments interface {
	CreateExperiment(ctx context.Context, e track.Experiment) (track.Experiment, error)
	Experiment(ctx context.Context, id int64) (track.Experiment, error)
	ExperimentByName(ctx context.Context, name string) (track.Experiment, error)
	SearchExperiments(ctx context.Context, q track.ExperimentQuery) (track.Page[track.Experiment], error)
	ChangeExperiment(ctx context.Context, id int64, c track.ExperimentChange) error
}

// Runs keeps runs.
type Runs interface {
	CreateRun(ctx context.Context, r track.NewRun) (track.Run, error)
	Run(ctx context.Context, id string) (track.Run, error)
	SearchRuns(ctx context.Context, q track.RunQuery) (track.Page[track.Run], error)
	ChangeRun(ctx context.Context, id string, c track.RunChange) (track.RunInfo, error)
	RunsByCommit(ctx context.Context, experimentIDs []int64, commit string) ([]track.Run, error)
}

// Log keeps what runs log and tells who watches.
type Log interface {
	LogBatch(ctx context.Context, runID string, b track.Batch) error
	LogInputs(ctx context.Context, runID string, in track.Inputs) error
	History(ctx context.Context, q track.HistoryQuery) (track.Page[track.Metric], error)
	Curve(ctx context.Context, q track.CurveQuery) (track.Curve, error)
	Watch(ctx context.Context) <-chan track.Change
}

// LoggedModels keeps models that runs made.
type LoggedModels interface {
	CreateLoggedModel(ctx context.Context, m track.LoggedModel) (track.LoggedModel, error)
	LoggedModel(ctx context.Context, id string) (track.LoggedModel, error)
	ChangeLoggedModel(ctx context.Context, id string, c track.LoggedModelChange) (track.LoggedModel, error)
	SearchLoggedModels(ctx context.Context, q track.LoggedModelQuery) (track.Page[track.LoggedModel], error)
}

// Models keeps registered models; with Versions and Trail the same as
// registry.Store.
type Models interface {
	CreateModel(ctx context.Context, m track.Model) (track.Model, error)
	Model(ctx context.Context, name string) (track.Model, error)
	SearchModels(ctx context.Context, q track.ModelQuery) (track.Page[track.Model], error)
	ChangeModel(ctx context.Context, name string, c track.ModelChange, e *track.Event) (track.Model, error)
	DeleteModel(ctx context.Context, name string, e *track.Event) error
}

// Versions keeps model versions.
type Versions interface {
	CreateVersion(ctx context.Context, v track.ModelVersion, e *track.Event) (track.ModelVersion, error)
	Version(ctx context.Context, model string, version int) (track.ModelVersion, error)
	SearchVersions(ctx context.Context, q track.ModelQuery) (track.Page[track.ModelVersion], error)
	ChangeVersion(ctx context.Context, model string, version int, c track.VersionChange, e *track.Event) (track.ModelVersion, error)
	DeleteVersion(ctx context.Context, model string, version int, e *track.Event) error
}

// Trail keeps aliases, policies and the audit trail.
type Trail interface {
	SetAlias(ctx context.Context, model, alias string, version int, e track.Event) error
	Policy(ctx context.Context, model string) (track.Policy, error)
	SetPolicy(ctx context.Context, p track.Policy, e track.Event) (track.Policy, error)
	Events(ctx context.Context, model string, after int64, max int) ([]track.Event, error)
}

// Streams keeps what grows by bytes.
type Streams interface {
	AppendStream(ctx context.Context, c track.StreamChunk) error
	Stream(ctx context.Context, runID, name string, from int64, max int) (data []byte, next int64, err error)
}

// Reviews keeps what reports showed.
type Reviews interface {
	AddReview(ctx context.Context, r track.Review, e track.Event) (track.Review, error)
	Review(ctx context.Context, id string) (track.Review, error)
	Reviews(ctx context.Context, q track.ReviewQuery) ([]track.Review, error)
}
