package gitea

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"code.gitea.io/sdk/gitea"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// Comments lists the comments of a merge request, oldest first.
func (f *Forge) Comments(ctx context.Context, c forge.Change) ([]forge.Comment, error) {
	owner, repo, err := split(c.Project)
	if err != nil {
		return nil, err
	}
	me, err := f.login(ctx)
	if err != nil && !fault.Is(err, fault.Denied) {
		return nil, err
	}
	var out []forge.Comment
	seen := map[int64]bool{} // Gitea gives all in one page, whatever is asked for
	for page := 1; page <= maxPages; page++ {
		list, res, err := f.client(ctx).ListIssueComments(owner, repo, int64(c.Number), gitea.ListIssueCommentOptions{
			ListOptions: gitea.ListOptions{Page: page, PageSize: pageSize},
		})
		if err != nil {
			return nil, f.refused(fmt.Sprintf("reading the comments of %s#%d", c.Project, c.Number), "`read:issue`", res, err)
		}
		before := len(out)
		for _, m := range list {
			if !seen[m.ID] {
				seen[m.ID] = true
				out = append(out, comment(m, me))
			}
		}
		if res.NextPage == 0 || len(out) == before {
			break
		}
	}
	return out, nil
}

// actions is the user whom a job's token acts as; it may not ask for its name.
const actions = "gitea-actions"

func comment(m *gitea.Comment, me string) forge.Comment {
	c := forge.Comment{
		ID: strconv.FormatInt(m.ID, 10), Body: m.Body, Created: m.Created.UnixMilli(), Updated: m.Updated.UnixMilli(), URL: m.HTMLURL,
	}
	if m.Poster != nil {
		c.Author = m.Poster.UserName
	}
	c.Own = c.Author != "" && (c.Author == me || me == "" && (c.Author == actions || c.Author == "forgejo-actions"))
	return c
}

// CreateComment adds a comment.
func (f *Forge) CreateComment(ctx context.Context, c forge.Change, body string) (forge.Comment, error) {
	owner, repo, err := split(c.Project)
	if err != nil {
		return forge.Comment{}, err
	}
	if err := forge.CheckLength(body, maxComment); err != nil {
		return forge.Comment{}, err
	}
	m, res, err := f.client(ctx).CreateIssueComment(owner, repo, int64(c.Number), gitea.CreateIssueCommentOption{Body: body})
	if err != nil {
		return forge.Comment{}, f.refused(fmt.Sprintf("posting a comment on %s#%d", c.Project, c.Number), "`write:issue`", res, err)
	}
	return own(m), nil
}

// EditComment replaces the text of a comment.
func (f *Forge) EditComment(ctx context.Context, c forge.Change, id, body string) (forge.Comment, error) {
	owner, repo, n, err := commentOf(c, id)
	if err != nil {
		return forge.Comment{}, err
	}
	if err := forge.CheckLength(body, maxComment); err != nil {
		return forge.Comment{}, err
	}
	m, res, err := f.client(ctx).EditIssueComment(owner, repo, n, gitea.EditIssueCommentOption{Body: body})
	if err != nil {
		return forge.Comment{}, f.refused("editing our comment", "`write:issue`", res, err)
	}
	return own(m), nil
}

// DeleteComment takes a comment away.
func (f *Forge) DeleteComment(ctx context.Context, c forge.Change, id string) error {
	owner, repo, n, err := commentOf(c, id)
	if err != nil {
		return err
	}
	if res, err := f.client(ctx).DeleteIssueComment(owner, repo, n); err != nil {
		return f.refused("deleting our comment", "`write:issue`", res, err)
	}
	return nil
}

func own(m *gitea.Comment) forge.Comment {
	c := comment(m, "")
	c.Own = true
	return c
}

// Attachments lists what a comment has, address by name.
func (f *Forge) Attachments(ctx context.Context, c forge.Change, comment string) (map[string]string, error) {
	all, err := f.attachments(ctx, c, comment)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, a := range all {
		out[a.Name] = a.DownloadURL
	}
	return out, nil
}

func (f *Forge) attachments(ctx context.Context, c forge.Change, comment string) ([]*gitea.Attachment, error) {
	owner, repo, id, err := commentOf(c, comment)
	if err != nil {
		return nil, err
	}
	all, res, err := f.client(ctx).ListIssueCommentAttachments(owner, repo, id)
	if err != nil {
		return nil, f.refused("listing the pictures of our comment", "`read:issue`", res, err)
	}
	return all, nil
}

// Attach keeps a picture with the comment that shows it.
func (f *Forge) Attach(ctx context.Context, c forge.Change, comment, name string, r io.Reader) (string, error) {
	owner, repo, id, err := commentOf(c, comment)
	if err != nil {
		return "", err
	}
	a, res, err := f.client(ctx).CreateIssueCommentAttachment(owner, repo, id, r, name)
	if err != nil {
		return "", f.refused("uploading "+name, "`write:issue`", res, err)
	}
	return a.DownloadURL, nil
}

