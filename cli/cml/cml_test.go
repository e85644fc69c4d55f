package cml

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/assay-ml/assay/forge/forgetest/fakegitlab"
	"github.com/assay-ml/assay/git"
)

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"

// world is a job of a project on a double of GitLab.
type world struct {
	s       *fakegitlab.Server
	p       *fakegitlab.Project
	url     string
	dir     string // of the job
	env     map[string]string
	commit  string
	out     bytes.Buffer
	err     bytes.Buffer
	stored  []*http.Request
	storage string // address of a store that speaks CML's protocol
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{s: fakegitlab.New(), dir: t.TempDir()}
	w.s.Path = "/gitlab"
	w.s.AddToken("bot", "secret", "api")
	w.s.AddToken("ada", "ada", "api")
	members := map[string]int{"bot": fakegitlab.Developer, "ada": fakegitlab.Maintainer}
	p, err := w.s.NewProject(t.Context(), t.TempDir(), "team/digits", members)
	if err != nil {
		t.Fatal(err)
	}
	w.p = p
	h := httptest.NewServer(w.s)
	t.Cleanup(h.Close)
	w.url = h.URL + "/gitlab"
	store := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader(read(r.Body)))
		w.stored = append(w.stored, r)
		fmt.Fprintf(rw, "https://store.example.com/%d?a=1\n", len(w.stored))
	}))
	t.Cleanup(store.Close)
	w.storage = store.URL
	if w.commit, err = p.Push(t.Context(), "wider", "params.yaml", "hidden: 64\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := (&git.Repo{Dir: w.dir}).Run(t.Context(), "clone", "-q", "-b", "wider", p.Dir(), "."); err != nil {
		t.Fatal(err)
	}
	body := `{"title":"Wider","source_branch":"wider","target_branch":"main"}`
	req, err := http.NewRequest("POST", w.url+"/api/v4/projects/team%2Fdigits/merge_requests", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "Private-Token": {"ada"}}
	if res, err := http.DefaultClient.Do(req); err != nil || res.StatusCode != 201 {
		t.Fatalf("%+v, %v", res, err)
	}
	w.env = map[string]string{
		"GITLAB_CI": "true", "CI_SERVER_URL": w.url, "CI_API_V4_URL": w.url + "/api/v4", "CI_PROJECT_PATH": "team/digits",
		"CI_PROJECT_URL": w.url + "/team/digits", "CI_COMMIT_SHA": w.commit, "CI_COMMIT_REF_NAME": "wider", "repo_token": "secret",
		"CI_PIPELINE_ID": "71", "CI_JOB_ID": "712",
	}
	w.write(t, "plot.png", png)
	return w
}

func read(r io.Reader) string {
	b, _ := io.ReadAll(r)
	return string(b)
}

func (w *world) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs a command by its name and returns what it printed.
func (w *world) run(t *testing.T, want int, name string, args ...string) string {
	t.Helper()
	w.out.Reset()
	w.err.Reset()
	code := Main(t.Context(), Env{
		Dir: w.dir, Getenv: func(k string) string { return w.env[k] },
		Environ: func() (list []string) {
			for _, k := range slices.Sorted(maps.Keys(w.env)) {
				list = append(list, k+"="+w.env[k])
			}
			return list
		},
		Stdin: strings.NewReader(""), Stdout: &w.out, Stderr: &w.err,
	}, name, args)
	if code != want {
		t.Fatalf("%s %q: exit %d, want %d\n%s%s", name, args, code, want, w.out.String(), w.err.String())
	}
	return w.out.String()
}

func (w *world) notes() []string { return w.s.Notes(w.p, 1) }

// TestThePipelineOf2020: the words of the first pipelines, by their old names,
// in the pipeline of a branch.
func TestThePipelineOf2020(t *testing.T) {
	w := newWorld(t)
	w.write(t, "model_accuracy.png", png)
	shown := w.run(t, 0, "cml-publish", "model_accuracy.png", "--md", "--title", "Model Accuracy")
	if !regexp.MustCompile(`^!\[\]\(/uploads/[0-9a-f]{32}/model_accuracy\.png "Model Accuracy"\)\n$`).MatchString(shown) {
		t.Errorf("published %q", shown)
	}
	w.write(t, "report.md", "## Model accuracy\n"+shown)
	printed := w.run(t, 0, "cml-send-comment", "report.md")
	want := "## Model accuracy\n" + shown + "\n![](https://cml.dev/watermark.png#" + w.commit + ` "CML watermark")`
	if got := w.notes(); len(got) != 1 || got[0] != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if !regexp.MustCompile(`^` + regexp.QuoteMeta(w.url) + `/team/digits/-/merge_requests/1#note_\d+\n$`).MatchString(printed) {
		t.Errorf("printed %q", printed)
	}
	if !strings.Contains(w.err.String(), `"level":"warn"`) || !strings.Contains(w.err.String(), "deprecated") {
		t.Errorf("said %q", w.err.String())
	}
}

