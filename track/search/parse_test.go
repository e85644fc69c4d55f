package search

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/fault"
)

func TestParse(t *testing.T) {
	attr := func(k string) Field { return Field{Attribute, k} }
	loss := Cmp{Field: Field{Metric, "loss"}, Op: Lt, Num: 0.5, IsNum: true}
	for _, c := range []struct {
		kind Kind
		text string
		want Expr
	}{
		{Runs, "", nil},
		{Runs, "  ", nil},
		{Runs, "metrics.loss < 0.5", loss},
		{Runs, "metric.`loss`<.5", loss},
		{Runs, `metrics."loss" < 5e-1`, loss},
		{Runs, "metrics.val/loss-a.b >= -1", Cmp{Field: Field{Metric, "val/loss-a.b"}, Op: Ge, Num: -1, IsNum: true}},
		{Runs, "params.lr = '0.1'", Cmp{Field: Field{Param, "lr"}, Op: Eq, Str: "0.1"}},
		{Runs, `parameters."a b" != "it's"`, Cmp{Field: Field{Param, "a b"}, Op: Ne, Str: "it's"}},
		{Runs, "tags.x LIKE 'it''s%'", Cmp{Field: Field{Tag, "x"}, Op: Like, Str: "it's%"}},
		{Runs, "tag.`mlflow.user` ilike 'A%'", Cmp{Field: Field{Tag, "mlflow.user"}, Op: ILike, Str: "A%"}},
		{Runs, "tags.x IS NULL", Cmp{Field: Field{Tag, "x"}, Op: IsNull}},
		{Runs, "params.x is not null", Cmp{Field: Field{Param, "x"}, Op: NotNull}},
		{Runs, "`Run name` = 'a'", Cmp{Field: attr("run_name"), Op: Eq, Str: "a"}},
		{Runs, `attributes."run name" = 'a'`, Cmp{Field: attr("run_name"), Op: Eq, Str: "a"}},
		{Runs, "attr.Created > 12", Cmp{Field: attr("start_time"), Op: Gt, Num: 12, IsNum: true}},
		{Runs, "run.status = 'FINISHED'", Cmp{Field: attr("status"), Op: Eq, Str: "FINISHED"}},
		{Runs, "run_id NOT IN ('a', \"b\")", Cmp{Field: attr("run_id"), Op: NotIn, List: []string{"a", "b"}}},
		{Runs, "datasets.digest = 'x'", Cmp{Field: Field{DatasetOf, "digest"}, Op: Eq, Str: "x"}},
		{Runs, "metrics.loss < 0.5 AND metrics.loss < 0.5", And{loss, loss}},
		{
			Runs, "metrics.loss < 0.5 or not (metrics.loss < 0.5 AND tags.x IS NULL)",
			Or{loss, Not{And{loss, Cmp{Field: Field{Tag, "x"}, Op: IsNull}}}},
		},
		{Experiments, "name = 'a'", Cmp{Field: attr("name"), Op: Eq, Str: "a"}},
		{Runs, "run_id IN ('a',)", Cmp{Field: attr("run_id"), Op: In, List: []string{"a"}}}, // a Python tuple of one
		{Experiments, "experiment_id IN ('1','2')", Or{
			Cmp{Field: attr("experiment_id"), Op: Eq, Num: 1, IsNum: true},
			Cmp{Field: attr("experiment_id"), Op: Eq, Num: 2, IsNum: true},
		}},
		{
			Models, "tag.`mlflow.prompt.is_prompt` != 'true'",
			Cmp{Field: Field{Tag, "mlflow.prompt.is_prompt"}, Op: Ne, Str: "true"},
		},
		{Versions, "version_number = 3", Cmp{Field: attr("version_number"), Op: Eq, Num: 3, IsNum: true}},
		{
			LoggedModels, "attributes.creation_timestamp_ms > 1",
			Cmp{Field: attr("creation_timestamp"), Op: Gt, Num: 1, IsNum: true},
		},
	} {
		got, err := Parse(c.kind, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: (-want +got)\n%s", c.text, d)
		}
	}
}

func TestParseWrong(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		text string
		want string
	}{
		{Runs, "metrics.loss", "position 13: expected a comparator"},
		{Runs, "metrics.loss = 'a'", "position 16: expected a numeric value"},
		{Runs, "params.lr = 0.1", "position 13: expected a quoted string value"},
		{Runs, "params.lr > '0.1'", "position 11: comparator > is not for texts"},
		{Runs, "metrics.m LIKE 'a'", "position 11: comparator LIKE is not for numbers"},
		{Runs, "foo.bar = 'a'", "position 1: Invalid entity type 'foo'"},
		{Runs, "nothing = 'a'", "Invalid attribute key 'nothing'"},
		{Runs, "datasets.x = 'a'", "Invalid dataset key 'x'"},
		{Runs, "metrics. > 1", "the key is empty"},
		{Runs, "tags.x = 'a", "position 10: the quote ' is not closed"},
		{Runs, "é tags.x", "Invalid attribute key 'é'"},
		{Runs, "tags.é = 'é' AND", "position 17: expected a field, found the end"},
		{Runs, "tags.x = 'a' tags.y = 'b'", "expected AND, OR or the end"},
		{Runs, "tags.x = 'a'; DROP TABLE runs", "unexpected ';'"},
		{Runs, "run_id IN ()", "expected a quoted string"},
		{Runs, "run_id IN ('a'", `expected ,, found the end`},
		{Runs, "metrics.m = 1.2.3", "is not a number"},
		{Runs, "AND = 'a'", "expected a field"},
		{Runs, strings.Repeat("(", 100) + "tags.x = 'a'", "nested deeper"},
		{Runs, strings.Repeat("NOT ", 100) + "tags.x = 'a'", "nested deeper"},
		{Runs, strings.Repeat("a", 70_000), "longer than"},
		{Models, "metrics.x = 1", "Invalid entity type 'metrics'"},
		{Experiments, "experiment_id = 'x'", "not an experiment's id"},
	} {
		_, err := Parse(c.kind, c.text)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "Invalid") {
			t.Errorf("%.80s: got %v, want %q", c.text, err, c.want)
		}
	}
}

func TestParseOrder(t *testing.T) {
	got, err := ParseOrder(Runs, []string{"metrics.`a b` desc", "attribute.start_time ASC", "params.x", "`Run name`"})
	want := []Order{
		{Field{Metric, "a b"}, true},
		{Field{Attribute, "start_time"}, false},
		{Field{Param, "x"}, false},
		{Field{Attribute, "run_name"}, false},
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, d)
	}
	for _, c := range [][]string{
		{"metrics.a DOWN"},
		{""},
		{"start_time", "attribute.Created DESC"},
		{"nothing"},
		{"metrics.a DESC, metrics.b"},
		make([]string, 101),
	} {
		if _, err := ParseOrder(Runs, c); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.80q: %v", c, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("metrics.`a b` < 1 AND (tags.x IS NOT NULL OR NOT run_id IN ('a'))")
	f.Add("\"run name\" ilike '%''%'")
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []Kind{Runs, Experiments, Models, Versions, LoggedModels} {
			e, err := Parse(kind, text)
			if err != nil && !fault.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v", text, err)
			}
			if err == nil {
				Match(e, record{})
			}
			if _, err := ParseOrder(kind, []string{text}); err != nil && !fault.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v", text, err)
			}
		}
	})
}
