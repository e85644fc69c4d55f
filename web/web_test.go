package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, h http.Handler, method, target string) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w.Result()
}

func TestHandler(t *testing.T) {
	h := handler(fstest.MapFS{
		"index.html":       {Data: []byte("<!doctype html>page")},
		"theme.js":         {Data: []byte("theme")},
		"assets/a-1234.js": {Data: []byte("script")},
	})
	const page, year = "<!doctype html>page", "public, max-age=31536000, immutable"
	for _, c := range []struct {
		method, path string
		status       int
		body, cache  string
		kind         string
	}{
		{"GET", "/", 200, page, "no-cache", "text/html; charset=utf-8"},
		{"GET", "/runs/abc", 200, page, "no-cache", "text/html; charset=utf-8"},
		{"GET", "/changes/team%2Fdigits/7", 200, page, "no-cache", "text/html; charset=utf-8"},
		{"GET", "/assets", 200, page, "no-cache", "text/html; charset=utf-8"},
		{"GET", "/..%2f..%2fetc/passwd", 200, page, "no-cache", "text/html; charset=utf-8"},
		{"GET", "/theme.js", 200, "theme", "no-cache", "text/javascript; charset=utf-8"},
		{"GET", "/assets/a-1234.js", 200, "script", year, "text/javascript; charset=utf-8"},
		{"GET", "/assets/gone.js", 404, "404 page not found\n", "", "text/plain; charset=utf-8"},
		{"HEAD", "/", 200, "", "no-cache", "text/html; charset=utf-8"},
		{"POST", "/", 405, "this address can only be read\n", "", "text/plain; charset=utf-8"},
	} {
		res := get(t, h, c.method, c.path)
		body, _ := io.ReadAll(res.Body)
		if res.StatusCode != c.status || string(body) != c.body {
			t.Errorf("%s %s = %d %q, want %d %q", c.method, c.path, res.StatusCode, body, c.status, c.body)
		}
		if got := res.Header.Get("Cache-Control"); got != c.cache {
			t.Errorf("%s %s: Cache-Control %q, want %q", c.method, c.path, got, c.cache)
		}
		if got := res.Header.Get("Content-Type"); got != c.kind {
			t.Errorf("%s %s: Content-Type %q, want %q", c.method, c.path, got, c.kind)
		}
		if c.status == 200 && res.Header.Get("Content-Security-Policy") != policy {
			t.Errorf("%s %s: no policy", c.method, c.path)
		}
	}
}

func TestCompression(t *testing.T) {
	long := strings.Repeat("a line of the script\n", 1000)
	h := handler(fstest.MapFS{
		"index.html":       {Data: []byte("<!doctype html>page")},
		"assets/a-1234.js": {Data: []byte(long)},
		"assets/a-5678.js": {Data: []byte("short")},
		"picture.png":      {Data: []byte(long)},
	})
	ask := func(path string, headers ...string) *http.Response {
		r := httptest.NewRequest("GET", path, nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Add(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	for _, c := range []struct {
		path, accept string
		want         string
	}{
		{"/assets/a-1234.js", "gzip, deflate, br", "gzip"},
		{"/assets/a-1234.js", "deflate, *", "gzip"},
		{"/assets/a-1234.js", "br;q=1.0, gzip;q=0.5", "gzip"},
		{"/assets/a-1234.js", "gzip;q=0, *", ""},
		{"/assets/a-1234.js", "gzip; q=0.0", ""},
		{"/assets/a-1234.js", "identity", ""},
		{"/assets/a-1234.js", "", ""},
		{"/assets/a-5678.js", "gzip", ""}, // too short
		{"/picture.png", "gzip", ""},      // compressed by itself
	} {
		res := ask(c.path, "Accept-Encoding", c.accept)
		if got := res.Header.Get("Content-Encoding"); got != c.want {
			t.Errorf("%s accepting %q: Content-Encoding %q, want %q", c.path, c.accept, got, c.want)
		}
	}

	plain := ask("/assets/a-1234.js")
	zipped := ask("/assets/a-1234.js", "Accept-Encoding", "gzip", "Range", "bytes=5-")
	if zipped.StatusCode != 200 || zipped.Header.Get("Content-Range") != "" {
		t.Errorf("a part of the compressed bytes was sent: %v", zipped.Header)
	}
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != long {
		t.Errorf("uncompressed to %d bytes, %v, want %d", len(got), err, len(long))
	}
	if n := zipped.ContentLength; n <= 0 || n >= int64(len(long)) {
		t.Errorf("Content-Length %d, of %d bytes", n, len(long))
	}
	tags := map[string]bool{}
	for _, res := range []*http.Response{plain, zipped} {
		tag := res.Header.Get("ETag")
		if tag == "" || tags[tag] || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("ETag %s, Vary %q", tag, res.Header.Get("Vary"))
		}
		tags[tag] = true
		again := ask("/assets/a-1234.js", "Accept-Encoding", res.Header.Get("Content-Encoding"), "If-None-Match", tag)
		if body, _ := io.ReadAll(again.Body); again.StatusCode != http.StatusNotModified || len(body) != 0 || again.Header.Get("Content-Length") != "" {
			t.Errorf("asked for %s again: %s, %v, %d bytes", tag, again.Status, again.Header, len(body))
		}
	}
	if res := ask("/assets/a-1234.js", "Range", "bytes=2-5"); res.StatusCode != http.StatusPartialContent {
		t.Errorf("a part of the plain bytes: %s", res.Status)
	}
}

// TestBuilt holds the committed build together: what the page names is there,
// and nothing of it would be refused by the policy.
func TestBuilt(t *testing.T) {
	h := Handler()
	body, _ := io.ReadAll(get(t, h, "GET", "/").Body)
	page := string(body)
	if strings.Contains(page, "<script>") || strings.Contains(page, "://") {
		t.Error("the page holds an inline script or an address elsewhere, which the policy refuses")
	}
	names := regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(names) < 2 {
		t.Fatalf("the page names %d files, want its script and its style", len(names))
	}
	const firstLoad = 250_000 // bytes
	var loaded strings.Builder
	zip := gzip.NewWriter(&loaded)
	for _, m := range names {
		res := get(t, h, "GET", m[1])
		if res.StatusCode != 200 || strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s is named by the page but is not there", m[1])
		}
		if _, err := io.Copy(zip, res.Body); err != nil {
			t.Fatal(err)
		}
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	if loaded.Len() > firstLoad {
		t.Errorf("the first load is %d bytes compressed, the limit is %d", loaded.Len(), firstLoad)
	}
}
