package plot

import (
	"fmt"
	"strings"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// maxNamed is how many series an alternative text names.
const maxNamed = 8

// xName is the name of the x axis.
func (c Curves) xName() string {
	if c.XLabel != "" {
		return c.XLabel
	}
	switch c.Along {
	case Epochs:
		return "epoch"
	case Time:
		return "time since the start"
	case Clock:
		return "time (UTC)"
	}
	return "step"
}

// headline is the title; one that is made says the answer.
func (c Curves) headline() string {
	if c.Title != "" {
		return c.Title
	}
	what := c.YLabel
	if what == "" {
		what = "value"
	}
	by := c.xName()
	if by == "time since the start" || c.Along == Clock {
		by = "time"
	}
	return what + " by " + by + answer(c.ends())
}

// ended is a series' name and its last value, as text.
type ended struct {
	name, value string
	role        Role
	points      int
	mean        bool
}

func (c Curves) ends() []ended {
	var out []ended
	for _, s := range c.Series {
		y, n := s.end(c)
		if n == 0 {
			continue
		}
		name := scene.Clean(s.Name)
		if name == "" {
			name = map[Role]string{Candidate: "this change", Baseline: "baseline"}[s.Role]
		}
		out = append(out, ended{name, unitOf(c.Percent).text(y), s.Role, n, s.banded()})
	}
	return out
}

// answer is ": 98.6 %, baseline 97.2 %"; without sides it names the series, as
// far as there are few.
func answer(ends []ended) string {
	var candidate, baseline string
	for _, e := range ends {
		switch {
		case e.role == Candidate && candidate == "":
			candidate = e.value
		case e.role == Baseline && baseline == "":
			baseline = e.value
		}
	}
	switch {
	case candidate != "" && baseline != "":
		return ": " + candidate + ", baseline " + baseline
	case candidate != "":
		return ": " + candidate
	case baseline != "":
		return ": baseline " + baseline
	case len(ends) == 0:
		return ""
	case len(ends) == 1:
		return ": " + ends[0].value
	}
	return " of " + many(len(ends), "run")
}

// AltText says in sentences what the picture shows, for those who do not see
// it.
func (c Curves) AltText() string {
	ends := c.ends()
	head := sentence(scene.Clean(c.headline()))
	if len(ends) == 0 {
		return head + " The picture is empty: " + sentence(c.emptyText())
	}
	var parts []string
	for _, e := range ends[:min(len(ends), maxNamed)] {
		name := e.name
		if name == "" {
			name = "a curve"
		}
		what := "ends"
		if e.mean {
			what = "is a mean with a band and ends"
		}
		parts = append(parts, fmt.Sprintf("%s %s at %s after %s", name, what, e.value, many(e.points, "point")))
	}
	if more := len(ends) - maxNamed; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return head + " " + sentence(strings.Join(parts, "; "))
}

func (c Curves) emptyText() string {
	if c.Log || c.LogX {
		return "no positive finite values to draw"
	}
	return "no finite values to draw"
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}
