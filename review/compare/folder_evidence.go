package compare

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/assay-ml/assay/review/compare/internal/measure"
	"github.com/assay-ml/assay/review/compare/internal/stats"
)

// The further methods that a row may name.
const (
	MethodPairedT    = "paired-t"
	MethodDeLong     = "delong"
	MethodPercentile = "linearised-z+bootstrap-percentile"
	MethodBCa        = "linearised-z+bootstrap-bca"
	MethodLinear     = "linearised-z"
	MethodCluster    = "cluster-robust-t"
	MethodSeeds      = "examples+seeds-t"
	MethodSeedsClust = "clusters+seeds-t"
)

const (
	minClusters  = 5
	fewClusters  = 12  // below: a sign-flip test over the clusters has to agree
	minClass     = 5   // examples of the rarer class that an area needs
	skewed       = 0.2 // |skewness|/√n beyond which a mean's t interval is checked by BCa
	bigCluster   = 0.2 // share of the examples in one cluster that is told
	oneExample   = 0.2 // share of a log-loss difference carried by one example that is told
	resampleRows = 20_000
	bootCells    = 2_000
)

// design is how examples and runs hang together.
type design struct {
	cluster  []uint32
	clusters int
	seeds    [2]int
	matched  bool
}

func (d design) plain() bool { return d.cluster == nil && d.seeds[0] == 1 && d.seeds[1] == 1 }

func (d design) repeated() bool { return d.seeds[0] > 1 && d.seeds[1] > 1 }

func (c *comparer) design() design {
	p := c.pair
	return design{
		cluster: p.Cluster, clusters: p.Clusters, matched: p.Matched(),
		seeds: [2]int{len(p.Sides[0].Seeds), len(p.Sides[1].Seeds)},
	}
}

// evidence is what a word rests on.
type evidence struct {
	design
	n         int
	low, high float64
	p         float64
	method    string
	mde       float64
	est       stats.Estimate
	exampleSE float64
	seedSE    float64
	flips     *Paired // of accuracy, where the answers are one a side
	moved     int     // examples whose answers the two sides give differently, in what the metric sees
	span      float64 // how far apart the influence of two answers can lie
	rarer     int     // examples of the rarer class; −1 where classes do not matter
	check     []check // further intervals or tests that have to agree
}

// check is a second opinion; the word stands only if it agrees.
type check struct {
	low, high float64 // NaN where it is a test alone
	p         float64 // NaN where it is an interval alone
	note      Note
}

// evidence gathers what can be said at a level. Quick leaves the bootstrap out.
func (c *comparer) evidence(r *row, m *measure.Measurer, res [2]measure.Result, d design, base, cand *measure.Answers, level float64, quick bool) *evidence {
	e := &evidence{
		design: d, n: len(base.Label), span: max(res[0].Range, res[1].Range), rarer: res[0].Rarer,
		low: math.NaN(), high: math.NaN(), p: math.NaN(), mde: math.NaN(), exampleSE: math.NaN(), seedSE: math.NaN(),
	}
	e.moved = moved(r.kind, m, base, cand)
	if d.seeds[0] > 1 != (d.seeds[1] > 1) || d.cluster != nil && d.clusters < 2 || e.n < 2 {
		return e // no word is possible, see word
	}
	if r.kind == measure.Accuracy && d.plain() {
		e.fromFlips(countFlips(base, cand), level)
		r.diff = e.est.Value
		return e
	}
	delta := make([]float64, e.n)
	for i := range delta {
		delta[i] = res[1].Psi[i] - res[0].Psi[i]
	}
	diff := res[1].Value - res[0].Value
	e.estimate(r.kind, delta, diff, res, m, base)
	e.exact(level)
	if d.plain() && e.est.SE > 0 {
		switch {
		case measure.IsMean(r.kind):
			c.checkSkew(e, delta, level, quick)
			if r.kind == measure.LogLoss {
				c.oneExample(r, delta)
			}
		case r.kind != measure.ROCAUC && !quick:
			c.resample(r, e, m, delta, base, cand, level)
		}
	}
	if d.cluster != nil && d.clusters < fewClusters && d.clusters >= minClusters && !d.repeated() {
		// The linearised values are centred: the difference is put back.
		p := stats.SignFlips(shifted(delta, diff), d.cluster, d.clusters)
		e.check = append(e.check, check{math.NaN(), math.NaN(), p, Note{FewClusters, fmt.Sprintf(
			"a sign-flip test over only %d clusters gives p = %.2g", d.clusters, p)}})
	}
	return e
}

func shifted(x []float64, mean float64) []float64 {
	by := mean - stats.Mean(x)
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v + by
	}
	return out
}

func countFlips(base, cand *measure.Answers) Paired {
	var p Paired
	for i, y := range base.Label {
		p.count(base.Pred[0][i] == y, cand.Pred[0][i] == y)
	}
	return p
}

