package sqlstore

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// historyText reads sealed points and log in one statement, which is one
// snapshot: a sealing in between neither hides nor doubles anything.
const historyText = `SELECT 0, b.key_id, b.data FROM keys k CROSS JOIN blocks b ON b.run_id = ?1 AND b.key_id = k.id AND b.ts1 >= ?4
 WHERE k.exp_id = ?2 AND k.kind = 1 AND k.name = ?3
 UNION ALL SELECT 1, 0, data FROM run_log WHERE run_id = ?1`

// allTimes is the least time there is, for reads without a bound.
const allTimes = math.MinInt64

// seriesPoints reads the points of all contexts of a name, from a time on (and
// perhaps some before it), in no order.
func (s *Store) seriesPoints(q reads, r runRow, name string, from int64) (map[int64][]point, map[int64]string, error) {
	contexts, err := s.keyIDs(q, r.exp, name)
	if err != nil || len(contexts) == 0 {
		return nil, nil, err
	}
	c, err := newCodec()
	if err != nil {
		return nil, nil, err
	}
	out := map[int64][]point{}
	var scratch []byte
	want := func(key int64) bool { _, ok := contexts[key]; return ok }
	err = each(q, func(scan func(...any) error) error {
		var fromLog bool
		var key int64
		var data []byte
		if err := scan(&fromLog, &key, &data); err != nil {
			return err
		}
		if fromLog {
			return unpackLog(data, want, func(key int64, ps []point) { out[key] = append(out[key], ps...) })
		}
		ps, err := c.decode(data, out[key], &scratch)
		out[key] = ps
		return err
	}, historyText, r.id, r.exp, name, from)
	return out, contexts, err
}

// History returns a page of the points of one name, of all its contexts.
func (s *Store) History(ctx context.Context, q track.HistoryQuery) (track.Page[track.Metric], error) {
	page, err := s.history(s.read(ctx), q)
	return page, s.explain(err)
}

func (s *Store) history(rd reads, q track.HistoryQuery) (page track.Page[track.Metric], err error) {
	after, err := decodePoint(q.Token)
	if err != nil {
		return page, err
	}
	r, err := findRun(rd, q.RunID)
	if err != nil {
		return page, err
	}
	from := int64(allTimes)
	if after != nil {
		from = after.Time
	}
	points, contexts, err := s.seriesPoints(rd, r, q.Key, from)
	if err != nil {
		return page, err
	}
	var all []track.Metric
	for id, ps := range points {
		all = appendMetrics(all, q.Key, contexts[id], normalize(ps))
	}
	sortHistory(all)
	if after != nil {
		i, found := slices.BinarySearchFunc(all, *after, compareHistory)
		if found {
			i++
		}
		all = all[i:]
	}
	if q.Max > 0 && len(all) > q.Max {
		all = all[:q.Max]
		page.Next = encodePoint(all[q.Max-1])
	}
	page.Items = all
	return page, s.attachOf(rd, r, q.Key, all)
}

func appendMetrics(out []track.Metric, key, context string, ps []point) []track.Metric {
	out = slices.Grow(out, len(ps))
	for _, p := range ps {
		out = append(out, track.Metric{Key: key, Context: context, Value: p.value, Step: p.step, Time: p.time})
	}
	return out
}

// compareHistory is the order of a history: time, step, value; NaN counts as 0
// and stands behind it, as MLflow keeps it.
func compareHistory(a, b track.Metric) int {
	if c := cmp.Compare(a.Time, b.Time); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Step, b.Step); c != 0 {
		return c
	}
	if c := cmp.Compare(nanAsZero(a.Value), nanAsZero(b.Value)); c != 0 {
		return c
	}
	if c := compareValue(a.Value, b.Value); c != 0 {
		return c
	}
	return cmp.Compare(a.Context, b.Context)
}

func nanAsZero(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// sortHistory sorts only what is not in order: most series are.
func sortHistory(all []track.Metric) {
	if !slices.IsSortedFunc(all, compareHistory) {
		slices.SortFunc(all, compareHistory)
	}
}

// attachOf adds to points what they were measured of. Few runs have such.
func (s *Store) attachOf(q reads, r runRow, name string, all []track.Metric) error {
	return each(q, func(scan func(...any) error) error {
		var m track.Metric
		var bits int64
		if err := scan(&m.Context, &m.Step, &m.Time, &bits, &m.ModelID, &m.DatasetName, &m.DatasetDigest); err != nil {
			return err
		}
		m.Value = math.Float64frombits(uint64(bits))
		if i, ok := slices.BinarySearchFunc(all, m, compareHistory); ok {
			all[i].ModelID, all[i].DatasetName, all[i].DatasetDigest = m.ModelID, m.DatasetName, m.DatasetDigest
		}
		return nil
	}, `SELECT k.context, p.step, p.ts, p.bits, p.model_id, p.dataset_name, p.dataset_digest
 FROM keys k CROSS JOIN point_of p ON p.run_id = ? AND p.key_id = k.id WHERE k.exp_id = ? AND k.kind = 1 AND k.name = ?`, r.id, r.exp, name)
}

// The token of a page of history is its last point.

func encodePoint(m track.Metric) string {
	b := binary.AppendVarint(nil, m.Time)
	b = binary.AppendVarint(b, m.Step)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(m.Value))
	return base64.RawURLEncoding.EncodeToString(append(b, m.Context...))
}

func decodePoint(token string) (*track.Metric, error) {
	if token == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, fault.New(fault.Invalid, "Invalid page token, could not base64-decode")
	}
	u := unpacker{b: b}
	m := track.Metric{Time: u.varint(), Step: u.varint(), Value: u.value(), Context: string(u.b)}
	if u.bad {
		return nil, fault.New(fault.Invalid, "Invalid page token, it is not of a history")
	}
	m.Context = string(u.b)
	return &m, nil
}

// Curve returns a series thinned for a chart. Of several contexts each is
// thinned by itself; Total counts all points of the name, also those that
// AfterStep leaves out.
func (s *Store) Curve(ctx context.Context, q track.CurveQuery) (track.Curve, error) {
	tx, err := s.rdb.BeginTx(ctx, nil) // several statements, one snapshot
	if err != nil {
		return track.Curve{}, s.explain(err)
	}
	defer tx.Rollback() // it only read
	c, err := s.curve(snapshot{ctx, tx}, q)
	if err != nil {
		return track.Curve{}, s.explain(fmt.Errorf("reading the curve of %q: %w", q.Key, err))
	}
	return c, nil
}
