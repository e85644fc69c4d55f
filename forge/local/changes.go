package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/git"
)

// maxUpload bounds one uploaded picture, in bytes.
const maxUpload = 10 << 20

// OpenChange opens a merge request from a pushed branch.
func (f *Forge) OpenChange(ctx context.Context, projectName string, c forge.Change) (forge.Change, error) {
	repo := &git.Repo{Dir: f.bare(projectName)}
	if c.Target == "" {
		c.Target = "main"
	}
	head, err := repo.Resolve(ctx, "refs/heads/"+c.Source)
	if err != nil {
		return c, fault.New(fault.NotFound, "branch %s was not pushed to %s", c.Source, projectName)
	}
	if c.Author == "" {
		c.Author = f.me
	}
	err = f.edit(projectName, func(p *project) error {
		if slices.ContainsFunc(p.Changes, func(old *change) bool { return old.Source == c.Source && old.State == forge.Open }) {
			return fault.New(fault.Exists, "there is an open merge request of %s already", c.Source)
		}
		c.Project, c.Number, c.Head, c.State = projectName, len(p.Changes)+1, head, forge.Open
		p.Changes = append(p.Changes, &change{Change: c, Opened: f.now().UnixMilli()})
		return nil
	})
	c.URL = f.changeURL(projectName, c.Number)
	return c, err
}

func (f *Forge) changeURL(project string, number int) string {
	return f.Address() + "/" + project + "/changes/" + strconv.Itoa(number)
}

// Change returns a merge request; while it is open its head follows the branch.
func (f *Forge) Change(ctx context.Context, projectName string, number int) (forge.Change, error) {
	p, err := f.load(projectName)
	if err != nil {
		return forge.Change{}, err
	}
	c, err := p.find(number)
	if err != nil {
		return forge.Change{}, err
	}
	return f.fresh(ctx, *c), nil
}

func (f *Forge) fresh(ctx context.Context, c change) forge.Change {
	if c.State == forge.Open {
		repo := &git.Repo{Dir: f.bare(c.Project)}
		if head, err := repo.Resolve(ctx, "refs/heads/"+c.Source); err == nil {
			c.Head = head
		}
	}
	c.URL = f.changeURL(c.Project, c.Number)
	return c.Change
}

// Changes lists a project's merge requests, newest first.
func (f *Forge) Changes(ctx context.Context, projectName string) ([]forge.Change, error) {
	p, err := f.load(projectName)
	if err != nil {
		return nil, err
	}
	var out []forge.Change
	for _, c := range slices.Backward(p.Changes) {
		out = append(out, f.fresh(ctx, *c))
	}
	return out, nil
}

// ChangeOfCommit finds the merge request that a commit belongs to: its head,
// or what merging, squashing or rebasing it left on the target.
func (f *Forge) ChangeOfCommit(ctx context.Context, projectName, commit string) (forge.Change, error) {
	all, err := f.Changes(ctx, projectName)
	if err != nil {
		return forge.Change{}, err
	}
	for _, c := range all {
		if c.Head == commit || c.MergeCommit == commit {
			return c, nil
		}
	}
	return forge.Change{}, forge.NoChange(projectName, commit)
}

// Comments lists the comments of a change, oldest first.
func (f *Forge) Comments(_ context.Context, c forge.Change) ([]forge.Comment, error) {
	p, err := f.load(c.Project)
	if err != nil {
		return nil, err
	}
	found, err := p.find(c.Number)
	if err != nil {
		return nil, err
	}
	for i := range found.Comments {
		found.Comments[i].Own = found.Comments[i].Author == f.me
	}
	return found.Comments, nil
}

// newID is one more than the greatest so far: a comment may have been deleted.
func newID(list []forge.Comment) string {
	most := 0
	for _, m := range list {
		if n, err := strconv.Atoi(m.ID); err == nil {
			most = max(most, n)
		}
	}
	return strconv.Itoa(most + 1)
}

// CreateComment adds a comment.
func (f *Forge) CreateComment(_ context.Context, c forge.Change, body string) (forge.Comment, error) {
	var out forge.Comment
	if err := forge.CheckLength(body, maxComment); err != nil {
		return out, err
	}
	err := f.edit(c.Project, func(p *project) error {
		found, err := p.find(c.Number)
		if err != nil {
			return err
		}
		now := f.now().UnixMilli()
		out = forge.Comment{
			ID: newID(found.Comments), Author: f.me, Body: body, Created: now, Updated: now, Own: true,
		}
		out.URL = f.changeURL(c.Project, c.Number) + "#comment-" + out.ID
		found.Comments = append(found.Comments, out)
		return nil
	})
	return out, err
}

// EditComment replaces the text of a comment.
func (f *Forge) EditComment(_ context.Context, c forge.Change, id, body string) (forge.Comment, error) {
	var out forge.Comment
	if err := forge.CheckLength(body, maxComment); err != nil {
		return out, err
	}
	err := f.edit(c.Project, func(p *project) error {
		list, i, err := f.own(p, c.Number, id)
		if err != nil {
			return err
		}
		list.Comments[i].Body, list.Comments[i].Updated, list.Comments[i].Own = body, f.now().UnixMilli(), true
		out = list.Comments[i]
		return nil
	})
	return out, err
}

