// Package api is our own wire, for what MLflow has no word for: reviews,
// registration and promotion with who and why, policies, the audit trail,
// streams of output, thinned curves, import of runs that were recorded
// offline, and news for pages. Its routes lie below /api/assay/v1. It declares
// what it calls and knows no SQL; what MLflow has a word for stays on MLflow's
// wire (track/mlflow).
package api

import "github.com/assay-ml/assay/track"

// Prefix is where the routes lie.
const Prefix = "/api/assay/v1"

// ImportRun asks for a run whose id was made by the caller, offline or not.
// Importing it again returns the run that is there.
type ImportRun struct {
	RunID      string      `json:"run_id"`
	Experiment string      `json:"experiment"` // by name; made when it is not there
	Name       string      `json:"name,omitempty"`
	User       string      `json:"user,omitempty"`
	Start      int64       `json:"start_time,omitempty"`
	Tags       []track.Tag `json:"tags,omitempty"`
}

// ImportedRun is the answer.
type ImportedRun struct {
	RunID        string `json:"run_id"`
	ExperimentID int64  `json:"experiment_id"`
	ArtifactURI  string `json:"artifact_uri"`
}

// ImportLoggedModel asks for a logged model whose id was made by the caller,
// with the fields of MLflow's own call.
type ImportLoggedModel struct {
	ModelID      string        `json:"model_id"`
	ExperimentID string        `json:"experiment_id"`
	Name         string        `json:"name"`
	Type         string        `json:"model_type"`
	SourceRunID  string        `json:"source_run_id"`
	Params       []track.Param `json:"params"`
	Tags         []track.Tag   `json:"tags"`
}

// Curves is the answer to a question for thinned metric histories.
type Curves struct {
	Curves map[string]Curve `json:"curves"`
}

// Curve is one thinned history; Points are [step, time in ms, value], the
// value null where it is not a number. Total counts the points that there are.
type Curve struct {
	Total  int           `json:"total"`
	Points [][3]*float64 `json:"points"`
}

// ChangeSummary is one merge request with its newest review.
type ChangeSummary struct {
	Change  track.ChangeRef `json:"change"`
	Project string          `json:"project"`
	Newest  track.Review    `json:"newest"`
	Reviews int             `json:"reviews"`
}

// Promote asks for an alias to be moved.
type Promote struct {
	Version int    `json:"version"`
	Reason  string `json:"reason,omitempty"`
}

// SetPolicy asks for a model's policy to be replaced.
type SetPolicy struct {
	Aliases map[string]track.AliasPolicy `json:"aliases"`
	Source  string                       `json:"source,omitempty"`
}

// ErrorBody is the body of every answer that is not a success.
type ErrorBody struct {
	Code    string `json:"error_code"` // a fault.Code
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}
