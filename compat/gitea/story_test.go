//go:build compat

package gitea_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/assay-ml/assay/compat/internal/realgitea"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest"
	"github.com/assay-ml/assay/track"
)

// TestStory goes from a push to production on a real Gitea with its real
// runner: the examples as they are, driven as people drive them.
func TestStory(t *testing.T) {
	w := newWorld(t)
	first := w.trainer.Tip(t, "main")
	jobs := w.trainer.Wait(t, "push", first)
	w.succeeded(t, jobs, "build-neural-network", "register-model")
	if log := w.trainer.Log(t, jobs["register-model"]); !strings.Contains(log, "nothing to register") {
		t.Errorf("of the first commit, which nobody reviewed, the log says:\n%s", log)
	}
	for i, way := range []forgetest.Way{forgetest.Squash, forgetest.Merge, forgetest.Rebase} {
		w.improve(t, i, way)
		if i == 0 {
			w.text(t)
		}
	}
	w.deploy(t)
	w.broken(t)
}

// params writes the trainer's parameters.
func (w *world) params(t *testing.T, hidden, epochs int) {
	w.trainer.Write(t, "params.yaml", fmt.Sprintf("hidden: %d\nepochs: %d\nlearning_rate: 0.003\nweight_decay: 0.0001\nbatch: 32\nseed: 7\n", hidden, epochs))
}

// improve proposes better parameters, pushes twice, has them approved and
// merged, and looks at the version that comes of it.
func (w *world) improve(t *testing.T, i int, way forgetest.Way) {
	t.Logf("%s: proposed, reported, approved, merged", way)
	branch := "wider-by-" + string(way)
	w.trainer.Push(t, branch, "Widen", func() { w.params(t, 24+8*i, 20+2*i) })
	c := w.open(t, branch, "Widen the hidden layer")
	w.trainer.Wait(t, "pull_request", c.Head)
	before := w.comment(t, c)
	head := w.trainer.Push(t, branch, "Train longer", func() { w.params(t, 48+8*i, 30+4*i) })
	w.succeeded(t, w.trainer.Wait(t, "pull_request", head), "build-neural-network")
	after := w.comment(t, c)
	if after.ID != before.ID || after.Body == before.Body || !strings.Contains(after.Body, head[:8]) {
		t.Errorf("the second push did not edit the comment: %d, then %d\n%s", before.ID, after.ID, after.Body)
	}
	if i == 0 {
		w.look(t, c, after.Body)
	}
	if i == 1 && !strings.Contains(after.Body, "baseline: a run of the same code, params and data as the merge base") {
		t.Errorf("the baseline below a text was not found:\n%s", after.Body)
	}
	w.checked(t, head, "success")
	w.Call(t, w.people["grace"], "POST", fmt.Sprintf("/repos/%s/pulls/%d/reviews", c.Project, c.Number), map[string]any{"event": "APPROVED", "body": "good"}, nil)
	merge(t, w.Server, w.people["grace"], fmt.Sprintf("/repos/%s/pulls/%d", c.Project, c.Number), string(way))
	tip := w.trainer.Tip(t, "main")
	jobs := w.trainer.Wait(t, "push", tip)
	w.succeeded(t, jobs, "build-neural-network", "register-model")
	if log := w.trainer.Log(t, jobs["build-neural-network"]); !strings.Contains(log, "measured before") {
		t.Errorf("%s: trained again on main:\n%s", way, log)
	}
	v := w.version(t, i+1)
	o := v.Origin
	if o == nil || o.Commit != tip || o.RunCommit != head || !o.SameBytes || o.Change == nil || o.Change.Number != c.Number ||
		len(o.Approvals) != 1 || o.Approvals[0].Who != "grace" || o.Approvals[0].Head != head || len(v.Files) != 1 || v.Files[0].Path != "model.onnx" {
		t.Errorf("%s: version %+v\norigin %+v", way, v, o)
	}
}

