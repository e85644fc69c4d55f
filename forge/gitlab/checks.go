package gitlab

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// maxLine bounds a status's name and its description, in characters.
const maxLine = 255

// states: a status has no neutral color; one that is still open would hold a
// merge that waits for green, so what could not be told is green and says it in
// words.
var states = map[forge.CheckState]gitlab.BuildStateValue{
	forge.Pending: gitlab.Running, forge.Success: gitlab.Success, forge.Failure: gitlab.Failed, forge.Neutral: gitlab.Success,
}

// SetCheck sets a commit's status, which GitLab shows as an external job of
// the commit's newest pipeline. A status that is running cannot be set to
// running again, not even with other words: that is done already.
func (f *Forge) SetCheck(ctx context.Context, project, commit string, check forge.Check) error {
	if err := checked(project); err != nil {
		return err
	}
	if !isCommit(commit) {
		return fault.New(fault.Invalid, "%q is no commit", commit)
	}
	if check.Summary == "" && check.State == forge.Neutral {
		check.Summary = "neutral"
	}
	o := &gitlab.SetCommitStatusOptions{
		State: states[check.State], Name: gitlab.Ptr(line(check.Name)), Description: gitlab.Ptr(line(check.Summary)),
	}
	if strings.HasPrefix(check.URL, "https://") || strings.HasPrefix(check.URL, "http://") {
		o.TargetURL = &check.URL // another one fails the whole call
	}
	_, res, err := f.client.Commits.SetCommitStatus(project, commit, o, gitlab.WithContext(ctx))
	switch {
	case err == nil, status(res) == http.StatusBadRequest && strings.Contains(message(res, err), "Cannot transition status via"):
		return nil
	case status(res) == http.StatusNotFound && strings.Contains(message(res, err), "References"):
		return fault.New(fault.NotFound, "setting the check of %s: no branch of %s has that commit, and no pipeline ran for it", short(commit), project).
			WithHint("the commits of forks get no status in the project that they are for")
	}
	return f.refused("setting the check of "+short(commit), needsDeveloper, res, err)
}

// line is a text on one line, cut to what GitLab keeps, and says so.
func line(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' {
			return ' '
		}
		return c
	}, s)
	r := []rune(s)
	if len(r) <= maxLine {
		return s
	}
	return strings.TrimSpace(string(r[:maxLine-1])) + "…"
}

// Checks lists the newest status of each name. Jobs are among them, as GitLab
// keeps both in one list, and a commit that had several pipelines has several
// of a name.
func (f *Forge) Checks(ctx context.Context, project, commit string) ([]forge.Check, error) {
	if err := checked(project); err != nil {
		return nil, err
	}
	if !isCommit(commit) {
		return nil, fault.New(fault.Invalid, "%q is no commit", commit)
	}
	newest := map[string]*gitlab.CommitStatus{}
	res, err := each(func(o gitlab.RequestOptionFunc) ([]*gitlab.CommitStatus, *gitlab.Response, error) {
		return f.client.Commits.GetCommitStatuses(project, commit, nil, o, gitlab.WithContext(ctx))
	}, func(list []*gitlab.CommitStatus) bool {
		for _, s := range list {
			if old := newest[s.Name]; old == nil || old.ID < s.ID {
				newest[s.Name] = s
			}
		}
		return true
	})
	if err != nil {
		return nil, f.refused("reading the checks of "+short(commit), needsRead, res, err)
	}
	var out []forge.Check
	for _, s := range newest {
		out = append(out, forge.Check{Name: s.Name, State: state(s), Summary: s.Description, URL: s.TargetURL})
	}
	slices.SortFunc(out, func(a, b forge.Check) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

func state(s *gitlab.CommitStatus) forge.CheckState {
	switch s.Status {
	case "success":
		return forge.Success
	case "failed", "canceled":
		if s.AllowFailure {
			return forge.Neutral
		}
		return forge.Failure
	case "skipped", "manual":
		return forge.Neutral
	}
	return forge.Pending
}
