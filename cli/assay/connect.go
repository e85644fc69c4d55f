package assay

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/config"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/git"
	"github.com/assay-ml/assay/track/client"
)

// project is where a command stands: the repository, if any, its
// configuration and what the CI job says of itself.
type project struct {
	repo   *git.Repo // nil outside a repository
	dir    string    // top of the tree, or the working directory
	config *config.File
	job    forge.Job
}

// findProject looks around the working directory; a command that can do
// without a repository passes needRepo false.
func findProject(ctx context.Context, env Env, needRepo bool) (*project, error) {
	p := &project{dir: env.Dir, job: forge.Detect(env.Getenv)}
	repo, err := git.Open(ctx, env.Dir)
	switch {
	case err == nil:
		p.repo, p.dir = repo, repo.Dir
	case needRepo || fault.Is(err, fault.Interrupted):
		return nil, err
	}
	p.config, err = config.Load(p.dir)
	return p, err
}

// actor is who the audit trail should name.
func (p *project) actor(ctx context.Context, env Env) string {
	for _, name := range []string{env.Getenv("ASSAY_ACTOR"), p.job.Actor} {
		if name != "" {
			return name
		}
	}
	if p.repo != nil {
		if name, err := p.repo.Run(ctx, "config", "user.name"); err == nil && name != "" {
			return name
		}
	}
	return env.Getenv("USER")
}

// serverFlag adds the flag that names a server.
func serverFlag(cmd *cobra.Command, into *string) {
	cmd.Flags().StringVar(into, "server", "", "`ADDRESS` of the server (default: ASSAY_SERVER, MLFLOW_TRACKING_URI, assay.yaml)")
}

// connect makes a client of the server that the project uses.
func connect(ctx context.Context, env Env, p *project, flag string) (*client.Client, error) {
	s, err := p.config.ServerAddress(flag, env.Getenv)
	if err != nil {
		return nil, err
	}
	if s.Value == "" {
		return nil, fault.New(fault.Unavailable, "no server is named").
			WithHint("start one with `assay server`, then set ASSAY_SERVER=http://127.0.0.1:5000 or `server:` in assay.yaml")
	}
	return client.New(s.Value, client.Options{Actor: headerSafe(p.actor(ctx, env)), Token: env.Getenv("ASSAY_TOKEN")}), nil
}

// headerSafe drops what an HTTP header cannot carry.
func headerSafe(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
