package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

func versionNotFound(model string, version int) error {
	return fault.New(fault.NotFound, "Model Version (name=%s, version=%d) not found", model, version)
}

const versionColumns = `SELECT v.model, v.version, v.source, v.storage_location, v.run_id, v.run_link, v.logged_model_id, v.status, v.status_message,
 v.stage, v.description, v.user_id, v.created, v.updated, v.tags, v.files, v.origin,
 (SELECT json_group_array(a.alias ORDER BY a.alias) FROM aliases a WHERE a.model = v.model AND a.version = v.version) FROM `

func scanVersion(scan func(...any) error) (track.ModelVersion, error) {
	var v track.ModelVersion
	var tags, files, origin, aliases string
	err := scan(&v.Model, &v.Version, &v.Source, &v.StorageLocation, &v.RunID, &v.RunLink, &v.LoggedModelID, &v.Status, &v.StatusMessage,
		&v.Stage, &v.Description, &v.User, &v.Created, &v.Updated, &tags, &files, &origin, &aliases)
	if err != nil {
		return v, err
	}
	v.Tags, err = decodeTags(tags)
	err = errors.Join(err, decode(files, &v.Files), decode(origin, &v.Origin), decode(aliases, &v.Aliases))
	if len(v.Aliases) == 0 {
		v.Aliases = nil
	}
	return v, err
}

// versions reads versions; from is what follows FROM, in which they are called
// v.
func versions(q reads, from string, args ...any) ([]track.ModelVersion, error) {
	var out []track.ModelVersion
	err := each(q, func(scan func(...any) error) error {
		v, err := scanVersion(scan)
		out = append(out, v)
		return err
	}, versionColumns+from+" ORDER BY v.model, v.version", args...)
	return out, err
}

func version(q reads, model string, n int) (track.ModelVersion, error) {
	all, err := versions(q, "versions v WHERE v.model=? AND v.version=?", model, n)
	if err != nil {
		return track.ModelVersion{}, err
	}
	if len(all) == 0 {
		return track.ModelVersion{}, versionNotFound(model, n)
	}
	return all[0], nil
}

// Version returns a version of a registered model.
func (s *Store) Version(ctx context.Context, model string, n int) (track.ModelVersion, error) {
	v, err := version(s.read(ctx), model, n)
	return v, s.explain(err)
}