// text pushes to main what the model does not depend on: nothing is trained,
// nothing registered, and what was measured stays the baseline.
func (w *world) text(t *testing.T) {
	tip := w.trainer.Push(t, "main", "Say more", func() { w.trainer.Write(t, "README.md", "# Digits\n") })
	jobs := w.trainer.Wait(t, "push", tip)
	w.succeeded(t, jobs, "build-neural-network", "register-model")
	if log := w.trainer.Log(t, jobs["build-neural-network"]); !strings.Contains(log, "measured before") {
		t.Errorf("a text was trained:\n%s", log)
	}
	if log := w.trainer.Log(t, jobs["register-model"]); !strings.Contains(log, "nothing to register") {
		t.Errorf("a text was registered:\n%s", log)
	}
}

func (w *world) open(t *testing.T, branch, title string) forge.Change {
	t.Helper()
	c, err := driver(t, w.Server, w.people["ada"]).OpenChange(t.Context(), w.trainer.Name, forge.Change{Title: title, Source: branch, Target: "main"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) succeeded(t *testing.T, jobs map[string]realgitea.Job, names ...string) {
	t.Helper()
	for _, name := range names {
		if j, ok := jobs[name]; !ok || j.Conclusion != "success" {
			t.Fatalf("the job %s: %+v\n%s", name, j, w.trainer.Log(t, j))
		}
	}
}

type giteaComment struct {
	ID   int64
	Body string
	User struct{ Login string }
}

// comment is the one comment of a merge request.
func (w *world) comment(t *testing.T, c forge.Change) giteaComment {
	t.Helper()
	var all []giteaComment
	w.Call(t, w.people["ada"], "GET", fmt.Sprintf("/repos/%s/issues/%d/comments", c.Project, c.Number), nil, &all)
	if len(all) != 1 {
		for _, j := range w.trainer.Jobs(t, "") {
			t.Logf("%s %s\n%s", j.Name, j.Conclusion, w.trainer.Log(t, j))
		}
		t.Fatalf("%d comments on %s#%d", len(all), c.Project, c.Number)
	}
	return all[0]
}

// look checks what a reader sees: the verdict, and pictures that load.
func (w *world) look(t *testing.T, c forge.Change, body string) {
	t.Helper()
	if !strings.Contains(body, "### ▲ Better than main: accuracy 9") || !strings.Contains(body, "`hidden: 8 → ") {
		t.Errorf("the comment:\n%s", body)
	}
	pictures := regexp.MustCompile(`!\[[^\]]+\]\((http[^)]+)\)`).FindAllStringSubmatch(body, -1)
	if len(pictures) < 2 {
		t.Errorf("%d pictures in\n%s", len(pictures), body)
	}
	for _, p := range pictures {
		res, err := http.Get(p[1])
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 200 || !bytes.HasPrefix(data, []byte("\x89PNG")) {
			t.Errorf("%s: %s, %d bytes", p[1], res.Status, len(data))
		}
	}
	w.photograph(t, c.URL, "pull-request.png")
}

// photograph keeps a picture of a page in ASSAY_PAGES_OUT, if that is set.
func (w *world) photograph(t *testing.T, url, name string) {
	t.Helper()
	out := os.Getenv("ASSAY_PAGES_OUT")
	if out == "" {
		out = t.TempDir()
	}
	file := filepath.Join(out, name)
	if _, err := os.Stat("../pages/node_modules/playwright-core"); err != nil {
		npm := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--silent")
		npm.Dir, npm.Env = "../pages", append(os.Environ(), "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1")
		if text, err := npm.CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, text)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if text, err := exec.CommandContext(ctx, "node", "../pages/photograph.mjs", url, file).CombinedOutput(); err != nil {
		t.Fatalf("the photograph: %v\n%s", err, text)
	}
	if st, err := os.Stat(file); err != nil || st.Size() < 20_000 {
		t.Errorf("the photograph: %v", err)
	}
}

// checked waits for the commit's check.
func (w *world) checked(t *testing.T, commit, want string) {
	t.Helper()
	var all struct {
		Statuses []struct{ Context, Status, Description string }
	}
	w.Call(t, w.people["ada"], "GET", "/repos/"+w.trainer.Name+"/commits/"+commit+"/status", nil, &all)
	for _, s := range all.Statuses {
		if s.Context == "assay" {
			if s.Status != want {
				t.Errorf("the check is %s (%s), want %s", s.Status, s.Description, want)
			}
			return
		}
	}
	t.Errorf("no check of %.8s among %+v", commit, all.Statuses)
}

func (w *world) version(t *testing.T, n int) track.ModelVersion {
	t.Helper()
	var v track.ModelVersion
	res, err := http.Get(fmt.Sprintf("%s/api/assay/v1/models/digits/versions/%d", w.tracking.URL, n))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil || res.StatusCode != 200 {
		t.Fatalf("version %d: %s, %v", n, res.Status, err)
	}
	return v
}

// deploy says the word: the version is promoted, the application's own
// pipeline pulls and tests exactly it, and the page answers a drawn digit.
func (w *world) deploy(t *testing.T) {
	tip := w.trainer.Tip(t, "main")
	var last int64
	dispatch := func(version string) map[string]realgitea.Job {
		w.Call(t, w.people["grace"], "POST", "/repos/"+w.trainer.Name+"/actions/workflows/deploy.yml/dispatches",
			map[string]any{"ref": "main", "inputs": map[string]string{"version": version, "reason": "best so far"}}, nil)
		for range 100 { // the pipeline is there a moment later
			if jobs := w.trainer.Wait(t, "workflow_dispatch", tip); jobs["deploy"].ID > last {
				last = jobs["deploy"].ID
				return jobs
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatal("no pipeline was started")
		return nil
	}
	// The second was no more than a little better: its gate could not decide,
	// and the policy of production wants gates that passed.
	if j := dispatch("v2")["deploy"]; j.Conclusion != "failure" || !strings.Contains(w.trainer.Log(t, j), "version 2 does not meet its policy") {
		t.Errorf("deploying v2: %+v\n%s", j, w.trainer.Log(t, j))
	}
	w.succeeded(t, dispatch("v1"), "deploy")
	jobs := w.app.Wait(t, "workflow_dispatch", w.app.Tip(t, "main"))
	if j := jobs["deploy"]; j.Conclusion != "success" || !strings.Contains(w.app.Log(t, j), "digits@v1: 1 file") {
		t.Fatalf("the application's job: %+v\n%s", j, w.app.Log(t, j))
	}
	cmd := exec.Command(w.python, "app.py", "0")
	cmd.Dir = w.deployed
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	var url string
	if _, err := fmt.Fscanf(out, "draw at %s", &url); err != nil {
		t.Fatal(err)
	}
	one := `{"strokes": [[[106,110],[130,88],[150,60],[149,110],[147,165],[146,224]]]}`
	res, err := http.Post(url+"/predict", "application/json", strings.NewReader(one))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct{ Digit int }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Digit != 1 {
		t.Errorf("a drawn 1 is read as %d, %v", answer.Digit, err)
	}
}

// broken: a training that fails is reported with the tail of its log.
func (w *world) broken(t *testing.T) {
	w.trainer.Push(t, "broken", "Break it", func() {
		w.trainer.Write(t, "train.py", "print('reading')\nraise ValueError('found NaN in row 1204')\n")
		w.trainer.Edit(t, ".github/workflows/model.yml", "contents: write", "contents: read")
	})
	c := w.open(t, "broken", "Clean the data")
	jobs := w.trainer.Wait(t, "pull_request", c.Head)
	if j := jobs["build-neural-network"]; j.Conclusion != "failure" {
		t.Errorf("the job: %+v", j)
	}
	body := w.comment(t, c).Body
	if !strings.Contains(body, "✖ Training failed after") || !strings.Contains(body, "ValueError: found NaN in row 1204") {
		t.Errorf("the comment:\n%s", body)
	}
	if log := w.trainer.Log(t, jobs["build-neural-network"]); !strings.Contains(log, "setting the check of") || !strings.Contains(log, "the token needs") {
		t.Errorf("a job that may not set the check does not say so:\n%s", log)
	}
}
