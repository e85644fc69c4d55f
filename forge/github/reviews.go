package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-github/v89/github"

	"github.com/assay-ml/assay/forge"
)

// Approvals lists whose newest review approves, of those whom GitHub itself
// counts: on a public project anybody may press the button, and only the word of
// people who may write lets a pull request through.
func (f *Forge) Approvals(ctx context.Context, c forge.Change) ([]forge.Approval, error) {
	owner, repo, err := split(c.Project)
	if err != nil {
		return nil, err
	}
	newest, err := f.newestReviews(ctx, owner, repo, c.Number)
	if err != nil {
		return nil, err
	}
	var out []forge.Approval
	for who, r := range newest {
		if r.GetState() != "APPROVED" {
			continue
		}
		counts, err := f.mayWrite(ctx, owner, repo, r)
		if err != nil {
			return nil, err
		}
		if counts {
			out = append(out, forge.Approval{Who: who, At: r.GetSubmittedAt().UnixMilli(), Head: r.GetCommitID()})
		}
	}
	slices.SortFunc(out, func(a, b forge.Approval) int { return strings.Compare(a.Who, b.Who) })
	return out, nil
}

// newestReviews are the last reviews that say something, by person. One that was
// dismissed stays in its place and says so.
func (f *Forge) newestReviews(ctx context.Context, owner, repo string, number int) (map[string]*github.PullRequestReview, error) {
	newest := map[string]*github.PullRequestReview{}
	for page := 1; page <= maxPages && page > 0; {
		list, res, err := f.client.PullRequests.ListReviews(ctx, owner, repo, number, &github.ListOptions{Page: page, PerPage: pageSize})
		if err != nil {
			return nil, f.refused(fmt.Sprintf("reading the reviews of %s/%s#%d", owner, repo, number), needsPulls, res, err)
		}
		for _, r := range list {
			who := r.GetUser().GetLogin() // empty: the account is gone
			if s := r.GetState(); who == "" || s != "APPROVED" && s != "CHANGES_REQUESTED" && s != "DISMISSED" {
				continue
			}
			if old := newest[who]; old == nil || old.GetID() < r.GetID() {
				newest[who] = r
			}
		}
		page = next(res)
	}
	return newest, nil
}

// mayWrite asks for a reviewer's role; where that is not told, what the review
// itself says of its author must do.
func (f *Forge) mayWrite(ctx context.Context, owner, repo string, r *github.PullRequestReview) (bool, error) {
	who := r.GetUser().GetLogin()
	if isName(who) {
		p, res, err := f.client.Repositories.GetPermissionLevel(ctx, owner, repo, who)
		if err == nil {
			return p.GetPermission() == "admin" || p.GetPermission() == "write", nil
		}
		if s := status(res); s != http.StatusForbidden && s != http.StatusNotFound || limited(err) {
			return false, f.refused("asking whether "+who+" may write to "+owner+"/"+repo, needsMetadata, res, err)
		}
	}
	return slices.Contains([]string{"OWNER", "MEMBER", "COLLABORATOR"}, r.GetAuthorAssociation()), nil
}