func TestUpdate(t *testing.T) {
	w := newWorld(t)
	w.env["CI_MERGE_REQUEST_IID"] = "1"
	for i, step := range []struct {
		args []string
		want []string // the comments' beginnings after it
	}{
		{[]string{"comment", "update", "--watermark-title=a_b", "r.md"}, []string{"0"}},
		{[]string{"comment", "update", "--watermarkTitle", "other", "r.md"}, []string{"0", "1"}},
		{[]string{"comment", "update", "--watermark-title=a_b", "r.md"}, []string{"2", "1"}},
		{[]string{"comment", "create", "r.md"}, []string{"2", "1", "3"}},
		{[]string{"send-comment", "--update", "--target=pr", "r.md"}, []string{"2", "1", "4"}},
		{[]string{"comment", "create", "--rm-watermark", "r.md"}, []string{"2", "1", "4", "5"}},
		{[]string{"comment", "update", "--pr", "r.md"}, []string{"2", "1", "6", "5"}},
		{[]string{"comment", "update", "--target", "PR/1", "--watermark-title={workflow} of {run}", "r.md"}, []string{"2", "1", "6", "5", "7"}},
	} {
		w.write(t, "r.md", fmt.Sprint(i, " of it\n"))
		w.run(t, 0, "cml", step.args...)
		got := w.notes()
		if len(got) != len(step.want) {
			t.Fatalf("step %d: %q", i, got)
		}
		for j, begin := range step.want {
			if !strings.HasPrefix(got[j], begin+" of it") {
				t.Errorf("step %d: comment %d is %q, want %s", i, j, got[j], begin)
			}
		}
	}
	got := w.notes()
	if strings.Contains(got[3], "watermark") || !strings.HasSuffix(got[4], `#`+w.commit+` "CML watermark 71 of 712")`) {
		t.Errorf("%q", got)
	}
	// Another's comment with the same mark is not taken for ours, even if GitLab
	// would let us edit it, as it lets maintainers.
	w.env["repo_token"] = "ada"
	w.run(t, 0, "cml", "comment", "update", "r.md")
	if got := w.notes(); len(got) != 6 {
		t.Errorf("%d comments", len(got))
	}
}

func TestFiles(t *testing.T) {
	w := newWorld(t)
	w.write(t, "a b.png", png)
	w.write(t, "data.csv", "a,b\n")
	outside := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.write(t, "r.md", "- [ ] $x_1$ ![plot](./plot.png \"T\") again ![](plot.png)\n[data](data.csv) ![](a%20b.png) ![](<a b.png>) `![](plot.png)`\n"+
		"```\n![](plot.png)\n```\n[x](#here) [y](https://example.com/plot.png) ![](none.png) [s]("+outside+")\n\n[d]: plot.png 'd'\n"+
		"![](data:image/png;base64,iVBORw0KGgo=)\n")
	w.run(t, 0, "cml", "comment", "create", "r.md")
	got := regexp.MustCompile(`/uploads/[0-9a-f]{32}/`).ReplaceAllString(w.notes()[0], "UP/")
	want := "- [ ] $x_1$ ![plot](UP/plot.png \"T\") again ![](UP/plot.png)\n[data](UP/data.csv) ![](UP/a_b.png) ![](<UP/a_b.png>) `![](plot.png)`\n" +
		"```\n![](plot.png)\n```\n[x](#here) [y](https://example.com/plot.png) ![](none.png) [s](" + outside + ")\n\n[d]: UP/plot.png 'd'\n" +
		"![](UP/file.png)\n\n![](https://cml.dev/watermark.png#" + w.commit + ` "CML watermark")`
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if !strings.Contains(w.err.String(), "not uploaded") {
		t.Errorf("said %q", w.err.String())
	}
	w.run(t, 0, "cml", "comment", "create", "--no-publish", "r.md")
	if !strings.Contains(w.notes()[1], "![plot](./plot.png \"T\")") {
		t.Errorf("%q", w.notes()[1])
	}
	if len(w.stored) != 0 {
		t.Errorf("%d files went to a store", len(w.stored))
	}
}

