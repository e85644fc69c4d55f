package tracktest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

func newModel(t testing.TB, s Store, name string) {
	t.Helper()
	must(s.CreateModel(t.Context(), track.Model{Name: name}))(t)
}

func newVersion(t testing.TB, s Store, model string) int {
	t.Helper()
	return must(s.CreateVersion(t.Context(), track.ModelVersion{Model: model, Source: "s3://b/" + model}, nil))(t).Version
}

func modelNames(t *testing.T, s Store) {
	ctx := t.Context()
	m := must(s.CreateModel(ctx, track.Model{Name: "digits", Description: "d", Created: 5, Tags: []track.Tag{{Key: "b", Value: "1"}, {Key: "a", Value: "2"}}}))(t)
	want := track.Model{Name: "digits", Description: "d", Created: 5, Updated: 5, Tags: []track.Tag{{Key: "a", Value: "2"}, {Key: "b", Value: "1"}}}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
	_, err := s.CreateModel(ctx, track.Model{Name: "digits"})
	wantFault(t, err, fault.Exists, "Registered Model (name=digits) already exists.")
	_, err = s.Model(ctx, "Digits")
	wantFault(t, err, fault.NotFound, "Registered Model with name=Digits not found")
	m = must(s.ChangeModel(ctx, "digits", track.ModelChange{Description: ptr("e"), SetTags: []track.Tag{{Key: "c", Value: "3"}}, DeleteTags: []string{"a", "none"}}, nil))(t)
	if m.Description != "e" || len(m.Tags) != 2 || m.Updated == 5 {
		t.Errorf("changed to %+v", m)
	}
	for _, n := range []string{"b", "a"} {
		newModel(t, s, n)
	}
	var names []string
	for q := (track.ModelQuery{Max: 2}); ; {
		p := must(s.SearchModels(ctx, q))(t)
		for _, m := range p.Items {
			names = append(names, m.Name)
		}
		if q.Token = p.Next; p.Next == "" {
			break
		}
	}
	if got := strings.Join(names, " "); got != "a b digits" {
		t.Errorf("found %q", got)
	}
	ok(t, s.DeleteModel(ctx, "a", nil))
	wantFault(t, s.DeleteModel(ctx, "a", nil), fault.NotFound, "Registered Model with name=a not found")
}

func renameModel(t *testing.T, s Store) {
	ctx := t.Context()
	newModel(t, s, "old")
	newModel(t, s, "other")
	v := newVersion(t, s, "old")
	ok(t, s.SetAlias(ctx, "old", "prod", v, track.Event{Kind: "alias.moved", Model: "old"}))
	must(s.SetPolicy(ctx, track.Policy{Model: "old", Aliases: map[string]track.AliasPolicy{"prod": {Reason: true}}}, track.Event{Kind: "policy.set", Model: "old"}))(t)
	_, err := s.ChangeModel(ctx, "old", track.ModelChange{Name: ptr("other")}, nil)
	wantFault(t, err, fault.Exists, "Registered Model (name=other) already exists.")
	m := must(s.ChangeModel(ctx, "old", track.ModelChange{Name: ptr("new")}, nil))(t)
	if m.Name != "new" || len(m.Aliases) != 1 || len(m.Latest) != 1 || m.Latest[0].Model != "new" {
		t.Errorf("renamed to %+v", m)
	}
	must(s.Version(ctx, "new", v))(t)
	if p := must(s.Policy(ctx, "new"))(t); p.Model != "new" || !p.Aliases["prod"].Reason {
		t.Errorf("the policy stayed behind: %+v", p)
	}
	_, err = s.Model(ctx, "old")
	wantFault(t, err, fault.NotFound, "")
}

