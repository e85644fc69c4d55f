//go:build compat

package gitlab_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// descriptions are read once; no call is in both.
var descriptions = sync.OnceValues(func() ([]routers.Router, error) {
	var out []routers.Router
	for _, name := range []string{"gitlab.yaml", "gitlab-from-docs.yaml"} {
		doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join("testdata", name))
		if err != nil {
			return nil, err
		}
		mend(doc)
		if err := doc.Validate(context.Background()); err != nil {
			return nil, err
		}
		r, err := gorillamux.NewRouter(doc)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
})

// mend lets a project be named by its path wherever it may be named: see
// testdata/README.md.
func mend(doc *openapi3.T) {
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for _, p := range op.Parameters {
				if v := p.Value; v.In == "path" && v.Name == "id" && v.Schema.Value.Type.Is("integer") {
					v.Schema = openapi3.NewSchemaRef("", openapi3.NewStringSchema())
				}
			}
		}
	}
}

// checked hands requests on and holds them, and what is answered, to the
// descriptions. What does not fit fails the test.
type checked struct {
	report  func(...any)
	next    http.Handler
	path    string
	routers []routers.Router
	mu      sync.Mutex
	wrong   map[string]bool
	seen    map[string]int // calls, as method and described path
}

func newChecked(t *testing.T, next http.Handler, path string) *checked {
	t.Helper()
	r, err := descriptions()
	if err != nil {
		t.Fatal(err)
	}
	return &checked{report: t.Error, next: next, path: path, routers: r, wrong: map[string]bool{}, seen: map[string]int{}}
}

// fail says each thing once.
func (c *checked) fail(what string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := what
	if err != nil {
		text += ": " + err.Error()
	}
	if !c.wrong[text] {
		c.wrong[text] = true
		c.report(text)
	}
}

func (c *checked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, c.path+"/api/") { // pages are not described
		c.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.fail("reading a request", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	plain := r.Clone(r.Context())
	plain.URL.Path, plain.URL.RawPath = strings.TrimPrefix(r.URL.Path, c.path), strings.TrimPrefix(r.URL.RawPath, c.path)
	plain.Body = io.NopCloser(bytes.NewReader(body))
	in := c.request(plain)
	answer := httptest.NewRecorder()
	c.next.ServeHTTP(answer, r)
	if in != nil {
		err := openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: in, Status: answer.Code, Header: answer.Header(), Body: io.NopCloser(bytes.NewReader(answer.Body.Bytes())),
		})
		if err != nil {
			c.fail(in.Route.Method+" "+in.Route.Path+" answers what is not described", err)
		}
	}
	for k, v := range answer.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // who asked may be gone
}

// request checks a request; nil if no description has its call.
func (c *checked) request(r *http.Request) *openapi3filter.RequestValidationInput {
	for _, router := range c.routers {
		route, params, err := router.FindRoute(r)
		if err != nil {
			continue
		}
		in := &openapi3filter.RequestValidationInput{
			Request: r, PathParams: params, Route: route,
			Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
		}
		if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
			c.fail(route.Method+" "+route.Path+" is asked what is not described", err)
		}
		c.mu.Lock()
		c.seen[route.Method+" "+route.Path]++
		c.mu.Unlock()
		return in
	}
	c.fail("no description has "+r.Method+" "+r.URL.Path, nil)
	return nil
}

// TestChecks: what is not described is noticed.
func TestChecks(t *testing.T) {
	for what, c := range map[string]struct{ method, path, body, answer string }{
		"no description has": {"GET", "/api/v4/personal_access_tokens/self", "", `{}`},
		"is asked what":      {"POST", "/api/v4/projects/a%2Fb/statuses/abc", `{"state":"bogus"}`, `{}`},
		"answers what":       {"GET", "/api/v4/projects/a%2Fb/merge_requests/1", "", `{"iid":"one"}`},
		"/notes answers":     {"GET", "/api/v4/projects/a%2Fb/merge_requests/1/notes", "", `{"iid":"one"}`},
	} {
		var said []string
		h := newChecked(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if c.method == "POST" {
				w.WriteHeader(http.StatusCreated)
			}
			_, _ = io.WriteString(w, c.answer)
		}), "")
		h.report = func(a ...any) { said = append(said, fmt.Sprint(a...)) }
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/json")
		h.ServeHTTP(httptest.NewRecorder(), r)
		if len(said) != 1 || !strings.Contains(said[0], what) {
			t.Errorf("%s: %q", what, said)
		}
	}
}
