package sqlstore

import (
	"context"
	"fmt"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

func modelNotFound(name string) error {
	return fault.New(fault.NotFound, "Registered Model with name=%s not found", name)
}

// models reads registered models with aliases and the newest version of each
// stage; where is a condition on models as m, "" for all.
func models(q reads, where string, args ...any) ([]track.Model, error) {
	var out []track.Model
	at := map[string]int{}
	err := each(q, func(scan func(...any) error) error {
		var m track.Model
		var tags string
		if err := scan(&m.Name, &m.Description, &m.Created, &m.Updated, &tags); err != nil {
			return err
		}
		var err error
		m.Tags, err = decodeTags(tags)
		at[m.Name] = len(out)
		out = append(out, m)
		return err
	}, "SELECT m.name, m.description, m.created, m.updated, m.tags FROM models m "+where+" ORDER BY m.name", args...)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	err = each(q, func(scan func(...any) error) error {
		var model string
		var a track.Alias
		if err := scan(&model, &a.Name, &a.Version); err != nil {
			return err
		}
		if i, ok := at[model]; ok {
			out[i].Aliases = append(out[i].Aliases, a)
		}
		return nil
	}, "SELECT a.model, a.alias, a.version FROM models m CROSS JOIN aliases a ON a.model = m.name "+where+" ORDER BY a.model, a.alias", args...)
	if err != nil {
		return nil, err
	}
	newest, err := versions(q, `models m CROSS JOIN versions v ON v.model = m.name
 AND v.version IN (SELECT max(x.version) FROM versions x WHERE x.model = m.name GROUP BY x.stage) `+where, args...)
	for _, v := range newest {
		if i, ok := at[v.Model]; ok {
			out[i].Latest = append(out[i].Latest, v)
		}
	}
	return out, err
}

func model(q reads, name string) (track.Model, error) {
	all, err := models(q, "WHERE m.name = ?", name)
	if err != nil {
		return track.Model{}, err
	}
	if len(all) == 0 {
		return track.Model{}, modelNotFound(name)
	}
	return all[0], nil
}

// Model returns a registered model.
func (s *Store) Model(ctx context.Context, name string) (track.Model, error) {
	m, err := model(s.read(ctx), name)
	return m, s.explain(err)
}

// CreateModel registers a name.
func (s *Store) CreateModel(ctx context.Context, m track.Model) (track.Model, error) {
	tags, err := encode(tagMap(m.Tags))
	if err != nil {
		return track.Model{}, err
	}
	var out track.Model
	err = s.write(ctx, 1, func(t *tx) error {
		if err := modelFree(t, m.Name); err != nil {
			return err
		}
		created := orNow(m.Created, s.now())
		_, err := t.exec("INSERT INTO models(name, description, created, updated, tags) VALUES (?,?,?,?,?)",
			m.Name, m.Description, created, orNow(m.Updated, created), tags)
		if err != nil {
			return fmt.Errorf("making a registered model: %w", err)
		}
		t.changed(track.Change{Kind: "registry"})
		out, err = model(t, m.Name)
		return err
	})
	return out, err
}

func modelFree(q reads, name string) error {
	var n int
	if err := one(q, []any{&n}, "SELECT count(*) FROM models WHERE name=?", name); err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Exists, "Registered Model (name=%s) already exists.", name)
	}
	return nil
}

// ChangeModel renames or annotates a registered model. Versions, aliases and
// policies follow a new name; the trail keeps the old one. e, if not nil, is
// added to the trail.
func (s *Store) ChangeModel(ctx context.Context, name string, c track.ModelChange, e *track.Event) (track.Model, error) {
	var out track.Model
	err := s.write(ctx, 1, func(t *tx) error {
		m, err := model(t, name)
		if err != nil {
			return err
		}
		if c.Description != nil {
			m.Description = *c.Description
		}
		text, err := encode(tagMap(m.Tags))
		if err != nil {
			return err
		}
		tags, err := editTags(text, c.SetTags, c.DeleteTags, nil)
		if err != nil {
			return err
		}
		if c.Description != nil || c.Name != nil { // tags do not count as a change, as in MLflow
			m.Updated = s.now()
		}
		if _, err := t.exec("UPDATE models SET description=?, tags=?, updated=? WHERE name=?", m.Description, tags, m.Updated, name); err != nil {
			return err
		}
		if c.Name != nil && *c.Name != name {
			if err := t.renameModel(name, *c.Name); err != nil {
				return err
			}
			name = *c.Name
		}
		if err := t.note(e); err != nil {
			return err
		}
		t.changed(track.Change{Kind: "registry"})
		out, err = model(t, name)
		return err
	})
	return out, err
}

func (t *tx) renameModel(from, to string) error {
	if err := modelFree(t, to); err != nil {
		return err
	}
	if _, err := t.exec("UPDATE models SET name=? WHERE name=?", to, from); err != nil { // versions and aliases cascade
		return err
	}
	if _, err := t.exec("UPDATE versions SET updated=? WHERE model=?", t.s.now(), to); err != nil {
		return err
	}
	return t.movePolicy(from, to)
}

// DeleteModel deletes a registered model with its versions and aliases, and
// adds e, if not nil, to the trail, which stays.
func (s *Store) DeleteModel(ctx context.Context, name string, e *track.Event) error {
	return s.write(ctx, 1, func(t *tx) error {
		n, err := t.exec("DELETE FROM models WHERE name=?", name)
		if err != nil {
			return err
		}
		if n == 0 {
			return modelNotFound(name)
		}
		t.changed(track.Change{Kind: "registry"})
		return t.note(e)
	})
}

// SearchModels finds registered models, by name unless the query says
// otherwise.
func (s *Store) SearchModels(ctx context.Context, q track.ModelQuery) (track.Page[track.Model], error) {
	all, err := models(s.read(ctx), "")
	if err != nil {
		return track.Page[track.Model]{}, s.explain(err)
	}
	return paginate(all, newModelRecord, pageQuery{
		filter: q.Filter, order: q.Order, max: q.Max, token: q.Token,
		ties: []search.Order{attribute("name", false)},
	})
}
