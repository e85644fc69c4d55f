package compare

import (
	"fmt"
	"math"
	"strings"
)

// The methods that a row may name.
const (
	MethodMidP  = "mcnemar-mid-p+tango"
	MethodExact = "mcnemar-exact+tango"
)

// mismatch is how far a reported accuracy may lie from the recomputed one.
const mismatch = 0.001

// accuracyRow finds the row that reports the accuracy which the examples give:
// the one that is asked for, else one named like an accuracy of the test set.
// −1 means there is none.
func accuracyRow(rows []Metric, wanted string) int {
	best, bestRank := -1, 0
	for i, m := range rows {
		if wanted != "" {
			if m.Name == wanted {
				return i
			}
			continue
		}
		if r := accuracyRank(m.Name); r > bestRank {
			best, bestRank = i, r
		}
	}
	return best
}

// accuracyRank prefers a test accuracy to a plain one, and refuses those of
// other sets or of other kinds (balanced, top-5, per class).
func accuracyRank(name string) int {
	rank := 0
	for _, w := range nameWords(name) {
		switch w {
		case "accuracy", "acc":
			rank += 1
		case "test":
			rank += 2
		case "eval", "score", "metrics", "final":
		default:
			return 0
		}
	}
	if rank == 1 || rank == 3 {
		return rank
	}
	return 0
}

// judgeAccuracy fills a row from examples and returns what the reader is to be
// warned of. The recomputed values replace the reported ones: the two are never
// mixed.
func judgeAccuracy(m *Metric, p *Pairing, level float64, exact bool) []Note {
	blocked, warnings := p.Comparable()
	warnings = append(warnings, replaceReported(m, p, blocked == nil)...)
	m.N = p.Counts.N()
	if blocked != nil {
		m.N, m.Word, m.Reason = 0, Unknown, *blocked
		return warnings
	}
	if m.N == 0 {
		m.Word, m.Reason = Unknown, Note{FewExamples, "there are no examples to compare"}
		return warnings
	}
	iv, pv := p.Counts.Tango(level), p.Counts.p(exact)
	m.Low, m.High, m.P = NumOf(iv.Low), NumOf(iv.High), NumOf(pv)
	m.Method = MethodMidP
	if exact {
		m.Method = MethodExact
	}
	v := judgeCounts(*m, p.Counts, level, exact)
	if v.Word != Unknown {
		v = doubtMissing(*m, p, v, level, exact)
	}
	m.Word, m.Reason = v.Word, v.Reason
	return warnings
}

func (p Paired) p(exact bool) float64 {
	if exact {
		return p.ExactP()
	}
	return p.MidP()
}

func judgeCounts(m Metric, p Paired, level float64, exact bool) Verdict {
	v := Judge(Evidence{
		Interval: p.Tango(level), P: p.p(exact), N: p.N(), Tolerance: float64(m.Tolerance), Goal: m.Goal, Unit: Share,
	})
	if v.Word == Unknown && v.Reason.Code == WideInterval {
		v.Reason = whyWide(p, v.Reason, level, exact)
	}
	return v
}

// whyWide says what this test set could have shown, and what would help.
func whyWide(p Paired, n Note, level float64, exact bool) Note {
	if p.SmallestP(exact) > 1-level+roundOff {
		return Note{FewFlips, fmt.Sprintf("the two models differ on %d answers only: no such result could have been clear", p.Flips())}
	}
	n.Text += fmt.Sprintf("; these %s examples show changes of about %s", grouped(p.N()), amountAbout(p.Shows(level)))
	if need := p.Needed(p.Difference(), level); need > p.N() {
		n.Text += fmt.Sprintf("; to see %s, about %s are needed", amountAbout(p.Difference()), grouped(About(need)))
	}
	return n
}

// amountAbout words a share's size as a rounded number of points.
func amountAbout(x float64) string {
	return strings.TrimPrefix(Share.Change(math.Abs(x)), "+")
}

// doubtMissing takes a word back if the missing answers, all right or all
// wrong, would change it: answers seldom go missing at random.
func doubtMissing(m Metric, p *Pairing, v Verdict, level float64, exact bool) Verdict {
	for _, extreme := range []Paired{p.Left, p.Right} {
		if judgeCounts(m, extreme, level, exact).Word != v.Word {
			return unknown(IDsDiffer, fmt.Sprintf("%s on the common ids, but %s ids are on one side only and could change that",
				v.Word, grouped(p.OnlyBaseline+p.OnlyCandidate)))
		}
	}
	return v
}

// replaceReported puts the accuracies from the examples into the row. If the
// sides are not comparable, each side's value is that of its own examples.
func replaceReported(m *Metric, p *Pairing, common bool) []Note {
	b, c := p.Counts.Baseline(), p.Counts.Candidate()
	if !common {
		b, c = p.Baseline.Accuracy(), p.Compared.Accuracy()
	}
	var notes []Note
	for _, side := range []struct {
		name           string
		reported, mine float64
	}{{"baseline", m.Baseline.Float(), p.Baseline.Accuracy()}, {"candidate", m.Candidate.Float(), p.Compared.Accuracy()}} {
		r := side.reported
		if math.Abs(r/100-side.mine) <= mismatch {
			r /= 100 // reported in per cent
		}
		if !math.IsNaN(r) && math.Abs(r-side.mine) > mismatch {
			notes = append(notes, Note{MetricMismatch, fmt.Sprintf("the %s reports %s %s, its examples give %s: the examples count",
				side.name, m.Name, digits(side.reported), digits(side.mine))})
		}
	}
	m.Unit, m.Baseline, m.Candidate, m.Difference = Share, numOrNil(b), numOrNil(c), nil
	if common {
		m.Difference = numOrNil(p.Counts.Difference()) // c − b would round twice
	}
	if m.Goal != Max {
		m.Goal, m.Guessed = Max, true
	}
	return notes
}

// numOrNil makes the number that no example gives a missing one.
func numOrNil(f float64) *Num {
	if math.IsNaN(f) {
		return nil
	}
	return NumOf(f)
}

// Accuracy is the share of right answers, contradicting ids left out.
func (e *Examples) Accuracy() float64 {
	n, right := 0, 0
	for _, x := range e.rows {
		if !x.contradicts {
			n++
			if x.Right() {
				right++
			}
		}
	}
	return ratio(right, n)
}
