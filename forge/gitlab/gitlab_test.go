package gitlab_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest"
	"github.com/assay-ml/assay/forge/forgetest/fakegitlab"
	"github.com/assay-ml/assay/forge/gitlab"
	"github.com/assay-ml/assay/forge/transport"
)

const name = "team/vision/digits.trainer"

// world is a double with a project and people.
type world struct {
	s   *fakegitlab.Server
	p   *fakegitlab.Project
	url string // of the server, with the sub-path
}

func newWorld(t *testing.T, path string) *world {
	t.Helper()
	s := fakegitlab.New()
	s.Path = path
	for _, who := range []string{"ada", "grace", "heidi", "visitor"} {
		s.AddToken(who, "token-of-"+who, "api")
	}
	p, err := s.NewProject(t.Context(), t.TempDir(), name, map[string]int{
		"ada": fakegitlab.Developer, "heidi": fakegitlab.Developer, "grace": fakegitlab.Maintainer,
	})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return &world{s, p, h.URL + path}
}

// as is a driver with somebody's token.
func (w *world) as(t *testing.T, token string) *gitlab.Forge {
	t.Helper()
	// Nothing here has to wait: a limit that was met is told by an error.
	c, err := transport.New(transport.Options{Budget: time.Minute, Wait: func(context.Context, time.Duration) error { return nil }})
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

func (w *world) open(t *testing.T, f *gitlab.Forge, branch string) forge.Change {
	t.Helper()
	w.push(t, branch, branch+".txt", "text\n")
	c, err := f.OpenChange(t.Context(), name, forge.Change{Title: "Wider net", Source: branch, Target: "main"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// merge merges as a person does; rebasing is GitLab's automatic one, which
// leaves the source as it is.
func (w *world) merge(t *testing.T, c forge.Change, way forgetest.Way) {
	w.p.MergeMethod, w.p.AutoRebase = "", false
	if way == forgetest.Rebase {
		w.p.MergeMethod, w.p.AutoRebase = "ff", true
	}
	w.do(t, "PUT", c, "merge", map[string]any{"squash": way == forgetest.Squash, "should_remove_source_branch": true})
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
			w.do(t, "POST", c, "approve", nil)
			return "grace"
		},
		TakeBack:  func(t *testing.T, c forge.Change) { w.do(t, "POST", c, "unapprove", nil) },
		Merge:     w.merge,
		Fetch:     w.fetch,
		Triggered: func(*testing.T) []map[string]string { return w.s.Triggered(w.p) },
	}
}

func TestSuite(t *testing.T) {
	for where, path := range map[string]string{"root": "", "below a sub-path": "/tools/gitlab"} {
		t.Run(where, func(t *testing.T) {
			if testing.Short() && path != "" {
				t.Skip("the same again, at another address")
			}
			forgetest.Run(t, func(t *testing.T) *forgetest.Place {
				w := newWorld(t, path)
				w.p.ResetApprovals = true
				return w.place(t)
			})
		})
	}
}

// TestApprovalsStay: a project that keeps approvals over a push shows them with
// the head that was seen, whether GitLab tells the time or only notes it down.
func TestApprovalsStay(t *testing.T) {
	for age, old := range map[string]bool{"new": false, "old": true} {
		t.Run(age, func(t *testing.T) {
			w := newWorld(t, "")
			w.s.Old = old
			f := w.as(t, "token-of-ada")
			c := w.open(t, f, "wider")
			w.do(t, "POST", c, "approve", nil)
			w.push(t, "wider", "wider.txt", "more\n")
			got, err := f.Approvals(t.Context(), c)
			if err != nil || len(got) != 1 || got[0].Head != c.Head || got[0].At < 1600000000000 {
				t.Errorf("%+v, %v; want one of %s", got, err, c.Head)
			}
			w.do(t, "POST", c, "unapprove", nil)
			w.do(t, "POST", c, "approve", nil)
			tip := w.p.Tip(t.Context(), "wider")
			if got, err = f.Approvals(t.Context(), c); err != nil || len(got) != 1 || got[0].Head != tip {
				t.Errorf("approved anew: %+v, %v; want one of %s", got, err, tip)
			}
		})
	}
}

// TestMergeMethods: what a merged request says of itself, and is found by.
func TestMergeMethods(t *testing.T) {
	w := newWorld(t, "")
	f := w.as(t, "token-of-ada")
	for _, way := range []struct {
		name       string
		method     string
		squash     bool
		autoRebase bool
		told       bool // what it was merged as can be told without the commit
	}{
		{"merge commit", "", false, false, true},
		{"merge commit, squashed", "", true, false, true},
		{"fast-forward", "ff", false, false, true},
		{"fast-forward, squashed", "ff", true, false, true},
		{"automatic rebase", "ff", false, true, false},
		{"automatic rebase, squashed", "ff", true, true, true},
	} {
		t.Run(way.name, func(t *testing.T) {
			branch := strings.NewReplacer(" ", "-", ",", "").Replace(way.name)
			inner := w.push(t, branch, branch+"-1.txt", "one\n")
			head := w.push(t, branch, branch+"-2.txt", "two\n")
			if way.method == "" || way.autoRebase {
				w.push(t, "main", "main-"+branch+".txt", "meanwhile\n")
			}
			c, err := f.OpenChange(t.Context(), name, forge.Change{Title: way.name, Source: branch, Target: "main"})
			if err != nil {
				t.Fatal(err)
			}
			w.p.MergeMethod, w.p.AutoRebase = way.method, way.autoRebase
			w.do(t, "PUT", c, "merge", map[string]any{"squash": way.squash})
			tip := w.p.Tip(t.Context(), "main")
			got, err := f.Change(t.Context(), name, c.Number)
			if err != nil || got.State != forge.Merged || got.Head != head {
				t.Errorf("%+v, %v", got, err)
			}
			if want := map[bool]string{true: tip, false: ""}[way.told]; got.MergeCommit != want {
				t.Errorf("merged as %q, want %q", got.MergeCommit, want)
			}
			if got, err = f.ChangeOfCommit(t.Context(), name, tip); err != nil || got.Number != c.Number || got.MergeCommit != tip {
				t.Errorf("by the tip: %+v, %v", got, err)
			}
			if got, err = f.ChangeOfCommit(t.Context(), name, inner); !fault.Is(err, fault.NotFound) {
				t.Errorf("by a commit inside: %+v, %v", got, err)
			}
		})
	}
}

// TestOlderHead: the pipeline of a push that is not the last finds its request.
func TestOlderHead(t *testing.T) {
	w := newWorld(t, "")
	f := w.as(t, "token-of-ada")
	inner := w.push(t, "wider", "a.txt", "a\n")
	c := w.open(t, f, "wider")
	w.push(t, "wider", "b.txt", "b\n")
	if got, err := f.ChangeOfCommit(t.Context(), name, c.Head); err != nil || got.Number != c.Number || got.Head == c.Head {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := f.ChangeOfCommit(t.Context(), name, inner); !fault.Is(err, fault.NotFound) {
		t.Errorf("of a commit that was never its head: %+v, %v", got, err)
	}
}

func TestForks(t *testing.T) {
	w := newWorld(t, "")
	fork, err := w.s.Fork(t.Context(), w.p, t.TempDir(), "heidi/digits", map[string]int{"heidi": fakegitlab.Maintainer, "ada": fakegitlab.Developer})
	if err != nil {
		t.Fatal(err)
	}
	head, err := fork.Push(t.Context(), "wider", "params.yaml", "hidden: 64\n")
	if err != nil {
		t.Fatal(err)
	}
	f := w.as(t, "token-of-heidi")
	c, err := f.OpenChange(t.Context(), name, forge.Change{Title: "From afar", Source: "wider", Target: "main", Fork: "heidi/digits"})
	if err != nil || c.Fork != "heidi/digits" || c.Project != name || c.Head != head {
		t.Fatalf("%+v, %v", c, err)
	}
	if got, err := f.ChangeOfCommit(t.Context(), name, head); err != nil || got.Number != c.Number {
		t.Errorf("by the head: %+v, %v", got, err)
	}
	if err := f.SetCheck(t.Context(), name, head, forge.Check{Name: "assay", State: forge.Success}); !fault.Is(err, fault.NotFound) || fault.HintOf(err) == "" {
		t.Errorf("a check on a fork's commit: %v", err)
	}
	w.s.Close(fork)
	if got, err := f.Change(t.Context(), name, c.Number); err != nil || got.Fork == "" {
		t.Errorf("after the fork is gone: %+v, %v", got, err)
	}
}

// TestQuickActions: a report's lines are no commands.
func TestQuickActions(t *testing.T) {
	w := newWorld(t, "")
	f := w.as(t, "token-of-ada")
	c := w.open(t, f, "wider")
	text := "/close\nlog:\n````\n/close now\n```\n/merge\n````\n/etc/passwd\n/Close\n"
	want := "\\/close\nlog:\n````\n /close now\n```\n /merge\n````\n/etc/passwd\n\\/Close"
	m, err := f.CreateComment(t.Context(), c, text)
	if err != nil || m.Body != want {
		t.Errorf("%q, %v", m.Body, err)
	}
	if m, err = f.EditComment(t.Context(), c, m.ID, text); err != nil || m.Body != want {
		t.Errorf("edited: %q, %v", m.Body, err)
	}
	if c, err = f.Change(t.Context(), name, c.Number); err != nil || c.State != forge.Open {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestSystemNotes: what GitLab notes down is no comment; others' notes among
// ours over pages are told apart.
func TestSystemNotes(t *testing.T) {
	w := newWorld(t, "")
	f, other := w.as(t, "token-of-ada"), w.as(t, "token-of-heidi")
	c := w.open(t, f, "wider")
	w.do(t, "POST", c, "approve", nil)
	for i := range 60 {
		for _, who := range []*gitlab.Forge{f, other} {
			if _, err := who.CreateComment(t.Context(), c, fmt.Sprint("note ", i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	all, err := f.Comments(t.Context(), c)
	if err != nil || len(all) != 120 {
		t.Fatalf("%d comments, %v", len(all), err)
	}
	for i, m := range all {
		if m.Own != (i%2 == 0) || !strings.HasSuffix(m.URL, "#note_"+m.ID) {
			t.Fatalf("%d: %+v", i, m)
		}
	}
}

// TestRunningTwice: GitLab refuses to set running what runs; that is no error.
func TestRunningTwice(t *testing.T) {
	w := newWorld(t, "")
	f := w.as(t, "token-of-ada")
	c := w.open(t, f, "wider")
	for _, s := range []forge.CheckState{forge.Pending, forge.Pending, forge.Success, forge.Success, forge.Pending, forge.Failure} {
		if err := f.SetCheck(t.Context(), name, c.Head, forge.Check{Name: "assay", State: s, URL: "javascript:x"}); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	for i := range 120 {
		if err := f.SetCheck(t.Context(), name, c.Head, forge.Check{Name: fmt.Sprintf("assay/%03d", i), State: forge.Success}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := f.Checks(t.Context(), name, c.Head)
	if err != nil || len(got) != 121 || got[0].Name != "assay" || got[0].State != forge.Failure {
		t.Errorf("%d checks, %v, first %+v", len(got), err, got[:min(1, len(got))])
	}
}

func TestTriggerTokens(t *testing.T) {
	w := newWorld(t, "")
	w.p.AddTrigger("glptt-secret")
	nobody := w.as(t, "not-a-token")
	variables := map[string]string{"MODEL_VERSION": "7"}
	p, err := nobody.Trigger(t.Context(), forge.Trigger{Project: name, Ref: "main", Token: "glptt-secret", Variables: variables})
	if err != nil || p.ID == "" || !strings.Contains(p.URL, "/pipelines/") {
		t.Errorf("with a trigger's token: %+v, %v", p, err)
	}
	if got := w.s.Triggered(w.p); len(got) != 1 || got[0]["MODEL_VERSION"] != "7" {
		t.Errorf("%v", got)
	}
	if _, err := nobody.Trigger(t.Context(), forge.Trigger{Project: name, Ref: "main", Token: "wrong"}); !fault.Is(err, fault.NotFound) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("with a wrong one: %v", err)
	}
	if _, err := w.as(t, "token-of-ada").Trigger(t.Context(), forge.Trigger{Project: name}); err != nil {
		t.Errorf("of the default branch: %v", err)
	}
}

func TestRights(t *testing.T) {
	w := newWorld(t, "")
	w.s.AddToken("ada", "reads", "read_api")
	w.s.AddToken("project_1_bot", "bots", "api")
	for token, want := range map[string]struct {
		kind   string
		grants []forge.Grant
	}{
		"token-of-ada":     {"user", []forge.Grant{forge.Granted, forge.Granted, forge.Granted}},
		"reads":            {"user", []forge.Grant{forge.Granted, forge.Refused, forge.Granted}},
		"bots":             {"bot", []forge.Grant{forge.Granted, forge.Granted, forge.Unknown}},
		"token-of-visitor": {"user", []forge.Grant{forge.Granted, forge.Granted, forge.Unknown}},
	} {
		id, err := w.as(t, token).Identity(t.Context(), name)
		if err != nil || id.Kind != want.kind || len(id.Rights) != len(want.grants) {
			t.Errorf("%s: %+v, %v", token, id, err)
			continue
		}
		for i, r := range id.Rights {
			if r.Grant != want.grants[i] || r.Grant == forge.Refused && r.Mend == "" {
				t.Errorf("%s: %+v, want %s", token, r, want.grants[i])
			}
		}
	}
	w.p.Private = true
	id, err := w.as(t, "token-of-visitor").Identity(t.Context(), name)
	if err != nil || len(id.Rights) != 1 || id.Rights[0].Grant != forge.Refused || id.Rights[0].Mend == "" {
		t.Errorf("a private project: %+v, %v", id, err)
	}
	if _, err := w.as(t, "reads").CreateComment(t.Context(), forge.Change{Project: name, Number: 1}, "x"); !fault.Is(err, fault.Denied) || !strings.Contains(fault.HintOf(err), "`api`") {
		t.Errorf("a token that reads posts: %v (%s)", err, fault.HintOf(err))
	}
}

// TestRateLimit: a limit is waited for, and told when it does not end.
func TestRateLimit(t *testing.T) {
	w := newWorld(t, "")
	f := w.as(t, "token-of-ada")
	c := w.open(t, f, "wider")
	w.s.RateLimit(3, 2)
	if _, err := f.CreateComment(t.Context(), c, "once"); err != nil {
		t.Errorf("after three refusals: %v", err)
	}
	if got := w.s.Notes(w.p, c.Number); len(got) != 1 {
		t.Errorf("%q", got)
	}
	w.s.RateLimit(1000, 2)
	if _, err := f.CreateComment(t.Context(), c, "never"); !fault.Is(err, fault.Unavailable) || fault.HintOf(err) == "" {
		t.Errorf("without end: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for _, o := range []gitlab.Options{{}, {Server: "gitlab.example.com"}, {Server: "ftp://x"}} {
		if _, err := gitlab.New(o); !fault.Is(err, fault.Usage) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	w := newWorld(t, "/below")
	f, err := gitlab.New(gitlab.Options{API: w.url + "/api/v4", Token: "token-of-ada"})
	if err != nil {
		t.Fatal(err)
	}
	c := w.open(t, f, "wider")
	if m, err := f.CreateComment(t.Context(), forge.Change{Project: name, Number: c.Number}, "x"); err != nil || m.URL != c.URL+"#note_"+m.ID {
		t.Errorf("%+v, %v; the change is at %s", m, err, c.URL)
	}
	for _, project := range []string{"", "digits", "/x", "x/"} {
		if _, err := f.Change(t.Context(), project, 1); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", project, err)
		}
	}
}

func TestLabels(t *testing.T) {
	w := newWorld(t, "")
	f := w.as(t, "token-of-ada")
	w.push(t, "wider", "x.txt", "x\n")
	c, err := f.OpenChange(t.Context(), name, forge.Change{Title: "Draft: x", Draft: true, Source: "wider", Target: "main", Labels: []string{"ml", "bump"}})
	if err != nil || strings.Join(c.Labels, " ") != "bump ml" || c.Title != "Draft: x" || !c.Draft {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestDeployTag(t *testing.T) {
	w := newWorld(t, "")
	f := w.as(t, "token-of-ada")
	d, err := f.Deploy(t.Context(), name, forge.Deployment{
		Environment: "production", Commit: w.p.Tip(t.Context(), "main"), State: forge.DeploymentSuccess, URL: "https://digits.example.com",
	})
	if err != nil || d.ID == "" || d.Ref != "main" {
		t.Errorf("%+v, %v", d, err)
	}
	d.State = forge.DeploymentRunning
	if _, err := f.Deploy(t.Context(), name, d); err == nil {
		t.Error("a deployment that is done runs again")
	}
}
