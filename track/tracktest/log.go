package tracktest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

func batchIsAtomic(t *testing.T, s Store) {
	ctx := t.Context()
	id := run(t, s)
	ok(t, s.LogBatch(ctx, id, track.Batch{Params: []track.Param{{Key: "p", Value: "1"}}}))
	err := s.LogBatch(ctx, id, track.Batch{
		Metrics: points("m", [3]float64{1, 1, 1}),
		Params:  []track.Param{{Key: "q", Value: "1"}, {Key: "p", Value: "2"}},
		Tags:    []track.Tag{{Key: "t", Value: "1"}},
	})
	wantFault(t, err, fault.Invalid, "")
	r := must(s.Run(ctx, id))(t)
	if len(r.Metrics) != 0 || len(r.Params) != 1 || len(r.Tags) != 1 || len(history(t, s, id, "m")) != 0 {
		t.Errorf("half a batch was written: %+v", r)
	}
	wantFault(t, s.LogBatch(ctx, "nobody", track.Batch{}), fault.NotFound, "Run with id=nobody not found")
}

func latestMetric(t *testing.T, s Store) {
	id := run(t, s)
	for _, c := range []struct {
		add  [3]float64 // step, time, value
		want [3]float64
	}{
		{[3]float64{5, 10, 1}, [3]float64{5, 10, 1}},
		{[3]float64{4, 99, 2}, [3]float64{5, 10, 1}},
		{[3]float64{5, 9, 3}, [3]float64{5, 10, 1}},
		{[3]float64{5, 10, 0.5}, [3]float64{5, 10, 1}},
		{[3]float64{5, 10, math.NaN()}, [3]float64{5, 10, 1}}, // counts as 0
		{[3]float64{5, 10, 7}, [3]float64{5, 10, 7}},
		{[3]float64{5, 11, -7}, [3]float64{5, 11, -7}},
		{[3]float64{5, 11, math.NaN()}, [3]float64{5, 11, math.NaN()}},
		{[3]float64{-1, 12, 1}, [3]float64{5, 11, math.NaN()}},
		{[3]float64{6, 0, 0}, [3]float64{6, 0, 0}},
	} {
		logMetrics(t, s, id, points("m", c.add))
		got := must(s.Run(t.Context(), id))(t).Metrics
		if diff := gocmp.Diff(show(points("m", c.want)), show(got)); diff != "" {
			t.Errorf("after %v: %s", c.add, diff)
		}
	}
	if n := len(history(t, s, id, "m")); n != 10 {
		t.Errorf("history of %d", n)
	}
}

func oddValues(t *testing.T, s Store) {
	id := run(t, s)
	const far = math.MaxInt64
	in := []track.Metric{
		{Key: "m", Step: 1, Value: math.Inf(1)},
		{Key: "m", Step: 2, Value: math.Inf(-1)},
		{Key: "m", Step: 3, Value: math.NaN()},
		{Key: "m", Step: 4, Value: math.Copysign(0, -1)},
		{Key: "m", Step: 5, Value: math.SmallestNonzeroFloat64},
		{Key: "m", Step: far, Value: 1},
		{Key: "m", Step: -far - 1, Value: 2},
		{Key: "m", Step: far, Time: far, Value: 3},
	}
	want := []string{
		"m/ t0 s-9223372036854775808 2", "m/ t0 s1 1.7976931348623157e+308", "m/ t0 s2 -1.7976931348623157e+308", "m/ t0 s3 NaN",
		"m/ t0 s4 0", "m/ t0 s5 5e-324", "m/ t0 s9223372036854775807 1", "m/ t9223372036854775807 s9223372036854775807 3",
	}
	logMetrics(t, s, id, in)
	if diff := gocmp.Diff(want, show(history(t, s, id, "m"))); diff != "" {
		t.Error(diff)
	}
	must(s.ChangeRun(t.Context(), id, track.RunChange{Status: ptr(track.Finished)}))(t) // stores may pack what has ended
	if diff := gocmp.Diff(want, show(history(t, s, id, "m"))); diff != "" {
		t.Error(diff)
	}
	if n := len(history(t, s, id, "none")); n != 0 {
		t.Errorf("%d points of nothing", n)
	}
	_, err := s.History(t.Context(), track.HistoryQuery{RunID: "nobody", Key: "m"})
	wantFault(t, err, fault.NotFound, "Run with id=nobody not found")
}

func replay(t *testing.T, s Store) {
	id := run(t, s)
	b := points("m", [3]float64{1, 1, 1}, [3]float64{1, 1, 1}, [3]float64{2, 2, math.NaN()}, [3]float64{2, 2, 0})
	for range 3 {
		logMetrics(t, s, id, b)
	}
	if got := show(history(t, s, id, "m")); len(got) != 3 {
		t.Errorf("history %v", got)
	}
}

