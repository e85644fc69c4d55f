package sqlstore

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/assay-ml/assay/track"
)

func testRun(t testing.TB, s *Store) string {
	t.Helper()
	r, err := s.CreateRun(t.Context(), track.NewRun{})
	if err != nil {
		t.Fatal(err)
	}
	return r.ID
}

func logAll(t testing.TB, s *Store, id string, ms []track.Metric) {
	t.Helper()
	for len(ms) > 0 {
		n := min(len(ms), 1000)
		if err := s.LogBatch(t.Context(), id, track.Batch{Metrics: ms[:n]}); err != nil {
			t.Fatal(err)
		}
		ms = ms[n:]
	}
}

func count(t testing.TB, s *Store, q string, args ...any) (n int) {
	t.Helper()
	if err := one(s.read(t.Context()), []any{&n}, q, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

// sealNow seals a run in the foreground, with the background kept still.
func sealNow(t testing.TB, s *Store, id string) {
	t.Helper()
	r, err := findRun(s.read(t.Context()), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.sealRun(t.Context(), r.id); err != nil {
		t.Fatal(err)
	}
}

// quiet opens a store whose background sealer is stopped.
func quiet(t testing.TB) *Store {
	s := newTest(t)
	s.sealer.stop()
	s.sealer = newStill(s)
	return s
}

func newStill(s *Store) *sealer {
	z := &sealer{s: s, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}), runs: map[int64]unsealed{}, due: map[int64]bool{}}
	close(z.done)
	return z
}

// TestSealKeepsEverything logs in disorder, with doubles, NaN and infinities,
// seals at odd moments and compares history, count and extremes with what was
// logged.
func TestSealKeepsEverything(t *testing.T) {
	s := quiet(t)
	id := testRun(t, s)
	r := rand.New(rand.NewPCG(3, 4))
	want := map[string]bool{}
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1)}
	for range 12 {
		var ms []track.Metric
		for range 700 {
			m := track.Metric{Key: "m", Step: r.Int64N(3000), Time: r.Int64N(4), Value: float64(r.IntN(3))}
			if r.IntN(20) == 0 {
				m.Value = odd[r.IntN(3)]
			}
			ms = append(ms, m, track.Metric{Key: "other", Step: m.Step})
			v := track.StorableValue(m.Value)
			want[fmt.Sprint(m.Step, m.Time, v)] = true
		}
		logAll(t, s, id, ms)
		if r.IntN(2) == 0 {
			sealNow(t, s, id)
		}
	}
	check := func(when string) {
		h, err := s.History(t.Context(), track.HistoryQuery{RunID: id, Key: "m"})
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range h.Items {
			if !want[fmt.Sprint(m.Step, m.Time, m.Value)] {
				t.Fatalf("%s: %+v was never logged", when, m)
			}
			if i > 0 && compareHistory(h.Items[i-1], m) >= 0 {
				t.Fatalf("%s: out of order at %d", when, i)
			}
		}
		c, err := s.Curve(t.Context(), track.CurveQuery{RunID: id, Key: "m", MaxPoints: 50, AfterStep: math.MinInt64})
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Items) != len(want) || c.Total != len(want) {
			t.Errorf("%s: history of %d, curve of %d, want %d", when, len(h.Items), c.Total, len(want))
		}
	}
	check("half sealed")
	sealNow(t, s, id)
	check("sealed")
	if n := count(t, s, "SELECT count(*) FROM run_log"); n != 0 {
		t.Errorf("%d rows are left in the log", n)
	}
	if n := count(t, s, "SELECT max(n) FROM blocks"); n != blockSize {
		t.Errorf("largest block has %d points", n)
	}
}

// TestSealSmall checks that a block that is not full takes later points.
func TestSealSmall(t *testing.T) {
	s := quiet(t)
	id := testRun(t, s)
	for i := range 10 {
		logAll(t, s, id, []track.Metric{{Key: "m", Step: int64(i), Value: float64(i)}})
		sealNow(t, s, id)
	}
	if n := count(t, s, "SELECT count(*) FROM blocks"); n != 1 {
		t.Errorf("%d blocks for ten points", n)
	}
	if n := count(t, s, "SELECT n FROM blocks WHERE step0=0 AND step1=9 AND vmin=0 AND vmax=9 AND amin=0 AND amax=9"); n != 10 {
		t.Errorf("the block's head is wrong")
	}
}

// TestSealInBackground waits for the sealer to do its work after a run ends
// and after many points.
func TestSealInBackground(t *testing.T) {
	s := newTest(t)
	long, short := testRun(t, s), testRun(t, s)
	var ms []track.Metric
	for i := range sealAt + 1000 {
		ms = append(ms, track.Metric{Key: "m", Step: int64(i), Time: int64(i)})
	}
	logAll(t, s, long, ms)
	logAll(t, s, short, ms[:10])
	done := track.Finished
	if _, err := s.ChangeRun(t.Context(), short, track.RunChange{Status: &done}); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if count(t, s, "SELECT count(DISTINCT run_id) FROM blocks") == 2 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("nothing was sealed")
}
