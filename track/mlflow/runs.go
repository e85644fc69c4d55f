package mlflow

import (
	"context"
	"fmt"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

const runNameTag = "mlflow.runName"

func (h *Handler) runRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "runs/create", call: h.createRun},
		{Method: "GET", Path: "runs/get", call: h.getRun},
		{Method: "POST", Path: "runs/update", call: h.updateRun},
		{Method: "POST", Path: "runs/delete", call: h.runLifecycle(track.Deleted)},
		{Method: "POST", Path: "runs/restore", call: h.runLifecycle(track.Active)},
		{Method: "POST", Path: "runs/search", call: h.searchRuns},
		{Method: "POST", Path: "runs/delete-tag", call: h.deleteTag},
	}
}

func index(name string, i int) string { return fmt.Sprintf("%s[%d]", name, i) }

func putRunInfo(e *encoder, r track.RunInfo) {
	e.str("run_id", r.ID)
	e.str("run_uuid", r.ID)
	e.str("run_name", r.Name)
	e.decimal("experiment_id", r.ExperimentID)
	e.str("user_id", r.User)
	e.str("status", string(r.Status))
	e.int("start_time", r.Start)
	if r.End != 0 {
		e.int("end_time", r.End)
	}
	e.str("artifact_uri", r.ArtifactURI)
	e.str("lifecycle_stage", string(r.Lifecycle))
}

func putMetric(e *encoder, m track.Metric) {
	e.str("key", m.Key)
	e.float("value", m.Value)
	e.int("timestamp", m.Time)
	e.int("step", m.Step)
	e.given("dataset_name", m.DatasetName)
	e.given("dataset_digest", m.DatasetDigest)
	e.given("model_id", m.ModelID)
}

func putParam(e *encoder, p track.Param) {
	e.str("key", p.Key)
	e.str("value", p.Value)
}

func putRun(e *encoder, r track.Run) {
	putRunData(e, r)
	e.object("outputs")
	list(e, "model_outputs", r.ModelOutputs, func(e *encoder, m track.ModelOutput) {
		e.str("model_id", m.ModelID)
		e.int("step", m.Step)
	})
	e.close('}')
}

func putRunData(e *encoder, r track.Run) {
	e.object("info")
	putRunInfo(e, r.RunInfo)
	e.close('}')
	e.object("data")
	list(e, "metrics", oneContext(r.Metrics), putMetric)
	list(e, "params", r.Params, putParam)
	list(e, "tags", r.Tags, putTag)
	e.close('}')
	e.object("inputs")
	list(e, "dataset_inputs", r.Datasets, putDatasetInput)
	list(e, "model_inputs", r.ModelInputs, func(e *encoder, id string) { e.str("model_id", id) })
	e.close('}')
}

// oneContext keeps one series a key, since MLflow knows no contexts: the one
// without if there is one. Metrics are sorted by key, then context.
func oneContext(metrics []track.Metric) []track.Metric {
	for i := 1; i < len(metrics); i++ {
		if metrics[i].Key != metrics[i-1].Key {
			continue
		}
		out := append([]track.Metric(nil), metrics[:i]...)
		for _, m := range metrics[i:] {
			if m.Key != out[len(out)-1].Key {
				out = append(out, m)
			}
		}
		return out
	}
	return metrics
}

func putDatasetInput(e *encoder, d track.DatasetInput) {
	list(e, "tags", d.Tags, putTag)
	e.object("dataset")
	e.str("name", d.Name)
	e.str("digest", d.Digest)
	e.str("source_type", d.SourceType)
	e.str("source", d.Source)
	e.given("schema", d.Schema)
	e.given("profile", d.Profile)
	e.close('}')
}

func (h *Handler) createRun(ctx context.Context, a *args, out *encoder) error {
	n := track.NewRun{
		Name: a.str("run_name"), User: a.str("user_id"),
		Start: a.int("start_time", 0), Tags: a.tags("tags"),
	}
	if a.has("experiment_id") {
		n.ExperimentID = a.experimentID("experiment_id")
	}
	if a.err != nil {
		return a.err
	}
	for i := range n.Tags {
		t := &n.Tags[i]
		if err := track.CheckNewTag(index("tags", i)+".", t); err != nil {
			return err
		}
		if t.Key != runNameTag {
			continue
		}
		if n.Name != "" && t.Value != "" && n.Name != t.Value {
			return fault.New(fault.Invalid, "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with "+
				"different values (run_name='%s', mlflow.runName='%s').", n.Name, t.Value)
		}
		if n.Name == "" {
			n.Name = t.Value
		}
	}
	if n.Start < 0 {
		return fault.New(fault.Invalid, "Invalid value %d for parameter 'start_time' supplied: It must not be negative.", n.Start)
	}
	r, err := h.s.Runs.CreateRun(ctx, n)
	if err != nil {
		return err
	}
	out.object("run")
	putRunData(out, r) // a new run has no outputs, and MLflow says nothing of them
	out.close('}')
	return nil
}

func replyRun(out *encoder, r track.Run, err error) error {
	if err != nil {
		return err
	}
	out.object("run")
	putRun(out, r)
	out.close('}')
	return nil
}

func (h *Handler) getRun(ctx context.Context, a *args, out *encoder) error {
	id := a.runID()
	if a.err != nil {
		return a.err
	}
	r, err := h.s.Runs.Run(ctx, id)
	return replyRun(out, r, err)
}

func (h *Handler) updateRun(ctx context.Context, a *args, out *encoder) error {
	id := a.runID()
	var c track.RunChange
	if s := a.enum("status", 1, "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"); s != "" {
		status := track.RunStatus(s)
		c.Status = &status
	}
	if a.has("end_time") {
		t := a.int("end_time", 0)
		c.End = &t
	}
	if name := a.str("run_name"); name != "" {
		c.Name = &name
	}
	if a.err != nil {
		return a.err
	}
	info, err := h.s.Runs.ChangeRun(ctx, id, c)
	if err != nil {
		return err
	}
	out.object("run_info")
	putRunInfo(out, info)
	out.close('}')
	return nil
}

func (h *Handler) runLifecycle(to track.Lifecycle) call {
	return func(ctx context.Context, a *args, _ *encoder) error {
		id := a.runID()
		if a.err != nil {
			return a.err
		}
		_, err := h.s.Runs.ChangeRun(ctx, id, track.RunChange{Lifecycle: &to})
		return err
	}
}

func (h *Handler) searchRuns(ctx context.Context, a *args, out *encoder) error {
	filter, order := a.search(search.Runs)
	q := track.RunQuery{
		ExperimentIDs: a.experimentIDs("experiment_ids"), Filter: filter, Order: order,
		View: a.view("run_view_type"), Max: a.max("max_results", 1000, 50000), Token: a.str("page_token"),
	}
	if a.err != nil {
		return a.err
	}
	if len(q.ExperimentIDs) == 0 {
		return nil // MLflow answers none, not all
	}
	page, err := h.s.Runs.SearchRuns(ctx, q)
	if err != nil {
		return err
	}
	list(out, "runs", page.Items, putRun)
	out.given("next_page_token", page.Next)
	return nil
}

func (h *Handler) deleteTag(ctx context.Context, a *args, _ *encoder) error {
	id, key := a.runID(), a.need("key")
	if a.err != nil {
		return a.err
	}
	_, err := h.s.Runs.ChangeRun(ctx, id, track.RunChange{DeleteTags: []string{key}})
	return err
}
