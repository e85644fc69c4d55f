package github_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest/fakegithub"
	"github.com/assay-ml/assay/forge/github"
)

// open pushes a branch and opens its pull request.
func open(t *testing.T, f *github.Forge, p *fakegithub.Project, project, branch string) forge.Change {
	t.Helper()
	p.Push(branch, "params.yaml", "hidden: 64 # "+branch)
	c, err := f.OpenChange(t.Context(), project, forge.Change{Title: "Wider net", Source: branch, Target: "main"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ server, api, want string }{
		{"", "", "https://api.github.com/repos/o/r/pulls/1"},
		{"https://github.com/", "", "https://api.github.com/repos/o/r/pulls/1"},
		{"https://octocorp.ghe.com", "", "https://api.octocorp.ghe.com/repos/o/r/pulls/1"},
		{"https://git.example.com", "", "https://git.example.com/api/v3/repos/o/r/pulls/1"},
		{"https://git.example.com", "https://api.example.com/x/", "https://api.example.com/x/repos/o/r/pulls/1"},
	} {
		asked := ""
		f, err := github.New(github.Options{Server: c.server, API: c.api, HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			asked = r.URL.String()
			return nil, http.ErrHandlerTimeout
		})}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Change(t.Context(), "o/r", 1); !fault.Is(err, fault.Unavailable) || asked != c.want {
			t.Errorf("%q %q: asked %s, %v", c.server, c.api, asked, err)
		}
	}
	if _, err := github.New(github.Options{Server: "github.com"}); !fault.Is(err, fault.Usage) {
		t.Errorf("an address without a scheme: %v", err)
	}
}

// TestSharedClient: two drivers over one client keep their tokens apart, and
// the client stays as it was.
func TestSharedClient(t *testing.T) {
	var sent []string
	shared := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.Header.Get("Authorization"))
		return nil, http.ErrHandlerTimeout
	})}
	var drivers []*github.Forge
	for _, token := range []string{"one", "two"} {
		f, err := github.New(github.Options{Token: token, HTTP: shared})
		if err != nil {
			t.Fatal(err)
		}
		drivers = append(drivers, f)
	}
	for _, f := range drivers {
		_, _ = f.Change(t.Context(), "o/r", 1)
	}
	_, _ = shared.Get("https://elsewhere.example.com/")
	if diff := cmp.Diff([]string{"Bearer one", "Bearer two", ""}, sent); diff != "" {
		t.Error(diff)
	}
}

func TestHostileNames(t *testing.T) {
	h := serve(t)
	f := h.driver(t, "ada")
	for _, project := range []string{"", "ada", "ada/", "/digits", "ada/digits/x", "../user", "ada/..", "ada/di gits", "ada/x?y", "ada/x#y", "ada/%2e%2e", "ada/a..b"} {
		if _, err := f.Change(t.Context(), project, 1); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", project, err)
		}
	}
	for _, commit := range []string{"", "main", "../../user", "HEAD~1", "abc/../def"} {
		if _, err := f.ChangeOfCommit(t.Context(), "ada/digits", commit); !fault.Is(err, fault.NotFound) {
			t.Errorf("change of %q: %v", commit, err)
		}
		if err := f.SetCheck(t.Context(), "ada/digits", commit, forge.Check{Name: "assay", State: forge.Success}); !fault.Is(err, fault.Invalid) {
			t.Errorf("check of %q: %v", commit, err)
		}
	}
	if calls := h.Calls(); len(calls) > 0 {
		t.Errorf("asked %v", calls)
	}
	for _, id := range []string{"", "x", "-1", "1/../2"} {
		if _, err := f.EditComment(t.Context(), forge.Change{Project: "ada/digits", Number: 1}, id, "x"); !fault.Is(err, fault.Invalid) {
			t.Errorf("comment %q: %v", id, err)
		}
	}
	h.project("ada/digits")
	for _, file := range []string{"../../../user", "..", "a/b.yml", `a\b.yml`} {
		if _, err := f.Trigger(t.Context(), forge.Trigger{Project: "ada/digits", Ref: "main", Workflow: file}); !fault.Is(err, fault.Invalid) {
			t.Errorf("workflow %q: %v", file, err)
		}
	}
	_, err := f.Trigger(t.Context(), forge.Trigger{Project: "ada/digits", Ref: "main", Workflow: "a b?x=#%2e.yml"})
	if calls := h.Calls(); !fault.Is(err, fault.NotFound) || !strings.HasSuffix(calls[len(calls)-1], "/workflows/a%20b%3Fx=%23%252e.yml/dispatches") {
		t.Errorf("%v, %v", err, calls)
	}
}

