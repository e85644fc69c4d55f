package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/assay-ml/assay/cli/forges"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest/fakegithub"
	"github.com/assay-ml/assay/forge/forgetest/fakegitlab"
	"github.com/assay-ml/assay/git"
)

// hub is a double of GitHub or GitLab that a script pushes to and steers.
type hub struct {
	*sky
	kind     forge.Kind
	dir      string // of the bare repositories: OWNER/NAME.git
	url      string // as jobs reach it, through the weather
	page     string // as people do: theirs is always fine
	github   *fakegithub.Server
	gitlab   *fakegitlab.Server
	projects map[string]*hubProject
	project  string // whose jobs run
	tokens   []string

	pushing sync.Mutex // one at a time tells the double of pushes

	mu    sync.Mutex
	known map[string]string // GitHub's double names commits itself: each one's other name, both ways
}

type hubProject struct {
	bare   *git.Repo
	github *fakegithub.Project
	gitlab *fakegitlab.Project
}

type hubKey struct{}

func hubs(ts *testscript.TestScript) map[forge.Kind]*hub {
	return ts.Value(hubKey{}).(map[forge.Kind]*hub)
}

// hubDriver is what the words ask a driver for.
type hubDriver interface {
	forges.Driver
	OpenChange(ctx context.Context, project string, c forge.Change) (forge.Change, error)
	Checks(ctx context.Context, project, commit string) ([]forge.Check, error)
}

// people may do all that these stories have people do; each one's token is
// token-of-NAME.
var people = []string{"ada", "grace", "heidi", "mallory"}

// hubWord returns the words after github, or gitlab:
//
//	project NAME              the double, with a project; REMOTE is its repository
//	fork OWNER                a fork of it; FORK is its repository
//	token RIGHTS…             the token that jobs are given: NAME=LEVEL… of GitHub,
//	                          SCOPE ROLE [2] of GitLab (2: of another bot);
//	                          `expired`; `none`
//	job push BRANCH           sets the environment of a job, and is in a fresh
//	job change NUMBER [head]  checkout, as the forge's runner makes them (head:
//	                          GitHub's, told not to check out a merge)
//	open [OWNER:]BRANCH AUTHOR TITLE
//	approve|merge|squash NUMBER WHO
//	says NUMBER WHO FILE [TIMES]  comments, with the text of a file
//	comments NUMBER           prints the comments
//	checks BRANCH             prints the checks of its head
//	asked [PATTERN]           prints the calls since it was last asked
//	weather …                 see sky.change
func hubWord(kind forge.Kind) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		h := hubs(ts)[kind]
		if args[0] == "project" {
			h = newHub(ts, kind, args[1])
			hubs(ts)[kind] = h
			return
		}
		if h == nil {
			ts.Fatalf("%s project NAME comes first", kind)
		}
		words := map[string]func(*testscript.TestScript, []string){
			"fork": h.fork, "token": h.token, "job": h.job, "open": h.open, "says": h.says, "comments": h.comments, "checks": h.checks,
			"approve": h.approve, "merge": func(ts *testscript.TestScript, a []string) { h.merge(ts, a, false) },
			"squash": func(ts *testscript.TestScript, a []string) { h.merge(ts, a, true) },
			"asked":  h.asked, "weather": h.weather,
		}
		word := words[args[0]]
		if word == nil {
			ts.Fatalf("unknown word %s %s", kind, args[0])
		}
		word(ts, args[1:])
	}
}

func newHub(ts *testscript.TestScript, kind forge.Kind, project string) *hub {
	h := &hub{kind: kind, dir: at(ts, string(kind)), project: project, projects: map[string]*hubProject{}, known: map[string]string{}}
	var double http.Handler
	if kind == forge.GitHub {
		h.github = fakegithub.New()
		double = http.HandlerFunc(h.mirror)
	} else {
		h.gitlab = fakegitlab.New()
		double = h.gitlab
	}
	h.sky = &sky{next: double}
	for _, who := range people {
		if kind == forge.GitHub {
			h.github.AddToken("token-of-"+who, fakegithub.Token{Login: who, Scopes: []string{"repo"}})
		} else {
			h.gitlab.AddToken(who, "token-of-"+who, "api")
		}
	}
	jobs, page := httptest.NewServer(h.sky), httptest.NewServer(double)
	ts.Defer(func() { h.clear(); jobs.Close(); page.Close() })
	h.url, h.page = jobs.URL, page.URL
	p := &hubProject{}
	if kind == forge.GitHub {
		p.github = h.github.NewProject(project, false)
		p.github.Writer("grace")
	}
	h.repository(ts, project, p, "init", "-q", "--bare", "-b", "main")
	ts.Setenv("REMOTE", p.bare.Dir)
	return h
}

