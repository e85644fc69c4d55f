package registry

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// memory is a Store over maps: the rules are tested here, keeping elsewhere.
type memory struct {
	versions map[int]track.ModelVersion
	aliases  map[string]int
	policies map[string]track.Policy
	reviews  []track.Review
	events   []track.Event
	logged   []track.LoggedModel
	made     bool
}

func (m *memory) CreateModel(_ context.Context, x track.Model) (track.Model, error) {
	m.made = true
	return x, nil
}

func (m *memory) Model(_ context.Context, name string) (track.Model, error) {
	if !m.made {
		return track.Model{}, fault.New(fault.NotFound, "no model %s", name)
	}
	out := track.Model{Name: name}
	for a, v := range m.aliases {
		out.Aliases = append(out.Aliases, track.Alias{Name: a, Version: v})
	}
	return out, nil
}

func (m *memory) SearchModels(context.Context, track.ModelQuery) (track.Page[track.Model], error) {
	return track.Page[track.Model]{}, nil
}

func (m *memory) ChangeModel(_ context.Context, name string, _ track.ModelChange, e *track.Event) (track.Model, error) {
	m.note(e)
	return track.Model{Name: name}, nil
}

func (m *memory) DeleteModel(_ context.Context, _ string, e *track.Event) error {
	m.note(e)
	m.made = false
	return nil
}

func (m *memory) LoggedModel(_ context.Context, id string) (track.LoggedModel, error) {
	for _, l := range m.logged {
		if l.ID == id {
			return l, nil
		}
	}
	return track.LoggedModel{}, fault.New(fault.NotFound, "no logged model %s", id)
}

func (m *memory) LoggedModelsOf(_ context.Context, run string) (out []track.LoggedModel, _ error) {
	for _, l := range m.logged {
		if l.SourceRunID == run {
			out = append(out, l)
		}
	}
	return out, nil
}

func (m *memory) AddEvent(_ context.Context, e track.Event) (track.Event, error) {
	m.events = append(m.events, e)
	return e, nil
}

func (m *memory) note(e *track.Event) {
	if e != nil {
		m.events = append(m.events, *e)
	}
}

func (m *memory) CreateVersion(_ context.Context, v track.ModelVersion, e *track.Event) (track.ModelVersion, error) {
	v.Version = len(m.versions) + 1
	m.versions[v.Version] = v
	m.events = append(m.events, *e)
	return v, nil
}

func (m *memory) Version(_ context.Context, model string, n int) (track.ModelVersion, error) {
	v, ok := m.versions[n]
	if !ok {
		return v, fault.New(fault.NotFound, "no version %d of %s", n, model)
	}
	return v, nil
}

func (m *memory) SearchVersions(context.Context, track.ModelQuery) (track.Page[track.ModelVersion], error) {
	var p track.Page[track.ModelVersion]
	for _, v := range m.versions {
		p.Items = append(p.Items, v)
	}
	return p, nil
}

func (m *memory) ChangeVersion(_ context.Context, _ string, n int, c track.VersionChange, e *track.Event) (track.ModelVersion, error) {
	m.note(e)
	v := m.versions[n]
	if c.Stage != nil {
		v.Stage = *c.Stage
	}
	m.versions[n] = v
	return v, nil
}

func (m *memory) DeleteVersion(_ context.Context, _ string, n int, e *track.Event) error {
	m.note(e)
	delete(m.versions, n)
	return nil
}

func (m *memory) SetAlias(_ context.Context, _, alias string, n int, e track.Event) error {
	if m.aliases[alias] = n; n == 0 {
		delete(m.aliases, alias)
	}
	m.events = append(m.events, e)
	return nil
}

func (m *memory) Policy(_ context.Context, model string) (track.Policy, error) {
	p, ok := m.policies[model]
	if !ok {
		return p, fault.New(fault.NotFound, "no policy")
	}
	return p, nil
}

func (m *memory) SetPolicy(_ context.Context, p track.Policy, e track.Event) (track.Policy, error) {
	p.Revision = m.policies[p.Model].Revision + 1
	m.policies[p.Model] = p
	m.events = append(m.events, e)
	return p, nil
}

