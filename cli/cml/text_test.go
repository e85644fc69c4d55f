package cml

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWatermark(t *testing.T) {
	for _, c := range []struct{ label, want string }{
		{"", `![](https://cml.dev/watermark.png#abc1 "CML watermark")`},
		{"a_b*c[d<e", `![](https://cml.dev/watermark.png#abc1 "CML watermark a\_b\*c\[d\<e")`},
		{"{workflow} {run} {run}", `![](https://cml.dev/watermark.png#abc1 "CML watermark train undefined {run}")`},
	} {
		w := newWatermark(c.label, "train", "", "abc1")
		if got := w.String(); got != c.want {
			t.Errorf("%q: %s, want %s", c.label, got, c.want)
		}
		other := newWatermark(c.label, "train", "", "DEF2")
		if !other.in("text\n\n![](https://cml.dev/watermark.png#zz \"no\") " + c.want) {
			t.Errorf("%q is not found again", c.label)
		}
		if newWatermark(c.label+" more", "train", "", "abc1").in(c.want) {
			t.Errorf("%q is found by another label", c.label)
		}
	}
	if newWatermark("", "", "", "").in(newWatermark("", "", "", "").String()) {
		t.Error("a mark without a commit is found")
	}
}

func TestDestinations(t *testing.T) {
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
	} {
		var got []string
		for _, d := range destinations(text) {
			got = append(got, text[d.start:d.end])
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q:\n%s", text, d)
		}
	}
}

func FuzzDestinations(f *testing.F) {
	for _, s := range []string{"![a](x.png)", "[a]: <b c> 'd'", "```\n[a](b)\n```", "\\", "[a](\\", "``", "[x](<"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, d := range destinations(text) {
			if d.start < last || d.end <= d.start || d.end > len(text) || strings.ContainsAny(text[d.start:d.end], "\n") {
				t.Fatalf("%q: %+v after %d", text, d, last)
			}
			last = d.end
		}
	})
}

func TestPlain(t *testing.T) {
	got := plain([]string{"comment", "--no-publish", "--rmWatermark", "true", "--md", "x", "--no-such", "--", "--no-md"})
	want := []string{"comment", "--publish=false", "--rmWatermark=true", "--md", "x", "--no-such", "--", "--no-md"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
