// Package tracktest is the conformance suite for whoever stores experiments,
// runs, metrics and models: what the wires and the registry count on, whatever
// the database. It is not a test of a wire.
package tracktest

import (
	"fmt"
	"testing"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// Run tests the stores that open makes: each call must give an empty one of
// its own, which the suite does not close.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, c := range []struct {
		name string
		f    func(*testing.T, Store)
	}{
		{"DefaultExperiment", defaultExperiment},
		{"ExperimentNames", experimentNames},
		{"ExperimentTags", experimentTags},
		{"ExperimentLifecycle", experimentLifecycle},
		{"SearchExperiments", searchExperiments},
		{"CreateRun", createRun},
		{"ImportRunTwice", importRunTwice},
		{"ChangeRun", changeRun},
		{"DeletedRun", deletedRun},
		{"RunNameTag", runNameTag},
		{"RunTags", runTags},
		{"RunsByCommit", runsByCommit},
		{"Params", params},
		{"BatchIsAtomic", batchIsAtomic},
		{"LatestMetric", latestMetric},
		{"OddValues", oddValues},
		{"Replay", replay},
		{"Contexts", contexts},
		{"HistoryPages", historyPages},
		{"HistoryModel", historyModel},
		{"Curve", curve},
		{"Inputs", inputs},
		{"ConcurrentWriters", concurrentWriters},
		{"SearchRuns", searchRuns},
		{"SearchMissing", searchMissing},
		{"SearchSeesWrites", searchSeesWrites},
		{"SearchPages", searchPages},
		{"PagesWhileRunsCome", pagesWhileRunsCome},
		{"PageTokens", pageTokens},
		{"LoggedModels", loggedModels},
		{"SearchLoggedModels", searchLoggedModels},
		{"ModelNames", modelNames},
		{"RenameModel", renameModel},
		{"Versions", versions},
		{"Stages", stages},
		{"Aliases", aliases},
		{"SearchVersions", searchVersions},
		{"Prompts", prompts},
		{"Policies", policies},
		{"Reviews", reviews},
		{"Trail", trail},
		{"Streams", streams},
		{"StreamModel", streamModel},
		{"Watch", watch},
	} {
		t.Run(c.name, func(t *testing.T) { c.f(t, open(t)) })
	}
}

// must unpacks a result.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantFault checks code and, if it is not empty, message of an error.
func wantFault(t testing.TB, err error, code fault.Code, message string) {
	t.Helper()
	if !fault.Is(err, code) || message != "" && err.Error() != message {
		t.Errorf("got %s %v, want %s %q", fault.CodeOf(err), err, code, message)
	}
}

func ptr[T any](v T) *T { return &v }

// experiment makes an experiment of the test's own.
func experiment(t testing.TB, s Store, name string) int64 {
	t.Helper()
	return must(s.CreateExperiment(t.Context(), track.Experiment{Name: name}))(t).ID
}

// run makes a run in experiment 0.
func run(t testing.TB, s Store) string {
	t.Helper()
	return must(s.CreateRun(t.Context(), track.NewRun{}))(t).ID
}

// points makes metrics from step, time, value.
func points(key string, ps ...[3]float64) (out []track.Metric) {
	for _, p := range ps {
		out = append(out, track.Metric{Key: key, Step: int64(p[0]), Time: int64(p[1]), Value: p[2]})
	}
	return out
}

// show writes points so that NaN can be compared.
func show(ms []track.Metric) []string {
	out := make([]string, 0, len(ms))
	for _, m := range ms {
		out = append(out, fmt.Sprintf("%s/%s t%d s%d %v", m.Key, m.Context, m.Time, m.Step, m.Value))
	}
	return out
}

func logMetrics(t testing.TB, s Store, id string, ms []track.Metric) {
	t.Helper()
	ok(t, s.LogBatch(t.Context(), id, track.Batch{Metrics: ms}))
}

func history(t testing.TB, s Store, id, key string) []track.Metric {
	t.Helper()
	return must(s.History(t.Context(), track.HistoryQuery{RunID: id, Key: key}))(t).Items
}
