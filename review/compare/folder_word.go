package compare

import (
	"fmt"
	"math"

	"github.com/assay-ml/assay/review/compare/internal/measure"
	"github.com/assay-ml/assay/review/compare/internal/stats"
)

// word judges a row by its evidence.
func (c *comparer) word(r *row) Verdict {
	if v := tooLittle(r.ev); v.Word != NoWord {
		return v
	}
	v := c.judge(r, r.ev, c.Level)
	if v.Word == Unknown {
		if v.Reason.Code == WideInterval {
			v.Reason = c.why(r, v.Reason)
		}
		return v
	}
	return c.doubtAbsent(r, v)
}

// tooLittle is unknown where nothing could be said, no word otherwise.
func tooLittle(e *evidence) Verdict {
	switch {
	case e.n < MinExamples:
		return unknown(FewExamples, fmt.Sprintf("only %d examples: at least %d are needed", e.n, MinExamples))
	case e.rarer >= 0 && e.rarer < minClass:
		return unknown(FewExamples, fmt.Sprintf("only %d examples of one class: at least %d are needed", e.rarer, minClass))
	case e.cluster != nil && e.clusters < minClusters:
		return unknown(FewClusters, fmt.Sprintf("only %d clusters: at least %d are needed", e.clusters, minClusters))
	case e.seeds[0] > 1 != (e.seeds[1] > 1):
		return unknown(FewSeeds, "one side has one seed, the other several: run at least 2 seeds on both, better 5")
	}
	return Verdict{}
}

// judge applies the rule, and every second opinion.
func (c *comparer) judge(r *row, e *evidence, level float64) Verdict {
	ev := Evidence{
		Interval: Interval{e.low, e.high, level}, P: e.p, N: e.n, Tolerance: r.Tolerance, Goal: r.Goal, Unit: r.Unit,
	}
	v := Judge(ev)
	for _, k := range e.check {
		if v.Word == Unknown {
			return v
		}
		if !k.agrees(v.Word, ev) {
			return Verdict{Unknown, k.note}
		}
	}
	if (v.Word == Better || v.Word == Worse) && math.Ldexp(1, -e.moved) > 1-level+roundOff {
		return unknown(FewFlips, fmt.Sprintf("the two models differ on %d answers only: no such result could have been clear", e.moved))
	}
	return v
}

// agrees holds a word against the second opinion.
func (k check) agrees(w Word, e Evidence) bool {
	if math.IsNaN(k.low) && math.IsNaN(k.p) {
		return false
	}
	if !math.IsNaN(k.low) {
		e.Interval.Low, e.Interval.High = k.low, k.high
	}
	if !math.IsNaN(k.p) && w != Same {
		e.P = k.p
	}
	return Judge(e).Word == w
}

// why says what this test set could have shown, and what would help.
func (c *comparer) why(r *row, n Note) Note {
	e := r.ev
	if e.flips != nil {
		return whyWide(*e.flips, n, c.Level, false)
	}
	if !(e.mde > 0) {
		return n
	}
	n.Text += "; these " + grouped(e.n) + " examples show changes of about " + r.Unit.Amount(round2(e.mde))
	switch ratio := e.mde / math.Abs(r.diff); {
	case e.repeated() && e.seedSE > e.exampleSE:
		n.Text += fmt.Sprintf("; most of the noise is between the seeds: run more than %d a side", min(e.seeds[0], e.seeds[1]))
	case ratio > 1 && ratio < 1e4:
		n.Text += "; to see " + r.Unit.Amount(round2(math.Abs(r.diff))) + ", about " + grouped(About(ceil(float64(e.n)*ratio*ratio))) + " are needed"
	}
	return n
}

func round2(x float64) float64 {
	if x == 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(x)))-1)
	return math.Round(x/unit) * unit
}

// doubtAbsent takes a word back if the absent answers, all good or all bad,
// would change it: answers seldom go missing at random.
func (c *comparer) doubtAbsent(r *row, v Verdict) Verdict {
	p := c.pair
	if p.Absent == 0 {
		return v
	}
	doubt := unknown(IDsDiffer, fmt.Sprintf("%s on the common ids, but %s ids have no answer on one side and could change that",
		v.Word, grouped(p.Absent)))
	if r.ev.flips != nil {
		for _, x := range c.extremes(*r.ev.flips) {
			m := Metric{Tolerance: Num(r.Tolerance), Goal: r.Goal}
			if judgeCounts(m, x, c.Level, false).Word != v.Word {
				return doubt
			}
		}
		return v
	}
	n, k := float64(r.ev.n), float64(p.Absent)
	for _, sign := range []float64{-1, 1} {
		e := *r.ev
		e.low, e.high = (n*e.low+sign*k*e.span)/(n+k), (n*e.high+sign*k*e.span)/(n+k)
		e.check = nil
		if c.judge(r, &e, c.Level).Word != v.Word {
			return doubt
		}
	}
	return v
}

// extremes are the counts if every absent answer spoke for the baseline, and
// if every one spoke for the candidate.
func (c *comparer) extremes(counts Paired) [2]Paired {
	b, k := c.pair.Sides[0], c.pair.Sides[1]
	left, right := counts, counts
	left.NewlyWrong += b.OnlyRight + k.Only - k.OnlyRight
	left.BothWrong += b.Only - b.OnlyRight
	left.BothRight += k.OnlyRight
	right.NewlyRight += k.OnlyRight + b.Only - b.OnlyRight
	right.BothRight += b.OnlyRight
	right.BothWrong += k.Only - k.OnlyRight
	return [2]Paired{left, right}
}

