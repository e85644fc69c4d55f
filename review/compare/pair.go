package compare

import "fmt"

// How much may be missing or contradict before nothing can be said.
const (
	maxMissing       = 0.05    // ids on one side only, of the union
	maxContradicting = 0.01    // ids whose rows contradict each other, of a side
	maxFlips         = 1000    // flips listed by name in each direction
	maxCells         = 200_000 // different (label, answer, answer): beyond, the answers are no classes
)

// Flip is an example that one model alone has right.
type Flip struct {
	ID        string `json:"id"`
	Label     string `json:"label"`
	Baseline  string `json:"baseline"`
	Candidate string `json:"candidate"`
}

// Pairing is two models' answers laid side by side.
type Pairing struct {
	Counts             Paired
	Left               Paired // counts if every missing answer spoke for the baseline
	Right              Paired // counts if every missing answer spoke for the candidate
	OnlyBaseline       int    // ids without an answer of the candidate
	OnlyCandidate      int    // ids without an answer of the baseline
	LabelsDiffer       int    // common ids whose labels are not the same
	NewlyWrong         []Flip // by id, at most 1,000
	NewlyRight         []Flip // by id, at most 1,000
	Baseline, Compared *Examples
	cells              map[[3]string]int // label, baseline's answer, candidate's answer
}

// Pair lays two models' answers side by side, by id. Answers to ids that one
// side lacks, or that contradict themselves, are not counted.
func Pair(baseline, candidate *Examples) *Pairing {
	p := &Pairing{Baseline: baseline, Compared: candidate, cells: map[[3]string]int{}}
	b, c := baseline.rows, candidate.rows
	for len(b) > 0 || len(c) > 0 {
		switch {
		case len(c) == 0 || len(b) > 0 && b[0].ID < c[0].ID:
			p.oneSided(b[0], &p.OnlyBaseline, true)
			b = b[1:]
		case len(b) == 0 || c[0].ID < b[0].ID:
			p.oneSided(c[0], &p.OnlyCandidate, false)
			c = c[1:]
		default:
			p.common(b[0], c[0])
			b, c = b[1:], c[1:]
		}
	}
	p.Left, p.Right = p.Left.plus(p.Counts), p.Right.plus(p.Counts)
	return p
}

// oneSided counts an id that the other side lacks, in both extremes: the
// missing answer is right, or it is wrong.
func (p *Pairing) oneSided(e Example, count *int, baseline bool) {
	*count++
	right := e.Right()
	if baseline {
		p.Left.count(right, false)
		p.Right.count(right, true)
		return
	}
	p.Left.count(true, right)
	p.Right.count(false, right)
}

func (p *Pairing) common(b, c Example) {
	if b.contradicts || c.contradicts {
		return
	}
	if b.Label != c.Label {
		p.LabelsDiffer++
		return
	}
	p.Counts.count(b.Right(), c.Right())
	if len(p.cells) <= maxCells {
		p.cells[[3]string{b.Label, b.Prediction, c.Prediction}]++
	}
	if b.Right() == c.Right() {
		return
	}
	list := &p.NewlyRight
	if b.Right() {
		list = &p.NewlyWrong
	}
	if len(*list) < maxFlips {
		*list = append(*list, Flip{b.ID, b.Label, b.Prediction, c.Prediction})
	}
}

func (p *Paired) count(baseline, candidate bool) {
	switch {
	case baseline && candidate:
		p.BothRight++
	case baseline:
		p.NewlyWrong++
	case candidate:
		p.NewlyRight++
	default:
		p.BothWrong++
	}
}

func (p Paired) plus(q Paired) Paired {
	return Paired{p.BothRight + q.BothRight, p.NewlyWrong + q.NewlyWrong, p.NewlyRight + q.NewlyRight, p.BothWrong + q.BothWrong}
}

// Union is the number of different ids on both sides together.
func (p *Pairing) Union() int { return p.Baseline.Len() + p.OnlyCandidate }

// Comparable says whether the two sides answer the same questions. Blocked is
// the reason why nothing can be said; warnings are what a reader should know
// although a comparison is possible.
func (p *Pairing) Comparable() (blocked *Note, warnings []Note) {
	missing := p.OnlyBaseline + p.OnlyCandidate
	switch {
	case p.LabelsDiffer > 0:
		return &Note{LabelsDiffer, fmt.Sprintf("the test set has changed: %s of %s labels differ; evaluate the baseline again",
			grouped(p.LabelsDiffer), grouped(p.Union()-missing))}, nil
	case float64(missing) > maxMissing*float64(p.Union()):
		return &Note{IDsDiffer, fmt.Sprintf("the test set has changed: %s of %s ids are on one side only; evaluate the baseline again",
			grouped(missing), grouped(p.Union()))}, nil
	}
	if missing > 0 {
		warnings = append(warnings, Note{IDsDiffer, fmt.Sprintf("%s of %s ids are on one side only (%s without an answer of the candidate): compared on the common ones",
			grouped(missing), grouped(p.Union()), grouped(p.OnlyBaseline))})
	}
	for _, side := range []struct {
		name string
		e    *Examples
	}{{"baseline", p.Baseline}, {"candidate", p.Compared}} {
		if float64(side.e.Contradicting) > maxContradicting*float64(side.e.Len()) {
			return &Note{DuplicateIDs, fmt.Sprintf("%s of %s ids of the %s stand twice and contradict themselves",
				grouped(side.e.Contradicting), grouped(side.e.Len()), side.name)}, nil
		}
		if side.e.Duplicates > 0 {
			warnings = append(warnings, Note{DuplicateIDs, fmt.Sprintf("%s repeated rows in the %s: equal ones counted once, %s contradicting ids left out",
				grouped(side.e.Duplicates), side.name, grouped(side.e.Contradicting))})
		}
	}
	return nil, warnings
}
