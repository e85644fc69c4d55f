package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/assay-ml/assay/review/compare"
)

// JUnit is the verdict as a test report, as the forges' own widgets show it:
// each gate is a test case, and a training that failed is one. What a gate
// only warns of, and what it could not decide, passes and says so.
func (d *Document) JUnit() ([]byte, error) {
	type message struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type testCase struct {
		Name      string   `xml:"name,attr"`
		ClassName string   `xml:"classname,attr"`
		Failure   *message `xml:"failure,omitempty"`
		Skipped   *message `xml:"skipped,omitempty"`
		Output    string   `xml:"system-out,omitempty"`
	}
	type suite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Cases    []testCase `xml:"testcase"`
	}
	s := suite{Name: "assay: " + d.Marker}
	if f := d.Failure; f != nil {
		s.Cases = append(s.Cases, testCase{Name: "training", ClassName: "assay", Failure: &message{d.Headline(), f.Tail}})
	}
	if d.Table != nil {
		for _, g := range d.Table.Gates {
			c := testCase{Name: g.Sentence, ClassName: "assay.gates"}
			switch {
			case g.Status == compare.Skip:
				c.Skipped = &message{Message: g.Reason}
			case g.Effect == compare.Fail:
				c.Failure = &message{string(g.Status) + ": " + g.Reason, d.Headline() + "\n" + d.Lead()}
			case g.Status != compare.Pass:
				c.Output = string(g.Status) + ": " + g.Reason
			}
			s.Cases = append(s.Cases, c)
		}
	}
	s.Tests = len(s.Cases)
	for _, c := range s.Cases {
		if c.Failure != nil {
			s.Failures++
		}
		if c.Skipped != nil {
			s.Skipped++
		}
	}
	body, err := xml.MarshalIndent(struct {
		XMLName xml.Name `xml:"testsuites"`
		Suite   suite    `xml:"testsuite"`
	}{Suite: s}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the verdict as JUnit: %w", err)
	}
	return append([]byte(xml.Header), append(body, '\n')...), nil
}

// OpenMetrics is the candidate's metrics as GitLab's metrics report and
// Prometheus read them: one gauge a line, without labels, for GitLab takes a
// line apart as a shell would.
func (d *Document) OpenMetrics() []byte {
	var b strings.Builder
	used := map[string]bool{}
	if d.Table != nil {
		for _, m := range d.Table.Metrics {
			if m.Candidate == nil {
				continue
			}
			name := metricName(m.Name)
			for n := 2; used[name]; n++ {
				name = metricName(m.Name) + "_" + strconv.Itoa(n)
			}
			used[name] = true
			fmt.Fprintf(&b, "# TYPE %s gauge\n%s %s\n", name, name, metricValue(m.Candidate.Float()))
		}
	}
	b.WriteString("# EOF\n")
	return []byte(b.String())
}

// metricName keeps what OpenMetrics allows in a name.
func metricName(s string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == ':' {
			return r
		}
		return '_'
	}, s)
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	return name
}

func metricValue(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "+Inf"
	case math.IsInf(v, -1):
		return "-Inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// CodeQuality is what failed, as findings on the line that is likeliest to be
// the cause: the first changed parameter, else the top of the change. The form
// is GitLab's, a subset of Code Climate's.
func (d *Document) CodeQuality() ([]byte, error) {
	type lines struct {
		Begin int `json:"begin"`
	}
	type location struct {
		Path  string `json:"path"`
		Lines lines  `json:"lines"`
	}
	type issue struct {
		Description string   `json:"description"`
		CheckName   string   `json:"check_name"`
		Fingerprint string   `json:"fingerprint"`
		Severity    string   `json:"severity"`
		Location    location `json:"location"`
	}
	at := location{Path: "assay.yaml", Lines: lines{1}}
	switch {
	case len(d.Params) > 0:
		at = location{Path: d.Params[0].File, Lines: lines{max(d.Params[0].Line, 1)}}
	case len(d.Code) > 0:
		at.Path = d.Code[0]
	}
	out := []issue{}
	add := func(check, severity, text string) {
		sum := sha256.Sum256([]byte(d.Marker + "\x00" + check))
		out = append(out, issue{Description: text, CheckName: check, Fingerprint: hex.EncodeToString(sum[:16]), Severity: severity, Location: at})
	}
	if d.Failure != nil {
		add("assay/training", "blocker", d.Headline())
	}
	if d.Table != nil {
		for _, g := range d.Table.Gates {
			switch {
			case g.Status == compare.Pass || g.Status == compare.Skip:
			case g.Effect == compare.Fail:
				add("assay/"+g.Sentence, "critical", g.Sentence+": "+g.Reason)
			default:
				add("assay/"+g.Sentence, "minor", g.Sentence+": "+string(g.Status)+", "+g.Reason)
			}
		}
	}
	body, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the findings: %w", err)
	}
	return append(body, '\n'), nil
}
