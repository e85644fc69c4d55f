package cml

import (
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

func TestPlain(t *testing.T) {
	got := plain([]string{"comment", "--no-publish", "--rmWatermark", "true", "--md", "x", "--no-such", "--", "--no-md"})
	want := []string{"comment", "--publish=false", "--rmWatermark=true", "--md", "x", "--no-such", "--", "--no-md"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
