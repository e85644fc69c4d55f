package sqlstore

import (
	"context"
	"math"
	"slices"
	"sort"

	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

// SearchRuns finds runs. Its page tokens name the last run of a page and its
// place in the order, so pages stay apart while runs are added and removed;
// a token of another order, or no token at all, is an Invalid fault.
func (s *Store) SearchRuns(ctx context.Context, q track.RunQuery) (track.Page[track.Run], error) {
	page, err := s.searchRuns(ctx, q)
	return page, s.explain(err)
}

func (s *Store) searchRuns(ctx context.Context, q track.RunQuery) (track.Page[track.Run], error) {
	f, err := newFinder(q)
	if err != nil {
		return track.Page[track.Run]{}, err
	}
	r := s.read(ctx)
	exps := distinct(q.ExperimentIDs)
	for _, exp := range exps {
		docs, ok, err := s.docsOf(r, exp)
		if err != nil {
			return track.Page[track.Run]{}, err
		}
		switch {
		case ok && len(exps) == 1 && f.newestFirst():
			return f.walk(docs)
		case ok:
			f.add(docs)
		default:
			if err := s.scan(r, exp, f); err != nil {
				return track.Page[track.Run]{}, err
			}
		}
	}
	return f.page()
}

func distinct(ids []int64) []int64 {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// scan reads an experiment piece by piece.
func (s *Store) scan(q reads, exp int64, f *finder) error {
	if err := s.loadKeys(q, exp); err != nil {
		return err
	}
	// The index runs_exp is walked; a run's start never changes.
	start, id := int64(math.MinInt64), int64(0)
	for {
		docs, err := s.loadRuns(q, scope{
			"l.run_id IN (SELECT id FROM runs WHERE exp_id = ? AND (start_ms, id) > (?, ?) ORDER BY start_ms, id LIMIT ?)",
			[]any{exp, start, id, scanPieces},
		})
		if err != nil || len(docs) == 0 {
			return err
		}
		f.add(docs)
		for _, d := range docs {
			if d.run.Start > start || d.run.Start == start && d.id > id {
				start, id = d.run.Start, d.id
			}
		}
	}
}

// finder picks the runs of a page.
type finder struct {
	q     track.RunQuery
	order []search.Order
	after []search.Key
	size  int
	best  *top[*doc]
}

func newFinder(q track.RunQuery) (*finder, error) {
	order := slices.Concat(q.Order, []search.Order{attribute("start_time", true), attribute("run_id", false)})
	after, err := decodeToken(q.Token, order)
	size := pageSize(q.Max)
	return &finder{q: q, order: order, after: after, size: size, best: newTop[*doc](size+1, order)}, err
}

func (f *finder) matches(d *doc) bool {
	return inView(d.run.Lifecycle, f.q.View) && search.Match(f.q.Filter, runRecord{&d.run})
}

func (f *finder) add(docs []*doc) {
	for _, d := range docs {
		if !f.matches(d) {
			continue
		}
		keys := search.Keys(runRecord{&d.run}, f.order)
		if f.after == nil || search.CompareKeys(keys, f.after, f.order) > 0 {
			f.best.add(ranked[*doc]{d, keys})
		}
	}
}

func (f *finder) page() (track.Page[track.Run], error) {
	found := f.best.sorted()
	docs := make([]*doc, len(found))
	for i, x := range found {
		docs[i] = x.item
	}
	return f.cut(docs)
}

// newestFirst says whether the order is the one in which runs are in memory.
func (f *finder) newestFirst() bool {
	return len(f.q.Order) == 0 || len(f.q.Order) == 1 && f.q.Order[0] == attribute("start_time", true)
}

// walk takes a page from runs that are in order already.
func (f *finder) walk(docs []*doc) (track.Page[track.Run], error) {
	if f.after != nil {
		i := sort.Search(len(docs), func(i int) bool {
			return search.CompareKeys(search.Keys(runRecord{&docs[i].run}, f.order), f.after, f.order) > 0
		})
		docs = docs[i:]
	}
	var found []*doc
	for _, d := range docs {
		if f.matches(d) {
			if found = append(found, d); len(found) > f.size {
				break
			}
		}
	}
	return f.cut(found)
}

func (f *finder) cut(docs []*doc) (page track.Page[track.Run], err error) {
	if len(docs) > f.size {
		docs = docs[:f.size]
		page.Next, err = encodeToken(f.order, search.Keys(runRecord{&docs[f.size-1].run}, f.order))
	}
	page.Items = make([]track.Run, len(docs))
	for i, d := range docs {
		page.Items[i] = d.run
	}
	return page, err
}

// newestOf returns the active runs among docs, of some experiments or, if that
// is nil, of all.
func newestOf(docs []*doc, experimentIDs []int64) []track.Run {
	slices.SortFunc(docs, newestFirst)
	var out []track.Run
	for _, d := range docs {
		if d.run.Lifecycle == track.Active && (experimentIDs == nil || slices.Contains(experimentIDs, d.run.ExperimentID)) {
			out = append(out, d.run)
		}
	}
	return out
}
