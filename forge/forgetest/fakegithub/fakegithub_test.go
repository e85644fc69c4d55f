package fakegithub

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// ask makes a call and returns its answer with the body read.
func ask(t *testing.T, s *Server, token, method, path, body string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), w.Body.String()
}

func TestPages(t *testing.T) {
	s := New()
	p := s.NewProject("ada/digits", false)
	s.AddToken("ada", Token{Login: "ada", Scopes: []string{"repo"}})
	p.Push("wider", "a", "1")
	if res, said := ask(t, s, "ada", "POST", "/repos/ada/digits/pulls", `{"title":"x","head":"wider","base":"main"}`); res.StatusCode != 201 {
		t.Fatal(said)
	}
	for range 130 {
		ask(t, s, "ada", "POST", "/repos/ada/digits/issues/1/comments", `{"body":"x"}`)
	}
	for query, c := range map[string]struct {
		items int
		link  string
	}{
		"":                       {30, `page=2>; rel="next", <http://example.com/repos/ada/digits/issues/1/comments?page=5>; rel="last"`},
		"?per_page=1000":         {100, `page=2&per_page=1000>; rel="next"`},
		"?per_page=100&page=2":   {30, `page=1&per_page=100>; rel="prev"`},
		"?per_page=100&page=3":   {0, `rel="prev"`},
		"?per_page=0&page=hello": {30, `rel="next"`},
	} {
		res, said := ask(t, s, "", "GET", "/repos/ada/digits/issues/1/comments"+query, "")
		var list []any
		if err := json.Unmarshal([]byte(said), &list); err != nil {
			t.Fatal(err)
		}
		if len(list) != c.items || !strings.Contains(res.Header.Get("Link"), c.link) {
			t.Errorf("%s: %d items, %s", query, len(list), res.Header.Get("Link"))
		}
	}
}

func TestRefusals(t *testing.T) {
	s := New()
	s.NewProject("ada/digits", false)
	s.NewProject("ada/secret", true)
	s.AddToken("ada", Token{Login: "ada", Scopes: []string{"repo"}})
	s.AddToken("scopeless", Token{Login: "ada"})
	s.AddToken("heidi", Token{Login: "heidi", Scopes: []string{"repo"}})
	s.AddToken("job", Job("ada/digits", map[string]string{"statuses": "read"}))
	zero := strings.Repeat("0", 40)
	for _, c := range []struct {
		token, method, path, body string
		status                    int
		said                      string
	}{
		{"odd", "GET", "/repos/ada/digits", "", 401, "Bad credentials"},
		{"", "GET", "/repos/ada/digits", "", 200, `"full_name":"ada/digits"`},
		{"", "GET", "/repos/ada/secret", "", 404, "Not Found"},
		{"heidi", "GET", "/repos/ada/secret", "", 404, "Not Found"},
		{"scopeless", "GET", "/repos/ada/secret", "", 404, "Not Found"},
		{"job", "GET", "/repos/ada/secret", "", 404, "Not Found"},
		{"ada", "GET", "/repos/ADA/secret", "", 200, `"private":true`},
		{"job", "GET", "/user", "", 403, "Resource not accessible by integration"},
		{"", "GET", "/user", "", 401, "Requires authentication"},
		{"job", "POST", "/repos/ada/digits/statuses/" + zero, `{"state":"success"}`, 403, "by integration"},
		{"scopeless", "POST", "/repos/ada/digits/statuses/" + zero, `{"state":"success"}`, 404, "Not Found"},
		{"heidi", "POST", "/repos/ada/digits/statuses/" + zero, `{"state":"success"}`, 403, "Must have"},
		{"ada", "POST", "/repos/ada/digits/statuses/" + zero, `{"state":"success"}`, 422, "No commit found for SHA"},
		{"ada", "POST", "/repos/ada/digits/pulls", `{"title":"x","head":"none","base":"main"}`, 422, `"field":"head"`},
		{"ada", "POST", "/repos/ada/digits/pulls", `{"title"`, 400, "Problems parsing JSON"},
		{"ada", "GET", "/graphql", "", 404, "Not Found"},
	} {
		res, said := ask(t, s, c.token, c.method, c.path, c.body)
		if res.StatusCode != c.status || !strings.Contains(said, c.said) {
			t.Errorf("%s: %s %s: %d %s", c.token, c.method, c.path, res.StatusCode, said)
		}
	}
	s.Next(Spent(time.Unix(2e9, 0)), TooFast(7))
	res, _ := ask(t, s, "ada", "GET", "/user", "")
	if res.StatusCode != 403 || res.Header.Get("X-RateLimit-Remaining") != "0" || res.Header.Get("X-RateLimit-Reset") != "2000000000" {
		t.Errorf("spent: %d %v", res.StatusCode, res.Header)
	}
	if res, _ = ask(t, s, "ada", "GET", "/user", ""); res.StatusCode != 403 || res.Header.Get("Retry-After") != "7" {
		t.Errorf("too fast: %d %v", res.StatusCode, res.Header)
	}
	if res, _ = ask(t, s, "ada", "GET", "/user", ""); res.StatusCode != 200 {
		t.Errorf("afterwards: %d", res.StatusCode)
	}
}

// TestLengths holds texts to what GitHub keeps.
func TestLengths(t *testing.T) {
	s := New()
	p := s.NewProject("ada/digits", false)
	s.AddToken("ada", Token{Login: "ada", Scopes: []string{"repo"}})
	p.Push("wider", "a", "1")
	ask(t, s, "ada", "POST", "/repos/ada/digits/pulls", `{"title":"x","head":"wider","base":"main"}`)
	comments, statuses := "/repos/ada/digits/issues/1/comments", "/repos/ada/digits/statuses/"+p.Tip("main")
	for _, c := range []struct {
		path, field, text string
		status            int
	}{
		{comments, "body", strings.Repeat("🙂", 65536), 201},
		{comments, "body", strings.Repeat("🙂", 65536) + "x", 422},
		{comments, "body", "", 422},
		{statuses, "description", strings.Repeat("ü", 140), 201},
		{statuses, "description", strings.Repeat("ü", 141), 422},
		{statuses, "description", "🙂", 422},
	} {
		body, err := json.Marshal(map[string]string{"state": "success", c.field: c.text})
		if err != nil {
			t.Fatal(err)
		}
		if res, said := ask(t, s, "ada", "POST", c.path, string(body)); res.StatusCode != c.status {
			t.Errorf("%s of %d bytes: %d %.200s", c.field, len(c.text), res.StatusCode, said)
		}
	}
}
