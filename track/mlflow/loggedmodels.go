package mlflow

import (
	"context"
	"math"
	"net/http"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

func (h *Handler) loggedModelRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "logged-models", call: h.createLoggedModel},
		{Method: "POST", Path: "logged-models/search", call: h.searchLoggedModels},
		{Method: "GET", Path: "logged-models/{model_id}", call: h.getLoggedModel},
		{Method: "PATCH", Path: "logged-models/{model_id}", call: h.finalizeLoggedModel},
		{Method: "DELETE", Path: "logged-models/{model_id}", call: h.deleteLoggedModel},
		{Method: "POST", Path: "logged-models/{model_id}/params", call: h.addModelParams},
		{Method: "PATCH", Path: "logged-models/{model_id}/tags", call: h.setModelTags},
		{Method: "DELETE", Path: "logged-models/{model_id}/tags/{tag_key...}", call: h.deleteModelTag},
		{Method: "GET", Path: "logged-models/{model_id}/artifacts/directories", call: h.listModelArtifacts},
		{Method: "GET", Path: "logged-models/{model_id}/artifacts/files", raw: h.getModelArtifact},
	}
}

func putLoggedModel(e *encoder, m track.LoggedModel) {
	e.object("info")
	e.str("model_id", m.ID)
	e.decimal("experiment_id", m.ExperimentID)
	e.str("name", m.Name)
	e.int("creation_timestamp_ms", m.Created)
	e.int("last_updated_timestamp_ms", m.Updated)
	e.str("artifact_uri", m.ArtifactURI)
	e.str("status", m.Status)
	e.str("model_type", m.Type)
	e.str("source_run_id", m.SourceRunID)
	e.given("status_message", m.StatusMessage)
	list(e, "tags", m.Tags, putTag)
	e.close('}')
	e.object("data")
	list(e, "params", m.Params, putParam)
	if len(m.Metrics) > 0 {
		e.key("metrics")
		e.open('[')
		for i, x := range m.Metrics {
			e.open('{')
			putMetric(e, x)
			if i < len(m.MetricRuns) {
				e.given("run_id", m.MetricRuns[i])
			}
			e.close('}')
		}
		e.close(']')
	}
	e.close('}')
}

func replyLoggedModel(out *encoder, m track.LoggedModel, err error) error {
	if err != nil {
		return err
	}
	out.object("model")
	putLoggedModel(out, m)
	out.close('}')
	return nil
}

func (a *args) params(name string) []track.Param {
	var out []track.Param
	for _, t := range a.tags(name) {
		out = append(out, track.Param(t))
	}
	return out
}

func checkAll(params []track.Param, tags []track.Tag) error {
	for i := range params {
		if err := track.CheckNewParam(index("params", i)+".", &params[i]); err != nil {
			return err
		}
	}
	for i := range tags {
		if err := track.CheckNewTag(index("tags", i)+".", &tags[i]); err != nil {
			return err
		}
	}
	return nil
}

func (h *Handler) createLoggedModel(ctx context.Context, a *args, out *encoder) error {
	m := track.LoggedModel{
		ExperimentID: a.experimentID("experiment_id"), Name: a.str("name"), Type: a.str("model_type"),
		SourceRunID: a.str("source_run_id"), Params: a.params("params"), Tags: a.tags("tags"),
		Status: "LOGGED_MODEL_PENDING",
	}
	if a.err != nil {
		return a.err
	}
	if err := track.CheckLoggedModelName(m.Name); err != nil {
		return err
	}
	if err := checkAll(m.Params, m.Tags); err != nil {
		return err
	}
	m, err := h.s.LoggedModels.CreateLoggedModel(ctx, m)
	return replyLoggedModel(out, m, err)
}

func (h *Handler) loggedModel(ctx context.Context, id string, deletedToo bool) (track.LoggedModel, error) {
	m, err := h.s.LoggedModels.LoggedModel(ctx, id)
	if err == nil && m.Lifecycle == track.Deleted && !deletedToo {
		return m, fault.New(fault.NotFound, "Logged model with ID '%s' not found.", id)
	}
	return m, err
}

func (h *Handler) getLoggedModel(ctx context.Context, a *args, out *encoder) error {
	id, deletedToo := a.need("model_id"), a.bool("allow_deleted")
	if a.err != nil {
		return a.err
	}
	m, err := h.loggedModel(ctx, id, deletedToo)
	return replyLoggedModel(out, m, err)
}

func (h *Handler) finalizeLoggedModel(ctx context.Context, a *args, out *encoder) error {
	id := a.need("model_id")
	status := a.enum("status", 0, "LOGGED_MODEL_STATUS_UNSPECIFIED", "LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY",
		"LOGGED_MODEL_UPLOAD_FAILED")
	if status == "" || status == "LOGGED_MODEL_STATUS_UNSPECIFIED" {
		a.fail(missing("status"))
	}
	if a.err != nil {
		return a.err
	}
	m, err := h.s.LoggedModels.ChangeLoggedModel(ctx, id, track.LoggedModelChange{Status: &status})
	return replyLoggedModel(out, m, err)
}

