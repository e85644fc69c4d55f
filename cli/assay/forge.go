package assay

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/assay-ml/assay/cli/forges"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// openForge chooses the driver of the forge that the job runs on or, in a plain
// shell, of the forge that the repository was cloned from.
func openForge(ctx context.Context, env Env, p *project) (forges.Driver, error) {
	if p.job.Kind == forge.Local {
		return forges.Open(p.job, "", nil)
	}
	if p.job.Kind == forge.None {
		if err := p.locate(ctx, env); err != nil {
			return nil, err
		}
	}
	token, _ := forge.Token(env.Getenv, p.job.Kind)
	if token == "" {
		return nil, noToken(p)
	}
	client, err := forges.Client(env.Getenv, func(why string, d time.Duration) {
		if d >= 5*time.Second {
			fmt.Fprintf(env.Stderr, "assay: %s; trying again in %s\n", why, d.Round(time.Second))
		}
	})
	if err != nil {
		return nil, err
	}
	return forges.Open(p.job, token, client)
}

func noToken(p *project) error {
	names := strings.Join(forge.TokenNames(p.job.Kind), ", ")
	if p.job.Fork != "" {
		return fault.New(fault.Denied, "this merge request comes from %s, whose jobs get no token of %s", p.job.Fork, p.job.Project)
	}
	return fault.New(fault.Denied, "there is no token for %s", p.job.Server).WithHint("set one of %s", names)
}

// locate fills in the job from the settings and the remote, outside of a forge's
// own jobs.
func (p *project) locate(ctx context.Context, env Env) error {
	var r forge.Remote
	if p.repo != nil {
		r, _ = forge.ParseRemote(p.repo.Remote(ctx, "origin"))
	}
	kind := forge.Kind(cmp.Or(env.Getenv("ASSAY_FORGE_KIND"), p.config.Forge.Kind, string(r.Kind)))
	server := cmp.Or(env.Getenv("ASSAY_FORGE_URL"), p.config.Forge.URL, r.Server)
	project := env.Getenv("ASSAY_FORGE_PROJECT")
	if project == "" {
		project = below(server, r)
	}
	if kind == forge.None || server == "" || project == "" {
		return fault.New(fault.Unsupported, "this is no job of a forge, and the remote does not tell which forge it is").
			WithHint("set `forge: {kind: gitea, url: https://…}` in assay.yaml, or ASSAY_FORGE_KIND, ASSAY_FORGE_URL, ASSAY_FORGE_PROJECT")
	}
	// The file may be a stranger's: it does not choose whom the token goes to.
	if p.config.Forge.URL != "" && env.Getenv("ASSAY_FORGE_URL") == "" && host(p.config.Forge.URL) != host(r.Server) {
		return fault.New(fault.Denied, "assay.yaml names the forge %s, but the repository comes from %s", p.config.Forge.URL, host(r.Server)).
			WithHint("if that is right, say it yourself: ASSAY_FORGE_URL=%s", p.config.Forge.URL)
	}
	p.job.Kind, p.job.Server, p.job.Project = kind, strings.TrimRight(server, "/"), project
	return nil
}

// below is the project's name without the sub-path that its forge lies below.
func below(server string, r forge.Remote) string {
	u, err := url.Parse(server)
	if err != nil {
		return r.Project
	}
	return strings.TrimPrefix(r.Project, strings.Trim(u.Path, "/")+"/")
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
