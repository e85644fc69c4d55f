package perexample

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
	"strings"
	"sync"
)

// Answers are one model's answers in the order of the ids' bytes; the outer
// index of Pred and Score is the seed.
type Answers struct {
	Label []uint32
	Pred  [][]uint32
	Score [][]float64 // nil without scores
}

// Len is the number of examples.
func (a *Answers) Len() int { return len(a.Label) }

// Findings counts what is the matter with one side.
type Findings struct {
	IDs           int    // different ids
	Only          int    // ids that the other side lacks
	OnlyRight     int    // of those, answered right (in the first seed)
	Incomplete    int    // ids without an answer in some of the seeds
	Duplicates    int    // rows beyond the first of their id and seed
	Contradicting int    // ids whose rows say different things
	Digest        string // of the test set: hex SHA-256 over sorted (id, label), lengths before
	Seeds         []string
	HasSeed       bool
}

// Pairing is two models' answers side by side.
type Pairing struct {
	Pool          *Pool
	Sides         [2]Findings // baseline, candidate
	Own           [2]Answers  // each side's own examples, contradicting and incomplete ones left out
	Common        [2]Answers  // of the common examples; equal labels
	Union, Absent int         // different ids; ids that one side lacks, wholly or in some seed

	LabelsDiffer, InputsDiffer, ClustersDiffer int // common ids

	Cluster  []uint32 // of the common examples, 0 … Clusters−1; nil without
	Clusters int
	Slices   [][]uint32 // by slice column, of the common examples; nil without the column
	Odd      []int      // by slice column: common ids whose sides name different values; NoSlice there
}

// NoSlice is the code of an example that belongs to no slice of a column.
const NoSlice = ^uint32(0)

// Matched reports whether both sides have the same seeds.
func (p *Pairing) Matched() bool { return slices.Equal(p.Sides[0].Seeds, p.Sides[1].Seeds) }

// state of an id on one side.
type state uint8

const (
	absent state = iota
	incomplete
	contradicting
	fine
)

// sorted is a side with its rows in the order of ids and seeds.
type sorted struct {
	*Side
	rows  []uint32 // places of rows; the first row of each id and seed
	first []uint32 // by rank of the id: where its rows begin in rows; one more at the end
	state []state  // by rank
	seeds int
}

// Pair lays two sides side by side.
func Pair(baseline, candidate *Side, pool *Pool) *Pairing {
	p := &Pairing{Pool: pool}
	ids := pool.Sorted(used(pool, baseline.id, candidate.id))
	rank := make([]uint32, pool.Len())
	for r, code := range ids {
		rank[code] = uint32(r)
	}
	var both [2]*sorted
	var wait sync.WaitGroup
	for i, s := range []*Side{baseline, candidate} {
		wait.Go(func() { // they share what they only read
			both[i] = p.order(s, &p.Sides[i], rank, ids)
			p.Own[i] = both[i].pick(both[i].all())
		})
	}
	wait.Wait()
	p.join(both[0], both[1], len(ids))
	return p
}

// used lists the different codes of some columns.
func used(pool *Pool, columns ...[]uint32) []uint32 {
	seen := make([]bool, pool.Len())
	var out []uint32
	for _, c := range columns {
		for _, code := range c {
			if !seen[code] {
				seen[code] = true
				out = append(out, code)
			}
		}
	}
	return out
}

// order sorts the rows of a side by id and seed, unites equal ones and finds
// those that contradict each other.
func (p *Pairing) order(s *Side, f *Findings, rank, ids []uint32) *sorted {
	o := &sorted{Side: s, first: make([]uint32, len(ids)+1), state: make([]state, len(ids))}
	seedRank := p.rankSeeds(s, f)
	o.seeds = len(f.Seeds)
	for _, id := range s.id {
		o.first[rank[id]+1]++
	}
	for r := range ids {
		o.first[r+1] += o.first[r]
	}
	o.rows = make([]uint32, len(s.id))
	next := slices.Clone(o.first)
	for i, id := range s.id {
		r := rank[id]
		o.rows[next[r]] = uint32(i)
		next[r]++
	}
	sum := &digester{sum: sha256.New(), pool: p.Pool}
	out := uint32(0)
	for r, id := range ids {
		group := o.rows[o.first[r]:o.first[r+1]]
		sum.add(id, group, s.label)
		o.first[r] = out
		kept := o.unite(group, seedRank, f, r)
		copy(o.rows[out:], group[:kept])
		out += uint32(kept)
	}
	o.first[len(ids)] = out
	o.rows = o.rows[:out]
	f.Digest = sum.hex()
	return o
}

