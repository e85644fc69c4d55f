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
	return &runner{w, local, tools}
}

// checkout makes a fresh repository of the project with files on a branch,
// pushed, and returns its folder and the commit. Its remote is named as a
// GitLab's would be: gitlab-ci-local reads the project's path from it. The files
// may be an example's: os.DirFS("../../examples/…").
func (r *runner) checkout(t *testing.T, branch string, files fs.FS) (dir, commit string) {
	t.Helper()
	dir = t.TempDir()
	repo := &git.Repo{Dir: dir}
	run := func(args ...string) {
		t.Helper()
		if _, err := repo.Run(t.Context(), args...); err != nil {
			t.Fatal(err)
		}
	}
	run("clone", "-q", r.w.p.Dir(), ".")
	run("checkout", "-q", "-B", branch)
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	run("config", "user.name", "ada")
	run("config", "user.email", "ada@example.com")
	run("add", "--all")
	run("commit", "-q", "-m", "as it was in 2020")
	run("push", "-q", "origin", "HEAD:refs/heads/"+branch)
	run("remote", "set-url", "origin", "git@127.0.0.1:"+name+".git")
	commit, err := repo.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dir, commit
}

// pipeline runs the pipeline of a checkout and returns what it printed. It is
// one of the branch; variables (NAME=value) may make it one of a merge request.
func (r *runner) pipeline(t *testing.T, dir string, variables ...string) string {
	t.Helper()
	args := []string{"--force-shell-executor", "--no-color"}
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
	cmd.Env = append(cmd.Env, "PATH="+r.tools+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the pipeline failed: %v\n%s", err, out)
	}
	return string(out)
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
	dir, commit := r.checkout(t, "wider", fstest.MapFS{
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
