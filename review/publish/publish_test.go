package publish

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// memory is a forge that keeps comments and counts uploads.
type memory struct {
	comments  []forge.Comment
	uploads   int
	next      int
	noUploads bool
	limit     int
	onCreate  func() // another job's doing, just before ours
	fails     int    // so many posts are answered with an error
	arrives   bool   // though they arrive
	kept      string // what the forge itself adds to a text
}

func (m *memory) Comments(context.Context, forge.Change) ([]forge.Comment, error) {
	return slices.Clone(m.comments), nil
}

func (m *memory) add(body string, own bool) forge.Comment {
	m.next++
	c := forge.Comment{ID: fmt.Sprint(m.next), Body: body, Own: own}
	m.comments = append(m.comments, c)
	return c
}

func (m *memory) CreateComment(_ context.Context, _ forge.Change, body string) (forge.Comment, error) {
	if m.onCreate != nil {
		m.onCreate()
	}
	if m.fails > 0 {
		m.fails--
		if m.arrives {
			m.add(body+m.kept, true)
		}
		return forge.Comment{}, fault.New(fault.Unavailable, "502")
	}
	return m.add(body, true), nil
}

func (m *memory) find(id string) int {
	return slices.IndexFunc(m.comments, func(c forge.Comment) bool { return c.ID == id })
}

func (m *memory) EditComment(_ context.Context, _ forge.Change, id, body string) (forge.Comment, error) {
	i := m.find(id)
	if strings.Contains(m.comments[i].Body, "locked") {
		return forge.Comment{}, fault.New(fault.Denied, "not yours")
	}
	m.comments[i].Body = body
	return m.comments[i], nil
}

func (m *memory) DeleteComment(_ context.Context, _ forge.Change, id string) error {
	i := m.find(id)
	m.comments = slices.Delete(m.comments, i, i+1)
	return nil
}

func (m *memory) MaxComment() int {
	if m.limit > 0 {
		return m.limit
	}
	return 100_000
}

func (m *memory) Upload(_ context.Context, _ forge.Change, name string, r io.Reader) (string, error) {
	if m.noUploads {
		return "", fault.New(fault.Unsupported, "no uploads here")
	}
	m.uploads++
	_, err := io.Copy(io.Discard, r)
	return "https://forge/" + name, err
}

// elsewhere keeps pictures outside the forge.
type elsewhere struct{ got []byte }

func (e *elsewhere) Upload(_ context.Context, _ forge.Change, name string, r io.Reader) (string, error) {
	var err error
	e.got, err = io.ReadAll(r)
	return "https://assay/" + name, err
}

const mark = "<!-- assay:report digits -->\n"

