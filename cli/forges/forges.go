// Package forges chooses the driver of a forge and the HTTP client that it
// uses, for every face of the program. What is done with it is the faces'.
package forges

import (
	"context"
	"net/http"
	"os"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/gitea"
	"github.com/assay-ml/assay/forge/github"
	"github.com/assay-ml/assay/forge/gitlab"
	"github.com/assay-ml/assay/forge/local"
	"github.com/assay-ml/assay/forge/transport"
	"github.com/assay-ml/assay/review"
	"github.com/assay-ml/assay/review/publish"
)

// Driver is what the faces need of a forge; each domain package names its own
// part.
type Driver interface {
	review.Forge
	publish.Forge
	SetCheck(ctx context.Context, project, commit string, check forge.Check) error
	Approvals(ctx context.Context, c forge.Change) ([]forge.Approval, error)
	Deploy(ctx context.Context, project string, d forge.Deployment) (forge.Deployment, error)
	Trigger(ctx context.Context, t forge.Trigger) (forge.Pipeline, error)
	Identity(ctx context.Context, project string) (forge.Identity, error)
	Lacks() []forge.Lack
}

// Open makes the driver of a job's forge.
func Open(j forge.Job, token string, client *http.Client) (Driver, error) {
	switch j.Kind {
	case forge.Local:
		return local.Open(j.Server)
	case forge.GitHub:
		return github.New(github.Options{Server: j.Server, API: j.API, Token: token, HTTP: client})
	case forge.GitLab:
		return gitlab.New(gitlab.Options{Server: j.Server, API: j.API, Token: token, HTTP: client})
	case forge.Gitea:
		return gitea.New(gitea.Options{Server: j.Server, Token: token, HTTP: client})
	}
	return nil, fault.New(fault.Unsupported, "there is no driver for the forge %q", j.Kind)
}

// Client makes the patient client that all drivers use: ASSAY_FORGE_TIMEOUT
// bounds how long a forge may take in all, ASSAY_FORGE_CA (GitLab's and CML's
// names work, too) names certificates to trust. waiting is told of waits.
func Client(getenv func(string) string, waiting func(why string, d time.Duration)) (*http.Client, error) {
	o := transport.Options{Waiting: waiting}
	if s := getenv("ASSAY_FORGE_TIMEOUT"); s != "" {
		budget, err := time.ParseDuration(s)
		if err != nil || budget <= 0 {
			return nil, fault.New(fault.Usage, "ASSAY_FORGE_TIMEOUT=%s is no length of time", s).WithHint("write it as 90s or 5m")
		}
		o.Budget = budget
	}
	o.CAFile = getenv("ASSAY_FORGE_CA")
	for _, name := range []string{"CI_SERVER_TLS_CA_FILE", "NODE_EXTRA_CA_CERTS"} { // they may name what is not there
		if file := getenv(name); o.CAFile == "" && file != "" {
			if _, err := os.Stat(file); err == nil {
				o.CAFile = file
			}
		}
	}
	return transport.New(o)
}
