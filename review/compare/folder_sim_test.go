package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// world draws pairs of models: a latent skill for each example, shared within
// its cluster, and noise of each model.
type world struct {
	n, clusters, seeds int
	share              float64 // of positives
	lift               float64 // by how much the candidate separates better
}

func (w world) draw(r *rand.Rand) (a, b string) {
	var sides [2]strings.Builder
	head := "id,label,prediction,score"
	if w.clusters > 0 {
		head += ",cluster"
	}
	if w.seeds > 1 {
		head += ",seed"
	}
	hard := make([]float64, max(w.clusters, 1))
	drift := make([][2]float64, max(w.clusters, 1))
	for g := range hard {
		hard[g] = r.NormFloat64() * .7
		drift[g] = [2]float64{r.NormFloat64() * .4, r.NormFloat64() * .4}
	}
	run := make([][2]float64, max(w.seeds, 1))
	for s := range run {
		if w.seeds > 1 {
			run[s] = [2]float64{r.NormFloat64() * .15, r.NormFloat64() * .15}
		}
	}
	for k := range sides {
		sides[k].WriteString(head + "\n")
	}
	for i := range w.n {
		y := 0
		if r.Float64() < w.share {
			y = 1
		}
		g := 0
		common := r.NormFloat64()
		if w.clusters > 0 {
			g = i % w.clusters
			common += hard[g]
		}
		for s := range run {
			for k := range sides {
				push := .9 + run[s][k]
				if w.clusters > 0 {
					push += drift[g][k]
				}
				if k == 1 {
					push += w.lift
				}
				z := float64(2*y-1)*push + .8*common + .8*r.NormFloat64()
				score := 1 / (1 + math.Exp(-z))
				said := 0
				if z > 0 {
					said = 1
				}
				fmt.Fprintf(&sides[k], "%d,%d,%d,%.4f", i, y, said, score)
				if w.clusters > 0 {
					fmt.Fprintf(&sides[k], ",c%d", g)
				}
				if w.seeds > 1 {
					fmt.Fprintf(&sides[k], ",%d", s)
				}
				sides[k].WriteString("\n")
			}
		}
	}
	return sides[0].String(), sides[1].String()
}

var simulated = []string{"accuracy", "f1", "f1_macro", "precision", "recall", "roc_auc", "log_loss", "brier", "rmse"}

// TestNoChangeIsNotSold compares models of equal skill: a word in either
// direction is false. It may come up in 5 % of the comparisons, and the limit
// leaves the Monte-Carlo noise of three standard errors.
func TestNoChangeIsNotSold(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 25
	}
	for _, w := range []world{
		{n: 200, share: .5},
		{n: 300, share: .15},
		{n: 240, clusters: 24, share: .4},
		{n: 300, clusters: 8, share: .4},
		{n: 80, seeds: 4, share: .4},
	} {
		r := rand.New(rand.NewPCG(11, uint64(w.n)))
		words, missed := map[string]int{}, map[string]int{}
		for range rounds {
			a, b := w.draw(r)
			for _, m := range folders(t, a, b, planOf(simulated...)).Metrics {
				if m.Verdict == Better || m.Verdict == Worse {
					words[m.Name]++
				}
				if *m.Low > 0 || *m.High < 0 { // the truth is 0
					missed[m.Name]++
				}
			}
		}
		n := float64(rounds)
		limit := 1 + .05*n + 3*math.Sqrt(.05*.95*n)
		for _, name := range simulated {
			if float64(words[name]) > limit {
				t.Errorf("%+v: %s said better or worse %d times of %d without a change, at most %.0f", w, name, words[name], rounds, limit)
			}
			if float64(missed[name]) > limit*1.25 {
				t.Errorf("%+v: the interval of %s missed the truth %d times of %d, at most %.0f", w, name, missed[name], rounds, limit*1.25)
			}
		}
		t.Logf("%+v: false words %v, missed %v of %d", w, words, missed, rounds)
	}
}

// TestIntervalsCoverAChange compares models of which the candidate is better:
// the interval has to hold the true difference, and worse is never said.
func TestIntervalsCoverAChange(t *testing.T) {
	truth := map[string]float64{}
	w := world{n: 200_000, share: .3, lift: .35}
	a, b := w.draw(rand.New(rand.NewPCG(12, 1)))
	for _, m := range folders(t, a, b, planOf(simulated...)).Metrics {
		truth[m.Name] = *m.Difference
	}
	rounds := 60
	if testing.Short() {
		rounds = 25
	}
	w.n = 250
	r := rand.New(rand.NewPCG(12, 2))
	missed, better := map[string]int{}, map[string]int{}
	for range rounds {
		a, b := w.draw(r)
		for _, m := range folders(t, a, b, planOf(simulated...)).Metrics {
			if d := truth[m.Name]; d < *m.Low || d > *m.High {
				missed[m.Name]++
			}
			switch m.Verdict {
			case Better:
				better[m.Name]++
			case Worse:
				t.Errorf("%s: worse, with p = %g", m.Name, *m.P)
			}
		}
	}
	n := float64(rounds)
	limit := 1 + .05*n + 3.2*math.Sqrt(.05*.95*n)
	for _, name := range simulated {
		if float64(missed[name]) > limit {
			t.Errorf("%s: the interval missed %g %d times of %d, at most %.0f", name, truth[name], missed[name], rounds, limit)
		}
		if better[name] < rounds/8 {
			t.Errorf("%s: better only %d times of %d", name, better[name], rounds)
		}
	}
	t.Logf("truth %.3v, missed %v, better %v of %d", truth, missed, better, rounds)
}
