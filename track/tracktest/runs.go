package tracktest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

func createRun(t *testing.T, s Store) {
	ctx := t.Context()
	r := must(s.CreateRun(ctx, track.NewRun{Name: "n", User: "u", Start: 7, Tags: []track.Tag{{Key: "z", Value: "1"}, {Key: "a", Value: "2"}}}))(t)
	if track.CheckRunID(r.ID) != nil || len(r.ID) != 32 || !strings.HasSuffix(r.ArtifactURI, "/0/"+r.ID+"/artifacts") {
		t.Errorf("id %q, artifacts %q", r.ID, r.ArtifactURI)
	}
	want := track.Run{
		RunInfo: track.RunInfo{ID: r.ID, Name: "n", User: "u", Status: track.Running, Start: 7, ArtifactURI: r.ArtifactURI, Lifecycle: track.Active},
		Tags:    []track.Tag{{Key: "a", Value: "2"}, {Key: "mlflow.runName", Value: "n"}, {Key: "z", Value: "1"}},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, must(s.Run(ctx, r.ID))(t)); diff != "" {
		t.Error(diff)
	}
	if r := must(s.CreateRun(ctx, track.NewRun{}))(t); r.Name == "" || r.Start == 0 || len(r.Tags) != 1 {
		t.Errorf("run of nothing: %+v", r)
	}
	if r := must(s.CreateRun(ctx, track.NewRun{Tags: []track.Tag{{Key: "mlflow.runName", Value: "from tag"}}}))(t); r.Name != "from tag" {
		t.Errorf("name %q", r.Name)
	}
	_, err := s.CreateRun(ctx, track.NewRun{ExperimentID: 77})
	wantFault(t, err, fault.NotFound, "No Experiment with id=77 exists")
	_, err = s.CreateRun(ctx, track.NewRun{ID: "../x"})
	wantFault(t, err, fault.Invalid, "")
	_, err = s.Run(ctx, "x")
	wantFault(t, err, fault.NotFound, "Run with id=x not found")
}

func importRunTwice(t *testing.T, s Store) {
	ctx := t.Context()
	first := must(s.CreateRun(ctx, track.NewRun{ID: "import-1", Name: "a", Start: 3}))(t)
	logMetrics(t, s, first.ID, points("m", [3]float64{1, 1, 1}))
	again := must(s.CreateRun(ctx, track.NewRun{ID: "import-1", Name: "b", Start: 4}))(t)
	if again.ID != "import-1" || again.Name != "a" || again.Start != 3 || len(again.Metrics) != 1 {
		t.Errorf("second import gives %+v", again)
	}
}

func changeRun(t *testing.T, s Store) {
	ctx := t.Context()
	id := run(t, s)
	info := must(s.ChangeRun(ctx, id, track.RunChange{Status: ptr(track.Finished), End: ptr(int64(99)), Name: ptr("new")}))(t)
	r := must(s.Run(ctx, id))(t)
	if diff := cmp.Diff(info, r.RunInfo); diff != "" {
		t.Error(diff)
	}
	if info.Status != track.Finished || info.End != 99 || info.Name != "new" {
		t.Errorf("changed to %+v", info)
	}
	if r.Tags[0] != (track.Tag{Key: "mlflow.runName", Value: "new"}) {
		t.Errorf("tags %v", r.Tags)
	}
	info = must(s.ChangeRun(ctx, id, track.RunChange{Status: ptr(track.Running)}))(t)
	if info.Status != track.Running || info.Name != "new" {
		t.Errorf("resumed: %+v", info)
	}
	_, err := s.ChangeRun(ctx, "nobody", track.RunChange{})
	wantFault(t, err, fault.NotFound, "Run with id=nobody not found")
}

