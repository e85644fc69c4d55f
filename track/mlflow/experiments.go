package mlflow

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

func (h *Handler) experimentRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "experiments/create", call: h.createExperiment},
		{Method: "GET", Path: "experiments/get", call: h.getExperiment},
		{Method: "GET", Path: "experiments/get-by-name", call: h.getExperimentByName},
		{Method: "GET", Path: "experiments/search", call: h.searchExperiments},
		{Method: "POST", Path: "experiments/search", call: h.searchExperiments},
		{Method: "POST", Path: "experiments/delete", call: h.experimentLifecycle(track.Deleted)},
		{Method: "POST", Path: "experiments/restore", call: h.experimentLifecycle(track.Active)},
		{Method: "POST", Path: "experiments/update", call: h.renameExperiment},
		{Method: "POST", Path: "experiments/set-experiment-tag", call: h.setExperimentTag},
		{Method: "POST", Path: "experiments/delete-experiment-tag", call: h.deleteExperimentTag},
		{Method: "POST", Path: "experiments/search-datasets", call: h.searchDatasets},
	}
}

func putExperiment(e *encoder, x track.Experiment) {
	e.decimal("experiment_id", x.ID)
	e.str("name", x.Name)
	e.str("artifact_location", x.ArtifactLocation)
	e.str("lifecycle_stage", string(x.Lifecycle))
	e.int("last_update_time", x.Updated)
	e.int("creation_time", x.Created)
	list(e, "tags", x.Tags, putTag)
}

func putTag(e *encoder, t track.Tag) {
	e.str("key", t.Key)
	e.str("value", t.Value)
}

// tags reads a list of tags or of params, which look alike.
func (a *args) tags(name string) []track.Tag {
	var out []track.Tag
	for i, o := range a.objects(name) {
		t := track.Tag{Key: o.need("key"), Value: o.str("value")}
		a.within(o, index(name, i))
		out = append(out, t)
	}
	return out
}

func (h *Handler) createExperiment(ctx context.Context, a *args, out *encoder) error {
	e := track.Experiment{
		Name:             a.need("name"),
		ArtifactLocation: a.str("artifact_location"),
		Tags:             a.tags("tags"),
	}
	if a.err != nil {
		return a.err
	}
	if err := track.CheckExperimentName(e.Name); err != nil {
		return err
	}
	if err := track.CheckArtifactLocation(e.ArtifactLocation); err != nil {
		return err
	}
	if _, _, err := track.ArtifactPath(e.ArtifactLocation); err != nil {
		return err
	}
	if p, ok := relativeLocation(e.ArtifactLocation); ok {
		abs, err := filepath.Abs(p)
		if err != nil {
			return fault.New(fault.Invalid, "Invalid artifact location: '%.300s'", e.ArtifactLocation).WithHint("give an absolute address")
		}
		e.ArtifactLocation = abs
	}
	for _, t := range e.Tags {
		if err := track.CheckExperimentTag(t); err != nil {
			return err
		}
	}
	e, err := h.s.Experiments.CreateExperiment(ctx, e)
	if err != nil {
		return err
	}
	out.decimal("experiment_id", e.ID)
	return nil
}

// relativeLocation says whether a location is a path without scheme that is
// not absolute. MLflow makes it absolute where the server runs: clients of the
// same machine then mean the same folder wherever they were started.
func relativeLocation(s string) (string, bool) {
	return s, s != "" && !strings.Contains(s, ":") && !filepath.IsAbs(s) && !strings.HasPrefix(s, "/")
}

func (h *Handler) getExperiment(ctx context.Context, a *args, out *encoder) error {
	id := a.experimentID("experiment_id")
	if a.err != nil {
		return a.err
	}
	e, err := h.s.Experiments.Experiment(ctx, id)
	return replyExperiment(out, e, err)
}

func (h *Handler) getExperimentByName(ctx context.Context, a *args, out *encoder) error {
	name := a.need("experiment_name")
	if a.err != nil {
		return a.err
	}
	e, err := h.s.Experiments.ExperimentByName(ctx, name)
	return replyExperiment(out, e, err)
}

func replyExperiment(out *encoder, e track.Experiment, err error) error {
	if err != nil {
		return err
	}
	out.object("experiment")
	putExperiment(out, e)
	out.close('}')
	return nil
}

