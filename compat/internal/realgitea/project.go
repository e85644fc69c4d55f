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
	return s.clone(t, owner, token, owner+"/"+name)
}

// NewOrgProject makes a public repository of an organization of the
// administrator's.
func (s *Server) NewOrgProject(t *testing.T, org, name string) *Project {
	t.Helper()
	s.Call(t, s.Token, "POST", "/orgs/"+org+"/repos", map[string]any{"name": name, "default_branch": "main"}, nil)
	return s.clone(t, Admin, s.Token, org+"/"+name)
}

// clone makes an empty clone, for there may be nothing to fetch yet.
func (s *Server) clone(t *testing.T, user, token, name string) *Project {
	t.Helper()
	p := &Project{Server: s, Name: name, Dir: filepath.Join(t.TempDir(), filepath.Base(name)), token: token}
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p.Git(t, "init", "-q", "-b", "main", ".")
	p.Git(t, "remote", "add", "origin", strings.Replace(s.URL, "://", "://"+user+":"+token+"@", 1)+"/"+p.Name+".git")
	return p
}

// Copy copies a folder's tracked and new files, not those that it ignores.
func (p *Project) Copy(t *testing.T, from, to string) {
	t.Helper()
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = from
	out, err := list.Output()
	if err != nil {
		t.Fatalf("listing %s: %v", from, err)
	}
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		src := filepath.Join(from, name)
		st, err := os.Stat(src)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(src)
		if err != nil {
			t.Fatal(err)
		}
		p.Write(t, filepath.ToSlash(filepath.Join(to, name)), string(data))
		if err := os.Chmod(filepath.Join(p.Dir, to, name), st.Mode()); err != nil {
			t.Fatal(err)
		}
	}
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

// Edit replaces a text in the files that match a pattern.
func (p *Project) Edit(t *testing.T, pattern, old, text string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.Dir, filepath.FromSlash(pattern)))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f, []byte(strings.ReplaceAll(string(data), old, text)), 0o644); err != nil {
			t.Fatal(err)
		}
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
