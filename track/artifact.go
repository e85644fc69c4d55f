package track

import (
	"net/url"
	"path"
	"strings"

	"github.com/assay-ml/assay/fault"
)

// proxied is the scheme of artifacts that the server itself keeps.
const proxied = "mlflow-artifacts:"

// ArtifactPath resolves the address of an artifact that the server keeps,
// mlflow-artifacts:/… or the http address of the route that serves it, to its
// path in the server's bucket. Addresses that try to leave the root, or
// that carry a query or a fragment, are an Invalid fault; addresses of other
// stores report ok false.
func ArtifactPath(uri string) (p string, ok bool, err error) {
	rest, found := strings.CutPrefix(uri, proxied)
	if !found {
		rest, found = proxiedRoute(uri)
	}
	if !found {
		return "", false, nil
	}
	if after, hasHost := strings.CutPrefix(rest, "//"); hasHost {
		// mlflow-artifacts://host/path: the host is this server.
		_, tail, _ := strings.Cut(after, "/")
		rest = "/" + tail
	}
	clean, err := CleanPath(strings.TrimPrefix(rest, "/"))
	if err != nil {
		return "", false, err
	}
	return clean, true, nil
}

// proxiedRoute reads an address of the route under which servers keep
// artifacts for their clients: with such a root MLflow's servers take it for
// their own, whatever its host.
func proxiedRoute(uri string) (string, bool) {
	if !strings.HasPrefix(uri, "http://") && !strings.HasPrefix(uri, "https://") {
		return "", false
	}
	_, rest, found := strings.Cut(uri, "/api/2.0/mlflow-artifacts/artifacts/")
	return strings.TrimLeft(rest, "/"), found
}

// CleanPath checks a relative artifact path given from outside and returns it
// in its shortest form, "" for the root. A path that leaves its root in any
// disguise – "..", absolute, backslashes, percent-encoded dots, NUL, a drive
// letter – is an Invalid fault.
func CleanPath(p string) (string, error) {
	if p == "" || p == "." {
		return "", nil
	}
	for seen, i := p, 0; i < 4; i++ {
		if bad(seen) {
			return "", fault.New(fault.Invalid, "Invalid path") // all that MLflow says, and its clients compare
		}
		next, err := url.PathUnescape(seen)
		if err != nil || next == seen {
			break
		}
		seen = next
	}
	clean := path.Clean(p)
	if clean == "." {
		return "", nil
	}
	return clean, nil
}

func bad(p string) bool {
	if strings.HasPrefix(p, "/") || strings.ContainsAny(p, "\\\x00#?") || len(p) > 4096 {
		return true
	}
	if len(p) > 1 && p[1] == ':' {
		return true
	}
	for _, part := range strings.Split(p, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}

// JoinURI appends a path to an artifact address.
func JoinURI(root string, parts ...string) string {
	for _, p := range parts {
		if p != "" {
			root = strings.TrimRight(root, "/") + "/" + p
		}
	}
	return root
}
