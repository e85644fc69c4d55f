package publish

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// memory is a forge that keeps comments and counts uploads.
type memory struct {
	comments []forge.Comment
	uploads  int
}

func (m *memory) Comments(context.Context, forge.Change) ([]forge.Comment, error) {
	return m.comments, nil
}

func (m *memory) CreateComment(_ context.Context, _ forge.Change, body string) (forge.Comment, error) {
	c := forge.Comment{ID: strconv.Itoa(len(m.comments)), Body: body}
	m.comments = append(m.comments, c)
	return c, nil
}

func (m *memory) EditComment(_ context.Context, _ forge.Change, id, body string) (forge.Comment, error) {
	i, _ := strconv.Atoi(id)
	m.comments[i].Body = body
	return m.comments[i], nil
}

func (m *memory) Upload(_ context.Context, _, name string, r io.Reader) (string, error) {
	m.uploads++
	_, err := io.Copy(io.Discard, r)
	return "https://forge/" + name, err
}

func TestStickyComment(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "curve.png"), []byte("png"), 0o644)
	m := &memory{comments: []forge.Comment{{ID: "0", Body: "looks good"}}}
	text := "<!-- assay:report digits -->\n![a](curve.png) `![b](curve.png)` ![c](https://x/y.png) ![d](curve.png)\n```\n![e](curve.png)\n```\n"
	if _, err := Comment(ctx, m, forge.Change{}, text, dir); err != nil {
		t.Fatal(err)
	}
	want := "<!-- assay:report digits -->\n![a](https://forge/curve.png) `![b](curve.png)` ![c](https://x/y.png) ![d](https://forge/curve.png)\n```\n![e](curve.png)\n```\n"
	if len(m.comments) != 2 || m.comments[1].Body != want || m.uploads != 1 {
		t.Fatalf("%d uploads, comments %+v", m.uploads, m.comments)
	}
	if _, err := Comment(ctx, m, forge.Change{}, "<!-- assay:report digits -->\nsecond push\n", dir); err != nil {
		t.Fatal(err)
	}
	if len(m.comments) != 2 || !strings.Contains(m.comments[1].Body, "second push") {
		t.Fatalf("comments %+v", m.comments)
	}
}

func TestPicturesOutside(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{"../secret.png", "nothing.png"} {
		_, err := Comment(context.Background(), &memory{}, forge.Change{}, "![x]("+path+")", dir)
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
