//go:build compat

package realgitea

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// StartRunner starts a runner in host mode for jobs with `runs-on: label`; its
// steps see env and nothing else of ours but PATH. The program is told by
// ASSAY_COMPAT_GITEA_RUNNER. The test's end stops it.
func (s *Server) StartRunner(t *testing.T, label string, env ...string) {
	t.Helper()
	bin := os.Getenv("ASSAY_COMPAT_GITEA_RUNNER")
	if bin == "" {
		t.Fatal("set ASSAY_COMPAT_GITEA_RUNNER, as ./test does")
	}
	dir := t.TempDir()
	config := fmt.Sprintf("log: {level: info}\nrunner: {file: .runner, capacity: 1, timeout: 10m, fetch_interval: 1s, fetch_timeout: 5s, labels: [%q]}\n"+
		"cache: {enabled: false}\nhost: {workdir_parent: %s}\n", label+":host", filepath.Join(dir, "work"))
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	token := last(s.run(t, "actions", "generate-runner-token"))
	register := exec.Command(bin, "register", "--no-interactive", "--instance", s.URL, "--token", token, "--name", "r1", "--labels", label+":host")
	register.Dir, register.Env = dir, env
	if out, err := register.CombinedOutput(); err != nil {
		t.Fatalf("registering the runner: %v\n%s", err, out)
	}
	daemon := exec.Command(bin, "daemon", "--config", "config.yaml")
	daemon.Dir, daemon.Env = dir, env
	var log bytes.Buffer
	daemon.Stdout, daemon.Stderr = &log, &log
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = daemon.Process.Signal(os.Interrupt)
		_ = daemon.Wait() // how it ends is not what is tested
		if t.Failed() {
			t.Logf("the runner's log:\n%s", log.Bytes()[max(0, log.Len()-3000):])
		}
	})
}

// Job is one job of a pipeline.
type Job struct {
	ID         int64
	Name       string
	Status     string
	Conclusion string
	Commit     string `json:"head_sha"`
	Run        int64  `json:"run_id"`
	Event      string `json:"-"` // push, pull_request, workflow_dispatch
}

// Jobs lists the jobs of a project's pipelines at a commit, the newest last.
func (p *Project) Jobs(t *testing.T, commit string) []Job {
	t.Helper()
	var runs struct {
		Runs []struct {
			ID    int64
			Event string
		} `json:"workflow_runs"`
	}
	p.Server.Call(t, p.token, "GET", "/repos/"+p.Name+"/actions/runs?limit=50", nil, &runs)
	events := map[int64]string{}
	for _, r := range runs.Runs {
		events[r.ID] = strings.TrimSuffix(r.Event, "_sync")
	}
	var list struct{ Jobs []Job }
	p.Server.Call(t, p.token, "GET", "/repos/"+p.Name+"/actions/jobs?limit=50", nil, &list)
	var out []Job
	for _, j := range list.Jobs {
		if commit == "" || j.Commit == commit {
			j.Event = events[j.Run]
			out = append(out, j)
		}
	}
	slices.SortFunc(out, func(a, b Job) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Wait waits until every job that an event started at a commit has ended, and
// returns them by name, the newest of each.
func (p *Project) Wait(t *testing.T, event, commit string) map[string]Job {
	t.Helper()
	for range 1200 {
		out := map[string]Job{}
		done := false
		for _, j := range p.Jobs(t, commit) {
			if j.Event != event {
				continue
			}
			done = (done || len(out) == 0) && j.Status == "completed"
			out[j.Name] = j
		}
		if done {
			return out
		}
		time.Sleep(250 * time.Millisecond)
	}
	t.Fatalf("the jobs of %s at %.8s do not end: %+v", p.Name, commit, p.Jobs(t, commit))
	return nil
}

// Log is what a job printed.
func (p *Project) Log(t *testing.T, j Job) string {
	t.Helper()
	_, body := p.Server.Try(t, p.token, "GET", fmt.Sprintf("/repos/%s/actions/jobs/%d/logs", p.Name, j.ID), nil)
	return string(body)
}

// Variable and Secret set what a project's pipelines see.
func (p *Project) Variable(t *testing.T, name, value string) {
	t.Helper()
	p.Server.Call(t, p.token, "POST", "/repos/"+p.Name+"/actions/variables/"+name, map[string]any{"value": value}, nil)
}

// Secret sets a secret of a project's pipelines.
func (p *Project) Secret(t *testing.T, name, value string) {
	t.Helper()
	p.Server.Call(t, p.token, "PUT", "/repos/"+p.Name+"/actions/secrets/"+name, map[string]any{"data": value}, nil)
}
