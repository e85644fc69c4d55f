package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

const loggedModelColumns = `SELECT m.id, m.exp_id, m.name, m.type, m.source_run, m.status, m.status_message, m.artifact_uri,
 m.deleted, m.created, m.updated, m.params, m.tags FROM logged_models m WHERE `

func scanLoggedModel(scan func(...any) error) (track.LoggedModel, error) {
	var m track.LoggedModel
	var deleted bool
	var params, tags string
	err := scan(&m.ID, &m.ExperimentID, &m.Name, &m.Type, &m.SourceRunID, &m.Status, &m.StatusMessage, &m.ArtifactURI,
		&deleted, &m.Created, &m.Updated, &params, &tags)
	if err != nil {
		return m, err
	}
	m.Lifecycle = lifecycle(deleted)
	p, err := decodeMap(params)
	if err != nil {
		return m, err
	}
	m.Params = paramList(p)
	m.Tags, err = decodeTags(tags)
	return m, err
}

// loggedModels reads models with their metrics. The condition is on
// logged_models as m.
func loggedModels(q reads, where string, args ...any) ([]track.LoggedModel, error) {
	var out []track.LoggedModel
	at := map[string]int{}
	err := each(q, func(scan func(...any) error) error {
		m, err := scanLoggedModel(scan)
		if err != nil {
			return err
		}
		at[m.ID] = len(out)
		out = append(out, m)
		return nil
	}, loggedModelColumns+where+" ORDER BY m.rowid", args...)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	err = each(q, func(scan func(...any) error) error {
		var m track.Metric
		var run string
		var bits int64
		if err := scan(&m.ModelID, &run, &m.Key, &m.Context, &m.Step, &m.Time, &bits, &m.DatasetName, &m.DatasetDigest); err != nil {
			return err
		}
		m.Value = math.Float64frombits(uint64(bits))
		if i, ok := at[m.ModelID]; ok {
			out[i].Metrics = append(out[i].Metrics, m)
			out[i].MetricRuns = append(out[i].MetricRuns, run)
		}
		return nil
	}, `SELECT p.model_id, r.uuid, k.name, k.context, p.step, p.ts, p.bits, p.dataset_name, p.dataset_digest
 FROM logged_models m CROSS JOIN point_of p ON p.model_id = m.id CROSS JOIN runs r ON r.id = p.run_id CROSS JOIN keys k ON k.id = p.key_id
 WHERE `+where+" ORDER BY k.name, k.context, r.id, p.step, p.ts", args...)
	return out, err
}

func loggedModel(q reads, id string) (track.LoggedModel, error) {
	all, err := loggedModels(q, "m.id = ?", id)
	if err != nil {
		return track.LoggedModel{}, err
	}
	if len(all) == 0 {
		return track.LoggedModel{}, fault.New(fault.NotFound, "Logged model with ID '%s' not found.", id)
	}
	return all[0], nil
}

// LoggedModel returns a logged model, deleted or not.
func (s *Store) LoggedModel(ctx context.Context, id string) (track.LoggedModel, error) {
	m, err := loggedModel(s.read(ctx), id)
	return m, s.explain(err)
}

