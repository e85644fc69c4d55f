package tracktest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

func attr(key string) search.Field { return search.Field{Entity: search.Attribute, Key: key} }

func defaultExperiment(t *testing.T, s Store) {
	e := must(s.Experiment(t.Context(), 0))(t)
	if e.Name != "Default" || e.Lifecycle != track.Active || !strings.HasSuffix(e.ArtifactLocation, "/0") {
		t.Errorf("experiment 0 is %+v", e)
	}
	byName := must(s.ExperimentByName(t.Context(), "Default"))(t)
	if diff := cmp.Diff(e, byName); diff != "" {
		t.Error(diff)
	}
	_, err := s.Experiment(t.Context(), 99)
	wantFault(t, err, fault.NotFound, "No Experiment with id=99 exists")
	_, err = s.ExperimentByName(t.Context(), "nobody")
	wantFault(t, err, fault.NotFound, "Could not find experiment with name 'nobody'")
}

func experimentNames(t *testing.T, s Store) {
	ctx := t.Context()
	a := must(s.CreateExperiment(ctx, track.Experiment{Name: "a", ArtifactLocation: "s3://b/x?v=1", Created: 5}))(t)
	if a.ID <= 0 || a.ArtifactLocation != "s3://b/x?v=1" || a.Created != 5 {
		t.Errorf("made %+v", a)
	}
	if b := must(s.CreateExperiment(ctx, track.Experiment{Name: "A"}))(t); b.ID == a.ID {
		t.Error("names that differ in case are the same")
	}
	_, err := s.CreateExperiment(ctx, track.Experiment{Name: "a"})
	wantFault(t, err, fault.Exists, "Experiment(name=a) already exists.")
	ok(t, s.ChangeExperiment(ctx, a.ID, track.ExperimentChange{Lifecycle: ptr(track.Deleted)}))
	_, err = s.CreateExperiment(ctx, track.Experiment{Name: "a"})
	wantFault(t, err, fault.Exists, "Experiment(name=a) already exists.")
	wantFault(t, s.ChangeExperiment(ctx, a.ID, track.ExperimentChange{Name: ptr("c")}), fault.Conflict, "Cannot rename a non-active experiment.")
	ok(t, s.ChangeExperiment(ctx, a.ID, track.ExperimentChange{Lifecycle: ptr(track.Active)}))
	wantFault(t, s.ChangeExperiment(ctx, a.ID, track.ExperimentChange{Name: ptr("Default")}), fault.Exists, "Experiment(name=Default) already exists.")
	ok(t, s.ChangeExperiment(ctx, a.ID, track.ExperimentChange{Name: ptr("c")}))
	if e := must(s.ExperimentByName(ctx, "c"))(t); e.ID != a.ID {
		t.Errorf("renamed: %+v", e)
	}
	i := must(s.CreateExperiment(ctx, track.Experiment{ID: 4711, Name: "imported"}))(t)
	if i.ID != 4711 {
		t.Errorf("imported with id %d", i.ID)
	}
	_, err = s.CreateExperiment(ctx, track.Experiment{ID: 4711, Name: "other"})
	wantFault(t, err, fault.Exists, "")
}

func experimentTags(t *testing.T, s Store) {
	ctx := t.Context()
	e := must(s.CreateExperiment(ctx, track.Experiment{Name: "e", Tags: []track.Tag{{Key: "b", Value: "1"}, {Key: "a", Value: "2"}}}))(t)
	ok(t, s.ChangeExperiment(ctx, e.ID, track.ExperimentChange{SetTags: []track.Tag{{Key: "c", Value: "é\x00<"}}, DeleteTags: []string{"b"}}))
	got := must(s.Experiment(ctx, e.ID))(t).Tags
	if diff := cmp.Diff([]track.Tag{{Key: "a", Value: "2"}, {Key: "c", Value: "é\x00<"}}, got); diff != "" {
		t.Error(diff)
	}
	wantFault(t, s.ChangeExperiment(ctx, e.ID, track.ExperimentChange{DeleteTags: []string{"b"}}), fault.NotFound, "")
}