// TestJobToken: a job may not ask who it is; bots' comments may be its own,
// people's never are.
func TestJobToken(t *testing.T) {
	h := serve(t)
	p := h.project("ada/digits")
	h.AddToken("job", fakegithub.Job("ada/digits", map[string]string{"issues": "write"}))
	h.AddToken("app", fakegithub.Token{Kind: fakegithub.Installation, App: "digits-bot", Project: "ada/digits", Permissions: map[string]string{"issues": "write"}})
	c := open(t, h.driver(t, "ada"), p, "ada/digits", "wider")
	for _, token := range []string{"ada", "job", "app"} {
		if _, err := h.driver(t, token).CreateComment(t.Context(), c, "by "+token); err != nil {
			t.Fatal(err)
		}
	}
	own := func(f *github.Forge) (list []string) {
		all, err := f.Comments(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if m.Own {
				list = append(list, m.Author)
			}
		}
		return list
	}
	bots := []string{"github-actions[bot]", "digits-bot[bot]"}
	for token, want := range map[string][]string{"ada": {"ada"}, "heidi": nil, "job": bots, "app": bots} {
		if diff := cmp.Diff(want, own(h.driver(t, token))); diff != "" {
			t.Errorf("%s: %s", token, diff)
		}
	}
	// What it writes itself tells who it is.
	f := h.driver(t, "app")
	own(f)
	if _, err := f.CreateComment(t.Context(), c, "again"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"digits-bot[bot]", "digits-bot[bot]"}, own(f)); diff != "" {
		t.Error(diff)
	}
}

func TestLimits(t *testing.T) {
	h := serve(t)
	p := h.project("ada/digits")
	f := h.driver(t, "ada")
	c := open(t, f, p, "ada/digits", "wider")
	h.Next(fakegithub.TooFast(7), fakegithub.Spent(time.Now().Add(20*time.Second)))
	if _, err := f.CreateComment(t.Context(), c, "after two limits"); err != nil {
		t.Fatal(err)
	}
	if len(h.waits) != 2 || h.waits[0] < 7*time.Second || h.waits[1] < 15*time.Second {
		t.Errorf("waited %v", h.waits)
	}
	all, err := f.Comments(t.Context(), c)
	if err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	h.Next(fakegithub.Spent(time.Now().Add(time.Hour)))
	_, err = f.CreateComment(t.Context(), c, "too late")
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "limits how often") {
		t.Errorf("an hour is longer than a job waits: %v", err)
	}
	// The refusal of a limit is no refusal of a right.
	fresh := h.driver(t, "ada")
	h.Next(fakegithub.Spent(time.Now().Add(time.Hour)))
	if id, err := fresh.Identity(t.Context(), "ada/digits"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%+v, %v", id, err)
	}
}

func TestServerErrors(t *testing.T) {
	h := serve(t)
	p := h.project("ada/digits")
	f := h.driver(t, "ada")
	c := open(t, f, p, "ada/digits", "wider")
	h.Next(fakegithub.Trip{Status: 502, Message: "Server Error"}, fakegithub.Trip{Status: 500, Message: "Server Error"})
	if _, err := f.Change(t.Context(), "ada/digits", c.Number); err != nil {
		t.Errorf("a read after two errors: %v", err)
	}
	before := len(h.Calls())
	h.Next(fakegithub.Trip{Status: 502, Message: "Server Error"})
	if _, err := f.CreateComment(t.Context(), c, "once"); !fault.Is(err, fault.Unavailable) || len(h.Calls()) != before+1 {
		t.Errorf("a post that failed is not sent again: %v, %v", err, h.Calls()[before:])
	}
}

// TestCommentOnPage2 finds our own comment behind a hundred others.
func TestCommentOnPage2(t *testing.T) {
	h := serve(t)
	p := h.project("ada/digits")
	f := h.driver(t, "ada")
	c := open(t, f, p, "ada/digits", "wider")
	other := h.driver(t, "heidi")
	for i := range 100 {
		if _, err := other.CreateComment(t.Context(), c, fmt.Sprint("chat ", i)); err != nil {
			t.Fatal(err)
		}
	}
	mine, err := f.CreateComment(t.Context(), c, "ours")
	if err != nil {
		t.Fatal(err)
	}
	all, err := f.Comments(t.Context(), c)
	if err != nil || len(all) != 101 || all[100].ID != mine.ID || !all[100].Own || all[99].Own {
		t.Errorf("%d comments, %v", len(all), err)
	}
	n := slices.IndexFunc(h.Calls(), func(s string) bool { return strings.Contains(s, "page=2") && strings.Contains(s, "per_page=100") })
	if n < 0 {
		t.Errorf("no second page in %v", h.Calls())
	}
}

