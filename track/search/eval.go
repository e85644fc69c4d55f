package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Multi is a Record with fields that have several values at once, such as the
// datasets of a run: a comparison holds if it holds for one of them.
type Multi interface {
	Record
	Texts(f Field) []string
}

// MultiNumber is a Record with metrics that have several values at once, such
// as those of a logged model.
type MultiNumber interface {
	Record
	Numbers(f Field) []float64
}

// promptTag is the one tag that counts as 'false' where it is missing, so that
// clients can ask for models that are not prompts.
const promptTag = "mlflow.prompt.is_prompt"

// Match evaluates a filter; nil matches all.
func Match(e Expr, r Record) bool {
	switch e := e.(type) {
	case nil:
		return true
	case And:
		for _, x := range e {
			if !Match(x, r) {
				return false
			}
		}
		return true
	case Or:
		return slices.ContainsFunc(e, func(x Expr) bool { return Match(x, r) })
	case Not:
		return !Match(e.X, r)
	case Cmp:
		return matchCmp(e, r)
	}
	return false
}

func matchCmp(c Cmp, r Record) bool {
	if c.Op == IsNull || c.Op == NotNull {
		return present(r, c.Field) == (c.Op == NotNull)
	}
	if m, ok := r.(MultiNumber); ok && c.IsNum && c.Field.Entity == Metric {
		return slices.ContainsFunc(m.Numbers(c.Field), func(v float64) bool { return compareNum(v, c.Op, c.Num) })
	}
	if c.IsNum {
		v, ok := r.Number(c.Field)
		return ok && compareNum(v, c.Op, c.Num)
	}
	if m, ok := r.(Multi); ok && c.Field.Entity == DatasetOf {
		return slices.ContainsFunc(m.Texts(c.Field), func(s string) bool { return compareText(s, c) })
	}
	s, ok := r.Text(c.Field)
	if !ok && c.Field.Entity == Tag && c.Field.Key == promptTag {
		s, ok = "false", true
	}
	return ok && compareText(s, c)
}

func present(r Record, f Field) bool {
	if _, ok := r.Number(f); ok {
		return true
	}
	if m, ok := r.(Multi); ok && f.Entity == DatasetOf {
		return len(m.Texts(f)) > 0
	}
	_, ok := r.Text(f)
	return ok
}

func compareNum(v float64, op Op, x float64) bool {
	switch op {
	case Eq:
		return v == x
	case Ne:
		return v != x
	case Lt:
		return v < x
	case Le:
		return v <= x
	case Gt:
		return v > x
	case Ge:
		return v >= x
	}
	return false
}

func compareText(s string, c Cmp) bool {
	switch c.Op {
	case Eq:
		return s == c.Str
	case Ne:
		return s != c.Str
	case Lt:
		return s < c.Str
	case Le:
		return s <= c.Str
	case Gt:
		return s > c.Str
	case Ge:
		return s >= c.Str
	case Like:
		return like(s, c.Str)
	case ILike:
		return like(strings.ToLower(s), strings.ToLower(c.Str))
	case In:
		return slices.Contains(c.List, s)
	case NotIn:
		return !slices.Contains(c.List, s)
	}
	return false
}

// like matches s against a pattern of % (any text) and _ (one character). The
// pieces between % are found from left to right, each at its first place, so
// there is no going back and hostile patterns cost no more than others.
func like(s, pattern string) bool {
	pieces := strings.Split(pattern, "%")
	first, last := pieces[0], pieces[len(pieces)-1]
	rest, ok := cutFront(s, first)
	if len(pieces) == 1 || !ok {
		return ok && rest == ""
	}
	for _, p := range pieces[1 : len(pieces)-1] {
		if rest, ok = cutFirst(rest, p); !ok {
			return false
		}
	}
	return endsWith(rest, last)
}

// cutFront cuts a piece without % from the front of s.
func cutFront(s, piece string) (rest string, ok bool) {
	if !strings.Contains(piece, "_") {
		return strings.CutPrefix(s, piece)
	}
	for _, p := range piece {
		r, size := utf8.DecodeRuneInString(s)
		if size == 0 || p != '_' && p != r {
			return s, false
		}
		s = s[size:]
	}
	return s, true
}

func endsWith(s, piece string) bool {
	if !strings.Contains(piece, "_") {
		return strings.HasSuffix(s, piece)
	}
	runes, n := []rune(s), len([]rune(piece))
	if len(runes) < n {
		return false
	}
	rest, ok := cutFront(string(runes[len(runes)-n:]), piece)
	return ok && rest == ""
}

// cutFirst finds the first place of a piece and cuts s behind it. Pieces with _
// are searched with one bit a character of the piece (shift-and).
func cutFirst(s, piece string) (rest string, ok bool) {
	if !strings.Contains(piece, "_") {
		_, rest, ok = strings.Cut(s, piece)
		return rest, ok
	}
	p := []rune(piece)
	words := (len(p) + 63) / 64
	masks := map[rune][]uint64{}
	blank := make([]uint64, words)
	for i, c := range p {
		if c == '_' {
			blank[i/64] |= 1 << (i % 64)
			continue
		}
		if masks[c] == nil {
			masks[c] = make([]uint64, words)
		}
		masks[c][i/64] |= 1 << (i % 64)
	}
	state := make([]uint64, words)
	for i := 0; i < len(s); {
		c, size := utf8.DecodeRuneInString(s[i:])
		i += size
		carry, m := uint64(1), masks[c]
		for w := range state {
			next := state[w] >> 63
			state[w] = state[w]<<1 | carry
			carry = next
			allowed := blank[w]
			if m != nil {
				allowed |= m[w]
			}
			state[w] &= allowed
		}
		if state[words-1]>>((len(p)-1)%64)&1 == 1 {
			return s[i:], true
		}
	}
	return s, false
}

// Key is a record's place under one key of an ordering.
type Key struct {
	Seg  int     `json:"g"` // 0 a value, 1 NaN, 2 missing
	Num  float64 `json:"n,omitempty"`
	Text string  `json:"t,omitempty"`
}

// Keys returns a record's place under an ordering: what a page token needs to
// keep.
func Keys(r Record, order []Order) []Key {
	out := make([]Key, len(order))
	for i, o := range order {
		out[i] = keyOf(r, o.Field)
	}
	return out
}

func keyOf(r Record, f Field) Key {
	if v, ok := r.Number(f); ok {
		if math.IsNaN(v) {
			return Key{Seg: 1}
		}
		return Key{Num: v}
	}
	if s, ok := r.Text(f); ok {
		return Key{Text: s}
	}
	return Key{Seg: 2}
}

// CompareKeys compares two places under the same ordering.
func CompareKeys(a, b []Key, order []Order) int {
	for i, o := range order {
		if c := compareKey(a[i], b[i], o.Desc); c != 0 {
			return c
		}
	}
	return 0
}

func compareKey(a, b Key, desc bool) int {
	if a.Seg != b.Seg {
		return cmp.Compare(a.Seg, b.Seg) // whatever the direction
	}
	c := cmp.Compare(a.Num, b.Num)
	if c == 0 {
		c = cmp.Compare(a.Text, b.Text)
	}
	if desc {
		return -c
	}
	return c
}

// Less compares two records: negative if a comes first. Whatever the
// direction, NaN comes after the numbers and what is missing last.
func Less(a, b Record, order []Order) int {
	for _, o := range order {
		if c := compareKey(keyOf(a, o.Field), keyOf(b, o.Field), o.Desc); c != 0 {
			return c
		}
	}
	return 0
}
