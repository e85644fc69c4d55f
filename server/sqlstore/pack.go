package sqlstore

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"github.com/assay-ml/assay/track"
)

// The packed formats. Numbers are varints of encoding/binary, values the
// 8 bytes of a float64, little endian.
//
//	run_latest.data  repeated: uvarint key, varint step, varint time, value;
//	                 sorted by key
//	run_log.data     groups: uvarint key, uvarint n, uvarint length of what
//	                 follows, n × (varint step, varint time, value), step and
//	                 time as differences within the group
//	blocks.data      see codec.go

// point is one measured value of a series that is known from elsewhere.
type point struct {
	step, time int64
	value      float64
}

// later is track.Metric.Later for points.
func (p point) later(old point) bool {
	return track.Metric{Step: p.step, Time: p.time, Value: p.value}.Later(track.Metric{Step: old.step, Time: old.time, Value: old.value})
}

// compare orders points by step, time and value, NaN last. Points that are
// equal are the same point.
func (p point) compare(q point) int {
	if c := cmp.Compare(p.step, q.step); c != 0 {
		return c
	}
	if c := cmp.Compare(p.time, q.time); c != 0 {
		return c
	}
	return compareValue(p.value, q.value)
}

func compareValue(a, b float64) int {
	if a != a || b != b {
		return cmp.Compare(b2i(a != a), b2i(b != b))
	}
	return cmp.Compare(a, b)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// normalize sorts points and drops doubles, in place.
func normalize(p []point) []point {
	sorted := true
	for i := 1; i < len(p) && sorted; i++ {
		sorted = p[i-1].compare(p[i]) < 0
	}
	if sorted {
		return p
	}
	slices.SortFunc(p, point.compare)
	return slices.CompactFunc(p, func(a, b point) bool { return a.compare(b) == 0 })
}

var errPacked = errors.New("a packed row is damaged")

// unpacker reads packed bytes; the first damage stops it.
type unpacker struct {
	b   []byte
	bad bool
}

func (u *unpacker) more() bool { return len(u.b) > 0 && !u.bad }

func (u *unpacker) uvarint() uint64 {
	v, n := binary.Uvarint(u.b)
	if n <= 0 {
		u.bad = true
		return 0
	}
	u.b = u.b[n:]
	return v
}

func (u *unpacker) varint() int64 {
	if len(u.b) > 0 && u.b[0] < 0x80 { // one byte: nearly all
		v := int64(u.b[0]>>1) ^ -int64(u.b[0]&1)
		u.b = u.b[1:]
		return v
	}
	v, n := binary.Varint(u.b)
	if n <= 0 {
		u.bad = true
		return 0
	}
	u.b = u.b[n:]
	return v
}

func (u *unpacker) value() float64 {
	if len(u.b) < 8 {
		u.bad = true
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(u.b))
	u.b = u.b[8:]
	return v
}

func (u *unpacker) err() error {
	if u.bad {
		return errPacked
	}
	return nil
}

// keyed is the latest point of a series.
type keyed struct {
	key int64
	p   point
}

func packLatest(ls []keyed) []byte {
	b := make([]byte, 0, len(ls)*20)
	for _, l := range ls {
		b = binary.AppendUvarint(b, uint64(l.key))
		b = binary.AppendVarint(b, l.p.step)
		b = binary.AppendVarint(b, l.p.time)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(l.p.value))
	}
	return b
}

func unpackLatest(b []byte) ([]keyed, error) {
	u := unpacker{b: b}
	out := make([]keyed, 0, len(b)/17+1)
	for u.more() {
		out = append(out, keyed{int64(u.uvarint()), point{u.varint(), u.varint(), u.value()}})
	}
	return out, u.err()
}

// mergeLatest merges new latest points into old ones, both sorted by key, and
// says whether anything changed.
func mergeLatest(old, add []keyed) (out []keyed, changed bool) {
	out = make([]keyed, 0, len(old)+len(add))
	for len(old) > 0 && len(add) > 0 {
		switch o, a := old[0], add[0]; {
		case o.key < a.key:
			out, old = append(out, o), old[1:]
		case o.key > a.key:
			out, add, changed = append(out, a), add[1:], true
		default:
			if a.p.later(o.p) {
				o, changed = a, true
			}
			out, old, add = append(out, o), old[1:], add[1:]
		}
	}
	return append(append(out, old...), add...), changed || len(add) > 0
}

// group is the points of one series in one logging call.
type group struct {
	key    int64
	points []point
}

// latest returns the latest point of a group.
func (g group) latest() keyed {
	best := g.points[0]
	for _, p := range g.points[1:] {
		if p.later(best) {
			best = p
		}
	}
	return keyed{g.key, best}
}

func packLog(gs []group) []byte {
	var b, body []byte
	for _, g := range gs {
		body = body[:0]
		var step, time int64
		for _, p := range g.points {
			body = binary.AppendVarint(body, p.step-step) // may wrap around, and back when read
			body = binary.AppendVarint(body, p.time-time)
			body = binary.LittleEndian.AppendUint64(body, math.Float64bits(p.value))
			step, time = p.step, p.time
		}
		b = binary.AppendUvarint(b, uint64(g.key))
		b = binary.AppendUvarint(b, uint64(len(g.points)))
		b = binary.AppendUvarint(b, uint64(len(body)))
		b = append(b, body...)
	}
	return b
}

// unpackLog calls f for each group of a log row that want accepts; the others
// are skipped unread.
func unpackLog(b []byte, want func(key int64) bool, f func(key int64, ps []point)) error {
	u := unpacker{b: b}
	var ps []point
	for u.more() {
		key, n, size := int64(u.uvarint()), u.uvarint(), u.uvarint()
		if u.bad || size > uint64(len(u.b)) || n > size {
			return errPacked
		}
		body := unpacker{b: u.b[:size]}
		u.b = u.b[size:]
		if !want(key) {
			continue
		}
		ps = ps[:0]
		var step, time int64
		for range n {
			step += body.varint()
			time += body.varint()
			ps = append(ps, point{step, time, body.value()})
		}
		if body.bad {
			return errPacked
		}
		f(key, ps)
	}
	return u.err()
}
