// Package registry is the rules of models: which bytes may be registered, who
// may move an alias and on what terms, and the audit trail of it all. Every
// face – the command, the page, the MLflow client – goes through it. It keeps
// nothing itself (see Store) and knows no HTTP.
package registry

import (
	"context"

	"github.com/assay-ml/assay/track"
)

// Store is what the registry needs kept. A change and its audit event are
// written in one transaction.
type Store interface {
	Models
	Versions
	Trail
	Logged
}

// Logged knows the models that runs made.
type Logged interface {
	LoggedModel(ctx context.Context, id string) (track.LoggedModel, error)
	LoggedModelsOf(ctx context.Context, runID string) ([]track.LoggedModel, error)
}

// Models keeps registered models. An event that is not nil is added to the
// trail in the transaction of its change.
type Models interface {
	CreateModel(ctx context.Context, m track.Model) (track.Model, error)
	Model(ctx context.Context, name string) (track.Model, error)
	SearchModels(ctx context.Context, q track.ModelQuery) (track.Page[track.Model], error)
	ChangeModel(ctx context.Context, name string, c track.ModelChange, e *track.Event) (track.Model, error)
	DeleteModel(ctx context.Context, name string, e *track.Event) error
}

// Versions keeps model versions and aliases, with events as Models.
type Versions interface {
	// CreateVersion numbers the version: one more than the greatest so far.
	// e, if not nil, is added to the trail in the same transaction and gets
	// the number of the version as "version" in its detail.
	CreateVersion(ctx context.Context, v track.ModelVersion, e *track.Event) (track.ModelVersion, error)
	Version(ctx context.Context, model string, version int) (track.ModelVersion, error)
	SearchVersions(ctx context.Context, q track.ModelQuery) (track.Page[track.ModelVersion], error)
	ChangeVersion(ctx context.Context, model string, version int, c track.VersionChange, e *track.Event) (track.ModelVersion, error)
	DeleteVersion(ctx context.Context, model string, version int, e *track.Event) error
}

// Trail keeps aliases, policies, reviews and the audit trail.
type Trail interface {
	// SetAlias moves an alias to a version (0 removes it) and adds e to the
	// trail, in one transaction.
	SetAlias(ctx context.Context, model, alias string, version int, e track.Event) error
	Policy(ctx context.Context, model string) (track.Policy, error) // NotFound: none set
	SetPolicy(ctx context.Context, p track.Policy, e track.Event) (track.Policy, error)
	Reviews(ctx context.Context, q track.ReviewQuery) ([]track.Review, error)
	Events(ctx context.Context, model string, after int64, max int) ([]track.Event, error)
	AddEvent(ctx context.Context, e track.Event) (track.Event, error)
}