func (p *Pairing) rankSeeds(s *Side, f *Findings) map[uint32]int {
	if s.seed == nil {
		f.Seeds = []string{""}
		return nil
	}
	f.HasSeed = true
	rank := map[uint32]int{}
	for i, code := range p.Pool.Sorted(used(p.Pool, s.seed)) {
		rank[code] = i
		f.Seeds = append(f.Seeds, p.Pool.Text(code))
	}
	if len(f.Seeds) == 0 { // no rows
		f.Seeds = []string{""}
	}
	return rank
}

// unite sorts the rows of an id by seed, leaves one for each seed, says how
// many remain, and sets the id's state.
func (o *sorted) unite(group []uint32, seedRank map[uint32]int, f *Findings, r int) int {
	if len(group) == 0 {
		return 0
	}
	f.IDs++
	if len(group) == 1 {
		o.state[r] = fine
		if o.seeds > 1 {
			o.state[r] = incomplete
			f.Incomplete++
		}
		return 1
	}
	if o.seed != nil {
		slices.SortFunc(group, func(a, b uint32) int { return seedRank[o.seed[a]] - seedRank[o.seed[b]] })
	}
	kept, conflict := 1, false
	for _, row := range group[1:] {
		last := group[kept-1]
		switch {
		case !o.sameExample(last, row):
			conflict = true
		case o.seed == nil || o.seed[last] == o.seed[row]:
			conflict = conflict || !o.sameAnswer(last, row)
		}
		if o.seed == nil || o.seed[last] == o.seed[row] {
			f.Duplicates++
			continue
		}
		group[kept] = row
		kept++
	}
	switch {
	case conflict:
		o.state[r] = contradicting
		f.Contradicting++
	case kept < o.seeds:
		o.state[r] = incomplete
		f.Incomplete++
	default:
		o.state[r] = fine
	}
	return kept
}

// sameExample compares what belongs to the example, whichever model answers.
func (o *sorted) sameExample(a, b uint32) bool {
	same := func(col []uint32) bool { return col == nil || col[a] == col[b] }
	ok := same(o.label) && same(o.cluster) && same(o.input)
	for _, col := range o.slices {
		ok = ok && same(col)
	}
	return ok
}

func (o *sorted) sameAnswer(a, b uint32) bool {
	if o.pred[a] != o.pred[b] {
		return false
	}
	if o.score == nil {
		return true
	}
	x, y := o.score[a], o.score[b]
	return x == y || x != x && y != y
}

// digester hashes the test set: that of compare.ReadExamples, in which the
// labels of an id that contradict each other all go in.
type digester struct {
	sum    hash.Hash
	buf    []byte
	pool   *Pool
	labels []uint32
}

func (d *digester) add(id uint32, rows, label []uint32) {
	d.labels = d.labels[:0]
	for _, row := range rows {
		if l := label[row]; !slices.Contains(d.labels, l) {
			d.labels = append(d.labels, l)
		}
	}
	if len(d.labels) > 1 {
		slices.SortFunc(d.labels, func(a, b uint32) int { return strings.Compare(d.pool.Text(a), d.pool.Text(b)) })
	}
	for _, l := range d.labels {
		for _, text := range [][]byte{d.pool.bytes(id), d.pool.bytes(l)} {
			d.buf = binary.BigEndian.AppendUint64(d.buf, uint64(len(text)))
			d.buf = append(d.buf, text...)
		}
	}
	if len(d.buf) > 1<<15 {
		d.sum.Write(d.buf) // a hash never fails
		d.buf = d.buf[:0]
	}
}

func (d *digester) hex() string {
	d.sum.Write(d.buf)
	return hex.EncodeToString(d.sum.Sum(nil))
}

// all lists the ranks of the ids that this side answers without fault.
func (o *sorted) all() []uint32 {
	var out []uint32
	for r, s := range o.state {
		if s == fine {
			out = append(out, uint32(r))
		}
	}
	return out
}

