package gitlab

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// What calls need, in GitLab's words.
const (
	needsRead      = "the scope `read_api` and the role Reporter"
	needsWrite     = "the scope `api` and the role Reporter"
	needsDeveloper = "the scope `api` and the role Developer"
)

// Change returns a merge request.
func (f *Forge) Change(ctx context.Context, project string, number int) (forge.Change, error) {
	if err := checked(project); err != nil {
		return forge.Change{}, err
	}
	m, res, err := f.client.MergeRequests.GetMergeRequest(project, int64(number), nil, gitlab.WithContext(ctx))
	if err != nil {
		return forge.Change{}, f.refused(fmt.Sprintf("reading %s!%d", project, number), needsRead, res, err)
	}
	return f.change(ctx, project, &m.BasicMergeRequest)
}

// change reads GitLab's merge request.
func (f *Forge) change(ctx context.Context, project string, m *gitlab.BasicMergeRequest) (forge.Change, error) {
	c := forge.Change{
		Project: project, Number: int(m.IID), Title: m.Title, Body: m.Description, Source: m.SourceBranch, Target: m.TargetBranch,
		Draft: m.Draft, Labels: m.Labels, Head: m.SHA, State: forge.Open, URL: m.WebURL,
	}
	if m.Author != nil {
		c.Author = m.Author.Username
	}
	if m.SourceProjectID != m.TargetProjectID {
		c.Fork = f.fork(ctx, m.SourceProjectID)
	}
	var err error
	switch m.State {
	case "merged":
		c.State = forge.Merged
		c.MergeCommit, err = f.mergedAs(ctx, project, m)
	case "closed":
		c.State = forge.Closed
	} // "opened", and "locked": being merged just now
	return c, err
}

// fork names the project that a change comes from. One that is gone, or that
// the token may not see, is another one all the same.
func (f *Forge) fork(ctx context.Context, id int64) string {
	if id != 0 {
		if p, _, err := f.client.Projects.GetProject(id, nil, gitlab.WithContext(ctx)); err == nil {
			return p.PathWithNamespace
		}
	}
	return fmt.Sprintf("unknown/project-%d", id)
}

// mergedAs is what merging left at the tip of the target. It depends on the
// project's merge method, and on whether the request was squashed:
//
//   - merge commit, and merge commit with semi-linear history: merge_commit_sha
//     (squashed or not: squash_commit_sha is then its second parent);
//   - fast-forward, squashed: squash_commit_sha, merge_commit_sha being null;
//   - fast-forward: both are null, and the head itself is on the target. "Rebase"
//     on the page rewrites the source first, so that its new head is that;
//   - fast-forward with automatic rebase before merging: both are null, the
//     source and its head stay as they are, and the rebased commit on the target
//     is not told. It is left empty here; whoever comes with the commit finds
//     the request all the same (see ChangeOfCommit).
func (f *Forge) mergedAs(ctx context.Context, project string, m *gitlab.BasicMergeRequest) (string, error) {
	switch {
	case m.MergeCommitSHA != "":
		return m.MergeCommitSHA, nil
	case m.SquashCommitSHA != "":
		return m.SquashCommitSHA, nil
	case m.SHA == "":
		return "", nil
	}
	// What of the head is not on the target: nothing, if it was fast-forwarded.
	missing, res, err := f.client.Commits.ListCommits(project, &gitlab.ListCommitsOptions{
		ListOptions: gitlab.ListOptions{PerPage: 1}, RefName: gitlab.Ptr(m.TargetBranch + ".." + m.SHA),
	}, gitlab.WithContext(ctx))
	switch {
	case status(res) == http.StatusNotFound: // the target is gone
		return "", nil
	case err != nil:
		return "", f.refused(fmt.Sprintf("looking for what %s!%d was merged as", project, m.IID), needsRead, res, err)
	case len(missing) > 0:
		return "", nil
	}
	return m.SHA, nil
}

// How well a merge request answers for a commit.
const (
	inside     = iota // the commit is somewhere in it
	wasHead           // its head, but it is open no more
	headOfOpen        // the head of an open one
	rebasedAs         // what an automatic rebase may have left on the target
	mergedAs          // what merging it left on the target
)

func rank(m *gitlab.BasicMergeRequest, commit string) int {
	merged := m.State == "merged"
	switch {
	case merged && (m.MergeCommitSHA == commit || m.SquashCommitSHA == commit),
		merged && m.MergeCommitSHA == "" && m.SquashCommitSHA == "" && m.SHA == commit:
		return mergedAs
	case m.SHA == commit && (m.State == "opened" || m.State == "locked"):
		return headOfOpen
	case m.SHA == commit:
		return wasHead
	case merged && m.MergeCommitSHA == "":
		return rebasedAs
	}
	return inside
}

