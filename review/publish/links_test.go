package publish

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinks(t *testing.T) {
	for text, want := range map[string][]string{
		"![a](x.png)":                         {"x.png"},
		"![a](x.png \"t (1)\") [b](y 'z')":    {"x.png", "y"},
		"[![a](x.png)](y.csv)":                {"x.png", "y.csv"},
		"![](a(1).png)":                       {"a(1).png"},
		"![](<a b.png> \"t\")":                {"a b.png"},
		"![]( x.png )":                        {"x.png"},
		"`![](x.png)` ``a ` ![](y.png)``":     nil,
		"a ` b ![](x.png)":                    {"x.png"},
		"\\![a](x.png) \\[b](y.png)":          {"x.png"},
		"```\n![](x.png)\n```\n![](y.png)":    {"y.png"},
		"````\n```\n![](x.png)\n````":         nil,
		"~~~\n![](x.png)":                     nil,
		"[id]: x.png\n [b]: <y z.png> 't'":    {"x.png", "y z.png"},
		"[^1]: x.png\n    [c]: y.png":         nil,
		"![](x.png":                           nil,
		"![](x y.png)":                        nil,
		"[](":                                 nil,
		"a](x.png)":                           nil,
		"| ![](x.png) | [y](y.csv) |\r\n":     {"x.png", "y.csv"},
		"<details>\n\n![](x.png)\n</details>": {"x.png"},
		"<details>\n![](x.png)\n</details>":   nil, // a block of HTML ends with an empty line
		"![](./x.png)":                        {"./x.png"},
		"![a][id]\n\n[ID]: x.png 't'":         {"x.png"},
		"    ![](x.png)\n\n![](y.png)":        {"y.png"},
		"- a\n\n      ![](x.png)\n\n  ![](y)": {"y"},
		"> ![a\n> b](x.png)\n> [k]: y.png":    {"x.png"},
		"![a `]` *b*](x.png)":                 {"x.png"},
		"![a ![b](x) c](x 't')":               {"x", "x"},
		"![](data:image/png;base64,AA==)":     {"data:image/png;base64,AA=="},
		"![](x\\(1\\)&amp;.png)":              {"x\\(1\\)&amp;.png"},
		"<img src=x.png> <a href='(x)'>":      nil,
	} {
		var got []string
		for _, l := range Links(text) {
			if l.End > l.Start {
				got = append(got, text[l.Start:l.End])
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q:\n%s", text, d)
		}
	}
}

func TestLinkParts(t *testing.T) {
	text := "a ![one *b*](<x y.png> \"t\") [![two][Id  x]](y&amp;z.csv) ![id X][] ![id x]\n\n[id x]: a\\_b.png"
	type part struct{ All, Address, Label, Alt string }
	var got []part
	for _, l := range Links(text) {
		got = append(got, part{text[l.From:l.To], l.Address, l.Label, l.Alt})
	}
	want := []part{
		{`![one *b*](<x y.png> "t")`, "x y.png", "", "one *b*"},
		{"![two][Id  x]", "", "id x", "two"},
		{"[![two][Id  x]](y&amp;z.csv)", "y&z.csv", "", ""},
		{"![id X][]", "", "id x", "id X"},
		{"![id x]", "", "id x", "id x"},
		{"", "a_b.png", "id x", ""},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// FuzzLinks holds what is found to the text: in order, apart, and what it says.
func FuzzLinks(f *testing.F) {
	for _, s := range []string{
		"![a](x.png)", "[a]: <b c> 'd'", "```\n[a](b)\n```", "\\", "[a](\\", "``", "[x](<", "![a][b]\n\n[b]: c", "| ![](x) |\n|--|\n| [a](b) |",
		"> [a](b\n> 'c')", "- ![](a)\n\n      ![](b)", "[^1]: [a](b)", "![a ![b](x) c](x 't')", "<a>[b](c)</a>", "![\r\n](a)", "[a\x00]: b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, l := range Links(text) {
			switch {
			case l.End > l.Start && (l.Start < last || l.End > len(text) || strings.Contains(text[l.Start:l.End], "\n")):
				t.Fatalf("%q: %+v after %d", text, l, last)
			case l.End > l.Start && meant([]byte(text[l.Start:l.End])) != l.Address:
				t.Fatalf("%q: %+v says %q", text, l, text[l.Start:l.End])
			case !l.Definition && (l.From < 0 || l.To > len(text) || text[l.From] != '[' && text[l.From] != '!'):
				t.Fatalf("%q: %+v is not there", text, l)
			case l.Picture && !strings.HasPrefix(text[l.From:l.To], "!["+l.Alt+"]"):
				t.Fatalf("%q: %+v is not %q", text, l, text[l.From:l.To])
			}
			last = max(last, l.End)
		}
		if same, _ := withAddresses(text, func(address string) (string, error) { return address, nil }); len(pictures(text)) == 0 && same != text {
			t.Fatalf("%q became %q", text, same)
		}
		Text(text)
	})
}

// TestPictures: each way to write a picture is kept, but for its address.
func TestPictures(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"x.png", "x y.png", "a(1).png"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("png"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const one = "data:image/svg+xml;base64,PHN2Zy8+"
	for text, want := range map[string][2]string{ // shown, described
		"![a](x.png \"title\")":                {"![a](https://forge/x.png \"title\")", "*Picture: a*"},
		"![a](<x y.png>)":                      {"![a](<https://forge/x y.png>)", "*Picture: a*"},
		"![a](./x.png)":                        {"![a](https://forge/x.png)", "*Picture: a*"},
		"![a](a\\(1\\).png)":                   {"![a](https://forge/a(1).png)", "*Picture: a*"},
		"![a](<>) ![b]()":                      {"![a](<>) ![b]()", "![a](<>) ![b]()"},
		"![a][b] ![b] ![c]\n\n[b]: x.png 'T'":  {"![a][b] ![b] ![c]\n\n[b]: https://forge/x.png 'T'", "*Picture: a* *Picture: b* ![c]\n\n[b]: x.png 'T'"},
		"[file][b]\n\n[b]: x.png":              {"[file][b]\n\n[b]: x.png", "[file][b]\n\n[b]: x.png"},
		"![a](" + one + ") ![b](" + one + ")":  {"![a](https://forge/picture.svg) ![b](https://forge/picture.svg)", "*Picture: a* *Picture: b*"},
		"[![a](x.png)](x.png)":                 {"[![a](https://forge/x.png)](x.png)", "[*Picture: a*](x.png)"},
		"> ![a\n> b](x.png)\n\n    ![](x.png)": {"> ![a\n> b](https://forge/x.png)\n\n    ![](x.png)", "> *Picture: a > b*\n\n    ![](x.png)"},
	} {
		m := &memory{}
		if got, err := upload(t.Context(), Options{Forge: m, Dir: dir}, text); err != nil || got != want[0] {
			t.Errorf("%q becomes %q, %v; want %q", text, got, err, want[0])
		}
		if m.uploads > 1 {
			t.Errorf("%q: %d uploads", text, m.uploads)
		}
		if got := Text(text); got != want[1] {
			t.Errorf("%q is described as %q, want %q", text, got, want[1])
		}
	}
	for _, bad := range []string{"![a](data:image/png;base64,!)", "![a](data:image/png,abc)", "![a](data:image/../x;base64,AA==)"} {
		if got, err := upload(t.Context(), Options{Forge: &memory{}, Dir: dir}, bad); err == nil {
			t.Errorf("%q became %q", bad, got)
		}
	}
	if got := pictures("![a](https://x/y.png) ![b](/etc/passwd) ![c](#d) ![d](//host/x)"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if !slices.IsSortedFunc(Links("[![a](x)](y) [b](z)"), func(a, b Link) int { return a.Start - b.Start }) {
		t.Error("not in order")
	}
}
