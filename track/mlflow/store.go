// Package mlflow is the MLflow wire: request and reply structs, error codes,
// handlers for the REST API that MLflow's clients speak, and the translation
// to and from the types of package track. It declares what it calls, one small
// interface a family; it knows no SQL, and the rules of models belong to
// package registry, which answers its Models and Versions interfaces.
//
// Source: MLflow's protos (service.proto, model_registry.proto,
// mlflow_artifacts.proto) and the behaviour of its Python client.
package mlflow

import (
	"context"

	"github.com/assay-ml/assay/track"
)

// Experiments is what the experiment calls need.
type Experiments interface {
	CreateExperiment(ctx context.Context, e track.Experiment) (track.Experiment, error)
	Experiment(ctx context.Context, id int64) (track.Experiment, error)
	ExperimentByName(ctx context.Context, name string) (track.Experiment, error)
	SearchExperiments(ctx context.Context, q track.ExperimentQuery) (track.Page[track.Experiment], error)
	ChangeExperiment(ctx context.Context, id int64, c track.ExperimentChange) error
}

// Runs is what the run calls need.
type Runs interface {
	CreateRun(ctx context.Context, r track.NewRun) (track.Run, error)
	Run(ctx context.Context, id string) (track.Run, error)
	SearchRuns(ctx context.Context, q track.RunQuery) (track.Page[track.Run], error)
	ChangeRun(ctx context.Context, id string, c track.RunChange) (track.RunInfo, error)
}

// Log is what the logging calls need. A write that returned nil is durable.
type Log interface {
	LogBatch(ctx context.Context, runID string, b track.Batch) error
	LogInputs(ctx context.Context, runID string, in track.Inputs) error
	History(ctx context.Context, q track.HistoryQuery) (track.Page[track.Metric], error)
	Curve(ctx context.Context, q track.CurveQuery) (track.Curve, error)
}

// LoggedModels is what the logged-model calls need.
type LoggedModels interface {
	CreateLoggedModel(ctx context.Context, m track.LoggedModel) (track.LoggedModel, error)
	LoggedModel(ctx context.Context, id string) (track.LoggedModel, error)
	ChangeLoggedModel(ctx context.Context, id string, c track.LoggedModelChange) (track.LoggedModel, error)
	SearchLoggedModels(ctx context.Context, q track.LoggedModelQuery) (track.Page[track.LoggedModel], error)
}

// Models is what the registered-model calls need.
type Models interface {
	CreateModel(ctx context.Context, m track.Model) (track.Model, error)
	Model(ctx context.Context, name string) (track.Model, error)
	SearchModels(ctx context.Context, q track.ModelQuery) (track.Page[track.Model], error)
	ChangeModel(ctx context.Context, name string, c track.ModelChange) (track.Model, error)
	DeleteModel(ctx context.Context, name string) error
}

// Versions is what the model-version calls need.
type Versions interface {
	CreateVersion(ctx context.Context, v track.ModelVersion) (track.ModelVersion, error)
	Version(ctx context.Context, model string, version int) (track.ModelVersion, error)
	SearchVersions(ctx context.Context, q track.ModelQuery) (track.Page[track.ModelVersion], error)
	ChangeVersion(ctx context.Context, model string, version int, c track.VersionChange) (track.ModelVersion, error)
	DeleteVersion(ctx context.Context, model string, version int) error
}

// Aliases moves and removes aliases; moving a protected one asks its policy
// and may answer with a Denied fault.
type Aliases interface {
	SetAlias(ctx context.Context, model, alias string, version int) error
	DeleteAlias(ctx context.Context, model, alias string) error
}
