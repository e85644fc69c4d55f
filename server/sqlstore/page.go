package sqlstore

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

// Items a page, if the query does not say, and at most.
const (
	defaultPage = 1000
	maxPage     = 1 << 18
)

// pageQuery asks for a page of records that are in memory. ties are appended
// to the order and make it total.
type pageQuery struct {
	filter      search.Expr
	order, ties []search.Order
	max         int
	token       string
}

// pageToken is the place of the last item of a page: not a count, so that
// what comes and goes before it moves nothing, and page 1,000 costs what page
// 1 costs.
type pageToken struct {
	Order uint64       `json:"o"` // of the order it belongs to
	After []search.Key `json:"k"`
}

func attribute(key string, desc bool) search.Order {
	return search.Order{Field: search.Field{Entity: search.Attribute, Key: key}, Desc: desc}
}

func orderHash(order []search.Order) uint64 {
	h := fnv.New64a()
	for _, o := range order {
		fmt.Fprintf(h, "%q %q %v;", o.Field.Entity, o.Field.Key, o.Desc)
	}
	return h.Sum64() >> 12 // fits in a JSON number everywhere
}

func encodeToken(order []search.Order, after []search.Key) (string, error) {
	b, err := json.Marshal(pageToken{orderHash(order), after})
	if err != nil {
		return "", fmt.Errorf("writing a page token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

func decodeToken(s string, order []search.Order) ([]search.Key, error) {
	if s == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, fault.New(fault.Invalid, "Invalid page token, could not base64-decode")
	}
	var t pageToken
	if json.Unmarshal(b, &t) != nil {
		return nil, fault.New(fault.Invalid, "Invalid page token, could not base64-decode")
	}
	if len(t.After) != len(order) || t.Order != orderHash(order) {
		return nil, fault.New(fault.Invalid, "Invalid page token, it does not belong to this search")
	}
	return t.After, nil
}

// ranked is an item with its place in the order.
type ranked[T any] struct {
	item T
	keys []search.Key
}

// paginate filters, orders and cuts items. rec makes the record that an item
// is seen as.
func paginate[T any, R search.Record](items []T, rec func(*T) R, q pageQuery) (track.Page[T], error) {
	var page track.Page[T]
	order := slices.Concat(q.order, q.ties)
	after, err := decodeToken(q.token, order)
	if err != nil {
		return page, err
	}
	best := newTop[T](pageSize(q.max)+1, order)
	for i := range items {
		r := rec(&items[i])
		if !search.Match(q.filter, r) {
			continue
		}
		keys := search.Keys(r, order)
		if after == nil || search.CompareKeys(keys, after, order) > 0 {
			best.add(ranked[T]{items[i], keys})
		}
	}
	found := best.sorted()
	if size := pageSize(q.max); len(found) > size {
		found = found[:size]
		if page.Next, err = encodeToken(order, found[size-1].keys); err != nil {
			return page, err
		}
	}
	for _, f := range found {
		page.Items = append(page.Items, f.item)
	}
	return page, nil
}

func pageSize(n int) int {
	if n <= 0 {
		return defaultPage
	}
	return min(n, maxPage)
}

// top keeps the first n of what is added: it collects up to 2n, sorts, and
// drops the rest, which is as good as a heap and simpler.
type top[T any] struct {
	n     int
	order []search.Order
	all   []ranked[T]
	worst []search.Key // what comes after it need not be collected
}

func newTop[T any](n int, order []search.Order) *top[T] { return &top[T]{n: n, order: order} }

func (t *top[T]) add(r ranked[T]) {
	if t.worst != nil && search.CompareKeys(r.keys, t.worst, t.order) > 0 {
		return
	}
	t.all = append(t.all, r)
	if len(t.all) >= 2*t.n+64 {
		t.sorted()
		t.worst = t.all[t.n-1].keys
	}
}

func (t *top[T]) sorted() []ranked[T] {
	slices.SortFunc(t.all, func(a, b ranked[T]) int { return search.CompareKeys(a.keys, b.keys, t.order) })
	if len(t.all) > t.n {
		clear(t.all[t.n:])
		t.all = t.all[:t.n]
	}
	return t.all
}
