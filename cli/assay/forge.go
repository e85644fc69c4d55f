package assay

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/gitea"
	"github.com/assay-ml/assay/forge/github"
	"github.com/assay-ml/assay/forge/local"
	"github.com/assay-ml/assay/forge/transport"
	"github.com/assay-ml/assay/review"
	"github.com/assay-ml/assay/review/publish"
)

// forgeDriver is what the commands need of a forge; each domain package names
// its own part.
type forgeDriver interface {
	review.Forge
	publish.Forge
	SetCheck(ctx context.Context, project, commit string, check forge.Check) error
	Approvals(ctx context.Context, c forge.Change) ([]forge.Approval, error)
	Identity(ctx context.Context, project string) (forge.Identity, error)
	Lacks() []forge.Lack
	Deploy(ctx context.Context, project string, d forge.Deployment) (forge.Deployment, error)
	Trigger(ctx context.Context, t forge.Trigger) (forge.Pipeline, error)
}

// openForge chooses the driver of the forge that the job runs on or, in a plain
// shell, of the forge that the repository was cloned from.
func openForge(ctx context.Context, env Env, p *project) (forgeDriver, error) {
	if p.job.Kind == forge.Local {
		return local.Open(p.job.Server)
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
	client, err := forgeClient(env)
	if err != nil {
		return nil, err
	}
	switch p.job.Kind {
	case forge.GitHub:
		return github.New(github.Options{Server: p.job.Server, API: p.job.API, Token: token, HTTP: client})
	case forge.Gitea:
		return gitea.New(gitea.Options{Server: p.job.Server, Token: token, HTTP: client})
	}
	return nil, fault.New(fault.Unsupported, "there is no driver for %s yet", p.job.Kind)
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

// forgeClient is the patient client that all drivers use.
func forgeClient(env Env) (c *http.Client, err error) {
	budget := transport.DefaultBudget
	if s := env.Getenv("ASSAY_FORGE_TIMEOUT"); s != "" {
		if budget, err = time.ParseDuration(s); err != nil || budget <= 0 {
			return nil, fault.New(fault.Usage, "ASSAY_FORGE_TIMEOUT=%s is no length of time", s).WithHint("write it as 90s or 5m")
		}
	}
	ca := ""
	for _, name := range []string{"ASSAY_FORGE_CA", "CI_SERVER_TLS_CA_FILE", "NODE_EXTRA_CA_CERTS"} { // ours, GitLab's, CML's
		if ca = env.Getenv(name); ca != "" {
			if _, err := os.Stat(ca); err == nil || name == "ASSAY_FORGE_CA" {
				break
			}
			ca = ""
		}
	}
	return transport.New(transport.Options{Budget: budget, CAFile: ca, Waiting: func(why string, d time.Duration) {
		if d >= 5*time.Second {
			fmt.Fprintf(env.Stderr, "assay: %s; trying again in %s\n", why, d.Round(time.Second))
		}
	}})
}
