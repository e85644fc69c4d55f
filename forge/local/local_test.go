package local

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/git"
)

// fixture is a forge with one project, a commit on main and a pushed branch.
func fixture(t *testing.T) (*Forge, *git.Repo) {
	t.Helper()
	ctx := context.Background()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	for k, v := range map[string]string{"NAME": "Ada", "EMAIL": "ada@example.com"} {
		t.Setenv("GIT_AUTHOR_"+k, v)
		t.Setenv("GIT_COMMITTER_"+k, v)
	}
	dir := t.TempDir()
	f, err := Open(filepath.Join(dir, "forge"))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := f.CreateProject(ctx, "digits")
	if err != nil {
		t.Fatal(err)
	}
	work := &git.Repo{Dir: dir}
	run(t, work, "clone", "-q", bare, "work")
	work.Dir = filepath.Join(dir, "work")
	commit(t, work, "params.yaml", "hidden: 8\n")
	run(t, work, "push", "-q", "origin", "HEAD:main")
	run(t, work, "switch", "-q", "-c", "wider")
	commit(t, work, "params.yaml", "hidden: 64\n")
	run(t, work, "push", "-q", "origin", "wider")
	return f, work
}

func run(t *testing.T, r *git.Repo, args ...string) string {
	t.Helper()
	out, err := r.Run(context.Background(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func commit(t *testing.T, r *git.Repo, file, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(r.Dir, file), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, r, "add", "-A")
	run(t, r, "commit", "-q", "-m", "set "+strings.TrimSpace(text))
}

func TestMergeWays(t *testing.T) {
	ctx := context.Background()
	for _, way := range []Way{MergeCommit, Squash, Rebase} {
		t.Run(string(way), func(t *testing.T) {
			f, work := fixture(t)
			c, err := f.OpenChange(ctx, "digits", forge.Change{Title: "Wider", Author: "ada", Source: "wider"})
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Approve(ctx, "digits", c.Number, "grace"); err != nil {
				t.Fatal(err)
			}
			merged, err := f.Merge(ctx, "digits", c.Number, "grace", way)
			if err != nil {
				t.Fatal(err)
			}
			run(t, work, "fetch", "-q", "origin")
			if got := run(t, work, "show", "origin/main:params.yaml"); got != "hidden: 64" {
				t.Errorf("main holds %q", got)
			}
			if tip := run(t, work, "rev-parse", "origin/main"); tip != merged.MergeCommit {
				t.Errorf("merge commit %s, tip of main %s", merged.MergeCommit, tip)
			}
			found, err := f.ChangeOfCommit(ctx, "digits", merged.MergeCommit)
			if err != nil || found.Number != c.Number {
				t.Errorf("change of the merge commit: %+v, %v", found, err)
			}
			if _, err := f.Merge(ctx, "digits", c.Number, "grace", way); !fault.Is(err, fault.Conflict) {
				t.Errorf("merging twice: %v", err)
			}
		})
	}
}

func TestFailedCheckHoldsMerge(t *testing.T) {
	ctx := context.Background()
	f, work := fixture(t)
	c, err := f.OpenChange(ctx, "digits", forge.Change{Title: "Wider", Source: "wider"})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetCheck(ctx, "digits", c.Head, forge.Check{Name: "assay", State: forge.Failure, Summary: "worse"}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Merge(ctx, "digits", c.Number, "grace", MergeCommit); !fault.Is(err, fault.Denied) {
		t.Fatalf("got %v", err)
	}
	// A push makes a new head, whose checks and approvals start anew.
	if err := f.Approve(ctx, "digits", c.Number, "grace"); err != nil {
		t.Fatal(err)
	}
	commit(t, work, "params.yaml", "hidden: 32\n")
	run(t, work, "push", "-q", "origin", "wider")
	after, err := f.Change(ctx, "digits", c.Number)
	if err != nil || after.Head == c.Head {
		t.Fatalf("head %s after the push, %v", after.Head, err)
	}
	approvals, err := f.Approvals(ctx, after)
	if err != nil || len(approvals) != 1 || approvals[0].Head == after.Head {
		t.Fatalf("approvals %+v, %v", approvals, err)
	}
	if _, err := f.Merge(ctx, "digits", c.Number, "grace", MergeCommit); err != nil {
		t.Fatal(err)
	}
}

func TestPages(t *testing.T) {
	ctx := context.Background()
	f, _ := fixture(t)
	c, err := f.OpenChange(ctx, "digits", forge.Change{Title: "<b>Wider</b>", Author: "ada", Source: "wider"})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetAddress("http://forge.example"); err != nil {
		t.Fatal(err)
	}
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 900, 450))); err != nil {
		t.Fatal(err)
	}
	url, err := f.Upload(ctx, forge.Change{Project: "digits"}, "curve.png", &drawn)
	if err != nil {
		t.Fatal(err)
	}
	broken, err := f.Upload(ctx, forge.Change{Project: "digits"}, "curve.png", strings.NewReader("not really a picture"))
	if err != nil {
		t.Fatal(err)
	}
	pictures := fmt.Sprintf("\n![a curve](%s)\n\n![broken](%s) ![elsewhere](/uploads/../digits.json)\n", url, broken)
	body := pictures + "\n<!-- assay:report digits -->\n### ▲ Better\n\n| a | |\n|:--|--:|\n| 1 | 2 |\n\n<details><summary>More <script>alert(1)</script></summary>\n\n[x](javascript:alert(1))\n\n</details>\n\n<img src=x onerror=alert(1)>\n"
	m, err := f.CreateComment(ctx, c, body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.EditComment(ctx, c, m.ID, body+"\nagain\n"); err != nil {
		t.Fatal(err)
	}
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		f.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		b, _ := io.ReadAll(w.Result().Body)
		return w.Code, string(b)
	}
	code, page := get("/digits/changes/1")
	if code != 200 {
		t.Fatalf("status %d: %s", code, page)
	}
	for _, want := range []string{
		"<details><summary>More", `<td style="text-align:left">1</td>`, "hidden: 64", "again", "&lt;b&gt;Wider",
		`<p class="picture" tabindex="0"><img src="` + url + `" alt="a curve" width="900" height="450">`, `alt="broken"> <img src="/uploads/../digits.json" alt="elsewhere">`,
		`<div class="wide" role="group" aria-label="Table" tabindex="0"><table>`, `<th style="text-align:left">a</th>`, `<td style="text-align:right"></td>`,
		`<h2 class="by"><b>assay</b>`, `<link rel="icon" href="data:,">`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, bad := range []string{"<script", "<img src=x", "javascript:alert", "assay:report"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if code, _ := get(url[strings.Index(url, "/uploads/"):]); code != 200 {
		t.Errorf("upload: status %d", code)
	}
	if code, _ := get("/uploads/..%2fdigits.json"); code != 404 {
		t.Errorf("outside of uploads: status %d", code)
	}
	for _, path := range []string{"/nothing", "/digits/changes/9", "/digits/changes/x"} {
		if code, _ := get(path); code != 404 {
			t.Errorf("%s: status %d", path, code)
		}
	}
}