// repository makes the bare repository of a project.
func (h *hub) repository(ts *testscript.TestScript, name string, p *hubProject, how ...string) {
	dir := filepath.Join(h.dir, name+".git")
	ts.Check(os.MkdirAll(filepath.Dir(dir), 0o755))
	_, err := (&git.Repo{Dir: h.dir}).Run(context.Background(), append(how, dir)...)
	ts.Check(err)
	p.bare = &git.Repo{Dir: dir}
	if h.kind == forge.GitLab {
		p.gitlab = h.gitlab.AddProject(name, dir, map[string]int{
			"ada": fakegitlab.Developer, "grace": fakegitlab.Maintainer, "mallory": fakegitlab.Developer, "heidi": fakegitlab.Developer,
			"project_guest_bot": fakegitlab.Guest, "project_developer_bot": fakegitlab.Developer, "project_developer_2_bot": fakegitlab.Developer,
		})
	}
	h.projects[name] = p
}

func (h *hub) fork(ts *testscript.TestScript, a []string) {
	if h.kind == forge.GitHub {
		ts.Check(h.sync())
	}
	base, name := h.projects[h.project], a[0]+"/"+h.project[strings.LastIndexByte(h.project, '/')+1:]
	p := &hubProject{}
	if h.kind == forge.GitHub {
		p.github = base.github.Fork(a[0])
	}
	h.repository(ts, name, p, "clone", "-q", "--bare", base.bare.Dir)
	ts.Setenv("FORK", p.bare.Dir)
}

// token makes a token and hands it to the jobs that follow, and to nobody else.
func (h *hub) token(ts *testscript.TestScript, a []string) {
	name, secret := "GITHUB_TOKEN", fmt.Sprintf("ghs_SECRET%dSECRET", len(h.tokens))
	if h.kind == forge.GitLab {
		name, secret = "GITLAB_TOKEN", fmt.Sprintf("glpat-SECRET%dSECRET", len(h.tokens))
	}
	h.tokens = append(h.tokens, secret)
	switch {
	case a[0] == "none":
		secret = ""
	case a[0] == "expired":
	case h.kind == forge.GitHub:
		rights := map[string]string{}
		for _, r := range a {
			right, level, _ := strings.Cut(r, "=")
			rights[strings.ReplaceAll(right, "-", "_")] = level
		}
		h.github.AddToken(secret, fakegithub.Job(h.project, rights))
	default:
		h.gitlab.AddToken("project_"+strings.Join(a[1:], "_")+"_bot", secret, a[0])
	}
	ts.Setenv(name, secret)
}

// tellsNothing fails where a token of a job can be read.
func (h *hub) tellsNothing(ts *testscript.TestScript, where, text string) {
	for _, t := range h.tokens {
		if strings.Contains(text, t) {
			ts.Fatalf("the %s tells a token", where)
		}
	}
}

// as is the driver in a person's hands.
func (h *hub) as(ts *testscript.TestScript, who string) hubDriver {
	j := forge.Job{Kind: h.kind, Server: h.page}
	if h.kind == forge.GitHub {
		j.API = h.page
	}
	d, err := forges.Open(j, "token-of-"+who, nil)
	ts.Check(err)
	return d.(hubDriver)
}

func (h *hub) changeOf(ts *testscript.TestScript, number string) forge.Change {
	n, err := strconv.Atoi(number)
	ts.Check(err)
	c, err := h.as(ts, "ada").Change(context.Background(), h.project, n)
	ts.Check(err)
	return c
}

func (h *hub) open(ts *testscript.TestScript, a []string) {
	c := forge.Change{Source: a[0], Target: "main", Title: a[2]}
	if owner, branch, ok := strings.Cut(a[0], ":"); ok {
		c.Fork, c.Source = owner+"/"+h.project[strings.LastIndexByte(h.project, '/')+1:], branch
	}
	_, err := h.as(ts, a[1]).OpenChange(context.Background(), h.project, c)
	ts.Check(err)
}

func (h *hub) approve(ts *testscript.TestScript, a []string) {
	c := h.changeOf(ts, a[0])
	if h.kind == forge.GitHub {
		h.projects[h.project].github.Review(c.Number, a[1], "APPROVED")
		return
	}
	who := fakegitlab.Person{API: h.page + "/api/v4", Token: "token-of-" + a[1]}
	ts.Check(who.Do(context.Background(), "POST", h.project, c.Number, "approve", map[string]any{"sha": c.Head}))
}

// merge merges and, as projects are set up for tidiness, deletes the branch.
func (h *hub) merge(ts *testscript.TestScript, a []string, squash bool) {
	ctx, c := context.Background(), h.changeOf(ts, a[0])
	if h.kind == forge.GitLab {
		who := fakegitlab.Person{API: h.page + "/api/v4", Token: "token-of-" + a[1]}
		ts.Check(who.Do(ctx, "PUT", h.project, c.Number, "merge", map[string]any{"squash": squash, "should_remove_source_branch": true}))
		return
	}
	p, dir := h.projects[h.project], at(ts, "merging")
	ts.Check(os.RemoveAll(dir))
	w := &git.Repo{Dir: dir}
	way, steps := "merge", [][]string{{"merge", "-q", "--no-ff", "-m", "Merge pull request #" + a[0], c.Head}}
	if squash {
		way, steps = "squash", [][]string{{"merge", "-q", "--squash", c.Head}, {"commit", "-q", "-m", c.Title}}
	}
	_, err := p.bare.Run(ctx, "clone", "-q", p.bare.Dir, dir)
	ts.Check(err)
	for _, s := range append(steps, []string{"push", "-q", "origin", "HEAD:main", ":" + c.Source}) {
		_, err = w.Run(ctx, append([]string{"-c", "user.name=" + a[1], "-c", "user.email=" + a[1] + "@example.com"}, s...)...)
		ts.Check(err)
	}
	tip, err := w.Head(ctx)
	ts.Check(err)
	p.github.Merge(c.Number, way)
	h.pair(p.github.Tip("main"), tip)
}

