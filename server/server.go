// Package server is the roof: it puts the wires (track/mlflow, track/api) and
// the web application under one listener, guards them against strangers' hosts
// and origins, and says who asks. It is thin: what the answers are is decided
// below it.
package server

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/api"
)

// MLflowVersion is what /version says: clients switch features by it. 3.3 has
// logged models; traces, which come with 3.4, are not offered.
const MLflowVersion = "3.3.2"

// Options is what a server is made of.
type Options struct {
	MLflow http.Handler // answers MLflow's routes
	API    http.Handler // answers our own
	Web    http.Handler // answers everything else; nil: nothing else
	// AllowedHosts are names, beside loopback and private addresses, under
	// which the server may be asked for; "*" allows all.
	AllowedHosts []string
}

// actorKey is where the caller's identity rides in the context, the one value
// that does.
type actorKey struct{}

// Actor returns who asks. Until there are users it is what the request says of
// itself, and is recorded as such.
func Actor(ctx context.Context) track.Actor {
	a, _ := ctx.Value(actorKey{}).(track.Actor)
	return a
}

// New makes the handler of all routes.
func New(o Options) http.Handler {
	return guard(o.AllowedHosts, withActor(route(o)))
}

// route hands a request on by its path as it came: http.ServeMux would answer
// a path with ".." by a redirect, where a wire has its own error for it.
func route(o Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := r.URL.Path
		if strings.HasPrefix(p, "//") { // MLflow's client writes some so
			p = "/" + strings.TrimLeft(p, "/")
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = p, ""
		}
		switch {
		case p == "/health":
			plain(w, "OK")
		case p == "/version":
			plain(w, MLflowVersion)
		case strings.HasPrefix(p, api.Prefix+"/"):
			o.API.ServeHTTP(w, r)
		case strings.HasPrefix(p, "/api/"), strings.HasPrefix(p, "/ajax-api/"),
			p == "/get-artifact", p == "/model-versions/get-artifact":
			o.MLflow.ServeHTTP(w, r)
		case o.Web != nil:
			o.Web.ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

func plain(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprint(w, text)
}

func withActor(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := track.Actor{Name: clip(r.Header.Get("X-Assay-Actor")), Kind: clip(r.Header.Get("X-Assay-Actor-Kind"))}
		if user, _, ok := r.BasicAuth(); ok && a.Name == "" {
			a.Name = clip(user)
		}
		if a.Kind == "" && strings.HasPrefix(r.UserAgent(), "mlflow-") {
			a.Kind = "client"
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), actorKey{}, a)))
	})
}

func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 200)], "") }

// guard refuses what a browser could be tricked into: a Host that is not ours
// (DNS rebinding), and a write from another site's page. It also sets the
// headers that every answer carries.
func guard(allowed []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Referrer-Policy", "same-origin")
		if r.URL.Path != "/health" && r.URL.Path != "/version" && !hostAllowed(r.Host, allowed) {
			http.Error(w, fmt.Sprintf("host %q is not one that this server answers to; start it with --allowed-hosts %[1]s", r.Host), http.StatusForbidden)
			return
		}
		if writes(r.Method) && foreign(r) {
			http.Error(w, "cross-origin request refused", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func writes(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

// foreign reports a request that a page of another site made.
func foreign(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return true
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	_, host, ok := strings.Cut(origin, "://")
	return !ok || !strings.EqualFold(host, r.Host)
}

func hostAllowed(hostport string, allowed []string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if host == "" || strings.EqualFold(host, "localhost") {
		return true
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsPrivate()) {
		return true
	}
	for _, a := range allowed {
		if a == "*" || strings.EqualFold(a, host) || strings.EqualFold(a, hostport) {
			return true
		}
	}
	return false
}

// Serve answers on l until ctx ends, then lets what is under way finish.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if s.Shutdown(grace) != nil {
		_ = s.Close() // pages hold their event streams open: cut them
	}
	return nil
}
