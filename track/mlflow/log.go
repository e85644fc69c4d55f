package mlflow

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

const modelHistoryTag = "mlflow.log-model.history"

func (h *Handler) logRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "runs/log-metric", call: h.logMetric},
		{Method: "POST", Path: "runs/log-parameter", call: h.logParam},
		{Method: "POST", Path: "runs/set-tag", call: h.setTag},
		{Method: "POST", Path: "runs/log-batch", call: h.logBatch},
		{Method: "POST", Path: "runs/log-model", call: h.logModel},
		{Method: "POST", Path: "runs/log-inputs", call: h.logInputs},
		{Method: "POST", Path: "runs/outputs", call: h.logOutputs},
	}
}

func (h *Handler) logMetric(ctx context.Context, a *args, _ *encoder) error {
	id := a.runID()
	w := wireMetric{
		Key: a.need("key"), ModelID: a.str("model_id"),
		DatasetName: a.str("dataset_name"), DatasetDigest: a.str("dataset_digest"),
	}
	for name, into := range map[string]*scalar{"value": &w.Value, "timestamp": &w.Time, "step": &w.Step} {
		into.raw, _ = a.raw(name)
	}
	if a.err != nil {
		return a.err
	}
	m, err := w.metric("")
	if err != nil {
		return err
	}
	if err := track.CheckMetric("", m); err != nil {
		return err
	}
	return h.s.Log.LogBatch(ctx, id, track.Batch{Metrics: []track.Metric{m}})
}

func (h *Handler) logParam(ctx context.Context, a *args, _ *encoder) error {
	id, p := a.runID(), track.Param{Key: a.need("key"), Value: a.str("value")}
	if a.err != nil {
		return a.err
	}
	if err := track.CheckParam("", &p); err != nil {
		return err
	}
	return h.s.Log.LogBatch(ctx, id, track.Batch{Params: []track.Param{p}})
}

func (h *Handler) setTag(ctx context.Context, a *args, _ *encoder) error {
	id, t := a.runID(), track.Tag{Key: a.need("key"), Value: a.str("value")}
	if a.err != nil {
		return a.err
	}
	if err := track.CheckTag("", &t); err != nil {
		return err
	}
	return h.s.Log.LogBatch(ctx, id, track.Batch{Tags: []track.Tag{t}})
}

// scalar is a JSON value that is read later, when its place is known.
type scalar struct{ raw json.RawMessage }

// UnmarshalJSON keeps the text.
func (s *scalar) UnmarshalJSON(b []byte) error {
	s.raw = append(s.raw[:0], b...)
	return nil
}

func (s scalar) unset() bool {
	return len(s.raw) == 0 || string(s.raw) == "null" || string(s.raw) == `""`
}

// wireMetric is one metric of a batch; batches are large, so it is a struct.
type wireMetric struct {
	Key           string `json:"key"`
	Value         scalar `json:"value"`
	Time          scalar `json:"timestamp"`
	Step          scalar `json:"step"`
	ModelID       string `json:"model_id"`
	DatasetName   string `json:"dataset_name"`
	DatasetDigest string `json:"dataset_digest"`
}

// metric reads the numbers. Prefix is the place of the metric in messages.
func (w wireMetric) metric(prefix string) (track.Metric, error) {
	m := track.Metric{Key: w.Key, ModelID: w.ModelID, DatasetName: w.DatasetName, DatasetDigest: w.DatasetDigest}
	switch {
	case w.Key == "":
		return m, missing(prefix + "key")
	case w.Value.unset():
		return m, missing(prefix + "value")
	case w.Time.unset():
		return m, missing(prefix + "timestamp")
	}
	v, ok := parseFloat(w.Value.raw)
	if !ok {
		return m, wrongType(prefix+"value", w.Value.raw)
	}
	m.Value = track.StorableValue(v)
	if m.Time, ok = parseInt(w.Time.raw); !ok {
		return m, wrongType(prefix+"timestamp", w.Time.raw)
	}
	if len(w.Step.raw) > 0 && string(w.Step.raw) != "null" {
		if m.Step, ok = parseInt(w.Step.raw); !ok {
			return m, wrongType(prefix+"step", w.Step.raw)
		}
	}
	return m, nil
}

