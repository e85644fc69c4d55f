package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

const runNameTag = "mlflow.runName"

// lookedUp says whether runs are found by the values of a tag.
func lookedUp(tag string) bool {
	switch tag {
	case "mlflow.source.git.commit", "assay.git.commit", "assay.git.tree", "assay.inputs":
		return true
	}
	return false
}

// CreateRun begins a run. A run whose given ID is there already is returned as
// it is.
func (s *Store) CreateRun(ctx context.Context, r track.NewRun) (track.Run, error) {
	if r.ID != "" {
		if err := track.CheckRunID(r.ID); err != nil {
			return track.Run{}, err
		}
	}
	tags := tagMap(r.Tags)
	if r.Name == "" {
		r.Name = tags[runNameTag]
	}
	if r.Name == "" {
		r.Name = track.NewName()
	}
	tags[runNameTag] = r.Name
	text, err := encode(attrs{Params: map[string]string{}, Tags: tags})
	if err != nil {
		return track.Run{}, err
	}
	if len(text) > maxAttrs {
		return track.Run{}, tooManyAttrs()
	}
	var out track.Run
	err = s.write(ctx, 1, func(t *tx) error {
		if r.ID != "" {
			var err error
			if out, err = s.run(t, r.ID); err == nil || !fault.Is(err, fault.NotFound) {
				return err
			}
		} else {
			r.ID = track.NewRunID()
		}
		if err := t.insertRun(r, text, tags); err != nil {
			return err
		}
		out, err = s.run(t, r.ID)
		return err
	})
	return out, err
}

func (t *tx) insertRun(r track.NewRun, text string, tags map[string]string) error {
	e, err := experiment(t, r.ExperimentID)
	if err != nil {
		return err
	}
	if err := experimentActive(e); err != nil {
		return err
	}
	id, err := t.insert("INSERT INTO runs(uuid, exp_id, status, start_ms, name, user_id, artifact_uri, attrs) VALUES (?,?,?,?,?,?,?,?)",
		r.ID, r.ExperimentID, string(track.Running), orNow(r.Start, t.s.now()), r.Name, r.User, joinURI(e.ArtifactLocation, r.ID, "artifacts"), text)
	if err != nil {
		return fmt.Errorf("making a run: %w", err)
	}
	if _, err := t.exec("INSERT INTO run_latest(run_id, exp_id, ver, data) VALUES (?,?,?,x'')", id, r.ExperimentID, t.nextVer()); err != nil {
		return err
	}
	for k, v := range tags {
		if err := t.setLookup(id, k, "", v); err != nil {
			return err
		}
	}
	t.changed(track.Change{ExperimentID: r.ExperimentID, RunID: r.ID, Kind: "run"})
	return nil
}

func experimentActive(e track.Experiment) error {
	if e.Lifecycle == track.Active {
		return nil
	}
	return fault.New(fault.Invalid, "The experiment %d must be in the 'active' state. Current state is %s.", e.ID, e.Lifecycle)
}

// setLookup keeps run_lookup in step with a tag; "" means not there.
func (t *tx) setLookup(run int64, key, old, value string) error {
	if !lookedUp(key) || old == value {
		return nil
	}
	if old != "" {
		if _, err := t.exec("DELETE FROM run_lookup WHERE value=? AND key=? AND run_id=?", old, key, run); err != nil {
			return err
		}
	}
	if value == "" {
		return nil
	}
	_, err := t.exec("INSERT OR IGNORE INTO run_lookup(key, value, run_id) VALUES (?,?,?)", key, value, run)
	return err
}

// runRow is what a write needs to know of its run.
type runRow struct {
	id, exp int64
	uuid    string
	deleted int
}

func findRun(q reads, uuid string) (runRow, error) {
	r := runRow{uuid: uuid}
	err := one(q, []any{&r.id, &r.exp, &r.deleted}, "SELECT id, exp_id, deleted FROM runs WHERE uuid=?", uuid)
	if errors.Is(err, sql.ErrNoRows) {
		err = runNotFound(uuid)
	}
	return r, err
}

// activeRun finds a run that is to be written to.
func (t *tx) activeRun(uuid string) (runRow, error) {
	r, err := findRun(t, uuid)
	if err == nil && r.deleted != 0 {
		err = fault.New(fault.Invalid, "The run %s must be in the 'active' state. Current state is deleted.", uuid)
	}
	return r, err
}

// touch gives a changed run a new version and tells the watchers.
func (t *tx) touch(r runRow, kind string) error {
	_, err := t.exec("UPDATE run_latest SET ver=? WHERE run_id=?", t.nextVer(), r.id)
	t.changed(track.Change{ExperimentID: r.exp, RunID: r.uuid, Kind: kind})
	return err
}

// ChangeRun changes status, end, name, tags or lifecycle of a run. Of a
// deleted run only the lifecycle may be changed.
func (s *Store) ChangeRun(ctx context.Context, id string, c track.RunChange) (track.RunInfo, error) {
	var out track.RunInfo
	err := s.write(ctx, 1, func(t *tx) error {
		if c.Lifecycle != nil {
			if err := t.moveRun(id, *c.Lifecycle); err != nil {
				return err
			}
		}
		if c.Status != nil || c.End != nil || c.Name != nil || len(c.DeleteTags) > 0 {
			if err := t.changeRun(id, c); err != nil {
				return err
			}
		}
		r, err := s.run(t, id)
		out = r.RunInfo
		return err
	})
	return out, err
}

func (t *tx) moveRun(uuid string, to track.Lifecycle) error {
	r, err := findRun(t, uuid)
	if err != nil || (r.deleted != 0) == (to == track.Deleted) {
		return err
	}
	if _, err := t.exec("UPDATE runs SET deleted=? WHERE id=?", b2i(to == track.Deleted), r.id); err != nil {
		return err
	}
	return t.touch(r, "run")
}

func (t *tx) changeRun(uuid string, c track.RunChange) error {
	r, err := t.activeRun(uuid)
	if err != nil {
		return err
	}
	if c.Status != nil {
		if _, err := t.exec("UPDATE runs SET status=? WHERE id=?", string(*c.Status), r.id); err != nil {
			return err
		}
		if ended(*c.Status) {
			t.after(func() { t.s.sealer.ended(r.id) })
		}
	}
	if c.End != nil {
		if _, err := t.exec("UPDATE runs SET end_ms=? WHERE id=?", *c.End, r.id); err != nil {
			return err
		}
	}
	if c.Name != nil || len(c.DeleteTags) > 0 {
		edit := track.Batch{}
		if c.Name != nil {
			edit.Tags = []track.Tag{{Key: runNameTag, Value: *c.Name}}
		}
		if err := t.editAttrs(r, edit, c.DeleteTags); err != nil {
			return err
		}
	}
	return t.touch(r, "run")
}

func ended(s track.RunStatus) bool {
	return s == track.Finished || s == track.RunFailed || s == track.Killed
}

// RunsByCommit finds the active runs that were made from a Git commit or tree,
// newest first; experimentIDs nil: in all experiments.
func (s *Store) RunsByCommit(ctx context.Context, experimentIDs []int64, commit string) ([]track.Run, error) {
	if commit == "" {
		return nil, nil
	}
	docs, err := s.loadRuns(s.read(ctx), scope{"l.run_id IN (SELECT run_id FROM run_lookup WHERE value = ?)", []any{commit}})
	if err != nil {
		return nil, s.explain(err)
	}
	return newestOf(docs, experimentIDs), nil
}
