//go:build compat

// Package gitlab_test holds the double of GitLab, and through it the driver and
// the cml face, to GitLab's published description, and runs pipelines written
// for GitLab with gitlab-ci-local.
package gitlab_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest"
	"github.com/assay-ml/assay/forge/forgetest/fakegitlab"
	"github.com/assay-ml/assay/forge/gitlab"
	"github.com/assay-ml/assay/forge/transport"
)

const name = "team/vision/digits.trainer"

// world is a double as a running server, each request and answer of which is
// checked, with a project and people.
type world struct {
	s     *fakegitlab.Server
	p     *fakegitlab.Project
	url   string
	check *checked
}

func newWorld(t *testing.T, path string) *world {
	t.Helper()
	s := fakegitlab.New()
	s.Path = path
	for _, who := range []string{"ada", "grace", "heidi"} {
		s.AddToken(who, "token-of-"+who, "api")
	}
	p, err := s.NewProject(t.Context(), t.TempDir(), name, map[string]int{
		"ada": fakegitlab.Developer, "heidi": fakegitlab.Developer, "grace": fakegitlab.Maintainer,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.ResetApprovals = true
	c := newChecked(t, s, path)
	h := httptest.NewServer(c)
	t.Cleanup(h.Close)
	return &world{s, p, h.URL + path, c}
}

func (w *world) as(t *testing.T, token string) *gitlab.Forge {
	t.Helper()
	c, err := transport.New(transport.Options{Budget: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	f, err := gitlab.New(gitlab.Options{Server: w.url, Token: token, HTTP: c})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (w *world) push(t *testing.T, branch, file, text string) string {
	t.Helper()
	id, err := w.p.Push(t.Context(), branch, file, text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// do is what grace does on the page.
func (w *world) do(t *testing.T, method string, c forge.Change, what string, body map[string]any) {
	t.Helper()
	who := fakegitlab.Person{API: w.url + "/api/v4", Token: "token-of-grace"}
	if err := who.Do(t.Context(), method, c.Project, c.Number, what, body); err != nil {
		t.Fatal(err)
	}
}

// fetch resolves a relative address as a note's page does.
func (w *world) fetch(t *testing.T, address string) []byte {
	t.Helper()
	if rest, ok := strings.CutPrefix(address, "/uploads/"); ok {
		address = fmt.Sprintf("%s/-/project/%d/uploads/%s", w.url, w.p.ID, rest)
	}
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
}

func (w *world) place(t *testing.T) *forgetest.Place {
	return &forgetest.Place{
		Forge: w.as(t, "token-of-ada"), Other: w.as(t, "token-of-heidi"), Stranger: w.as(t, "not-a-token"), Project: name,
		Push: w.push,
		Tip:  func(t *testing.T, branch string) string { return w.p.Tip(t.Context(), branch) },
		Approve: func(t *testing.T, c forge.Change) string {
			w.do(t, "POST", c, "approve", map[string]any{"sha": w.p.Tip(t.Context(), c.Source)})
			return "grace"
		},
		TakeBack: func(t *testing.T, c forge.Change) { w.do(t, "POST", c, "unapprove", nil) },
		Merge: func(t *testing.T, c forge.Change, way forgetest.Way) {
			w.p.MergeMethod, w.p.AutoRebase = "", false
			if way == forgetest.Rebase {
				w.p.MergeMethod, w.p.AutoRebase = "ff", true
			}
			w.do(t, "PUT", c, "merge", map[string]any{"squash": way == forgetest.Squash})
		},
		Fetch:     w.fetch,
		Triggered: func(*testing.T) []map[string]string { return w.s.Triggered(w.p) },
	}
}

func TestDriver(t *testing.T) {
	for where, path := range map[string]string{"root": "", "below a sub-path": "/tools/gitlab"} {
		t.Run(where, func(t *testing.T) {
			forgetest.Run(t, func(t *testing.T) *forgetest.Place { return newWorld(t, path).place(t) })
		})
	}
}

// TestRest makes the calls that the suite does not: a fork's merge request,
// labels, a trigger's token, a deployment of a tag.
func TestRest(t *testing.T) {
	w := newWorld(t, "")
	f := w.as(t, "token-of-ada")
	fork, err := w.s.Fork(t.Context(), w.p, t.TempDir(), "ada/digits", map[string]int{"ada": fakegitlab.Maintainer})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fork.Push(t.Context(), "wider", "params.yaml", "hidden: 64\n"); err != nil {
		t.Fatal(err)
	}
	c, err := f.OpenChange(t.Context(), name, forge.Change{
		Title: "From afar", Source: "wider", Target: "main", Fork: "ada/digits", Labels: []string{"ml", "bump"}, Draft: true,
	})
	if err != nil || c.Fork != "ada/digits" {
		t.Errorf("%+v, %v", c, err)
	}
	w.p.AddTrigger("glptt-secret")
	if _, err := f.Trigger(t.Context(), forge.Trigger{Project: name, Token: "glptt-secret", Variables: map[string]string{"A": "1"}}); err != nil {
		t.Error(err)
	}
	if _, err := f.Deploy(t.Context(), name, forge.Deployment{
		Environment: "production", Commit: w.p.Tip(t.Context(), "main"), State: forge.DeploymentSuccess,
	}); err != nil {
		t.Error(err)
	}
}
