package github

import (
	"context"
	"strings"

	"github.com/google/go-github/v89/github"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// maxDescription bounds the line of a status or a deployment, in characters.
const maxDescription = 140

// states: a commit's status has no neutral colour; yellow would hold a merge
// that waits for green, so what could not be told is green and says it in words.
var states = map[forge.CheckState]string{
	forge.Pending: "pending", forge.Success: "success", forge.Failure: "failure", forge.Neutral: "success",
}

// SetCheck sets a commit's status. Check runs show more, but only apps may make
// them – a job's token is one, a person's is not – so that statuses, which every
// token may set, serve all.
func (f *Forge) SetCheck(ctx context.Context, project, commit string, check forge.Check) error {
	owner, repo, err := split(project)
	if err != nil {
		return err
	}
	if !isCommit(commit) {
		return fault.New(fault.Invalid, "%q is no commit", commit)
	}
	s := github.RepoStatus{State: github.Ptr(states[check.State]), Context: github.Ptr(line(check.Name, maxContext))}
	if check.Summary == "" && check.State == forge.Neutral {
		check.Summary = "neutral"
	}
	s.Description = github.Ptr(line(check.Summary, maxDescription))
	if isWeb(check.URL) {
		s.TargetURL = &check.URL
	}
	if _, res, err := f.client.Repositories.CreateStatus(ctx, owner, repo, commit, s); err != nil {
		return f.refused("setting the check of "+short(commit), needsStatus, res, err)
	}
	return nil
}

// maxContext is a bound of ours on a check's name, in characters.
const maxContext = 255

// isWeb reports an address that GitHub takes; another one fails the whole call.
func isWeb(address string) bool {
	return strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://")
}

// line is a text on one line, cut to a length in characters. Characters of four
// bytes, such as 🎉, are left out: GitHub refuses a status that has one.
func line(s string, most int) string {
	s = strings.TrimSpace(strings.Map(func(c rune) rune {
		switch {
		case c > 0xffff:
			return -1
		case c < ' ':
			return ' '
		}
		return c
	}, s))
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return strings.TrimSpace(string(r[:most-1])) + "…"
}

// Checks lists the newest status of each name. Check runs, which jobs of GitHub
// Actions are, are not among them.
func (f *Forge) Checks(ctx context.Context, project, commit string) ([]forge.Check, error) {
	owner, repo, err := split(project)
	if err != nil {
		return nil, err
	}
	if !isCommit(commit) {
		return nil, fault.New(fault.Invalid, "%q is no commit", commit)
	}
	var out []forge.Check
	for page := 1; page <= maxPages && page > 0; {
		all, res, err := f.client.Repositories.GetCombinedStatus(ctx, owner, repo, commit, &github.ListOptions{Page: page, PerPage: pageSize})
		if err != nil {
			return nil, f.refused("reading the checks of "+short(commit), needsStatusRead, res, err)
		}
		for _, s := range all.Statuses {
			c := forge.Check{Name: s.GetContext(), State: forge.Failure, Summary: s.GetDescription(), URL: s.GetTargetURL()}
			switch s.GetState() {
			case "pending":
				c.State = forge.Pending
			case "success":
				c.State = forge.Success
			}
			out = append(out, c)
		}
		page = next(res)
	}
	return out, nil
}