// ChangeOfCommit finds the merge request that was merged as a commit, else the
// one whose head it is, or was; one that merely contains it is no answer.
func (f *Forge) ChangeOfCommit(ctx context.Context, project, commit string) (forge.Change, error) {
	if err := checked(project); err != nil {
		return forge.Change{}, err
	}
	if !isCommit(commit) {
		return forge.Change{}, forge.NoChange(project, commit)
	}
	byRank := map[int][]*gitlab.BasicMergeRequest{}
	res, err := each(func(o gitlab.RequestOptionFunc) ([]*gitlab.BasicMergeRequest, *gitlab.Response, error) {
		return f.client.Commits.ListMergeRequestsByCommit(project, commit, o, gitlab.WithContext(ctx))
	}, func(list []*gitlab.BasicMergeRequest) bool {
		for _, m := range list {
			r := rank(m, commit)
			byRank[r] = append(byRank[r], m)
		}
		return true
	})
	switch {
	case status(res) == http.StatusNotFound && strings.Contains(message(res, err), "Commit"):
		return forge.Change{}, forge.NoChange(project, commit)
	case err != nil:
		return forge.Change{}, f.refused("looking for the merge request of "+short(commit), needsRead, res, err)
	}
	for _, r := range []int{mergedAs, rebasedAs, headOfOpen, wasHead} {
		for _, m := range byRank[r] {
			if r == rebasedAs {
				if is, err := f.rebased(ctx, project, m, commit); err != nil || !is {
					if err != nil {
						return forge.Change{}, err
					}
					continue
				}
			}
			c, err := f.change(ctx, project, m)
			if r == rebasedAs {
				c.MergeCommit = commit
			}
			return c, err
		}
	}
	return f.withOlderHead(ctx, project, commit, byRank[inside])
}

// withOlderHead finds the open request whose head a commit was before the last
// pushes: the pipeline of that push may still run, and report. One that merely
// contains the commit is no answer.
func (f *Forge) withOlderHead(ctx context.Context, project, commit string, list []*gitlab.BasicMergeRequest) (forge.Change, error) {
	for _, m := range list {
		if m.State != "opened" {
			continue
		}
		versions, err := f.versions(ctx, forge.Change{Project: project, Number: int(m.IID)})
		if err != nil {
			return forge.Change{}, err
		}
		for _, v := range versions {
			if v.HeadCommitSHA == commit {
				return f.change(ctx, project, m)
			}
		}
	}
	return forge.Change{}, forge.NoChange(project, commit)
}

// rebased says whether a commit is what an automatic rebase left: GitLab then
// lists the request for it (it keeps the commit as merged_commit_sha, which it
// does not show), though the request does not contain it.
func (f *Forge) rebased(ctx context.Context, project string, m *gitlab.BasicMergeRequest, commit string) (bool, error) {
	contains := false
	res, err := each(func(o gitlab.RequestOptionFunc) ([]*gitlab.Commit, *gitlab.Response, error) {
		return f.client.MergeRequests.GetMergeRequestCommits(project, m.IID, nil, o, gitlab.WithContext(ctx))
	}, func(list []*gitlab.Commit) bool {
		for _, c := range list {
			contains = contains || c.ID == commit
		}
		return !contains
	})
	if err != nil {
		return false, f.refused(fmt.Sprintf("reading the commits of %s!%d", project, m.IID), needsRead, res, err)
	}
	return !contains, nil
}

// draft is how a title says that its request is not ready.
const draft = "Draft: "

// OpenChange opens a merge request of a pushed branch, of this project or of
// c.Fork.
func (f *Forge) OpenChange(ctx context.Context, project string, c forge.Change) (forge.Change, error) {
	if err := checked(project); err != nil {
		return c, err
	}
	o := &gitlab.CreateMergeRequestOptions{
		Title: &c.Title, Description: &c.Body, SourceBranch: &c.Source, TargetBranch: &c.Target,
	}
	if c.Draft && !strings.HasPrefix(c.Title, draft) {
		o.Title = gitlab.Ptr(draft + c.Title)
	}
	if len(c.Labels) > 0 {
		o.Labels = gitlab.Ptr(gitlab.LabelOptions(c.Labels))
	}
	from := project
	if c.Fork != "" && c.Fork != project {
		from = c.Fork
		p, res, err := f.client.Projects.GetProject(project, nil, gitlab.WithContext(ctx))
		if err != nil {
			return c, f.refused("reading "+project, needsRead, res, err)
		}
		o.TargetProjectID = &p.ID
	}
	// GitLab opens one of a branch that is not there, and shows it as empty.
	if _, res, err := f.client.Commits.GetCommit(from, c.Source, nil, gitlab.WithContext(ctx)); err != nil {
		return c, f.refused("looking for the branch "+c.Source+" of "+from, needsRead, res, err)
	}
	m, res, err := f.client.MergeRequests.CreateMergeRequest(from, o, gitlab.WithContext(ctx))
	switch {
	case status(res) == http.StatusConflict && err != nil:
		return c, fault.New(fault.Exists, "there is an open merge request of %s already: %w", c.Source, err)
	case err != nil:
		return c, f.refused("opening a merge request of "+c.Source, needsDeveloper, res, err)
	}
	return f.change(ctx, project, &m.BasicMergeRequest)
}
