// Package local is a small forge over bare Git repositories: merge requests,
// comments, checks, approvals, three ways of merging, and pages to look at them.
// The demo and the stories run on it, in one process or in many: all state is in
// its folder. It has no accounts and no permissions; it is not a forge to host
// code on.
package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/git"
)

// Forge is the forge in one folder: NAME.git is a project's bare repository,
// NAME.json its merge requests, uploads/ what was uploaded.
type Forge struct {
	dir string
	me  string // who writes comments
	now func() time.Time
}

// Open uses, and makes where needed, the forge in dir.
func Open(dir string) (*Forge, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(abs, "uploads"), 0o755); err != nil {
		return nil, fmt.Errorf("making the forge's folder: %w", err)
	}
	return &Forge{dir: abs, me: "assay", now: time.Now}, nil
}

// As is the same forge, acted on by another.
func (f *Forge) As(who string) *Forge { return &Forge{dir: f.dir, me: who, now: f.now} }

// SetAddress remembers where the pages are served, for links in comments.
func (f *Forge) SetAddress(address string) error {
	return writeFile(filepath.Join(f.dir, "address"), []byte(strings.TrimRight(address, "/")))
}

// Address is where the pages are served, a file address when they are not.
func (f *Forge) Address() string {
	b, err := os.ReadFile(filepath.Join(f.dir, "address"))
	if err != nil || len(b) == 0 {
		return "file://" + filepath.ToSlash(f.dir)
	}
	return string(b)
}

// CreateProject makes an empty bare repository and returns its path.
func (f *Forge) CreateProject(ctx context.Context, name string) (string, error) {
	if !validName(name) {
		return "", fault.New(fault.Invalid, "%q is not a project name: use letters, digits, - and _", name)
	}
	path := f.bare(name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := git.Need(); err != nil {
		return "", err
	}
	root := &git.Repo{Dir: f.dir}
	if _, err := root.Run(ctx, "init", "-q", "--bare", "-b", "main", path); err != nil {
		return "", err
	}
	return path, f.edit(name, func(*project) error { return nil })
}

// Projects lists the names of all projects.
func (f *Forge) Projects() ([]string, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if n, ok := strings.CutSuffix(e.Name(), ".git"); ok && e.IsDir() {
			names = append(names, n)
		}
	}
	return names, nil
}

func (f *Forge) bare(name string) string { return filepath.Join(f.dir, name+".git") }

func validName(s string) bool {
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// project is a project's state as it is kept.
type project struct {
	Changes []*change
	Checks  map[string][]forge.Check // by commit
}

type change struct {
	forge.Change
	Opened, MergedAt int64
	MergedBy         string
	Comments         []forge.Comment
	Approvals        []forge.Approval
}

// edit loads a project's state, lets fn change it, and writes it, alone among
// processes.
func (f *Forge) edit(name string, fn func(*project) error) error {
	unlock, err := lock(filepath.Join(f.dir, name+".lock"))
	if err != nil {
		return err
	}
	defer unlock()
	p, err := f.load(name)
	if err != nil {
		return err
	}
	if err := fn(p); err != nil {
		return err
	}
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(f.dir, name+".json"), data)
}

func (f *Forge) load(name string) (*project, error) {
	if _, err := os.Stat(f.bare(name)); !validName(name) || err != nil {
		return nil, fault.New(fault.NotFound, "the forge in %s has no project %q", f.dir, name)
	}
	p := &project{Checks: map[string][]forge.Check{}}
	data, err := os.ReadFile(filepath.Join(f.dir, name+".json"))
	if errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("reading the state of project %s: %w", name, err)
	}
	return p, nil
}

func (p *project) find(number int) (*change, error) {
	i := slices.IndexFunc(p.Changes, func(c *change) bool { return c.Number == number })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "there is no merge request !%d", number)
	}
	return p.Changes[i], nil
}

// writeFile writes beside and renames, so that readers see the old or the new.
func writeFile(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