// DeleteComment takes a comment away.
func (f *Forge) DeleteComment(_ context.Context, c forge.Change, id string) error {
	return f.edit(c.Project, func(p *project) error {
		list, i, err := f.own(p, c.Number, id)
		if err != nil {
			return err
		}
		list.Comments = slices.Delete(list.Comments, i, i+1)
		return nil
	})
}

// own finds a comment of ours.
func (f *Forge) own(p *project, number int, id string) (*change, int, error) {
	found, err := p.find(number)
	if err != nil {
		return nil, 0, err
	}
	i := slices.IndexFunc(found.Comments, func(c forge.Comment) bool { return c.ID == id })
	if i < 0 {
		return nil, 0, fault.New(fault.NotFound, "merge request !%d has no comment %s", number, id)
	}
	if a := found.Comments[i].Author; a != f.me {
		return nil, 0, fault.New(fault.Denied, "comment %s was written by %s, not by %s", id, a, f.me)
	}
	return found, i, nil
}

// Upload keeps a file and returns its address; the same bytes are kept once.
func (f *Forge) Upload(_ context.Context, _ forge.Change, name string, r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxUpload+1))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	if len(data) > maxUpload {
		return "", fault.New(fault.TooLarge, "%s is larger than %d MB", name, maxUpload>>20)
	}
	sum := sha256.Sum256(data)
	ext := filepath.Ext(name)
	if ext != ".png" && ext != ".svg" && ext != ".jpg" {
		ext = ".bin"
	}
	file := hex.EncodeToString(sum[:16]) + ext
	path := filepath.Join(f.dir, "uploads", file)
	if _, err := os.Stat(path); err != nil {
		if err := writeFile(path, data); err != nil {
			return "", fmt.Errorf("keeping %s: %w", name, err)
		}
	}
	return f.Address() + "/uploads/" + file, nil
}

// SetCheck sets the status of a commit.
func (f *Forge) SetCheck(_ context.Context, projectName, commit string, check forge.Check) error {
	return f.edit(projectName, func(p *project) error {
		list := p.Checks[commit]
		if i := slices.IndexFunc(list, func(c forge.Check) bool { return c.Name == check.Name }); i >= 0 {
			list[i] = check
		} else {
			list = append(list, check)
		}
		p.Checks[commit] = list
		return nil
	})
}

// Checks lists the checks of a commit.
func (f *Forge) Checks(_ context.Context, projectName, commit string) ([]forge.Check, error) {
	p, err := f.load(projectName)
	if err != nil {
		return nil, err
	}
	return p.Checks[commit], nil
}

// Approve records who approved the head as it is now.
func (f *Forge) Approve(ctx context.Context, projectName string, number int, who string) error {
	c, err := f.Change(ctx, projectName, number)
	if err != nil {
		return err
	}
	return f.edit(projectName, func(p *project) error {
		found, err := p.find(number)
		if err != nil {
			return err
		}
		if found.State != forge.Open {
			return fault.New(fault.Conflict, "merge request !%d is %s", number, found.State)
		}
		found.Approvals = append(found.Approvals, forge.Approval{Who: who, At: f.now().UnixMilli(), Head: c.Head})
		return nil
	})
}

// Approvals lists who approved which head of a change, each once.
func (f *Forge) Approvals(_ context.Context, c forge.Change) ([]forge.Approval, error) {
	p, err := f.load(c.Project)
	if err != nil {
		return nil, err
	}
	found, err := p.find(c.Number)
	if err != nil {
		return nil, err
	}
	var out []forge.Approval
	for _, a := range slices.Backward(found.Approvals) {
		if !slices.ContainsFunc(out, func(b forge.Approval) bool { return b.Who == a.Who && b.Head == a.Head }) {
			out = append(out, a)
		}
	}
	slices.Reverse(out)
	return out, nil
}

// maxComment bounds a comment, in characters.
const maxComment = 250_000

// MaxComment is the longest comment, in characters.
func (f *Forge) MaxComment() int { return maxComment }

// Lacks lists what this small forge has not.
func (f *Forge) Lacks() []forge.Lack {
	return []forge.Lack{
		{Ability: forge.Deployments, Reason: "the small forge of the demo keeps no deployments"},
		{Ability: forge.Triggers, Reason: "the small forge of the demo runs no pipelines"},
		{Ability: forge.JobSummary, Reason: "the small forge of the demo runs no jobs"},
	}
}

// Deploy is not offered: see Lacks.
func (f *Forge) Deploy(context.Context, string, forge.Deployment) (forge.Deployment, error) {
	return forge.Deployment{}, fault.New(fault.Unsupported, "the small forge of the demo keeps no deployments")
}

// Trigger is not offered: see Lacks.
func (f *Forge) Trigger(context.Context, forge.Trigger) (forge.Pipeline, error) {
	return forge.Pipeline{}, fault.New(fault.Unsupported, "the small forge of the demo runs no pipelines")
}

// Identity says that whoever reaches the folder may do everything.
func (f *Forge) Identity(_ context.Context, projectName string) (forge.Identity, error) {
	if _, err := f.load(projectName); err != nil {
		return forge.Identity{}, err
	}
	return forge.Identity{Login: f.me, Kind: "user", Rights: []forge.Right{
		{Name: "folder", For: "everything", Grant: forge.Granted, Found: f.dir},
	}}, nil
}
