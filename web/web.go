// Package web holds the built browser application and serves it. The source is
// TypeScript below src; `npm ci && npm run build` writes dist, which is
// committed so that building the Go program needs no Node. Nothing is decided
// here: the application asks the wires of track/mlflow and track/api.
package web

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed all:dist
var dist embed.FS

// policy lets the page run only what came with it. Styles may be inline because
// the charts size their canvases that way; blob addresses show artifacts.
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"frame-ancestors 'none'; base-uri 'none'"

// Handler serves the application: its files by name, those below assets (whose
// names carry a digest of their content) to be kept for a year, and the page
// itself for every other path, because the application draws its own routes. A
// method other than GET or HEAD is answered with 405. What is text is sent
// compressed to those who accept gzip.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil { // cannot happen: the name is a constant and valid
		panic(fmt.Sprintf("web: %v", err))
	}
	return handler(files)
}

func handler(files fs.FS) http.Handler {
	s := &store{files: files}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "this address can only be read", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		hashed := strings.HasPrefix(name, "assets/")
		a, err := s.asset(name)
		if err != nil {
			// A page that is older than the server asks for assets that are gone;
			// answering with HTML would hide that from it.
			if hashed {
				http.NotFound(w, r)
				return
			}
			name = "index.html"
			if a, err = s.asset(name); err != nil {
				http.Error(w, "the web application was not built; run npm ci && npm run build in web", http.StatusNotFound)
				return
			}
		}
		setHeaders(w.Header(), name, hashed)
		send(w, r, a)
	})
}

// send answers with the asset, compressed if the reader takes it so, or with
// 304 if the reader has it.
func send(w http.ResponseWriter, r *http.Request, a *asset) {
	h := w.Header()
	data, tag := a.plain, a.tag
	if a.zipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			data, tag = a.zipped, a.tag+"-gzip"
			h.Set("Content-Encoding", "gzip")
			// ServeContent gives no length to what is encoded, and a part of a
			// compressed stream is of no use to anybody.
			h.Set("Content-Length", strconv.Itoa(len(data)))
			r = r.Clone(r.Context())
			r.Header.Del("Range")
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

func setHeaders(h http.Header, name string, hashed bool) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", contentType(name))
	if hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
}

// contentType does not ask the machine's own table first: that differs from
// one machine to the next, and some call JavaScript plain text.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}
