package params

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dump prints one value a line: line, path, text, "#" for numbers.
func dump(s *Set) string {
	var b strings.Builder
	for _, v := range s.Values {
		mark := ""
		if v.IsNum {
			mark = " #"
		}
		fmt.Fprintf(&b, "%d %s = %s%s\n", v.Line, v.Path, v.Text, mark)
	}
	return b.String()
}

func TestParse(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"a.yaml", "lr: 1e-3\ntrain:\n  layers: [64, 1.50]\n  name: \"x y\"\nempty: {}\nnone:\non: true\n", `1 lr = 0.001 #
3 train.layers[0] = 64 #
3 train.layers[1] = 1.5 #
4 train.name = x y
5 empty = {}
6 none = null
7 on = true
`},
		{"a.yml", "base: &b {x: 1, y: 2}\nb:\n  <<: *b\n  y: 3\nc: *b\nbig: 9007199254740993\nhex: 0x10\nn: .nan\ni: -.inf\nd: 2020-01-02\nq: '5'\nu: 1_000\n", `1 base.x = 1 #
1 base.y = 2 #
4 b.y = 3 #
1 b.x = 1 #
1 c.x = 1 #
1 c.y = 2 #
6 big = 9007199254740993 #
7 hex = 16 #
8 n = NaN #
9 i = -Infinity #
10 d = 2020-01-02
11 q = 5
12 u = 1000 #
`},
		{"empty.yaml", "# nothing\n", ""},
		{"m.json", "{\"acc\": 0.97,\n \"loss\": NaN, \"a\": [Infinity, -Infinity, -0.0],\n \"s\": \"\\u00e9\\n\", \"e\": [], \"o\": {\"k\": null}, \"big\": 123456789012345678901, \"x\": 1E400, \"t\": true}", `1 acc = 0.97 #
2 loss = NaN #
2 a[0] = Infinity #
2 a[1] = -Infinity #
2 a[2] = 0 #
3 s = é

3 e = []
3 o.k = null
3 big = 123456789012345678901 #
3 x = Infinity #
3 t = true
`},
		{"one.json", "\ufeff\n 0.5\r\n", "2  = 0.5 #\n"},
		{"p.toml", "lr = 1e-3\n[a.\"b c\"]\nx = [1, 2,\n 3]\nd = 1979-05-27\n[[l]]\nn = 0xff\n[[l]]\nn = +inf\nt = {u.v = 1_0, w = nan}\n[l.sub]\ns = 'z'\nf = false\n", `1 lr = 0.001 #
3 a.b c.x[0] = 1 #
3 a.b c.x[1] = 2 #
4 a.b c.x[2] = 3 #
5 a.b c.d = 1979-05-27
7 l[0].n = 255 #
9 l[1].n = Infinity #
10 l[1].t.u.v = 10 #
10 l[1].t.w = NaN #
12 l[1].sub.s = z
13 l[1].sub.f = false
`},
	}
	for _, tt := range tests {
		s, err := Parse(tt.name, []byte(tt.in))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if d := cmp.Diff(tt.want, dump(s)); d != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.name, d)
		}
	}
}

