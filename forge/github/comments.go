package github

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/go-github/v89/github"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// Comments lists the comments of a pull request, oldest first, as GitHub has
// them.
func (f *Forge) Comments(ctx context.Context, c forge.Change) ([]forge.Comment, error) {
	owner, repo, err := split(c.Project)
	if err != nil {
		return nil, err
	}
	me, err := f.whose(ctx)
	if err != nil {
		return nil, err
	}
	var out []forge.Comment
	o := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{Page: 1, PerPage: pageSize}}
	for o.Page <= maxPages && o.Page > 0 {
		list, res, err := f.client.Issues.ListComments(ctx, owner, repo, c.Number, o)
		if err != nil {
			return nil, f.refused(fmt.Sprintf("reading the comments of %s#%d", c.Project, c.Number), needsPulls, res, err)
		}
		for _, m := range list {
			out = append(out, comment(m, me.wrote(m)))
		}
		o.Page = next(res)
	}
	return out, nil
}

func comment(m *github.IssueComment, own bool) forge.Comment {
	return forge.Comment{
		ID: strconv.FormatInt(m.GetID(), 10), Author: m.GetUser().GetLogin(), Body: m.GetBody(), Own: own,
		Created: m.GetCreatedAt().UnixMilli(), Updated: m.GetUpdatedAt().UnixMilli(), URL: m.GetHTMLURL(),
	}
}

// wrote says whether a comment is ours. A job's token acts as
// github-actions[bot], another app's as that app's bot, and neither may ask
// which it is: any bot's comment may be ours then. What looks for its own
// comment looks for its own mark in it, too, and writes a new one where editing
// is refused; a person's comment is never taken for ours.
func (w who) wrote(m *github.IssueComment) bool {
	if w.login != "" {
		return strings.EqualFold(m.GetUser().GetLogin(), w.login)
	}
	return w.kind == "job" && m.GetUser().GetType() == "Bot"
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
	m, res, err := f.client.Issues.CreateComment(ctx, owner, repo, c.Number, &github.IssueComment{Body: &body})
	if err != nil {
		return forge.Comment{}, f.refused(fmt.Sprintf("posting a comment on %s#%d", c.Project, c.Number), needsComment, res, err)
	}
	f.learn(m.GetUser().GetLogin())
	return comment(m, true), nil
}

// EditComment replaces the text of a comment. GitHub lets whoever may write to
// the project edit everybody's: callers edit those that are their own.
func (f *Forge) EditComment(ctx context.Context, c forge.Change, id, body string) (forge.Comment, error) {
	owner, repo, n, err := locate(c, id)
	if err != nil {
		return forge.Comment{}, err
	}
	if err := forge.CheckLength(body, maxComment); err != nil {
		return forge.Comment{}, err
	}
	m, res, err := f.client.Issues.EditComment(ctx, owner, repo, n, &github.IssueComment{Body: &body})
	if err != nil {
		return forge.Comment{}, f.refused("editing our comment", needsComment, res, err)
	}
	return comment(m, true), nil
}

// DeleteComment takes a comment away.
func (f *Forge) DeleteComment(ctx context.Context, c forge.Change, id string) error {
	owner, repo, n, err := locate(c, id)
	if err != nil {
		return err
	}
	if res, err := f.client.Issues.DeleteComment(ctx, owner, repo, n); err != nil {
		return f.refused("deleting our comment", needsComment, res, err)
	}
	return nil
}

// locate takes apart what names a comment.
func locate(c forge.Change, id string) (owner, repo string, n int64, err error) {
	if owner, repo, err = split(c.Project); err != nil {
		return
	}
	if n, err = strconv.ParseInt(id, 10, 64); err != nil || n <= 0 {
		err = fault.New(fault.Invalid, "%q is no comment's id", id)
	}
	return
}

// Upload is not offered: see Lacks.
func (f *Forge) Upload(context.Context, forge.Change, string, io.Reader) (string, error) {
	return "", fault.New(fault.Unsupported, "GitHub has no API that takes pictures for comments").
		WithHint("keep them on the Assay server or in an object store that GitHub can read")
}
