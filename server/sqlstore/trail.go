package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// addEvent numbers, chains and keeps an entry of the audit trail.
func (t *tx) addEvent(e track.Event) (track.Event, error) {
	err := one(t, []any{&e.Seq, &e.Prev}, "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return e, err
	}
	e.Seq++
	e.Time = orNow(e.Time, t.s.now())
	if e.Hash, err = track.EventHash(e); err != nil {
		return e, err
	}
	actor, err := encode(e.Actor)
	if err != nil {
		return e, err
	}
	_, err = t.exec("INSERT INTO events(seq, time, actor, kind, model, detail, prev, hash) VALUES (?,?,?,?,?,?,?,?)",
		e.Seq, e.Time, actor, e.Kind, e.Model, string(e.Detail), e.Prev, e.Hash)
	if err != nil {
		return e, fmt.Errorf("writing to the audit trail: %w", err)
	}
	return e, nil
}

// note adds e to the trail, if there is one.
func (t *tx) note(e *track.Event) error {
	if e == nil {
		return nil
	}
	_, err := t.addEvent(*e)
	return err
}

// AddEvent adds an entry to the audit trail for what changes nothing here.
func (s *Store) AddEvent(ctx context.Context, e track.Event) (out track.Event, err error) {
	err = s.write(ctx, 1, func(t *tx) error {
		out, err = t.addEvent(e)
		return err
	})
	return out, err
}

// Events returns entries of the audit trail in order: those of a model ("" for
// all) whose number is greater than after. max 0: 1,000.
func (s *Store) Events(ctx context.Context, model string, after int64, max int) ([]track.Event, error) {
	var out []track.Event
	err := each(s.read(ctx), func(scan func(...any) error) error {
		var e track.Event
		var actor, detail string
		if err := scan(&e.Seq, &e.Time, &actor, &e.Kind, &e.Model, &detail, &e.Prev, &e.Hash); err != nil {
			return err
		}
		if detail != "" {
			e.Detail = json.RawMessage(detail)
		}
		out = append(out, e)
		return decode(actor, &out[len(out)-1].Actor)
	}, "SELECT seq, time, actor, kind, model, detail, prev, hash FROM events WHERE (?1 = '' OR model = ?1) AND seq > ?2 ORDER BY seq LIMIT ?3",
		model, after, pageSize(max))
	return out, s.explain(err)
}

// SetAlias moves an alias to a version (0 removes it) and adds e to the trail.
// Removing an alias that is not there changes nothing and leaves no entry.
func (s *Store) SetAlias(ctx context.Context, model, alias string, n int, e track.Event) error {
	return s.write(ctx, 1, func(t *tx) error {
		changed, err := t.setAlias(model, alias, n)
		if err != nil || !changed {
			return err
		}
		if _, err := t.exec("UPDATE models SET updated=? WHERE name=?", s.now(), model); err != nil {
			return err
		}
		_, err = t.addEvent(e)
		t.changed(track.Change{Kind: "registry"})
		return err
	})
}

func (t *tx) setAlias(model, alias string, n int) (changed bool, err error) {
	if err := modelFree(t, model); err == nil {
		return false, modelNotFound(model)
	} else if !fault.Is(err, fault.Exists) {
		return false, err
	}
	if n == 0 {
		gone, err := t.exec("DELETE FROM aliases WHERE model=? AND alias=?", model, alias)
		return gone > 0, err
	}
	if _, err := version(t, model, n); err != nil {
		return false, err
	}
	_, err = t.exec("INSERT INTO aliases(model, alias, version) VALUES (?,?,?) ON CONFLICT(model, alias) DO UPDATE SET version=excluded.version", model, alias, n)
	return true, err
}

// Policy returns the newest policy of a model; NotFound if none was ever set.
func (s *Store) Policy(ctx context.Context, model string) (track.Policy, error) {
	p, err := policy(s.read(ctx), model)
	return p, s.explain(err)
}

func policy(q reads, model string) (track.Policy, error) {
	var p track.Policy
	var doc string
	err := one(q, []any{&p.Revision, &doc}, "SELECT revision, doc FROM policies WHERE model=? ORDER BY revision DESC LIMIT 1", model)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fault.New(fault.NotFound, "no policy is set for the model %s", model)
	}
	revision := p.Revision
	if err == nil {
		err = decode(doc, &p)
	}
	p.Model, p.Revision = model, revision // the model may have been renamed
	return p, err
}

// SetPolicy keeps a new revision of a model's policy. The model need not be
// there yet.
func (s *Store) SetPolicy(ctx context.Context, p track.Policy, e track.Event) (track.Policy, error) {
	var out track.Policy
	err := s.write(ctx, 1, func(t *tx) error {
		old, err := policy(t, p.Model)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		out = p
		out.Revision = old.Revision + 1
		out.At = orNow(p.At, s.now())
		doc, err := encode(out)
		if err != nil {
			return err
		}
		if _, err := t.exec("INSERT INTO policies(model, revision, doc) VALUES (?,?,?)", out.Model, out.Revision, doc); err != nil {
			return err
		}
		_, err = t.addEvent(e)
		t.changed(track.Change{Kind: "registry"})
		return err
	})
	return out, err
}

// movePolicy lets the policy follow a model to a new name. If the new name has
// revisions of its own, the moved ones come after them and are in force.
func (t *tx) movePolicy(from, to string) error {
	_, err := t.exec(`UPDATE policies SET model = ?2,
 revision = revision + (SELECT coalesce(max(revision), 0) FROM policies WHERE model = ?2) WHERE model = ?1`, from, to)
	return err
}
