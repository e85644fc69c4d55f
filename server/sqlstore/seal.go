package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// When a run's log is sealed, in points: a run with many series waits longer,
// so that blocks are not rewritten for a few points each.
const (
	sealAt     = 8192
	sealPerKey = 64
	sealAtMost = 1 << 17
	sealPiece  = 1 << 15 // points a transaction
	sealRetry  = 30 * time.Second
)

// sealer moves points from the log into blocks, in the background and one run
// at a time. Reading and encoding happen outside the transaction: nobody else
// touches blocks or takes away log rows.
type sealer struct {
	s    *Store
	wake chan struct{}
	quit chan struct{}
	done chan struct{}

	mu   sync.Mutex
	runs map[int64]unsealed
	due  map[int64]bool
}

type unsealed struct{ points, keys int }

func newSealer(s *Store) *sealer {
	z := &sealer{
		s: s, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
		runs: map[int64]unsealed{}, due: map[int64]bool{},
	}
	go z.loop()
	return z
}

func (z *sealer) stop() {
	close(z.quit)
	<-z.done
}

// logged counts new points of a run that has that many series.
func (z *sealer) logged(run int64, points, keys int) {
	z.mu.Lock()
	defer z.mu.Unlock()
	u := unsealed{z.runs[run].points + points, keys}
	z.runs[run] = u
	if u.points >= min(max(sealAt, sealPerKey*keys), sealAtMost) {
		z.mark(run)
	}
}

// ended has what is left of a run sealed.
func (z *sealer) ended(run int64) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.mark(run)
}

func (z *sealer) mark(run int64) {
	z.due[run] = true
	select {
	case z.wake <- struct{}{}:
	default:
	}
}

func (z *sealer) next() (run int64, ok bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	for run := range z.due {
		delete(z.due, run)
		delete(z.runs, run)
		return run, true
	}
	return 0, false
}

func (z *sealer) loop() {
	defer close(z.done)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-z.quit; cancel() }()
	z.findOld(ctx)
	for {
		select {
		case <-z.quit:
			return
		case <-z.wake:
		}
		for run, ok := z.next(); ok && ctx.Err() == nil; run, ok = z.next() {
			if err := z.s.sealRun(ctx, run); err != nil && ctx.Err() == nil {
				// A full disk, most likely. The points stay in the log, where
				// they are safe and readable.
				z.later(run)
			}
		}
	}
}

func (z *sealer) later(run int64) {
	time.AfterFunc(sealRetry, func() { z.ended(run) })
}

// findOld looks for logs that an earlier process left.
func (z *sealer) findOld(ctx context.Context) {
	old := map[int64]bool{}
	err := each(z.s.read(ctx), func(scan func(...any) error) error {
		var run int64
		var status string
		var points int
		if err := scan(&run, &status, &points); err != nil {
			return err
		}
		old[run] = status != "RUNNING" || points >= sealAt
		return nil
	}, "SELECT r.id, r.status, sum(g.n) FROM run_log g CROSS JOIN runs r ON r.id = g.run_id GROUP BY r.id")
	if err != nil {
		return // they are found when they are written to, or at the next start
	}
	for run, seal := range old {
		if seal {
			z.ended(run)
		}
	}
}

// sealRun seals all that is in the log of a run.
func (s *Store) sealRun(ctx context.Context, run int64) error {
	for {
		more, err := s.sealPiece(ctx, run)
		if err != nil {
			return fmt.Errorf("sealing metrics: %w", err)
		}
		if !more {
			return nil
		}
	}
}

// openBlock is the last block of a series, which takes points until it is
// full.
type openBlock struct {
	seq  int64
	data []byte // nil: full
}

// block is a row of blocks to write.
type block struct {
	key, seq int64
	points   []point
	data     []byte
}

