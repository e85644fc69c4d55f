package params

import (
	"errors"
	"testing"
)

// FuzzParse: whatever comes, the bounds hold, paths are unique, errors carry
// the file's name, and a set equals itself.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"a: 1\nb: &x [1, {c: *x}]\n", "<<: {a: 1}\n", "{\"a\": [NaN, -1e5, \"\\ud800\"]}",
		"a = 1\n[[b.c]]\nd = {e = [1.0]}\n", "a: |\n  x\n", "\ufeff- - - 1", "a = \"\"\"\nx\"\"\"",
	} {
		for i := range 3 {
			f.Add(uint8(i), []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		name := []string{"f.yaml", "f.json", "f.toml"}[kind%3]
		s, err := Parse(name, data)
		if err != nil {
			var se *SyntaxError
			if !errors.As(err, &se) || se.File != name || se.Line < 0 {
				t.Fatalf("not a proper error: %#v", err)
			}
			return
		}
		if len(s.Values) > MaxValues {
			t.Fatalf("%d values", len(s.Values))
		}
		seen := map[string]bool{}
		for _, v := range s.Values {
			if seen[v.Path] || len(v.Path) > maxPath+16*MaxDepth || v.Line < 0 {
				t.Fatalf("bad value %+v", v)
			}
			seen[v.Path] = true
		}
		if d := Diff([]*Set{s}, []*Set{s}); len(d) != 0 {
			t.Fatalf("differs from itself: %v", d)
		}
	})
}

// FuzzTable: every row is as wide as the header.
func FuzzTable(f *testing.F) {
	f.Add("a.csv", []byte("id,label\r\n1,\"x\ny\"\r\n"))
	f.Add("a.tsv", []byte("\ufeffid\tx\n\t\n"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		c, err := Table(name, data)
		if err != nil {
			return
		}
		if len(c.Names) > MaxColumns {
			t.Fatalf("%d columns", len(c.Names))
		}
		for _, r := range c.Rows {
			if len(r) != len(c.Names) {
				t.Fatalf("row of %d cells under %d names", len(r), len(c.Names))
			}
		}
	})
}