func (m *memory) Reviews(_ context.Context, q track.ReviewQuery) ([]track.Review, error) {
	var out []track.Review
	for _, r := range slices.Backward(m.reviews) {
		if (q.Head == "" || q.Head == r.Head) && (q.RunID == "" || q.RunID == r.RunID) {
			out = append(out, r)
		}
	}
	return out, nil
}

func (m *memory) Events(context.Context, string, int64, int) ([]track.Event, error) {
	return m.events, nil
}

// digests answers with the same files for every address.
type digests []track.File

func (d digests) Digests(context.Context, string) ([]track.File, error) { return d, nil }

var modelFile = track.File{Path: "model.onnx", Size: 3, SHA256: strings.Repeat("a", 64)}

// fixture is a registry whose run r1 at commit head was reviewed.
func fixture() (*Registry, *memory) {
	m := &memory{versions: map[int]track.ModelVersion{}, aliases: map[string]int{}, policies: map[string]track.Policy{}}
	m.reviews = []track.Review{{
		ID: "rev1", Head: "head", RunID: "r1", Verdict: "better", Files: []track.File{modelFile},
		Gates: []track.GateState{{Name: "worse", State: "pass"}},
	}}
	r := New(Options{
		Store: m, Files: digests{modelFile, {Path: "metrics.json", SHA256: "b"}},
		Actor: func(context.Context) track.Actor { return track.Actor{Name: "grace"} },
		Now:   func() time.Time { return time.UnixMilli(42) },
	})
	return r, m
}

func registration() track.Registration {
	return track.Registration{
		Model: "digits", RunID: "r1", Root: "mlflow-artifacts:/1/r1/artifacts", Paths: []string{"model.onnx"},
		Origin: track.Origin{
			Commit: "merge", RunCommit: "head", Change: &track.ChangeRef{Project: "digits", Number: 1, Author: "ada"},
			Approvals: []track.Approval{{Who: "grace", Head: "head"}},
		},
	}
}

func TestRegisterSameBytes(t *testing.T) {
	ctx := context.Background()
	r, m := fixture()
	v, err := r.Register(ctx, registration())
	if err != nil {
		t.Fatal(err)
	}
	if v.Version != 1 || !v.Origin.SameBytes || v.Origin.ReviewID != "rev1" || len(v.Files) != 1 {
		t.Errorf("got %+v, origin %+v", v, v.Origin)
	}
	if v.Source != "mlflow-artifacts:/1/r1/artifacts/model.onnx" {
		t.Errorf("source %s", v.Source)
	}
	again, err := r.Register(ctx, registration())
	if err != nil || again.Version != 1 || len(m.versions) != 1 {
		t.Errorf("registering again: %+v, %v", again, err)
	}
}

// TestRegisterLoggedModel: what MLflow 3 logs lies beside the run's files and
// is shown in the review below its name.
func TestRegisterLoggedModel(t *testing.T) {
	ctx := context.Background()
	r, m := fixture()
	m.logged = []track.LoggedModel{
		{ID: "m-1", Name: "classifier", SourceRunID: "r1", Status: "LOGGED_MODEL_READY", ArtifactURI: "mlflow-artifacts:/1/models/m-1/artifacts"},
		{ID: "m-2", Name: "half", SourceRunID: "r1", Status: "LOGGED_MODEL_PENDING"},
		{ID: "m-3", Name: "other", SourceRunID: "r2", Status: "LOGGED_MODEL_READY"},
	}
	all, err := r.LoggedFiles(ctx, "r1")
	if err != nil || len(all) != 1 || all[0].ID != "m-1" || len(all[0].Files) != 2 {
		t.Fatalf("logged: %+v, %v", all, err)
	}
	g := registration()
	g.LoggedModel = "m-1"
	if _, err := r.Register(ctx, g); !fault.Is(err, fault.Failed) || !strings.Contains(err.Error(), "did not show") {
		t.Fatalf("a model that no review showed: %v", err)
	}
	for _, f := range all[0].Files {
		f.Path = "classifier/" + f.Path
		m.reviews[0].Files = append(m.reviews[0].Files, f)
	}
	v, err := r.Register(ctx, g)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Origin.SameBytes || v.LoggedModelID != "m-1" || v.Source != "models:/m-1" || v.StorageLocation != m.logged[0].ArtifactURI ||
		v.Origin.Root != m.logged[0].ArtifactURI || v.Files[0].Path != "model.onnx" {
		t.Errorf("got %+v, origin %+v", v, v.Origin)
	}
	for id, code := range map[string]fault.Code{"m-2": fault.Conflict, "m-3": fault.Invalid, "m-4": fault.NotFound} {
		g.LoggedModel = id
		if _, err := r.Register(ctx, g); !fault.Is(err, code) {
			t.Errorf("%s: %v, want %s", id, err, code)
		}
	}
}

