package local

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest"
)

// TestSuite holds the small forge to what the real ones are held to.
func TestSuite(t *testing.T) {
	forgetest.Run(t, func(t *testing.T) *forgetest.Place {
		f, work := fixture(t)
		run(t, work, "push", "-q", "origin", "--delete", "wider")
		if err := f.SetAddress("http://forge.example.com"); err != nil {
			t.Fatal(err)
		}
		tip := func(t *testing.T, branch string) string {
			id, _, _ := strings.Cut(run(t, work, "ls-remote", "origin", "refs/heads/"+branch), "\t")
			return id
		}
		return &forgetest.Place{
			Forge: f, Other: f.As("heidi"), Project: "digits", Tip: tip,
			Push: func(t *testing.T, branch, file, text string) string {
				run(t, work, "fetch", "-q", "origin")
				from := "origin/main"
				if tip(t, branch) != "" {
					from = "origin/" + branch
				}
				run(t, work, "checkout", "-q", "-B", branch, from)
				commit(t, work, file, text)
				run(t, work, "push", "-q", "origin", "HEAD:refs/heads/"+branch)
				return tip(t, branch)
			},
			Approve: func(t *testing.T, c forge.Change) string {
				if err := f.Approve(t.Context(), c.Project, c.Number, "grace"); err != nil {
					t.Fatal(err)
				}
				return "grace"
			},
			Merge: func(t *testing.T, c forge.Change, way forgetest.Way) {
				if _, err := f.Merge(t.Context(), c.Project, c.Number, "grace", Way(way)); err != nil {
					t.Fatal(err)
				}
			},
			Fetch: func(t *testing.T, address string) []byte {
				w := httptest.NewRecorder()
				f.Handler().ServeHTTP(w, httptest.NewRequest("GET", strings.TrimPrefix(address, "http://forge.example.com"), nil))
				b, _ := io.ReadAll(w.Body)
				if w.Code != 200 {
					t.Fatalf("%s: %d %s", address, w.Code, b)
				}
				return b
			},
		}
	})
}
