package registry

import (
	"context"
	"encoding/json"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// Digester reads the digests of the files below an artifact address.
type Digester interface {
	Digests(ctx context.Context, uri string) ([]track.File, error)
}

// Options is what a registry is made of.
type Options struct {
	Store  Store
	Files  Digester
	Actor  func(context.Context) track.Actor // who asks; nil: nobody known
	Now    func() time.Time                  // nil: time.Now
	Notify func(model string)                // told after a change; may be nil
}

// Registry is the rules over a store.
type Registry struct{ o Options }

// New makes a registry.
func New(o Options) *Registry {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Actor == nil {
		o.Actor = func(context.Context) track.Actor { return track.Actor{} }
	}
	if o.Notify == nil {
		o.Notify = func(string) {}
	}
	return &Registry{o: o}
}

// event begins an entry of the audit trail; the store numbers and chains it.
func (r *Registry) event(ctx context.Context, kind, model string, detail any) (track.Event, error) {
	raw, err := json.Marshal(detail)
	if err != nil {
		return track.Event{}, err
	}
	return track.Event{Time: r.o.Now().UnixMilli(), Actor: r.o.Actor(ctx), Kind: kind, Model: model, Detail: raw}, nil
}

// CreateModel makes a registered model.
func (r *Registry) CreateModel(ctx context.Context, m track.Model) (track.Model, error) {
	out, err := r.o.Store.CreateModel(ctx, m)
	if err == nil {
		r.o.Notify(m.Name)
	}
	return out, err
}

// Model returns a registered model.
func (r *Registry) Model(ctx context.Context, name string) (track.Model, error) {
	return r.o.Store.Model(ctx, name)
}

// SearchModels finds registered models.
func (r *Registry) SearchModels(ctx context.Context, q track.ModelQuery) (track.Page[track.Model], error) {
	return r.o.Store.SearchModels(ctx, q)
}

// ChangeModel renames or annotates a model.
func (r *Registry) ChangeModel(ctx context.Context, name string, c track.ModelChange) (track.Model, error) {
	if c.Name != nil && *c.Name != name {
		// Whoever pulls name@production would be cut off: that is moving the alias.
		if err := r.refuseProtected(ctx, name, 0, "renaming the model"); err != nil {
			return track.Model{}, err
		}
	}
	var e *track.Event
	now := name
	if c.Name != nil && *c.Name != name {
		now = *c.Name
		renamed, err := r.event(ctx, "model.renamed", now, map[string]string{"from": name, "to": now})
		if err != nil {
			return track.Model{}, err
		}
		e = &renamed
	}
	out, err := r.o.Store.ChangeModel(ctx, name, c, e)
	if err == nil {
		r.o.Notify(name)
	}
	return out, err
}

// DeleteModel deletes a model with its versions, unless a protected alias
// points into it.
func (r *Registry) DeleteModel(ctx context.Context, name string) error {
	if err := r.refuseProtected(ctx, name, 0, "deleting the model"); err != nil {
		return err
	}
	e, err := r.event(ctx, "model.deleted", name, struct{}{})
	if err != nil {
		return err
	}
	err = r.o.Store.DeleteModel(ctx, name, &e)
	if err == nil {
		r.o.Notify(name)
	}
	return err
}

// CreateVersion registers what a client names by its source, without looking
// at bytes; Register is the command's way, which does.
func (r *Registry) CreateVersion(ctx context.Context, v track.ModelVersion) (track.ModelVersion, error) {
	v.Origin = nil // where it came from is never a client's word alone
	return r.create(ctx, v)
}

func (r *Registry) create(ctx context.Context, v track.ModelVersion) (track.ModelVersion, error) {
	e, err := r.event(ctx, "version.registered", v.Model, registered{
		Source: v.Source, RunID: v.RunID, Files: v.Files, Origin: v.Origin,
	})
	if err != nil {
		return v, err
	}
	out, err := r.o.Store.CreateVersion(ctx, v, &e)
	if err == nil {
		r.o.Notify(v.Model)
	}
	return out, err
}

type registered struct {
	Source string        `json:"source"`
	RunID  string        `json:"run_id,omitempty"`
	Files  []track.File  `json:"files,omitempty"`
	Origin *track.Origin `json:"origin,omitempty"`
}

// staged is the detail of a version that entered a stage.
type staged struct {
	Version int    `json:"version"`
	From    string `json:"from"`
	To      string `json:"to"`
	Archive bool   `json:"archived_others,omitempty"`
}

// Version returns a version.
func (r *Registry) Version(ctx context.Context, model string, version int) (track.ModelVersion, error) {
	return r.o.Store.Version(ctx, model, version)
}

// SearchVersions finds versions.
func (r *Registry) SearchVersions(ctx context.Context, q track.ModelQuery) (track.Page[track.ModelVersion], error) {
	return r.o.Store.SearchVersions(ctx, q)
}

// ChangeVersion annotates a version or moves it to a stage. A stage whose name
// is that of a protected alias is protected alike.
func (r *Registry) ChangeVersion(ctx context.Context, model string, version int, c track.VersionChange) (track.ModelVersion, error) {
	var e *track.Event
	if c.Stage != nil {
		v, err := r.o.Store.Version(ctx, model, version)
		if err != nil {
			return v, err
		}
		if err := r.allowed(ctx, v, lower(*c.Stage), ""); err != nil {
			return v, err
		}
		entered, err := r.event(ctx, "version.stage", model, staged{Version: version, From: v.Stage, To: *c.Stage, Archive: c.ArchiveExisting})
		if err != nil {
			return v, err
		}
		e = &entered
	}
	out, err := r.o.Store.ChangeVersion(ctx, model, version, c, e)
	if err == nil {
		r.o.Notify(model)
	}
	return out, err
}

// DeleteVersion deletes a version, unless a protected alias points to it.
func (r *Registry) DeleteVersion(ctx context.Context, model string, version int) error {
	if err := r.refuseProtected(ctx, model, version, "deleting the version"); err != nil {
		return err
	}
	e, err := r.event(ctx, "version.deleted", model, map[string]int{"version": version})
	if err != nil {
		return err
	}
	err = r.o.Store.DeleteVersion(ctx, model, version, &e)
	if err == nil {
		r.o.Notify(model)
	}
	return err
}

// refuseProtected refuses what would take away the target of a protected
// alias; version 0 stands for the whole model.
func (r *Registry) refuseProtected(ctx context.Context, model string, version int, what string) error {
	p, err := r.policy(ctx, model)
	if err != nil || len(p.Aliases) == 0 {
		return err
	}
	m, err := r.o.Store.Model(ctx, model)
	if err != nil {
		return err
	}
	for _, a := range m.Aliases {
		if _, protected := p.Aliases[a.Name]; protected && (version == 0 || a.Version == version) {
			return fault.New(fault.Denied, "%s is refused: the protected alias %s of %s points to version %d", what, a.Name, model, a.Version).
				WithHint("move the alias first, or lift the policy: `assay model policy %s --file …`", model)
		}
	}
	return nil
}

func (r *Registry) policy(ctx context.Context, model string) (track.Policy, error) {
	p, err := r.o.Store.Policy(ctx, model)
	if fault.Is(err, fault.NotFound) {
		return track.Policy{Model: model}, nil
	}
	return p, err
}
