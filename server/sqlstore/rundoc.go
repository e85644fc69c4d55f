package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// doc is a run as it stands in the database at one version. It is shared and
// never changed.
type doc struct {
	id, ver int64
	run     track.Run
	size    int // bytes it takes in memory, roughly
}

// attrs is what runs.attrs holds.
type attrs struct {
	Params map[string]string `json:"params"`
	Tags   map[string]string `json:"tags"`
}

// scope says which runs are meant: a condition on run_latest as l.
type scope struct {
	where string
	args  []any
}

const loadRunsText = `SELECT r.id, r.uuid, r.exp_id, r.deleted, r.status, r.start_ms, r.end_ms, r.name, r.user_id, r.artifact_uri, r.attrs, l.ver, l.data
 FROM run_latest l CROSS JOIN runs r ON r.id = l.run_id WHERE `

// loadRuns reads runs with all that belongs to them. Names of series are asked
// for one by one unless loadKeys has brought them.
func (s *Store) loadRuns(q reads, sc scope) ([]*doc, error) {
	var docs []*doc
	byID := map[int64]*doc{}
	var latest [][]keyed
	err := each(q, func(scan func(...any) error) error {
		d, ls, err := scanRun(scan)
		if err != nil {
			return err
		}
		docs, byID[d.id] = append(docs, d), d
		latest = append(latest, ls)
		return nil
	}, loadRunsText+sc.where, sc.args...)
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	for i, d := range docs {
		if err := s.nameMetrics(q, d, latest[i]); err != nil {
			return nil, err
		}
	}
	if err := loadDatasets(q, sc, byID); err != nil {
		return nil, err
	}
	if err := loadRunModels(q, sc, byID); err != nil {
		return nil, err
	}
	for _, d := range docs {
		d.seal()
	}
	return docs, nil
}

func scanRun(scan func(...any) error) (*doc, []keyed, error) {
	d := &doc{}
	r := &d.run
	var deleted int
	var text string
	var data []byte
	err := scan(&d.id, &r.ID, &r.ExperimentID, &deleted, &r.Status, &r.Start, &r.End, &r.Name, &r.User, &r.ArtifactURI, &text, &d.ver, &data)
	if err != nil {
		return nil, nil, err
	}
	r.Lifecycle = lifecycle(deleted != 0)
	var a attrs
	if err := decode(text, &a); err != nil {
		return nil, nil, fmt.Errorf("run %s: %w", r.ID, err)
	}
	r.Params, r.Tags = paramList(a.Params), tagList(a.Tags)
	ls, err := unpackLatest(data)
	if err != nil {
		return nil, nil, fmt.Errorf("latest metrics of run %s: %w", r.ID, err)
	}
	d.size = 600 + 2*len(text)
	return d, ls, nil
}

func (s *Store) nameMetrics(q reads, d *doc, ls []keyed) error {
	if len(ls) == 0 {
		return nil
	}
	d.run.Metrics = make([]track.Metric, len(ls))
	for i, l := range ls {
		n, err := s.keyName(q, l.key)
		if err != nil {
			return err
		}
		d.run.Metrics[i] = track.Metric{Key: n.name, Context: n.context, Value: l.p.value, Step: l.p.step, Time: l.p.time}
	}
	slices.SortFunc(d.run.Metrics, func(a, b track.Metric) int {
		if c := cmp.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		return cmp.Compare(a.Context, b.Context)
	})
	d.size += 110 * len(ls)
	return nil
}

// seal cuts capacities, so that whoever appends to a shared slice copies it.
func (d *doc) seal() {
	r := &d.run
	r.Datasets, r.ModelInputs, r.ModelOutputs = slices.Clip(r.Datasets), slices.Clip(r.ModelInputs), slices.Clip(r.ModelOutputs)
	r.Params, r.Tags, r.Metrics = slices.Clip(r.Params), slices.Clip(r.Tags), slices.Clip(r.Metrics)
}

func loadDatasets(q reads, sc scope, byID map[int64]*doc) error {
	sets := map[int64]track.Dataset{} // runs share what they read
	err := each(q, func(scan func(...any) error) error {
		var id int64
		var d track.Dataset
		if err := scan(&id, &d.Name, &d.Digest, &d.SourceType, &d.Source, &d.Schema, &d.Profile); err != nil {
			return err
		}
		sets[id] = d
		return nil
	}, `SELECT d.id, d.name, d.digest, d.source_type, d.source, d.schema, d.profile FROM datasets d WHERE d.id IN
 (SELECT x.dataset_id FROM run_latest l CROSS JOIN run_datasets x ON x.run_id = l.run_id WHERE `+sc.where+")", sc.args...)
	if err != nil || len(sets) == 0 {
		return err
	}
	return each(q, func(scan func(...any) error) error {
		var run, set int64
		var tags string
		if err := scan(&run, &set, &tags); err != nil {
			return err
		}
		d := byID[run]
		if _, known := sets[set]; d == nil || !known {
			return nil // newer than what was read before; the next version of the run has it
		}
		list, err := decodeTags(tags)
		d.run.Datasets = append(d.run.Datasets, track.DatasetInput{Dataset: sets[set], Tags: list})
		d.size += 200
		return err
	}, "SELECT x.run_id, x.dataset_id, x.tags FROM run_latest l CROSS JOIN run_datasets x ON x.run_id = l.run_id WHERE "+sc.where+
		" ORDER BY x.run_id, x.rowid", sc.args...)
}

func loadRunModels(q reads, sc scope, byID map[int64]*doc) error {
	return each(q, func(scan func(...any) error) error {
		var run, step int64
		var output bool
		var model string
		if err := scan(&run, &output, &model, &step); err != nil {
			return err
		}
		d := byID[run]
		if d == nil {
			return nil
		}
		if output {
			d.run.ModelOutputs = append(d.run.ModelOutputs, track.ModelOutput{ModelID: model, Step: step})
		} else {
			d.run.ModelInputs = append(d.run.ModelInputs, model)
		}
		d.size += 80
		return nil
	}, "SELECT x.run_id, x.output, x.model_id, x.step FROM run_latest l CROSS JOIN run_models x ON x.run_id = l.run_id WHERE "+sc.where+
		" ORDER BY x.run_id, x.rowid", sc.args...)
}

func runNotFound(id string) error {
	return fault.New(fault.NotFound, "Run with id=%s not found", id)
}

func (s *Store) run(q reads, uuid string) (track.Run, error) {
	docs, err := s.loadRuns(q, scope{"l.run_id = (SELECT id FROM runs WHERE uuid = ?)", []any{uuid}})
	if err != nil {
		return track.Run{}, err
	}
	if len(docs) == 0 {
		return track.Run{}, runNotFound(uuid)
	}
	return docs[0].run, nil
}

// Run returns a run, deleted or not.
func (s *Store) Run(ctx context.Context, id string) (track.Run, error) {
	r, err := s.run(s.read(ctx), id)
	return r, s.explain(err)
}