func (h *Handler) deleteLoggedModel(ctx context.Context, a *args, _ *encoder) error {
	id, deleted := a.need("model_id"), track.Deleted
	if a.err != nil {
		return a.err
	}
	_, err := h.s.LoggedModels.ChangeLoggedModel(ctx, id, track.LoggedModelChange{Lifecycle: &deleted})
	return err
}

func (h *Handler) addModelParams(ctx context.Context, a *args, _ *encoder) error {
	id, params := a.need("model_id"), a.params("params")
	if a.err != nil {
		return a.err
	}
	if err := checkAll(params, nil); err != nil {
		return err
	}
	_, err := h.s.LoggedModels.ChangeLoggedModel(ctx, id, track.LoggedModelChange{AddParams: params})
	return err
}

func (h *Handler) setModelTags(ctx context.Context, a *args, _ *encoder) error {
	id, tags := a.need("model_id"), a.tags("tags")
	if a.err != nil {
		return a.err
	}
	if err := checkAll(nil, tags); err != nil {
		return err
	}
	_, err := h.s.LoggedModels.ChangeLoggedModel(ctx, id, track.LoggedModelChange{SetTags: tags})
	return err
}

func (h *Handler) deleteModelTag(ctx context.Context, a *args, _ *encoder) error {
	id, key := a.need("model_id"), a.need("tag_key")
	if a.err != nil {
		return a.err
	}
	_, err := h.s.LoggedModels.ChangeLoggedModel(ctx, id, track.LoggedModelChange{DeleteTags: []string{key}})
	return err
}

func (h *Handler) searchLoggedModels(ctx context.Context, a *args, out *encoder) error {
	q := track.LoggedModelQuery{
		ExperimentIDs: a.experimentIDs("experiment_ids"), Datasets: a.datasetFilters("datasets"), Order: a.loggedModelOrder(),
		Max: min(a.max("max_results", 100, math.MaxInt32), maxLoggedModels), Token: a.str("page_token"),
	}
	var err error
	if q.Filter, err = search.Parse(search.LoggedModels, a.str("filter")); err != nil {
		a.fail(err)
	}
	if !a.has("experiment_ids") {
		a.fail(missing("experiment_ids"))
	}
	if a.err != nil || len(q.ExperimentIDs) == 0 {
		return a.err
	}
	page, err := h.s.LoggedModels.SearchLoggedModels(ctx, q)
	if err != nil {
		return err
	}
	list(out, "models", page.Items, putLoggedModel)
	out.given("next_page_token", page.Next)
	return nil
}

// maxLoggedModels is the most that one page holds, whatever is asked for.
const maxLoggedModels = 10_000

// datasetFilters reads the datasets that metrics must have been measured on.
func (a *args) datasetFilters(name string) []track.DatasetFilter {
	var out []track.DatasetFilter
	for i, o := range a.objects(name) {
		d := track.DatasetFilter{Name: o.str("dataset_name"), Digest: o.str("dataset_digest")}
		if d.Name == "" {
			o.fail(fault.New(fault.Invalid, "`dataset_name` in the `datasets` clause must be specified."))
		}
		a.within(o, index(name, i))
		out = append(out, d)
	}
	return out
}

// loggedModelOrder reads the one order_by that is a list of objects.
func (a *args) loggedModelOrder() []track.LoggedModelOrder {
	var out []track.LoggedModelOrder
	for i, o := range a.objects("order_by") {
		order, err := search.ParseOrder(search.LoggedModels, []string{o.need("field_name")})
		if o.err == nil {
			o.fail(err)
		}
		one := track.LoggedModelOrder{Dataset: track.DatasetFilter{Name: o.str("dataset_name"), Digest: o.str("dataset_digest")}}
		descending := o.has("ascending") && !o.bool("ascending")
		a.within(o, index("order_by", i))
		if len(order) == 1 {
			one.Order = order[0]
			one.Desc = descending
			out = append(out, one)
		}
	}
	return out
}

func (h *Handler) listModelArtifacts(ctx context.Context, a *args, out *encoder) error {
	id, dir := a.need("model_id"), a.str("artifact_directory_path")
	if a.err != nil {
		return a.err
	}
	m, err := h.loggedModel(ctx, id, false)
	if err != nil {
		return err
	}
	return h.replyListing(ctx, out, m.ArtifactURI, dir)
}

func (h *Handler) getModelArtifact(w http.ResponseWriter, r *http.Request) error {
	m, err := h.loggedModel(r.Context(), r.PathValue("model_id"), false)
	if err != nil {
		return err
	}
	p := r.URL.Query().Get("artifact_file_path")
	if p == "" {
		return fault.New(fault.Invalid, `Request must include the "artifact_file_path" query parameter.`)
	}
	return h.sendArtifact(w, r, m.ArtifactURI, p)
}
