package registry

import (
	"context"
	"fmt"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

type moved struct {
	Alias  string `json:"alias"`
	From   int    `json:"from,omitempty"`
	To     int    `json:"to,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Promote moves an alias to a version, if the model's policy allows it, and
// records who, when and why. Moving it to where it is changes nothing.
func (r *Registry) Promote(ctx context.Context, p track.Promotion) error {
	v, err := r.o.Store.Version(ctx, p.Model, p.Version)
	if err != nil {
		return err
	}
	if err := r.allowed(ctx, v, p.Alias, p.Reason); err != nil {
		return err
	}
	from, err := r.aliasTarget(ctx, p.Model, p.Alias)
	if err != nil || from == p.Version {
		return err
	}
	return r.move(ctx, p.Model, moved{Alias: p.Alias, From: from, To: p.Version, Reason: p.Reason})
}

// Deployed records that a version was brought, or sent on its way, to an
// environment. Who may deploy is the forge's to say; here it is kept.
func (r *Registry) Deployed(ctx context.Context, model string, version int, d track.Deployment) error {
	if strings.TrimSpace(d.Environment) == "" || len(d.Environment) > 200 {
		return fault.New(fault.Invalid, "a deployment needs the name of its environment").WithHint("say --environment production")
	}
	switch d.State {
	case "started", "running", "failed":
	default:
		return fault.New(fault.Invalid, "a deployment is started, running or failed, not %q", d.State)
	}
	e, err := r.event(ctx, "version.deployed", model, struct {
		Version int `json:"version"`
		track.Deployment
	}{version, d})
	if err != nil {
		return err
	}
	if _, err := r.o.Store.AddEvent(ctx, e); err != nil {
		return err
	}
	r.o.Notify(model)
	return nil
}

// SetAlias is Promote as the MLflow client asks for it: without a reason.
func (r *Registry) SetAlias(ctx context.Context, model, alias string, version int) error {
	return r.Promote(ctx, track.Promotion{Model: model, Alias: alias, Version: version})
}

// DeleteAlias removes an alias; a protected one is refused.
func (r *Registry) DeleteAlias(ctx context.Context, model, alias string) error {
	p, err := r.policy(ctx, model)
	if err != nil {
		return err
	}
	if _, protected := p.Aliases[alias]; protected {
		return fault.New(fault.Denied, "alias %s of %s is protected: it can be moved, not removed", alias, model).
			WithHint("lift the policy first: `assay model policy %s --file …`", model)
	}
	from, err := r.aliasTarget(ctx, model, alias)
	if err != nil || from == 0 {
		return err
	}
	return r.move(ctx, model, moved{Alias: alias, From: from})
}

func (r *Registry) move(ctx context.Context, model string, m moved) error {
	kind := "alias.moved"
	if m.To == 0 {
		kind = "alias.removed"
	}
	e, err := r.event(ctx, kind, model, m)
	if err != nil {
		return err
	}
	if err := r.o.Store.SetAlias(ctx, model, m.Alias, m.To, e); err != nil {
		return err
	}
	r.o.Notify(model)
	return nil
}

func (r *Registry) aliasTarget(ctx context.Context, model, alias string) (int, error) {
	m, err := r.o.Store.Model(ctx, model)
	if err != nil {
		return 0, err
	}
	for _, a := range m.Aliases {
		if a.Name == alias {
			return a.Version, nil
		}
	}
	return 0, nil
}

// allowed asks the model's policy whether an alias may point to a version.
func (r *Registry) allowed(ctx context.Context, v track.ModelVersion, alias, reason string) error {
	p, err := r.policy(ctx, v.Model)
	if err != nil {
		return err
	}
	need, protected := p.Aliases[alias]
	if !protected {
		return nil
	}
	lacks, err := r.lacks(ctx, v, need, reason)
	if err != nil {
		return err
	}
	if len(lacks) == 0 {
		return nil
	}
	return fault.New(fault.Denied, "alias %s of %s is protected and version %d does not meet its policy: %s",
		alias, v.Model, v.Version, strings.Join(lacks, "; ")).
		WithHint("`assay model policy %s` shows what is asked for", v.Model)
}

// lacks lists, in words, what a version lacks of a policy.
func (r *Registry) lacks(ctx context.Context, v track.ModelVersion, need track.AliasPolicy, reason string) ([]string, error) {
	var out []string
	o := v.Origin
	if o == nil {
		o = &track.Origin{}
	}
	if have := countApprovals(o); have < need.Approvals {
		out = append(out, fmt.Sprintf("the merge request that made it needs %d approval%s of the reviewed commit, it has %d",
			need.Approvals, plural(need.Approvals), have))
	}
	if need.SameBytes && !o.SameBytes {
		out = append(out, "its files are not proved to be those that were reviewed")
	}
	if need.Gates {
		text, err := r.gatesLack(ctx, o)
		if err != nil {
			return nil, err
		}
		if text != "" {
			out = append(out, text)
		}
	}
	if need.Reason && strings.TrimSpace(reason) == "" {
		out = append(out, "a reason must be given")
	}
	return out, nil
}

// gatesLack looks at the gates as the reviewer saw them: on the server's
// record, never in the comment.
func (r *Registry) gatesLack(ctx context.Context, o *track.Origin) (string, error) {
	if o.ReviewID == "" {
		return "no review of it is on record, so its gates are unknown", nil
	}
	reviews, err := r.o.Store.Reviews(ctx, track.ReviewQuery{Head: o.RunCommit})
	if err != nil {
		return "", err
	}
	for _, rev := range reviews {
		if rev.ID != o.ReviewID {
			continue
		}
		for _, g := range rev.Gates {
			if g.State == "fail" || g.State == "undecided" {
				return fmt.Sprintf("its gate %q: %s", g.Name, g.State), nil
			}
		}
		return "", nil
	}
	return "the review it came from is not on record any more", nil
}

// countApprovals counts the people other than the author who approved the
// commit that was trained: a push after an approval voids it.
func countApprovals(o *track.Origin) int {
	who := map[string]bool{}
	for _, a := range o.Approvals {
		if a.Head == o.RunCommit && (o.Change == nil || a.Who != o.Change.Author) {
			who[a.Who] = true
		}
	}
	return len(who)
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func lower(s string) string { return strings.ToLower(s) }

// Policy returns a model's policy; without one it protects nothing.
func (r *Registry) Policy(ctx context.Context, model string) (track.Policy, error) {
	return r.policy(ctx, model)
}

// SetPolicy replaces a model's policy and records by whom. Setting what
// stands changes nothing.
func (r *Registry) SetPolicy(ctx context.Context, p track.Policy) (track.Policy, error) {
	if _, err := r.o.Store.Model(ctx, p.Model); err != nil {
		return p, err
	}
	old, err := r.policy(ctx, p.Model)
	if err != nil {
		return p, err
	}
	if old.Revision > 0 && samePolicy(old.Aliases, p.Aliases) {
		return old, nil
	}
	p.By, p.At = r.o.Actor(ctx), r.o.Now().UnixMilli()
	e, err := r.event(ctx, "policy.set", p.Model, map[string]any{"aliases": p.Aliases, "source": p.Source})
	if err != nil {
		return p, err
	}
	out, err := r.o.Store.SetPolicy(ctx, p, e)
	if err == nil {
		r.o.Notify(p.Model)
	}
	return out, err
}

func samePolicy(a, b map[string]track.AliasPolicy) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			return false
		}
	}
	return true
}

// Events returns the audit trail of a model, oldest first.
func (r *Registry) Events(ctx context.Context, model string, after int64, max int) ([]track.Event, error) {
	return r.o.Store.Events(ctx, model, after, max)
}
