package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/git"
)

// Way is a way of merging.
type Way string

// The ways of merging that forges offer.
const (
	MergeCommit Way = "merge"
	Squash      Way = "squash"
	Rebase      Way = "rebase"
)

// Merge brings a change to its target. A check that failed on the head refuses
// it, as a protected branch does.
func (f *Forge) Merge(ctx context.Context, projectName string, number int, who string, way Way) (forge.Change, error) {
	c, err := f.Change(ctx, projectName, number)
	if err != nil {
		return c, err
	}
	if c.State != forge.Open {
		return c, fault.New(fault.Conflict, "merge request !%d is %s", number, c.State)
	}
	checks, err := f.Checks(ctx, projectName, c.Head)
	if err != nil {
		return c, err
	}
	for _, k := range checks {
		if k.State == forge.Failure {
			return c, fault.New(fault.Denied, "merge request !%d cannot be merged: check %s failed: %s", number, k.Name, k.Summary)
		}
	}
	c.MergeCommit, err = f.mergeIn(ctx, c, who, way)
	if err != nil {
		return c, err
	}
	c.State = forge.Merged
	return c, f.edit(projectName, func(p *project) error {
		found, err := p.find(number)
		if err != nil {
			return err
		}
		found.State, found.Head, found.MergeCommit = c.State, c.Head, c.MergeCommit
		found.MergedBy, found.MergedAt = who, f.now().UnixMilli()
		return nil
	})
}

// mergeIn merges in a clone that lives for this merge, and pushes the target:
// works with every Git, and a push that lost a race is refused.
func (f *Forge) mergeIn(ctx context.Context, c forge.Change, who string, way Way) (string, error) {
	tmp, err := os.MkdirTemp("", "assay-merge-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	outer := &git.Repo{Dir: tmp}
	if _, err := outer.Run(ctx, "clone", "-q", "--shared", "-b", c.Target, f.bare(c.Project), "w"); err != nil {
		return "", err
	}
	repo := &git.Repo{Dir: filepath.Join(tmp, "w")}
	as := []string{"-c", "user.name=" + who, "-c", "user.email=" + who + "@localhost", "-c", "commit.gpgsign=false"}
	message := fmt.Sprintf("Merge request !%d: %s", c.Number, c.Title)
	var steps [][]string
	switch way {
	case MergeCommit:
		steps = [][]string{{"merge", "-q", "--no-ff", "-m", message, c.Head}}
	case Squash:
		steps = [][]string{{"merge", "-q", "--squash", c.Head}, {"commit", "-q", "-m", message}}
	case Rebase:
		steps = [][]string{{"checkout", "-q", c.Head}, {"rebase", "-q", c.Target}, {"checkout", "-q", "-B", c.Target}}
	default:
		return "", fault.New(fault.Invalid, "%q is not a way of merging: merge, squash or rebase", way)
	}
	steps = append(steps, []string{"push", "-q", "origin", c.Target})
	for _, s := range steps {
		if _, err := repo.Run(ctx, append(as, s...)...); err != nil {
			return "", fault.New(fault.Conflict, "merging !%d into %s: %w", c.Number, c.Target, err)
		}
	}
	return repo.Head(ctx)
}
