package forgetest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

func comments(t *testing.T, p *Place) {
	c := p.open(t, "wider")
	first, err := p.Forge.CreateComment(t.Context(), c, "<!-- assay:report digits -->\n### ▲ Better")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Forge.CreateComment(t.Context(), c, "second"); err != nil {
		t.Fatal(err)
	}
	edited, err := p.Forge.EditComment(t.Context(), c, first.ID, "<!-- assay:report digits -->\n### ▼ Worse")
	if err != nil || edited.ID != first.ID {
		t.Fatalf("%+v, %v", edited, err)
	}
	all, err := p.Forge.Comments(t.Context(), c)
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	m := all[0]
	if m.ID != first.ID || m.Body != "<!-- assay:report digits -->\n### ▼ Worse" || !m.Own || m.Author == "" || m.Created < 1600000000000 || m.URL == "" {
		t.Errorf("%+v", m)
	}
	if _, err := p.Forge.EditComment(t.Context(), c, "999999", "x"); err == nil {
		t.Error("a comment that is not there was edited")
	}
	if err := p.Forge.DeleteComment(t.Context(), c, first.ID); err != nil {
		t.Error(err)
	}
	if all, err = p.Forge.Comments(t.Context(), c); err != nil || len(all) != 1 || all[0].Body != "second" {
		t.Errorf("after deleting the first: %+v, %v", all, err)
	}
}

// manyComments: all pages are read.
func manyComments(t *testing.T, p *Place) {
	c := p.open(t, "wider")
	for i := range 120 {
		if _, err := p.Forge.CreateComment(t.Context(), c, fmt.Sprint("comment ", i)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := p.Forge.Comments(t.Context(), c)
	if err != nil || len(all) != 120 {
		t.Fatalf("%d comments, %v", len(all), err)
	}
	for i, m := range all {
		if m.Body != fmt.Sprint("comment ", i) {
			t.Fatalf("comment %d is %q", i, m.Body)
		}
	}
}

// othersComment: only our own are ours, and only ours can be edited.
func othersComment(t *testing.T, p *Place) {
	c := p.open(t, "wider")
	if _, err := p.Other.CreateComment(t.Context(), c, "<!-- assay:report digits -->\nforged"); err != nil {
		t.Fatal(err)
	}
	all, err := p.Forge.Comments(t.Context(), c)
	if err != nil || len(all) != 1 || all[0].Own {
		t.Fatalf("%+v, %v", all, err)
	}
	ours, err := p.Forge.CreateComment(t.Context(), c, "ours")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Other.EditComment(t.Context(), c, ours.ID, "taken over"); !fault.Is(err, fault.Denied) {
		t.Errorf("another edits ours: %v", err)
	}
	if err := p.Other.DeleteComment(t.Context(), c, ours.ID); !fault.Is(err, fault.Denied) {
		t.Errorf("another deletes ours: %v", err)
	}
}

// hostileText: names full of Markdown, HTML and odd characters arrive as they
// were sent.
func hostileText(t *testing.T, p *Place) {
	branch := "it's-a#b%20c"
	c := p.open(t, branch)
	if c.Source != branch {
		t.Errorf("source %q", c.Source)
	}
	for _, text := range []string{
		"`x` <script>alert(1)</script> ![p](javascript:alert(1)) | a \\| b",
		"ünïcode 漢字 🙂 \u202e", "```\nfence\n````\n", "@nobody-here-at-all #1 !1",
	} {
		m, err := p.Forge.CreateComment(t.Context(), c, text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if strings.TrimSpace(m.Body) != strings.TrimSpace(text) {
			t.Errorf("sent %q, got %q", text, m.Body)
		}
	}
	check := forge.Check{Name: "assay/<b>*acc*</b>", State: forge.Failure, Summary: "<b> *worse* " + strings.Repeat("long ", 100)}
	if err := p.Forge.SetCheck(t.Context(), p.Project, c.Head, check); err != nil {
		t.Errorf("a check with a hostile and long summary: %v", err)
	}
}

// longComment: a comment of the greatest length is taken, one over it is
// refused before or by the forge, never cut silently.
func longComment(t *testing.T, p *Place) {
	c := p.open(t, "wider")
	most := p.Forge.MaxComment()
	m, err := p.Forge.CreateComment(t.Context(), c, strings.Repeat("ä", most))
	if err != nil || len([]rune(m.Body)) != most {
		t.Errorf("%d characters: %d came, %v", most, len([]rune(m.Body)), err)
	}
	if m, err := p.Forge.CreateComment(t.Context(), c, strings.Repeat("x", most+1)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("%d characters: %d came, %v", most+1, len(m.Body), err)
	}
}

func uploads(t *testing.T, p *Place) {
	p.has(t, forge.Uploads)
	c := p.open(t, "wider")
	png := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89")
	for _, name := range []string{"curves.png", "a b (1)&#.png"} {
		address, err := p.Forge.Upload(t.Context(), c, name, bytes.NewReader(png))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.ContainsAny(address, " ()<>") {
			t.Errorf("%s: the address %q breaks Markdown", name, address)
		}
		if got := p.Fetch(t, address); !bytes.Equal(got, png) {
			t.Errorf("%s: %d bytes at %s", name, len(got), address)
		}
	}
}
