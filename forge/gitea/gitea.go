// Package gitea is the driver of Gitea and Forgejo. It has merge requests,
// comments, commit statuses, attachments and reviews; it has no record of
// deployments, which our server then keeps.
package gitea

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"code.gitea.io/sdk/gitea"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// maxComment is a bound of ours, in characters: Gitea has none.
const maxComment = 250_000

// Options is what a driver is made of.
type Options struct {
	Server string // base address; below a sub-path, with it
	Token  string
	HTTP   *http.Client // see forge/transport
}

// Forge is the driver.
type Forge struct {
	o  Options
	mu sync.Mutex
	me string // our login, once asked
}

// New makes a driver. It asks nothing yet.
func New(o Options) (*Forge, error) {
	o.Server = strings.TrimRight(o.Server, "/")
	if o.Server == "" {
		return nil, fault.New(fault.Usage, "the address of the Gitea server is not known").
			WithHint("set `forge: {kind: gitea, url: https://…}` in assay.yaml, or GITHUB_SERVER_URL as its runner does")
	}
	return &Forge{o: o}, nil
}

// client is the library's, which holds the context of a call.
func (f *Forge) client(ctx context.Context) *gitea.Client {
	c, err := gitea.NewClient(f.o.Server, gitea.SetGiteaVersion(""), gitea.SetToken(f.o.Token),
		gitea.SetHTTPClient(f.o.HTTP), gitea.SetContext(ctx), gitea.SetUserAgent("assay"))
	if err != nil {
		panic("gitea: a client that asks for no version cannot fail: " + err.Error())
	}
	return c
}

// split takes a project's name apart.
func split(project string) (owner, repo string, err error) {
	owner, repo, ok := strings.Cut(project, "/")
	if !ok || owner == "" || repo == "" || strings.Contains(repo, "/") {
		return "", "", fault.New(fault.Invalid, "%q is no project of Gitea", project).WithHint("it is OWNER/NAME")
	}
	return owner, repo, nil
}

// refused explains a failed call.
func (f *Forge) refused(doing, needs string, res *gitea.Response, err error) error {
	a := forge.Answer{Forge: "Gitea at " + f.o.Server, Doing: doing, Needs: needs, Err: err}
	if res != nil && res.Response != nil {
		a.Status, a.Message = res.StatusCode, err.Error()
	}
	return a.Fault()
}

func status(res *gitea.Response) int {
	if res == nil || res.Response == nil {
		return 0
	}
	return res.StatusCode
}

// Lacks lists what Gitea has not.
func (f *Forge) Lacks() []forge.Lack {
	return []forge.Lack{
		{Ability: forge.Deployments, Reason: "Gitea keeps no record of deployments; the Assay server does"},
		{Ability: forge.JobSummary, Reason: "Gitea shows job summaries from 1.27 on"},
	}
}

// MaxComment is the longest comment, in characters.
func (f *Forge) MaxComment() int { return maxComment }

// login asks once who we are.
func (f *Forge) login(ctx context.Context) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.me != "" {
		return f.me, nil
	}
	u, res, err := f.client(ctx).GetMyUserInfo()
	if err != nil {
		return "", f.refused("asking who we are", "`read:user`", res, err)
	}
	f.me = u.UserName
	return f.me, nil
}

// Identity asks who we are and what we may do. Gitea tells a token's scopes to
// nobody, so the rights are those of its user, and what a harmless call shows.
func (f *Forge) Identity(ctx context.Context, project string) (forge.Identity, error) {
	owner, repo, err := split(project)
	if err != nil {
		return forge.Identity{}, err
	}
	id := forge.Identity{Kind: "user"}
	id.Login, err = f.login(ctx)
	var res *gitea.Response
	switch {
	case fault.Is(err, fault.Denied): // a job's token may not ask
		id.Kind = "job"
	case err != nil:
		return id, err
	}
	r, res, err := f.client(ctx).GetRepo(owner, repo)
	read := forge.Right{Name: "read:repository", For: "reading merge requests", Grant: forge.Granted}
	if err != nil {
		if s := status(res); s != http.StatusUnauthorized && s != http.StatusForbidden && s != http.StatusNotFound {
			return id, f.refused("reading "+project, "`read:repository`", res, err)
		}
		read.Grant, read.Found = forge.Refused, fmt.Sprintf("reading %s answers %d: %s", project, status(res), err)
		read.Mend = "make a token with the scopes `write:repository` and `write:issue`, of a user who is a collaborator"
		id.Rights = []forge.Right{read}
		return id, nil
	}
	id.Rights = append(id.Rights, read)
	push := forge.Right{Name: "write:repository", For: "the check, merge requests made by CI", Grant: forge.Unknown}
	if r.Permissions != nil {
		push.Found = "the token's user may push"
		if !r.Permissions.Push {
			push.Grant, push.Found = forge.Refused, "the token's user may only read"
			push.Mend = "make the user a collaborator who may write, or use another user's token"
		}
	}
	return forge.Identity{Login: id.Login, Kind: id.Kind, Rights: append(id.Rights, push, f.mayComment(ctx, owner, repo))}, nil
}

// mayComment edits a comment that is not there: the scope is looked at before
// the comment is looked for, so that 404 says yes and 403 says no.
func (f *Forge) mayComment(ctx context.Context, owner, repo string) forge.Right {
	r := forge.Right{Name: "write:issue", For: "the comment and its pictures", Grant: forge.Unknown}
	_, res, err := f.client(ctx).EditIssueComment(owner, repo, 1<<52, gitea.EditIssueCommentOption{Body: "-"})
	switch {
	case status(res) == http.StatusNotFound:
		r.Grant = forge.Granted
	case err != nil && (status(res) == http.StatusForbidden || status(res) == http.StatusUnauthorized):
		r.Grant, r.Found, r.Mend = forge.Refused, err.Error(), "make a token with the scope `write:issue`"
	}
	return r
}