func TestForkChange(t *testing.T) {
	h := serve(t)
	up := h.project("ada/digits")
	fork := up.Fork("eve")
	h.AddToken("eve", fakegithub.Token{Login: "eve", Scopes: []string{"public_repo"}})
	head := fork.Push("wider", "params.yaml", "hidden: 64")
	c, err := h.driver(t, "eve").OpenChange(t.Context(), "ada/digits", forge.Change{Title: "Wider", Source: "wider", Target: "main", Fork: "eve/digits"})
	if err != nil {
		t.Fatal(err)
	}
	f := h.driver(t, "ada")
	got, err := f.ChangeOfCommit(t.Context(), "ada/digits", head)
	if err != nil || got.Number != c.Number || got.Fork != "eve/digits" || got.Source != "wider" || got.Head != head || got.Author != "eve" {
		t.Errorf("%+v, %v", got, err)
	}
	up.Merge(c.Number, "squash")
	if got, err = f.ChangeOfCommit(t.Context(), "ada/digits", up.Tip("main")); err != nil || got.Number != c.Number || got.Fork != "eve/digits" {
		t.Errorf("merged: %+v, %v", got, err)
	}
	fork.Delete()
	if got, err = f.Change(t.Context(), "ada/digits", c.Number); err != nil || got.Fork != "eve/unknown-repository" {
		t.Errorf("the fork is gone: %+v, %v", got, err)
	}
	// The job of a fork's pull request may only read.
	h.AddToken("job", fakegithub.Job("ada/digits", map[string]string{"pull_requests": "read"}))
	_, err = h.driver(t, "job").CreateComment(t.Context(), got, "x")
	if !fault.Is(err, fault.Denied) || !strings.Contains(fault.HintOf(err), "pull-requests: write") {
		t.Errorf("%v (%s)", err, fault.HintOf(err))
	}
}

