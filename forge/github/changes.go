package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v89/github"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// What calls need, in the words of a workflow's `permissions:` block.
const (
	needsPulls       = "`pull-requests: read`"
	needsComment     = "`pull-requests: write`"
	needsStatus      = "`statuses: write`"
	needsStatusRead  = "`statuses: read`"
	needsDeployments = "`deployments: write`"
	needsActions     = "`actions: write`"
	needsContents    = "`contents: write`"
	needsMetadata    = "`contents: read`"
)

// Change returns a pull request.
func (f *Forge) Change(ctx context.Context, project string, number int) (forge.Change, error) {
	owner, repo, err := split(project)
	if err != nil {
		return forge.Change{}, err
	}
	p, res, err := f.client.PullRequests.Get(ctx, owner, repo, number)
	if err != nil {
		return forge.Change{}, f.refused(fmt.Sprintf("reading %s#%d", project, number), needsPulls, res, err)
	}
	return change(project, p), nil
}

func change(project string, p *github.PullRequest) forge.Change {
	c := forge.Change{
		Project: project, Number: p.GetNumber(), Title: p.GetTitle(), Body: p.GetBody(), Author: p.GetUser().GetLogin(),
		Source: p.GetHead().GetRef(), Target: p.GetBase().GetRef(), Fork: fork(p), Draft: p.GetDraft(),
		Head: p.GetHead().GetSHA(), State: forge.Open, URL: p.GetHTMLURL(),
	}
	for _, l := range p.Labels {
		c.Labels = append(c.Labels, l.GetName())
	}
	switch {
	case p.MergedAt != nil: // lists do not have Merged
		// Of an open one it is a merge that GitHub made for testing, on no branch.
		c.State, c.MergeCommit = forge.Merged, p.GetMergeCommitSHA()
	case p.GetState() == "closed":
		c.State = forge.Closed
	}
	return c
}

// fork is the project that the source is of, when it is another one. Of a fork
// that was deleted GitHub tells the owner alone.
func fork(p *github.PullRequest) string {
	head, base := p.GetHead(), p.GetBase()
	if head.GetRepo() == nil {
		owner := head.GetUser().GetLogin()
		if owner == "" {
			owner, _, _ = strings.Cut(head.GetLabel(), ":")
		}
		return owner + "/unknown-repository"
	}
	if strings.EqualFold(head.GetRepo().GetFullName(), base.GetRepo().GetFullName()) {
		return ""
	}
	return head.GetRepo().GetFullName()
}

// How well a pull request answers for a commit.
const (
	inside     = iota // the commit is somewhere in it, or not at all
	wasHead           // its head, but it is open no more
	headOfOpen        // the head of an open one
	mergedAs          // what merging it left on the target
)

func rank(p *github.PullRequest, commit string) int {
	head := p.GetHead().GetSHA() == commit
	switch {
	case p.MergedAt != nil && p.GetMergeCommitSHA() == commit:
		return mergedAs
	case head && p.GetState() == "open":
		return headOfOpen
	case head:
		return wasHead
	}
	return inside
}

// ChangeOfCommit finds the pull request that was merged as a commit, else the
// one whose head it is; one that merely contains it is no answer.
func (f *Forge) ChangeOfCommit(ctx context.Context, project, commit string) (forge.Change, error) {
	owner, repo, err := split(project)
	if err != nil {
		return forge.Change{}, err
	}
	if !isCommit(commit) {
		return forge.Change{}, forge.NoChange(project, commit)
	}
	best, found := (*github.PullRequest)(nil), inside
	for page := 1; page <= maxPages && page > 0; {
		list, res, err := f.client.PullRequests.ListPullRequestsWithCommit(ctx, owner, repo, commit, &github.ListOptions{Page: page, PerPage: pageSize})
		if s := status(res); s == http.StatusNotFound || s == http.StatusUnprocessableEntity || s == http.StatusConflict {
			return forge.Change{}, forge.NoChange(project, commit) // no such commit; 409: an empty repository
		}
		if err != nil {
			return forge.Change{}, f.refused("looking for the pull request of "+short(commit), needsPulls, res, err)
		}
		for _, p := range list {
			// A fork's commits lead to pull requests of the project above, too.
			if r := rank(p, commit); r > found && strings.EqualFold(p.GetBase().GetRepo().GetFullName(), project) {
				best, found = p, r
			}
		}
		page = next(res)
	}
	if best != nil && found > wasHead {
		return change(project, best), nil
	}
	// The commits of forks are not in that list.
	c, open, err := f.openWithHead(ctx, project, commit)
	switch {
	case err != nil:
		return forge.Change{}, err
	case open:
		return c, nil
	case best != nil:
		return change(project, best), nil
	}
	return forge.Change{}, forge.NoChange(project, commit)
}