func (e *evidence) fromFlips(p Paired, level float64) {
	iv := p.Tango(level)
	e.flips, e.low, e.high, e.p, e.method, e.mde = &p, iv.Low, iv.High, p.MidP(), MethodMidP, p.Shows(level)
	d := p.Difference()
	e.exampleSE = math.Sqrt(max(0, float64(p.Flips())/float64(p.N())-d*d) / float64(p.N()))
	e.est = stats.Estimate{Value: d, SE: e.exampleSE, DF: math.Inf(1)}
}

// estimate fills in the standard errors of examples and of seeds.
func (e *evidence) estimate(kind string, delta []float64, diff float64, res [2]measure.Result, m *measure.Measurer, base *measure.Answers) {
	var x stats.Estimate
	switch {
	case e.cluster != nil:
		x, e.method = stats.Clusters(delta, e.cluster, e.clusters), MethodCluster
	case kind == measure.ROCAUC && e.plain():
		y, _ := m.Truth(base.Label, kind)
		x, e.method = stats.DeLong(y, diff, res[0].ROC.Components, res[1].ROC.Components), MethodDeLong
	default:
		x, e.method = stats.PairedT(delta), MethodPairedT
		if !measure.IsMean(kind) {
			x.DF, e.method = math.Inf(1), MethodLinear
		}
	}
	x.Value = diff
	if x.SE <= 1e-13*math.Abs(diff) || x.SE <= 1e-15*e.span {
		x.SE = 0 // what is left is rounding
	}
	e.exampleSE, e.est = x.SE, x
	if !e.repeated() {
		return
	}
	s := stats.Seeds(res[0].Seeds, res[1].Seeds, e.matched)
	e.seedSE, e.method = s.SE, MethodSeeds
	if e.cluster != nil {
		e.method = MethodSeedsClust
	}
	if math.IsInf(x.DF, 1) {
		x.DF = float64(e.n - 1)
	}
	e.est = stats.Combine(diff, x, s)
}

// exact turns the estimate into interval, p and the change that would be seen.
// Without any spread an interval of no width would claim certainty: its half
// is then z²/(n+z²) of what an example can move, as Tango's is for answers that
// never differ.
func (e *evidence) exact(level float64) {
	z := normal(1 - (1-level)/2)
	units := float64(e.n)
	if e.cluster != nil {
		units = float64(e.clusters)
	}
	if e.est.SE == 0 {
		half := z * z / (units + z*z) * e.span
		e.low, e.high, e.p = e.est.Value-half, e.est.Value+half, 1
		if e.est.Value != 0 {
			e.p = math.Ldexp(2, -min(e.n, 1000))
		}
		e.mde = (z + normal(power)) * e.span / units
		return
	}
	e.low, e.high = e.est.Interval(level)
	e.p = e.est.P()
	e.mde = (z + normal(power)) * e.est.SE
}

// moved counts the examples that speak: those to which the two sides give
// answers that differ in what the metric sees.
func moved(kind string, m *measure.Measurer, base, cand *measure.Answers) int {
	differ := make([]bool, len(base.Label))
	for s := range max(len(base.Pred), len(cand.Pred)) {
		a, b := min(s, len(base.Pred)-1), min(s, len(cand.Pred)-1)
		switch kind {
		case measure.ROCAUC, measure.LogLoss, measure.Brier:
			for i := range differ {
				differ[i] = differ[i] || base.Score[a][i] != cand.Score[b][i]
			}
		case measure.F1, measure.Precision, measure.Recall:
			x, y := m.Positives(base.Pred[a]), m.Positives(cand.Pred[b])
			for i := range differ {
				differ[i] = differ[i] || x[i] != y[i]
			}
		case measure.Accuracy:
			for i, l := range base.Label {
				differ[i] = differ[i] || (base.Pred[a][i] == l) != (cand.Pred[b][i] == l)
			}
		default:
			for i := range differ {
				differ[i] = differ[i] || base.Pred[a][i] != cand.Pred[b][i]
			}
		}
	}
	n := 0
	for _, d := range differ {
		if d {
			n++
		}
	}
	return n
}

// checkSkew asks BCa for a second opinion where a mean's differences are
// skewed.
func (c *comparer) checkSkew(e *evidence, delta []float64, level float64, quick bool) {
	a := stats.Acceleration(delta)
	if math.Abs(6*a) <= skewed {
		return
	}
	var low, high float64
	if quick || e.n > resampleRows {
		low, high = stats.SkewedMean(e.est, a, level)
	} else {
		r := c.random("mean")
		draws := make([]float64, stats.Draws(level))
		for b := range draws {
			var sum float64
			for range delta {
				sum += delta[r.IntN(len(delta))]
			}
			draws[b] = sum / float64(len(delta))
		}
		low, high = stats.BCa(draws, stats.Mean(delta), a, level)
	}
	e.check = append(e.check, check{low, high, math.NaN(), Note{
		Skewed,
		"the differences are skewed: a bootstrap interval (BCa) runs from " + digits(low) + " to " + digits(high),
	}})
}

