package digits

import (
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func info() ModelInfo {
	return ModelInfo{
		Name: "digits", Version: "7", Digest: "sha256:4f1e8a0bc2d94410",
		Commit: "9f8e7d6c5b4a", CommitURL: "https://forge.example/c/9f8e7d6c5b4a",
		RunName: "brisk <otter>", RunURL: "/runs/1",
	}
}

func ask(h http.Handler, method, path, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPage(t *testing.T) {
	h := Handler(evaluator(t, preset(t, "baseline").model), info())
	w := ask(h, "GET", "/", "", "")
	page := w.Body.String()
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("status %d, type %q", w.Code, w.Header().Get("Content-Type"))
	}
	for _, want := range []string{
		"digits <b>v7</b>", ">4f1e8a0b<", ">9f8e7d6c<", `href="https://forge.example/c/9f8e7d6c5b4a"`,
		`href="/runs/1"`, "brisk &lt;otter&gt;",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	policy := w.Header().Get("Content-Security-Policy")
	for tag, directive := range map[string]string{"style": "style-src", "script": "script-src"} {
		if strings.Count(page, "<"+tag) != 1 {
			t.Errorf("the page has %d %s elements, want one", strings.Count(page, "<"+tag), tag)
		}
		_, rest, _ := strings.Cut(page, "<"+tag+">")
		text, _, _ := strings.Cut(rest, "</"+tag+">")
		if want := directive + " '" + sourceHash(text) + "'"; !strings.Contains(policy, want) {
			t.Errorf("the policy %q does not allow the page's own %s", policy, tag)
		}
	}
	for _, bad := range []string{" style=", " onclick=", "src=\"http", "@import", "url("} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q, which its policy forbids", bad)
		}
	}
}

func TestPageLeavesOutWhatIsMissing(t *testing.T) {
	ev := evaluator(t, preset(t, "baseline").model)
	page := ask(Handler(ev, ModelInfo{}), "GET", "/", "", "").Body.String()
	for _, word := range []string{"<dt>Run", "<dt>Commit", "<dt>Digest", "<a "} {
		if strings.Contains(page, word) {
			t.Errorf("without facts the page has %q", word)
		}
	}
	page = ask(Handler(ev, ModelInfo{RunName: "x", RunURL: "javascript:alert(1)"}), "GET", "/", "", "").Body.String()
	if strings.Contains(page, "alert(1)") {
		t.Error("a script's address is linked")
	}
}

func TestPredict(t *testing.T) {
	h := Handler(evaluator(t, preset(t, "better").model), info())
	two := shippedParts(t).HeldOut[0]
	pixels, err := json.Marshal(map[string]any{"pixels": two.Input()})
	if err != nil {
		t.Fatal(err)
	}
	for body, digit := range map[string]int{
		string(pixels): two.Label,
		`{"strokes": [[[140, 40], [141, 120], [138, 220]]]}`: 1,
	} {
		w := ask(h, "POST", "/predict", "application/json; charset=utf-8", body)
		var got answer
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
			t.Fatalf("status %d, %v: %s", w.Code, err, w.Body)
		}
		sum := 0.0
		for _, p := range got.Probabilities {
			sum += float64(p)
		}
		if got.Digit != digit || math.Abs(sum-1) > 1e-5 || got.Model != (served{"digits", "v7", "sha256:4f1e8a0bc2d94410"}) {
			t.Errorf("got %+v (sum %v), want digit %d", got, sum, digit)
		}
	}
}

func TestHandlerRefuses(t *testing.T) {
	h := Handler(evaluator(t, preset(t, "baseline").model), info())
	const kind = "application/json"
	huge := `{"pixels": [` + strings.Repeat("0,", 40<<10) + `0]}`
	for _, c := range []struct {
		method, path, kind, body string
		status                   int
		says                     string
	}{
		{"POST", "/", kind, "", 405, "GET, HEAD"},
		{"GET", "/predict", "", "", 405, "POST"},
		{"GET", "/else", "", "", 404, "nothing here"},
		{"POST", "/predict", "text/plain", `{}`, 415, "application/json"},
		{"POST", "/predict", kind, ``, 400, "empty"},
		{"POST", "/predict", kind, `{}`, 400, "nothing is drawn"},
		{"POST", "/predict", kind, `{"strokes": []} x`, 400, "after the JSON"},
		{"POST", "/predict", kind, `{"stroke": []}`, 400, "unknown field"},
		{"POST", "/predict", kind, `{"strokes": [[[1, 2, 3]]]}`, 400, "a point is"},
		{"POST", "/predict", kind, `{"strokes": [[[1, "a"]]]}`, 400, "a point is"},
		{"POST", "/predict", kind, `{"strokes": [[[1, 1e99]]]}`, 400, "coordinates"},
		{"POST", "/predict", kind, `{"pixels": [1, 2]}`, 400, "2 numbers, not 64"},
		{"POST", "/predict", kind, `{"pixels": [1], "strokes": []}`, 400, "not both"},
		{"POST", "/predict", kind, `{"pixels": [17` + strings.Repeat(", 0", 63) + `]}`, 400, "pixel 0 is 17"},
		{"POST", "/predict", kind, huge, 413, "64 KiB"},
		{"POST", "/predict", kind, `{"strokes": [[[1, 1]]]}` + strings.Repeat(" ", 65<<10), 413, "64 KiB"},
	} {
		w := ask(h, c.method, c.path, c.kind, c.body)
		var got struct{ Error string }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != c.status || !strings.Contains(got.Error, c.says) {
			t.Errorf("%s %s %.40q: status %d, %s; want %d and %q", c.method, c.path, c.body, w.Code, w.Body, c.status, c.says)
		}
		if w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: no security headers", c.method, c.path)
		}
	}
}
