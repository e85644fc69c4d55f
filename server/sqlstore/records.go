package sqlstore

import (
	"cmp"
	"slices"
	"strings"

	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

// Records let track/search look at what is stored. Lists of params, tags and
// metrics are sorted by key.

func findTag(tags []track.Tag, key string) (string, bool) {
	i, ok := slices.BinarySearchFunc(tags, key, func(t track.Tag, k string) int { return cmp.Compare(t.Key, k) })
	if !ok {
		return "", false
	}
	return tags[i].Value, true
}

func findParam(ps []track.Param, key string) (string, bool) {
	i, ok := slices.BinarySearchFunc(ps, key, func(p track.Param, k string) int { return cmp.Compare(p.Key, k) })
	if !ok {
		return "", false
	}
	return ps[i].Value, true
}

// findMetric finds the value of a key; of several contexts the first, which
// is the empty one if it is there.
func findMetric(ms []track.Metric, key string) (float64, bool) {
	i, ok := slices.BinarySearchFunc(ms, key, func(m track.Metric, k string) int { return cmp.Compare(m.Key, k) })
	if !ok {
		return 0, false
	}
	for i > 0 && ms[i-1].Key == key {
		i--
	}
	return ms[i].Value, true
}

func text(s string) (string, bool) { return s, s != "" }

// given is a time that 0 means missing for.
func given(ms int64) (float64, bool) { return float64(ms), ms != 0 }

type runRecord struct{ r *track.Run }

func (x runRecord) Text(f search.Field) (string, bool) {
	switch f.Entity {
	case search.Param:
		return findParam(x.r.Params, f.Key)
	case search.Tag:
		return findTag(x.r.Tags, f.Key)
	case search.Attribute:
		return x.attribute(f.Key)
	case search.DatasetOf:
		if all := x.Texts(f); len(all) > 0 {
			return all[0], true
		}
	}
	return "", false
}

func (x runRecord) attribute(key string) (string, bool) {
	switch key {
	case "run_id":
		return x.r.ID, true
	case "run_name":
		return text(x.r.Name)
	case "status":
		return string(x.r.Status), true
	case "artifact_uri":
		return text(x.r.ArtifactURI)
	case "user_id":
		return text(x.r.User)
	}
	return "", false
}

func (x runRecord) Number(f search.Field) (float64, bool) {
	switch {
	case f.Entity == search.Metric:
		return findMetric(x.r.Metrics, f.Key)
	case f.Entity != search.Attribute:
		return 0, false
	case f.Key == "start_time":
		return float64(x.r.Start), true
	case f.Key == "end_time":
		return given(x.r.End)
	}
	return 0, false
}

// Texts returns names, digests or contexts of the run's datasets.
func (x runRecord) Texts(f search.Field) (out []string) {
	if f.Entity != search.DatasetOf {
		return nil
	}
	for _, d := range x.r.Datasets {
		switch f.Key {
		case "name":
			out = append(out, d.Name)
		case "digest":
			out = append(out, d.Digest)
		case "context":
			for _, t := range d.Tags {
				if t.Key == "mlflow.data.context" {
					out = append(out, t.Value)
				}
			}
		}
	}
	return out
}

type experimentRecord struct{ e *track.Experiment }

func newExperimentRecord(e *track.Experiment) experimentRecord { return experimentRecord{e} }

func (x experimentRecord) Text(f search.Field) (string, bool) {
	switch {
	case f.Entity == search.Tag:
		return findTag(x.e.Tags, f.Key)
	case f.Entity == search.Attribute && f.Key == "name":
		return x.e.Name, true
	}
	return "", false
}

func (x experimentRecord) Number(f search.Field) (float64, bool) {
	if f.Entity != search.Attribute {
		return 0, false
	}
	switch f.Key {
	case "experiment_id":
		return float64(x.e.ID), true
	case "creation_time":
		return float64(x.e.Created), true
	case "last_update_time":
		return float64(x.e.Updated), true
	}
	return 0, false
}

type modelRecord struct{ m *track.Model }

func newModelRecord(m *track.Model) modelRecord { return modelRecord{m} }

func (x modelRecord) Text(f search.Field) (string, bool) {
	switch {
	case f.Entity == search.Tag:
		return findTag(x.m.Tags, f.Key)
	case f.Entity == search.Attribute && f.Key == "name":
		return x.m.Name, true
	}
	return "", false
}

func (x modelRecord) Number(f search.Field) (float64, bool) {
	if f.Entity != search.Attribute {
		return 0, false
	}
	switch f.Key {
	case "creation_timestamp":
		return float64(x.m.Created), true
	case "last_updated_timestamp":
		return float64(x.m.Updated), true
	}
	return 0, false
}

type versionRecord struct{ v *track.ModelVersion }

func newVersionRecord(v *track.ModelVersion) versionRecord { return versionRecord{v} }

func (x versionRecord) Text(f search.Field) (string, bool) {
	if f.Entity == search.Tag {
		return findTag(x.v.Tags, f.Key)
	}
	if f.Entity != search.Attribute {
		return "", false
	}
	switch f.Key {
	case "name":
		return x.v.Model, true
	case "run_id":
		return x.v.RunID, true // that there is none is a value, as MLflow keeps it
	case "source_path":
		return text(x.v.Source)
	case "status":
		return text(x.v.Status)
	case "current_stage":
		return text(x.v.Stage)
	}
	return "", false
}

func (x versionRecord) Number(f search.Field) (float64, bool) {
	if f.Entity != search.Attribute {
		return 0, false
	}
	switch f.Key {
	case "version_number":
		return float64(x.v.Version), true
	case "creation_timestamp":
		return float64(x.v.Created), true
	case "last_updated_timestamp":
		return float64(x.v.Updated), true
	}
	return 0, false
}

// loggedModelRecord looks at the metrics that were measured on one of the
// datasets; none ask for nothing.
type loggedModelRecord struct {
	m        *track.LoggedModel
	datasets []track.DatasetFilter
}

func (x loggedModelRecord) Text(f search.Field) (string, bool) {
	switch f.Entity {
	case search.Param:
		return findParam(x.m.Params, f.Key)
	case search.Tag:
		return findTag(x.m.Tags, f.Key)
	case search.Attribute:
		return x.attribute(f.Key)
	}
	return "", false
}

func (x loggedModelRecord) attribute(key string) (string, bool) {
	switch key {
	case "model_id":
		return x.m.ID, true
	case "name":
		return text(x.m.Name)
	case "model_type":
		return text(x.m.Type)
	case "source_run_id":
		return text(x.m.SourceRunID)
	case "status":
		return text(x.m.Status)
	}
	return "", false
}

func (x loggedModelRecord) Number(f search.Field) (float64, bool) {
	switch {
	case f.Entity == search.Metric:
		return x.metric(f.Key)
	case f.Entity != search.Attribute:
		return 0, false
	}
	switch f.Key {
	case "experiment_id":
		return float64(x.m.ExperimentID), true
	case "creation_timestamp":
		return float64(x.m.Created), true
	case "last_updated_timestamp":
		return float64(x.m.Updated), true
	}
	return 0, false
}

// metric is the latest value of a key (see metricOn) over all the runs that
// measured it: of a logged model that is the greatest (time, step), as MLflow
// orders by.
func (x loggedModelRecord) metric(key string) (float64, bool) {
	var of track.DatasetFilter
	key, dataset, _ := strings.Cut(key, "\x00")
	of.Name, of.Digest, _ = strings.Cut(dataset, "\x00")
	var best track.Metric
	found := false
	for _, m := range x.m.Metrics {
		if m.Key != key || !of.Has(m) || !onOneOf(m, x.datasets) {
			continue
		}
		if !found || m.Time > best.Time || m.Time == best.Time && m.Step > best.Step {
			best, found = m, true
		}
	}
	return best.Value, found
}

// Numbers returns all values of a metric: a filter asks for a model with one
// that matches, as MLflow does.
func (x loggedModelRecord) Numbers(f search.Field) (out []float64) {
	for _, m := range x.m.Metrics {
		if m.Key == f.Key && onOneOf(m, x.datasets) {
			out = append(out, m.Value)
		}
	}
	return out
}
