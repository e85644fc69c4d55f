package search

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

type record struct {
	text map[Field]string
	num  map[Field]float64
	sets []string
}

func (r record) Text(f Field) (string, bool)    { s, ok := r.text[f]; return s, ok }
func (r record) Number(f Field) (float64, bool) { v, ok := r.num[f]; return v, ok }
func (r record) Texts(Field) []string           { return r.sets }

func TestMatch(t *testing.T) {
	loss, nan, lr := Field{Metric, "loss"}, Field{Metric, "nan"}, Field{Param, "lr"}
	none, data := Field{Tag, "none"}, Field{DatasetOf, "name"}
	prompt := Field{Tag, promptTag}
	r := record{
		text: map[Field]string{lr: "Fast 0.1"},
		num:  map[Field]float64{loss: 0.5, nan: math.NaN()},
		sets: []string{"mnist", "cifar"},
	}
	yes := record{text: map[Field]string{prompt: "true"}}
	num := func(f Field, op Op, v float64) Cmp { return Cmp{Field: f, Op: op, Num: v, IsNum: true} }
	str := func(f Field, op Op, v string) Cmp { return Cmp{Field: f, Op: op, Str: v} }
	for _, c := range []struct {
		name string
		e    Expr
		r    Record
		want bool
	}{
		{"nil", nil, r, true},
		{"empty and", And{}, r, true},
		{"empty or", Or{}, r, false},
		{"less", num(loss, Lt, 0.6), r, true},
		{"greater", num(loss, Gt, 0.6), r, false},
		{"equal", num(loss, Eq, 0.5), r, true},
		{"missing is not unequal", num(Field{Metric, "x"}, Ne, 1), r, false},
		{"NaN is unequal", num(nan, Ne, 1), r, true},
		{"NaN is not greater", num(nan, Gt, -1), r, false},
		{"and", And{num(loss, Lt, 1), num(loss, Gt, 1)}, r, false},
		{"or", Or{num(loss, Lt, 1), num(loss, Gt, 1)}, r, true},
		{"not", Not{num(loss, Lt, 1)}, r, false},
		{"like", str(lr, Like, "Fast%"), r, true},
		{"like minds case", str(lr, Like, "fast%"), r, false},
		{"ilike does not", str(lr, ILike, "fAST _._"), r, true},
		{"is null", Cmp{Field: none, Op: IsNull}, r, true},
		{"is not null", Cmp{Field: lr, Op: NotNull}, r, true},
		{"missing tag", str(none, Ne, "x"), r, false},
		{"in", Cmp{Field: lr, Op: In, List: []string{"x", "Fast 0.1"}}, r, true},
		{"not in", Cmp{Field: lr, Op: NotIn, List: []string{"x"}}, r, true},
		{"missing is not in", Cmp{Field: none, Op: NotIn, List: []string{"x"}}, r, false},
		{"one of many", str(data, Eq, "cifar"), r, true},
		{"none of many", str(data, Eq, "imagenet"), r, false},
		{"no prompt", str(prompt, Ne, "true"), r, true},
		{"no prompt, said so", str(prompt, Eq, "false"), r, true},
		{"prompts", str(prompt, Eq, "true"), r, false},
		{"a prompt", str(prompt, Eq, "true"), yes, true},
		{"a prompt is not none", str(prompt, Ne, "true"), yes, false},
	} {
		if got := Match(c.e, c.r); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func TestLikeAgainstRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.SampledFrom([]rune("aabé")), 0, 90, -1).Draw(t, "s")
		p := rapid.StringOfN(rapid.SampledFrom([]rune("aabé%_")), 0, 80, -1).Draw(t, "p")
		re := "(?s)^" + strings.NewReplacer("%", ".*", "_", ".").Replace(p) + "$"
		if got, want := like(s, p), regexp.MustCompile(re).MatchString(s); got != want {
			t.Fatalf("like(%q, %q) = %v, want %v", s, p, got, want)
		}
	})
	// Longer pieces than one word of bits.
	long := strings.Repeat("ab", 100)
	if !like("xx"+long+"yy", "%"+strings.Repeat("a_", 100)+"%") || like("xx"+long, "%"+strings.Repeat("b_", 100)+"%") {
		t.Error("long piece with _")
	}
	for _, p := range []string{"%_%", "_%", "%_", "_", "%_%_%"} { // no UTF-8
		if got, want := like("a\xff"[1:], p), p != "%_%_%"; got != want {
			t.Errorf("like of a broken byte against %s: %v", p, got)
		}
	}
}

func TestLess(t *testing.T) {
	f := Field{Metric, "m"}
	g := Field{Attribute, "name"}
	rec := func(name string, v ...float64) record {
		r := record{text: map[Field]string{g: name}, num: map[Field]float64{}}
		if len(v) > 0 {
			r.num[f] = v[0]
		}
		return r
	}
	all := []record{rec("d"), rec("c", math.NaN()), rec("b", 2), rec("a", 1), rec("e", 1)}
	for _, c := range []struct {
		desc bool
		want string
	}{{false, "aebcd"}, {true, "baecd"}} {
		order := []Order{{f, c.desc}, {g, false}}
		slices.SortFunc(all, func(a, b record) int { return Less(a, b, order) })
		got := ""
		for _, r := range all {
			got += r.text[g]
		}
		if got != c.want {
			t.Errorf("desc %v: %s, want %s", c.desc, got, c.want)
		}
		for i := 1; i < len(all); i++ {
			if CompareKeys(Keys(all[i-1], order), Keys(all[i], order), order) != Less(all[i-1], all[i], order) {
				t.Error("keys and records disagree")
			}
		}
	}
}
