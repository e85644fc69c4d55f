package forgetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

func checks(t *testing.T, p *Place) {
	head := p.Push(t, "wider", "params.yaml", "hidden: 64\n")
	for _, c := range []forge.Check{
		{Name: "assay", State: forge.Pending, Summary: "training"},
		{Name: "assay", State: forge.Failure, Summary: "▼ worse: 93.2 %", URL: "https://assay.example.com/runs/1"},
		{Name: "assay/data", State: forge.Success, Summary: "fine"},
		{Name: "assay/late", State: forge.Neutral, Summary: "cannot tell"},
	} {
		if err := p.Forge.SetCheck(t.Context(), p.Project, head, c); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
	}
	got, err := p.Forge.Checks(t.Context(), p.Project, head)
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	slices.SortFunc(got, func(a, b forge.Check) int { return strings.Compare(a.Name, b.Name) })
	if got[0].Name != "assay" || got[0].State != forge.Failure || got[0].Summary != "▼ worse: 93.2 %" || got[0].URL != "https://assay.example.com/runs/1" {
		t.Errorf("the newest of a name: %+v", got[0])
	}
	// A forge without a neutral colour shows green, and the summary says it.
	if got[1].State != forge.Success || got[2].State != forge.Neutral && got[2].State != forge.Success || got[2].Summary != "cannot tell" {
		t.Errorf("%+v", got[1:])
	}
}

func deployments(t *testing.T, p *Place) {
	p.has(t, forge.Deployments)
	commit := p.Tip(t, "main")
	d, err := p.Forge.Deploy(t.Context(), p.Project, forge.Deployment{
		Environment: "production", Commit: commit, Ref: "main", State: forge.DeploymentRunning, Description: "digits@v7",
	})
	if err != nil || d.ID == "" {
		t.Fatalf("%+v, %v", d, err)
	}
	d.State, d.URL = forge.DeploymentSuccess, "https://digits.example.com"
	done, err := p.Forge.Deploy(t.Context(), p.Project, d)
	if err != nil || done.ID != d.ID || done.State != forge.DeploymentSuccess {
		t.Errorf("%+v, %v", done, err)
	}
}

func trigger(t *testing.T, p *Place) {
	p.has(t, forge.Triggers)
	want := map[string]string{"MODEL_NAME": "digits", "MODEL_VERSION": "7", "MODEL_DIGEST": "sha256:abc"}
	_, err := p.Forge.Trigger(t.Context(), forge.Trigger{Project: p.Project, Ref: "main", Workflow: p.DownstreamWorkflow, Variables: want})
	if err != nil {
		t.Fatal(err)
	}
	got := p.Triggered(t)
	if len(got) != 1 {
		t.Fatalf("%d pipelines", len(got))
	}
	for k, v := range want {
		if got[0][k] != v {
			t.Errorf("%s is %q, want %q", k, got[0][k], v)
		}
	}
}

func identity(t *testing.T, p *Place) {
	before, err := p.Forge.Identity(t.Context(), p.Project)
	if err != nil {
		t.Fatal(err)
	}
	if before.Kind == "" || len(before.Rights) == 0 {
		t.Errorf("%+v", before)
	}
	for _, r := range before.Rights {
		if r.Name == "" || r.For == "" || r.Grant == forge.Refused || r.Grant == "" {
			t.Errorf("%+v", r)
		}
	}
}

// noRights: a token that is not accepted is said to be, by every call, and
// nothing else is claimed.
func noRights(t *testing.T, p *Place) {
	if p.Stranger == nil {
		t.Skip("this forge has no tokens")
	}
	c := p.open(t, "wider")
	_, commentErr := p.Stranger.CreateComment(t.Context(), c, "x")
	checkErr := p.Stranger.SetCheck(t.Context(), p.Project, c.Head, forge.Check{Name: "assay", State: forge.Success})
	for what, err := range map[string]error{"comment": commentErr, "check": checkErr} {
		if !fault.Is(err, fault.Denied) || fault.HintOf(err) == "" {
			t.Errorf("%s: %v (%s)", what, err, fault.HintOf(err))
		}
		if err != nil && strings.Contains(err.Error(), "not-a-token") {
			t.Errorf("%s: the token is in the message: %v", what, err)
		}
	}
	id, err := p.Stranger.Identity(t.Context(), p.Project)
	if err == nil && !slices.ContainsFunc(id.Rights, func(r forge.Right) bool { return r.Grant == forge.Refused && r.Mend != "" }) {
		t.Errorf("a stranger's rights: %+v", id)
	}
	if err != nil && !fault.Is(err, fault.Denied) {
		t.Errorf("a stranger's rights: %v", err)
	}
}

func nothingToFind(t *testing.T, p *Place) {
	if _, err := p.Forge.Change(t.Context(), p.Project, 4711); !fault.Is(err, fault.NotFound) {
		t.Errorf("a merge request: %v", err)
	}
	if _, err := p.Forge.Change(t.Context(), p.Project+"-none", 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("a project: %v", err)
	}
	_, err := p.Forge.OpenChange(t.Context(), p.Project, forge.Change{Title: "x", Source: "never-pushed", Target: "main"})
	if err == nil || fault.CodeOf(err) == fault.Internal {
		t.Errorf("a branch that was never pushed: %v", err)
	}
}