func TestRegisterRefusesOtherBytes(t *testing.T) {
	ctx := context.Background()
	r, m := fixture()
	m.reviews[0].Files = []track.File{{Path: "model.onnx", SHA256: strings.Repeat("c", 64)}}
	g := registration()
	_, err := r.Register(ctx, g)
	if !fault.Is(err, fault.Failed) || !strings.Contains(err.Error(), "model.onnx has digest aaaaaaaaaaaa") {
		t.Fatalf("got %v", err)
	}
	g.Origin.Reason = "hot fix, reviewed by phone"
	v, err := r.Register(ctx, g)
	if err != nil || v.Origin.SameBytes || v.Origin.Reason == "" {
		t.Fatalf("with a reason: %+v, %v", v.Origin, err)
	}
	m.reviews = nil
	g.Origin.Reason, g.RunID = "", "r2"
	if _, err := r.Register(ctx, g); !fault.Is(err, fault.Failed) || !strings.Contains(err.Error(), "no review") {
		t.Fatalf("never reviewed: %v", err)
	}
}

func TestExpectedDigests(t *testing.T) {
	r, _ := fixture()
	g := registration()
	g.Expect = []track.File{{Path: "model.onnx", SHA256: strings.Repeat("d", 64)}}
	if _, err := r.Register(context.Background(), g); !fault.Is(err, fault.Failed) {
		t.Fatalf("got %v", err)
	}
}

