package track

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/assay-ml/assay/fault"
)

func TestCheckKey(t *testing.T) {
	for key, ok := range map[string]bool{
		"loss": true, "train/loss": true, "a b:c-d_e.f": true, "größe": true, "…": false,
		"": false, ".": false, "..": false, "../x": false, "/x": false, "x/": false, "a//b": false, "a/./b": false,
		"a\tb": false, "a\x00b": false, "a'b": false, "a;b": false, "..x": false,
		strings.Repeat("k", 250): true, strings.Repeat("k", 251): false,
		strings.Repeat("ü", 250): true,
	} {
		err := CheckKey("key", key)
		if (err == nil) != ok {
			t.Errorf("CheckKey(%.20q) = %v, want ok %v", key, err, ok)
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("CheckKey(%.20q): code %s", key, fault.CodeOf(err))
		}
	}
	err := CheckKey("metrics[0].name", "a$b")
	if want := `Invalid value "a$b" for parameter 'metrics[0].name' supplied: Names may only`; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("message %q", err)
	}
}

func TestCheckNames(t *testing.T) {
	for _, c := range []struct {
		what string
		f    func(string) error
		good []string
		bad  []string
	}{
		{"run id", CheckRunID, []string{"0123456789abcdef0123456789abcdef", "A-b_c", "x"}, []string{"", "-x", "_x", "a/b", "a b", strings.Repeat("a", 257)}},
		{"experiment", CheckExperimentName, []string{"Default", "a/b"}, []string{"", "  ", strings.Repeat("a", 501)}},
		{"model", CheckModelName, []string{"digits", "a.b c"}, []string{"", " ", "a/b", "a:b", ".", ".."}},
		{"logged model", CheckLoggedModelName, []string{"", "model"}, []string{"a.b", "a/b", "a%b", "a'b"}},
		{"alias", CheckAlias, []string{"production", "v", "vx", "v1a", "a-b_c"}, []string{"", "latest", "LATEST", "v1", "V22", "a b", "a/b", strings.Repeat("a", 256)}},
		{"artifact location", CheckArtifactLocation, []string{"", "s3://b/c"}, []string{"runs:/1/a", strings.Repeat("a", 2049)}},
	} {
		for _, s := range c.good {
			if err := c.f(s); err != nil {
				t.Errorf("%s %q: %v", c.what, s, err)
			}
		}
		for _, s := range c.bad {
			if err := c.f(s); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s %.20q: got %v, want an Invalid fault", c.what, s, err)
			}
		}
	}
}

