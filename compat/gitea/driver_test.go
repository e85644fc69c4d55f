//go:build compat

// Package gitea_test runs the driver, and the whole story, against a real
// Gitea with its real runner.
package gitea_test

import (
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/assay-ml/assay/compat/internal/realgitea"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest"
	"github.com/assay-ml/assay/forge/gitea"
	"github.com/assay-ml/assay/forge/transport"
)

func TestDriver(t *testing.T) {
	s := realgitea.Start(t)
	people := map[string]string{}
	for _, name := range []string{"ada", "grace", "heidi"} {
		people[name] = s.User(t, name)
	}
	var count atomic.Int32
	forgetest.Run(t, func(t *testing.T) *forgetest.Place {
		p := s.NewProject(t, "ada", people["ada"], fmt.Sprint("digits-", count.Add(1)), "grace")
		p.Push(t, "main", "start", func() {
			p.Write(t, "params.yaml", "hidden: 8\n")
			p.Write(t, ".gitea/workflows/deploy.yml", deploy)
		})
		return place(t, s, p, people)
	})
}

// deploy is a workflow that is started from elsewhere; no runner takes it.
const deploy = `on:
  workflow_dispatch:
    inputs:
      MODEL_NAME: {required: true, type: string}
      MODEL_VERSION: {required: true, type: string}
      MODEL_DIGEST: {required: true, type: string}
run-name: ${{ inputs.MODEL_NAME }} ${{ inputs.MODEL_VERSION }} ${{ inputs.MODEL_DIGEST }}
jobs:
  deploy: {runs-on: nowhere, steps: [{run: "true"}]}
`

func driver(t *testing.T, s *realgitea.Server, token string) *gitea.Forge {
	t.Helper()
	client, err := transport.New(transport.Options{Budget: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	f, err := gitea.New(gitea.Options{Server: s.URL, Token: token, HTTP: client})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func place(t *testing.T, s *realgitea.Server, p *realgitea.Project, people map[string]string) *forgetest.Place {
	pull := func(c forge.Change) string { return fmt.Sprintf("/repos/%s/pulls/%d", c.Project, c.Number) }
	return &forgetest.Place{
		Forge: driver(t, s, people["ada"]), Other: driver(t, s, people["heidi"]), Stranger: driver(t, s, "not-a-token"),
		Project: p.Name,
		Push: func(t *testing.T, branch, file, text string) string {
			return p.Push(t, branch, "write "+file, func() { p.Write(t, file, text) })
		},
		Tip: p.Tip,
		Approve: func(t *testing.T, c forge.Change) string {
			s.Call(t, people["grace"], "POST", pull(c)+"/reviews", map[string]any{"event": "APPROVED", "body": "good"}, nil)
			return "grace"
		},
		TakeBack: func(t *testing.T, c forge.Change) {
			s.Call(t, people["grace"], "POST", pull(c)+"/reviews", map[string]any{"event": "REQUEST_CHANGES", "body": "on second thoughts"}, nil)
		},
		Merge: func(t *testing.T, c forge.Change, way forgetest.Way) {
			merge(t, s, people["grace"], pull(c), string(way))
		},
		Fetch: func(t *testing.T, address string) []byte {
			res, err := http.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != 200 {
				t.Fatalf("%s: %s, %v", address, res.Status, err)
			}
			return b
		},
		DownstreamWorkflow: "deploy.yml",
		Triggered:          func(t *testing.T) []map[string]string { return dispatched(t, s, people["ada"], p.Name) },
	}
}

// merge merges as a person does; Gitea looks for conflicts first, and says 405
// until it has.
func merge(t *testing.T, s *realgitea.Server, token, pull, way string) {
	t.Helper()
	for range 100 {
		status, body := s.Try(t, token, "POST", pull+"/merge", map[string]any{"Do": way, "delete_branch_after_merge": true})
		if status == 200 {
			return
		}
		if status != 405 {
			t.Fatalf("merging: %d %s", status, body)
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("Gitea never got ready to merge")
}

// dispatched reads the inputs back from the names of the runs.
func dispatched(t *testing.T, s *realgitea.Server, token, project string) []map[string]string {
	var list struct {
		Runs []struct {
			Title string `json:"display_title"`
			Event string
		} `json:"workflow_runs"`
	}
	s.Call(t, token, "GET", "/repos/"+project+"/actions/runs", nil, &list)
	var out []map[string]string
	for _, r := range list.Runs {
		if r.Event != "workflow_dispatch" {
			continue
		}
		var name, version, digest string
		if _, err := fmt.Sscan(r.Title, &name, &version, &digest); err != nil {
			t.Errorf("run %q: %v", r.Title, err)
		}
		out = append(out, map[string]string{"MODEL_NAME": name, "MODEL_VERSION": version, "MODEL_DIGEST": digest})
	}
	return out
}