func TestStore(t *testing.T) {
	w := newWorld(t)
	w.write(t, "vega.json", "{}")
	query := `\?a=1&cml=png&cache-bypass=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	for i, c := range []struct {
		env, value string
		args       []string
		want       string
	}{
		{"", "", []string{"publish", "plot.png", "--url", w.storage}, `^https://store.example.com/1` + query + "\n$"},
		{"CML_ASSET_URL", w.storage, []string{"asset", "publish", "plot.png", "--md"}, `^!\[\]\(https://store.example.com/2` + query + "\\)\n$"},
		{"CML_PUBLISH_URL", w.storage, []string{"publish", "plot.png", "-t", "T", "--md=true"}, `^!\[\]\(https://store.example.com/3` + query + " \"T\"\\)\n$"},
		{"CML_ASSET_URL", w.storage, []string{"asset", "publish", "vega.json", "--md", "true", "--title=T"}, `^\[T\]\(https://store.example.com/4\?a=1&cml=json&cache`},
		{"CML_ASSET_URL", w.storage, []string{"asset", "publish", "plot.png", "--rm-watermark"}, `/5\?a=1&cache-bypass=[-0-9a-f]{36}` + "\n$"},
		{"CML_ASSET_URL", w.storage, []string{"asset", "publish", "plot.png", "--mime-type=image/x-odd"}, `/6\?a=1&cml=x-odd&cache`},
		{"CML_ASSET_NATIVE", "true", []string{"asset", "publish", "plot.png", "--url=" + w.storage}, `^/uploads/[0-9a-f]{32}/plot.png` + "\n$"},
	} {
		if c.env != "" {
			w.env[c.env] = c.value
		}
		if got := w.run(t, 0, "cml", c.args...); !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%d: %q, want %s", i, got, c.want)
		}
		delete(w.env, c.env)
	}
	r := w.stored[0]
	if got := read(r.Body); got != png || r.Header.Get("Content-Type") != "image/png" || r.Header.Get("Content-Disposition") != `inline; filename="plot.png"` ||
		r.Header.Get("Private-Token") != "" || r.ContentLength != int64(len(png)) {
		t.Errorf("%+v, body %q", r.Header, got)
	}
	w.write(t, "r.md", "![](plot.png)\n")
	w.run(t, 0, "cml", "comment", "create", "--publish-url", w.storage, "r.md")
	if got := w.notes()[0]; !regexp.MustCompile(`^!\[\]\(https://store.example.com/7` + query + `\)\n`).MatchString(got) {
		t.Errorf("%q", got)
	}
	// Outside of any repository, a store is enough.
	w.env = map[string]string{}
	w.dir = t.TempDir()
	w.write(t, "plot.png", png)
	w.run(t, 0, "cml", "publish", "plot.png", "--url", w.storage, "-f", "out.md")
	w.run(t, 0, "cml", "publish", "plot.png", "--url", w.storage, "-f", "out.md")
	if b, err := os.ReadFile(filepath.Join(w.dir, "out.md")); err != nil || strings.Count(string(b), "\n") != 2 {
		t.Errorf("appended %q, %v", b, err)
	}
}

func TestTokens(t *testing.T) {
	w := newWorld(t)
	w.write(t, "r.md", "x\n")
	order := []string{"CML_TOKEN", "REPO_TOKEN", "repo_token", "GITLAB_TOKEN"}
	for i, first := range order {
		for _, name := range order {
			delete(w.env, name)
		}
		for _, name := range order[i:] {
			w.env[name] = "wrong"
		}
		w.env[first] = "secret"
		w.run(t, 0, "cml", "comment", "create", "r.md")
	}
	w.env["GITHUB_TOKEN"], w.env["GITLAB_TOKEN"] = "wrong", "secret" // one for another forge is not told to it
	w.run(t, 0, "cml", "comment", "create", "r.md")
	w.run(t, 1, "cml", "comment", "create", "r.md", "--token", "wrong")
	if said := w.err.String(); !strings.Contains(said, `"level":"error"`) || strings.Contains(said, "wrong") {
		t.Errorf("said %q", said)
	}
	delete(w.env, "GITLAB_TOKEN")
	w.run(t, 1, "cml", "comment", "create", "r.md")
	if !strings.Contains(w.err.String(), "token not found") {
		t.Errorf("said %q", w.err.String())
	}
}

// TestRepo: a repository that is named, on the job's server and elsewhere.
func TestRepo(t *testing.T) {
	w := newWorld(t)
	w.write(t, "r.md", "x\n")
	w.env["CI_PROJECT_PATH"] = "team/elsewhere"
	w.run(t, 1, "cml", "comment", "create", "r.md")
	for _, repo := range []string{w.url + "/team/digits", w.url + "/team/digits.git/", "team/digits"} {
		w.run(t, 0, "cml", "comment", "create", "r.md", "--repo", repo)
	}
	w.env["CML_REPO"] = w.url + "/team/digits"
	w.run(t, 0, "cml", "comment", "create", "r.md")
	// In a plain shell nothing tells of the sub-path.
	w.env = map[string]string{"GITLAB_TOKEN": "secret", "CML_DRIVER": "gitlab"}
	for _, repo := range []string{w.url + "/team/digits", ""} {
		if _, err := (&git.Repo{Dir: w.dir}).Run(t.Context(), "remote", "set-url", "origin", w.url+"/team/digits.git"); err != nil {
			t.Fatal(err)
		}
		w.run(t, 0, "cml", "comment", "create", "r.md", "--repo", repo)
	}
	if got := w.notes(); len(got) != 6 {
		t.Errorf("%d comments", len(got))
	}
}

