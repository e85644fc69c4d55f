package mlflow

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

func TestEncoder(t *testing.T) {
	var e encoder
	e.open('{')
	e.str("s", "a\"\\\n\x01é\xff")
	e.int("i", math.MaxInt64)
	e.decimal("d", 7)
	e.float("nan", math.NaN())
	e.float("inf", math.Inf(-1))
	e.float("f", 1e21)
	e.given("left out", "")
	list(&e, "none", nil, putTag)
	list(&e, "tags", []track.Tag{{Key: "a", Value: ""}, {Key: "b", Value: "c"}}, putTag)
	e.texts("texts", []string{"x", "y"})
	e.object("o")
	e.bool("b", true)
	e.close('}')
	e.close('}')
	want := `{"s":"a\"\\\n\u0001é\ufffd","i":9223372036854775807,"d":"7","nan":"NaN","inf":"-Infinity","f":1e+21,` +
		`"tags":[{"key":"a","value":""},{"key":"b","value":"c"}],"texts":["x","y"],"o":{"b":true}}`
	if d := cmp.Diff(want, string(e.b)); d != "" {
		t.Error(d)
	}
	if !json.Valid(e.b) {
		t.Error("no JSON")
	}
}

func FuzzText(f *testing.F) {
	f.Add("a\xffb\u2028\x00\"")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(appendText(nil, s), &back); err != nil {
			t.Fatal(err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); !strings.Contains(s, "\xff") && strings.ToValidUTF8(s, "") == s && back != want {
			t.Fatalf("%q became %q", s, back)
		}
	})
}