func protect(t *testing.T, r *Registry, a track.AliasPolicy) {
	t.Helper()
	_, err := r.SetPolicy(context.Background(), track.Policy{Model: "digits", Aliases: map[string]track.AliasPolicy{"production": a}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestProtectedAlias(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		policy track.AliasPolicy
		edit   func(*track.Registration, *memory)
		reason string
		want   string // in the refusal; "" is allowed
	}{
		"all is met":   {track.AliasPolicy{Approvals: 1, SameBytes: true, Gates: true, Reason: true}, nil, "ready", ""},
		"no reason":    {track.AliasPolicy{Reason: true}, nil, " ", "a reason must be given"},
		"too few":      {track.AliasPolicy{Approvals: 2}, nil, "", "needs 2 approvals of the reviewed commit, it has 1"},
		"self":         {track.AliasPolicy{Approvals: 1}, func(g *track.Registration, _ *memory) { g.Origin.Approvals[0].Who = "ada" }, "", "it has 0"},
		"pushed after": {track.AliasPolicy{Approvals: 1}, func(g *track.Registration, _ *memory) { g.Origin.Approvals[0].Head = "older" }, "", "it has 0"},
		"other bytes": {track.AliasPolicy{SameBytes: true}, func(g *track.Registration, m *memory) {
			g.Origin.Reason, m.reviews[0].Files = "x", nil
		}, "", "not proved"},
		"gate failed": {track.AliasPolicy{Gates: true}, func(_ *track.Registration, m *memory) { m.reviews[0].Gates[0].State = "fail" }, "", `its gate "worse": fail`},
	} {
		t.Run(name, func(t *testing.T) {
			r, m := fixture()
			g := registration()
			if c.edit != nil {
				c.edit(&g, m)
			}
			v, err := r.Register(ctx, g)
			if err != nil {
				t.Fatal(err)
			}
			protect(t, r, c.policy)
			err = r.Promote(ctx, track.Promotion{Model: "digits", Alias: "production", Version: v.Version, Reason: c.reason})
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

// TestEveryFace: what the command is refused, the MLflow client is refused too,
// whichever of its calls it tries.
func TestEveryFace(t *testing.T) {
	ctx := context.Background()
	r, m := fixture()
	v, err := r.CreateVersion(ctx, track.ModelVersion{Model: "digits", Source: "runs:/r1/model", Origin: &track.Origin{SameBytes: true}})
	if err != nil {
		t.Fatal(err)
	}
	if v.Origin != nil {
		t.Error("a client's own word on where it came from was kept")
	}
	m.made, m.aliases["production"] = true, v.Version
	protect(t, r, track.AliasPolicy{SameBytes: true})
	stage, name := "Production", "numbers"
	for what, err := range map[string]error{
		"set alias":      r.SetAlias(ctx, "digits", "production", v.Version),
		"delete alias":   r.DeleteAlias(ctx, "digits", "production"),
		"delete version": r.DeleteVersion(ctx, "digits", v.Version),
		"delete model":   r.DeleteModel(ctx, "digits"),
		"stage":          second(r.ChangeVersion(ctx, "digits", v.Version, track.VersionChange{Stage: &stage})),
		"rename":         third(r.ChangeModel(ctx, "digits", track.ModelChange{Name: &name})),
	} {
		if !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := r.SetAlias(ctx, "digits", "staging", v.Version); err != nil {
		t.Errorf("an alias without protection: %v", err)
	}
}

func TestDeployed(t *testing.T) {
	ctx := context.Background()
	r, m := fixture()
	for _, d := range []track.Deployment{{State: "running"}, {Environment: "production", State: "perhaps"}} {
		if err := r.Deployed(ctx, "digits", 1, d); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", d, err)
		}
	}
	if err := r.Deployed(ctx, "digits", 7, track.Deployment{Environment: "production", Project: "team/app", State: "started"}); err != nil {
		t.Fatal(err)
	}
	if e := m.events[0]; e.Kind != "version.deployed" || e.Actor.Name != "grace" ||
		string(e.Detail) != `{"version":7,"environment":"production","project":"team/app","state":"started"}` {
		t.Errorf("%+v %s", e, e.Detail)
	}
}

// TestTrailOfEveryChange: what takes a version away or moves it leaves an entry.
func TestTrailOfEveryChange(t *testing.T) {
	ctx := context.Background()
	r, m := fixture()
	m.made = true
	v, err := r.CreateVersion(ctx, track.ModelVersion{Model: "digits", Source: "runs:/r1/model"})
	if err != nil {
		t.Fatal(err)
	}
	stage, name, text := "Staging", "numbers", "a note"
	for _, err := range []error{
		second(r.ChangeVersion(ctx, "digits", v.Version, track.VersionChange{Stage: &stage})),
		second(r.ChangeVersion(ctx, "digits", v.Version, track.VersionChange{Description: &text})),
		third(r.ChangeModel(ctx, "digits", track.ModelChange{Description: &text})),
		third(r.ChangeModel(ctx, "digits", track.ModelChange{Name: &name})),
		r.DeleteVersion(ctx, "digits", v.Version),
		r.DeleteModel(ctx, "digits"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var kinds []string
	for _, e := range m.events {
		kinds = append(kinds, e.Kind)
	}
	want := "version.registered version.stage model.renamed version.deleted model.deleted"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("the trail is %s, want %s", got, want)
	}
	if got := string(m.events[1].Detail); got != `{"version":1,"from":"","to":"Staging"}` {
		t.Errorf("stage: %s", got)
	}
}

func second(_ track.ModelVersion, err error) error { return err }
func third(_ track.Model, err error) error         { return err }

func TestTrailSaysWhoAndWhy(t *testing.T) {
	ctx := context.Background()
	r, m := fixture()
	v, err := r.Register(ctx, registration())
	if err != nil {
		t.Fatal(err)
	}
	p := track.Promotion{Model: "digits", Alias: "production", Version: v.Version, Reason: "best so far"}
	for range 2 { // the second changes nothing and records nothing
		if err := r.Promote(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	last := m.events[len(m.events)-1]
	var d moved
	if err := json.Unmarshal(last.Detail, &d); err != nil {
		t.Fatal(err)
	}
	if len(m.events) != 2 || last.Kind != "alias.moved" || last.Actor.Name != "grace" || d.Reason != "best so far" || d.To != 1 || last.Time != 42 {
		t.Errorf("%d events, last %+v, detail %+v", len(m.events), last, d)
	}
}
