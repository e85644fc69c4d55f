package api

import (
	"context"
	"encoding/json"
	"math"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/track"
)

type otherReviews struct{ Reviews }

// fakeChanges answers with what it holds and keeps what it was asked.
type fakeChanges struct {
	otherReviews
	runs  track.Page[track.ChangeRun]
	list  track.Page[track.ChangeSummary]
	shown []track.Review
	asked any
}

func (f *fakeChanges) ChangeRuns(_ context.Context, q track.ChangeRunsQuery) (track.Page[track.ChangeRun], error) {
	f.asked = q
	return f.runs, nil
}

func (f *fakeChanges) Changes(_ context.Context, q track.ChangesQuery) (track.Page[track.ChangeSummary], error) {
	f.asked = q
	return f.list, nil
}

func (f *fakeChanges) Reviews(_ context.Context, q track.ReviewQuery) ([]track.Review, error) {
	f.asked = q
	return f.shown, nil
}

// ask returns status and body of an answer.
func ask(t *testing.T, s Services, target string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	New(s).ServeHTTP(w, httptest.NewRequest("GET", Prefix+target, nil))
	return w.Code, w.Body.String()
}

func TestChangeRuns(t *testing.T) {
	run := track.ChangeRun{ExperimentName: "digits", Run: track.Run{
		RunInfo: track.RunInfo{ID: "r1", Name: "wide", ExperimentID: 3, Status: track.Running, Start: 5},
		Tags:    []track.Tag{{Key: "mlflow.source.git.branch", Value: "b"}, {Key: "mlflow.source.git.commit", Value: "c"}},
		Metrics: []track.Metric{
			{Key: "acc", Value: .5, Step: 2, Time: 9},
			{Key: "acc", Context: "test", Value: .4},
			{Key: "loss", Value: math.NaN()},
			{Key: "system/cpu", Value: 1},
		},
	}}
	f := &fakeChanges{runs: track.Page[track.ChangeRun]{Items: []track.ChangeRun{run}, Next: "more"}}
	const head = `{"runs":[{"run_id":"r1","name":"wide","experiment_id":"3","experiment":"digits","status":"RUNNING","start_time":5,"commit":"c","branch":"b","metrics":[`
	acc, loss := `{"key":"acc","value":0.5,"step":2,"timestamp":9}`, `{"key":"loss","value":"NaN","step":0,"timestamp":0}`
	for target, want := range map[string]struct {
		metrics string
		query   track.ChangeRunsQuery
	}{
		"?project=team/digits&number=7":                                         {acc + "," + loss, track.ChangeRunsQuery{Project: "team/digits", Number: 7, Max: 50}},
		"?project=p&number=7&limit=200&token=x&metric=loss":                     {loss, track.ChangeRunsQuery{Project: "p", Number: 7, Max: 200, Token: "x"}},
		"?project=p&number=7&metric=system/cpu&metric=none":                     {`{"key":"system/cpu","value":1,"step":0,"timestamp":0}`, track.ChangeRunsQuery{Project: "p", Number: 7, Max: 50}},
		"?project=p&number=7&limit=1&metric=" + strings.Repeat("long", 10)[:30]: {"", track.ChangeRunsQuery{Project: "p", Number: 7, Max: 1}},
	} {
		code, body := ask(t, Services{Reviews: f}, "/changes/runs"+target)
		if want := head + want.metrics + `]}],"next":"more"}`; code != 200 || body != want {
			t.Errorf("%s: %d %s\nwant %s", target, code, body, want)
		}
		if diff := cmp.Diff(any(want.query), f.asked); diff != "" {
			t.Errorf("%s: %s", target, diff)
		}
	}
	for _, target := range []string{
		"", "?project=p", "?number=7", "?project=p&number=0", "?project=p&number=x", "?project=p&number=7&limit=0",
		"?project=p&number=7&limit=201", "?project=p&number=7" + strings.Repeat("&metric=a", 65),
	} {
		if code, body := ask(t, Services{Reviews: f}, "/changes/runs"+target); code != 400 || !strings.Contains(body, `"error_code":"invalid`) {
			t.Errorf("%q: %d %s", target, code, body)
		}
	}
}

func TestManyMetrics(t *testing.T) {
	var run track.ChangeRun
	for i := range 100 {
		run.Metrics = append(run.Metrics, track.Metric{Key: string(rune('A' + i))})
	}
	if got := changeRunOf(run, nil); len(got.Metrics) != maxChangeMetrics || !got.MoreMetrics {
		t.Errorf("%d metrics, more: %v", len(got.Metrics), got.MoreMetrics)
	}
}

func TestChanges(t *testing.T) {
	ref := &track.ChangeRef{Project: "p", Number: 7, Title: "Wider"}
	f := &fakeChanges{list: track.Page[track.ChangeSummary]{Items: []track.ChangeSummary{
		{Project: "p", Number: 7, At: 9, Newest: &track.Review{ID: "v", Change: ref, Project: "p", Verdict: "better"}, Reviews: 2, Runs: 3},
		{Project: "q", Number: 1, At: 8, Runs: 1, Running: 1},
	}}}
	code, body := ask(t, Services{Reviews: f}, "/changes?limit=2&token=x")
	var got Changes
	if err := json.Unmarshal([]byte(body), &got); err != nil || code != 200 {
		t.Fatalf("%d %s: %v", code, body, err)
	}
	want := Changes{Changes: []ChangeSummary{
		{Change: *ref, Project: "p", At: 9, Newest: f.list.Items[0].Newest, Reviews: 2, Runs: 3},
		{Change: track.ChangeRef{Project: "q", Number: 1}, Project: "q", At: 8, Runs: 1, Running: 1},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(any(track.ChangesQuery{Max: 2, Token: "x"}), f.asked); diff != "" {
		t.Error(diff)
	}
}

func TestReviewsWithoutDocuments(t *testing.T) {
	for target, want := range map[string]bool{"/reviews?project=p": true, "/reviews?project=p&document=0": false} {
		f := &fakeChanges{shown: []track.Review{{ID: "v", Document: json.RawMessage(`{"large":1}`)}}}
		if code, body := ask(t, Services{Reviews: f}, target); code != 200 || strings.Contains(body, "large") != want {
			t.Errorf("%s: %d %s", target, code, body)
		}
	}
}

// curveRuns keeps the steps behind which curves were asked for.
type curveRuns struct {
	Runs
	after map[string]int64
}

func (c curveRuns) Curve(_ context.Context, q track.CurveQuery) (track.Curve, error) {
	c.after[q.Key] = q.AfterStep
	return track.Curve{}, nil
}

func TestCurvesAfter(t *testing.T) {
	for target, want := range map[string]map[string]int64{
		"?key=a&key=b":                     {"a": math.MinInt64, "b": math.MinInt64},
		"?key=a&key=b&after=3":             {"a": 3, "b": 3},
		"?key=a&key=b&after=3&after=-1":    {"a": 3, "b": -1},
		"?key=a&key=b&after=3&after=&x=y":  {"a": 3, "b": math.MinInt64},
		"?key=a&key=b&key=c&after=&after=": nil,
		"?key=a&after=x":                   nil,
	} {
		runs := curveRuns{after: map[string]int64{}}
		code, body := ask(t, Services{Runs: runs}, "/runs/r/curves"+target)
		if want == nil {
			if code != 400 {
				t.Errorf("%s: %d %s", target, code, body)
			}
			continue
		}
		if diff := cmp.Diff(want, runs.after); diff != "" || code != 200 {
			t.Errorf("%s: %d %s", target, code, diff)
		}
	}
}
