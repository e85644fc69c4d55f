//go:build compat

package realgitea

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Project is a repository on the server with a clone of it.
type Project struct {
	Server *Server
	Name   string // OWNER/NAME
	Dir    string // the clone
	token  string
}

// NewProject makes a public repository of a user and clones it. The other
// users become collaborators who may write.
func (s *Server) NewProject(t *testing.T, owner, token, name string, others ...string) *Project {
	t.Helper()
	s.Call(t, token, "POST", "/user/repos", map[string]any{"name": name, "default_branch": "main"}, nil)
	for _, other := range others {
		s.Call(t, token, "PUT", "/repos/"+owner+"/"+name+"/collaborators/"+other, map[string]any{"permission": "write"}, nil)
	}
	p := &Project{Server: s, Name: owner + "/" + name, Dir: filepath.Join(t.TempDir(), name), token: token}
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p.Git(t, "init", "-q", "-b", "main", ".")
	p.Git(t, "remote", "add", "origin", strings.Replace(s.URL, "://", "://"+owner+":"+token+"@", 1)+"/"+p.Name+".git")
	return p
}

// Git runs git in the clone and returns what it prints.
func (p *Project) Git(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = p.Dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.ReplaceAll(strings.Join(args, " "), p.token, "…"), err, out)
	}
	return strings.TrimSpace(string(out))
}

// Write writes a file of the clone.
func (p *Project) Write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(p.Dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Push commits what is there on a branch – made from main if it is new – and
// returns the commit.
func (p *Project) Push(t *testing.T, branch, message string, write func()) string {
	t.Helper()
	if p.Git(t, "ls-remote", "origin") != "" {
		p.Git(t, "fetch", "-q", "origin")
		from := "origin/main"
		if p.Git(t, "ls-remote", "origin", "refs/heads/"+branch) != "" {
			from = "origin/" + branch
		}
		p.Git(t, "checkout", "-q", "-B", branch, from)
	}
	write()
	p.Git(t, "add", "-A")
	p.Git(t, "commit", "-q", "-m", message)
	p.Git(t, "push", "-q", "origin", "HEAD:refs/heads/"+branch)
	p.settle(t)
	return p.Git(t, "rev-parse", "HEAD")
}

// settle waits until the server has seen the first push: until then some calls
// hold the repository for empty.
func (p *Project) settle(t *testing.T) {
	t.Helper()
	for range 200 {
		var r struct{ Empty bool }
		p.Server.Call(t, p.token, "GET", "/repos/"+p.Name, nil, &r)
		if !r.Empty {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s stays empty", p.Name)
}

// Tip is the commit of a branch on the server.
func (p *Project) Tip(t *testing.T, branch string) string {
	t.Helper()
	id, _, _ := strings.Cut(p.Git(t, "ls-remote", "origin", "refs/heads/"+branch), "\t")
	return id
}
