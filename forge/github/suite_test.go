package github_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest"
	"github.com/assay-ml/assay/forge/forgetest/fakegithub"
	"github.com/assay-ml/assay/forge/github"
	"github.com/assay-ml/assay/forge/transport"
)

// hub is a double that is served, and the waits that the transport made.
type hub struct {
	*fakegithub.Server
	url   string
	waits []time.Duration
}

func serve(t *testing.T) *hub {
	t.Helper()
	h := &hub{Server: fakegithub.New()}
	s := httptest.NewServer(h.Server)
	t.Cleanup(s.Close)
	h.url = s.URL
	return h
}

// driver makes a driver whose transport does not really wait.
func (h *hub) driver(t *testing.T, token string) *github.Forge {
	t.Helper()
	client, err := transport.New(transport.Options{Budget: 5 * time.Minute, Wait: func(_ context.Context, d time.Duration) error {
		h.waits = append(h.waits, d)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	o := github.Options{Server: "https://github.com", API: h.url, Token: token, HTTP: client}
	if h.Enterprise {
		o.Server, o.API = h.url, "" // which the driver finds
	}
	f, err := github.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// project makes a project of ada's, to which grace may write. The tokens of ada
// and heidi, a stranger, are their names.
func (h *hub) project(name string) *fakegithub.Project {
	p := h.NewProject(name, false)
	p.Writer("grace")
	p.Workflow("deploy.yml", "MODEL_NAME", "MODEL_VERSION", "MODEL_DIGEST")
	for _, login := range []string{"ada", "grace", "heidi"} {
		h.AddToken(login, fakegithub.Token{Login: login, Scopes: []string{"repo"}})
	}
	return p
}

var count atomic.Int32

func place(t *testing.T, h *hub, token string) *forgetest.Place {
	name := fmt.Sprint("ada/digits-", count.Add(1))
	p := h.project(name)
	h.AddToken("job", fakegithub.Job(name, map[string]string{
		"pull_requests": "write", "statuses": "write", "deployments": "write", "actions": "write",
	}))
	return &forgetest.Place{
		Forge: h.driver(t, token), Other: h.driver(t, "heidi"), Stranger: h.driver(t, "not-a-token"), Project: name,
		Push: func(_ *testing.T, branch, file, text string) string { return p.Push(branch, file, text) },
		Tip:  func(_ *testing.T, branch string) string { return p.Tip(branch) },
		Approve: func(_ *testing.T, c forge.Change) string {
			p.Review(c.Number, "grace", "APPROVED")
			return "grace"
		},
		TakeBack: func(_ *testing.T, c forge.Change) { p.Review(c.Number, "grace", "CHANGES_REQUESTED") },
		Merge:    func(_ *testing.T, c forge.Change, way forgetest.Way) { p.Merge(c.Number, string(way)) },

		DownstreamWorkflow: "deploy.yml",
		Triggered: func(*testing.T) []map[string]string {
			var out []map[string]string
			for _, d := range p.Dispatched() {
				out = append(out, d.Inputs)
			}
			return out
		},
	}
}

// TestSuite holds the driver to what all are held to: with a person's token,
// with a job's, and on an Enterprise Server.
func TestSuite(t *testing.T) {
	t.Run("person", func(t *testing.T) {
		forgetest.Run(t, func(t *testing.T) *forgetest.Place { return place(t, serve(t), "ada") })
	})
	t.Run("job", func(t *testing.T) {
		forgetest.Run(t, func(t *testing.T) *forgetest.Place { return place(t, serve(t), "job") })
	})
	t.Run("Enterprise", func(t *testing.T) {
		forgetest.Run(t, func(t *testing.T) *forgetest.Place {
			h := serve(t)
			h.Enterprise = true
			return place(t, h, "ada")
		})
	})
}
