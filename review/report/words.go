package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/assay-ml/assay/review/compare"
)

// Headline is the verdict in one line of plain text.
func (d *Document) Headline() string {
	if f := d.Failure; f != nil {
		return fmt.Sprintf("✖ Training failed after %s in %s (exit %d)", span(f.After), f.Command, f.ExitCode)
	}
	m, ok := d.lead()
	if !ok {
		return "? Nothing was measured"
	}
	on := ""
	if m.N > 0 {
		on = " on " + grouped(m.N) + " examples"
	}
	values := m.Name + " " + arrow(m)
	switch d.Table.Overall.Word {
	case compare.Better:
		return "▲ Better than " + d.Target + ": " + values
	case compare.Worse:
		return "▼ Worse than " + d.Target + ": " + values
	case compare.Same:
		return "● Same as " + d.Target + ": " + m.Name + " " + value(m, m.Candidate)
	}
	if !d.Table.HasBaseline {
		return "? No baseline yet: " + m.Name + " " + value(m, m.Candidate) + on
	}
	return "? Cannot tell: " + values + on
}

func arrow(m compare.Metric) string {
	if m.Baseline == nil {
		return value(m, m.Candidate)
	}
	return value(m, m.Baseline) + " → " + value(m, m.Candidate)
}

// value shows a metric's value: an en dash when missing, NaN as it is.
func value(m compare.Metric, n *compare.Num) string {
	if n == nil {
		return "–"
	}
	if v := n.Float(); math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return m.Unit.Value(n.Float())
}

// Lead is the paragraph below the headline.
func (d *Document) Lead() string {
	m, ok := d.lead()
	if !ok || d.Table == nil {
		return ""
	}
	parts := []string{d.evidence(m)}
	if s := d.classes(); s != "" && d.Table.Overall.Word != compare.Unknown {
		parts = append(parts, s)
	}
	parts = append(parts, d.gates())
	return strings.TrimSpace(strings.Join(parts, " "))
}

func (d *Document) evidence(m compare.Metric) string {
	t := d.Table
	if !t.HasBaseline {
		return "There is nothing to compare with yet: this measurement will be the baseline once it is merged."
	}
	if m.Low == nil || t.Examples == nil {
		if r := m.Reason.Text; r != "" {
			return upper(r) + "."
		}
		return upper(t.Overall.Reason.Text) + "."
	}
	c := t.Examples.Counts
	change := m.Unit.Change(m.Difference.Float())
	between := m.Unit.Between(m.Low.Float(), m.High.Float())
	flips := fmt.Sprintf("%s of %s examples %s newly right, %s newly wrong",
		grouped(c.NewlyRight), grouped(c.N()), are(c.NewlyRight), grouped(c.NewlyWrong))
	switch t.Overall.Word {
	case compare.Same:
		return fmt.Sprintf("Within the tolerance of %s: the difference is %s (%s). %s.",
			m.Unit.Amount(float64(m.Tolerance)), change, between, upper(flips))
	case compare.Better, compare.Worse:
		return fmt.Sprintf("%s (%s): %s.", change, between, flips)
	}
	s := fmt.Sprintf("%s, but anything %s fits: %s", change, between, flips)
	if p := c.MidP(); p > 0.05 {
		s += ", and as clear a difference happens by chance in " + odds(p)
	}
	return s + "." + d.power(m)
}

// power says what this test set can show, and what would be needed.
func (d *Document) power(m compare.Metric) string {
	e := d.Table.Examples
	if e.Shows == nil {
		return ""
	}
	s := fmt.Sprintf(" These %s examples show changes of about %s", grouped(e.Counts.N()), m.Unit.Amount(round(e.Shows.Float())))
	if e.Needed > 0 {
		s += fmt.Sprintf("; to see %s, about %s are needed", strings.TrimSuffix(m.Unit.Amount(round(math.Abs(m.Difference.Float()))), " points"),
			grouped(compare.About(e.Needed)))
	}
	return s + "."
}

// round gives a share one decimal of a point.
func round(x float64) float64 { return math.Round(x*1000) / 1000 }

func odds(p float64) string {
	n := int(math.Round(1 / p))
	switch {
	case n <= 1:
		return "nearly every such comparison"
	case n <= 12:
		return "one of " + []string{"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}[n-2] + " such comparisons"
	}
	return fmt.Sprintf("one of %d such comparisons", n)
}

// classes says which class lost most, without a word for it: classes are not
// judged one by one.
func (d *Document) classes() string {
	if d.Table.Confusion == nil {
		return ""
	}
	var worst *compare.Class
	for i, c := range d.Table.Confusion.Classes {
		if c.Change != nil && c.Change.Float() < 0 && (worst == nil || c.Change.Float() < worst.Change.Float()) {
			worst = &d.Table.Confusion.Classes[i]
		}
	}
	if worst == nil {
		return "No class lost."
	}
	return fmt.Sprintf("Class %s lost most: recall %s → %s (%d newly wrong, %d newly right, of %s).", code(worst.Label),
		compare.Share.Value(worst.Baseline.Float()), compare.Share.Value(worst.Candidate.Float()),
		worst.NewlyWrong, worst.NewlyRight, grouped(worst.Support))
}

// gates sums the gates up: all that pass in one word, others by name.
func (d *Document) gates() string {
	passed, asked := 0, 0
	var said []string
	for _, g := range d.Table.Gates {
		if g.Status == compare.Skip {
			continue
		}
		asked++
		switch g.Status {
		case compare.Pass:
			passed++
		case compare.Fail:
			if g.Effect == compare.Warn {
				said = append(said, fmt.Sprintf("Gate %s fails, which only warns.", code(g.Sentence)))
				continue
			}
			said = append(said, fmt.Sprintf("Gate %s **fails**.", code(g.Sentence)))
		default:
			said = append(said, fmt.Sprintf("Gate %s: %s.", code(g.Sentence), g.Status))
		}
	}
	if len(said) == 0 && asked > 0 {
		return fmt.Sprintf("Gates: %d of %d pass.", passed, asked)
	}
	return strings.Join(said, " ")
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// span words a duration: 2 m 14 s, 1.4 s.
func span(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d m %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d m", int(d.Hours()), int(d.Minutes())%60)
}
