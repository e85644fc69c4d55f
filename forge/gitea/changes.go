package gitea

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"code.gitea.io/sdk/gitea"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// pageSize is the greatest that a Gitea as installed gives.
const pageSize = 50

// maxPages bounds a listing.
const maxPages = 200

// Change returns a merge request.
func (f *Forge) Change(ctx context.Context, project string, number int) (forge.Change, error) {
	owner, repo, err := split(project)
	if err != nil {
		return forge.Change{}, err
	}
	p, res, err := f.client(ctx).GetPullRequest(owner, repo, int64(number))
	if err != nil {
		return forge.Change{}, f.refused(fmt.Sprintf("reading %s#%d", project, number), "`read:repository`", res, err)
	}
	return change(project, p), nil
}

func change(project string, p *gitea.PullRequest) forge.Change {
	c := forge.Change{
		Project: project, Number: int(p.Index), Title: p.Title, Body: p.Body, State: forge.Open, URL: p.HTMLURL, Draft: p.Draft,
	}
	if p.Poster != nil {
		c.Author = p.Poster.UserName
	}
	if p.Base != nil {
		c.Target = p.Base.Ref
	}
	if p.Head != nil {
		// A branch that is gone after the merge is "refs/pull/N/head" in Ref; its
		// name stays in the label.
		c.Source, c.Head = p.Head.Ref, p.Head.Sha
		if strings.HasPrefix(c.Source, "refs/pull/") {
			c.Source = p.Head.Name
		}
		if r := p.Head.Repository; r != nil && p.Base != nil && p.Head.RepoID != p.Base.RepoID {
			c.Fork = r.FullName
		}
	}
	for _, l := range p.Labels {
		c.Labels = append(c.Labels, l.Name)
	}
	switch {
	case p.HasMerged:
		c.State = forge.Merged
		if p.MergedCommitID != nil {
			c.MergeCommit = *p.MergedCommitID
		}
	case p.State == gitea.StateClosed:
		c.State = forge.Closed
	}
	return c
}

// ChangeOfCommit finds the merge request that was merged as a commit, else the
// one whose head it is.
func (f *Forge) ChangeOfCommit(ctx context.Context, project, commit string) (forge.Change, error) {
	owner, repo, err := split(project)
	if err != nil {
		return forge.Change{}, err
	}
	p, res, err := f.client(ctx).GetCommitPullRequest(owner, repo, commit)
	if err == nil {
		return change(project, p), nil
	}
	if status(res) != http.StatusNotFound {
		return forge.Change{}, f.refused("looking for the merge request of "+short(commit), "`read:repository`", res, err)
	}
	// Open ones first: the newest push is the likely question.
	for _, state := range []gitea.StateType{gitea.StateOpen, gitea.StateClosed} {
		c, found, err := f.withHead(ctx, project, commit, state)
		if err != nil || found {
			return c, err
		}
	}
	return forge.Change{}, forge.NoChange(project, commit)
}

// withHead looks through the merge requests of a state, the last touched first.
func (f *Forge) withHead(ctx context.Context, project, commit string, state gitea.StateType) (forge.Change, bool, error) {
	owner, repo, err := split(project)
	if err != nil {
		return forge.Change{}, false, err
	}
	for page := 1; page <= maxPages; page++ {
		list, res, err := f.client(ctx).ListRepoPullRequests(owner, repo, gitea.ListPullRequestsOptions{
			State: state, Sort: "recentupdate", ListOptions: gitea.ListOptions{Page: page, PageSize: pageSize},
		})
		if err != nil {
			return forge.Change{}, false, f.refused("listing the merge requests of "+project, "`read:repository`", res, err)
		}
		for _, p := range list {
			if p.Head != nil && p.Head.Sha == commit {
				return change(project, p), true, nil
			}
		}
		if res.NextPage == 0 || len(list) == 0 {
			break
		}
	}
	return forge.Change{}, false, nil
}

func short(commit string) string { return commit[:min(len(commit), 8)] }

// OpenChange opens a merge request of a pushed branch. A draft is one whose
// title says so, as Gitea has it.
func (f *Forge) OpenChange(ctx context.Context, project string, c forge.Change) (forge.Change, error) {
	owner, repo, err := split(project)
	if err != nil {
		return c, err
	}
	title := c.Title
	if c.Draft && !strings.HasPrefix(title, "WIP:") {
		title = "WIP: " + title
	}
	labels, err := f.labels(ctx, owner, repo, c.Labels)
	if err != nil {
		return c, err
	}
	p, res, err := f.client(ctx).CreatePullRequest(owner, repo, gitea.CreatePullRequestOption{
		Head: c.Source, Base: c.Target, Title: title, Body: c.Body, Labels: labels,
	})
	switch {
	case status(res) == http.StatusConflict && err != nil:
		return c, fault.New(fault.Exists, "there is an open merge request of %s already: %w", c.Source, err)
	case err != nil:
		return c, f.refused("opening a merge request of "+c.Source, "`write:repository`", res, err)
	}
	return change(project, p), nil
}

// labels finds the ids of labels by name; one that is not there is left out,
// for only people make labels.
func (f *Forge) labels(ctx context.Context, owner, repo string, names []string) ([]int64, error) {
	if len(names) == 0 {
		return nil, nil
	}
	var out []int64
	for page := 1; page <= maxPages; page++ {
		list, res, err := f.client(ctx).ListRepoLabels(owner, repo, gitea.ListLabelsOptions{ListOptions: gitea.ListOptions{Page: page, PageSize: pageSize}})
		if err != nil {
			return nil, f.refused("listing the labels of "+owner+"/"+repo, "`read:issue`", res, err)
		}
		for _, l := range list {
			if slices.Contains(names, l.Name) {
				out = append(out, l.ID)
			}
		}
		if res.NextPage == 0 || len(list) == 0 {
			break
		}
	}
	return out, nil
}

// Approvals lists whose newest review approves. A review says which commit it
// was of; one that was dismissed is none.
func (f *Forge) Approvals(ctx context.Context, c forge.Change) ([]forge.Approval, error) {
	owner, repo, err := split(c.Project)
	if err != nil {
		return nil, err
	}
	newest := map[string]*gitea.PullReview{}
	for page := 1; page <= maxPages; page++ {
		list, res, err := f.client(ctx).ListPullReviews(owner, repo, int64(c.Number), gitea.ListPullReviewsOptions{
			ListOptions: gitea.ListOptions{Page: page, PageSize: pageSize},
		})
		if err != nil {
			return nil, f.refused(fmt.Sprintf("reading the reviews of %s#%d", c.Project, c.Number), "`read:repository`", res, err)
		}
		for _, r := range list {
			if r.Reviewer == nil || r.State != gitea.ReviewStateApproved && r.State != gitea.ReviewStateRequestChanges {
				continue
			}
			if old := newest[r.Reviewer.UserName]; old == nil || old.ID < r.ID {
				newest[r.Reviewer.UserName] = r
			}
		}
		if res.NextPage == 0 || len(list) == 0 {
			break
		}
	}
	var out []forge.Approval
	for who, r := range newest {
		if r.State == gitea.ReviewStateApproved && !r.Dismissed {
			out = append(out, forge.Approval{Who: who, At: r.Submitted.UnixMilli(), Head: r.CommitID})
		}
	}
	slices.SortFunc(out, func(a, b forge.Approval) int { return strings.Compare(a.Who, b.Who) })
	return out, nil
}