func contexts(t *testing.T, s Store) {
	id := run(t, s)
	ms := []track.Metric{
		{Key: "acc", Context: "train", Step: 1, Time: 1, Value: 0.5},
		{Key: "acc", Context: "test", Step: 1, Time: 1, Value: 0.4},
		{Key: "acc", Step: 1, Time: 1, Value: 0.3},
	}
	logMetrics(t, s, id, ms)
	got := must(s.Run(t.Context(), id))(t).Metrics
	if diff := gocmp.Diff([]string{"acc/ t1 s1 0.3", "acc/test t1 s1 0.4", "acc/train t1 s1 0.5"}, show(got)); diff != "" {
		t.Error(diff)
	}
	if n := len(history(t, s, id, "acc")); n != 3 {
		t.Errorf("history of %d", n)
	}
}

// model is the naive store: a set of points.
type model map[string]track.Metric

func (m model) add(ps []track.Metric) {
	for _, p := range ps {
		p.Value = track.StorableValue(p.Value)
		m[show([]track.Metric{p})[0]] = p
	}
}

func (m model) history(key string) []track.Metric {
	var out []track.Metric
	for _, p := range m {
		if p.Key == key {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b track.Metric) int {
		nan := func(v float64) (float64, int) { // NaN counts as 0 and comes behind it
			if math.IsNaN(v) {
				return 0, 1
			}
			return v, 0
		}
		va, na := nan(a.Value)
		vb, nb := nan(b.Value)
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Step, b.Step), cmp.Compare(va, vb), cmp.Compare(na, nb))
	})
	return out
}

// latest is the greatest by (step, time, value), NaN as 0. Where NaN and 0
// meet, either may be the latest.
func (m model) latest(key string) (best []track.Metric) {
	for _, p := range m {
		switch {
		case p.Key != key:
		case len(best) == 0 || p.Later(best[0]):
			best = []track.Metric{p}
		case !best[0].Later(p):
			best = append(best, p)
		}
	}
	return best
}

