package tracktest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

func metricField(key string) search.Field { return search.Field{Entity: search.Metric, Key: key} }

func num(f search.Field, op search.Op, v float64) search.Cmp {
	return search.Cmp{Field: f, Op: op, Num: v, IsNum: true}
}

func str(f search.Field, op search.Op, v string) search.Cmp {
	return search.Cmp{Field: f, Op: op, Str: v}
}

// namedRun makes a run whose name tells it in results.
func namedRun(t testing.TB, s Store, exp int64, name string, start int64, b track.Batch) string {
	t.Helper()
	id := must(s.CreateRun(t.Context(), track.NewRun{ExperimentID: exp, Name: name, Start: start, User: "u-" + name}))(t).ID
	ok(t, s.LogBatch(t.Context(), id, b))
	return id
}

func names(runs []track.Run) string {
	var out []string
	for _, r := range runs {
		out = append(out, r.Name)
	}
	return strings.Join(out, " ")
}

func searchRuns(t *testing.T, s Store) {
	ctx := t.Context()
	e, f := experiment(t, s, "e"), experiment(t, s, "f")
	lr := func(v string) []track.Param { return []track.Param{{Key: "lr", Value: v}} }
	namedRun(t, s, e, "a", 1, track.Batch{Metrics: points("loss", [3]float64{1, 1, 0.5}), Params: lr("0.1")})
	b := namedRun(t, s, e, "b", 2, track.Batch{Metrics: points("loss", [3]float64{1, 1, 0.1}, [3]float64{2, 2, 0.9}), Params: lr("0.2")})
	namedRun(t, s, e, "c", 3, track.Batch{Metrics: points("loss", [3]float64{1, 1, math.NaN()}), Tags: []track.Tag{{Key: "k", Value: "Vision"}}})
	namedRun(t, s, f, "d", 4, track.Batch{})
	gone := namedRun(t, s, e, "x", 5, track.Batch{})
	must(s.ChangeRun(ctx, gone, track.RunChange{Lifecycle: ptr(track.Deleted)}))(t)
	must(s.ChangeRun(ctx, b, track.RunChange{Status: ptr(track.Finished), End: ptr(int64(9))}))(t)
	ok(t, s.LogInputs(ctx, b, track.Inputs{Datasets: []track.DatasetInput{
		{Dataset: track.Dataset{Name: "mnist", Digest: "1"}, Tags: []track.Tag{{Key: "mlflow.data.context", Value: "train"}}},
		{Dataset: track.Dataset{Name: "cifar", Digest: "2"}},
	}}))
	loss, tag := metricField("loss"), search.Field{Entity: search.Tag, Key: "k"}
	param, data := search.Field{Entity: search.Param, Key: "lr"}, search.Field{Entity: search.DatasetOf, Key: "name"}
	for _, c := range []struct {
		filter search.Expr
		order  []search.Order
		want   string
	}{
		{nil, nil, "d c b a"},
		{nil, []search.Order{{Field: loss}}, "a b c d"},
		{nil, []search.Order{{Field: loss, Desc: true}}, "b a c d"},
		{nil, []search.Order{{Field: param, Desc: true}}, "b a d c"},
		{nil, []search.Order{{Field: attr("end_time")}}, "b d c a"},
		{nil, []search.Order{{Field: attr("run_name")}}, "a b c d"},
		{num(loss, search.Gt, 0.2), nil, "b a"},
		{num(loss, search.Lt, 0.2), nil, ""}, // only the latest value counts
		{search.And{num(loss, search.Gt, 0.2), str(param, search.Eq, "0.1")}, nil, "a"},
		{search.Or{str(tag, search.Like, "Vis%"), str(attr("run_name"), search.Eq, "d")}, nil, "d c"},
		{str(tag, search.ILike, "vis%"), nil, "c"},
		{str(tag, search.Ne, "x"), nil, "c"},
		{str(attr("status"), search.Eq, "FINISHED"), nil, "b"},
		{str(attr("user_id"), search.Eq, "u-a"), nil, "a"},
		{search.Cmp{Field: attr("run_id"), Op: search.In, List: []string{b}}, nil, "b"},
		{num(attr("start_time"), search.Ge, 3), nil, "d c"},
		{search.And{str(data, search.Eq, "mnist"), str(data, search.Eq, "cifar")}, nil, "b"},
		{str(search.Field{Entity: search.DatasetOf, Key: "context"}, search.Eq, "train"), nil, "b"},
	} {
		q := track.RunQuery{ExperimentIDs: []int64{e, f, e}, Filter: c.filter, Order: c.order}
		if got := names(must(s.SearchRuns(ctx, q))(t).Items); got != c.want {
			t.Errorf("%v by %v: %q, want %q", c.filter, c.order, got, c.want)
		}
	}
	for view, want := range map[track.View]string{track.ActiveOnly: "c b a", track.DeletedOnly: "x", track.All: "x c b a"} {
		if got := names(must(s.SearchRuns(ctx, track.RunQuery{ExperimentIDs: []int64{e}, View: view}))(t).Items); got != want {
			t.Errorf("view %d: %q", view, got)
		}
	}
	if p := must(s.SearchRuns(ctx, track.RunQuery{}))(t); len(p.Items) != 0 {
		t.Error("runs of no experiment")
	}
}