func versions(t *testing.T, s Store) {
	ctx := t.Context()
	_, err := s.CreateVersion(ctx, track.ModelVersion{Model: "m"}, nil)
	wantFault(t, err, fault.NotFound, "Registered Model with name=m not found")
	newModel(t, s, "m")
	in := track.ModelVersion{
		Model: "m", Source: "models:/m-1", StorageLocation: "mlflow-artifacts:/0/models/m-1/artifacts", RunID: "r", RunLink: "l",
		LoggedModelID: "m-1", Description: "d", User: "u", Created: 5, Tags: []track.Tag{{Key: "k", Value: "v"}},
		Files:  []track.File{{Path: "model.bin", Size: 3, SHA256: strings.Repeat("a", 64)}},
		Origin: &track.Origin{Commit: "c", SameBytes: true, Change: &track.ChangeRef{Project: "p", Number: 4}, Actor: track.Actor{Name: "ada"}},
	}
	got := must(s.CreateVersion(ctx, in, nil))(t)
	want := in
	want.Version, want.Status, want.Stage, want.Updated = 1, "READY", "None", 5
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, must(s.Version(ctx, "m", 1))(t)); diff != "" {
		t.Error(diff)
	}
	if n := newVersion(t, s, "m"); n != 2 {
		t.Errorf("second version is %d", n)
	}
	ok(t, s.DeleteVersion(ctx, "m", 2, nil))
	if n := newVersion(t, s, "m"); n != 3 {
		t.Errorf("the number 2 was given again: %d", n)
	}
	_, err = s.Version(ctx, "m", 2)
	wantFault(t, err, fault.NotFound, "Model Version (name=m, version=2) not found")
	wantFault(t, s.DeleteVersion(ctx, "m", 2, nil), fault.NotFound, "Model Version (name=m, version=2) not found")
	v := must(s.ChangeVersion(ctx, "m", 1, track.VersionChange{Description: ptr("e"), SetTags: []track.Tag{{Key: "a", Value: "b"}}, DeleteTags: []string{"k", "none"}}, nil))(t)
	if v.Description != "e" || len(v.Tags) != 1 || v.Tags[0].Key != "a" {
		t.Errorf("changed to %+v", v)
	}
}

func stages(t *testing.T, s Store) {
	ctx := t.Context()
	newModel(t, s, "m")
	for range 3 {
		newVersion(t, s, "m")
	}
	move := func(v int, stage string, archive bool) error {
		_, err := s.ChangeVersion(ctx, "m", v, track.VersionChange{Stage: &stage, ArchiveExisting: archive}, nil)
		return err
	}
	ok(t, move(1, "production", false))
	ok(t, move(2, "PRODUCTION", false))
	ok(t, move(3, "Production", true))
	var got []string
	for v := 1; v <= 3; v++ {
		got = append(got, must(s.Version(ctx, "m", v))(t).Stage)
	}
	if diff := cmp.Diff([]string{"Archived", "Archived", "Production"}, got); diff != "" {
		t.Error(diff)
	}
	wantFault(t, move(1, "shelf", false), fault.Invalid, "Invalid Model Version stage: shelf. Value must be one of None, Staging, Production, Archived.")
	if err := move(3, "archived", true); !fault.Is(err, fault.Invalid) {
		t.Errorf("archiving into Archived: %v", err)
	}
	newVersion(t, s, "m")
	latest := map[string]int{}
	for _, v := range must(s.Model(ctx, "m"))(t).Latest {
		latest[v.Stage] = v.Version
	}
	if diff := cmp.Diff(map[string]int{"Archived": 2, "Production": 3, "None": 4}, latest); diff != "" {
		t.Error(diff)
	}
}

func aliases(t *testing.T, s Store) {
	ctx := t.Context()
	newModel(t, s, "m")
	newVersion(t, s, "m")
	newVersion(t, s, "m")
	set := func(alias string, v int) error {
		return s.SetAlias(ctx, "m", alias, v, track.Event{Kind: "alias.moved", Model: "m", Detail: json.RawMessage(`{}`)})
	}
	ok(t, set("prod", 1))
	ok(t, set("prod", 2))
	ok(t, set("also", 2))
	wantFault(t, set("prod", 9), fault.NotFound, "Model Version (name=m, version=9) not found")
	wantFault(t, s.SetAlias(ctx, "x", "prod", 1, track.Event{}), fault.NotFound, "Registered Model with name=x not found")
	wantFault(t, s.SetAlias(ctx, "x", "prod", 0, track.Event{}), fault.NotFound, "Registered Model with name=x not found")
	if diff := cmp.Diff([]track.Alias{{Name: "also", Version: 2}, {Name: "prod", Version: 2}}, must(s.Model(ctx, "m"))(t).Aliases); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"also", "prod"}, must(s.Version(ctx, "m", 2))(t).Aliases); diff != "" {
		t.Error(diff)
	}
	ok(t, set("also", 0))
	ok(t, set("also", 0)) // is not there: nothing to do
	if n := len(must(s.Events(ctx, "m", 0, 0))(t)); n != 4 {
		t.Errorf("%d entries in the trail, want one for each of the four moves", n)
	}
	ok(t, s.DeleteVersion(ctx, "m", 2, nil))
	if a := must(s.Model(ctx, "m"))(t).Aliases; len(a) != 0 {
		t.Errorf("aliases outlive their version: %v", a)
	}
}

