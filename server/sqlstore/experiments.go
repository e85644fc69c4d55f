package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

const experimentColumns = "SELECT id, name, artifact_location, deleted, created, updated, tags FROM experiments"

func scanExperiment(scan func(...any) error) (track.Experiment, error) {
	var e track.Experiment
	var deleted bool
	var tags string
	if err := scan(&e.ID, &e.Name, &e.ArtifactLocation, &deleted, &e.Created, &e.Updated, &tags); err != nil {
		return e, err
	}
	e.Lifecycle = lifecycle(deleted)
	var err error
	e.Tags, err = decodeTags(tags)
	return e, err
}

func lifecycle(deleted bool) track.Lifecycle {
	if deleted {
		return track.Deleted
	}
	return track.Active
}

// ensureDefault makes experiment 0, which clients use unasked.
func (s *Store) ensureDefault(ctx context.Context) error {
	var n int
	err := one(s.read(ctx), []any{&n}, "SELECT count(*) FROM experiments WHERE id=0")
	if err != nil || n > 0 {
		return err
	}
	return s.write(ctx, 1, func(t *tx) error {
		now := s.now()
		_, err := t.exec("INSERT INTO experiments(id, name, artifact_location, created, updated) VALUES (0, 'Default', ?, ?, ?)",
			joinURI(s.opt.ArtifactRoot, "0"), now, now)
		return err
	})
}

// CreateExperiment makes an experiment. An ID that is greater than 0 is kept
// (an import); a name or ID that is taken, also by a deleted experiment, is an
// Exists fault.
func (s *Store) CreateExperiment(ctx context.Context, e track.Experiment) (track.Experiment, error) {
	tags, err := encode(tagMap(e.Tags))
	if err != nil {
		return track.Experiment{}, err
	}
	var out track.Experiment
	err = s.write(ctx, 1, func(t *tx) error {
		if err := experimentFree(t, e); err != nil {
			return err
		}
		now := s.now()
		created, updated := orNow(e.Created, now), orNow(e.Updated, orNow(e.Created, now))
		id, err := t.insert("INSERT INTO experiments(id, name, artifact_location, deleted, created, updated, tags) VALUES (?,?,?,?,?,?,?)",
			nullZero(e.ID), e.Name, e.ArtifactLocation, e.Lifecycle == track.Deleted, created, updated, tags)
		if err != nil {
			return fmt.Errorf("making an experiment: %w", err)
		}
		if e.ArtifactLocation == "" {
			root := joinURI(s.opt.ArtifactRoot, strconv.FormatInt(id, 10))
			if _, err := t.exec("UPDATE experiments SET artifact_location=? WHERE id=?", root, id); err != nil {
				return err
			}
		}
		t.changed(track.Change{ExperimentID: id, Kind: "run"})
		out, err = experiment(t, id)
		return err
	})
	return out, err
}

func experimentFree(q reads, e track.Experiment) error {
	var name string
	err := one(q, []any{&name}, "SELECT name FROM experiments WHERE name=? OR (id=? AND ?>0)", e.Name, e.ID, e.ID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case name == e.Name:
		return fault.New(fault.Exists, "Experiment(name=%s) already exists.", e.Name)
	}
	return fault.New(fault.Exists, "Experiment(id=%d) already exists.", e.ID)
}

func orNow(t, now int64) int64 {
	if t == 0 {
		return now
	}
	return t
}

// nullZero lets the database number what has no number yet.
func nullZero(id int64) any {
	if id <= 0 {
		return nil
	}
	return id
}

func experiment(q reads, id int64) (track.Experiment, error) {
	return oneExperiment(q, experimentNotFound(id), " WHERE id=?", id)
}

func experimentNotFound(id int64) error {
	return fault.New(fault.NotFound, "No Experiment with id=%d exists", id)
}

func oneExperiment(q reads, missing error, where string, arg any) (track.Experiment, error) {
	var out track.Experiment
	found := false
	err := each(q, func(scan func(...any) error) (err error) {
		found = true
		out, err = scanExperiment(scan)
		return err
	}, experimentColumns+where, arg)
	if err == nil && !found {
		err = missing
	}
	return out, err
}

// Experiment returns an experiment, deleted or not.
func (s *Store) Experiment(ctx context.Context, id int64) (track.Experiment, error) {
	e, err := experiment(s.read(ctx), id)
	return e, s.explain(err)
}