// TestExactCommit: a commit in the midst of a pull request is not its head, the
// merge that GitHub makes for testing is nobody's, a closed one's head is found.
func TestExactCommit(t *testing.T) {
	h := serve(t)
	p := h.project("ada/digits")
	f := h.driver(t, "ada")
	midst := p.Push("wider", "a", "1")
	c := open(t, f, p, "ada/digits", "wider")
	if got, err := f.ChangeOfCommit(t.Context(), "ada/digits", midst); !fault.Is(err, fault.NotFound) {
		t.Errorf("in the midst of it: %+v, %v", got, err)
	}
	if c.MergeCommit != "" {
		t.Errorf("open, but merged as %s", c.MergeCommit)
	}
	again, err := f.OpenChange(t.Context(), "ada/digits", forge.Change{Title: "x", Source: "wider", Target: "main", Labels: []string{"automated", "ünï"}})
	if !fault.Is(err, fault.Exists) {
		t.Errorf("%+v, %v", again, err)
	}
	p.Close(c.Number)
	p.Push("wider", "b", "2")
	if got, err := f.Change(t.Context(), "ada/digits", c.Number); err != nil || got.State != forge.Closed || got.MergeCommit != "" || got.Head != c.Head {
		t.Errorf("closed: %+v, %v", got, err)
	}
	labeled, err := f.OpenChange(t.Context(), "ada/digits", forge.Change{Title: "x", Source: "wider", Target: "main", Labels: []string{"automated", "ünï"}})
	if err != nil || !slices.Equal(labeled.Labels, []string{"automated", "ünï"}) || labeled.Body != "" {
		t.Errorf("%+v, %v", labeled, err)
	}
	if got, err := f.Change(t.Context(), "ada/digits", labeled.Number); err != nil || !slices.Equal(got.Labels, labeled.Labels) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestWhoseApprovals: a stranger's word, one that was dismissed, and one that a
// comment follows.
func TestWhoseApprovals(t *testing.T) {
	h := serve(t)
	p := h.project("ada/digits")
	p.Writer("linus")
	f := h.driver(t, "ada")
	c := open(t, f, p, "ada/digits", "wider")
	p.Review(c.Number, "eve", "APPROVED") // not hers to give
	dismissed := p.Review(c.Number, "linus", "APPROVED")
	p.Dismiss(c.Number, dismissed)
	for range 110 { // more than a page
		p.Review(c.Number, "grace", "COMMENTED")
	}
	p.Review(c.Number, "grace", "APPROVED")
	p.Review(c.Number, "grace", "COMMENTED")
	got, err := f.Approvals(t.Context(), c)
	if err != nil || len(got) != 1 || got[0].Who != "grace" || got[0].Head != c.Head {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestManyChecks(t *testing.T) {
	h := serve(t)
	p := h.project("ada/digits")
	f := h.driver(t, "ada")
	head := p.Tip("main")
	for i := range 130 {
		if err := f.SetCheck(t.Context(), "ada/digits", head, forge.Check{Name: fmt.Sprint("assay/", i), State: forge.Success}); err != nil {
			t.Fatal(err)
		}
	}
	odd := forge.Check{Name: "assay/🎉odd", State: forge.Neutral, URL: "javascript:alert(1)", Summary: "🎉 better\nby " + strings.Repeat("ü", 200)}
	if err := f.SetCheck(t.Context(), "ada/digits", head, odd); err != nil {
		t.Fatal(err)
	}
	all, err := f.Checks(t.Context(), "ada/digits", head)
	if err != nil || len(all) != 131 {
		t.Fatalf("%d checks, %v", len(all), err)
	}
	got := all[slices.IndexFunc(all, func(c forge.Check) bool { return c.Name == "assay/odd" })]
	if len([]rune(got.Summary)) != 140 || !strings.HasPrefix(got.Summary, "better by ü") || !strings.HasSuffix(got.Summary, "…") || got.URL != "" {
		t.Errorf("%+v", got)
	}
}

func TestDeploymentStates(t *testing.T) {
	h := serve(t)
	p := h.project("ada/digits")
	f := h.driver(t, "ada")
	commit := p.Tip("main")
	// A red commit would stop GitHub otherwise.
	if err := f.SetCheck(t.Context(), "ada/digits", commit, forge.Check{Name: "ci", State: forge.Failure}); err != nil {
		t.Fatal(err)
	}
	d := forge.Deployment{Environment: "production", Commit: commit, State: forge.DeploymentRunning}
	for _, state := range []forge.DeploymentState{forge.DeploymentRunning, forge.DeploymentSuccess, forge.DeploymentFailed} {
		d.State, d.Description = state, strings.Repeat("long ", 100)
		var err error
		if d, err = f.Deploy(t.Context(), "ada/digits", d); err != nil {
			t.Fatal(err)
		}
	}
	id, _ := strconv.Atoi(d.ID)
	if diff := cmp.Diff([]string{"in_progress", "success", "failure"}, p.Deployed(id)); diff != "" {
		t.Error(diff)
	}
	d.State = "odd"
	if _, err := f.Deploy(t.Context(), "ada/digits", d); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}

func TestTriggers(t *testing.T) {
	h := serve(t)
	p := h.project("ada/digits")
	f := h.driver(t, "ada")
	event := forge.Trigger{Project: "ada/digits", Variables: map[string]string{"MODEL_NAME": "digits"}}
	if _, err := f.Trigger(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	workflow := event
	workflow.Workflow = "deploy.yml"
	run, err := f.Trigger(t.Context(), workflow)
	if err != nil || run.ID == "" || !strings.HasSuffix(run.URL, "/ada/digits/actions/runs/"+run.ID) {
		t.Fatalf("%+v, %v", run, err)
	}
	want := []fakegithub.Dispatch{
		{Event: "assay", Ref: "main", Inputs: event.Variables}, {Workflow: "deploy.yml", Ref: "main", Inputs: event.Variables},
	}
	if diff := cmp.Diff(want, p.Dispatched()); diff != "" {
		t.Error(diff)
	}
	many := map[string]string{}
	for i := range 26 {
		many[fmt.Sprint("V", i)] = "x"
	}
	for what, trigger := range map[string]forge.Trigger{
		"too many for a workflow": {Project: "ada/digits", Workflow: "deploy.yml", Variables: many},
		"too many for an event":   {Project: "ada/digits", Variables: many},
		"an unknown input":        {Project: "ada/digits", Workflow: "deploy.yml", Variables: map[string]string{"ODD": "x"}},
	} {
		if _, err := f.Trigger(t.Context(), trigger); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	event.Ref = "wider"
	if _, err := f.Trigger(t.Context(), event); !fault.Is(err, fault.Usage) {
		t.Errorf("an event on another branch: %v", err)
	}
}