func searchVersions(t *testing.T, s Store) {
	ctx := t.Context()
	for _, m := range []string{"a", "b"} {
		newModel(t, s, m)
		for i := range 3 {
			must(s.CreateVersion(ctx, track.ModelVersion{
				Model: m, RunID: fmt.Sprint("r", i), Source: "s3://" + m, Created: int64(10 - i),
				Tags: []track.Tag{{Key: "k", Value: fmt.Sprint(i)}},
			}, nil))(t)
		}
	}
	newModel(t, s, "none")
	must(s.CreateVersion(ctx, track.ModelVersion{Model: "none", Source: "s3://none", Created: 1}, nil))(t)
	for _, c := range []struct {
		filter search.Expr
		order  []search.Order
		want   string
	}{
		{nil, nil, "a1 b1 a2 b2 a3 b3 none1"}, // changed last comes first
		{nil, []search.Order{{Field: attr("name")}}, "a3 a2 a1 b3 b2 b1 none1"},
		{nil, []search.Order{{Field: attr("creation_timestamp")}}, "none1 a3 b3 a2 b2 a1 b1"},
		{str(attr("name"), search.Eq, "b"), []search.Order{{Field: attr("version_number")}}, "b1 b2 b3"},
		{search.And{str(attr("name"), search.Eq, "b"), str(attr("name"), search.Eq, "a")}, nil, ""},
		{search.Or{str(attr("name"), search.Eq, "b"), str(attr("name"), search.Eq, "a")}, nil, "a1 b1 a2 b2 a3 b3"},
		{str(attr("run_id"), search.Eq, "r1"), nil, "a2 b2"},
		{str(attr("source_path"), search.Like, "%a"), nil, "a1 a2 a3"},
		{str(attr("run_id"), search.Ne, "r1"), nil, "a1 b1 a3 b3 none1"},
		{num(attr("version_number"), search.Le, 1), nil, "a1 b1 none1"},
		{str(search.Field{Entity: search.Tag, Key: "k"}, search.Eq, "2"), nil, "a3 b3"},
	} {
		for _, size := range []int{0, 1, 4} {
			q := track.ModelQuery{Filter: c.filter, Order: c.order, Max: size}
			var got []string
			for {
				p := must(s.SearchVersions(ctx, q))(t)
				for _, v := range p.Items {
					got = append(got, fmt.Sprint(v.Model, v.Version))
				}
				if q.Token = p.Next; p.Next == "" {
					break
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%v by %v, pages of %d: %v, want %s", c.filter, c.order, size, got, c.want)
			}
		}
	}
}

// prompts are registered models with one tag, which counts as 'false' where it
// is missing.
func prompts(t *testing.T, s Store) {
	ctx := t.Context()
	tag := search.Field{Entity: search.Tag, Key: "mlflow.prompt.is_prompt"}
	newModel(t, s, "model")
	must(s.CreateModel(ctx, track.Model{Name: "prompt", Tags: []track.Tag{{Key: tag.Key, Value: "true"}}}))(t)
	for want, f := range map[string]search.Expr{
		"[model]": str(tag, search.Ne, "true"), "[prompt]": str(tag, search.Eq, "true"), "[model prompt]": nil,
	} {
		var got []string
		for _, m := range must(s.SearchModels(ctx, track.ModelQuery{Filter: f}))(t).Items {
			got = append(got, m.Name)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%v: %v, want %s", f, got, want)
		}
	}
}

func loggedModels(t *testing.T, s Store) {
	ctx := t.Context()
	id := run(t, s)
	m := must(s.CreateLoggedModel(ctx, track.LoggedModel{
		Name: "net", Type: "sklearn", SourceRunID: id,
		Params: []track.Param{{Key: "p", Value: "1"}}, Tags: []track.Tag{{Key: "t", Value: "1"}},
	}))(t)
	if !strings.HasPrefix(m.ID, "m-") || len(m.ID) != 34 || m.Status != "LOGGED_MODEL_PENDING" || m.Lifecycle != track.Active ||
		!strings.HasSuffix(m.ArtifactURI, "/0/models/"+m.ID+"/artifacts") || m.Created == 0 {
		t.Errorf("made %+v", m)
	}
	if diff := cmp.Diff(m, must(s.LoggedModel(ctx, m.ID))(t)); diff != "" {
		t.Error(diff)
	}
	again := must(s.CreateLoggedModel(ctx, track.LoggedModel{ID: m.ID, Name: "other"}))(t)
	if again.Name != "net" {
		t.Error("an import overwrites")
	}
	p := points("acc", [3]float64{1, 2, 0.5})
	p[0].ModelID, p[0].DatasetName, p[0].DatasetDigest = m.ID, "mnist", "d"
	for range 2 {
		logMetrics(t, s, id, p)
	}
	m = must(s.ChangeLoggedModel(ctx, m.ID, track.LoggedModelChange{
		Status: ptr("LOGGED_MODEL_READY"), AddParams: []track.Param{{Key: "q", Value: "2"}},
		SetTags: []track.Tag{{Key: "u", Value: "2"}}, DeleteTags: []string{"t"},
	}))(t)
	if diff := cmp.Diff(p, m.Metrics); diff != "" {
		t.Error(diff)
	}
	if m.Status != "LOGGED_MODEL_READY" || len(m.Params) != 2 || len(m.Tags) != 1 || len(m.MetricRuns) != 1 || m.MetricRuns[0] != id {
		t.Errorf("changed to %+v", m)
	}
	_, err := s.ChangeLoggedModel(ctx, m.ID, track.LoggedModelChange{DeleteTags: []string{"t"}})
	wantFault(t, err, fault.NotFound, "No tag with key 't' found for model with ID '"+m.ID+"'.")
	_, err = s.ChangeLoggedModel(ctx, m.ID, track.LoggedModelChange{AddParams: []track.Param{{Key: "q", Value: "3"}}})
	wantFault(t, err, fault.Invalid, "")
	_, err = s.LoggedModel(ctx, "m-0")
	wantFault(t, err, fault.NotFound, "Logged model with ID 'm-0' not found.")
	_, err = s.CreateLoggedModel(ctx, track.LoggedModel{ExperimentID: 99})
	wantFault(t, err, fault.NotFound, "No Experiment with id=99 exists")
}

func searchLoggedModels(t *testing.T, s Store) {
	ctx := t.Context()
	e := experiment(t, s, "e")
	id := must(s.CreateRun(ctx, track.NewRun{ExperimentID: e}))(t).ID
	for i := range 4 {
		m := must(s.CreateLoggedModel(ctx, track.LoggedModel{ExperimentID: e, Name: fmt.Sprint("n", i), Created: int64(i + 1)}))(t)
		if i == 3 {
			must(s.ChangeLoggedModel(ctx, m.ID, track.LoggedModelChange{Lifecycle: ptr(track.Deleted)}))(t)
			continue
		}
		logMetrics(t, s, id, []track.Metric{
			{Key: "acc", Step: 1, Value: 9, ModelID: m.ID, DatasetName: fmt.Sprint("d", i%2), DatasetDigest: "x"},
			{Key: "acc", Step: 2, Value: float64((i + 1) % 3), ModelID: m.ID},
		})
	}
	onD1 := []track.DatasetFilter{{Name: "d1"}}
	for _, c := range []struct {
		filter   search.Expr
		datasets []track.DatasetFilter
		order    []track.LoggedModelOrder
		want     string
	}{
		{want: "[n2 n1 n0]"},
		{order: []track.LoggedModelOrder{{Order: search.Order{Field: metricField("acc")}}}, want: "[n2 n0 n1]"},
		{order: []track.LoggedModelOrder{{Order: search.Order{Field: metricField("acc"), Desc: true}, Dataset: onD1[0]}}, want: "[n1 n2 n0]"},
		{order: []track.LoggedModelOrder{{Order: search.Order{Field: metricField("acc")}, Dataset: track.DatasetFilter{Name: "d1", Digest: "y"}}}, want: "[n2 n1 n0]"},
		{filter: num(metricField("acc"), search.Ge, 9), want: "[n2 n1 n0]"}, // any value, not the latest
		{filter: num(metricField("acc"), search.Lt, 1), want: "[n2]"},
		{filter: num(metricField("acc"), search.Ge, 9), datasets: onD1, want: "[n1]"},
		{filter: num(metricField("acc"), search.Lt, 9), datasets: onD1, want: "[]"},
		{datasets: onD1, want: "[n1]"},
		{datasets: []track.DatasetFilter{{Name: "d1", Digest: "x"}, {Name: "d0"}}, want: "[n2 n1 n0]"},
		{datasets: []track.DatasetFilter{{Name: "d1", Digest: "y"}}, want: "[]"},
		{filter: str(attr("name"), search.Eq, "n1"), want: "[n1]"},
		{filter: str(attr("status"), search.Eq, "READY"), want: "[]"},
	} {
		var got []string
		q := track.LoggedModelQuery{ExperimentIDs: []int64{e}, Filter: c.filter, Datasets: c.datasets, Order: c.order, Max: 2}
		for {
			p := must(s.SearchLoggedModels(ctx, q))(t)
			for _, m := range p.Items {
				got = append(got, m.Name)
			}
			if q.Token = p.Next; p.Next == "" {
				break
			}
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%v on %v by %v: %v, want %s", c.filter, c.datasets, c.order, got, c.want)
		}
	}
}
