package params

import (
	"cmp"
	"slices"
	"strings"
)

// Change is one value that differs between two sets of files.
type Change struct {
	File, Path string
	Old, New   *Value // nil where the value is absent
}

// Diff compares files of the same name value by value and returns what differs,
// ordered by file, then path (list elements by number). Lines and order do not
// count as differences; a number and a text that reads the same do.
func Diff(old, new []*Set) []Change {
	before, after := index(old), index(new)
	var out []Change
	for k, o := range before {
		n, ok := after[k]
		switch {
		case !ok:
			out = append(out, Change{File: k.file, Path: k.path, Old: o})
		case o.Text != n.Text || o.IsNum != n.IsNum:
			out = append(out, Change{File: k.file, Path: k.path, Old: o, New: n})
		}
	}
	for k, n := range after {
		if _, ok := before[k]; !ok {
			out = append(out, Change{File: k.file, Path: k.path, New: n})
		}
	}
	slices.SortFunc(out, func(a, b Change) int {
		return cmp.Or(strings.Compare(a.File, b.File), comparePaths(a.Path, b.Path))
	})
	return out
}

type place struct{ file, path string }

func index(sets []*Set) map[place]*Value {
	m := map[place]*Value{}
	for _, s := range sets {
		for i := range s.Values {
			v := s.Values[i]
			m[place{s.File, v.Path}] = &v
		}
	}
	return m
}

// comparePaths orders a[2] before a[10]: runs of digits compare as numbers.
func comparePaths(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		dx, dy := digits(x), digits(y)
		if dx == "" || dy == "" {
			if x[0] != y[0] {
				return cmp.Compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		x, y = x[len(dx):], y[len(dy):]
		dx, dy = strings.TrimLeft(dx, "0"), strings.TrimLeft(dy, "0")
		if c := cmp.Or(cmp.Compare(len(dx), len(dy)), strings.Compare(dx, dy)); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(a, b))
}

func digits(s string) string {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i]
}