// body reads a JSON body as a handler does.
func body(t *testing.T, text string) *args {
	t.Helper()
	a, err := fromBody([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestArgs(t *testing.T) {
	a := body(t, `{"run_uuid":"u","n":"12","f":5.0,"maxResults":3,"x":null,"list":["a"],"unknown":{},
		"tags":[{"key":"k"}],"on":true,"metrics":[{"key":"m","value":"NaN","timestamp":"1","step":2}]}`)
	if a.runID() != "u" || a.int("n", 0) != 12 || a.int("f", 0) != 5 || a.max("max_results", 9, 10) != 3 || a.has("x") ||
		!a.bool("on") || a.int("none", -1) != -1 {
		t.Error("wrong values")
	}
	if d := cmp.Diff([]track.Tag{{Key: "k"}}, a.tags("tags")); d != "" {
		t.Error(d)
	}
	if m := a.metrics("metrics"); len(m) != 1 || !math.IsNaN(m[0].Value) || m[0].Time != 1 || m[0].Step != 2 {
		t.Errorf("metrics: %v", m)
	}
	if a.err != nil {
		t.Error(a.err)
	}
	if twice := body(t, `"{\"key\":\"v\"}"`); twice.str("key") != "v" {
		t.Error("a body encoded twice is not read")
	}
}

func TestArgsWrong(t *testing.T) {
	for _, c := range []struct {
		body string
		read func(*args)
		want string
	}{
		{`{}`, func(a *args) { a.need("name") }, "Missing value for required parameter 'name'. See the API docs"},
		{`{"name":""}`, func(a *args) { a.need("name") }, "Missing value for required parameter 'name'."},
		{`{"name":5}`, func(a *args) { a.need("name") }, "Invalid value 5 for parameter 'name' supplied:  Hint: Value was of type 'int'."},
		{`{"name":[1]}`, func(a *args) { a.str("name") }, "Invalid value [1] for parameter 'name' supplied"},
		{`{"n":"x"}`, func(a *args) { a.int("n", 0) }, `Invalid value "x" for parameter 'n' supplied`},
		{`{"n":1.5}`, func(a *args) { a.int("n", 0) }, `Invalid value 1.5 for parameter 'n' supplied`},
		{`{"n":true}`, func(a *args) { a.int("n", 0) }, `Invalid value true for parameter 'n' supplied`},
		{`{"n":99}`, func(a *args) { a.max("n", 1, 50) }, "at most 50"},
		{`{"ids":"1"}`, func(a *args) { a.experimentIDs("ids") }, `Invalid value "1" for parameter 'ids'`},
		{`{"ids":["x"]}`, func(a *args) { a.experimentIDs("ids") }, "Invalid experiment ID"},
		{`{"v":"SOME"}`, func(a *args) { a.view("v") }, "It must be one of ACTIVE_ONLY"},
		{`{"run_id":"a","runId":"a"}`, func(a *args) { a.runID() }, "given twice"},
		{`{"tags":[{"value":"v"}]}`, func(a *args) { a.tags("tags") }, "Missing value for required parameter 'tags[0].key'."},
		{`{"m":[{"key":"k","timestamp":1}]}`, func(a *args) { a.metrics("m") }, "Missing value for required parameter 'm[0].value'."},
		{`{"m":[{"key":"k","value":true,"timestamp":1}]}`, func(a *args) { a.metrics("m") }, "Invalid value true for parameter 'm[0].value'"},
		{`{"m":{}}`, func(a *args) { a.metrics("m") }, "Invalid value {} for parameter 'm' supplied"},
	} {
		a := body(t, c.body)
		c.read(a)
		if !fault.Is(a.err, fault.Invalid) || !strings.Contains(a.err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.body, a.err, c.want)
		}
	}
	for _, text := range []string{`[]`, `5`, `{"a":`, `"x"`} {
		if _, err := fromBody([]byte(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestCrowded(t *testing.T) {
	many := "{" + strings.Repeat(",{}", maxValues+1) + "}"
	if _, err := fromBody([]byte(many)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("got %v", err)
	}
	text := `{"model_json":"` + strings.Repeat(`,\",`, maxValues) + `"}`
	if a := body(t, text); len(a.str("model_json")) != 3*maxValues {
		t.Error("commas in a text count")
	}
}

func FuzzArgs(f *testing.F) {
	f.Add([]byte(`{"run_id":"x","metrics":[{"key":"k","value":1e999,"timestamp":1}],"max_results":-1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := fromBody(text)
		if err != nil {
			return
		}
		a.runID()
		a.metrics("metrics")
		a.tags("tags")
		a.int("max_results", 0)
		a.view("view_type")
		a.bool("on")
		a.experimentIDs("experiment_ids")
		if a.err != nil && !fault.Is(a.err, fault.Invalid) {
			t.Fatal(a.err)
		}
	})
}

func TestErrors(t *testing.T) {
	secret := errors.New("secret detail")
	for _, c := range []struct {
		err    error
		status int
		code   string
		text   string
	}{
		{fault.New(fault.Invalid, "bad"), 400, "INVALID_PARAMETER_VALUE", "bad"},
		{fault.New(fault.NotFound, "gone"), 404, "RESOURCE_DOES_NOT_EXIST", "gone"},
		{fault.New(fault.Exists, "there"), 400, "RESOURCE_ALREADY_EXISTS", "there"},
		{fault.New(fault.Denied, "no").WithHint("ask"), 403, "PERMISSION_DENIED", "no (ask)"},
		{fault.New(fault.Conflict, "not now"), 400, "INVALID_PARAMETER_VALUE", "not now"},
		{fault.New(fault.TooLarge, "big"), 400, "INVALID_PARAMETER_VALUE", "big"},
		{fault.New(fault.Unavailable, "full"), 503, "TEMPORARILY_UNAVAILABLE", "full"},
		{fault.New(fault.Unsupported, "parts"), 501, "NOT_IMPLEMENTED", "parts"},
		{&http.MaxBytesError{Limit: 5}, 400, "INVALID_PARAMETER_VALUE", "the body is larger than the limit of 5 bytes"},
		{fault.New(fault.Internal, "secret: %w", secret), 500, "INTERNAL_ERROR", "Internal error. The server's log says more."},
		{secret, 500, "INTERNAL_ERROR", "Internal error. The server's log says more."},
	} {
		w := httptest.NewRecorder()
		writeError(w, httptest.NewRequest("GET", "/x", nil), c.err)
		var got struct {
			Code    string `json:"error_code"`
			Message string `json:"message"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if w.Code != c.status || got.Code != c.code || got.Message != c.text {
			t.Errorf("%v: %d %+v", c.err, w.Code, got)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          map[string]string
	}{
		{"/a/{x}", "/a/b", map[string]string{"x": "b"}},
		{"/a/{x}", "/a/", nil},
		{"/a/{x}", "/a/b/c", nil},
		{"/a/{x}/c", "/a/b/c", map[string]string{"x": "b"}},
		{"/a/{x}/c", "/a/b", nil},
		{"/a/{rest...}", "/a/b/../c", map[string]string{"rest": "b/../c"}},
		{"/a/{rest...}", "/a/", nil},
		{"/a/{rest...}", "/b/c", nil},
	} {
		got, ok := match(c.pattern, c.path)
		if ok != (c.want != nil) || ok && cmp.Diff(c.want, got) != "" {
			t.Errorf("match(%q, %q) = %v, %v", c.pattern, c.path, got, ok)
		}
	}
}

func TestSample(t *testing.T) {
	for _, c := range []struct {
		n, limit int
		want     []int
	}{
		{0, 5, nil},
		{1, 1, []int{0}},
		{5, 1, []int{4}},
		{3, 5, []int{0, 1, 2}},
		{30, 5, []int{0, 6, 12, 18, 29}},
		{10, 4, []int{0, 3, 6, 9}}, // buckets of 3, 3, 2, 2: the last pick gives way to the last point
		{10, 3, []int{0, 4, 9}},
	} {
		if d := cmp.Diff(c.want, sample(c.n, c.limit)); d != "" {
			t.Errorf("%d of %d: %s", c.limit, c.n, d)
		}
	}
}
