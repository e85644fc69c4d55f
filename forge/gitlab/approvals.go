package gitlab

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/assay-ml/assay/forge"
)

// Approvals lists who approves. GitLab says when, and newer ones with it; what
// was seen then is the last version of the merge request that was there. A
// push that GitLab had not yet taken up counts as not seen.
func (f *Forge) Approvals(ctx context.Context, c forge.Change) ([]forge.Approval, error) {
	if err := checked(c.Project); err != nil {
		return nil, err
	}
	a, res, err := f.client.MergeRequestApprovals.GetConfiguration(c.Project, int64(c.Number), gitlab.WithContext(ctx))
	if err != nil {
		return nil, f.refused(fmt.Sprintf("reading the approvals of %s!%d", c.Project, c.Number), needsRead, res, err)
	}
	var out []forge.Approval
	untold := false
	for _, by := range a.ApprovedBy {
		if by.User != nil {
			out = append(out, forge.Approval{Who: by.User.Username, At: milli(by.ApprovedAt)})
			untold = untold || by.ApprovedAt == nil
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	if untold {
		if err := f.timesFromNotes(ctx, c, out); err != nil {
			return nil, err
		}
	}
	versions, err := f.versions(ctx, c)
	if err != nil {
		return nil, err
	}
	for i, a := range out {
		if a.At != 0 {
			out[i].Head = headAt(versions, a.At)
		}
	}
	slices.SortFunc(out, func(a, b forge.Approval) int { return cmp.Compare(a.Who, b.Who) })
	return out, nil
}

// timesFromNotes fills in when, from what older GitLabs note down on the merge
// request: the last time that somebody approved it is the one that counts.
func (f *Forge) timesFromNotes(ctx context.Context, c forge.Change, list []forge.Approval) error {
	last := map[string]int64{}
	err := f.notes(ctx, c, func(n *gitlab.Note) {
		if n.System && n.Body == "approved this merge request" {
			last[n.Author.Username] = max(last[n.Author.Username], milli(n.CreatedAt))
		}
	})
	for i, a := range list {
		if a.At == 0 {
			list[i].At = last[a.Who]
		}
	}
	return err
}

// versions are the heads that a merge request had.
func (f *Forge) versions(ctx context.Context, c forge.Change) ([]*gitlab.MergeRequestDiffVersion, error) {
	var out []*gitlab.MergeRequestDiffVersion
	res, err := each(func(o gitlab.RequestOptionFunc) ([]*gitlab.MergeRequestDiffVersion, *gitlab.Response, error) {
		return f.client.MergeRequests.GetMergeRequestDiffVersions(c.Project, int64(c.Number), nil, o, gitlab.WithContext(ctx))
	}, func(list []*gitlab.MergeRequestDiffVersion) bool {
		out = append(out, list...)
		return true
	})
	if err != nil {
		return nil, f.refused(fmt.Sprintf("reading the versions of %s!%d", c.Project, c.Number), needsRead, res, err)
	}
	return out, nil
}

// headAt is the head of the last version that was there, "" if none was.
func headAt(versions []*gitlab.MergeRequestDiffVersion, at int64) string {
	head, newest := "", time.Time{}
	for _, v := range versions {
		if v.CreatedAt != nil && v.CreatedAt.UnixMilli() <= at && !v.CreatedAt.Before(newest) {
			head, newest = v.HeadCommitSHA, *v.CreatedAt
		}
	}
	return head
}
