package publish

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/git"
)

// repository is a clone of a bare one, with a commit.
func repository(t *testing.T) (*git.Repo, string) {
	t.Helper()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	for k, v := range map[string]string{"NAME": "Ada", "EMAIL": "ada@example.com"} {
		t.Setenv("GIT_AUTHOR_"+k, v)
		t.Setenv("GIT_COMMITTER_"+k, v)
	}
	dir := t.TempDir()
	r := &git.Repo{Dir: dir}
	gitDo(t, r, "init", "-q", "--bare", "bare.git")
	gitDo(t, r, "clone", "-q", "bare.git", "work")
	r.Dir = filepath.Join(dir, "work")
	gitDo(t, r, "commit", "-q", "--allow-empty", "-m", "first")
	gitDo(t, r, "push", "-q", "origin", "HEAD:main")
	return r, filepath.Join(dir, "bare.git")
}

func gitDo(t *testing.T, r *git.Repo, args ...string) string {
	t.Helper()
	out, err := r.Run(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBranch(t *testing.T) {
	repo, bare := repository(t)
	head := gitDo(t, repo, "rev-parse", "HEAD")
	keep := func(texts ...string) []string {
		t.Helper()
		b := &Branch{Repo: repo, Remote: "origin", Address: GitHubAddress("https://github.com", "team/digits")}
		var out []string
		for _, text := range texts {
			a, err := b.Upload(t.Context(), forge.Change{}, "a curve (1).png", strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, a)
		}
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		return out
	}
	first := keep("one", "two", "one")
	if first[0] != first[2] || first[0] == first[1] || !strings.HasPrefix(first[0], "https://github.com/team/digits/blob/assay-assets/7692c3ad3540bb80/a-curve--1-.png") {
		t.Errorf("addresses %q", first)
	}
	second := keep("one", "three")
	if second[0] != first[0] {
		t.Errorf("the same picture has another address: %s, %s", second[0], first[0])
	}
	keep("three")
	there := &git.Repo{Dir: bare}
	if n := gitDo(t, there, "rev-list", "--count", AssetsBranch); n != "2" {
		t.Errorf("%s commits, want 2: what is there is not pushed again", n)
	}
	for _, a := range append(first, second...) {
		file := strings.TrimSuffix(a[strings.Index(a, AssetsBranch)+len(AssetsBranch)+1:], "?raw=true")
		gitDo(t, there, "cat-file", "-e", AssetsBranch+":"+file)
	}
	if out := gitDo(t, repo, "status", "--porcelain"); out != "" || gitDo(t, repo, "rev-parse", "HEAD") != head {
		t.Errorf("the working tree was touched: %s", out)
	}
	if _, err := there.Run(t.Context(), "merge-base", "main", AssetsBranch); err == nil {
		t.Error("the branch shares history with main")
	}
}

// TestBranchWithoutRights: a remote that takes nothing is said to.
func TestBranchWithoutRights(t *testing.T) {
	repo, bare := repository(t)
	hook := filepath.Join(bare, "hooks", "pre-receive")
	if err := os.WriteFile(hook, []byte("#!/bin/sh\necho no >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	b := &Branch{Repo: repo, Remote: "origin", Address: GitHubAddress("https://github.com", "team/digits")}
	if _, err := b.Upload(t.Context(), forge.Change{}, "x.png", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if err := b.Flush(t.Context()); err == nil || !strings.Contains(err.Error(), AssetsBranch) {
		t.Errorf("got %v", err)
	}
}
