package scene

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                "plain",
		"  a\tb\r\nc ":         "a b  c",
		"a\x00b\x7f\u0085c":    "ab c",
		"\u202eexe\u202c":      "exe",
		"\xff":                 "\ufffd",
		"x\ufffe\uffffy":       "xy",
		"épée Ж Ω 東京 שלום 🚀":   "épée Ж Ω 東京 שלום 🚀",
		strings.Repeat("é", 9): strings.Repeat("é", 9),
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	long := Clean("begin" + strings.Repeat("長", 1_000_000) + "end")
	if n := utf8.RuneCountInString(long); n > MaxText || !strings.HasPrefix(long, "begin") || !strings.HasSuffix(long, "end") || !strings.Contains(long, "…") {
		t.Errorf("%d characters: %.60q", n, long)
	}
}

func TestCutAndWrap(t *testing.T) {
	f := NewFonts(false)
	if got := f.Cut("short", 12, false, 100); got != "short" {
		t.Errorf("%q", got)
	}
	got := f.Cut("training_run_of_the_model_v7", 12, false, 100)
	if !strings.HasPrefix(got, "train") || !strings.HasSuffix(got, "_v7") || strings.Count(got, "…") != 1 || f.Width(got, 12, false) > 100 {
		t.Errorf("%q", got)
	}
	if got := f.Cut("abc", 12, false, 1); got != "…" {
		t.Errorf("%q", got)
	}
	lines := f.Wrap(strings.Repeat("some words ", 20), 12, true, 200, 2)
	if len(lines) != 2 || f.Width(lines[0], 12, true) > 200 || f.Width(lines[1], 12, true) > 200 || !strings.Contains(lines[1], "…") {
		t.Errorf("%q", lines)
	}
	if got := f.Wrap("", 12, true, 200, 2); len(got) != 0 {
		t.Errorf("%q", got)
	}
	// Liberation Sans has the widths of Arial: 667/1000 for A.
	if w := f.Width("A", 1000, false); math.Abs(w-667) > 1 {
		t.Errorf("A is %v wide", w)
	}
	if w := f.Width("a\u200d\ufe0f\u202e", 1000, false); w != f.Width("a", 1000, false) {
		t.Errorf("marks are %v wide", w)
	}
	if w := f.Width("東", 1000, false); w != 1000 {
		t.Errorf("a letter of a missing font is %v wide", w)
	}
}

func TestVisual(t *testing.T) {
	for in, want := range map[string]string{
		"abc 12":                "abc 12",
		"אבג":                   "גבא",
		"run אב גד 17 הו end":   "run וה 17 דג בא end",
		"\u200eאב\u200e 98.6 %": "\u200eבא\u200e 98.6 %",
	} {
		if got := string(visual(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := Isolate("אב"); got != "\u200eאב\u200e" {
		t.Errorf("%q", got)
	}
	if got := Isolate("ab"); got != "ab" {
		t.Errorf("%q", got)
	}
}

// A font of the system is found where there is one, and what is no font is
// passed over.
func TestSystemFonts(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"sub/NotoSans-Regular.ttf": liberationsansregular.TTF,
		"NotoSans-Bold.ttf":        liberationsansregular.TTF,
		"broken.ttf":               []byte("no font"),
		"NotoColorEmoji.ttf":       liberationsansregular.TTF,
		"readme.txt":               []byte("text"),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	fonts := openFonts([]string{filepath.Join(dir, "missing"), dir})
	if len(fonts) != 1 {
		t.Fatalf("%d fonts", len(fonts))
	}
	f := &face{font: fonts[0], glyphs: map[rune]*glyph{}}
	if g := f.load('Ж'); g == nil || len(g.outline.points) == 0 {
		t.Error("a letter is not read")
	}
	if g := f.load('東'); g != nil {
		t.Error("a letter that the font lacks is read")
	}
}

// wellFormed reads an SVG as XML.
func wellFormed(t *testing.T, svg []byte) (text string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text
		}
		if err != nil {
			t.Fatalf("%v\n%.500s", err, svg)
		}
		if c, ok := tok.(xml.CharData); ok {
			text += string(c)
		}
		if e, ok := tok.(xml.StartElement); ok && strings.ToLower(e.Name.Local) == "script" {
			t.Fatalf("a script in %.500s", svg)
		}
	}
}

// FuzzSVG puts any text, cleaned or not, and any number into an SVG; what comes
// out is XML.
func FuzzSVG(f *testing.F) {
	for _, s := range []string{"plain", `<script>]]>`, "\x00\xff\ufffe", `"'&amp;`, "שלום\u202e", "\xed\xa0\x80"} {
		f.Add(s, 1.5)
	}
	f.Add("x", math.Inf(1))
	f.Add("x", math.NaN())
	f.Fuzz(func(t *testing.T, s string, v float64) {
		sc := New(100, 100, Hex(0xffffff), false)
		sc.Alt = s
		sc.Add(Text{At: Point{v, v}, S: s, Size: 12, Anchor: .5, Angle: v, Color: Hex(0)})
		sc.Add(Text{S: Clean(s), Size: 12, Bold: true, Color: Hex(0)})
		sc.Line([]Point{{v, 0}, {0, v}}, Hex(0), v, v, v)
		sc.Fill(v, v, v, v, Hex(0).With(v))
		var b bytes.Buffer
		if err := sc.WriteSVG(&b); err != nil {
			t.Fatal(err)
		}
		wellFormed(t, b.Bytes())
		if c := Clean(s); strings.ContainsAny(c, "\x00\n\u202e") || utf8.RuneCountInString(c) > MaxText || !utf8.ValidString(c) {
			t.Errorf("%q", c)
		}
		sc.Paint(1)
	})
}