func (h *Handler) searchExperiments(ctx context.Context, a *args, out *encoder) error {
	filter, order := a.search(search.Experiments)
	q := track.ExperimentQuery{
		Filter: filter, Order: order,
		View: a.view("view_type"), Max: a.max("max_results", 1000, 50000), Token: a.str("page_token"),
	}
	if a.err != nil {
		return a.err
	}
	page, err := h.s.Experiments.SearchExperiments(ctx, q)
	if err != nil {
		return err
	}
	list(out, "experiments", page.Items, putExperiment)
	out.given("next_page_token", page.Next)
	return nil
}

// search reads filter and order_by.
func (a *args) search(kind search.Kind) (search.Expr, []search.Order) {
	filter, err := search.Parse(kind, a.str("filter"))
	if err != nil {
		a.fail(err)
	}
	order, err := search.ParseOrder(kind, a.strs("order_by"))
	if err != nil {
		a.fail(err)
	}
	return filter, order
}

func (h *Handler) experimentLifecycle(to track.Lifecycle) call {
	return func(ctx context.Context, a *args, _ *encoder) error {
		id := a.experimentID("experiment_id")
		if a.err != nil {
			return a.err
		}
		return h.s.Experiments.ChangeExperiment(ctx, id, track.ExperimentChange{Lifecycle: &to})
	}
}

func (h *Handler) renameExperiment(ctx context.Context, a *args, _ *encoder) error {
	id, name := a.experimentID("experiment_id"), a.need("new_name")
	if a.err != nil {
		return a.err
	}
	if err := track.CheckExperimentName(name); err != nil {
		return err
	}
	return h.s.Experiments.ChangeExperiment(ctx, id, track.ExperimentChange{Name: &name})
}

func (h *Handler) setExperimentTag(ctx context.Context, a *args, _ *encoder) error {
	id, t := a.experimentID("experiment_id"), track.Tag{Key: a.need("key"), Value: a.str("value")}
	if a.err != nil {
		return a.err
	}
	if err := track.CheckExperimentTag(t); err != nil {
		return err
	}
	return h.s.Experiments.ChangeExperiment(ctx, id, track.ExperimentChange{SetTags: []track.Tag{t}})
}

func (h *Handler) deleteExperimentTag(ctx context.Context, a *args, _ *encoder) error {
	id, key := a.experimentID("experiment_id"), a.need("key")
	if a.err != nil {
		return a.err
	}
	return h.s.Experiments.ChangeExperiment(ctx, id, track.ExperimentChange{DeleteTags: []string{key}})
}

// The most that searchDatasets looks at and answers.
const (
	datasetExperiments = 20
	datasetRuns        = 10_000
	datasetSummaries   = 1000
)

type datasetSummary struct {
	experiment            int64
	name, digest, context string
}

// searchDatasets lists the different datasets of the newest runs.
func (h *Handler) searchDatasets(ctx context.Context, a *args, out *encoder) error {
	if ids := a.strs("experiment_ids"); a.err == nil && len(ids) == 0 {
		return fault.New(fault.Invalid, "SearchDatasets request must specify at least one experiment_id.")
	} else if len(ids) > datasetExperiments {
		return fault.New(fault.Invalid, "SearchDatasets request cannot specify more than %d experiment_ids. Received %d experiment_ids.",
			datasetExperiments, len(ids))
	}
	q := track.RunQuery{ExperimentIDs: a.experimentIDs("experiment_ids"), Max: 1000}
	if a.err != nil {
		return a.err
	}
	seen := map[datasetSummary]bool{}
	var all []datasetSummary
	for looked := 0; looked < datasetRuns && len(all) < datasetSummaries; {
		page, err := h.s.Runs.SearchRuns(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range page.Items {
			for _, d := range r.Datasets {
				s := datasetSummary{r.ExperimentID, d.Name, d.Digest, contextOf(d)}
				if !seen[s] {
					seen[s] = true
					all = append(all, s)
				}
			}
		}
		looked += len(page.Items)
		if q.Token = page.Next; q.Token == "" {
			break
		}
	}
	list(out, "dataset_summaries", all[:min(len(all), datasetSummaries)], func(e *encoder, s datasetSummary) {
		e.decimal("experiment_id", s.experiment)
		e.str("name", s.name)
		e.str("digest", s.digest)
		e.given("context", s.context)
	})
	return nil
}

func contextOf(d track.DatasetInput) string {
	for _, t := range d.Tags {
		if t.Key == "mlflow.data.context" {
			return t.Value
		}
	}
	return ""
}
