//go:build compat

package gitlab_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/assay-ml/assay/compat/internal/program"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest/fakegitlab"
	"github.com/assay-ml/assay/git"
)

// installed gets gitlab-ci-local as the lock file names it, once.
var installed = sync.OnceValues(func() ([]byte, error) {
	return exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error").CombinedOutput()
})

// runner runs pipelines of a project of the double on this machine.
type runner struct {
	w     *world
	local string // the program gitlab-ci-local
	bin   string // ours
	tools string // a folder for the PATH: ours, by all its names
}

func newRunner(t *testing.T, w *world) *runner {
	t.Helper()
	if out, err := installed(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	if _, err := exec.LookPath("rsync"); err != nil {
		t.Fatal("gitlab-ci-local needs rsync: apt-get install rsync")
	}
	local, err := filepath.Abs(filepath.Join("node_modules", ".bin", "gitlab-ci-local"))
	if err != nil {
		t.Fatal(err)
	}
	bin, tools := program.Build(t), t.TempDir()
	for _, name := range []string{"assay", "cml", "cml-send-comment", "cml-publish"} {
		if err := os.Symlink(bin, filepath.Join(tools, name)); err != nil {
			t.Fatal(err)
		}
	}
	return &runner{w, local, bin, tools}
}

// checkout makes a fresh repository of the project with files on a branch,
// pushed, and returns its folder and the commit. The files may be an example's:
// os.DirFS("../../examples/…"); nil: the branch as it is.
func (r *runner) checkout(t *testing.T, p *fakegitlab.Project, branch string, files fs.FS) (dir, commit string) {
	t.Helper()
	dir = t.TempDir()
	repo := &git.Repo{Dir: dir}
	run := func(args ...string) {
		t.Helper()
		if _, err := repo.Run(t.Context(), args...); err != nil {
			t.Fatal(err)
		}
	}
	run("clone", "-q", p.Dir(), ".")
	start := "origin/main"
	if p.Tip(t.Context(), branch) != "" {
		start = "origin/" + branch
	}
	run("checkout", "-q", "-B", branch, start)
	run("config", "user.name", "ada")
	run("config", "user.email", "ada@example.com")
	if files != nil {
		overlay(t, dir, files)
		run("add", "--all")
		run("commit", "-q", "-m", "as it is now")
		run("push", "-q", "origin", "HEAD:refs/heads/"+branch)
	}
	// As a GitLab's would be: gitlab-ci-local reads the project's path from it.
	run("remote", "set-url", "origin", "git@127.0.0.1:"+p.Path+".git")
	commit, err := repo.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dir, commit
}

// overlay copies files over those that are there, as os.CopyFS would not.
func overlay(t *testing.T, dir string, files fs.FS) {
	t.Helper()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, data, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// pipeline runs the pipeline of a checkout and returns what it printed. It is
// one of the branch; variables (NAME=value) may make it one of a merge request.
func (r *runner) pipeline(t *testing.T, dir string, variables ...string) string {
	t.Helper()
	out, err := r.run(t, dir, nil, variables...)
	if err != nil {
		t.Fatalf("the pipeline failed: %v\n%s", err, out)
	}
	return out
}

// run runs a pipeline with more flags of gitlab-ci-local, and may fail.
func (r *runner) run(t *testing.T, dir string, flags []string, variables ...string) (string, error) {
	t.Helper()
	args := append([]string{"--force-shell-executor", "--no-color"}, flags...)
	for _, v := range append([]string{
		"CI_SERVER_URL=" + r.w.url, "CI_API_V4_URL=" + r.w.url + "/api/v4", "CI_PROJECT_URL=" + r.w.url + "/" + name,
		"repo_token=token-of-ada",
	}, variables...) {
		args = append(args, "--variable", v)
	}
	cmd := exec.CommandContext(t.Context(), r.local, args...)
	cmd.Dir = dir
	for _, v := range os.Environ() { // no forge that these tests themselves run on
		if k, _, _ := strings.Cut(v, "="); !strings.HasPrefix(k, "CI") && !strings.HasPrefix(k, "GIT") && !strings.HasSuffix(strings.ToUpper(k), "TOKEN") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	path := []string{r.tools, os.Getenv("PATH")}
	if python := os.Getenv("ASSAY_COMPAT_PYTHON"); python != "" {
		path = []string{r.tools, filepath.Dir(python), os.Getenv("PATH")}
	}
	cmd.Env = append(cmd.Env, "PATH="+strings.Join(path, string(os.PathListSeparator)), "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	return string(out), err
}

const pipelineOf2020 = `stages: [train, report]

train:
  stage: train
  script:
    - cp seed.png model_accuracy.png
  artifacts:
    paths: [model_accuracy.png]

report:
  stage: report
  needs: [train]
  script:
    - echo "## Model accuracy" > report.md
    - cml-publish model_accuracy.png --md --title 'Model Accuracy' >> report.md
    - cml-send-comment report.md
  rules:
    - if: $CI_PIPELINE_SOURCE != "merge_request_event"

update:
  stage: report
  needs: [train]
  script:
    - echo "## Model accuracy, again" > report.md
    - echo '![](./model_accuracy.png "Model Accuracy")' >> report.md
    - cml comment update report.md
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
`

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"

// TestPipelineOf2020: a pipeline that was written for CML's first versions
// comments on the merge request that it is not told of; one of a merge request
// edits that comment. GitLab lies below a sub-path.
func TestPipelineOf2020(t *testing.T) {
	w := newWorld(t, "/tools/gitlab")
	r := newRunner(t, w)
	dir, commit := r.checkout(t, w.p, "wider", fstest.MapFS{
		".gitlab-ci.yml": {Data: []byte(pipelineOf2020), Mode: 0o644}, "seed.png": {Data: []byte(png), Mode: 0o644},
	})
	f := w.as(t, "token-of-ada")
	c, err := f.OpenChange(t.Context(), name, forge.Change{Title: "Wider net", Source: "wider", Target: "main"})
	if err != nil || c.Head != commit {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, p := range []struct {
		title     string
		variables []string
	}{
		{"## Model accuracy\n", nil},
		{"## Model accuracy, again\n", []string{"CI_PIPELINE_SOURCE=merge_request_event", "CI_MERGE_REQUEST_IID=1"}},
	} {
		out := r.pipeline(t, dir, p.variables...)
		notes := w.s.Notes(w.p, c.Number)
		want := regexp.MustCompile(`^` + regexp.QuoteMeta(p.title) + `!\[\]\((/uploads/[0-9a-f]{32}/model_accuracy\.png) "Model Accuracy"\)\n\n` +
			regexp.QuoteMeta(`![](https://cml.dev/watermark.png#`+commit+` "CML watermark")`) + `$`)
		m := want.FindStringSubmatch(strings.Join(notes, "\x00"))
		if m == nil {
			t.Fatalf("comments %q\nthe pipeline said\n%s", notes, out)
		}
		if got := w.fetch(t, m[1]); string(got) != png {
			t.Errorf("the picture is %q", got)
		}
		if !strings.Contains(out, c.URL+"#note_") {
			t.Errorf("the pipeline does not tell where the comment is:\n%s", out)
		}
	}
}