// CreateVersion numbers and keeps a version; see registry.Versions.
func (s *Store) CreateVersion(ctx context.Context, v track.ModelVersion, e *track.Event) (track.ModelVersion, error) {
	docs, err := versionDocs(v)
	if err != nil {
		return track.ModelVersion{}, err
	}
	var out track.ModelVersion
	err = s.write(ctx, 1, func(t *tx) error {
		number, err := t.nextVersion(v.Model)
		if err != nil {
			return err
		}
		created := orNow(v.Created, s.now())
		_, err = t.exec(`INSERT INTO versions(model, version, source, storage_location, run_id, run_link, logged_model_id, status, status_message,
 stage, description, user_id, created, updated, tags, files, origin) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
			v.Model, number, v.Source, v.StorageLocation, v.RunID, v.RunLink, v.LoggedModelID, cmp.Or(v.Status, "READY"), v.StatusMessage,
			cmp.Or(v.Stage, track.StageNone), v.Description, v.User, created, orNow(v.Updated, created), docs[0], docs[1], docs[2])
		if err != nil {
			return fmt.Errorf("making a model version: %w", err)
		}
		if e != nil {
			if err := t.addNumbered(*e, number); err != nil {
				return err
			}
		}
		t.changed(track.Change{Kind: "registry"})
		out, err = version(t, v.Model, number)
		return err
	})
	return out, err
}

// versionDocs encodes tags, files and origin.
func versionDocs(v track.ModelVersion) (docs [3]string, err error) {
	if docs[0], err = encode(tagMap(v.Tags)); err != nil {
		return docs, err
	}
	if len(v.Files) > 0 {
		if docs[1], err = encode(v.Files); err != nil {
			return docs, err
		}
	}
	if v.Origin != nil {
		docs[2], err = encode(v.Origin)
	}
	return docs, err
}

func (t *tx) nextVersion(model string) (int, error) {
	var n int
	err := one(t, []any{&n}, "UPDATE models SET last_version = last_version + 1, updated = ? WHERE name = ? RETURNING last_version", t.s.now(), model)
	if errors.Is(err, sql.ErrNoRows) {
		err = modelNotFound(model)
	}
	return n, err
}

// addNumbered adds an event whose detail gets the number of the version.
func (t *tx) addNumbered(e track.Event, number int) error {
	detail := map[string]json.RawMessage{}
	if len(e.Detail) > 0 {
		if err := json.Unmarshal(e.Detail, &detail); err != nil {
			return fault.New(fault.Invalid, "the detail of an event is no JSON object: %w", err)
		}
	}
	if detail == nil { // it was null
		detail = map[string]json.RawMessage{}
	}
	detail["version"] = json.RawMessage(fmt.Sprint(number))
	b, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	e.Detail = b
	_, err = t.addEvent(e)
	return err
}

// ChangeVersion changes description, stage or tags of a version, and adds e,
// if not nil, to the trail.
func (s *Store) ChangeVersion(ctx context.Context, model string, n int, c track.VersionChange, e *track.Event) (track.ModelVersion, error) {
	var out track.ModelVersion
	err := s.write(ctx, 1, func(t *tx) error {
		v, err := version(t, model, n)
		if err != nil {
			return err
		}
		if c.Description != nil {
			v.Description = *c.Description
		}
		if c.Stage != nil {
			if v.Stage, err = t.enterStage(v, *c.Stage, c.ArchiveExisting); err != nil {
				return err
			}
		}
		text, err := encode(tagMap(v.Tags))
		if err != nil {
			return err
		}
		tags, err := editTags(text, c.SetTags, c.DeleteTags, nil)
		if err != nil {
			return err
		}
		now := s.now()
		if c.Description != nil || c.Stage != nil { // tags do not count as a change, as in MLflow
			v.Updated = now
		}
		if _, err := t.exec("UPDATE versions SET description=?, stage=?, tags=?, updated=? WHERE model=? AND version=?",
			v.Description, v.Stage, tags, v.Updated, model, n); err != nil {
			return err
		}
		if c.Stage != nil { // and of a version's changes, only this is one of the model
			if _, err := t.exec("UPDATE models SET updated=? WHERE name=?", now, model); err != nil {
				return err
			}
		}
		if err := t.note(e); err != nil {
			return err
		}
		t.changed(track.Change{Kind: "registry"})
		out, err = version(t, model, n)
		return err
	})
	return out, err
}

func (t *tx) enterStage(v track.ModelVersion, to string, archive bool) (string, error) {
	stage, err := track.CanonicalStage(to)
	if err != nil || !archive {
		return stage, err
	}
	if err := track.CheckArchive(stage); err != nil {
		return stage, err
	}
	_, err = t.exec("UPDATE versions SET stage=?, updated=? WHERE model=? AND stage=? AND version<>?",
		track.StageArchived, t.s.now(), v.Model, stage, v.Version)
	return stage, err
}

// DeleteVersion deletes a version and its aliases, and adds e, if not nil, to
// the trail. Its number is not given again.
func (s *Store) DeleteVersion(ctx context.Context, model string, n int, e *track.Event) error {
	return s.write(ctx, 1, func(t *tx) error {
		gone, err := t.exec("DELETE FROM versions WHERE model=? AND version=?", model, n)
		if err != nil {
			return err
		}
		if gone == 0 {
			return versionNotFound(model, n)
		}
		t.changed(track.Change{Kind: "registry"})
		if _, err = t.exec("UPDATE models SET updated=? WHERE name=?", s.now(), model); err != nil {
			return err
		}
		return t.note(e)
	})
}

// SearchVersions finds versions of registered models, those that changed last
// first unless the query says otherwise.
func (s *Store) SearchVersions(ctx context.Context, q track.ModelQuery) (track.Page[track.ModelVersion], error) {
	r := s.read(ctx)
	var all []track.ModelVersion
	var err error
	if name := onlyModel(q.Filter); name != "" {
		all, err = versions(r, "versions v WHERE v.model=?", name)
	} else {
		all, err = versions(r, "versions v")
	}
	if err != nil {
		return track.Page[track.ModelVersion]{}, s.explain(err)
	}
	order := q.Order
	if len(order) == 0 {
		order = []search.Order{attribute("last_updated_timestamp", true)}
	}
	return paginate(all, newVersionRecord, pageQuery{
		filter: q.Filter, order: order, max: q.Max, token: q.Token,
		ties: []search.Order{attribute("name", false), attribute("version_number", true)},
	})
}

// onlyModel finds the one model that a filter speaks of: the usual question.
func onlyModel(e search.Expr) string {
	switch e := e.(type) {
	case search.Cmp:
		if e.Field == (search.Field{Entity: search.Attribute, Key: "name"}) && e.Op == search.Eq && !e.IsNum {
			return e.Str
		}
	case search.And:
		for _, x := range e {
			if name := onlyModel(x); name != "" {
				return name
			}
		}
	}
	return ""
}