func TestCheckBatch(t *testing.T) {
	long := Batch{
		Params: []Param{{"p", strings.Repeat("é", MaxParamValue+1)}},
		Tags:   []Tag{{"t", strings.Repeat("é", MaxTagValue+1)}},
	}
	if err := CheckBatch(&long); err != nil {
		t.Fatal(err)
	}
	if n := len([]rune(long.Params[0].Value)); n != MaxParamValue {
		t.Errorf("param cut to %d", n)
	}
	if n := len([]rune(long.Tags[0].Value)); n != MaxTagValue {
		t.Errorf("tag cut to %d", n)
	}
	many := func(n int) (out []Metric) {
		for range n {
			out = append(out, Metric{Key: "m"})
		}
		return out
	}
	for _, c := range []struct {
		b    Batch
		want string
	}{
		{Batch{Metrics: many(1000)}, ""},
		{Batch{Metrics: many(1001)}, "A batch logging request can contain at most 1000 metrics. Got 1001 metrics."},
		{Batch{Metrics: many(1000), Tags: []Tag{{"a", "b"}}}, "at most 1000 metrics, params, and tags. Got 1001"},
		{Batch{Params: []Param{{"a", "1"}, {"a", "1"}}}, "Duplicate parameter keys have been submitted: ['a']"},
		{Batch{Metrics: []Metric{{Key: "m", Time: -1}}}, "Timestamp must be a nonnegative long"},
		{Batch{Tags: []Tag{{"", "b"}}}, "parameter 'tags[0].key'"},
	} {
		err := CheckBatch(&c.b)
		if c.want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func TestCanonicalStage(t *testing.T) {
	for in, want := range map[string]string{"staging": "Staging", "PRODUCTION": "Production", "none": "None", "x": ""} {
		if got, _ := CanonicalStage(in); got != want {
			t.Errorf("CanonicalStage(%q) = %q, want %q", in, got, want)
		}
	}
	if CheckArchive(StageArchived) == nil || CheckArchive(StageStaging) != nil {
		t.Error("only Staging and Production archive")
	}
}

func TestStorableValue(t *testing.T) {
	if StorableValue(math.Inf(1)) != math.MaxFloat64 || StorableValue(math.Inf(-1)) != -math.MaxFloat64 {
		t.Error("infinities are clipped")
	}
	if math.Signbit(StorableValue(math.Copysign(0, -1))) {
		t.Error("negative zero survives")
	}
	odd := math.Float64frombits(0x7ff8dead00000000)
	if math.Float64bits(StorableValue(odd)) != math.Float64bits(math.NaN()) {
		t.Error("NaN is not canonical")
	}
}

func TestNewIDs(t *testing.T) {
	a, b := NewRunID(), NewRunID()
	if a == b || len(a) != 32 || CheckRunID(a) != nil {
		t.Errorf("ids %q %q", a, b)
	}
	if m := NewLoggedModelID(); len(m) != 34 || !strings.HasPrefix(m, "m-") {
		t.Errorf("logged model id %q", m)
	}
	if n := strings.Split(NewName(), "-"); len(n) != 3 {
		t.Errorf("name %q", n)
	}
}

func TestHashes(t *testing.T) {
	e := Event{Seq: 1, Kind: "alias.moved", Detail: json.RawMessage(`{"b": 1, "a": 9007199254740993}`), Prev: "00"}
	h1, err := EventHash(e)
	if err != nil {
		t.Fatal(err)
	}
	e.Detail = json.RawMessage(`{"a":9007199254740993,"b":1}`)
	e.Hash = "whatever"
	if h2, _ := EventHash(e); h2 != h1 {
		t.Error("order of keys, white space or the hash itself change the hash")
	}
	e.Detail = json.RawMessage(`{"a":9007199254740992,"b":1}`)
	if h3, _ := EventHash(e); h3 == h1 {
		t.Error("a changed number keeps the hash")
	}
	e.Detail = json.RawMessage(`{`)
	if _, err := EventHash(e); !fault.Is(err, fault.Invalid) {
		t.Errorf("broken detail: %v", err)
	}
	r := Review{Project: "p", Head: "h", Created: 1}
	a, _ := ReviewID(r)
	r.Created, r.ID = 2, "x"
	if b, _ := ReviewID(r); a != b || len(a) != 64 {
		t.Errorf("ids %s %s", a, b)
	}
	r.Head = "i"
	if b, _ := ReviewID(r); a == b {
		t.Error("other content, same id")
	}
}

func TestMessages(t *testing.T) {
	long := strings.Repeat("k", 251)
	for want, err := range map[string]error{
		`Invalid value "na\u00efve \ud83d\ude42 <b>" for parameter 'key' supplied: Names may only`: CheckKey("key", "naïve 🙂 <b>"),
		"'Metric name' exceeds the maximum length of 250 characters":                               CheckMetric("metrics[0].", Metric{Key: long}),
		"'Param key' exceeds the maximum length of 250 characters":                                 CheckParam("", &Param{Key: long}),
		"'tags[0].key' exceeds the maximum length of 250 characters":                               CheckTag("tags[0].", &Tag{Key: long}),
		"'params[0].key' exceeds the maximum length of 250 characters":                             CheckNewParam("params[0].", &Param{Key: long}),
		"Invalid value -1 for parameter 'timestamp' supplied: metric 'm' (value=2.0). Timestamp":   CheckMetric("", Metric{Key: "m", Time: -1, Value: 2}),
		"'digest' exceeds the maximum length of 36 characters":                                     CheckInputs(Inputs{Datasets: []DatasetInput{{Dataset: Dataset{Name: "n", Digest: strings.Repeat("d", 37)}}}}),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestCheckNew(t *testing.T) {
	tag, param := Tag{Key: "any!", Value: strings.Repeat("v", MaxTagValue+1)}, Param{Key: "../x", Value: strings.Repeat("v", MaxParamValue+1)}
	if err := CheckNewTag("", &tag); err != nil || len(tag.Value) != MaxTagValue {
		t.Errorf("%d characters, %v", len(tag.Value), err)
	}
	if err := CheckNewParam("", &param); err != nil || len(param.Value) != MaxParamValue {
		t.Errorf("%d characters, %v", len(param.Value), err)
	}
}

func TestCheckArtifactLocation(t *testing.T) {
	for uri, ok := range map[string]bool{
		"": true, "s3://bucket/a": true, "s3://b/p;a=b": true, "s3://b/p?x=1": true, "file:///srv": true, "rel/ative": true,
		"runs:/r": false, "s3://b/p#frag": false, "s3://b/p?x=..": false, "http://h/x;p": false, "/srv/x;p": false, "s3://" + strings.Repeat("x", 2048): false,
	} {
		if err := CheckArtifactLocation(uri); (err == nil) != ok {
			t.Errorf("%.40s: %v", uri, err)
		}
	}
}
