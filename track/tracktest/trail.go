package tracktest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

func policies(t *testing.T, s Store) {
	ctx := t.Context()
	_, err := s.Policy(ctx, "m")
	wantFault(t, err, fault.NotFound, "")
	for i := 1; i <= 2; i++ {
		p := track.Policy{Model: "m", Aliases: map[string]track.AliasPolicy{"prod": {Approvals: i}}, By: track.Actor{Name: "ada"}, Source: "assay.yaml"}
		got := must(s.SetPolicy(ctx, p, track.Event{Kind: "policy.set", Model: "m"}))(t)
		if got.Revision != i || got.At == 0 || got.Aliases["prod"].Approvals != i {
			t.Errorf("set to %+v", got)
		}
		if diff := cmp.Diff(got, must(s.Policy(ctx, "m"))(t)); diff != "" {
			t.Error(diff)
		}
	}
	if n := len(must(s.Events(ctx, "m", 0, 0))(t)); n != 2 {
		t.Errorf("%d entries in the trail", n)
	}
}

func reviews(t *testing.T, s Store) {
	ctx := t.Context()
	add := func(number int, head string) track.Review {
		t.Helper()
		r := track.Review{
			Project: "team/digits", Head: head, RunID: "r-" + head, Verdict: "better", Document: json.RawMessage(`{"a":[1]}`),
			Change: &track.ChangeRef{Project: "team/digits", Number: number}, Gates: []track.GateState{{Name: "acc", State: "pass"}},
			Files: []track.File{{Path: "m", SHA256: "s"}}, Actor: track.Actor{Name: "ci", Kind: "job"},
		}
		return must(s.AddReview(ctx, r, track.Event{Kind: "review.added"}))(t)
	}
	a := add(1, "h1")
	if len(a.ID) != 64 || a.Created == 0 {
		t.Errorf("added %+v", a)
	}
	if again := add(1, "h1"); cmp.Diff(a, again) != "" {
		t.Error("the same content is another review")
	}
	b, c := add(1, "h2"), add(2, "h1")
	if n := len(must(s.Events(ctx, "", 0, 0))(t)); n != 3 {
		t.Errorf("%d entries in the trail, want one for each review", n)
	}
	if diff := cmp.Diff(b, must(s.Review(ctx, b.ID))(t)); diff != "" {
		t.Error(diff)
	}
	_, err := s.Review(ctx, "nope")
	wantFault(t, err, fault.NotFound, "")
	for _, x := range []struct {
		q    track.ReviewQuery
		want []track.Review
	}{
		{track.ReviewQuery{}, []track.Review{c, b, a}},
		{track.ReviewQuery{Max: 1}, []track.Review{c}},
		{track.ReviewQuery{Project: "team/digits", Number: 1}, []track.Review{b, a}},
		{track.ReviewQuery{Head: "h1"}, []track.Review{c, a}},
		{track.ReviewQuery{RunID: "r-h2"}, []track.Review{b}},
		{track.ReviewQuery{Project: "other"}, nil},
	} {
		if diff := cmp.Diff(x.want, must(s.Reviews(ctx, x.q))(t)); diff != "" {
			t.Errorf("%+v: %s", x.q, diff)
		}
	}
}

// trail checks the numbers and the chain of entries, and that an entry stands
// if and only if its change does.
func trail(t *testing.T, s Store) {
	ctx := t.Context()
	newModel(t, s, "m")
	newModel(t, s, "n")
	for i := range 3 {
		e := &track.Event{Kind: "version.registered", Model: "m", Time: int64(i + 1), Actor: track.Actor{Name: "ada", Kind: "person"}, Detail: json.RawMessage(`{"z": 1,"a":"<&>"}`)}
		must(s.CreateVersion(ctx, track.ModelVersion{Model: "m"}, e))(t)
	}
	_, err := s.CreateVersion(ctx, track.ModelVersion{Model: "none"}, &track.Event{Kind: "version.registered", Model: "none"})
	wantFault(t, err, fault.NotFound, "")
	_, err = s.CreateVersion(ctx, track.ModelVersion{Model: "m"}, &track.Event{Kind: "bad", Detail: json.RawMessage(`[`)})
	wantFault(t, err, fault.Invalid, "")
	must(s.CreateVersion(ctx, track.ModelVersion{Model: "n"}, &track.Event{Kind: "version.registered", Model: "n"}))(t)
	stage := "Staging"
	must(s.ChangeVersion(ctx, "n", 1, track.VersionChange{Stage: &stage}, &track.Event{Kind: "version.stage", Model: "n"}))(t)
	ok(t, s.DeleteVersion(ctx, "n", 1, &track.Event{Kind: "version.deleted", Model: "n"}))
	wantFault(t, s.DeleteVersion(ctx, "n", 1, &track.Event{Kind: "version.deleted", Model: "n"}), fault.NotFound, "")
	must(s.ChangeModel(ctx, "n", track.ModelChange{Name: ptr("o")}, &track.Event{Kind: "model.renamed", Model: "o"}))(t)
	_, err = s.ChangeModel(ctx, "o", track.ModelChange{Name: ptr("m")}, &track.Event{Kind: "model.renamed", Model: "m"})
	wantFault(t, err, fault.Exists, "")
	ok(t, s.DeleteModel(ctx, "o", &track.Event{Kind: "model.deleted", Model: "o"}))
	wantFault(t, s.DeleteModel(ctx, "o", &track.Event{Kind: "model.deleted", Model: "o"}), fault.NotFound, "")

	all := must(s.Events(ctx, "", 0, 0))(t)
	if len(all) != 8 {
		t.Fatalf("%d entries", len(all))
	}
	prev := ""
	for i, e := range all {
		want, err := track.EventHash(e)
		ok(t, err)
		if e.Seq != int64(i+1) || e.Prev != prev || e.Hash != want {
			t.Errorf("entry %d does not follow: %+v", i, e)
		}
		prev = e.Hash
	}
	var detail struct {
		Version int
		A       string
	}
	ok(t, json.Unmarshal(all[2].Detail, &detail))
	if detail.Version != 3 || detail.A != "<&>" || all[2].Time != 3 || all[2].Actor.Name != "ada" {
		t.Errorf("entry %+v", all[2])
	}
	var got []string
	for _, e := range must(s.Events(ctx, "m", 1, 1))(t) {
		got = append(got, fmt.Sprint(e.Seq, e.Model))
	}
	if diff := cmp.Diff([]string{"2m"}, got); diff != "" {
		t.Error(diff)
	}
	if v := must(s.SearchVersions(ctx, track.ModelQuery{}))(t); len(v.Items) != 3 {
		t.Errorf("%d versions: one was kept without its entry", len(v.Items))
	}
}
