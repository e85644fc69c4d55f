package plot

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assay-ml/assay/review/plot/internal/scene"
)

// textsOf are the texts of a layout, those in groups as well.
func textsOf(nodes []scene.Node) (out []scene.Text) {
	for _, n := range nodes {
		switch n := n.(type) {
		case scene.Text:
			out = append(out, n)
		case *scene.Group:
			out = append(out, textsOf(n.Nodes)...)
		}
	}
	return out
}

// checkLayout fails if two texts collide or one leaves the picture, or is
// smaller than all must be. Texts that stand askew are left out.
func checkLayout(t *testing.T, name string, p chart) {
	t.Helper()
	page := p.layout(style{})
	var boxes []box
	var seen []scene.Text
	for _, text := range textsOf(page.Nodes) {
		if text.Size < smallSize {
			t.Errorf("%s: %q has %v units", name, text.S, text.Size)
		}
		if text.Angle != 0 {
			continue
		}
		b := page.Fonts.TextBox(text)
		if b.X < 2 || b.Y < 2 || b.X+b.W > page.W-2 || b.Y+b.H > page.H-2 {
			t.Errorf("%s: %.60q leaves the picture of %v × %v: %v", name, text.S, page.W, page.H, b)
		}
		for i, c := range boxes {
			if b.Meets(c) {
				t.Errorf("%s: %.60q collides with %.60q", name, text.S, seen[i].S)
			}
		}
		boxes, seen = append(boxes, b), append(seen, text)
	}
}

func TestLabelsNeverCollide(t *testing.T) {
	for name, p := range pictures() {
		checkLayout(t, name, p)
	}
}

// anyName is a name of one to some letters, of the kinds that users have.
func anyName(r *rand.Rand) string {
	alphabet := []rune("abcdefghij_-./XYZ 0123456789éßЖдΩ東京שלום")
	out := make([]rune, r.IntN(1+r.IntN(60)))
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}

// anyNumbers are of some size, now and then with gaps and extremes.
func anyNumbers(r *rand.Rand, n int) []float64 {
	size := math.Pow(10, float64(r.IntN(30)-15))
	if r.IntN(8) == 0 {
		size = math.Pow(10, float64(r.IntN(600)-300))
	}
	shift := float64(r.IntN(3)-1) * size * math.Pow(10, float64(r.IntN(6)))
	out := make([]float64, n)
	for i := range out {
		out[i] = shift + r.NormFloat64()*size
		switch r.IntN(60) {
		case 0:
			out[i] = math.NaN()
		case 1:
			out[i] = math.Inf(1)
		case 2:
			out[i] = 0
		}
	}
	return out
}

func anySeries(r *rand.Rand, most int) []Series {
	out := make([]Series, r.IntN(most))
	for i := range out {
		n := r.IntN(1 + r.IntN(40))
		out[i] = Series{Name: anyName(r), Role: Role(r.IntN(3)), Y: anyNumbers(r, n)}
		if r.IntN(2) == 0 {
			out[i].X = anyNumbers(r, n)
		}
	}
	return out
}

// anyPicture is a chart of random numbers and names.
func anyPicture(r *rand.Rand) picture {
	flag := func() bool { return r.IntN(2) == 0 }
	labels := make([]string, r.IntN(40))
	for i := range labels {
		labels[i] = anyName(r)
	}
	counts := make([][]int, len(labels))
	for i := range counts {
		counts[i] = make([]int, len(labels))
		for j := range counts[i] {
			counts[i][j] = int(math.Pow(10, r.Float64()*8)) * (r.IntN(3) - 1)
		}
	}
	switch r.IntN(7) {
	case 0:
		return Matrix{Title: anyName(r), Labels: labels, Counts: counts, Normalized: flag()}
	case 1:
		return MatrixDiff{Title: anyName(r), Labels: labels, Counts: counts}
	case 2:
		return Bars{
			Title: anyName(r), Metric: anyName(r), Labels: labels, Candidate: anyNumbers(r, len(labels)),
			Baseline: anyNumbers(r, r.IntN(len(labels)+1)), Percent: flag(), Goal: Goal(r.IntN(3)),
		}
	case 3:
		return Histogram{Title: anyName(r), XLabel: anyName(r), Candidate: anyNumbers(r, r.IntN(200)), Baseline: anyNumbers(r, r.IntN(200)), Percent: flag(), Bins: r.IntN(3) * 20}
	case 4:
		return Scatter{Title: anyName(r), XLabel: anyName(r), YLabel: anyName(r), LogX: flag(), LogY: flag(), Diagonal: flag(), Series: anySeries(r, 12)}
	case 5:
		return ROC{Title: anyName(r), Series: anySeries(r, 12)}
	}
	return Curves{
		Title: anyName(r), XLabel: anyName(r), YLabel: anyName(r), Percent: flag(), Log: flag(), LogX: flag(),
		Along: Along(r.IntN(4)), Smooth: float64(r.IntN(2)) * r.Float64(), Series: anySeries(r, 30),
	}
}

// Whatever is drawn, texts have their room and the SVG is sound.
func TestLabelsNeverCollideProperty(t *testing.T) {
	n := 400
	if testing.Short() {
		n = 60
	}
	for seed := range n {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		p := anyPicture(r)
		name := fmt.Sprintf("seed %d, %T", seed, p)
		checkLayout(t, name, p)
		sound(t, name, drawn(t, p, SVG, Options{}))
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// Names are cut in the middle and their ends stay.
func TestLongNamesKeepTheirEnds(t *testing.T) {
	name := "begin" + strings.Repeat("x", 10_000) + "the_end"
	svg := parse(t, drawn(t, Curves{Series: []Series{{Name: name, Y: []float64{1, 2}}}}, SVG, Options{}))
	found := false
	for _, s := range svg.texts {
		found = found || strings.HasPrefix(s, "begin") && strings.Contains(s, "…") && strings.HasSuffix(s, "the_end 2")
	}
	if !found {
		t.Errorf("%q", svg.texts)
	}
}