// historyPages compares histories, page by page, and latest values with the
// naive store's.
func historyPages(t *testing.T, s Store) {
	metric := rapid.Custom(func(t *rapid.T) track.Metric {
		return track.Metric{
			Key:   rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"),
			Step:  rapid.Int64Range(-3, 3).Draw(t, "step"),
			Time:  rapid.Int64Range(0, 3).Draw(t, "time"),
			Value: rapid.SampledFrom([]float64{0, 1, -1, math.NaN(), math.Inf(1), 0.1}).Draw(t, "value"),
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		id := run(t, s)
		m := model{}
		for _, b := range rapid.SliceOfN(rapid.SliceOfN(metric, 0, 20), 0, 5).Draw(rt, "batches") {
			ok(t, s.LogBatch(t.Context(), id, track.Batch{Metrics: b}))
			m.add(b)
		}
		if rapid.Bool().Draw(rt, "ended") {
			must(s.ChangeRun(t.Context(), id, track.RunChange{Status: ptr(track.Finished)}))(t)
		}
		size := rapid.IntRange(0, 4).Draw(rt, "page")
		r := must(s.Run(t.Context(), id))(t)
		for _, key := range []string{"a", "b"} {
			if diff := gocmp.Diff(show(m.history(key)), show(allPages(t, s, id, key, size))); diff != "" {
				rt.Fatalf("history of %s: %s", key, diff)
			}
			i := slices.IndexFunc(r.Metrics, func(m track.Metric) bool { return m.Key == key })
			best := show(m.latest(key))
			if i < 0 != (len(best) == 0) || i >= 0 && !slices.Contains(best, show(r.Metrics[i : i+1])[0]) {
				rt.Fatalf("latest of %s is %v, want one of %v", key, show(r.Metrics), best)
			}
		}
	})
	_, err := s.History(t.Context(), track.HistoryQuery{RunID: run(t, s), Key: "a", Token: "&"})
	wantFault(t, err, fault.Invalid, "")
}

func allPages(t testing.TB, s Store, id, key string, size int) (out []track.Metric) {
	q := track.HistoryQuery{RunID: id, Key: key, Max: size}
	for {
		p := must(s.History(t.Context(), q))(t)
		if size > 0 && len(p.Items) > size {
			t.Fatalf("page of %d items", len(p.Items))
		}
		out = append(out, p.Items...)
		if q.Token = p.Next; p.Next == "" {
			return out
		}
	}
}

func historyModel(t *testing.T, s Store) {
	id := run(t, s)
	ps := points("m", [3]float64{1, 1, 1}, [3]float64{2, 2, 2})
	logMetrics(t, s, id, ps)
	ps[1].ModelID, ps[1].DatasetName, ps[1].DatasetDigest = "m-1", "mnist", "d"
	logMetrics(t, s, id, ps[1:]) // the same point again, as clients do
	if diff := gocmp.Diff(ps, history(t, s, id, "m")); diff != "" {
		t.Error(diff)
	}
}

func curve(t *testing.T, s Store) {
	ctx := t.Context()
	id := run(t, s)
	const n = 5000
	spike := map[int]float64{1234: 100, 4321: -100, 777: math.NaN()}
	for i := 0; i < n; i += 500 {
		var b []track.Metric
		for j := i; j < i+500; j++ {
			v, odd := spike[j]
			if !odd {
				v = math.Sin(float64(j) / 100)
			}
			b = append(b, track.Metric{Key: "m", Step: int64(j), Time: int64(j), Value: v})
		}
		logMetrics(t, s, id, b)
	}
	check := func(when string) {
		c := must(s.Curve(ctx, track.CurveQuery{RunID: id, Key: "m", MaxPoints: 100, AfterStep: math.MinInt64}))(t)
		if c.Total != n || len(c.Points) > 110 || len(c.Points) < 50 {
			t.Errorf("%s: %d points of %d", when, len(c.Points), c.Total)
		}
		got := map[int64]float64{}
		for i, p := range c.Points {
			if i > 0 && p.Step <= c.Points[i-1].Step {
				t.Fatalf("%s: steps go back at %d", when, i)
			}
			got[p.Step] = p.Value
		}
		_, first := got[0]
		_, last := got[n-1]
		if got[1234] != 100 || got[4321] != -100 || !first || !last {
			t.Errorf("%s: extremes or ends are missing", when)
		}
		c = must(s.Curve(ctx, track.CurveQuery{RunID: id, Key: "m", MaxPoints: 100, AfterStep: n - 4}))(t)
		if len(c.Points) != 3 || c.Total != n || c.Points[0].Step != n-3 {
			t.Errorf("%s: after a step %v of %d", when, show(c.Points), c.Total)
		}
	}
	check("in order")
	must(s.ChangeRun(ctx, id, track.RunChange{Status: ptr(track.Finished)}))(t)
	check("ended")
	logMetrics(t, s, id, points("m", [3]float64{17, 17, math.Sin(17.0 / 100)}, [3]float64{1234, 1234, 100})) // doubles, long after
	check("doubles")
	empty := must(s.Curve(ctx, track.CurveQuery{RunID: id, Key: "none"}))(t)
	if len(empty.Points) != 0 || empty.Total != 0 {
		t.Errorf("curve of nothing: %+v", empty)
	}
}

// concurrentWriters has eight clients write one run's points out of order
// while readers watch: nothing is lost and no history shrinks.
func concurrentWriters(t *testing.T, s Store) {
	ctx := t.Context()
	id := run(t, s)
	const writers, calls, perCall = 8, 40, 25
	var write, read sync.WaitGroup
	stop := make(chan struct{})
	errs := make(chan error, writers+1)
	read.Go(func() {
		for seen := 0; ; {
			select {
			case <-stop:
				return
			default:
			}
			p, err := s.History(ctx, track.HistoryQuery{RunID: id, Key: "m"})
			if err != nil || len(p.Items) < seen {
				errs <- fmt.Errorf("history went from %d to %d: %v", seen, len(p.Items), err)
				return
			}
			seen = len(p.Items)
		}
	})
	for w := range writers {
		write.Go(func() {
			for c := range calls {
				var b []track.Metric
				for i := range perCall {
					n := int64((i*calls+calls-c)*writers + w)
					b = append(b, track.Metric{Key: "m", Step: n, Time: n % 7, Value: float64(n)})
				}
				if err := s.LogBatch(ctx, id, track.Batch{Metrics: b, Tags: []track.Tag{{Key: fmt.Sprint("w", w), Value: fmt.Sprint(c)}}}); err != nil {
					errs <- err
					return
				}
				if c == calls/2 { // stores may pack what has ended; the run goes on all the same
					if _, err := s.ChangeRun(ctx, id, track.RunChange{Status: ptr(track.Finished)}); err != nil {
						errs <- err
					}
				}
			}
		})
	}
	write.Wait()
	close(stop)
	read.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	if n := len(history(t, s, id, "m")); n != writers*calls*perCall {
		t.Errorf("%d points, want %d", n, writers*calls*perCall)
	}
	r := must(s.Run(ctx, id))(t)
	if want := int64(perCall*calls*writers + writers - 1); r.Metrics[0].Step != want || len(r.Tags) != writers+1 {
		t.Errorf("latest %v, want step %d; %d tags", show(r.Metrics), want, len(r.Tags))
	}
}