func searchMissing(t *testing.T, s Store) {
	e := experiment(t, s, "e")
	namedRun(t, s, e, "with", 1, track.Batch{Params: []track.Param{{Key: "p", Value: "1"}}})
	namedRun(t, s, e, "without", 2, track.Batch{})
	p := search.Field{Entity: search.Param, Key: "p"}
	for op, want := range map[search.Op]string{search.IsNull: "without", search.NotNull: "with"} {
		q := track.RunQuery{ExperimentIDs: []int64{e}, Filter: search.Cmp{Field: p, Op: op}}
		if got := names(must(s.SearchRuns(t.Context(), q))(t).Items); got != want {
			t.Errorf("%s: %q", op, got)
		}
	}
}

// searchSeesWrites searches after each kind of write: what was acknowledged is
// found, though searches may look at memory.
func searchSeesWrites(t *testing.T, s Store) {
	ctx := t.Context()
	e := experiment(t, s, "e")
	id := namedRun(t, s, e, "r", 1, track.Batch{})
	get := func() track.Run {
		t.Helper()
		p := must(s.SearchRuns(ctx, track.RunQuery{ExperimentIDs: []int64{e}, View: track.All}))(t)
		if len(p.Items) != 1 {
			t.Fatalf("%d runs", len(p.Items))
		}
		return p.Items[0]
	}
	get()
	for _, c := range []struct {
		what  string
		write func() error
		seen  func(track.Run) bool
	}{
		{"metric", func() error { return s.LogBatch(ctx, id, track.Batch{Metrics: points("m", [3]float64{1, 1, 1})}) }, func(r track.Run) bool { return len(r.Metrics) == 1 }},
		{"param", func() error { return s.LogBatch(ctx, id, track.Batch{Params: []track.Param{{Key: "p", Value: "1"}}}) }, func(r track.Run) bool { return len(r.Params) == 1 }},
		{"status", func() error {
			_, err := s.ChangeRun(ctx, id, track.RunChange{Status: ptr(track.Killed)})
			return err
		}, func(r track.Run) bool { return r.Status == track.Killed }},
		{"input", func() error { return s.LogInputs(ctx, id, track.Inputs{ModelInputs: []string{"m-1"}}) }, func(r track.Run) bool { return len(r.ModelInputs) == 1 }},
		{"delete", func() error {
			return s.ChangeExperiment(ctx, e, track.ExperimentChange{Lifecycle: ptr(track.Deleted)})
		}, func(r track.Run) bool { return r.Lifecycle == track.Deleted }},
		{"restore", func() error {
			return s.ChangeExperiment(ctx, e, track.ExperimentChange{Lifecycle: ptr(track.Active)})
		}, func(r track.Run) bool { return r.Lifecycle == track.Active }},
	} {
		ok(t, c.write())
		if r := get(); !c.seen(r) {
			t.Errorf("%s is not seen: %+v", c.what, r)
		}
	}
}

