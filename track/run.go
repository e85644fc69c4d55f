package track

import "math"

// RunStatus is the state of an execution.
type RunStatus string

// The statuses that MLflow's clients know.
const (
	Running   RunStatus = "RUNNING"
	Scheduled RunStatus = "SCHEDULED"
	Finished  RunStatus = "FINISHED"
	RunFailed RunStatus = "FAILED"
	Killed    RunStatus = "KILLED"
)

// RunInfo is a run without its data.
type RunInfo struct {
	ID           string // 32 lower-case hexadecimal digits when we make it
	ExperimentID int64
	Name         string
	User         string
	Status       RunStatus
	Start, End   int64 // Unix time in milliseconds; End 0 while it runs
	ArtifactURI  string
	Lifecycle    Lifecycle
}

// Run is one execution with its latest metrics, params, tags and inputs.
type Run struct {
	RunInfo
	Metrics      []Metric // the latest of each key, sorted by key
	Params       []Param  // sorted by key
	Tags         []Tag    // sorted by key
	Datasets     []DatasetInput
	ModelInputs  []string // ids of logged models
	ModelOutputs []ModelOutput
}

// NewRun is what a caller knows of a run to be created.
type NewRun struct {
	ID           string // empty: the store makes one; given: an import, which is idempotent
	ExperimentID int64
	Name         string // empty: the store makes one
	User         string
	Start        int64 // 0: now
	Tags         []Tag
}

// RunChange is what may be changed of a run; nil and empty fields are left.
type RunChange struct {
	Status     *RunStatus
	End        *int64
	Name       *string // also rewrites the tag mlflow.runName
	Lifecycle  *Lifecycle
	DeleteTags []string // a tag that is not there is a NotFound fault
}

// Metric is one measured point of a series. A series is (run, Key, Context).
type Metric struct {
	Key     string
	Context string // train, validate, test … for clients that have it; "" otherwise
	Value   float64
	Step    int64
	Time    int64 // Unix time in milliseconds
	// What the point was measured of, when the client says so (MLflow 3).
	ModelID, DatasetName, DatasetDigest string
}

// Later reports whether m supersedes old as the latest value of a series: the
// greater (step, time, value), with NaN counted as 0, as MLflow does.
func (m Metric) Later(old Metric) bool {
	if m.Step != old.Step {
		return m.Step > old.Step
	}
	if m.Time != old.Time {
		return m.Time > old.Time
	}
	return zeroNaN(m.Value) > zeroNaN(old.Value)
}

func zeroNaN(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// Batch is what one logging call writes to a run, all of it or nothing.
type Batch struct {
	Metrics []Metric
	Params  []Param // same key, other value than stored: an Invalid fault
	Tags    []Tag
}

// Dataset describes data that a run read.
type Dataset struct{ Name, Digest, SourceType, Source, Schema, Profile string }

// DatasetInput is a dataset as used by a run, e.g. with the tag
// mlflow.data.context = training.
type DatasetInput struct {
	Dataset
	Tags []Tag
}

// ModelOutput says that a run made a logged model at a step.
type ModelOutput struct {
	ModelID string
	Step    int64
}

// Inputs is what one call adds to a run's inputs and outputs. Adding what is
// there already changes nothing.
type Inputs struct {
	Datasets     []DatasetInput
	ModelInputs  []string
	ModelOutputs []ModelOutput
}

// HistoryQuery asks for the points of one series, in the order (time, step,
// value), doubles dropped.
type HistoryQuery struct {
	RunID, Key string
	Max        int    // points a page; 0: all
	Token      string // of the page before
}

// CurveQuery asks for a thinned series for a chart, in the order of steps.
type CurveQuery struct {
	RunID, Key string
	MaxPoints  int   // at most about this many; smallest and largest of each bucket are kept
	AfterStep  int64 // only later steps, for charts that grow; -1<<63 for all
}

// Curve is a thinned series.
type Curve struct {
	Points []Metric
	Total  int // points that there are in all
}

// StreamChunk is a piece of something that grows by bytes: a run's output, for
// now. Text, images, histograms and tables by step take the same place later.
type StreamChunk struct {
	RunID  string
	Name   string // "output"
	Offset int64  // of the first byte; writing the same offset again is a replay and changes nothing
	Data   []byte
}