// metrics reads the metrics of a batch.
func (a *args) metrics(name string) []track.Metric {
	raw, ok := a.raw(name)
	if !ok {
		return nil
	}
	var all []wireMetric
	if json.Unmarshal(raw, &all) != nil {
		a.fail(wrongType(name, raw))
		return nil
	}
	out := make([]track.Metric, 0, len(all))
	for i, w := range all {
		m, err := w.metric("")
		if err != nil { // the place is spelled only for those who need it
			_, err = w.metric(index(name, i) + ".")
			a.fail(err)
			return nil
		}
		out = append(out, m)
	}
	return out
}

func (h *Handler) logBatch(ctx context.Context, a *args, _ *encoder) error {
	id := a.runID()
	b := track.Batch{Metrics: a.metrics("metrics"), Tags: a.tags("tags")}
	for _, p := range a.tags("params") {
		b.Params = append(b.Params, track.Param(p))
	}
	if a.err != nil {
		return a.err
	}
	if err := track.CheckBatch(&b); err != nil {
		return err
	}
	return h.s.Log.LogBatch(ctx, id, b)
}

// logModel is what clients before MLflow 3 call: it adds to a tag.
func (h *Handler) logModel(ctx context.Context, a *args, _ *encoder) error {
	id, text := a.runID(), a.need("model_json")
	if a.err != nil {
		return a.err
	}
	var model map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &model); err != nil {
		return fault.New(fault.Invalid, "Malformed model info. \n %.500s \n is not a valid JSON.", text)
	}
	var lacks []string
	for _, key := range []string{"artifact_path", "flavors", "utc_time_created", "run_id"} {
		if _, ok := model[key]; !ok {
			lacks = append(lacks, key)
		}
	}
	if len(lacks) > 0 {
		return fault.New(fault.Invalid, "Model json is missing mandatory fields: %s", strings.Join(lacks, ", "))
	}
	r, err := h.s.Runs.Run(ctx, id)
	if err != nil {
		return err
	}
	value, err := appendJSON(tagValue(r.Tags, modelHistoryTag), json.RawMessage(text))
	if err != nil {
		return err
	}
	if len(value) > track.MaxTagValue {
		return fault.New(fault.TooLarge, "the history of the run's models is longer than %d characters", track.MaxTagValue)
	}
	return h.s.Log.LogBatch(ctx, id, track.Batch{Tags: []track.Tag{{Key: modelHistoryTag, Value: value}}})
}

func tagValue(tags []track.Tag, key string) string {
	for _, t := range tags {
		if t.Key == key {
			return t.Value
		}
	}
	return ""
}

// appendJSON adds to a list that is kept as text; what is no list begins anew.
func appendJSON(list string, item any) (string, error) {
	var all []any
	if json.Unmarshal([]byte(list), &all) != nil {
		all = nil
	}
	b, err := json.Marshal(append(all, item))
	return string(b), err
}

func (h *Handler) logInputs(ctx context.Context, a *args, _ *encoder) error {
	id := a.runID()
	var in track.Inputs
	for i, o := range a.objects("datasets") {
		d := track.DatasetInput{Tags: o.tags("tags")}
		if raw, ok := o.raw("dataset"); ok {
			s := &args{}
			if json.Unmarshal(raw, &s.members) != nil {
				o.fail(wrongType("dataset", raw))
			}
			d.Dataset = track.Dataset{
				Name: s.need("name"), Digest: s.need("digest"), SourceType: s.need("source_type"), Source: s.need("source"),
				Schema: s.str("schema"), Profile: s.str("profile"),
			}
			o.within(s, "dataset")
		} else {
			o.fail(missing("dataset"))
		}
		a.within(o, index("datasets", i))
		in.Datasets = append(in.Datasets, d)
	}
	for i, o := range a.objects("models") {
		in.ModelInputs = append(in.ModelInputs, o.need("model_id"))
		a.within(o, index("models", i))
	}
	return h.addInputs(ctx, a, id, in)
}

func (h *Handler) logOutputs(ctx context.Context, a *args, _ *encoder) error {
	id := a.runID()
	var in track.Inputs
	for i, o := range a.objects("models") {
		in.ModelOutputs = append(in.ModelOutputs, track.ModelOutput{ModelID: o.need("model_id"), Step: o.int("step", 0)})
		a.within(o, index("models", i))
	}
	return h.addInputs(ctx, a, id, in)
}

func (h *Handler) addInputs(ctx context.Context, a *args, id string, in track.Inputs) error {
	if a.err != nil {
		return a.err
	}
	if err := track.CheckInputs(in); err != nil {
		return err
	}
	return h.s.Log.LogInputs(ctx, id, in)
}
