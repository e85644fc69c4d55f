package plot

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// ROC shows receiver operating characteristics, 560 × 520 units: X of a series
// is the false positive rate, Y the true positive rate, by falling threshold.
// The area under each curve stands beside its name.
type ROC struct {
	Title  string // "" makes one with the areas
	Series []Series
}

// PrecisionRecall shows precision over recall, 560 × 520 units: X of a series
// is the recall, Y the precision, by falling threshold. The average precision
// stands beside its name.
type PrecisionRecall struct {
	Title    string  // "" makes one with the average precisions
	Positive float64 // share of positives, drawn as the line of guessing; 0 draws none
	Series   []Series
}

// Draw writes the picture.
func (r ROC) Draw(w io.Writer, f Format, o Options) error { return write(w, f, o, r) }

// Draw writes the picture.
func (r PrecisionRecall) Draw(w io.Writer, f Format, o Options) error { return write(w, f, o, r) }

func (r ROC) layout(s style) *page {
	p := &ratePlot{field: field{page: newPage(560, 520, s)}, series: r.Series}
	p.x.name, p.y.name = "false positive rate", "true positive rate"
	return p.draw(r.headline(), r.scores(), []point{{X: 0, Y: 0}, {X: 1, Y: 1}})
}

func (r PrecisionRecall) layout(s style) *page {
	p := &ratePlot{field: field{page: newPage(560, 520, s)}, series: r.Series}
	p.x.name, p.y.name = "recall", "precision"
	var guess []point
	if r.Positive > 0 && r.Positive <= 1 {
		guess = []point{{X: 0, Y: r.Positive}, {X: 1, Y: r.Positive}}
	}
	return p.draw(r.headline(), r.scores(), guess)
}

// AreaUnder is the area under a curve by the trapezoidal rule; points that are
// not finite are skipped. For a ROC curve it is the AUC.
func AreaUnder(x, y []float64) float64 {
	area, px, py, started := 0.0, 0.0, 0.0, false
	for i := range min(len(x), len(y)) {
		if !finite(x[i]) || !finite(y[i]) {
			continue
		}
		if started {
			area += (x[i] - px) * (y[i] + py) / 2
		}
		px, py, started = x[i], y[i], true
	}
	return area
}

// AveragePrecision is the sum of precisions weighted by the growth of recall,
// without interpolation, as scikit-learn defines it. Points are by rising
// recall.
func AveragePrecision(recall, precision []float64) float64 {
	sum, before := 0.0, 0.0
	for i := range min(len(recall), len(precision)) {
		if finite(recall[i]) && finite(precision[i]) {
			sum += (recall[i] - before) * precision[i]
			before = recall[i]
		}
	}
	return sum
}

// score is a series with the one number that its curve comes to.
type score struct {
	name  string
	role  Role
	value float64
}

func (r ROC) scores() []score { return scoresOf(r.Series, AreaUnder) }

func (r PrecisionRecall) scores() []score { return scoresOf(r.Series, AveragePrecision) }

func scoresOf(all []Series, of func(x, y []float64) float64) []score {
	out := make([]score, len(all))
	for i, s := range all {
		name := scene.Clean(s.Name)
		if name == "" {
			name = map[Role]string{Candidate: "this change", Baseline: "baseline"}[s.Role]
		}
		out[i] = score{name, s.Role, of(s.X, s.Y)}
	}
	return out
}

func (r ROC) headline() string {
	if r.Title != "" {
		return r.Title
	}
	return "ROC" + scoreAnswer(r.scores(), "AUC")
}

func (r PrecisionRecall) headline() string {
	if r.Title != "" {
		return r.Title
	}
	return "precision and recall" + scoreAnswer(r.scores(), "average precision")
}

// scoreValue writes a score with three decimals, and more only near 1, where
// three would hide the difference.
func scoreValue(v float64) string {
	for places := 3; places < 6; places++ {
		if v == 1 || math.Abs(1-v) >= 5*math.Pow(10, -float64(places)) {
			return sign(strconv.FormatFloat(v, 'f', places, 64))
		}
	}
	return plain.text(v)
}

func scoreAnswer(all []score, what string) string {
	ends := make([]ended, len(all))
	for i, s := range all {
		ends[i] = ended{role: s.role, value: scoreValue(s.value)}
	}
	a := answer(ends)
	if rest, ok := strings.CutPrefix(a, ": "); ok {
		return ": " + what + " " + rest
	}
	return a
}

// AltText says in sentences what the picture shows.
func (r ROC) AltText() string {
	return scoreText(r.headline(), r.scores(), "area under the ROC curve")
}

// AltText says in sentences what the picture shows.
func (r PrecisionRecall) AltText() string {
	return scoreText(r.headline(), r.scores(), "average precision")
}

func scoreText(head string, all []score, what string) string {
	if len(all) == 0 {
		return sentence(scene.Clean(head)) + " No curves."
	}
	var parts []string
	for _, s := range all[:min(len(all), maxNamed)] {
		name := s.name
		if name == "" {
			name = "a curve"
		}
		parts = append(parts, fmt.Sprintf("%s has %s", name, scoreValue(s.value)))
	}
	if more := len(all) - maxNamed; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return sentence(scene.Clean(head)) + " The " + what + ": " + strings.Join(parts, "; ") + "."
}

// ratePlot is a square field of shares.
type ratePlot struct {
	field
	series []Series
}

func (p *ratePlot) draw(title string, scores []score, guess []point) *page {
	top := p.title(title)
	roles := make([]Role, len(p.series))
	for i, s := range p.series {
		roles[i] = s.Role
	}
	looks := p.c.looks(roles)
	entries := make([]keyEntry, 0, len(scores))
	for i, s := range scores {
		text := strings.TrimSpace(scene.Isolate(p.cut(s.name, 160)) + " " + scoreValue(s.value))
		entries = append(entries, keyEntry{look: looks[i], mark: lineMark, name: text, bold: s.role == Candidate})
	}
	if len(entries) > 0 {
		top = p.key(margin, top+12, p.W-margin, entries)
	}
	unit := span{lo: 0, hi: 1, some: true}
	x, y := p.x.name, p.y.name
	p.x, p.y = newAxis(unit, false, 0, plain, x), newAxis(unit, false, 0, plain, y)
	p.lay(top, 0)
	p.axes()
	if guess != nil {
		p.Line([]point{{X: p.x.at(guess[0].X), Y: p.y.at(guess[0].Y)}, {X: p.x.at(guess[1].X), Y: p.y.at(guess[1].Y)}}, p.c.muted, 1, 4, 4)
	}
	p.curves(looks)
	return p.done()
}

// curves draws the candidate last. Points keep their order: precision falls and
// rises at one recall.
func (p *ratePlot) curves(looks []look) {
	var nodes []scene.Node
	for _, role := range []Role{Baseline, Other, Candidate} {
		left := maxSeries
		for i, s := range p.series {
			if s.Role != role || left == 0 {
				continue
			}
			left--
			var line []point
			for j := range min(len(s.X), len(s.Y)) {
				if finite(s.X[j]) && finite(s.Y[j]) {
					line = append(line, point{X: s.X[j], Y: s.Y[j]})
				}
			}
			if len(line) > 0 {
				nodes = append(nodes, &scene.Path{Points: thin(line, &p.x, &p.y), Stroke: looks[i].color, Width: looks[i].width, Dash: looks[i].dash})
			}
		}
	}
	if len(nodes) == 0 {
		p.put((p.left+p.right)/2, (p.top+p.bottom)/2, "no finite values to draw", .5, p.c.muted)
		return
	}
	p.inside(nodes...)
}
