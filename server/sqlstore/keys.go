package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

const metricKind = 1 // of keys.kind

// seriesName names the series of one name in the runs of an experiment.
type seriesName struct {
	exp           int64
	name, context string
}

// keyCache knows names and ids of series. Ids are never used again, so what is
// in it stays true.
type keyCache struct {
	mu     sync.RWMutex
	byName map[seriesName]int64
	byID   map[int64]seriesName
}

func (c *keyCache) init() {
	c.byName = map[seriesName]int64{}
	c.byID = map[int64]seriesName{}
}

func (c *keyCache) id(n seriesName) (int64, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	id, ok := c.byName[n]
	return id, ok
}

func (c *keyCache) name(id int64) (seriesName, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	n, ok := c.byID[id]
	return n, ok
}

func (c *keyCache) put(n seriesName, id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byName[n], c.byID[id] = id, n
}

// keyID finds or makes the id of a series within a transaction.
func (t *tx) keyID(n seriesName) (int64, error) {
	if id, ok := t.s.keys.id(n); ok {
		return id, nil
	}
	if id, ok := t.keys[n]; ok {
		return id, nil
	}
	var id int64
	err := one(t, []any{&id}, "SELECT id FROM keys WHERE exp_id=? AND kind=1 AND name=? AND context=?", n.exp, n.name, n.context)
	if errors.Is(err, sql.ErrNoRows) {
		id, err = t.insert("INSERT INTO keys(exp_id, kind, name, context) VALUES (?,?,?,?)", n.exp, metricKind, n.name, n.context)
	}
	if err != nil {
		return 0, fmt.Errorf("naming a metric: %w", err)
	}
	t.keys[n] = id
	t.after(func() { t.s.keys.put(n, id) })
	return id, nil
}

// keyName finds the name of an id.
func (s *Store) keyName(q reads, id int64) (seriesName, error) {
	if n, ok := s.keys.name(id); ok {
		return n, nil
	}
	var n seriesName
	err := one(q, []any{&n.exp, &n.name, &n.context}, "SELECT exp_id, name, context FROM keys WHERE id=?", id)
	if err != nil {
		return n, fmt.Errorf("finding the name of metric %d: %w", id, err)
	}
	return n, nil
}

// loadKeys brings the names of an experiment into memory, so that many runs
// can be unpacked without a query for each name.
func (s *Store) loadKeys(q reads, exp int64) error {
	return each(q, func(scan func(...any) error) error {
		n, id := seriesName{exp: exp}, int64(0)
		if err := scan(&id, &n.name, &n.context); err != nil {
			return err
		}
		s.keys.put(n, id)
		return nil
	}, "SELECT id, name, context FROM keys WHERE exp_id=? AND kind=1", exp)
}

// keyIDs finds the ids of all contexts of a name.
func (s *Store) keyIDs(q reads, exp int64, name string) (map[int64]string, error) {
	out := map[int64]string{}
	err := each(q, func(scan func(...any) error) error {
		var id int64
		var context string
		if err := scan(&id, &context); err != nil {
			return err
		}
		out[id] = context
		return nil
	}, "SELECT id, context FROM keys WHERE exp_id=? AND kind=1 AND name=?", exp, name)
	return out, err
}
