package fakegitlab

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/assay-ml/assay/git"
)

// NewProject makes a project with a commit on its branch main, in a folder.
func (s *Server) NewProject(ctx context.Context, dir, path string, members map[string]int) (*Project, error) {
	bare := filepath.Join(dir, "project.git")
	outer := &git.Repo{Dir: dir}
	if _, err := outer.Run(ctx, "init", "-q", "--bare", "-b", "main", bare); err != nil {
		return nil, err
	}
	p := s.AddProject(path, bare, members)
	_, err := p.Push(ctx, "main", "README.md", "# "+path+"\n")
	return p, err
}

// Fork makes a project of another one's repository.
func (s *Server) Fork(ctx context.Context, p *Project, dir, path string, members map[string]int) (*Project, error) {
	bare := filepath.Join(dir, "fork.git")
	if _, err := (&git.Repo{Dir: dir}).Run(ctx, "clone", "-q", "--bare", p.repo.Dir, bare); err != nil {
		return nil, err
	}
	return s.AddProject(path, bare, members), nil
}

// Dir is the project's bare repository.
func (p *Project) Dir() string { return p.repo.Dir }

// Close takes a project away, as deleting a fork does.
func (s *Server) Close(p *Project) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.closed = true
}

// Push makes a commit on a branch, which begins at main if it is new, and
// returns it: a file at the top, written in the bare repository itself.
func (p *Project) Push(ctx context.Context, branch, file, text string) (string, error) {
	parent := cmp.Or(p.Tip(ctx, branch), p.Tip(ctx, "main"))
	blob, err := p.repo.RunInput(ctx, strings.NewReader(text), "hash-object", "-w", "--stdin")
	if err != nil {
		return "", err
	}
	entries := fmt.Sprintf("100644 blob %s\t%s\x00", blob, file)
	commit := []string{"-c", "user.name=ada", "-c", "user.email=ada@example.com", "commit-tree", "-m", "write " + file}
	if parent != "" {
		commit = append(commit, "-p", parent)
		old, err := p.repo.Run(ctx, "ls-tree", "-z", parent)
		if err != nil {
			return "", err
		}
		for entry := range strings.SplitSeq(strings.TrimRight(old, "\x00"), "\x00") {
			if !strings.HasSuffix(entry, "\t"+file) {
				entries += entry + "\x00"
			}
		}
	}
	tree, err := p.repo.RunInput(ctx, strings.NewReader(entries), "mktree", "-z")
	if err != nil {
		return "", err
	}
	id, err := p.repo.Run(ctx, append(commit, tree)...)
	if err != nil {
		return "", err
	}
	_, err = p.repo.Run(ctx, "update-ref", "refs/heads/"+branch, id)
	return id, err
}

// Tip is the commit of a branch, empty if there is none.
func (p *Project) Tip(ctx context.Context, branch string) string { return p.tip(ctx, branch) }

// Person asks the API as somebody does who presses a button.
type Person struct {
	API   string // base address, e.g. http://127.0.0.1:8080/api/v4
	Token string
}

// Do makes a call below a merge request and fails unless it is answered 2xx.
func (p Person) Do(ctx context.Context, method, project string, iid int, what string, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	address := fmt.Sprintf("%s/projects/%s/merge_requests/%d/%s", p.API, url.PathEscape(project), iid, what)
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Private-Token", p.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if said, _ := io.ReadAll(res.Body); res.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, what, res.Status, said)
	}
	return nil
}
