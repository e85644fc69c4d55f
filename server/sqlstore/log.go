package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// Bounds of what one run may hold, against mistakes and malice. They are far
// above what people log: every write of a param or tag rewrites the run's
// document, every write of a metric its row of latest values.
const (
	maxAttrs  = 16 << 20 // bytes of params and tags
	maxSeries = 100_000
)

func tooManyAttrs() error {
	return fault.New(fault.TooLarge, "the params and tags of one run may not take more than %d MB", maxAttrs>>20).
		WithHint("Log large texts as artifacts.")
}

// LogBatch writes metrics, params and tags to a run, all of it or nothing.
func (s *Store) LogBatch(ctx context.Context, runID string, b track.Batch) error {
	gs := groupMetrics(b.Metrics)
	return s.write(ctx, 1+len(b.Metrics)+len(b.Params)+len(b.Tags), func(t *tx) error {
		r, err := t.activeRun(runID)
		if err != nil {
			return err
		}
		if len(b.Params)+len(b.Tags) > 0 {
			if err := t.editAttrs(r, b, nil); err != nil {
				return err
			}
			if err := t.touch(r, "run"); err != nil {
				return err
			}
		}
		if len(gs) > 0 {
			return t.logMetrics(r, gs)
		}
		return nil
	})
}

// editAttrs changes params and tags of a run. A param that is there with
// another value is an Invalid fault, as is a tag to delete that is not there
// a NotFound one.
func (t *tx) editAttrs(r runRow, b track.Batch, del []string) error {
	var name, text string
	if err := one(t, []any{&name, &text}, "SELECT name, attrs FROM runs WHERE id=?", r.id); err != nil {
		return err
	}
	a := attrs{Params: map[string]string{}, Tags: map[string]string{}}
	if err := decode(text, &a); err != nil {
		return err
	}
	for _, p := range b.Params {
		if old, ok := a.Params[p.Key]; ok && old != p.Value {
			return fault.New(fault.Invalid, "Changing param values is not allowed. Param with key='%s' was already logged with value='%s' for run ID='%s'. Attempted logging new value '%s'.",
				p.Key, old, r.uuid, p.Value)
		}
		a.Params[p.Key] = p.Value
	}
	for _, k := range del {
		old, ok := a.Tags[k]
		if !ok {
			return fault.New(fault.NotFound, "No tag with name: %s in run with id %s", k, r.uuid)
		}
		if err := t.setLookup(r.id, k, old, ""); err != nil {
			return err
		}
		delete(a.Tags, k)
	}
	for _, g := range b.Tags {
		if err := t.setLookup(r.id, g.Key, a.Tags[g.Key], g.Value); err != nil {
			return err
		}
		a.Tags[g.Key] = g.Value
		if g.Key == runNameTag && g.Value != "" { // an empty tag leaves the name, as in MLflow
			name = g.Value
		}
	}
	text, err := encode(a)
	if err != nil {
		return err
	}
	if len(text) > maxAttrs {
		return tooManyAttrs()
	}
	_, err = t.exec("UPDATE runs SET name=?, attrs=? WHERE id=?", name, text, r.id)
	return err
}

// series is the points of one name in one call.
type series struct {
	name, context string
	points        []point
	of            []track.Metric // those that say what they were measured of
}

// groupMetrics sorts the points of a call by series, in the form that is kept.
func groupMetrics(ms []track.Metric) []series {
	at := make(map[[2]string]int, len(ms))
	var out []series
	for _, m := range ms {
		k := [2]string{m.Key, m.Context}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, series{name: m.Key, context: m.Context})
		}
		m.Value = track.StorableValue(m.Value)
		out[i].points = append(out[i].points, point{m.Step, m.Time, m.Value})
		if m.ModelID != "" || m.DatasetName != "" || m.DatasetDigest != "" {
			out[i].of = append(out[i].of, m)
		}
	}
	return out
}

