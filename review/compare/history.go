package compare

import "math"

// History is where a metric came from: the finite values of earlier runs.
type History struct {
	Metric    string `json:"metric"`
	Goal      Goal   `json:"goal"`
	Count     int    `json:"count"`       // earlier runs with a finite value
	Mean      *Num   `json:"mean"`        // null without runs
	Best      *Num   `json:"best"`        // null without runs, or without a goal
	Last      []Num  `json:"last"`        // the last ten, newest last
	BestSoFar bool   `json:"best_so_far"` // the candidate truly beats all of them; a tie does not
}

const lastRuns = 10

// HistoryOf sums up earlier values of a metric (newest last, the candidate not
// among them). Values that are not finite are not counted. A record alone is no
// evidence: the best of many equal runs is high by chance.
func HistoryOf(metric string, goal Goal, values []float64, candidate float64) History {
	h := History{Metric: metric, Goal: goal, Last: []Num{}}
	var mean, best float64
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		h.Count++
		mean += (v - mean) / float64(h.Count) // a running mean cannot overflow
		if h.Count == 1 || (v-best)*goal.sign() > 0 {
			best = v
		}
		h.Last = append(h.Last, Num(v))
	}
	h.Last = h.Last[max(0, len(h.Last)-lastRuns):]
	if h.Count == 0 {
		return h
	}
	h.Mean = NumOf(mean)
	if goal.sign() != 0 {
		h.Best = NumOf(best)
		h.BestSoFar = !math.IsInf(candidate, 0) && (candidate-best)*goal.sign() > 0
	}
	return h
}