// Detach takes a picture away from a comment.
func (f *Forge) Detach(ctx context.Context, c forge.Change, comment, name string) error {
	owner, repo, id, err := commentOf(c, comment)
	if err != nil {
		return err
	}
	all, err := f.attachments(ctx, c, comment)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Name != name {
			continue
		}
		if res, err := f.client(ctx).DeleteIssueCommentAttachment(owner, repo, id, a.ID); err != nil {
			return f.refused("taking the picture "+name+" away", "`write:issue`", res, err)
		}
	}
	return nil
}

// commentOf takes the names of a comment apart.
func commentOf(c forge.Change, comment string) (owner, repo string, id int64, err error) {
	if owner, repo, err = split(c.Project); err != nil {
		return owner, repo, 0, err
	}
	if id, err = strconv.ParseInt(comment, 10, 64); err != nil {
		return owner, repo, 0, fault.New(fault.Invalid, "%q is no comment's id", comment)
	}
	return owner, repo, id, nil
}

// Upload keeps a picture as an attachment of the merge request, where it is
// read by whoever may read that.
func (f *Forge) Upload(ctx context.Context, c forge.Change, name string, r io.Reader) (string, error) {
	owner, repo, err := split(c.Project)
	if err != nil {
		return "", err
	}
	a, res, err := f.client(ctx).CreateIssueAttachment(owner, repo, int64(c.Number), r, name)
	if err != nil {
		return "", f.refused("uploading "+name, "`write:issue`", res, err)
	}
	return a.DownloadURL, nil
}

// maxDescription bounds the line of a check, in characters, as the page shows it.
const maxDescription = 255

// SetCheck sets a commit's status.
func (f *Forge) SetCheck(ctx context.Context, project, commit string, check forge.Check) error {
	owner, repo, err := split(project)
	if err != nil {
		return err
	}
	_, res, err := f.client(ctx).CreateStatus(owner, repo, commit, gitea.CreateStatusOption{
		State: states[check.State], TargetURL: check.URL, Description: cut(check.Summary, maxDescription), Context: check.Name,
	})
	if err != nil {
		return f.refused("setting the check of "+short(commit), "`write:repository`", res, err)
	}
	return nil
}

// states: Gitea has no neutral colour; yellow would hold a merge that waits for
// green, so what could not be told is green and says it in words.
var states = map[forge.CheckState]gitea.StatusState{
	forge.Pending: gitea.StatusPending, forge.Success: gitea.StatusSuccess, forge.Failure: gitea.StatusFailure, forge.Neutral: gitea.StatusSuccess,
}

// Checks lists the newest status of each name.
func (f *Forge) Checks(ctx context.Context, project, commit string) ([]forge.Check, error) {
	owner, repo, err := split(project)
	if err != nil {
		return nil, err
	}
	all, res, err := f.client(ctx).GetCombinedStatus(owner, repo, commit)
	if err != nil {
		return nil, f.refused("reading the checks of "+short(commit), "`read:repository`", res, err)
	}
	var out []forge.Check
	for _, s := range all.Statuses {
		c := forge.Check{Name: s.Context, State: forge.Failure, Summary: s.Description, URL: s.TargetURL}
		switch s.State {
		case gitea.StatusPending:
			c.State = forge.Pending
		case gitea.StatusSuccess:
			c.State = forge.Success
		}
		out = append(out, c)
	}
	return out, nil
}

// cut shortens a line, in characters, and says so.
func cut(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return strings.TrimSpace(string(r[:most-1])) + "…"
}

// Deploy is not offered: see Lacks.
func (f *Forge) Deploy(context.Context, string, forge.Deployment) (forge.Deployment, error) {
	return forge.Deployment{}, fault.New(fault.Unsupported, "Gitea keeps no record of deployments")
}

// Trigger starts a workflow by hand (workflow_dispatch); the variables are its
// inputs.
func (f *Forge) Trigger(ctx context.Context, t forge.Trigger) (forge.Pipeline, error) {
	owner, repo, err := split(t.Project)
	if err != nil {
		return forge.Pipeline{}, err
	}
	if t.Workflow == "" {
		return forge.Pipeline{}, fault.New(fault.Usage, "Gitea starts a workflow by its file's name").WithHint("name it, e.g. deploy.yml")
	}
	if t.Ref == "" {
		r, res, err := f.client(ctx).GetRepo(owner, repo)
		if err != nil {
			return forge.Pipeline{}, f.refused("reading "+t.Project, "`read:repository`", res, err)
		}
		t.Ref = r.DefaultBranch
	}
	d, res, err := f.client(ctx).DispatchRepoActionWorkflow(owner, repo, t.Workflow, gitea.CreateActionWorkflowDispatchOption{Ref: t.Ref, Inputs: t.Variables}, true)
	switch {
	case err != nil && status(res)/100 == 2:
		return forge.Pipeline{}, nil // before 1.26 the answer is empty
	case err != nil:
		return forge.Pipeline{}, f.refused("starting "+t.Workflow+" of "+t.Project, "`write:repository`", res, err)
	}
	return forge.Pipeline{ID: strconv.FormatInt(d.WorkflowRunID, 10), URL: d.HTMLURL}, nil
}
