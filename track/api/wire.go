// Package api is our own wire, for what MLflow has no word for: reviews,
// runs of merge requests, registration and promotion with who and why, policies, the audit trail,
// streams of output, thinned curves, import of runs that were recorded
// offline, and news for pages. Its routes lie below /api/assay/v1. It declares
// what it calls and knows no SQL; what MLflow has a word for stays on MLflow's
// wire (track/mlflow).
package api

import (
	"encoding/json"

	"github.com/assay-ml/assay/track"
)

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

// Changes is a page of merge requests, those with the newest run or review
// first; Next is the token of the next page.
type Changes struct {
	Changes []ChangeSummary `json:"changes"`
	Next    string          `json:"next,omitempty"`
}

// ChangeSummary is one merge request with its newest review, if there is one.
type ChangeSummary struct {
	Change  track.ChangeRef `json:"change"`
	Project string          `json:"project"`
	At      int64           `json:"at"` // of the newest run or review
	Newest  *track.Review   `json:"newest,omitempty"`
	Reviews int             `json:"reviews"`
	Runs    int             `json:"runs"`
	Running int             `json:"running"`
}

// ChangeRuns is a page of the runs of a merge request, newest first.
type ChangeRuns struct {
	Runs []ChangeRun `json:"runs"`
	Next string      `json:"next,omitempty"`
}

// ChangeRun is one of them. Metrics holds those that were asked for, or the
// first that are not of the machine; MoreMetrics says that there are others.
type ChangeRun struct {
	RunID        string          `json:"run_id"`
	Name         string          `json:"name"`
	ExperimentID string          `json:"experiment_id"`
	Experiment   string          `json:"experiment"`
	Status       track.RunStatus `json:"status"`
	Start        int64           `json:"start_time"`
	End          int64           `json:"end_time,omitempty"`
	User         string          `json:"user,omitempty"`
	Commit       string          `json:"commit,omitempty"`
	Branch       string          `json:"branch,omitempty"`
	Metrics      []ChangeMetric  `json:"metrics"`
	MoreMetrics  bool            `json:"more_metrics,omitempty"`
}

// ChangeMetric is the newest value of a metric, written as track.NumberJSON does.
type ChangeMetric struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
	Step  int64           `json:"step"`
	Time  int64           `json:"timestamp"`
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

// LoggedFiles is the answer of runs/{run}/logged-models.
type LoggedFiles struct {
	Models []track.LoggedFiles `json:"models"`
}