// next is the number of the next page, 0 at the end.
func next(res *github.Response) int {
	if res == nil {
		return 0
	}
	return res.NextPage
}

// maxOpenPages bounds the search through open pull requests, the last touched
// first: a job's own is among them.
const maxOpenPages = 10

func (f *Forge) openWithHead(ctx context.Context, project, commit string) (forge.Change, bool, error) {
	owner, repo, err := split(project)
	if err != nil {
		return forge.Change{}, false, err
	}
	o := &github.PullRequestListOptions{State: "open", Sort: "updated", Direction: "desc", ListOptions: github.ListOptions{Page: 1, PerPage: pageSize}}
	for o.Page <= maxOpenPages && o.Page > 0 {
		list, res, err := f.client.PullRequests.List(ctx, owner, repo, o)
		if err != nil {
			return forge.Change{}, false, f.refused("listing the pull requests of "+project, needsPulls, res, err)
		}
		for _, p := range list {
			if p.GetHead().GetSHA() == commit {
				return change(project, p), true, nil
			}
		}
		o.Page = next(res)
	}
	return forge.Change{}, false, nil
}

// OpenChange opens a pull request of a pushed branch, of this project or of
// c.Fork. If only its labels are refused, it comes back together with the error.
func (f *Forge) OpenChange(ctx context.Context, project string, c forge.Change) (forge.Change, error) {
	owner, repo, err := split(project)
	if err != nil {
		return c, err
	}
	p := &github.NewPullRequest{Title: &c.Title, Head: &c.Source, Base: &c.Target, Body: &c.Body, Draft: &c.Draft}
	if c.Fork != "" {
		from, name, err := split(c.Fork)
		if err != nil {
			return c, err
		}
		p.Head = github.Ptr(from + ":" + c.Source)
		if from == owner {
			p.HeadRepo = &name // two projects of one owner
		}
	}
	made, res, err := f.client.PullRequests.Create(ctx, owner, repo, p)
	switch {
	case status(res) == http.StatusUnprocessableEntity && strings.Contains(message(err), "already exists"):
		return c, fault.New(fault.Exists, "there is an open pull request of %s already: %w", c.Source, err)
	case err != nil:
		return c, f.refused("opening a pull request of "+c.Source, needsComment, res, err)
	}
	out := change(project, made)
	if len(c.Labels) > 0 {
		out.Labels, err = f.label(ctx, owner, repo, out.Number, c.Labels)
	}
	return out, err
}

// label adds labels; GitHub makes those that are not there.
func (f *Forge) label(ctx context.Context, owner, repo string, number int, names []string) ([]string, error) {
	doing := fmt.Sprintf("labeling %s/%s#%d", owner, repo, number)
	// The library sends a bare list, which GitHub takes but does not describe.
	req, err := f.client.NewRequest(ctx, http.MethodPost, fmt.Sprintf("repos/%s/%s/issues/%d/labels", owner, repo, number),
		map[string][]string{"labels": names})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	var labels []*github.Label
	if res, err := f.client.Do(req, &labels); err != nil {
		return nil, f.refused(doing, needsComment, res, err)
	}
	var out []string
	for _, l := range labels {
		out = append(out, l.GetName())
	}
	return out, nil
}