func experimentLifecycle(t *testing.T, s Store) {
	ctx := t.Context()
	id := experiment(t, s, "e")
	stays := must(s.CreateRun(ctx, track.NewRun{ExperimentID: id}))(t).ID
	gone := must(s.CreateRun(ctx, track.NewRun{ExperimentID: id}))(t).ID
	must(s.ChangeRun(ctx, gone, track.RunChange{Lifecycle: ptr(track.Deleted)}))(t)
	state := func(want ...track.Lifecycle) {
		t.Helper()
		got := []track.Lifecycle{
			must(s.Experiment(ctx, id))(t).Lifecycle, must(s.Run(ctx, stays))(t).Lifecycle, must(s.Run(ctx, gone))(t).Lifecycle,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if p := must(s.SearchRuns(ctx, track.RunQuery{ExperimentIDs: []int64{id}}))(t); (len(p.Items) == 1) != (want[1] == track.Active) {
			t.Errorf("found %d runs", len(p.Items))
		}
	}
	state(track.Active, track.Active, track.Deleted)
	ok(t, s.ChangeExperiment(ctx, id, track.ExperimentChange{Lifecycle: ptr(track.Deleted)}))
	state(track.Deleted, track.Deleted, track.Deleted)
	_, err := s.CreateRun(ctx, track.NewRun{ExperimentID: id})
	wantFault(t, err, fault.Invalid, "")
	wantFault(t, s.ChangeExperiment(ctx, id, track.ExperimentChange{Lifecycle: ptr(track.Deleted)}), fault.NotFound, "No Experiment with id=1 exists")
	wantFault(t, s.ChangeExperiment(ctx, id, track.ExperimentChange{SetTags: []track.Tag{{Key: "a"}}}), fault.Invalid,
		"The experiment 1 must be in the 'active' state. Current state is deleted.")
	ok(t, s.ChangeExperiment(ctx, id, track.ExperimentChange{Lifecycle: ptr(track.Active)}))
	state(track.Active, track.Active, track.Deleted)
	wantFault(t, s.ChangeExperiment(ctx, id, track.ExperimentChange{Lifecycle: ptr(track.Active)}), fault.NotFound, "")
}

func searchExperiments(t *testing.T, s Store) {
	ctx := t.Context()
	for i, name := range []string{"one", "two", "three"} {
		must(s.CreateExperiment(ctx, track.Experiment{Name: name, Created: int64(i + 1), Tags: []track.Tag{{Key: "k", Value: name}}}))(t)
	}
	two := must(s.ExperimentByName(ctx, "two"))(t)
	ok(t, s.ChangeExperiment(ctx, two.ID, track.ExperimentChange{Lifecycle: ptr(track.Deleted)}))
	tag := search.Field{Entity: search.Tag, Key: "k"}
	for _, c := range []struct {
		q    track.ExperimentQuery
		want string
	}{
		{track.ExperimentQuery{}, "Default three one"},
		{track.ExperimentQuery{View: track.DeletedOnly}, "two"},
		{track.ExperimentQuery{View: track.All, Order: []search.Order{{Field: attr("name"), Desc: true}}}, "two three one Default"},
		{track.ExperimentQuery{Filter: search.Cmp{Field: attr("name"), Op: search.ILike, Str: "T%"}}, "three"},
		{track.ExperimentQuery{Filter: search.Cmp{Field: tag, Op: search.Ne, Str: "one"}}, "three"},
		{track.ExperimentQuery{Filter: search.Cmp{Field: attr("creation_time"), Op: search.Lt, Num: 3, IsNum: true}}, "one"},
	} {
		for _, size := range []int{0, 1, 2} {
			c.q.Max, c.q.Token = size, ""
			var names []string
			for {
				p := must(s.SearchExperiments(ctx, c.q))(t)
				for _, e := range p.Items {
					names = append(names, e.Name)
				}
				if c.q.Token = p.Next; p.Next == "" {
					break
				}
			}
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("pages of %d: %q, want %q", size, got, c.want)
			}
		}
	}
}
