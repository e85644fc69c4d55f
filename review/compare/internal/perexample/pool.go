// Package perexample reads two models' answers per example from CSV and lays them
// side by side by id: which ids, labels, inputs or clusters differ, which rows
// stand twice, and the dense columns of what is common. Rows may come in any
// order; nothing that it returns depends on it. It holds a million rows in
// some tens of megabytes and knows no metric.
package perexample

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"
)

// Pool keeps each different text once; a code stands for it. Codes depend on
// the order of the rows and must not be shown.
type Pool struct {
	text  []byte
	off   []uint32 // code → where its text begins; one more at the end
	hash  []uint32
	table []uint32 // code+1, open addressing
	seed  maphash.Seed
	nums  []float64 // by code, once asked for
	known []bool
}

// NewPool returns an empty pool.
func NewPool() *Pool {
	return &Pool{off: []uint32{0}, table: make([]uint32, 1<<10), seed: maphash.MakeSeed()}
}

// Len is the number of different texts.
func (p *Pool) Len() int { return len(p.hash) }

// Text returns the text of a code.
func (p *Pool) Text(code uint32) string { return string(p.bytes(code)) }

func (p *Pool) bytes(code uint32) []byte { return p.text[p.off[code]:p.off[code+1]] }

// Code returns the code of a text, a new one for a new text.
func (p *Pool) Code(s string) uint32 {
	h := uint32(maphash.String(p.seed, s))
	mask := uint32(len(p.table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		switch c := p.table[i]; {
		case c == 0:
			return p.add(s, h, i)
		case p.hash[c-1] == h && string(p.bytes(c-1)) == s:
			return c - 1
		}
	}
}

// Find is Code for a text that may be missing, and adds nothing.
func (p *Pool) Find(s string) (uint32, bool) {
	h := uint32(maphash.String(p.seed, s))
	mask := uint32(len(p.table) - 1)
	for i := h & mask; p.table[i] != 0; i = (i + 1) & mask {
		if c := p.table[i] - 1; p.hash[c] == h && string(p.bytes(c)) == s {
			return c, true
		}
	}
	return 0, false
}

// Number is the number that a code's text is, NaN for what is none. It
// remembers, and the pool must not grow any more.
func (p *Pool) Number(code uint32) float64 {
	if p.nums == nil {
		p.nums, p.known = make([]float64, p.Len()), make([]bool, p.Len())
	}
	if !p.known[code] {
		p.known[code], p.nums[code] = true, Number(p.Text(code))
	}
	return p.nums[code]
}

func (p *Pool) add(s string, h, slot uint32) uint32 {
	code := uint32(len(p.hash))
	p.text = append(p.text, s...)
	p.off = append(p.off, uint32(len(p.text)))
	p.hash = append(p.hash, h)
	p.table[slot] = code + 1
	if len(p.hash)*2 > len(p.table) {
		p.grow()
	}
	return code
}

func (p *Pool) grow() {
	p.table = make([]uint32, 2*len(p.table))
	mask := uint32(len(p.table) - 1)
	for c, h := range p.hash {
		i := h & mask
		for p.table[i] != 0 {
			i = (i + 1) & mask
		}
		p.table[i] = uint32(c) + 1
	}
}

// Sorted returns codes in the byte order of their texts; codes must differ.
func (p *Pool) Sorted(codes []uint32) []uint32 {
	if len(codes) == 0 {
		return codes
	}
	skip := p.commonPrefix(codes)
	type keyed struct {
		key  uint64 // the first eight bytes after what all have in common
		code uint32
	}
	all := make([]keyed, len(codes))
	for i, c := range codes {
		var b [8]byte
		copy(b[:], p.bytes(c)[skip:])
		all[i] = keyed{binary.BigEndian.Uint64(b[:]), c}
	}
	slices.SortFunc(all, func(a, b keyed) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return strings.Compare(string(p.bytes(a.code)), string(p.bytes(b.code)))
	})
	for i, k := range all {
		codes[i] = k.code
	}
	return codes
}

func (p *Pool) commonPrefix(codes []uint32) int {
	first := p.bytes(codes[0])
	n := len(first)
	for _, c := range codes[1:] {
		b := p.bytes(c)
		n = min(n, len(b))
		for i := range n {
			if b[i] != first[i] {
				n = i
				break
			}
		}
	}
	return n
}