// slices compares the first deciding metric that was compared on the examples
// of each value of each slice column. Slices never decide.
func (c *comparer) slices() {
	d := &c.out.Details.Slices
	d.Adjustment, d.MinimumN = c.Adjust, c.MinSlice
	var r *row
	for i := range c.rows {
		if k := &c.rows[i]; k.ev != nil && k.ev.method != "" && (r == nil || k.Decides && !r.Decides) {
			r = k
		}
	}
	if r == nil || c.blocked != nil {
		return
	}
	d.Metric = &r.Name
	var all []sliced
	for k, name := range c.Columns.Slices {
		if c.pair.Slices[k] == nil {
			continue
		}
		all = append(all, c.sliceColumn(r, k, name)...)
	}
	d.Family = c.adjustSlices(r, all)
	for _, s := range all {
		c.out.Slices = append(c.out.Slices, s.SliceRow)
	}
}

// sliced is a slice on its way.
type sliced struct {
	SliceRow
	row
}

// maxSliceValues bounds the values of a column: beyond, it names no slices.
const maxSliceValues = 1000

func (c *comparer) sliceColumn(r *row, column int, name string) []sliced {
	values := c.pair.Values(column)
	if len(values) > maxSliceValues {
		c.rowNote(r, fmt.Sprintf("%q has more than %d different values: not looked at as slices", name, maxSliceValues))
		return nil
	}
	where := map[uint32][]uint32{}
	for i, code := range c.pair.Slices[column] {
		where[code] = append(where[code], uint32(i))
	}
	out := make([]sliced, 0, len(values))
	for _, code := range values {
		out = append(out, c.oneSlice(r, where[code], name, c.pool.Text(code)))
	}
	return out
}

func (c *comparer) rowNote(r *row, note string) { r.notes = append(r.notes, note) }

func (c *comparer) oneSlice(r *row, at []uint32, name, value string) sliced {
	s := sliced{SliceRow{Slice: name, Value: value, N: len(at), Verdict: Unknown}, *r}
	s.notes, s.ev = nil, nil
	x, y := c.pair.Common[0].Subset(at), c.pair.Common[1].Subset(at)
	base, cand := sideOf(&x), sideOf(&y)
	m := c.measurer(r)
	res := [2]measure.Result{m.Compute(r.kind, base), m.Compute(r.kind, cand)}
	s.Baseline, s.Candidate = finite(res[0].Value), finite(res[1].Value)
	if res[0].Problem != measure.None || res[1].Problem != measure.None {
		return s
	}
	s.diff = res[1].Value - res[0].Value
	s.ev = c.evidence(&s.row, m, res, c.design().subset(at), base, cand, c.Level, true)
	s.Difference = finite(s.diff)
	if len(at) < c.MinSlice || tooLittle(s.ev).Word != NoWord {
		s.ev = nil
		return s
	}
	s.P = finite(s.ev.p)
	return s
}

// subset numbers the clusters of some examples anew.
func (d design) subset(at []uint32) design {
	if d.cluster == nil {
		return d
	}
	number := map[uint32]uint32{}
	cluster := make([]uint32, len(at))
	for i, j := range at {
		n, ok := number[d.cluster[j]]
		if !ok {
			n = uint32(len(number))
			number[d.cluster[j]] = n
		}
		cluster[i] = n
	}
	d.cluster, d.clusters = cluster, len(number)
	return d
}

// adjustSlices adjusts the slices' p-values for being many and gives the words;
// it returns how many were looked at together. Same is said at the level
// 1−α/k, better and worse by the adjusted p.
func (c *comparer) adjustSlices(r *row, all []sliced) int {
	var p []float64
	for _, s := range all {
		if s.P != nil {
			p = append(p, *s.P)
		}
	}
	adjusted := Holm(p)
	if c.Adjust == AdjustBH {
		adjusted = stats.FalseDiscovery(p)
	}
	family := len(p)
	for i := range all {
		s := &all[i]
		if s.P == nil {
			continue
		}
		s.AdjustedP = finite(adjusted[0])
		adjusted = adjusted[1:]
		s.Verdict = c.sliceWord(s, family)
		if s.Verdict == Worse {
			c.warn(SliceWorse, "%s = %s is worse: %s %s on %s examples (%d slices looked at together)",
				s.Slice, s.Value, r.Name, r.Unit.Change(s.diff), grouped(s.N), family)
		}
	}
	return family
}

func (c *comparer) sliceWord(s *sliced, family int) Word {
	strict := 1 - (1-c.Level)/float64(family)
	e := *s.ev
	if e.flips != nil {
		e.fromFlips(*e.flips, strict)
	} else {
		e.exact(strict)
	}
	if v := c.judge(&s.row, &e, strict); v.Word == Same {
		return Same
	}
	s.Tolerance = 0 // same is decided: what remains are better and worse
	v := c.judge(&s.row, s.ev, c.Level)
	if (v.Word == Better || v.Word == Worse) && *s.AdjustedP <= 1-c.Level+roundOff {
		return v.Word
	}
	return Unknown
}