func (c *comparer) oneExample(r *row, delta []float64) {
	var most float64
	for _, d := range delta {
		most = max(most, math.Abs(d))
	}
	if total := math.Abs(stats.Sum(delta)); total > 0 && most > oneExample*total {
		r.notes = append(r.notes, fmt.Sprintf("one example alone moves the difference by %.0f %% of its size", 100*most/total))
	}
}

// resample replaces the linearised interval by a bootstrap one: over the cells
// of the counts, or over the rows of an RMSE.
func (c *comparer) resample(r *row, e *evidence, m *measure.Measurer, delta []float64, base, cand *measure.Answers, level float64) {
	// Both directions of one comparison must draw the same: the first side is
	// the one with the smaller answer where they first differ.
	first, second, turned := base.Pred[0], cand.Pred[0], c.turned(base.Pred[0], cand.Pred[0])
	if turned {
		first, second = second, first
	}
	draws := make([]float64, 0, stats.Draws(level))
	rng := c.random(r.Name)
	if r.kind == measure.RMSE {
		draws = resampleRMSE(rng, draws, m, base, first, second)
	} else {
		draws = c.resampleCells(rng, draws, r.kind, m, base.Label, first, second)
	}
	if draws == nil {
		return // too large for it: the linearised interval stays
	}
	if len(draws) < cap(draws)*9/10 {
		e.check = append(e.check, check{math.NaN(), math.NaN(), math.NaN(), Note{
			MetricUndefined,
			"in more than one resample of ten the metric has no value",
		}})
		return
	}
	value, a := r.diff, stats.Acceleration(delta)
	if turned {
		value, a = -value, -a
	}
	e.method = MethodPercentile
	if math.Abs(6*a) > skewed {
		e.method = MethodBCa
		e.low, e.high = stats.BCa(draws, value, a, level)
	} else {
		e.low, e.high = stats.Percentile(draws, level)
	}
	if turned {
		e.low, e.high = -e.high, -e.low
	}
}

func (c *comparer) turned(a, b []uint32) bool {
	for i := range a {
		if a[i] != b[i] {
			return c.less(a[i], b[i]) > 0
		}
	}
	return false
}

func (c *comparer) less(a, b uint32) int {
	if a == b {
		return 0
	}
	return strings.Compare(c.pool.Text(a), c.pool.Text(b))
}

func (c *comparer) resampleCells(rng *rand.Rand, draws []float64, kind string, m *measure.Measurer, label, first, second []uint32) []float64 {
	if kind != measure.F1Macro { // two classes are all that a binary metric sees
		label, first, second = binaryCodes(m, label), binaryCodes(m, first), binaryCodes(m, second)
	}
	limit := bootCells
	if len(label) <= resampleRows {
		limit = max(limit, len(label))
	}
	less := c.less
	if kind != measure.F1Macro {
		less = func(a, b uint32) int { return int(a) - int(b) }
	}
	cells := measure.MakeCells(label, first, second, limit, less)
	if cells == nil || len(cells.Counts)*cap(draws) > 40_000_000 {
		return nil
	}
	diff := cells.Difference(kind, func(code uint32) bool { return code == 1 })
	counts := make([]int, len(cells.Counts))
	for range cap(draws) {
		stats.Multinomial(rng, cells.Counts, counts)
		if d := diff(counts); !math.IsNaN(d) {
			draws = append(draws, d)
		}
	}
	return draws
}

func binaryCodes(m *measure.Measurer, codes []uint32) []uint32 {
	out := make([]uint32, len(codes))
	for i, p := range m.Positives(codes) {
		if p {
			out[i] = 1
		}
	}
	return out
}

func resampleRMSE(rng *rand.Rand, draws []float64, m *measure.Measurer, base *measure.Answers, first, second []uint32) []float64 {
	n := len(base.Label)
	if n > resampleRows {
		return nil
	}
	squares := make([][2]float64, n)
	for s, pred := range [][]uint32{first, second} {
		one := m.Compute(measure.MSE, &measure.Answers{Label: base.Label, Pred: [][]uint32{pred}})
		for i, v := range one.Psi {
			squares[i][s] = v
		}
	}
	for range cap(draws) {
		var a, b float64
		for range n {
			q := &squares[rng.IntN(n)]
			a += q[0]
			b += q[1]
		}
		draws = append(draws, math.Sqrt(b/float64(n))-math.Sqrt(a/float64(n)))
	}
	return draws
}

// random is a stream that depends on the metric and the test set only: never
// on time, on the order of rows, or on which side is which. A user cannot
// choose it, and so not shop for a seed.
func (c *comparer) random(metric string) *rand.Rand {
	a, b := c.pair.Sides[0].Digest, c.pair.Sides[1].Digest
	if a > b {
		a, b = b, a
	}
	sum := sha256.Sum256([]byte(fmt.Sprintf("%s\x00%d\x00%s\x00%s", metric, c.pair.Common[0].Len(), a, b)))
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:])))
}