// CreateLoggedModel begins a logged model. One whose given ID is there already
// is returned as it is.
func (s *Store) CreateLoggedModel(ctx context.Context, m track.LoggedModel) (track.LoggedModel, error) {
	params := map[string]string{}
	if err := addParams(params, m.Params, "model ID", m.ID); err != nil {
		return track.LoggedModel{}, err
	}
	ptext, err := encode(params)
	if err != nil {
		return track.LoggedModel{}, err
	}
	ttext, err := encode(tagMap(m.Tags))
	if err != nil {
		return track.LoggedModel{}, err
	}
	var out track.LoggedModel
	err = s.write(ctx, 1, func(t *tx) (err error) {
		if m.ID != "" {
			if out, err = loggedModel(t, m.ID); err == nil || !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		if err := t.insertLoggedModel(&m, ptext, ttext); err != nil {
			return err
		}
		out, err = loggedModel(t, m.ID)
		return err
	})
	return out, err
}

func (t *tx) insertLoggedModel(m *track.LoggedModel, params, tags string) error {
	e, err := experiment(t, m.ExperimentID)
	if err != nil {
		return err
	}
	if err := experimentActive(e); err != nil {
		return err
	}
	if m.ID == "" {
		m.ID = track.NewLoggedModelID()
	}
	if m.Name == "" {
		m.Name = track.NewName()
	}
	now := t.s.now()
	m.Status = cmp.Or(m.Status, "LOGGED_MODEL_PENDING")
	m.ArtifactURI = cmp.Or(m.ArtifactURI, joinURI(e.ArtifactLocation, "models", m.ID, "artifacts"))
	m.Created = cmp.Or(m.Created, now)
	m.Updated = cmp.Or(m.Updated, m.Created)
	_, err = t.exec(`INSERT INTO logged_models(id, exp_id, name, type, source_run, status, status_message, artifact_uri, deleted, created, updated, params, tags)
 VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)`, m.ID, m.ExperimentID, m.Name, m.Type, m.SourceRunID, m.Status, m.StatusMessage, m.ArtifactURI,
		m.Lifecycle == track.Deleted, m.Created, m.Updated, params, tags)
	if err != nil {
		return fmt.Errorf("making a logged model: %w", err)
	}
	t.changed(track.Change{ExperimentID: m.ExperimentID, RunID: m.SourceRunID, Kind: "run"})
	return nil
}

// addParams adds params that may not change.
func addParams(to map[string]string, add []track.Param, what, id string) error {
	for _, p := range add {
		if old, ok := to[p.Key]; ok && old != p.Value {
			return fault.New(fault.Invalid, "Changing param values is not allowed. Param with key='%s' was already logged with value='%s' for %s='%s'. Attempted logging new value '%s'.",
				p.Key, old, what, id, p.Value)
		}
		to[p.Key] = p.Value
	}
	return nil
}

// ChangeLoggedModel finalizes, annotates, deletes or restores a logged model.
func (s *Store) ChangeLoggedModel(ctx context.Context, id string, c track.LoggedModelChange) (track.LoggedModel, error) {
	var out track.LoggedModel
	err := s.write(ctx, 1, func(t *tx) error {
		m, err := loggedModel(t, id)
		if err != nil {
			return err
		}
		if err := t.changeLoggedModel(m, c); err != nil {
			return err
		}
		t.changed(track.Change{ExperimentID: m.ExperimentID, RunID: m.SourceRunID, Kind: "run"})
		out, err = loggedModel(t, id)
		return err
	})
	return out, err
}

func (t *tx) changeLoggedModel(m track.LoggedModel, c track.LoggedModelChange) error {
	if c.Status != nil {
		m.Status = *c.Status
	}
	if c.Lifecycle != nil {
		m.Lifecycle = *c.Lifecycle
	}
	params := map[string]string{}
	if err := addParams(params, slices.Concat(m.Params, c.AddParams), "model ID", m.ID); err != nil {
		return err
	}
	tags := tagMap(m.Tags)
	for _, k := range c.DeleteTags {
		if _, ok := tags[k]; !ok {
			return fault.New(fault.NotFound, "No tag with key '%s' found for model with ID '%s'.", k, m.ID)
		}
		delete(tags, k)
	}
	maps.Copy(tags, tagMap(c.SetTags))
	ptext, err := encode(params)
	if err != nil {
		return err
	}
	ttext, err := encode(tags)
	if err != nil {
		return err
	}
	if c.Status != nil || c.Lifecycle != nil { // tags and params do not count as a change, as in MLflow
		m.Updated = t.s.now()
	}
	_, err = t.exec("UPDATE logged_models SET status=?, deleted=?, updated=?, params=?, tags=? WHERE id=?",
		m.Status, m.Lifecycle == track.Deleted, m.Updated, ptext, ttext, m.ID)
	return err
}

// LoggedModelsOf returns the models that a run made and that are not deleted,
// newest first.
func (s *Store) LoggedModelsOf(ctx context.Context, runID string) ([]track.LoggedModel, error) {
	out, err := loggedModels(s.read(ctx), "m.source_run = ? AND m.deleted = 0", runID)
	slices.Reverse(out)
	return out, s.explain(err)
}

// SearchLoggedModels finds logged models that are not deleted, newest first
// unless the query says otherwise.
func (s *Store) SearchLoggedModels(ctx context.Context, q track.LoggedModelQuery) (track.Page[track.LoggedModel], error) {
	var all []track.LoggedModel
	r := s.read(ctx)
	for _, exp := range distinct(q.ExperimentIDs) {
		ms, err := loggedModels(r, "m.exp_id = ? AND m.deleted = 0", exp)
		if err != nil {
			return track.Page[track.LoggedModel]{}, s.explain(err)
		}
		all = append(all, ms...)
	}
	if len(q.Datasets) > 0 && !namesMetric(q.Filter) {
		all = slices.DeleteFunc(all, func(m track.LoggedModel) bool { return !measuredOn(m, q.Datasets) })
	}
	order := make([]search.Order, len(q.Order))
	for i, o := range q.Order {
		order[i] = o.Order
		if o.Field.Entity == search.Metric {
			order[i].Field.Key = metricOn(o.Field.Key, o.Dataset)
		}
	}
	rec := func(m *track.LoggedModel) loggedModelRecord { return loggedModelRecord{m, q.Datasets} }
	return paginate(all, rec, pageQuery{
		filter: q.Filter, order: order, max: q.Max, token: q.Token,
		ties: []search.Order{attribute("creation_timestamp", true), attribute("model_id", false)},
	})
}

func measuredOn(m track.LoggedModel, datasets []track.DatasetFilter) bool {
	return slices.ContainsFunc(m.Metrics, func(x track.Metric) bool { return onOneOf(x, datasets) })
}

// onOneOf says whether a metric was measured on one of the datasets; none
// ask for nothing.
func onOneOf(m track.Metric, datasets []track.DatasetFilter) bool {
	return len(datasets) == 0 || slices.ContainsFunc(datasets, func(d track.DatasetFilter) bool { return d.Has(m) })
}

// namesMetric says whether a filter speaks of metrics.
func namesMetric(e search.Expr) bool {
	switch e := e.(type) {
	case search.And:
		return slices.ContainsFunc(e, namesMetric)
	case search.Or:
		return slices.ContainsFunc(e, namesMetric)
	case search.Not:
		return namesMetric(e.X)
	case search.Cmp:
		return e.Field.Entity == search.Metric
	}
	return false
}

// metricOn is the key of an ordering by a metric of one dataset: a zero byte,
// which no name has, parts the three.
func metricOn(key string, d track.DatasetFilter) string {
	if d == (track.DatasetFilter{}) {
		return key
	}
	return key + "\x00" + d.Name + "\x00" + d.Digest
}
