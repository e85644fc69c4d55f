//go:build compat

package github

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// contract is a description of GitHub's API, and what was held against it.
type contract struct {
	doc    *openapi3.T
	router routers.Router

	mu      sync.Mutex
	checked map[string]int // by operation and status
	strange map[string]int // calls that the description does not know
}

// packages installs what the lock file names.
func packages(t *testing.T) {
	t.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Fatal("there is no npm: apt-get install nodejs npm")
	}
	if out, err := exec.CommandContext(t.Context(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error").CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
}

// load reads a description, which takes seconds. prefix is where the server
// that is watched has its API.
func load(t *testing.T, file, prefix string) *contract {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join("node_modules", "@octokit", "openapi", "generated", file))
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: prefix}}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return &contract{doc: doc, router: router, checked: map[string]int{}, strange: map[string]int{}}
}

// watch checks what goes through a handler, and fails the test that it serves.
func (c *contract) watch(t *testing.T, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(sent))
		got := httptest.NewRecorder()
		next.ServeHTTP(got, r)
		r.Body = io.NopCloser(bytes.NewReader(sent))
		if err := c.check(r, sent, got); err != nil {
			t.Errorf("%s %s: %v\nsent %.500s\ngot %d %.1500s", r.Method, r.URL, err, sent, got.Code, got.Body)
		}
		maps.Copy(w.Header(), got.Header())
		w.WriteHeader(got.Code)
		_, _ = w.Write(got.Body.Bytes())
	})
}

func (c *contract) check(r *http.Request, sent []byte, got *httptest.ResponseRecorder) error {
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		c.count(c.strange, r.Method+" "+r.URL.Path)
		return fmt.Errorf("the description has no such call: %w", err)
	}
	in := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true, RejectWhenRequestBodyNotSpecified: true,
		},
	}
	if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
		return fmt.Errorf("the request: %w", err)
	}
	if err := unknownFields(route.Operation, sent); err != nil {
		return fmt.Errorf("the request: %w", err)
	}
	c.count(c.checked, fmt.Sprintf("%s %s: %d", route.Method, route.Path, got.Code))
	if route.Operation.Responses.Status(got.Code) == nil {
		return c.checkError(got)
	}
	return openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: got.Code, Header: got.Header(), Body: io.NopCloser(bytes.NewReader(got.Body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
}

// checkError checks an answer whose status the description leaves out at this
// call, as it does for many refusals: they have one of two shapes everywhere.
func (c *contract) checkError(got *httptest.ResponseRecorder) error {
	if got.Code < 400 {
		return fmt.Errorf("the description has no answer %d", got.Code)
	}
	var body any
	if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil {
		return err
	}
	shape := "basic-error"
	if o, ok := body.(map[string]any); ok && o["errors"] != nil {
		shape = "validation-error"
	}
	if err := c.doc.Components.Schemas[shape].Value.VisitJSON(body); err != nil {
		return fmt.Errorf("the answer is no %s: %w", shape, err)
	}
	return nil
}

// unknownFields finds fields of a request that the description does not name:
// it allows them, GitHub does not always.
func unknownFields(o *openapi3.Operation, sent []byte) error {
	if len(sent) == 0 {
		return nil
	}
	var body map[string]any
	if err := json.Unmarshal(sent, &body); err != nil {
		return err
	}
	known := map[string]bool{}
	properties(o.RequestBody.Value.Content.Get("application/json").Schema.Value, known)
	for field := range body {
		if !known[field] {
			return fmt.Errorf("the description has no field %q", field)
		}
	}
	return nil
}

func properties(s *openapi3.Schema, known map[string]bool) {
	for name := range s.Properties {
		known[name] = true
	}
	for _, list := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf, s.AllOf} {
		for _, one := range list {
			properties(one.Value, known)
		}
	}
}

func (c *contract) count(in map[string]int, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	in[what]++
}

// report says what was checked, and fails for what could not be.
func (c *contract) report(t *testing.T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var lines []string
	for _, k := range slices.Sorted(maps.Keys(c.checked)) {
		lines = append(lines, fmt.Sprintf("%6d × %s", c.checked[k], k))
	}
	t.Logf("%s, version %s: checked\n%s", c.doc.Info.Title, c.doc.Info.Version, strings.Join(lines, "\n"))
	if len(c.strange) > 0 {
		t.Errorf("the description could not check %v", c.strange)
	}
}