func deletedRun(t *testing.T, s Store) {
	ctx := t.Context()
	id := run(t, s)
	for range 2 {
		if i := must(s.ChangeRun(ctx, id, track.RunChange{Lifecycle: ptr(track.Deleted)}))(t); i.Lifecycle != track.Deleted {
			t.Errorf("deleted: %+v", i)
		}
	}
	const text = "must be in the 'active' state. Current state is deleted."
	_, rename := s.ChangeRun(ctx, id, track.RunChange{Name: ptr("x")})
	for what, err := range map[string]error{
		"metrics": s.LogBatch(ctx, id, track.Batch{Metrics: points("m", [3]float64{1, 1, 1})}),
		"params":  s.LogBatch(ctx, id, track.Batch{Params: []track.Param{{Key: "a", Value: "b"}}}),
		"nothing": s.LogBatch(ctx, id, track.Batch{}),
		"inputs":  s.LogInputs(ctx, id, track.Inputs{ModelInputs: []string{"m-1"}}),
		"stream":  s.AppendStream(ctx, track.StreamChunk{RunID: id, Name: "output", Data: []byte("x")}),
		"rename":  rename,
	} {
		if !fault.Is(err, fault.Invalid) || !strings.HasSuffix(err.Error(), text) {
			t.Errorf("%s: %v", what, err)
		}
	}
	r := must(s.Run(ctx, id))(t)
	if len(r.Metrics)+len(r.Params)+len(r.ModelInputs) > 0 {
		t.Errorf("written to all the same: %+v", r)
	}
	must(s.ChangeRun(ctx, id, track.RunChange{Lifecycle: ptr(track.Active)}))(t)
	logMetrics(t, s, id, points("m", [3]float64{1, 1, 1}))
}

func runNameTag(t *testing.T, s Store) {
	ctx := t.Context()
	id := run(t, s)
	ok(t, s.LogBatch(ctx, id, track.Batch{Tags: []track.Tag{{Key: "mlflow.runName", Value: "by tag"}}}))
	if r := must(s.Run(ctx, id))(t); r.Name != "by tag" {
		t.Errorf("name %q", r.Name)
	}
}

func runTags(t *testing.T, s Store) {
	ctx := t.Context()
	id := run(t, s)
	long := strings.Repeat("é\"\\\n<&", 1000)
	ok(t, s.LogBatch(ctx, id, track.Batch{Tags: []track.Tag{{Key: "a", Value: "1"}, {Key: "a", Value: "2"}, {Key: "b", Value: long}}}))
	ok(t, s.LogBatch(ctx, id, track.Batch{Tags: []track.Tag{{Key: "a", Value: ""}}}))
	r := must(s.Run(ctx, id))(t)
	if len(r.Tags) != 3 || r.Tags[0] != (track.Tag{Key: "a"}) || r.Tags[1].Value != long {
		t.Errorf("tags %.80v", r.Tags)
	}
	must(s.ChangeRun(ctx, id, track.RunChange{DeleteTags: []string{"a"}}))(t)
	_, err := s.ChangeRun(ctx, id, track.RunChange{DeleteTags: []string{"b", "a"}})
	wantFault(t, err, fault.NotFound, "No tag with name: a in run with id "+id)
	if r := must(s.Run(ctx, id))(t); len(r.Tags) != 2 {
		t.Error("half a change was made")
	}
}