func (t *tx) logMetrics(r runRow, ss []series) error {
	gs := make([]group, len(ss))
	total := 0
	for i, x := range ss {
		id, err := t.keyID(seriesName{r.exp, x.name, x.context})
		if err != nil {
			return err
		}
		gs[i] = group{id, x.points}
		total += len(x.points)
		for _, m := range x.of {
			if err := t.logPointOf(r, id, m); err != nil {
				return err
			}
		}
	}
	t.w.seq++
	_, err := t.exec("INSERT INTO run_log(run_id, seq, n, data) VALUES (?,?,?,?)", r.id, t.w.seq, total, packLog(gs))
	if err != nil {
		return fmt.Errorf("logging metrics: %w", err)
	}
	keys, err := t.updateLatest(r, gs)
	if err != nil {
		return err
	}
	t.after(func() { t.s.sealer.logged(r.id, total, keys) })
	t.changed(track.Change{ExperimentID: r.exp, RunID: r.uuid, Kind: "metrics"})
	return nil
}

// updateLatest returns how many series the run has.
func (t *tx) updateLatest(r runRow, gs []group) (keys int, err error) {
	var data []byte
	if err := one(t, []any{&data}, "SELECT data FROM run_latest WHERE run_id=?", r.id); err != nil {
		return 0, fmt.Errorf("reading latest metrics: %w", err)
	}
	old, err := unpackLatest(data)
	if err != nil {
		return 0, err
	}
	add := make([]keyed, len(gs))
	for i, g := range gs {
		add[i] = g.latest()
	}
	slices.SortFunc(add, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	merged, changed := mergeLatest(old, add)
	if len(merged) > maxSeries {
		return 0, fault.New(fault.TooLarge, "one run may not have more than %d metrics", maxSeries)
	}
	if changed {
		_, err = t.exec("UPDATE run_latest SET ver=?, data=? WHERE run_id=?", t.nextVer(), packLatest(merged), r.id)
	}
	return len(merged), err
}

func (t *tx) logPointOf(r runRow, key int64, m track.Metric) error {
	_, err := t.exec("INSERT OR IGNORE INTO point_of(run_id, key_id, step, ts, bits, model_id, dataset_name, dataset_digest) VALUES (?,?,?,?,?,?,?,?)",
		r.id, key, m.Step, m.Time, int64(math.Float64bits(m.Value)), m.ModelID, m.DatasetName, m.DatasetDigest)
	return err
}

// LogInputs adds datasets and models that a run read or made.
func (s *Store) LogInputs(ctx context.Context, runID string, in track.Inputs) error {
	return s.write(ctx, 1+len(in.Datasets), func(t *tx) error {
		r, err := t.activeRun(runID)
		if err != nil {
			return err
		}
		for _, d := range in.Datasets {
			if err := t.addDataset(r, d); err != nil {
				return err
			}
		}
		for _, m := range in.ModelInputs {
			if err := t.addRunModel(r, false, m, 0); err != nil {
				return err
			}
		}
		for _, m := range in.ModelOutputs {
			if err := t.addRunModel(r, true, m.ModelID, m.Step); err != nil {
				return err
			}
		}
		return t.touch(r, "run")
	})
}

func (t *tx) addDataset(r runRow, d track.DatasetInput) error {
	_, err := t.exec("INSERT INTO datasets(exp_id, name, digest, source_type, source, schema, profile) VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
		r.exp, d.Name, d.Digest, d.SourceType, d.Source, d.Schema, d.Profile)
	if err != nil {
		return fmt.Errorf("keeping a dataset: %w", err)
	}
	tags, err := encode(tagMap(d.Tags))
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT OR IGNORE INTO run_datasets(run_id, dataset_id, tags) SELECT ?, id, ? FROM datasets WHERE exp_id=? AND name=? AND digest=?",
		r.id, tags, r.exp, d.Name, d.Digest)
	return err
}

func (t *tx) addRunModel(r runRow, output bool, model string, step int64) error {
	_, err := t.exec("INSERT OR IGNORE INTO run_models(run_id, output, model_id, step) VALUES (?,?,?,?)", r.id, output, model, step)
	return err
}
