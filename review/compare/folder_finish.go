package compare

import (
	"fmt"
	"math"

	"github.com/assay-ml/assay/review/compare/internal/measure"
)

// finish joins the rows into the verdict and writes everything down.
func (c *comparer) finish() {
	adjusted := c.adjusted()
	v := c.overall(adjusted)
	c.out.Verdict, c.out.Details.Reason = v.Word, v.Reason
	t := &Table{HasBaseline: true, Level: c.Level, Overall: v}
	for i := range c.rows {
		r := &c.rows[i]
		c.out.Metrics = append(c.out.Metrics, c.metricRow(r))
		c.out.Details.Metrics = append(c.out.Details.Metrics, detail(r, adjusted[r.Name]))
		t.Metrics = append(t.Metrics, r.metric())
	}
	c.out.Details.Gates = askGates(c.Gates, t)
	c.out.Details.Decision = Decide(c.out.Details.Gates)
	c.out.Details.Methods = append(c.out.Details.Methods, c.usedMethods()...)
	c.count()
}

// adjusted are the deciding metrics' p-values after Holm.
func (c *comparer) adjusted() map[string]float64 {
	var names []string
	var p []float64
	for _, r := range c.rows {
		if r.Decides && r.ev != nil && !math.IsNaN(r.ev.p) {
			names, p = append(names, r.Name), append(p, r.ev.p)
		}
	}
	out := map[string]float64{}
	for i, a := range Holm(p) {
		out[names[i]] = a
	}
	return out
}

// overall joins the deciding metrics: worse if any is worse after Holm; better
// if the first is better, or any is after Holm and none is unknown; same if all
// are; else unknown.
func (c *comparer) overall(adjusted map[string]float64) Verdict {
	var deciding []row
	count := map[Word]int{}
	for _, r := range c.rows {
		if !r.Decides {
			continue
		}
		deciding = append(deciding, r)
		word := r.verdict.Word
		survives := adjusted[r.Name] <= 1-c.Level+roundOff
		if word == Worse && !survives || word == Better && !survives && len(deciding) > 1 {
			word = NoWord // clear alone, but not as one of many
		}
		count[word]++
	}
	if len(deciding) == 0 {
		return unknown(NoExamples, "no metric decides: keep the answers per example of both sides, or name the deciding metrics")
	}
	switch {
	case count[Worse] > 0:
		return Verdict{Word: Worse}
	case deciding[0].verdict.Word == Better, count[Better] > 0 && count[Unknown]+count[NoWord] == 0:
		return Verdict{Word: Better}
	case count[Same] == len(deciding):
		return Verdict{Same, deciding[0].verdict.Reason}
	}
	for _, r := range deciding {
		if r.verdict.Word == Unknown {
			return Verdict{Unknown, Note{r.verdict.Reason.Code, r.Name + ": " + r.verdict.Reason.Text}}
		}
	}
	return unknown(NotAdjusted, "a metric changed when looked at alone, but not clearly enough as one of several")
}

func (c *comparer) metricRow(r *row) MetricRow {
	m := MetricRow{
		Name: r.Name, Level: c.Level, Baseline: finite(r.value[0]), Candidate: finite(r.value[1]), Difference: finite(r.diff),
		Verdict: r.verdict.Word,
	}
	if r.Goal != NoGoal {
		m.Goal = &r.Goal
	}
	if e := r.ev; e != nil {
		m.N = &e.n
		m.Low, m.High, m.P, m.MDE = finite(e.low), finite(e.high), finite(e.p), finite(e.mde)
		if e.method != "" {
			m.Method = &e.method
		}
	}
	return m
}

// metric is the row as the gates see it.
func (r *row) metric() Metric {
	m := Metric{
		Name: r.Name, Goal: r.Goal, Unit: r.Unit, Decides: r.Decides, Tolerance: Num(r.Tolerance),
		Baseline: r.reported[0], Candidate: r.reported[1], Word: r.verdict.Word, Reason: r.verdict.Reason,
	}
	if r.kind != "" && !math.IsNaN(r.value[0]) {
		m.Baseline = NumOf(r.value[0])
	}
	if r.kind != "" && !math.IsNaN(r.value[1]) {
		m.Candidate = NumOf(r.value[1])
	}
	if m.Baseline != nil && m.Candidate != nil {
		m.Difference = NumOf(m.Candidate.Float() - m.Baseline.Float())
	}
	if e := r.ev; e != nil && !math.IsNaN(e.low) {
		m.Low, m.High, m.P, m.N, m.Method = NumOf(e.low), NumOf(e.high), NumOf(e.p), e.n, e.method
	}
	return m
}