func (h *hub) says(ts *testscript.TestScript, a []string) {
	times := 1
	if len(a) > 3 {
		var err error
		times, err = strconv.Atoi(a[3])
		ts.Check(err)
	}
	d, c := h.as(ts, a[1]), h.changeOf(ts, a[0])
	for range times {
		_, err := d.CreateComment(context.Background(), c, ts.ReadFile(a[2]))
		ts.Check(err)
	}
}

// comments prints each comment after a line `== ORDER by AUTHOR`.
func (h *hub) comments(ts *testscript.TestScript, a []string) {
	out := ts.Stdout()
	all, err := h.as(ts, "ada").Comments(context.Background(), h.changeOf(ts, a[0]))
	ts.Check(err)
	for i, m := range all {
		h.tellsNothing(ts, "comment", m.Body)
		fmt.Fprintf(out, "== %d by %s\n%s\n", i+1, m.Author, m.Body)
	}
}

func (h *hub) checks(ts *testscript.TestScript, a []string) {
	out := ts.Stdout()
	tip, err := h.projects[h.project].bare.Resolve(context.Background(), a[0])
	ts.Check(err)
	all, err := h.as(ts, "ada").Checks(context.Background(), h.project, tip)
	ts.Check(err)
	for _, c := range all {
		h.tellsNothing(ts, "check", c.Summary+c.URL)
		fmt.Fprintf(out, "%s: %s: %s\n", c.Name, c.State, c.Summary)
	}
}

func (h *hub) asked(ts *testscript.TestScript, a []string) {
	out, want := ts.Stdout(), regexp.MustCompile(strings.Join(a, " "))
	for _, call := range h.calls() {
		if want.MatchString(call) {
			fmt.Fprintln(out, call)
		}
	}
}

// pair notes both names of a commit.
func (h *hub) pair(double, real string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known[double], h.known[real] = real, double
}

func (h *hub) otherName(commit string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return cmp.Or(h.known[commit], commit)
}

// sync tells GitHub's double of what was pushed. It has no Git of its own: a
// branch is a straight line of commits, from main as it was when it was pushed.
func (h *hub) sync() error {
	for _, p := range h.projects {
		refs, err := p.bare.Run(context.Background(), "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads")
		if err != nil {
			return err
		}
		lines := strings.Split(refs, "\n")
		slices.SortFunc(lines, func(a, b string) int { // main first: branches begin at it
			return cmp.Compare(strings.Index(b, "main "), strings.Index(a, "main "))
		})
		for _, line := range lines {
			branch, tip, _ := strings.Cut(line, " ")
			if err := h.take(p, branch, tip); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *hub) take(p *hubProject, branch, tip string) error {
	if tip == "" || h.otherName(tip) == p.github.Tip(branch) {
		return nil
	}
	line, err := p.bare.Run(context.Background(), "rev-list", "--reverse", "--first-parent", "--parents", tip)
	if err != nil {
		return err
	}
	for _, one := range strings.Split(line, "\n") {
		names := strings.Fields(one)
		at := cmp.Or(p.github.Tip(branch), p.github.Tip("main"))
		switch {
		case h.otherName(names[0]) != names[0]:
		case len(names) == 1:
			h.pair(p.github.Tip("main"), names[0]) // the first commit, which every project has
		case h.otherName(names[1]) != at:
			return fmt.Errorf("the double cannot have %.8s on %s: it is not on top of what it has", names[0], branch)
		default:
			h.pair(p.github.Push(branch, names[0], ""), names[0])
		}
	}
	return nil
}

// mirror hands a call to GitHub's double, every commit by its name there.
func (h *hub) mirror(w http.ResponseWriter, r *http.Request) {
	h.pushing.Lock()
	err := h.sync()
	h.pushing.Unlock()
	body, rerr := io.ReadAll(r.Body)
	if err = errors.Join(err, rerr); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	commit := regexp.MustCompile(`\b[0-9a-f]{40}\b`)
	translated := func(b []byte) []byte {
		return commit.ReplaceAllFunc(b, func(c []byte) []byte { return []byte(h.otherName(string(c))) })
	}
	in := r.Clone(r.Context())
	in.URL.Path = string(translated([]byte(r.URL.Path)))
	in.Body = io.NopCloser(bytes.NewReader(translated(body)))
	out := httptest.NewRecorder()
	h.github.ServeHTTP(out, in)
	for k, v := range out.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(out.Code)
	_, _ = w.Write(translated(out.Body.Bytes())) // who asked may be gone
}