func TestParseErrors(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 10), ","))
	}
	merges := "m: &m {k: 1}\nx:\n  <<: [" + strings.Repeat("*m,", 150_000) + "]\n"
	deep := func(open, end string) string { return strings.Repeat(open, 100) + strings.Repeat(end, 100) }
	tests := []struct{ name, in, want string }{
		{"a.yaml", "a: 1\nb: [1\nc: 2\n", "a.yaml:"},
		{"a.yaml", "a: 1\nb: 2\na: 3\n", "a.yaml:3: a stands twice"},
		{"a.yaml", "a.b: 1\na: {b: 2}\n", "a.yaml:2: a.b stands twice"},
		{"a.yaml", "? [1, 2]\n: 3\n", "a.yaml:1: a key is a map or a list"},
		{"a.yaml", "a: 1\n---\nb: 1\n", "a second YAML document"},
		{"a.yaml", bomb, "more than 100000 values"},
		{"a.yaml", merges, "more than 100000 values"},
		{"a.yaml", "a: &a [*a]\n", "nested deeper"},
		{"a.yaml", "a: &a\n  <<: *a\n", "nested deeper"},
		{"a.yaml", deep("[", "]"), "nested deeper"},
		{"a.yaml", "a: *nobody\n", "a.yaml:1:"},
		{"a.yaml", "a: !!int x\n", "a.yaml:1: \"x\" is not a number"},
		{"a.yaml", strings.Repeat("a,", 1<<20+1), "keep data in a table"},
		{"a.json", deep("[", "]"), "nested deeper"},
		{"a.json", "{\"a\":\n  [1,,2]}", `a.json:2: expected a value, found ""`},
		{"a.json", "{\"a\": 01}", "expected a value"},
		{"a.json", "{\"a\": 1}\n}", "a.json:2: something follows"},
		{"a.json", "{\"a\": 1, \"a\": 2}", "a.json:1: a stands twice"},
		{"a.json", "{\"a\": \"x\ny\"}", "not closed"},
		{"a.json", "{\"a\": \"\\q\"}", "bad escape"},
		{"a.json", "{a: 1}", "key in double quotes"},
		{"a.json", "", "the file ends"},
		{"a.json", "[" + strings.Repeat("1,", MaxValues) + "1]", "more than 100000 values"},
		{"a.json", "{\"" + strings.Repeat("k", 2000) + "\": 1}", "longer than 1024 bytes"},
		{"a.toml", "a = 1\na = 2\n", "a.toml:2:"},
		{"a.toml", "a = 1\n[a]\n", "a.toml:2:"},
		{"a.toml", "a = " + deep("[", "]"), "nested deeper"},
		{"a.toml", "a = " + strings.Repeat("[1,", 100) + strings.Repeat("]", 100), "nested deeper"},
		{"a.toml", strings.Repeat("a.", 100) + "a = 1", "nested deeper"},
		{"a.toml", "a = \n", "a.toml:1:"},
		{"a.ini", "a = 1\n", `extension ".ini"`},
		{"a.json", "{\n\"a\": \"\xff\"}", "a.json:2: the text is not UTF-8"},
		{"a.json", strings.Repeat(" ", MaxFile+1), "more than the limit of 16 MB"},
	}
	for _, tt := range tests {
		_, err := Parse(tt.name, []byte(tt.in))
		var se *SyntaxError
		if !errors.As(err, &se) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %.40q: got %v, want %q", tt.name, tt.in, err, tt.want)
		}
	}
}

func TestNumberText(t *testing.T) {
	for in, want := range map[float64]string{
		1: "1", 0.1: "0.1", 1e-7: "1e-07", 1e21: "1e+21", 123456789: "123456789",
		math.Copysign(0, -1): "0", -0.5: "-0.5", math.Inf(1): "Infinity",
	} {
		if got := NumberText(in); got != want {
			t.Errorf("NumberText(%v) = %q, want %q", in, got, want)
		}
	}
}

func TestGet(t *testing.T) {
	s, err := Parse("a.json", []byte(`{"a": {"b": [1, 2]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := s.Get("a.b[1]"); !ok || v.Num != 2 {
		t.Errorf("Get(a.b[1]) = %v, %v", v, ok)
	}
	if _, ok := s.Get("a"); ok {
		t.Error("Get(a) found a map")
	}
}

func TestDiff(t *testing.T) {
	parse := func(name, in string) *Set {
		s, err := Parse(name, []byte(in))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	old := []*Set{parse("p.yaml", "l: [0,0,0,0,0,0,0,0,0,0,1]\nlr: 1e-3\nq: '1'\ngone: x\nn: .nan\n"), parse("a.toml", "z = 1\n")}
	now := []*Set{parse("p.yaml", "n: .nan\nlr: 0.001\nl: [0,0,5,0,0,0,0,0,0,0,2]\nq: 1\nnew: y\n")}
	var got []string
	for _, c := range Diff(old, now) {
		text := func(v *Value) string {
			if v == nil {
				return "-"
			}
			return v.Text
		}
		got = append(got, fmt.Sprintf("%s %s %s>%s", c.File, c.Path, text(c.Old), text(c.New)))
	}
	want := []string{
		"a.toml z 1>-", "p.yaml gone x>-", "p.yaml l[2] 0>5", "p.yaml l[10] 1>2", "p.yaml new ->y", "p.yaml q 1>1",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if n := len(Diff(old, old)); n != 0 {
		t.Errorf("a set differs from itself in %d values", n)
	}
}