// pick lays out the answers to some ids.
func (o *sorted) pick(ranks []uint32) Answers {
	a := Answers{Label: make([]uint32, len(ranks)), Pred: make([][]uint32, o.seeds)}
	for s := range o.seeds {
		a.Pred[s] = make([]uint32, len(ranks))
		for i, r := range ranks {
			a.Pred[s][i] = o.pred[o.rows[o.first[r]+uint32(s)]]
		}
	}
	if o.score != nil {
		a.Score = make([][]float64, o.seeds)
		for s := range o.seeds {
			a.Score[s] = make([]float64, len(ranks))
			for i, r := range ranks {
				a.Score[s][i] = o.score[o.rows[o.first[r]+uint32(s)]]
			}
		}
	}
	for i, r := range ranks {
		a.Label[i] = o.label[o.rows[o.first[r]]]
	}
	return a
}

// join finds the common examples and what keeps others from being common.
func (p *Pairing) join(b, c *sorted, ids int) {
	var common []uint32
	for r := range ids {
		sb, sc := b.state[r], c.state[r]
		p.Union++
		switch {
		case sb == absent:
			p.lacked(1, c, r)
			continue
		case sc == absent:
			p.lacked(0, b, r)
			continue
		case sb == incomplete || sc == incomplete:
			p.Absent++
			continue
		case sb == contradicting || sc == contradicting:
			continue
		}
		x, y := b.rows[b.first[r]], c.rows[c.first[r]]
		differ := func(bc, cc []uint32) bool { return bc != nil && cc != nil && bc[x] != cc[y] }
		switch {
		case b.label[x] != c.label[y]:
			p.LabelsDiffer++
		case differ(b.input, c.input):
			p.InputsDiffer++
		case differ(b.cluster, c.cluster):
			p.ClustersDiffer++
		default:
			common = append(common, uint32(r))
		}
	}
	p.Common[0], p.Common[1] = p.Own[0], p.Own[1]
	if len(common) != p.Own[0].Len() {
		p.Common[0] = b.pick(common)
	}
	if len(common) != p.Own[1].Len() {
		p.Common[1] = c.pick(common)
	}
	p.cluster(b, c, common)
	p.slice(b, c, common)
}

// lacked counts an id that the side beyond lacks.
func (p *Pairing) lacked(side int, o *sorted, r int) {
	p.Absent++
	p.Sides[side].Only++
	if row := o.rows[o.first[r]]; o.label[row] == o.pred[row] {
		p.Sides[side].OnlyRight++
	}
}

func (p *Pairing) cluster(b, c *sorted, common []uint32) {
	from := b
	if b.cluster == nil {
		from = c
	}
	if from.cluster == nil {
		return
	}
	p.Cluster = make([]uint32, len(common))
	number := map[uint32]uint32{}
	for i, r := range common {
		code := from.cluster[from.rows[from.first[r]]]
		n, ok := number[code]
		if !ok {
			n = uint32(len(number))
			number[code] = n
		}
		p.Cluster[i] = n
	}
	p.Clusters = len(number)
}

func (p *Pairing) slice(b, c *sorted, common []uint32) {
	p.Slices, p.Odd = make([][]uint32, len(b.slices)), make([]int, len(b.slices))
	for k := range b.slices {
		bc, cc := b.slices[k], c.slices[k]
		if bc == nil && cc == nil {
			continue
		}
		p.Slices[k] = make([]uint32, len(common))
		for i, r := range common {
			code := NoSlice
			if bc != nil {
				code = bc[b.rows[b.first[r]]]
			}
			if cc != nil {
				other := cc[c.rows[c.first[r]]]
				if bc != nil && other != code {
					p.Odd[k]++
					other = NoSlice
				}
				code = other
			}
			p.Slices[k][i] = code
		}
	}
}

// Values lists the different values of a slice column in byte order.
func (p *Pairing) Values(column int) []uint32 {
	seen := map[uint32]bool{}
	var out []uint32
	for _, code := range p.Slices[column] {
		if code != NoSlice && !seen[code] {
			seen[code] = true
			out = append(out, code)
		}
	}
	slices.SortFunc(out, func(a, b uint32) int { return strings.Compare(p.Pool.Text(a), p.Pool.Text(b)) })
	return out
}

// Subset picks examples by their places.
func (a *Answers) Subset(at []uint32) Answers {
	out := Answers{Label: choose(a.Label, at)}
	for _, col := range a.Pred {
		out.Pred = append(out.Pred, choose(col, at))
	}
	for _, col := range a.Score {
		out.Score = append(out.Score, choose(col, at))
	}
	return out
}

func choose[T any](col []T, at []uint32) []T {
	out := make([]T, len(at))
	for i, j := range at {
		out[i] = col[j]
	}
	return out
}