func post(t *testing.T, o Options, text string) forge.Comment {
	t.Helper()
	m, err := Comment(t.Context(), o, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func withPicture(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"curve.png", "a b.png"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("png"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestStickyComment(t *testing.T) {
	m := &memory{}
	m.add("looks good", false)
	m.add(mark+"forged by another", false)
	o := Options{Forge: m, Dir: withPicture(t)}
	post(t, o, mark+"![a](curve.png) `![b](curve.png)` ![c](https://x/y.png) ![d](curve.png) ![e](a%20b.png)\n```\n![f](curve.png)\n```\n")
	want := mark + "![a](https://forge/curve.png) `![b](curve.png)` ![c](https://x/y.png) ![d](https://forge/curve.png) ![e](https://forge/a b.png)\n```\n![f](curve.png)\n```\n"
	if len(m.comments) != 3 || m.comments[2].Body != want || m.uploads != 2 {
		t.Fatalf("%d uploads, comments %+v", m.uploads, m.comments)
	}
	post(t, o, mark+"second push\n")
	if len(m.comments) != 3 || !strings.Contains(m.comments[2].Body, "second push") || !strings.Contains(m.comments[1].Body, "forged") {
		t.Fatalf("comments %+v", m.comments)
	}
	post(t, o, "no marker")
	post(t, o, "no marker")
	if len(m.comments) != 5 {
		t.Errorf("without a marker: %+v", m.comments)
	}
}

// unkept is an uploader that cannot keep what it took.
type unkept struct{ elsewhere }

func (*unkept) Flush(context.Context) error { return fault.New(fault.Denied, "may not push") }

// TestUnkeptPictures: pictures that could not be kept are described, and said.
func TestUnkeptPictures(t *testing.T) {
	m, said := &memory{noUploads: true}, ""
	o := Options{Forge: m, Dir: withPicture(t), Pictures: &unkept{}, Note: func(s string) { said += s }}
	post(t, o, mark+"![a curve](curve.png)\n")
	if m.comments[0].Body != mark+"*Picture: a curve*\n" || !strings.Contains(said, "may not push") {
		t.Errorf("%q, said %q", m.comments[0].Body, said)
	}
}

// TestTwoJobs: the job that comes second finds the first one's comment.
func TestTwoJobs(t *testing.T) {
	m := &memory{}
	m.onCreate = func() { m.onCreate = nil; m.add(mark+"the other job", true) }
	got := post(t, Options{Forge: m, Dir: t.TempDir()}, mark+"ours")
	if len(m.comments) != 1 || m.comments[0].Body != mark+"ours" || got.ID != "1" {
		t.Errorf("left %+v, said %+v", m.comments, got)
	}
}

// TestLostAnswers: a post that failed, or whose answer did, leaves one comment.
func TestLostAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		m     memory
		body  string
		fails bool
	}{
		"not posted":          {m: memory{fails: 1}, body: mark + "ours"},
		"not posted, twice":   {m: memory{fails: 2}, fails: true},
		"posted":              {m: memory{fails: 1, arrives: true}, body: mark + "ours"},
		"posted, as it keeps": {m: memory{fails: 1, arrives: true, kept: " "}, body: mark + "ours"},
	} {
		t.Run(name, func(t *testing.T) {
			c.m.add(mark+"locked", true) // an older one that cannot be edited
			got, err := Comment(t.Context(), Options{Forge: &c.m, Dir: t.TempDir()}, mark+"ours")
			if c.fails {
				if !fault.Is(err, fault.Unavailable) || len(c.m.comments) != 1 {
					t.Errorf("%v, left %+v", err, c.m.comments)
				}
				return
			}
			if err != nil || len(c.m.comments) != 2 || c.m.comments[1].Body != c.body || got.ID != c.m.comments[1].ID {
				t.Errorf("%+v, %v, left %+v", got, err, c.m.comments)
			}
		})
	}
	m := &memory{fails: 1}
	if _, err := Comment(t.Context(), Options{Forge: m, Dir: t.TempDir()}, "without a mark"); !fault.Is(err, fault.Unavailable) || len(m.comments) != 0 {
		t.Errorf("nothing finds it again, but it was posted again: %v, %+v", err, m.comments)
	}
}

// TestLockedComment: one of ours that cannot be edited is not the end.
func TestLockedComment(t *testing.T) {
	m := &memory{}
	m.add(mark+"locked", true)
	post(t, Options{Forge: m, Dir: t.TempDir()}, mark+"new")
	if len(m.comments) != 2 || m.comments[1].Body != mark+"new" {
		t.Errorf("%+v", m.comments)
	}
}

func TestNoUploads(t *testing.T) {
	dir, e := withPicture(t), &elsewhere{}
	text := mark + "before\n\n![accuracy over steps: 98 %](curve.png)\n\nafter ![](curve.png)\n"
	m := &memory{noUploads: true}
	post(t, Options{Forge: m, Dir: dir}, text)
	if want := mark + "before\n\n*Picture: accuracy over steps: 98 %*\n\nafter \n"; m.comments[0].Body != want {
		t.Errorf("%q", m.comments[0].Body)
	}
	if got := Text(text); got != m.comments[0].Body {
		t.Errorf("as text: %q", got)
	}
	post(t, Options{Forge: m, Dir: dir, Pictures: e}, text)
	if !strings.Contains(m.comments[0].Body, "![accuracy over steps: 98 %](https://assay/curve.png)") || string(e.got) != "png" {
		t.Errorf("%q, kept %q", m.comments[0].Body, e.got)
	}
}

func TestPicturesOutside(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{"../secret.png", "nothing.png", "%2e%2e/secret.png"} {
		_, err := Comment(t.Context(), Options{Forge: &memory{}, Dir: dir}, "![x]("+path+")")
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestFit(t *testing.T) {
	head := mark + "### ▲ Better\n\n"
	folded := func(c string) string {
		return "<details><summary>s</summary>\n\n" + strings.Repeat(c, 500) + "\n\n</details>\n"
	}
	foot := "\n[Run](https://assay/runs/1)\n"
	for name, c := range map[string]struct {
		text        string
		most        int
		keep, loses []string
	}{
		"short":       {head + folded("a") + foot, 10_000, []string{"aaa", "Better", "Run"}, []string{"left out"}},
		"the last":    {head + folded("a") + folded("b") + foot, 1000, []string{"aaa", "Better", "[Run]", "left out"}, []string{"bbb"}},
		"both":        {head + folded("a") + folded("b") + foot, 400, []string{"Better", "[Run]", "left out"}, []string{"aaa", "bbb"}},
		"all of text": {head + strings.Repeat("ä line of text\n", 100), 600, []string{"Better", "left out"}, nil},
		"in code":     {head + "````\n" + strings.Repeat("log\n", 500), 400, []string{"Better", "\n````\n", "left out"}, nil},
		"hopeless":    {head + folded("a"), 20, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := Fit(c.text, c.most)
			if n := utf8.RuneCountInString(got); n > c.most || !utf8.ValidString(got) {
				t.Errorf("%d characters, at most %d", n, c.most)
			}
			for _, w := range c.keep {
				if !strings.Contains(got, w) {
					t.Errorf("lost %q:\n%s", w, got)
				}
			}
			for _, w := range c.loses {
				if strings.Contains(got, w) {
					t.Errorf("kept %q:\n%s", w, got)
				}
			}
			if n := strings.Count(got, "left out"); n > 1 {
				t.Errorf("said %d times:\n%s", n, got)
			}
		})
	}
}

// attaching is a forge that keeps pictures with their comment.
type attaching struct {
	*memory
	files map[string]map[string]string // comment → name → address
	puts  int
}

func (a *attaching) Attachments(_ context.Context, _ forge.Change, comment string) (map[string]string, error) {
	out := map[string]string{}
	for k, v := range a.files[comment] {
		out[k] = v
	}
	return out, nil
}

func (a *attaching) Attach(_ context.Context, _ forge.Change, comment, name string, r io.Reader) (string, error) {
	if a.files[comment] == nil {
		a.files[comment] = map[string]string{}
	}
	a.puts++
	a.files[comment][name] = fmt.Sprintf("https://forge/%s/%s", comment, name)
	_, err := io.Copy(io.Discard, r)
	return a.files[comment][name], err
}

func (a *attaching) Detach(_ context.Context, _ forge.Change, comment, name string) error {
	delete(a.files[comment], name)
	return nil
}

// TestAttachments: pictures come and go with the comment, the same one once.
func TestAttachments(t *testing.T) {
	dir := withPicture(t)
	a := &attaching{memory: &memory{}, files: map[string]map[string]string{}}
	o := Options{Forge: a, Dir: dir}
	text := mark + "![one](curve.png) and ![again](curve.png)\n"
	post(t, o, text)
	first := a.comments[0].Body
	if len(a.comments) != 1 || a.puts != 1 || strings.Count(first, "https://forge/1/curve-") != 2 {
		t.Fatalf("%d put, %+v", a.puts, a.comments)
	}
	post(t, o, text)
	if a.puts != 1 || a.comments[0].Body != first {
		t.Errorf("the same report again: %d put, %+v", a.puts, a.comments)
	}
	if err := os.WriteFile(filepath.Join(dir, "curve.png"), []byte("another"), 0o644); err != nil {
		t.Fatal(err)
	}
	post(t, o, text)
	if a.puts != 2 || len(a.files["1"]) != 1 || a.comments[0].Body == first {
		t.Errorf("another picture: %d put, %v, %+v", a.puts, a.files, a.comments)
	}
	post(t, o, mark+"no pictures now\n")
	if len(a.files["1"]) != 0 || a.comments[0].Body != mark+"no pictures now\n" {
		t.Errorf("without pictures: %v, %+v", a.files, a.comments)
	}
	a.comments[0].Body = mark + "locked"
	post(t, o, text)
	if len(a.comments) != 2 || !strings.Contains(a.comments[1].Body, "https://forge/2/curve-") {
		t.Errorf("one that is not ours after all: %+v", a.comments)
	}
}
