package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/assay-ml/assay/track"
)

// snapshot reads within one read transaction.
type snapshot struct {
	ctx context.Context
	tx  *sql.Tx
}

func (q snapshot) query(text string, args ...any) (*sql.Rows, error) {
	return q.tx.QueryContext(q.ctx, text, args...)
}

// defaultCurve is how many points a curve has if the query does not say.
const defaultCurve = 1000

func (s *Store) curve(q reads, cq track.CurveQuery) (track.Curve, error) {
	var out track.Curve
	r, err := findRun(q, cq.RunID)
	if err != nil {
		return out, err
	}
	contexts, err := s.keyIDs(q, r.exp, cq.Key)
	if err != nil || len(contexts) == 0 {
		return out, err
	}
	tails, err := logTails(q, r.id, contexts)
	if err != nil {
		return out, err
	}
	size := cq.MaxPoints
	if size <= 0 {
		size = defaultCurve
	}
	for id, name := range contexts {
		x := thinner{run: r.id, key: id, after: cq.AfterStep, size: max(size/len(contexts), 4), tail: normalize(tails[id])}
		points, total, err := x.thin(q)
		if err != nil {
			return out, err
		}
		out.Total += total
		out.Points = appendMetrics(out.Points, cq.Key, name, points)
	}
	if len(contexts) > 1 {
		slices.SortStableFunc(out.Points, func(a, b track.Metric) int {
			if c := cmp.Compare(a.Step, b.Step); c != 0 {
				return c
			}
			return compareHistory(a, b)
		})
	}
	return out, nil
}

// logTails reads what is not sealed yet of some series.
func logTails(q reads, run int64, keys map[int64]string) (map[int64][]point, error) {
	out := map[int64][]point{}
	want := func(key int64) bool { _, ok := keys[key]; return ok }
	err := each(q, func(scan func(...any) error) error {
		var data []byte
		if err := scan(&data); err != nil {
			return err
		}
		return unpackLog(data, want, func(key int64, ps []point) { out[key] = append(out[key], ps...) })
	}, "SELECT data FROM run_log WHERE run_id=?", run)
	return out, err
}

// thinner reads one series and keeps of it what a chart can show.
type thinner struct {
	run, key int64
	after    int64
	size     int
	tail     []point // not sealed, in order
}

// thin returns the points to show and how many there are in all. Series whose
// blocks follow each other, which is nearly all, are read block by block in
// constant memory; the others are put in order first.
func (x thinner) thin(q reads) ([]point, int, error) {
	total, skipped := 0, 0
	err := each(q, func(scan func(...any) error) error {
		var n int
		var last int64
		err := scan(&n, &last)
		if total += n; last <= x.after {
			skipped += n
		}
		return err
	}, "SELECT n, step1 FROM blocks WHERE run_id=? AND key_id=? ORDER BY seq", x.run, x.key)
	if err != nil {
		return nil, 0, err
	}
	total += len(x.tail)
	b := newBuckets(total-skipped, x.size)
	var last *point
	ordered := true
	err = x.stream(q, func(ps []point) bool {
		for i := range ps {
			if last != nil && last.step >= ps[i].step && last.compare(ps[i]) >= 0 {
				ordered = false
				return false
			}
			if last = &ps[i]; last.step > x.after {
				b.add(*last)
			}
		}
		if last != nil {
			keep := *last // the next block is decoded over this one
			last = &keep
		}
		return true
	})
	if err != nil || ordered {
		return b.points(), total, err
	}
	return x.thinAll(q)
}

// stream calls f with the blocks that may hold steps after x.after, then with
// the tail, until f says no.
func (x thinner) stream(q reads, f func([]point) bool) error {
	c, err := newCodec()
	if err != nil {
		return err
	}
	var scratch []byte
	var ps []point
	more := true
	err = each(q, func(scan func(...any) error) error {
		var data sql.RawBytes
		if err := scan(&data); err != nil || !more {
			return err
		}
		var err error
		ps, err = c.decode(data, ps[:0], &scratch)
		more = more && err == nil && f(ps)
		return err
	}, "SELECT data FROM blocks WHERE run_id=? AND key_id=? AND step1>? ORDER BY seq", x.run, x.key, x.after)
	if err == nil && more {
		f(x.tail)
	}
	return err
}

// thinAll is for series that came out of order.
func (x thinner) thinAll(q reads) ([]point, int, error) {
	after := x.after
	x.after = -1 << 63
	var all []point
	err := x.stream(q, func(ps []point) bool { all = append(all, ps...); return true })
	if err != nil {
		return nil, 0, err
	}
	all = normalize(all)
	i, _ := slices.BinarySearchFunc(all, after, func(p point, step int64) int {
		if p.step <= step {
			return -1
		}
		return 1
	})
	b := newBuckets(len(all)-i, x.size)
	for _, p := range all[i:] {
		b.add(p)
	}
	return b.points(), len(all), nil
}

// buckets divides a series into parts of equal count and keeps the first, the
// last, the smallest and the greatest of each. A series that turns out to be
// short enough is kept whole.
type buckets struct {
	n, count int // expected points (perhaps too many) and parts
	size     int
	seen     int
	whole    []point // the first points, at most size
	out      []point
	cur      bucket
	at       int // parts begun
	limit    int // where the next one begins
}

type bucket struct {
	n                     int
	first, last, min, max int // places among all points
	pFirst, pLast         point
	pMin, pMax            point
	some                  bool // there was a number
}

func newBuckets(n, size int) *buckets {
	b := &buckets{n: n, count: n, size: size}
	if n > size {
		b.count = max(size/4, 1)
	}
	return b
}

func (b *buckets) add(p point) {
	for b.seen >= b.limit && b.at < b.count {
		b.flush()
		b.at++
		b.limit = int(int64(b.n) * int64(b.at) / int64(b.count))
	}
	if b.seen < b.size {
		b.whole = append(b.whole, p)
	}
	b.cur.add(b.seen, p)
	b.seen++
}

func (c *bucket) add(i int, p point) {
	if c.n == 0 {
		c.first, c.pFirst = i, p
	}
	c.n++
	c.last, c.pLast = i, p
	if p.value != p.value {
		return
	}
	if !c.some || p.value < c.pMin.value {
		c.min, c.pMin = i, p
	}
	if !c.some || p.value > c.pMax.value {
		c.max, c.pMax = i, p
	}
	c.some = true
}

func (b *buckets) flush() {
	c := b.cur
	b.cur = bucket{}
	if c.n == 0 {
		return
	}
	type placed struct {
		at int
		p  point
	}
	all := []placed{{c.first, c.pFirst}, {c.last, c.pLast}}
	if c.some {
		all = append(all, placed{c.min, c.pMin}, placed{c.max, c.pMax})
	}
	slices.SortFunc(all, func(x, y placed) int { return cmp.Compare(x.at, y.at) })
	for i, x := range all {
		if i == 0 || x.at != all[i-1].at {
			b.out = append(b.out, x.p)
		}
	}
}

func (b *buckets) points() []point {
	if b.seen <= b.size {
		return b.whole
	}
	b.flush()
	return b.out
}
