//go:build compat

package github

import (
	"fmt"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest"
	"github.com/assay-ml/assay/forge/forgetest/fakegithub"
	"github.com/assay-ml/assay/forge/github"
	"github.com/assay-ml/assay/forge/transport"
)

// TestDriver runs the suite with each kind of token, and what the suite has no
// word for, against each description.
func TestDriver(t *testing.T) {
	packages(t)
	for _, server := range []struct {
		name, file, prefix string
		enterprise         bool
	}{
		{"github.com", "api.github.com.json", "/", false},
		{"Enterprise", "ghes-3.19.json", "/api/v3", true},
	} {
		t.Run(server.name, func(t *testing.T) {
			c := load(t, server.file, server.prefix)
			for _, token := range []string{"ada", "fine", "job"} {
				t.Run(token, func(t *testing.T) {
					forgetest.Run(t, func(t *testing.T) *forgetest.Place { return newWorld(t, c, server.enterprise).place(t, token) })
				})
			}
			t.Run("beyond", func(t *testing.T) { beyond(t, newWorld(t, c, server.enterprise)) })
			c.report(t)
		})
	}
}

// world is a double with a project, that is watched.
type world struct {
	*fakegithub.Server
	*fakegithub.Project
	name, url string
}

var count atomic.Int32

func newWorld(t *testing.T, c *contract, enterprise bool) *world {
	w := &world{Server: fakegithub.New(), name: fmt.Sprint("ada/digits-", count.Add(1))}
	w.Enterprise = enterprise
	s := httptest.NewServer(c.watch(t, w.Server))
	t.Cleanup(s.Close)
	w.url = s.URL
	w.Project = w.NewProject(w.name, false)
	w.Writer("grace")
	w.Workflow("deploy.yml", "MODEL_NAME", "MODEL_VERSION", "MODEL_DIGEST")
	all := map[string]string{"pull_requests": "write", "statuses": "write", "deployments": "write", "actions": "write", "contents": "write"}
	for name, token := range map[string]fakegithub.Token{
		"ada": {Login: "ada", Scopes: []string{"repo"}}, "heidi": {Login: "heidi", Scopes: []string{"repo"}},
		"fine": {Kind: fakegithub.FineGrained, Login: "ada", Permissions: all}, "job": fakegithub.Job(w.name, all),
		"fork's": fakegithub.Job(w.name, map[string]string{"pull_requests": "read"}),
	} {
		w.AddToken(name, token)
	}
	return w
}

func (w *world) driver(t *testing.T, token string) *github.Forge {
	t.Helper()
	client, err := transport.New(transport.Options{Budget: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	o := github.Options{Server: "https://github.com", API: w.url, Token: token, HTTP: client}
	if w.Enterprise {
		o.Server, o.API = w.url, "" // which the driver finds
	}
	f, err := github.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (w *world) place(t *testing.T, token string) *forgetest.Place {
	return &forgetest.Place{
		Forge: w.driver(t, token), Other: w.driver(t, "heidi"), Stranger: w.driver(t, "not-a-token"), Project: w.name,
		Push: func(_ *testing.T, branch, file, text string) string { return w.Push(branch, file, text) },
		Tip:  func(_ *testing.T, branch string) string { return w.Tip(branch) },
		Approve: func(_ *testing.T, c forge.Change) string {
			w.Review(c.Number, "grace", "APPROVED")
			return "grace"
		},
		TakeBack: func(_ *testing.T, c forge.Change) { w.Review(c.Number, "grace", "CHANGES_REQUESTED") },
		Merge:    func(_ *testing.T, c forge.Change, way forgetest.Way) { w.Merge(c.Number, string(way)) },

		DownstreamWorkflow: "deploy.yml",
		Triggered: func(*testing.T) []map[string]string {
			var out []map[string]string
			for _, d := range w.Dispatched() {
				out = append(out, d.Inputs)
			}
			return out
		},
	}
}

// beyond makes the calls that the suite does not: labels, a fork's pull
// request, an event, refusals and limits.
func beyond(t *testing.T, w *world) {
	f := w.driver(t, "ada")
	w.Fork("eve").Push("wider", "params.yaml", "hidden: 64")
	c, err := f.OpenChange(t.Context(), w.name, forge.Change{
		Title: "Wider", Source: "wider", Target: "main", Fork: "eve/" + w.name[len("ada/"):], Labels: []string{"automated"},
	})
	if err != nil || c.Fork == "" || len(c.Labels) != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	if got, err := f.ChangeOfCommit(t.Context(), w.name, c.Head); err != nil || got.Number != c.Number {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := f.Trigger(t.Context(), forge.Trigger{Project: w.name, Variables: map[string]string{"MODEL_NAME": "digits"}}); err != nil {
		t.Error(err)
	}
	if _, err := f.Trigger(t.Context(), forge.Trigger{Project: w.name}); err != nil {
		t.Error(err)
	}
	for _, token := range []string{"heidi", "fork's"} {
		if id, err := w.driver(t, token).Identity(t.Context(), w.name); err != nil || len(id.Rights) != 5 {
			t.Errorf("%s: %+v, %v", token, id, err)
		}
	}
	w.Next(fakegithub.TooFast(1))
	if _, err := f.CreateComment(t.Context(), c, "after a limit"); err != nil {
		t.Error(err)
	}
	w.Next(fakegithub.Spent(time.Now().Add(time.Hour)))
	if _, err := f.CreateComment(t.Context(), c, "too late"); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}
