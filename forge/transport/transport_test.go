package transport

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assay-ml/assay/fault"
)

// answer is one scripted answer of the forge.
type answer struct {
	status int
	header map[string]string
}

func in(d time.Duration) string { return fmt.Sprint(time.Now().Add(d).Unix()) }

func TestAskAgain(t *testing.T) {
	for name, c := range map[string]struct {
		method  string
		answers []answer
		want    int // status at the end
		calls   int
		least   time.Duration // that was waited
	}{
		"fine":                          {"GET", []answer{{200, nil}}, 200, 1, 0},
		"a read after 500 and 502":      {"GET", []answer{{500, nil}, {502, nil}, {200, nil}}, 200, 3, 0},
		"a post after 500 may be there": {"POST", []answer{{500, nil}, {200, nil}}, 500, 1, 0},
		"an edit after 500":             {"PATCH", []answer{{500, nil}, {200, nil}}, 200, 2, 0},
		"a post turned away":            {"POST", []answer{{429, map[string]string{"Retry-After": "7"}}, {201, nil}}, 201, 2, 7 * time.Second},
		"GitHub's secondary limit":      {"POST", []answer{{403, map[string]string{"Retry-After": "5"}}, {201, nil}}, 201, 2, 5 * time.Second},
		"GitHub's primary limit":        {"GET", []answer{{403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(9 * time.Second)}}, {200, nil}}, 200, 2, 8 * time.Second},
		"GitLab's limit":                {"GET", []answer{{429, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": in(9 * time.Second)}}, {200, nil}}, 200, 2, 8 * time.Second},
		"a plain 403 is an answer":      {"GET", []answer{{403, map[string]string{"X-RateLimit-Remaining": "100"}}, {200, nil}}, 403, 1, 0},
		"maintenance":                   {"POST", []answer{{503, map[string]string{"Retry-After": "2"}}, {201, nil}}, 201, 2, 2 * time.Second},
		"an hour is too long":           {"GET", []answer{{429, map[string]string{"Retry-After": "3600"}}, {200, nil}}, 429, 1, 0},
		"always 500":                    {"GET", []answer{{500, nil}}, 500, 6, 0},
		"not found":                     {"GET", []answer{{404, nil}, {200, nil}}, 404, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if b, _ := io.ReadAll(r.Body); r.Method != "GET" && string(b) != "body" {
					t.Errorf("call %d came with %q", calls, b)
				}
				a := c.answers[min(calls, len(c.answers)-1)]
				calls++
				for k, v := range a.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(a.status)
			}))
			defer s.Close()
			var waited time.Duration
			client, err := New(Options{Wait: func(_ context.Context, d time.Duration) error { waited += d; return nil }})
			if err != nil {
				t.Fatal(err)
			}
			var body io.Reader
			if c.method != "GET" {
				body = strings.NewReader("body")
			}
			req, _ := http.NewRequest(c.method, s.URL, body)
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != c.want || calls != c.calls || waited < c.least {
				t.Errorf("status %d after %d calls and %s, want %d after %d and at least %s", res.StatusCode, calls, waited, c.want, c.calls, c.least)
			}
		})
	}
}

// TestHangs: a forge that takes a request and never answers, or answers half,
// costs the budget and no more.
func TestHangs(t *testing.T) {
	for name, half := range map[string]bool{"never": false, "half": true} {
		t.Run(name, func(t *testing.T) {
			gone := make(chan struct{})
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if half {
					w.Header().Set("Content-Length", "100")
					w.WriteHeader(200)
					w.(http.Flusher).Flush()
				}
				select {
				case <-r.Context().Done():
				case <-gone:
				}
			}))
			defer s.Close()
			defer close(gone)
			client, err := New(Options{Budget: 200 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
			res, err := client.Do(req)
			if err == nil {
				_, err = io.ReadAll(res.Body)
				res.Body.Close()
			} else if !fault.Is(unwrap(err), fault.Unavailable) {
				t.Errorf("got %v", err)
			}
			if err == nil || ctx.Err() != nil {
				t.Errorf("ended by %v", err)
			}
		})
	}
}

func unwrap(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return err
}

// TestStaysHome: a redirect to another host does not get the token.
func TestStaysHome(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host got PRIVATE-TOKEN %q", r.Header.Get("PRIVATE-TOKEN"))
	}))
	defer other.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, other.URL, http.StatusFound)
		} else {
			http.Redirect(w, r, "/moved", http.StatusFound)
		}
	}))
	defer s.Close()
	client, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequest("GET", s.URL, nil)
	req.Header.Set("PRIVATE-TOKEN", "secret")
	if _, err := client.Do(req); !fault.Is(unwrap(err), fault.Denied) {
		t.Errorf("got %v", err)
	}
}

func TestOwnAuthority(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	s.Config.ErrorLog = nil
	get := func(ca string) error {
		client, err := New(Options{CAFile: ca, Budget: 5 * time.Second, Wait: func(context.Context, time.Duration) error { return nil }})
		if err != nil {
			return err
		}
		res, err := client.Get(s.URL)
		if err == nil {
			res.Body.Close()
		}
		return err
	}
	if err := get(""); err == nil || !strings.Contains(err.Error(), "is not trusted") || !strings.Contains(fault.HintOf(err), "SSL_CERT_FILE") {
		t.Errorf("without: %v", err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := get(file); err != nil {
		t.Errorf("with: %v", err)
	}
	if err := os.WriteFile(file, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := get(file); !fault.Is(err, fault.Invalid) {
		t.Errorf("a file without: %v", err)
	}
}

// TestNobodyThere: a post that was never sent is tried again.
func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	waits := 0
	client, err := New(Options{Wait: func(context.Context, time.Duration) error { waits++; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Post("http://"+address, "text/plain", strings.NewReader("x"))
	if !fault.Is(unwrap(err), fault.Unavailable) || waits != 5 {
		t.Errorf("%v after %d waits", err, waits)
	}
}
