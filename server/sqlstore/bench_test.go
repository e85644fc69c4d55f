package sqlstore

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

func BenchmarkLogBatch100(b *testing.B) {
	for _, shape := range [][2]int{{10, 10}, {100, 1}, {1, 1}, {1000, 1}} {
		b.Run(fmt.Sprintf("%dx%d", shape[0], shape[1]), func(b *testing.B) {
			s := newTest(b)
			id := testRun(b, s)
			step := int64(0)
			for b.Loop() {
				var ms []track.Metric
				for range shape[1] {
					for k := range shape[0] {
						ms = append(ms, track.Metric{Key: fmt.Sprint("key", k), Step: step, Time: 1700000000000 + step*250, Value: rand.NormFloat64()})
					}
					step++
				}
				if err := s.LogBatch(b.Context(), id, track.Batch{Metrics: ms}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLogBatch100Parallel(b *testing.B) {
	s := newTest(b)
	b.SetParallelism(4)
	b.RunParallel(func(p *testing.PB) {
		id := testRun(b, s)
		for step := int64(0); p.Next(); step++ {
			var ms []track.Metric
			for k := range 100 {
				ms = append(ms, track.Metric{Key: fmt.Sprint("key", k), Step: step, Value: rand.NormFloat64()})
			}
			if err := s.LogBatch(b.Context(), id, track.Batch{Metrics: ms}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSearch10000(b *testing.B) {
	s := newTest(b)
	for i := range 10_000 {
		r, err := s.CreateRun(b.Context(), track.NewRun{Start: int64(i + 1), Tags: []track.Tag{{Key: "k", Value: fmt.Sprint(i % 7)}, {Key: "mlflow.user", Value: "u"}}})
		if err != nil {
			b.Fatal(err)
		}
		var batch track.Batch
		for k := range 10 {
			batch.Metrics = append(batch.Metrics, track.Metric{Key: fmt.Sprint("m", k), Step: 1, Value: rand.Float64()})
		}
		for k := range 5 {
			batch.Params = append(batch.Params, track.Param{Key: fmt.Sprint("p", k), Value: fmt.Sprint(i % 10)})
		}
		if err := s.LogBatch(b.Context(), r.ID, batch); err != nil {
			b.Fatal(err)
		}
	}
	m0 := search.Field{Entity: search.Metric, Key: "m0"}
	for name, q := range map[string]track.RunQuery{
		"first100":  {Max: 100},
		"filter":    {Max: 100, Filter: search.Cmp{Field: m0, Op: search.Gt, Num: 0.5, IsNum: true}},
		"order":     {Max: 100, Order: []search.Order{{Field: m0}}},
		"all10000":  {Max: 10_000},
		"selective": {Max: 100, Filter: search.And{search.Cmp{Field: m0, Op: search.Gt, Num: 0.99, IsNum: true}, search.Cmp{Field: search.Field{Entity: search.Param, Key: "p0"}, Op: search.Eq, Str: "3"}}},
	} {
		q.ExperimentIDs = []int64{0}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.SearchRuns(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			s.docs.init()
			if _, err := s.SearchRuns(b.Context(), track.RunQuery{ExperimentIDs: []int64{0}, Max: 100}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func longRun(b *testing.B, n int) (*Store, string) {
	s := newTest(b)
	id := testRun(b, s)
	ms := make([]track.Metric, 0, n)
	for i := range n {
		ms = append(ms, track.Metric{Key: "m", Step: int64(i), Time: 1700000000000 + int64(i)*250, Value: rand.NormFloat64()})
	}
	logAll(b, s, id, ms)
	sealNow(b, quietly(s), id)
	return s, id
}

// quietly stops the background sealer, so that sealing can be forced.
func quietly(s *Store) *Store {
	s.sealer.stop()
	s.sealer = newStill(s)
	return s
}

func BenchmarkHistory100k(b *testing.B) {
	s, id := longRun(b, 100_000)
	for b.Loop() {
		p, err := s.History(b.Context(), track.HistoryQuery{RunID: id, Key: "m"})
		if err != nil || len(p.Items) != 100_000 {
			b.Fatal(len(p.Items), err)
		}
	}
}

func BenchmarkCurve1M(b *testing.B) {
	s, id := longRun(b, 1_000_000)
	b.ReportAllocs()
	for b.Loop() {
		c, err := s.Curve(b.Context(), track.CurveQuery{RunID: id, Key: "m", MaxPoints: 1000, AfterStep: math.MinInt64})
		if err != nil || c.Total != 1_000_000 {
			b.Fatal(c.Total, err)
		}
	}
}
