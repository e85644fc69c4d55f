// Package track holds what an experiment tracker speaks of – experiments, runs,
// metrics, params, tags, inputs, artifacts, models, versions, aliases, reviews –
// as plain types, and the rules that hold whoever writes or stores them: names,
// lengths, which value is the latest. It knows no HTTP, no SQL and no client's
// wire; MLflow's words for these things live in track/mlflow.
package track

// Lifecycle says whether a thing was (softly) deleted.
type Lifecycle string

// The lifecycles.
const (
	Active  Lifecycle = "active"
	Deleted Lifecycle = "deleted"
)

// View selects by lifecycle in searches.
type View int

// The views.
const (
	ActiveOnly View = iota
	DeletedOnly
	All
)

// Tag is a mutable annotation.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Param is an immutable input of a run.
type Param struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Page is one page of a search; Next is empty on the last one.
type Page[T any] struct {
	Items []T
	Next  string
}

// Experiment is a named group of runs.
type Experiment struct {
	ID               int64
	Name             string
	ArtifactLocation string // root of its runs' artifacts, e.g. mlflow-artifacts:/3
	Lifecycle        Lifecycle
	Created, Updated int64 // Unix time in milliseconds
	Tags             []Tag
}

// ExperimentChange is what may be changed of an experiment; nil and empty
// fields are left as they are.
type ExperimentChange struct {
	Name       *string
	Lifecycle  *Lifecycle // deleting an experiment deletes its runs softly, restoring restores those
	SetTags    []Tag
	DeleteTags []string // a tag that is not there is a NotFound fault
}

// Actor is who asks. Until there are users it is what the caller says of itself.
type Actor struct {
	Name string `json:"name"`
	Kind string `json:"kind,omitempty"` // "person", "job", "client"
}

// Change tells watchers that something they may show has changed.
type Change struct {
	ExperimentID int64
	RunID        string // empty: the experiment itself, or the registry
	Kind         string // "run", "metrics", "artifacts", "registry", "review", "stream"
}
