//go:build compat

package gitlab_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/assay-ml/assay/compat/internal/program"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest/fakegitlab"
	"github.com/assay-ml/assay/track"
)

// team is a trainer's and an application's project on the double, the pipelines
// of both as the examples have them, and a tracking server.
type team struct {
	*runner
	app      *fakegitlab.Project
	server   *program.Server
	deployed string // folder that the application is brought to
}

func newTeam(t *testing.T) *team {
	t.Helper()
	if os.Getenv("ASSAY_COMPAT_PYTHON") == "" {
		t.Fatal("set ASSAY_COMPAT_PYTHON to a Python with mlflow, scikit-learn, onnx and onnxruntime, as ./test does")
	}
	w := newWorld(t, "")
	app, err := w.s.NewProject(t.Context(), t.TempDir(), "team/vision/digits-app", map[string]int{"ada": fakegitlab.Developer})
	if err != nil {
		t.Fatal(err)
	}
	r := newRunner(t, w)
	return &team{r, app, program.Serve(t, r.bin, "--data", t.TempDir()), filepath.Join(t.TempDir(), "digits-app")}
}

// variables are those that the examples' pipelines say to set, and what makes
// programs quiet.
func (m *team) variables(more ...string) []string {
	return append([]string{
		"ASSAY_SERVER=" + m.server.URL, "ASSAY_TOKEN=", "GITLAB_TOKEN=token-of-ada", "APP_PROJECT=" + m.app.Path, "DEPLOY_DIR=" + m.deployed,
		"MLFLOW_DISABLE_TELEMETRY=true", "PIP_DISABLE_PIP_VERSION_CHECK=1", "PIP_ROOT_USER_ACTION=ignore", "repo_token=",
	}, more...)
}

// ofChange are those that GitLab sets in a pipeline of a merge request.
func (m *team) ofChange(c forge.Change) []string {
	return m.variables("CI_PIPELINE_SOURCE=merge_request_event", "CI_MERGE_REQUEST_IID="+strconv.Itoa(c.Number),
		"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME="+c.Source, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME="+c.Target,
		"CI_MERGE_REQUEST_PROJECT_PATH="+c.Project, "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH="+c.Project, "CI_COMMIT_BRANCH=")
}

// says fails unless a pipeline said all of it.
func says(t *testing.T, out string, all ...string) {
	t.Helper()
	for _, s := range all {
		if !strings.Contains(out, s) {
			t.Fatalf("the pipeline does not say %q:\n%s", s, out)
		}
	}
}

// TestExample goes from a push to production with the examples' pipelines as
// they are.
func TestExample(t *testing.T) {
	m := newTeam(t)
	dir, _ := m.checkout(t, m.w.p, "main", os.DirFS("../../examples/digits-trainer"))
	out := m.pipeline(t, dir, m.variables()...)
	says(t, out, "build-neural-network", "register-model", "nothing to register")
	if strings.Contains(out, "write-report-mr") {
		t.Errorf("main is reported:\n%s", out)
	}

	dir, head := m.checkout(t, m.w.p, "wider", params(48, 30))
	c, err := m.w.as(t, "token-of-ada").OpenChange(t.Context(), name, forge.Change{Title: "Widen the hidden layer", Source: "wider", Target: "main"})
	if err != nil {
		t.Fatal(err)
	}
	out = m.pipeline(t, dir, m.ofChange(c)...)
	says(t, out, "build-neural-network", "write-report-mr", c.URL+"#note_")
	m.reported(t, c, head)

	m.w.do(t, "POST", c, "approve", map[string]any{"sha": head})
	m.w.do(t, "PUT", c, "merge", map[string]any{"squash": false})
	dir, tip := m.checkout(t, m.w.p, "main", nil)
	out = m.pipeline(t, dir, m.variables()...)
	says(t, out, "measured before", "digits@v1")
	v := m.version(t, 1)
	if o := v.Origin; o == nil || o.Commit != tip || o.RunCommit != head || !o.SameBytes || o.Change == nil || o.Change.Number != c.Number ||
		len(o.Approvals) != 1 || o.Approvals[0].Who != "grace" || o.Approvals[0].Head != head || len(v.Files) != 1 || v.Files[0].Path != "model.onnx" {
		t.Errorf("version %+v\norigin %+v", v, o)
	}
	m.deploys(t, dir, v)
	m.broken(t)
}

func params(hidden, epochs int) fstest.MapFS {
	text := fmt.Sprintf("hidden: %d\nepochs: %d\nlearning_rate: 0.003\nweight_decay: 0.0001\nbatch: 32\nseed: 7\n", hidden, epochs)
	return fstest.MapFS{"params.yaml": {Data: []byte(text), Mode: 0o644}}
}

