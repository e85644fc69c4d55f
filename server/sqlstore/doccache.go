package sqlstore

import (
	"cmp"
	"slices"
	"sync"
)

// Bounds of what is kept in memory for searches. Experiments that would not
// fit are read from disk in pieces at every search.
const (
	docBudget  = 96 << 20 // bytes
	docGuess   = 3000     // bytes a run, before it is read
	scanPieces = 500      // runs
)

// docCache keeps the runs of whole experiments. It is brought up to date
// through run_latest.ver before each search, so it needs no word from the
// writer and is never behind what was acknowledged.
type docCache struct {
	mu    sync.Mutex
	exps  map[int64]*expDocs
	bytes int
	clock int64

	budget int
}

// expDocs is one experiment in memory.
type expDocs struct {
	mu   sync.Mutex // held while it is brought up to date
	seen int64      // the greatest version that is in it
	docs []*doc     // newest first; replaced, never changed
	at   map[int64]int

	// Guarded by docCache.mu.
	bytes int
	used  int64
}

func (c *docCache) init() { c.exps, c.bytes, c.budget = map[int64]*expDocs{}, 0, docBudget }

func (c *docCache) get(exp int64) *expDocs {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.exps[exp]
	if e == nil {
		e = &expDocs{at: map[int64]int{}}
		c.exps[exp] = e
	}
	c.clock++
	e.used = c.clock
	return e
}

// resize notes the size of an experiment and forgets those used least lately
// until all fit. Whoever reads a forgotten one goes on with it.
func (c *docCache) resize(exp int64, e *expDocs, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.exps[exp] != e {
		return
	}
	c.bytes += bytes - e.bytes
	e.bytes = bytes
	for c.bytes > c.budget {
		oldest := int64(-1)
		for id, x := range c.exps {
			if oldest < 0 || x.used < c.exps[oldest].used {
				oldest = id
			}
		}
		if oldest < 0 {
			return
		}
		c.bytes -= c.exps[oldest].bytes
		delete(c.exps, oldest)
	}
}

// fits guesses whether the runs of an experiment can be kept.
func (s *Store) fits(q reads, exp int64, e *expDocs) (bool, error) {
	if len(e.docs) > 0 {
		return true, nil
	}
	var n int
	err := one(q, []any{&n}, "SELECT count(*) FROM run_latest WHERE exp_id=?", exp)
	return n*docGuess <= s.docs.budget, err
}

// docsOf returns the runs of an experiment, newest first; ok false if there
// are too many to keep.
func (s *Store) docsOf(q reads, exp int64) (docs []*doc, ok bool, err error) {
	e := s.docs.get(exp)
	e.mu.Lock()
	defer e.mu.Unlock()
	if ok, err = s.fits(q, exp, e); err != nil || !ok {
		return nil, ok, err
	}
	if e.seen == 0 {
		if err := s.loadKeys(q, exp); err != nil {
			return nil, true, err
		}
	}
	fresh, err := s.loadRuns(q, scope{"l.exp_id = ? AND l.ver > ?", []any{exp, e.seen}})
	if err != nil {
		return nil, true, err
	}
	if len(fresh) > 0 {
		e.merge(fresh)
		bytes := 0
		for _, d := range e.docs {
			bytes += d.size
		}
		s.docs.resize(exp, e, bytes)
	}
	return e.docs, true, nil
}

func newestFirst(a, b *doc) int {
	if c := cmp.Compare(b.run.Start, a.run.Start); c != 0 {
		return c
	}
	return cmp.Compare(a.run.ID, b.run.ID)
}

// merge puts fresh runs into a new list, so that readers of the old one are
// not disturbed.
func (e *expDocs) merge(fresh []*doc) {
	docs := slices.Clone(e.docs)
	sorted := true
	for _, d := range fresh {
		e.seen = max(e.seen, d.ver)
		if i, ok := e.at[d.id]; ok {
			sorted = sorted && docs[i].run.Start == d.run.Start
			docs[i] = d
			continue
		}
		e.at[d.id] = len(docs)
		docs = append(docs, d)
		sorted = false
	}
	if !sorted {
		slices.SortFunc(docs, newestFirst)
		for i, d := range docs {
			e.at[d.id] = i
		}
	}
	e.docs = docs
}