// searchPages compares pages of every size and order with a naive full sort.
func searchPages(t *testing.T, s Store) {
	exps := []int64{experiment(t, s, "e"), experiment(t, s, "f")}
	var all []track.Run
	values := []float64{1, 2, 2, math.NaN(), -1}
	for i := range 40 {
		var b track.Batch
		if i%4 != 0 {
			b.Metrics = points("m", [3]float64{1, 1, values[i%len(values)]})
		}
		if i%3 != 0 {
			b.Params = []track.Param{{Key: "p", Value: fmt.Sprint(i % 5)}}
		}
		id := namedRun(t, s, exps[i%2], fmt.Sprint(i), int64(i%7+1), b)
		all = append(all, must(s.Run(t.Context(), id))(t))
	}
	fields := []search.Field{metricField("m"), metricField("none"), {Entity: search.Param, Key: "p"}, attr("start_time"), attr("run_name"), attr("end_time")}
	rapid.Check(t, func(rt *rapid.T) {
		q := track.RunQuery{ExperimentIDs: exps[:rapid.IntRange(1, 2).Draw(rt, "experiments")], Max: rapid.IntRange(1, 41).Draw(rt, "page")}
		for _, f := range rapid.SliceOfNDistinct(rapid.SampledFrom(fields), 0, 3, rapid.ID).Draw(rt, "order") {
			q.Order = append(q.Order, search.Order{Field: f, Desc: rapid.Bool().Draw(rt, "desc")})
		}
		if rapid.Bool().Draw(rt, "filter") {
			q.Filter = num(metricField("m"), search.Ge, 1)
		}
		want := naiveSearch(all, q)
		var got []track.Run
		for {
			p := must(s.SearchRuns(t.Context(), q))(t)
			if len(p.Items) > q.Max {
				rt.Fatalf("page of %d", len(p.Items))
			}
			got = append(got, p.Items...)
			if q.Token = p.Next; p.Next == "" {
				break
			}
		}
		if names(got) != names(want) {
			rt.Fatalf("got  %s\nwant %s", names(got), names(want))
		}
	})
}

// naiveRecord looks fields up the slow way.
type naiveRecord track.Run

func (r naiveRecord) Text(f search.Field) (string, bool) {
	for _, p := range r.Params {
		if f == (search.Field{Entity: search.Param, Key: p.Key}) {
			return p.Value, true
		}
	}
	switch f {
	case attr("run_name"):
		return r.Name, true
	case attr("run_id"):
		return r.ID, true
	}
	return "", false
}

func (r naiveRecord) Number(f search.Field) (float64, bool) {
	for _, m := range r.Metrics {
		if f == metricField(m.Key) {
			return m.Value, true
		}
	}
	return float64(r.Start), f == attr("start_time")
}

func naiveSearch(all []track.Run, q track.RunQuery) []track.Run {
	var out []track.Run
	for _, r := range all {
		if slices.Contains(q.ExperimentIDs, r.ExperimentID) && search.Match(q.Filter, naiveRecord(r)) {
			out = append(out, r)
		}
	}
	order := append(slices.Clone(q.Order), search.Order{Field: attr("start_time"), Desc: true}, search.Order{Field: attr("run_id")})
	slices.SortFunc(out, func(a, b track.Run) int { return search.Less(naiveRecord(a), naiveRecord(b), order) })
	return out
}

// pagesWhileRunsCome adds runs between pages: none is shown twice, and none
// that was there is left out.
func pagesWhileRunsCome(t *testing.T, s Store) {
	e := experiment(t, s, "e")
	for i := range 10 {
		namedRun(t, s, e, fmt.Sprint("old", i), int64(i+1), track.Batch{Metrics: points("m", [3]float64{1, 1, float64(i)})})
	}
	for _, order := range [][]search.Order{nil, {{Field: metricField("m"), Desc: true}}} {
		seen := map[string]int{}
		q := track.RunQuery{ExperimentIDs: []int64{e}, Max: 3, Order: order}
		for {
			p := must(s.SearchRuns(t.Context(), q))(t)
			for _, r := range p.Items {
				seen[r.Name]++
			}
			namedRun(t, s, e, "new", 100, track.Batch{Metrics: points("m", [3]float64{1, 1, 100})})
			if q.Token = p.Next; p.Next == "" {
				break
			}
		}
		for i := range 10 {
			if n := seen[fmt.Sprint("old", i)]; n != 1 {
				t.Errorf("by %v: run %d shown %d times", order, i, n)
			}
		}
	}
}

func pageTokens(t *testing.T, s Store) {
	ctx := t.Context()
	e := experiment(t, s, "e")
	for i := range 3 {
		namedRun(t, s, e, fmt.Sprint(i), 1, track.Batch{})
	}
	q := track.RunQuery{ExperimentIDs: []int64{e}, Max: 1}
	token := must(s.SearchRuns(ctx, q))(t).Next
	q.Order = []search.Order{{Field: attr("run_name")}}
	for _, bad := range []string{"x", "!!", "e30", "eyJvZmZzZXQiOiAxfQ==", token} {
		q.Token = bad
		_, err := s.SearchRuns(ctx, q)
		if !fault.Is(err, fault.Invalid) || !strings.HasPrefix(err.Error(), "Invalid page token") {
			t.Errorf("token %q: %v", bad, err)
		}
		_, err = s.SearchModels(ctx, track.ModelQuery{Token: bad})
		wantFault(t, err, fault.Invalid, "")
	}
}