// ExperimentByName returns the experiment of a name, deleted or not.
func (s *Store) ExperimentByName(ctx context.Context, name string) (track.Experiment, error) {
	e, err := oneExperiment(s.read(ctx), fault.New(fault.NotFound, "Could not find experiment with name '%s'", name), " WHERE name=?", name)
	return e, s.explain(err)
}

// ChangeExperiment renames, annotates, deletes or restores an experiment.
func (s *Store) ChangeExperiment(ctx context.Context, id int64, c track.ExperimentChange) error {
	return s.write(ctx, 1, func(t *tx) error {
		e, err := experiment(t, id)
		if err != nil {
			return err
		}
		if c.Name != nil && *c.Name != e.Name {
			if err := renameExperiment(t, e, *c.Name); err != nil {
				return err
			}
		}
		if c.Lifecycle != nil {
			if e.Lifecycle == *c.Lifecycle { // MLflow looks only among those that are not yet so
				return experimentNotFound(id)
			}
			if err := t.setLifecycle(id, *c.Lifecycle); err != nil {
				return err
			}
		}
		if len(c.SetTags)+len(c.DeleteTags) > 0 {
			if err := experimentActive(e); err != nil {
				return err
			}
			if err := editExperimentTags(t, id, c); err != nil {
				return err
			}
		}
		t.changed(track.Change{ExperimentID: id, Kind: "run"})
		if c.Name == nil && c.Lifecycle == nil { // tags do not count as a change, as in MLflow
			return nil
		}
		_, err = t.exec("UPDATE experiments SET updated=? WHERE id=?", s.now(), id)
		return err
	})
}

func renameExperiment(t *tx, e track.Experiment, name string) error {
	if e.Lifecycle != track.Active {
		return fault.New(fault.Conflict, "Cannot rename a non-active experiment.")
	}
	if err := experimentFree(t, track.Experiment{Name: name}); err != nil {
		return err
	}
	_, err := t.exec("UPDATE experiments SET name=? WHERE id=?", name, e.ID)
	return err
}

func editExperimentTags(t *tx, id int64, c track.ExperimentChange) error {
	var old string
	if err := one(t, []any{&old}, "SELECT tags FROM experiments WHERE id=?", id); err != nil {
		return err
	}
	tags, err := editTags(old, c.SetTags, c.DeleteTags, func(key string) error {
		return fault.New(fault.NotFound, "No tag with name: %s in experiment with id %d", key, id)
	})
	if err != nil {
		return err
	}
	_, err = t.exec("UPDATE experiments SET tags=? WHERE id=?", tags, id)
	return err
}

// setLifecycle deletes or restores an experiment together with its runs. Runs
// that had been deleted by themselves stay deleted.
func (t *tx) setLifecycle(id int64, to track.Lifecycle) error {
	from, runs, gone := 2, 0, false
	if to == track.Deleted {
		from, runs, gone = 0, 2, true
	}
	if _, err := t.exec("UPDATE experiments SET deleted=? WHERE id=?", gone, id); err != nil {
		return err
	}
	if _, err := t.exec("UPDATE run_latest SET ver=? WHERE exp_id=? AND run_id IN (SELECT id FROM runs WHERE exp_id=? AND deleted=?)",
		t.nextVer(), id, id, from); err != nil {
		return err
	}
	_, err := t.exec("UPDATE runs SET deleted=? WHERE exp_id=? AND deleted=?", runs, id, from)
	return err
}

// SearchExperiments finds experiments.
func (s *Store) SearchExperiments(ctx context.Context, q track.ExperimentQuery) (track.Page[track.Experiment], error) {
	var all []track.Experiment
	err := each(s.read(ctx), func(scan func(...any) error) error {
		e, err := scanExperiment(scan)
		if err == nil && inView(e.Lifecycle, q.View) {
			all = append(all, e)
		}
		return err
	}, experimentColumns)
	if err != nil {
		return track.Page[track.Experiment]{}, s.explain(err)
	}
	return paginate(all, newExperimentRecord, pageQuery{
		filter: q.Filter, order: q.Order, max: q.Max, token: q.Token,
		ties: []search.Order{attribute("creation_time", true), attribute("experiment_id", false)},
	})
}

func inView(l track.Lifecycle, v track.View) bool {
	return v == track.All || (l == track.Deleted) == (v == track.DeletedOnly)
}
