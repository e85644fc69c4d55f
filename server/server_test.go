package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestGuard(t *testing.T) {
	reached := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		plain(w, Actor(r.Context()).Name)
	})
	h := New(Options{MLflow: reached, API: reached, AllowedHosts: []string{"assay.example.com"}})
	for name, c := range map[string]struct {
		method, path, host string
		header             map[string]string
		want               int
	}{
		"loopback":             {"GET", "/api/2.0/x", "127.0.0.1:5000", nil, 200},
		"IPv6 loopback":        {"GET", "/api/2.0/x", "[::1]:5000", nil, 200},
		"private network":      {"POST", "/api/2.0/x", "10.1.2.3:5000", nil, 200},
		"allowed name":         {"POST", "/api/assay/v1/x", "assay.example.com", nil, 200},
		"rebound name":         {"GET", "/api/2.0/x", "evil.example.com", nil, 403},
		"public address":       {"GET", "/api/2.0/x", "93.184.216.34", nil, 403},
		"health under any":     {"GET", "/health", "evil.example.com", nil, 200},
		"own page writes":      {"POST", "/api/2.0/x", "127.0.0.1:5000", map[string]string{"Origin": "http://127.0.0.1:5000"}, 200},
		"foreign page writes":  {"POST", "/api/2.0/x", "127.0.0.1:5000", map[string]string{"Origin": "http://evil.example.com"}, 403},
		"null origin":          {"POST", "/api/2.0/x", "127.0.0.1:5000", map[string]string{"Origin": "null"}, 403},
		"fetch from elsewhere": {"DELETE", "/api/2.0/x", "127.0.0.1:5000", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"foreign page reads":   {"GET", "/api/2.0/x", "127.0.0.1:5000", map[string]string{"Origin": "http://evil.example.com"}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.path, nil)
			r.Host = c.host
			for k, v := range c.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("status %d, want %d: %s", w.Code, c.want, w.Body)
			}
		})
	}
}

// TestPathAsItCame: a path with ".." reaches the wire, which has its own
// answer, and is never redirected.
func TestPathAsItCame(t *testing.T) {
	var got string
	wire := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = r.URL.Path })
	h := New(Options{MLflow: wire, API: http.NotFoundHandler()})
	for p, want := range map[string]string{
		"/api/2.0/mlflow-artifacts/artifacts/../../x":   "/api/2.0/mlflow-artifacts/artifacts/../../x",
		"/ajax-api/2.0/mlflow-artifacts/artifacts/a//b": "/ajax-api/2.0/mlflow-artifacts/artifacts/a//b",
		"//model-versions/get-artifact":                 "/model-versions/get-artifact",
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = p
		r.Host = "127.0.0.1"
		h.ServeHTTP(w, r)
		if w.Code != 200 || got != want {
			t.Errorf("%s: %d, the wire saw %s", p, w.Code, got)
		}
	}
}
