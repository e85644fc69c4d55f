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
	if err != nil && !fault.Is(err, fault.NotFound) { // of a run that is not there MLflow has no points
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

func (h *Handler) historyBulk(ctx context.Context, a *args, out *encoder) error {
	ids, key := a.strs("run_id"), a.opt("metric_key")
	switch {
	case len(ids) == 0:
		a.fail(fault.New(fault.Invalid, "GetMetricHistoryBulk request must specify at least one run_id."))
	case len(ids) > bulkRuns:
		a.fail(fault.New(fault.Invalid, "GetMetricHistoryBulk request cannot specify more than %d run_ids. Received %d run_ids.",
			bulkRuns, len(ids)))
	case key == nil:
		a.fail(fault.New(fault.Invalid, "GetMetricHistoryBulk request must specify a metric_key."))
	}
	left := int(max(min(a.int("max_results", bulkPoints), bulkPoints), 0))
	if a.err != nil {
		return a.err
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	all := []ofRun{}
	for _, id := range slices.Compact(ids) {
		if left <= 0 {
			break
		}
		page, err := h.s.Log.History(ctx, track.HistoryQuery{RunID: id, Key: *key, Max: left})
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
	if len(all) == 0 { // this one reply has its list also when it is empty
		out.key("metrics")
		out.open('[')
		out.close(']')
	}
	list(out, "metrics", all, putMetricOfRun)
	return nil
}

// interval is what historySampled asks for.
type interval struct {
	ids      []string
	key      string
	limit    int
	from, to int64 // steps, both included
}

func (a *args) interval() interval {
	q := interval{ids: a.strs("run_ids"), from: a.int("start_step", math.MinInt64), to: a.int("end_step", math.MaxInt64)}
	if len(q.ids) == 0 {
		a.fail(missing("run_ids"))
	}
	if len(q.ids) > bulkRuns {
		a.fail(fault.New(fault.Invalid, "GetMetricHistoryBulkInterval request must specify at most %d run_ids. Received %d run_ids.%s",
			bulkRuns, len(q.ids), seeDocs))
	}
	q.key = a.need("metric_key")
	n := a.int("max_results", sampledSteps)
	if a.err == nil && (n < 1 || n > sampledSteps) {
		a.fail(fault.New(fault.Invalid, "max_results must be between 1 and %d.%s", sampledSteps, seeDocs))
	}
	q.limit = int(n)
	if a.has("start_step") != a.has("end_step") {
		a.fail(fault.New(fault.Invalid, "If either start step or end step are specified, both must be specified."))
	}
	if q.from > q.to {
		a.fail(fault.New(fault.Invalid, "end_step must be greater than start_step. Found start_step=%d and end_step=%d.", q.from, q.to))
	}
	return q
}

// historySampled thins the histories of runs, each by itself.
func (h *Handler) historySampled(ctx context.Context, a *args, out *encoder) error {
	q := a.interval()
	if a.err != nil {
		return a.err
	}
	var all []ofRun
	for _, id := range q.ids {
		page, err := h.s.Log.History(ctx, track.HistoryQuery{RunID: id, Key: q.key})
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		points := slices.DeleteFunc(slices.Clone(page.Items), func(m track.Metric) bool { return m.Step < q.from || m.Step > q.to })
		slices.SortStableFunc(points, func(a, b track.Metric) int { return cmp.Compare(a.Step, b.Step) })
		for _, i := range sample(len(points), q.limit) {
			all = append(all, ofRun{points[i], id})
		}
	}
	list(out, "metrics", all, putMetricOfRun)
	return nil
}

// sample picks at most limit of n points, as MLflow does since 3.17: the first
// of each of limit buckets of even size (the larger ones first, SQL's ntile),
// and the last point, if need be in place of the last pick.
func sample(n, limit int) []int {
	var out []int
	for at, b := 0, min(n, limit); b > 0; b-- {
		out = append(out, at)
		at += (n - at + b - 1) / b
	}
	switch {
	case n == 0 || out[len(out)-1] == n-1:
	case len(out) >= limit:
		out[len(out)-1] = n - 1
	default:
		out = append(out, n-1)
	}
	return out
}