func (s *Store) sealPiece(ctx context.Context, run int64) (more bool, err error) {
	q := s.read(ctx)
	seqs, points, more, err := readLog(q, run)
	if err != nil || len(seqs) == 0 {
		return false, err
	}
	open, err := openBlocks(q, run)
	if err != nil {
		return false, err
	}
	blocks, err := encodeBlocks(points, open)
	if err != nil {
		return false, err
	}
	return more, s.write(ctx, 64*len(blocks), func(t *tx) error {
		for _, b := range blocks {
			if err := t.putBlock(run, b); err != nil {
				return err
			}
		}
		for _, seq := range seqs { // exactly those that were read
			if _, err := t.exec("DELETE FROM run_log WHERE run_id=? AND seq=?", run, seq); err != nil {
				return err
			}
		}
		return nil
	})
}

var errEnough = errors.New("enough")

// readLog reads the oldest rows of a log, up to a bound.
func readLog(q reads, run int64) (seqs []int64, points map[int64][]point, more bool, err error) {
	points = map[int64][]point{}
	total := 0
	err = each(q, func(scan func(...any) error) error {
		if total >= sealPiece {
			return errEnough
		}
		var seq int64
		var data []byte
		if err := scan(&seq, &data); err != nil {
			return err
		}
		seqs = append(seqs, seq)
		return unpackLog(data, func(int64) bool { return true }, func(key int64, ps []point) {
			points[key] = append(points[key], ps...)
			total += len(ps)
		})
	}, "SELECT seq, data FROM run_log WHERE run_id=? ORDER BY seq", run)
	if errors.Is(err, errEnough) {
		return seqs, points, true, nil
	}
	return seqs, points, false, err
}

func openBlocks(q reads, run int64) (map[int64]openBlock, error) {
	out := map[int64]openBlock{}
	err := each(q, func(scan func(...any) error) error {
		var key int64
		var b openBlock
		if err := scan(&key, &b.seq, &b.data); err != nil {
			return err
		}
		out[key] = b
		return nil
	}, `SELECT b.key_id, b.seq, CASE WHEN b.n < 1024 THEN b.data END FROM
 (SELECT key_id, max(seq) AS seq FROM blocks WHERE run_id=?1 GROUP BY key_id) m
 CROSS JOIN blocks b ON b.run_id=?1 AND b.key_id=m.key_id AND b.seq=m.seq`, run)
	return out, err
}

func encodeBlocks(points map[int64][]point, open map[int64]openBlock) ([]block, error) {
	c, err := newCodec()
	if err != nil {
		return nil, err
	}
	var out []block
	var scratch []byte
	for _, key := range slices.Sorted(maps.Keys(points)) {
		p, seq := points[key], int64(0)
		if o, ok := open[key]; ok {
			seq = o.seq + 1
			if o.data != nil {
				seq = o.seq
				q, err := c.decode(o.data, nil, &scratch)
				if err != nil {
					return nil, err
				}
				p = append(q, p...)
			}
		}
		for part := range slices.Chunk(normalize(p), blockSize) {
			out = append(out, block{key, seq, part, c.encode(part)})
			seq++
		}
	}
	return out, nil
}

func (t *tx) putBlock(run int64, b block) error {
	p := b.points
	ts0, ts1 := p[0].time, p[0].time
	var vmin, vmax, amin, amax any // NULL if all are NaN
	lo, hi := -1, -1
	for i, x := range p {
		ts0, ts1 = min(ts0, x.time), max(ts1, x.time)
		if x.value != x.value {
			continue
		}
		if lo < 0 || x.value < p[lo].value {
			lo = i
		}
		if hi < 0 || x.value > p[hi].value {
			hi = i
		}
	}
	if lo >= 0 {
		vmin, vmax, amin, amax = p[lo].value, p[hi].value, p[lo].step, p[hi].step
	}
	_, err := t.exec(`INSERT INTO blocks(run_id, key_id, seq, n, step0, step1, ts0, ts1, vmin, vmax, amin, amax, data)
 VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(run_id, key_id, seq) DO UPDATE SET n=excluded.n,
 step0=excluded.step0, step1=excluded.step1, ts0=excluded.ts0, ts1=excluded.ts1, vmin=excluded.vmin,
 vmax=excluded.vmax, amin=excluded.amin, amax=excluded.amax, data=excluded.data`,
		run, b.key, b.seq, len(p), p[0].step, p[len(p)-1].step, ts0, ts1, vmin, vmax, amin, amax, b.data)
	return err
}