// reported looks at the comment, its pictures and the commit's status.
func (m *team) reported(t *testing.T, c forge.Change, head string) {
	t.Helper()
	notes := m.w.s.Notes(m.w.p, c.Number)
	if len(notes) != 1 || !strings.Contains(notes[0], "### ▲ Better than main: accuracy 9") || !strings.Contains(notes[0], "`hidden: 8 → 48`") ||
		!strings.Contains(notes[0], head[:8]) {
		t.Fatalf("comments %q", notes)
	}
	pictures := regexp.MustCompile(`!\[[^\]]+\]\((/uploads/[^)]+)\)`).FindAllStringSubmatch(notes[0], -1)
	if len(pictures) < 2 {
		t.Errorf("%d pictures in\n%s", len(pictures), notes[0])
	}
	for _, p := range pictures {
		if got := m.w.fetch(t, p[1]); !bytes.HasPrefix(got, []byte("\x89PNG")) {
			t.Errorf("%s is no picture: %.20q", p[1], got)
		}
	}
	m.checked(t, head, forge.Success)
}

// checked looks at the status of a commit.
func (m *team) checked(t *testing.T, commit string, want forge.CheckState) {
	t.Helper()
	all, err := m.w.as(t, "token-of-grace").Checks(t.Context(), name, commit)
	if i := slices.IndexFunc(all, func(c forge.Check) bool { return c.Name == "assay" }); err != nil || i < 0 || all[i].State != want {
		t.Errorf("the checks of %.8s are %+v, %v", commit, all, err)
	}
}

func (m *team) version(t *testing.T, n int) track.ModelVersion {
	t.Helper()
	var v track.ModelVersion
	res, err := http.Get(fmt.Sprintf("%s/api/assay/v1/models/digits/versions/%d", m.server.URL, n))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil || res.StatusCode != 200 {
		t.Fatalf("version %d: %s, %v", n, res.Status, err)
	}
	return v
}

// deploys says the word in both projects: the trainer's job starts the
// application's pipeline, which pulls exactly that version and tests it.
func (m *team) deploys(t *testing.T, dir string, v track.ModelVersion) {
	t.Helper()
	out, err := m.run(t, dir, []string{"deploy"}, m.variables("CI_PIPELINE_URL="+m.w.url+"/pipelines/7")...)
	if err != nil {
		t.Fatalf("the trainer's deploy: %v\n%s", err, out)
	}
	says(t, out, "production is now v1", "digits@v1 is on its way to production")
	started := m.w.s.Triggered(m.app)
	want := map[string]string{"MODEL_NAME": "digits", "MODEL_VERSION": "1", "MODEL_DIGEST": v.Digest}
	if len(started) != 1 || !maps.Equal(started[0], want) {
		t.Fatalf("started %v, want %v", started, want)
	}
	variables := m.variables("CI_PIPELINE_SOURCE=api")
	for k, value := range started[0] {
		variables = append(variables, k+"="+value)
	}
	dir, _ = m.checkout(t, m.app, "main", os.DirFS("../../examples/digits-app"))
	out, err = m.run(t, dir, []string{"--manual", "deploy"}, variables...)
	if err != nil {
		t.Fatalf("the application's pipeline: %v\n%s", err, out)
	}
	says(t, out, "digits@v1: 1 file", "deployed to "+m.deployed)
	model, err := os.ReadFile(filepath.Join(m.deployed, "model", "model.onnx"))
	if sum := sha256.Sum256(model); err != nil || v.Files[0].SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("what is deployed is not version 1: %v", err)
	}
}

// broken: a training that fails is reported with the tail of its log.
func (m *team) broken(t *testing.T) {
	t.Helper()
	dir, head := m.checkout(t, m.w.p, "broken", fstest.MapFS{
		"train.py": {Data: []byte("print('reading')\nraise ValueError('found NaN in row 1204')\n"), Mode: 0o644},
	})
	c, err := m.w.as(t, "token-of-ada").OpenChange(t.Context(), name, forge.Change{Title: "Clean the data", Source: "broken", Target: "main"})
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.run(t, dir, nil, m.ofChange(c)...)
	if err == nil {
		t.Errorf("the pipeline of a training that fails does not:\n%s", out)
	}
	notes := m.w.s.Notes(m.w.p, c.Number)
	if len(notes) != 1 || !strings.Contains(notes[0], "✖ Training failed after") || !strings.Contains(notes[0], "ValueError: found NaN in row 1204") {
		t.Errorf("comments %q\n%s", notes, out)
	}
	m.checked(t, head, forge.Failure)
}
