package fakegitlab

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/assay-ml/assay/git"
)

// merge merges as the project's method is: by a merge commit; by fast-forward;
// by fast-forward after an automatic rebase, which leaves the source as it is.
// Squashed, what is merged is one commit on top of the target.
func (s *Server) merge(c *call) answer {
	m := c.change
	switch {
	case c.level() < Maintainer:
		return failed(http.StatusUnauthorized, "401 Unauthorized")
	case m.state != "opened" || m.head() == "":
		return failed(http.StatusMethodNotAllowed, "405 Method Not Allowed")
	case c.text("sha") != "" && c.text("sha") != m.head():
		return failed(http.StatusConflict, "SHA does not match HEAD of source branch: "+m.head())
	}
	if squash, isBool := c.fields["squash"].(bool); isBool {
		m.squash = squash
	}
	if err := m.mergeIn(c.r.Context(), c.user.Name); err != nil {
		return failed(http.StatusUnprocessableEntity, "Branch cannot be merged")
	}
	m.state, m.mergedAt = "merged", s.now()
	if remove, _ := c.fields["should_remove_source_branch"].(bool); remove {
		_, _ = m.source.repo.Run(c.r.Context(), "update-ref", "-d", "refs/heads/"+m.branch) // it may be gone
	}
	return ok(c.show(m))
}

// mergeIn works in a clone that lives for this merge.
func (m *change) mergeIn(ctx context.Context, who string) error {
	tmp, err := os.MkdirTemp("", "assay-fakegitlab-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if _, err := (&git.Repo{Dir: tmp}).Run(ctx, "clone", "-q", "--shared", "-b", m.target, m.project.repo.Dir, "w"); err != nil {
		return err
	}
	w := &git.Repo{Dir: filepath.Join(tmp, "w")}
	do := func(steps ...[]string) (string, error) {
		as := []string{"-c", "user.name=" + who, "-c", "user.email=" + who + "@localhost", "-c", "commit.gpgsign=false"}
		for _, s := range steps {
			if _, err := w.Run(ctx, append(as, s...)...); err != nil {
				return "", err
			}
		}
		return w.Head(ctx)
	}
	what, title := m.head(), m.title
	if m.squash {
		base, err := w.Run(ctx, "merge-base", "HEAD", what)
		if err == nil {
			m.squashCommit, err = do([]string{"checkout", "-q", base}, []string{"merge", "-q", "--squash", what}, []string{"commit", "-q", "-m", title})
		}
		if err != nil {
			return err
		}
		what = m.squashCommit
	}
	var tip string
	switch {
	case m.project.MergeMethod != "ff":
		message := fmt.Sprintf("Merge branch '%s' into '%s'", m.branch, m.target)
		tip, err = do([]string{"checkout", "-q", m.target}, []string{"merge", "-q", "--no-ff", "-m", message, what})
		m.mergeCommit = tip
	case m.project.AutoRebase:
		tip, err = do([]string{"checkout", "-q", what}, []string{"rebase", "-q", m.target}, []string{"checkout", "-q", "-B", m.target})
		if m.squash {
			m.squashCommit = tip
		}
	default:
		tip, err = do([]string{"checkout", "-q", m.target}, []string{"merge", "-q", "--ff-only", what})
	}
	if err != nil {
		return err
	}
	m.mergedCommit = tip
	_, err = w.Run(ctx, "push", "-q", "origin", "HEAD:refs/heads/"+m.target)
	return err
}
