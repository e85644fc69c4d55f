package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// Bounds of a page of runs of a change.
const (
	maxChangeRuns    = 200
	maxChangeMetrics = 64 // a run
)

// changes lists merge requests, those with the newest run or review first.
func (h *Handler) changes(w http.ResponseWriter, r *http.Request) error {
	max, err := limit(r, 100, 1000)
	if err != nil {
		return err
	}
	page, err := h.s.Reviews.Changes(r.Context(), track.ChangesQuery{Max: max, Token: r.URL.Query().Get("token")})
	if err != nil {
		return err
	}
	out := Changes{Changes: make([]ChangeSummary, len(page.Items)), Next: page.Next}
	for i, c := range page.Items {
		out.Changes[i] = ChangeSummary{
			Change: track.ChangeRef{Project: c.Project, Number: c.Number}, Project: c.Project, At: c.At,
			Newest: c.Newest, Reviews: c.Reviews, Runs: c.Runs, Running: c.Running,
		}
		if c.Newest != nil && c.Newest.Change != nil {
			out.Changes[i].Change = *c.Newest.Change
		}
	}
	return writeJSON(w, out)
}

// changeRuns lists the runs of one merge request, newest first.
func (h *Handler) changeRuns(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	n, err := number(q.Get("number"), 0)
	if err != nil {
		return err
	}
	if q.Get("project") == "" || n <= 0 || int64(int(n)) != n {
		return fault.New(fault.Invalid, "name the merge request: ?project=NAME&number=N")
	}
	keys := q["metric"]
	if len(keys) > maxChangeMetrics {
		return fault.New(fault.Invalid, "ask for at most %d metrics", maxChangeMetrics)
	}
	max, err := limit(r, 50, maxChangeRuns)
	if err != nil {
		return err
	}
	page, err := h.s.Reviews.ChangeRuns(r.Context(), track.ChangeRunsQuery{
		Project: q.Get("project"), Number: int(n), Max: max, Token: q.Get("token"),
	})
	if err != nil {
		return err
	}
	out := ChangeRuns{Runs: make([]ChangeRun, len(page.Items)), Next: page.Next}
	for i, run := range page.Items {
		out.Runs[i] = changeRunOf(run, keys)
	}
	return writeJSON(w, out)
}

func limit(r *http.Request, missing, most int64) (int, error) {
	n, err := number(r.URL.Query().Get("limit"), missing)
	if err != nil || n < 1 || n > most {
		return 0, fault.New(fault.Invalid, "limit must be a number from 1 to %d", most)
	}
	return int(n), nil
}

func changeRunOf(r track.ChangeRun, keys []string) ChangeRun {
	out := ChangeRun{
		RunID: r.ID, Name: r.Name, ExperimentID: strconv.FormatInt(r.ExperimentID, 10), Experiment: r.ExperimentName,
		Status: r.Status, Start: r.Start, End: r.End, User: r.User, Metrics: []ChangeMetric{},
	}
	for _, t := range r.Tags {
		switch t.Key {
		case "mlflow.source.git.commit":
			out.Commit = t.Value
		case "mlflow.source.git.branch":
			out.Branch = t.Value
		}
	}
	for _, m := range r.Metrics { // sorted by key; of several contexts the first stands for all
		if n := len(out.Metrics); n == maxChangeMetrics {
			out.MoreMetrics = true
			break
		} else if n > 0 && out.Metrics[n-1].Key == m.Key {
			continue
		}
		if len(keys) > 0 && slices.Contains(keys, m.Key) || len(keys) == 0 && !strings.HasPrefix(m.Key, "system/") {
			out.Metrics = append(out.Metrics, ChangeMetric{m.Key, json.RawMessage(track.NumberJSON(m.Value)), m.Step, m.Time})
		}
	}
	return out
}