func runsByCommit(t *testing.T, s Store) {
	ctx := t.Context()
	e := experiment(t, s, "e")
	tag := func(k, v string) []track.Tag { return []track.Tag{{Key: k, Value: v}} }
	a := must(s.CreateRun(ctx, track.NewRun{Start: 1, Tags: tag("mlflow.source.git.commit", "c1")}))(t).ID
	b := must(s.CreateRun(ctx, track.NewRun{ExperimentID: e, Start: 2}))(t).ID
	ok(t, s.LogBatch(ctx, b, track.Batch{Tags: append(tag("assay.git.commit", "c1"), tag("assay.git.tree", "t1")...)}))
	must(s.CreateRun(ctx, track.NewRun{Start: 3, Tags: tag("other", "c1")}))(t)
	find := func(exps []int64, commit string, want ...string) {
		t.Helper()
		var got []string
		for _, r := range must(s.RunsByCommit(ctx, exps, commit))(t) {
			got = append(got, r.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s in %v: %s", commit, exps, diff)
		}
	}
	find(nil, "c1", b, a)
	find([]int64{0}, "c1", a)
	find([]int64{}, "c1")
	find(nil, "t1", b)
	find(nil, "")
	ok(t, s.LogBatch(ctx, a, track.Batch{Tags: tag("mlflow.source.git.commit", "c2")}))
	find(nil, "c1", b)
	find(nil, "c2", a)
	must(s.ChangeRun(ctx, a, track.RunChange{DeleteTags: []string{"mlflow.source.git.commit"}}))(t)
	find(nil, "c2")
	must(s.ChangeRun(ctx, b, track.RunChange{Lifecycle: ptr(track.Deleted)}))(t)
	find(nil, "c1")
}

func params(t *testing.T, s Store) {
	ctx := t.Context()
	id := run(t, s)
	p := func(kv ...string) track.Batch {
		var b track.Batch
		for i := 0; i < len(kv); i += 2 {
			b.Params = append(b.Params, track.Param{Key: kv[i], Value: kv[i+1]})
		}
		return b
	}
	ok(t, s.LogBatch(ctx, id, p("lr", "0.1", "depth", "")))
	ok(t, s.LogBatch(ctx, id, p("lr", "0.1", "depth", "")))
	err := s.LogBatch(ctx, id, p("new", "1", "lr", "0.2"))
	wantFault(t, err, fault.Invalid, "Changing param values is not allowed. Param with key='lr' was already logged with value='0.1' for run ID='"+id+"'. Attempted logging new value '0.2'.")
	wantFault(t, s.LogBatch(ctx, id, p("x", "1", "x", "2")), fault.Invalid, "")
	got := must(s.Run(ctx, id))(t).Params
	if diff := cmp.Diff([]track.Param{{Key: "depth"}, {Key: "lr", Value: "0.1"}}, got); diff != "" {
		t.Error(diff)
	}
}

func inputs(t *testing.T, s Store) {
	ctx := t.Context()
	id := run(t, s)
	set := track.DatasetInput{
		Dataset: track.Dataset{Name: "mnist", Digest: "d1", SourceType: "local", Source: "{}", Schema: "s", Profile: "p"},
		Tags:    []track.Tag{{Key: "mlflow.data.context", Value: "train"}},
	}
	in := track.Inputs{Datasets: []track.DatasetInput{set}, ModelInputs: []string{"m-1"}, ModelOutputs: []track.ModelOutput{{ModelID: "m-2", Step: 3}}}
	for range 2 {
		ok(t, s.LogInputs(ctx, id, in))
	}
	other := set
	other.Digest = "d2"
	ok(t, s.LogInputs(ctx, id, track.Inputs{Datasets: []track.DatasetInput{other}, ModelOutputs: []track.ModelOutput{{ModelID: "m-2", Step: 4}}}))
	r := must(s.Run(ctx, id))(t)
	if diff := cmp.Diff([]track.DatasetInput{set, other}, r.Datasets); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"m-1"}, r.ModelInputs); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]track.ModelOutput{{ModelID: "m-2", Step: 3}, {ModelID: "m-2", Step: 4}}, r.ModelOutputs); diff != "" {
		t.Error(diff)
	}
	wantFault(t, s.LogInputs(ctx, "nobody", in), fault.NotFound, "Run with id=nobody not found")
}

func watch(t *testing.T, s Store) {
	ctx := t.Context()
	ch := s.Watch(ctx)
	id := run(t, s)
	for i := range 50 { // nobody takes them, and nobody waits
		logMetrics(t, s, id, points("m", [3]float64{float64(i), 1, 1}))
	}
	want := map[track.Change]bool{{RunID: id, Kind: "run"}: true, {RunID: id, Kind: "metrics"}: true}
	deadline := time.After(10 * time.Second)
	for n := 0; len(want) > 0; n++ {
		select {
		case c := <-ch:
			delete(want, c)
		case <-deadline:
			t.Fatalf("never told of %v", want)
		}
		if n > 5 {
			t.Fatal("equal changes are not put together")
		}
	}
}
