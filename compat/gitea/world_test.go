//go:build compat

package gitea_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/assay-ml/assay/compat/internal/program"
	"github.com/assay-ml/assay/compat/internal/realgitea"
)

// world is a Gitea with a runner, a tracking server, the two example
// repositories as a team would have them, and the actions that they use.
type world struct {
	*realgitea.Server
	bin          string
	tracking     *program.Server
	people       map[string]string // name → token
	python       string
	trainer, app *realgitea.Project
	deployed     string // folder that the application is brought to
}

func newWorld(t *testing.T) *world {
	python := program.Python(t, "mlflow", "sklearn", "onnx", "onnxruntime")
	w := &world{Server: realgitea.Start(t), bin: program.Build(t), people: map[string]string{}, python: python, deployed: filepath.Join(t.TempDir(), "digits-app")}
	w.tracking = program.Serve(t, w.bin, "--data", t.TempDir())
	for _, name := range []string{"ada", "grace"} {
		w.people[name] = w.User(t, name)
	}
	releases := w.release(t)
	w.actions(t)
	w.StartRunner(t, "ubuntu-latest", "PATH="+filepath.Dir(python)+":"+os.Getenv("PATH"), "HOME="+t.TempDir(),
		"DEPLOY_DIR="+w.deployed, "MLFLOW_DISABLE_TELEMETRY=true", "GIT_CONFIG_NOSYSTEM=1", "PIP_DISABLE_PIP_VERSION_CHECK=1",
		"PIP_ROOT_USER_ACTION=ignore")
	w.trainer = w.example(t, "digits-trainer", releases)
	w.app = w.example(t, "digits-app", releases)
	w.trainer.Variable(t, "APP_PROJECT", w.app.Name)
	w.trainer.Secret(t, "DEPLOY_TOKEN", w.people["ada"])
	return w
}

// release serves the binary as the project's releases lie.
func (w *world) release(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(w.bin)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	name := fmt.Sprintf("assay_%s_%s", runtime.GOOS, runtime.GOARCH)
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/latest/download/" + name:
			rw.Write(data)
		case "/latest/download/checksums.txt":
			fmt.Fprintf(rw, "%s  %s\n", hex.EncodeToString(sum[:]), name)
		default:
			http.NotFound(rw, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// actions puts what the workflows use on the server: our own, and small ones in
// place of those that a runner would fetch from elsewhere.
func (w *world) actions(t *testing.T) {
	t.Helper()
	for _, org := range []string{"assay-ml", "actions"} {
		w.Call(t, w.Token, "POST", "/orgs", map[string]any{"username": org}, nil)
	}
	put := func(org, name, tag string, write func(p *realgitea.Project)) {
		t.Helper()
		p := w.NewOrgProject(t, org, name)
		p.Push(t, "main", "the action", func() { write(p) })
		p.Git(t, "push", "-q", "origin", "HEAD:refs/tags/"+tag)
	}
	put("assay-ml", "assay", "v1", func(p *realgitea.Project) { p.Copy(t, "../../setup", "setup") })
	put("actions", "checkout", "v4", func(p *realgitea.Project) { p.Write(t, "action.yml", checkout) })
	put("actions", "setup-python", "v5", func(p *realgitea.Project) { p.Write(t, "action.yml", setupPython) })
}

const checkout = `name: checkout
inputs: {fetch-depth: {default: "1"}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {TOKEN: "${{ github.token }}", REF: "${{ github.ref }}"}
      run: |
        git init -q .
        git remote add origin "${GITHUB_SERVER_URL/:\/\//://job:$TOKEN@}/$GITHUB_REPOSITORY.git"
        git fetch -q origin '+refs/heads/*:refs/remotes/origin/*' "+$REF:refs/remotes/job"
        git checkout -q --detach refs/remotes/job
`

const setupPython = `name: setup-python
inputs: {python-version: {default: ""}}
runs: {using: composite, steps: [{shell: bash, run: python --version}]}
`

// example makes a repository of one of the examples.
func (w *world) example(t *testing.T, name, releases string) *realgitea.Project {
	t.Helper()
	p := w.NewProject(t, "ada", w.people["ada"], name, "grace")
	p.Variable(t, "ASSAY_SERVER", w.tracking.URL)
	p.Variable(t, "ASSAY_RELEASES", releases)
	p.Push(t, "main", "Begin", func() {
		p.Copy(t, "../../examples/"+name, ".")
		p.Edit(t, ".github/workflows/*.yml", "contents: read", "contents: write") // as the file says for Gitea
	})
	return p
}