func TestWrong(t *testing.T) {
	w := newWorld(t)
	w.write(t, "r.md", "x\n")
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "Not enough non-option arguments"},
		{[]string{"nonsense"}, "Unknown argument: nonsense"},
		{[]string{"comment", "crate", "r.md"}, "Did you mean create?"},
		{[]string{"comment", "create"}, "Not enough non-option arguments"},
		{[]string{"comment", "create", "r.md", "s.md"}, "Unknown argument: s.md"},
		{[]string{"comment", "create", "r.md", "--nonsense"}, "nonsense"},
		{[]string{"comment", "create", "r.md", "--log=loud"}, "Choices: error, warn, info, debug"},
		{[]string{"comment", "create", "r.md", "--driver=sourceforge"}, "Choices"},
		{[]string{"comment", "create", "r.md", "--driver=bitbucket"}, "bitbucket"},
		{[]string{"comment", "create", "none.md"}, "ENOENT"},
		{[]string{"publish", "none.png"}, "ENOENT"},
		{[]string{"comment", "create", "r.md", "--target", "foo/1"}, "unsupported comment target"},
		{[]string{"comment", "create", "r.md", "--target", "issue"}, "Failed to parse comment --target"},
		{[]string{"comment", "create", "r.md", "--target", "issue/7"}, "not offered yet"},
		{[]string{"comment", "create", "r.md", "--target", "commit"}, "not offered yet"},
		{[]string{"comment", "create", "r.md", "--commit-sha", w.commit}, "not offered yet"},
		{[]string{"comment", "create", "r.md", "--pr", "--target=pr"}, "mutually exclusive"},
		{[]string{"comment", "update", "r.md", "--rm-watermark"}, "watermarks are mandatory"},
		{[]string{"comment", "create", "r.md", "--watch"}, "not offered yet"},
		{[]string{"pr", "create", "."}, "not offered yet"},
		{[]string{"runner", "--cloud=aws"}, "not offered yet"},
		{[]string{"publish", "r.md", "--url=nonsense"}, "no address of a store"},
	} {
		w.run(t, 1, "cml", c.args...)
		if w.out.Len() > 0 || !strings.Contains(w.err.String(), c.want) {
			t.Errorf("%q: printed %q, said %q", c.args, w.out.String(), w.err.String())
		}
	}
	w.env["CML_COMMENT_NONSENSE"] = "1"
	w.run(t, 1, "cml", "comment", "create", "r.md")
	if !strings.Contains(w.err.String(), "nonsense") {
		t.Errorf("said %q", w.err.String())
	}
	delete(w.env, "CML_COMMENT_NONSENSE")
	w.env["CI_COMMIT_SHA"] = strings.Repeat("1", 40)
	w.run(t, 1, "cml", "comment", "create", "r.md")
	var said struct{ Level, Message string }
	if err := json.Unmarshal(w.err.Bytes(), &said); err != nil || said.Level != "error" || !strings.Contains(said.Message, "PR for commit sha") {
		t.Errorf("said %q, %v", w.err.String(), err)
	}
	if n := w.notes(); len(n) != 0 {
		t.Errorf("commented %q", n)
	}
	if got := w.run(t, 0, "cml", "--version"); got != "0.20.6\n" {
		t.Errorf("version %q", got)
	}
	for _, help := range [][]string{{"--help"}, {"comment", "create", "--help"}, {"publish", "--help"}} {
		w.run(t, 0, "cml", help...)
	}
}

func TestEnvironOptions(t *testing.T) {
	w := newWorld(t)
	w.write(t, "r.md", "x\n")
	w.env["CML_SEND_COMMENT_WATERMARK_TITLE"], w.env["CML_COMMENT_UPDATE"], w.env["CML_COMMENT_PR"] = "from env", "true", ""
	w.run(t, 0, "cml", "comment", "create", "r.md")
	w.run(t, 0, "cml", "comment", "create", "r.md")
	w.run(t, 0, "cml", "comment", "create", "r.md", "--watermark-title=given")
	got := w.notes()
	if len(got) != 2 || !strings.HasSuffix(got[0], `"CML watermark from env")`) || !strings.HasSuffix(got[1], `"CML watermark given")`) {
		t.Errorf("%q", got)
	}
}
