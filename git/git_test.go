package git

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-ml/assay/fault"
)

// repository makes one with the identity that commits need.
func repository(t *testing.T) *Repo {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	for k, v := range map[string]string{"NAME": "Ada", "EMAIL": "ada@example.com"} {
		t.Setenv("GIT_AUTHOR_"+k, v)
		t.Setenv("GIT_COMMITTER_"+k, v)
	}
	r := &Repo{Dir: dir}
	must(t, r, "init", "-q", "-b", "main")
	return r
}

func must(t *testing.T, r *Repo, args ...string) string {
	t.Helper()
	out, err := r.Run(context.Background(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func commit(t *testing.T, r *Repo, file, text string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(r.Dir, file), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, r, "add", "-A")
	must(t, r, "commit", "-q", "-m", "change "+file)
	return must(t, r, "rev-parse", "HEAD")
}

func TestRepoWithoutCommits(t *testing.T) {
	r := repository(t)
	_, err := r.Head(context.Background())
	if !fault.Is(err, fault.NotFound) || !strings.Contains(fault.HintOf(err), "git commit") {
		t.Fatalf("got %v, hint %q", err, fault.HintOf(err))
	}
}

func TestOutsideRepository(t *testing.T) {
	_, err := Open(context.Background(), t.TempDir())
	if !fault.Is(err, fault.NotFound) {
		t.Fatalf("got %v", err)
	}
}

func TestMergeBaseAndDirty(t *testing.T) {
	ctx := context.Background()
	r := repository(t)
	base := commit(t, r, "params.yaml", "hidden: 8\n")
	must(t, r, "switch", "-q", "-c", "wider")
	head := commit(t, r, "params.yaml", "hidden: 64\n")
	must(t, r, "switch", "-q", "main")
	tip := commit(t, r, "README", "hello\n")

	got, err := r.MergeBase(ctx, head, tip)
	if err != nil || got != base {
		t.Fatalf("merge base %s, %v; want %s", got, err, base)
	}
	paths, err := r.Changed(ctx, base, head)
	if err != nil || len(paths) != 1 || paths[0] != "params.yaml" {
		t.Fatalf("changed %q, %v", paths, err)
	}
	old, err := r.FileAt(ctx, base, "params.yaml")
	if err != nil || string(old) != "hidden: 8\n" {
		t.Fatalf("file %q, %v", old, err)
	}
	if _, err := r.FileAt(ctx, base, "nothing"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("missing file: %v", err)
	}
	if patch, untracked, err := r.Dirty(ctx); patch != "" || untracked != nil || err != nil {
		t.Fatalf("clean tree: %q %q %v", patch, untracked, err)
	}
	os.WriteFile(filepath.Join(r.Dir, "README"), []byte("other\n"), 0o644)
	os.WriteFile(filepath.Join(r.Dir, "new file"), []byte("x\n"), 0o644)
	patch, untracked, err := r.Dirty(ctx)
	if err != nil || !strings.Contains(patch, "+other") || len(untracked) != 1 || untracked[0] != "new file" {
		t.Fatalf("dirty tree: %q %q %v", patch, untracked, err)
	}
}

func TestShallowClone(t *testing.T) {
	ctx := context.Background()
	r := repository(t)
	commit(t, r, "a", "1")
	must(t, r, "switch", "-q", "-c", "side")
	commit(t, r, "b", "1")
	must(t, r, "switch", "-q", "main")
	commit(t, r, "c", "1")
	dir := filepath.Join(t.TempDir(), "clone")
	must(t, r, "clone", "-q", "--depth", "1", "--no-single-branch", "file://"+r.Dir, dir)
	c, err := Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.MergeBase(ctx, "origin/side", "origin/main")
	if !fault.Is(err, fault.NotFound) || !strings.Contains(fault.HintOf(err), "unshallow") {
		t.Fatalf("got %v, hint %q", err, fault.HintOf(err))
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"https://ci:glpat-secret@gitlab.com/team/digits.git": "https://gitlab.com/team/digits.git",
		"git@github.com:team/digits.git":                     "git@github.com:team/digits.git",
		"/srv/git/digits.git":                                "/srv/git/digits.git",
	} {
		if got := Redact(in); got != want {
			t.Errorf("Redact(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWithoutSecrets(t *testing.T) {
	for text, want := range map[string]string{
		"fatal: unable to access 'https://ada:secret@host/o/r.git/': no": "fatal: unable to access 'https://host/o/r.git/': no",
		"To https://token@host:3000/o/r and ssh://git@h/x":               "To https://host:3000/o/r and ssh://h/x",
		"a@b.c is no address, nor is x://":                               "a@b.c is no address, nor is x://",
		"https://u:p@ss@host":                                            "https://host",
	} {
		if got := withoutSecrets(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestInputsDigest: it changes with the contents of what it is about, and with
// nothing else.
func TestInputsDigest(t *testing.T) {
	r := repository(t)
	at := func(paths ...string) string {
		t.Helper()
		out, err := r.InputsDigest(t.Context(), "HEAD", paths)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	commit(t, r, "train.py", "1")
	commit(t, r, "README.md", "a")
	before := at("train.py", "none.yaml")
	if !strings.HasPrefix(before, "inputs:") {
		t.Errorf("%q", before)
	}
	commit(t, r, "README.md", "b")
	if got := at("train.py", "none.yaml"); got != before {
		t.Errorf("after another file: %s, want %s", got, before)
	}
	commit(t, r, "train.py", "2")
	if got := at("train.py", "none.yaml"); got == before {
		t.Error("after a change of the file: the same")
	}
	if got := at("none.yaml"); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}
