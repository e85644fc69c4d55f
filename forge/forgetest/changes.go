package forgetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

func changes(t *testing.T, p *Place) {
	head := p.Push(t, "wider", "params.yaml", "hidden: 64\n")
	opened, err := p.Forge.OpenChange(t.Context(), p.Project, forge.Change{
		Title: "Wider *net* <b>", Body: "more units", Source: "wider", Target: "main", Draft: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Forge.Change(t.Context(), p.Project, opened.Number)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []forge.Change{opened, got} {
		if c.Project != p.Project || c.Number == 0 || !strings.Contains(c.Title, "Wider *net* <b>") || c.Body != "more units" || c.Author == "" ||
			c.Source != "wider" || c.Target != "main" || c.Head != head || c.State != forge.Open || c.Fork != "" || !c.Draft ||
			!strings.Contains(c.URL, p.Project) || c.MergeCommit != "" {
			t.Errorf("change %+v, its head is %s", c, head)
		}
	}
	next := p.Push(t, "wider", "params.yaml", "hidden: 128\n")
	if got, err = p.Forge.Change(t.Context(), p.Project, opened.Number); err != nil || got.Head != next {
		t.Errorf("after a push: head %s, %v, want %s", got.Head, err, next)
	}
}

func changeOfCommit(t *testing.T, p *Place) {
	c := p.open(t, "wider")
	p.open(t, "other")
	got, err := p.Forge.ChangeOfCommit(t.Context(), p.Project, p.Tip(t, "wider"))
	if err != nil || got.Number != c.Number || got.Head != p.Tip(t, "wider") {
		t.Errorf("of the head: %+v, %v", got, err)
	}
	for what, commit := range map[string]string{"of main": p.Tip(t, "main"), "of no commit": strings.Repeat("0", 39) + "1"} {
		if got, err := p.Forge.ChangeOfCommit(t.Context(), p.Project, commit); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
}

func openTwice(t *testing.T, p *Place) {
	p.open(t, "wider")
	_, err := p.Forge.OpenChange(t.Context(), p.Project, forge.Change{Title: "Again", Source: "wider", Target: "main"})
	if !fault.Is(err, fault.Exists) {
		t.Errorf("a second one of the same branch: %v", err)
	}
}

// mergeWays finds the merge request again by what is on main, whichever way
// it came there.
func mergeWays(t *testing.T, p *Place) {
	for _, way := range []Way{Merge, Squash, Rebase} {
		t.Run(string(way), func(t *testing.T) {
			branch := "by-" + string(way)
			p.Push(t, branch, string(way)+"-1.txt", "one\n")
			head := p.Push(t, branch, string(way)+"-2.txt", "two\n")
			p.Push(t, "main", "main-before-"+string(way)+".txt", "so that rebasing makes new commits\n")
			c, err := p.Forge.OpenChange(t.Context(), p.Project, forge.Change{Title: "By " + string(way), Source: branch, Target: "main"})
			if err != nil {
				t.Fatal(err)
			}
			p.Merge(t, c, way)
			tip := p.Tip(t, "main")
			got, err := p.Forge.ChangeOfCommit(t.Context(), p.Project, tip)
			if err != nil {
				t.Fatal(err)
			}
			if got.Number != c.Number || got.State != forge.Merged || got.Head != head || got.MergeCommit != tip {
				t.Errorf("%+v\nwant number %d, head %s, merge commit %s", got, c.Number, head, tip)
			}
		})
	}
}

func approvals(t *testing.T, p *Place) {
	p.has(t, forge.Approvals)
	c := p.open(t, "wider")
	if got, err := p.Forge.Approvals(t.Context(), c); err != nil || len(got) != 0 {
		t.Fatalf("before: %+v, %v", got, err)
	}
	who := p.Approve(t, c)
	got, err := p.Forge.Approvals(t.Context(), c)
	if err != nil || len(got) != 1 || got[0].Who != who || got[0].Head != c.Head || got[0].At < 1600000000000 {
		t.Fatalf("%+v, %v; want %s of %s", got, err, who, c.Head)
	}
	if p.TakeBack == nil {
		return
	}
	p.TakeBack(t, c)
	if got, err := p.Forge.Approvals(t.Context(), c); err != nil || len(got) != 0 {
		t.Errorf("taken back: %+v, %v", got, err)
	}
}

// pushVoids: an approval stays with the head that it was given to.
func pushVoids(t *testing.T, p *Place) {
	p.has(t, forge.Approvals)
	c := p.open(t, "wider")
	who := p.Approve(t, c)
	next := p.Push(t, "wider", "params.yaml", "hidden: 128\n")
	c, err := p.Forge.Change(t.Context(), p.Project, c.Number)
	if err != nil || c.Head != next {
		t.Fatalf("%+v, %v", c, err)
	}
	got, err := p.Forge.Approvals(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range got {
		if a.Head == next {
			t.Errorf("%s has not seen %s: %+v", who, next, a)
		}
	}
	if again := p.Approve(t, c); again != who {
		t.Fatalf("approved by %s", again)
	}
	got, err = p.Forge.Approvals(t.Context(), c)
	if err != nil || !slices.ContainsFunc(got, func(a forge.Approval) bool { return a.Who == who && a.Head == next }) {
		t.Errorf("approved anew: %+v, %v", got, err)
	}
}