func detail(r *row, adjusted float64) MetricDetail {
	d := MetricDetail{
		Name: r.Name, Decides: r.Decides, Tolerance: r.Tolerance, Reason: r.verdict.Reason,
		Notes: append([]string{}, r.notes...), Reported: r.reported,
	}
	e := r.ev
	if e == nil {
		return d
	}
	if r.Decides && !math.IsNaN(e.p) {
		d.AdjustedP = &adjusted
	}
	d.ExampleSE, d.SeedSE, d.DF, d.Flips = finite(e.exampleSE), finite(e.seedSE), finite(e.est.DF), e.flips
	for _, k := range e.check {
		d.Notes = append(d.Notes, k.note.Text)
	}
	if share := e.largestCluster(); share > bigCluster {
		d.Notes = append(d.Notes, fmt.Sprintf("one cluster holds %.0f %% of the examples: the clusters count for fewer than %d", 100*share, e.clusters))
	}
	return d
}

func (e *evidence) largestCluster() float64 {
	if e.cluster == nil || e.n == 0 {
		return 0
	}
	size := make([]int, e.clusters)
	most := 0
	for _, g := range e.cluster {
		size[g]++
		most = max(most, size[g])
	}
	return ratio(most, e.n)
}

func (c *comparer) count() {
	p := c.pair
	if p == nil {
		return
	}
	b, k := p.Sides[0], p.Sides[1]
	n := &FolderCounts{
		Common: p.Common[0].Len(), Union: p.Union, OnlyBaseline: b.Only, OnlyCandidate: k.Only, Incomplete: p.Absent - b.Only - k.Only,
		LabelsDiffer: p.LabelsDiffer, Duplicates: [2]int{b.Duplicates, k.Duplicates}, Contradicting: [2]int{b.Contradicting, k.Contradicting},
		BaselineSeeds: []string{}, CandidateSeeds: []string{},
	}
	if p.Cluster != nil {
		n.Clusters = &p.Clusters
	}
	if b.HasSeed {
		n.BaselineSeeds = b.Seeds
	}
	if k.HasSeed {
		n.CandidateSeeds = k.Seeds
	}
	c.out.Details.Counts = n
	c.out.Details.TestSet = &TestSet{b.Digest, k.Digest, b.Digest == k.Digest}
}

// usedMethods names the methods that this comparison used, with their sources.
func (c *comparer) usedMethods() []Method {
	used := map[string]bool{}
	decide := 0
	for _, r := range c.rows {
		if r.ev != nil && r.ev.method != "" {
			used[r.ev.method] = true
			used["power"] = true
			used["skewed"] = used["skewed"] || measure.IsMean(r.kind) && len(r.ev.check) > 0 && r.ev.plain()
			used["sign-flips"] = used["sign-flips"] || len(r.ev.check) > 0 && r.ev.cluster != nil
		}
		if r.Decides {
			decide++
		}
	}
	used["holm"] = decide > 1 || c.out.Details.Slices.Family > 0 && c.Adjust == AdjustHolm
	used["benjamini-hochberg"] = c.out.Details.Slices.Family > 0 && c.Adjust == AdjustBH
	var out []Method
	for _, m := range folderMethods() {
		if used[m.Name] {
			out = append(out, m)
		}
	}
	return out
}

func folderMethods() []Method {
	return []Method{
		methods(false)[0],
		{MethodPairedT, "t test on the differences per example", "Student 1908; Miller 2024 (arXiv 2411.00640)"},
		{MethodDeLong, "DeLong's test for two areas on the same examples, by midranks", "DeLong, DeLong, Clarke-Pearson 1988; Sun, Xu 2014"},
		{MethodPercentile, "p by the linearised metric (influence values); interval by a bootstrap of the examples, percentiles", "Hampel 1974; Efron, Tibshirani 1993"},
		{MethodBCa, "p by the linearised metric (influence values); interval by a bootstrap of the examples, bias-corrected and accelerated", "Hampel 1974; Efron 1987"},
		{MethodLinear, "normal test and interval on the linearised metric (influence values, delta method)", "Hampel 1974"},
		{MethodCluster, "cluster-robust t on the (linearised) differences, clusters − 1 degrees of freedom", "Liang, Zeger 1986; Cameron, Miller 2015; for areas Obuchowski 1997"},
		{MethodSeeds, "noise of the examples and of the seeds added, degrees of freedom by Satterthwaite", "Welch 1947; Satterthwaite 1946; Bouthillier et al. 2021"},
		{MethodSeedsClust, "noise of the clusters and of the seeds added, degrees of freedom by Satterthwaite", "Liang, Zeger 1986; Welch 1947; Satterthwaite 1946"},
		{"sign-flips", "second opinion for fewer than 12 clusters: all signs of the clusters' sums", "Fisher 1935; Canay, Romano, Shaikh 2017"},
		{"skewed", "second opinion for skewed differences: bootstrap, bias-corrected and accelerated", "Efron 1987; DiCiccio, Efron 1992"},
		{"power", "smallest change shown: (z of the level + z of 80 %) standard errors", "Connor 1987; Miller 2024"},
		{"holm", "adjustment for several deciding metrics, and for slices", "Holm 1979"},
		{"benjamini-hochberg", "adjustment for slices: share of false alarms", "Benjamini, Hochberg 1995"},
	}
}
