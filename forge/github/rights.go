package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-github/v89/github"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// The rights, in GitHub's words.
var (
	readRight    = forge.Right{Name: "pull requests: read", For: "finding the pull request"}
	commentRight = forge.Right{Name: "pull requests: write", For: "the comment, pull requests made by CI"}
	statusRight  = forge.Right{Name: "statuses: write", For: "the check"}
	deployRight  = forge.Right{Name: "deployments: write", For: "the record of deployments", Optional: true}
	actionsRight = forge.Right{Name: "actions: write", For: "starting a workflow", Optional: true}
)

// Identity asks who we are and what we may do. A classic token's scopes are
// told; of the others GitHub tells nothing, so that each right is tried with a
// call that cannot do anything.
func (f *Forge) Identity(ctx context.Context, project string) (forge.Identity, error) {
	owner, repo, err := split(project)
	if err != nil {
		return forge.Identity{}, err
	}
	if f.o.Token == "" {
		return forge.Identity{}, fault.New(fault.Denied, "there is no token for GitHub at %s", f.o.Server).
			WithHint("hand the job's own on: `env: {GITHUB_TOKEN: ${{ github.token }}}`")
	}
	w, err := f.whose(ctx)
	if err != nil {
		return forge.Identity{}, err
	}
	id := forge.Identity{Login: w.login, Kind: w.kind}
	r, res, err := f.client.Repositories.Get(ctx, owner, repo)
	read := readRight
	if err != nil {
		if s := status(res); limited(err) || s != http.StatusForbidden && s != http.StatusNotFound {
			return id, f.refused("reading "+project, needsMetadata, res, err)
		}
		read.Grant, read.Found = forge.Refused, fmt.Sprintf("reading %s answers %d: %s", project, status(res), message(err))
		read.Mend = mend(w, read)
		id.Rights = []forge.Right{read}
		return id, nil
	}
	read.Grant, read.Found = forge.Granted, "the project can be read"
	id.Rights = []forge.Right{read}
	if w.old {
		id.Rights = append(id.Rights, byScopes(w, r)...)
		return id, nil
	}
	p := prober{f: f, w: w, owner: owner, repo: repo, push: r.GetPermissions().GetPush()}
	id.Rights = append(id.Rights, p.comment(ctx), p.status(ctx), p.deploy(ctx), p.actions(ctx))
	return id, nil
}

// byScopes tells the rights of a classic token: what its scopes allow, of what
// its user may. Anybody who may read may comment.
func byScopes(w who, r *github.Repository) []forge.Right {
	all := slices.Contains(w.scopes, "repo") || slices.Contains(w.scopes, "public_repo") && !r.GetPrivate()
	one := func(right forge.Right, scope string, mustPush bool) forge.Right {
		has := all || scope != "" && slices.Contains(w.scopes, scope)
		right.Grant, right.Found = forge.Granted, "the token's scopes: "+strings.Join(w.scopes, ", ")
		switch {
		case !has:
			right.Grant, right.Mend = forge.Refused, mend(w, right)
		case mustPush && !r.GetPermissions().GetPush():
			right.Grant, right.Found = forge.Refused, "the token's user may only read"
			right.Mend = "make the user a collaborator who may write, or use another user's token"
		}
		return right
	}
	return []forge.Right{
		one(commentRight, "", false), one(statusRight, "repo:status", true),
		one(deployRight, "repo_deployment", true), one(actionsRight, "", true),
	}
}

// mend says what to do about a right that is refused.
func mend(w who, r forge.Right) string {
	name, level, _ := strings.Cut(r.Name, ": ")
	switch {
	case w.old:
		return "give the token the scope `repo`"
	case w.kind == "job":
		return fmt.Sprintf("put `%s: %s` under `permissions:` in the workflow (an app's token: give the app that permission); "+
			"the jobs of pull requests from forks may only read: post from a workflow on `workflow_run`", strings.ReplaceAll(name, " ", "-"), level)
	}
	return fmt.Sprintf("give the token the repository permission %q (%s)", strings.ToUpper(name[:1])+name[1:], level)
}

// prober tries rights.
type prober struct {
	f           *Forge
	w           who
	owner, repo string
	push        bool // what the user may, where the token is a user's
}

// nowhere is a commit that no repository has.
const nowhere = "0000000000000000000000000000000000000000"

// comment makes a label that cannot be: without a name, of no color. That takes
// the same right as a comment does, whereas comments that are not there are not
// found (404) by anybody. 422 says that only the label is wrong.
func (p prober) comment(ctx context.Context) forge.Right {
	_, res, err := p.f.client.Issues.CreateLabel(ctx, p.owner, p.repo, &github.Label{Name: github.Ptr(""), Color: github.Ptr("none")})
	r := p.judge(commentRight, res, err)
	if r.Grant == forge.Refused && p.w.kind != "job" && !p.push {
		// Readers make no labels, but they may comment.
		r.Grant, r.Mend = forge.Unknown, ""
	}
	return r
}

func (p prober) status(ctx context.Context) forge.Right {
	_, res, err := p.f.client.Repositories.CreateStatus(ctx, p.owner, p.repo, nowhere, github.RepoStatus{
		State: github.Ptr("success"), Context: github.Ptr("assay"),
	})
	return p.judge(statusRight, res, err)
}

func (p prober) deploy(ctx context.Context) forge.Right {
	_, res, err := p.f.client.Repositories.CreateDeployment(ctx, p.owner, p.repo, github.DeploymentRequest{
		Ref: nowhere, AutoMerge: github.Ptr(false), RequiredContexts: []string{},
	})
	return p.judge(deployRight, res, err)
}

// actions starts a workflow that is not there. Whether GitHub looks for it
// before it looks at the right is not written down: 404 says nothing.
func (p prober) actions(ctx context.Context) forge.Right {
	_, res, err := p.f.client.Actions.CreateWorkflowDispatchEventByFileName(ctx, p.owner, p.repo, "there-is-no-such-workflow.yml",
		github.CreateWorkflowDispatchEventRequest{Ref: nowhere})
	if status(res) == http.StatusNotFound {
		r := actionsRight
		r.Grant, r.Found = forge.Unknown, "GitHub does not tell without starting one"
		return r
	}
	return p.judge(actionsRight, res, err)
}

// judge reads an answer to a call that cannot succeed: 422 comes from whoever
// looked at what was asked for, 403 and 404 from whoever looked at the token –
// the project itself was found.
func (p prober) judge(r forge.Right, res *github.Response, err error) forge.Right {
	said := message(err)
	r.Grant, r.Found = forge.Unknown, fmt.Sprintf("a harmless try answers %d: %s", status(res), said)
	switch s := status(res); {
	case limited(err):
	case s == http.StatusUnprocessableEntity || s == http.StatusConflict:
		r.Grant = forge.Granted
	case s == http.StatusForbidden || s == http.StatusNotFound:
		r.Grant, r.Mend = forge.Refused, mend(p.w, r)
	}
	return r
}
