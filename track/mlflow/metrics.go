package mlflow

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// Bounds of the calls that read histories of several runs.
const (
	bulkRuns     = 100
	bulkPoints   = 25_000
	sampledSteps = 2500
)

func (h *Handler) metricRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "metrics/get-history", call: h.history},
		{Method: "GET", Path: "metrics/get-history-bulk", call: h.historyBulk},
		{Method: "GET", Path: "metrics/get-history-bulk-interval", call: h.historySampled},
	}
}

func (h *Handler) history(ctx context.Context, a *args, out *encoder) error {
	q := track.HistoryQuery{RunID: a.runID(), Key: a.need("metric_key"), Token: a.str("page_token")}
	if a.has("max_results") {
		q.Max = a.max("max_results", 0, 1_000_000)
	}
	if a.err != nil {
		return a.err
	}
	page, err := h.s.Log.History(ctx, q)
	if err != nil {
		return err
	}
	list(out, "metrics", page.Items, putMetric)
	out.given("next_page_token", page.Next)
	return nil
}

// ofRun is a point with its run.
type ofRun struct {
	track.Metric
	run string
}

func putMetricOfRun(e *encoder, m ofRun) {
	e.str("key", m.Key)
	e.float("value", m.Value)
	e.int("timestamp", m.Time)
	e.int("step", m.Step)
	e.str("run_id", m.run)
}

// runIDs reads the runs of a bulk call, sorted.
func (a *args) runIDs(name string) []string {
	ids := slices.Clone(a.strs(name))
	if len(ids) == 0 {
		a.fail(missing(name))
	}
	if len(ids) > bulkRuns {
		a.fail(fault.New(fault.Invalid, "GetMetricHistoryBulk request cannot specify more than %d %s. Received %d.",
			bulkRuns, name, len(ids)))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (h *Handler) historyBulk(ctx context.Context, a *args, out *encoder) error {
	ids, key := a.runIDs("run_id"), a.need("metric_key")
	left := a.max("max_results", bulkPoints, math.MaxInt32)
	if a.err != nil {
		return a.err
	}
	left = min(left, bulkPoints)
	var all []ofRun
	for _, id := range ids {
		if left <= 0 {
			break
		}
		page, err := h.s.Log.History(ctx, track.HistoryQuery{RunID: id, Key: key, Max: left})
		if fault.Is(err, fault.NotFound) {
			continue // as MLflow, which asks for points alone
		}
		if err != nil {
			return err
		}
		for _, m := range page.Items {
			all = append(all, ofRun{m, id})
		}
		left -= len(page.Items)
	}
	list(out, "metrics", all, putMetricOfRun)
	return nil
}

// historySampled thins the histories of runs to the same steps, and keeps the
// first and the last step of each.
func (h *Handler) historySampled(ctx context.Context, a *args, out *encoder) error {
	ids, key := a.runIDs("run_ids"), a.need("metric_key")
	limit := a.max("max_results", sampledSteps, sampledSteps)
	from, to := a.int("start_step", math.MinInt64), a.int("end_step", math.MaxInt64)
	if a.has("start_step") != a.has("end_step") {
		a.fail(fault.New(fault.Invalid, "If either start step or end step are specified, both must be specified."))
	}
	if from > to {
		a.fail(fault.New(fault.Invalid, "end_step must be greater than start_step. Found start_step=%d and end_step=%d.", from, to))
	}
	if a.err != nil {
		return a.err
	}
	points := make([][]track.Metric, len(ids))
	for i, id := range ids {
		page, err := h.s.Log.History(ctx, track.HistoryQuery{RunID: id, Key: key})
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		points[i] = slices.DeleteFunc(slices.Clone(page.Items), func(m track.Metric) bool { return m.Step < from || m.Step > to })
		slices.SortStableFunc(points[i], func(a, b track.Metric) int { return cmp.Compare(a.Step, b.Step) })
	}
	keep := sampleSteps(points, limit)
	var all []ofRun
	for i, ms := range points {
		for _, m := range ms {
			if keep[m.Step] {
				all = append(all, ofRun{m, ids[i]})
			}
		}
	}
	list(out, "metrics", all, putMetricOfRun)
	return nil
}

// sampleSteps picks about limit of the steps at even distances, and the ends
// of each history. Histories are sorted by step.
func sampleSteps(histories [][]track.Metric, limit int) map[int64]bool {
	keep := map[int64]bool{}
	var steps []int64
	for _, ms := range histories {
		for _, m := range ms {
			steps = append(steps, m.Step)
		}
		if len(ms) > 0 {
			keep[ms[0].Step], keep[ms[len(ms)-1].Step] = true, true
		}
	}
	slices.Sort(steps)
	steps = slices.Compact(steps)
	stride := max(1, (len(steps)+limit-1)/limit)
	for i := 0; i < len(steps); i += stride {
		keep[steps[i]] = true
	}
	return keep
}
