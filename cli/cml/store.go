package cml

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/review/publish"
)

// storeOptions say where files go.
type storeOptions struct {
	url      string // of a store
	native   bool   // to the forge, even so
	unmarked bool
}

// storeOf is the address of the store, empty if files go to the forge. There
// is no store of a third party's by default.
func (s *session) storeOf(o storeOptions) string {
	if o.native {
		return ""
	}
	for _, v := range []string{o.url, s.env.Getenv("CML_ASSET_URL"), s.env.Getenv("CML_PUBLISH_URL")} {
		if v != "" {
			return v
		}
	}
	return ""
}

// keeper keeps files and tells where they are then.
type keeper struct {
	s        *session
	place    *place // for the forge
	change   forge.Change
	store    string
	unmarked bool
	client   *http.Client
}

func (s *session) keeper(p *place, c forge.Change, o storeOptions) (*keeper, error) {
	k := &keeper{s: s, place: p, change: c, store: s.storeOf(o), unmarked: o.unmarked}
	if k.store == "" {
		return k, nil
	}
	if u, err := url.Parse(k.store); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fault.New(fault.Usage, "%q is no address of a store", k.store)
	}
	var err error
	k.client, err = s.client()
	return k, err
}

// keep keeps a file; Unsupported if there is no store and the forge keeps none.
func (k *keeper) keep(ctx context.Context, name, kind, data string) (string, error) {
	if k.store == "" {
		return k.place.forge.Upload(ctx, k.change, name, strings.NewReader(data))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, k.store, strings.NewReader(data))
	if err != nil {
		return "", fault.New(fault.Usage, "%q is no address of a store: %w", k.store, err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Content-Disposition", disposition(name))
	res, err := k.client.Do(req)
	if err != nil {
		return "", fault.New(fault.Unavailable, "keeping %s: %w", name, err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, 8<<10))
	if err != nil {
		return "", fault.New(fault.Unavailable, "keeping %s: %w", name, err)
	}
	answer := strings.TrimSpace(string(said))
	u, err := url.Parse(answer)
	switch {
	case answer == "":
		return "", fault.New(fault.Unavailable, "Empty response from asset backend with status code %d", res.StatusCode)
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "", fault.New(fault.Unavailable, "the store %s answered %d, which is no address: %.100q", k.store, res.StatusCode, answer)
	}
	_, subtype, _ := strings.Cut(kind, "/")
	more := "cache-bypass=" + uuid()
	if !k.unmarked {
		more = "cml=" + url.QueryEscape(subtype) + "&" + more
	}
	if u.RawQuery != "" {
		more = u.RawQuery + "&" + more
	}
	u.RawQuery = more
	return u.String(), nil
}

// disposition names the file as CML does, or as RFC 6266 has it where quotes
// do not do.
func disposition(name string) string {
	for _, c := range name {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return mime.FormatMediaType("inline", map[string]string{"filename": name})
		}
	}
	return `inline; filename="` + name + `"`
}

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// sniff tells a file's type, without parameters.
func sniff(name, data string) string {
	head := strings.TrimSpace(data[:min(len(data), 1024)])
	if strings.HasPrefix(head, "<svg") || strings.HasPrefix(head, "<?xml") && strings.Contains(head, "<svg") {
		return "image/svg+xml"
	}
	kind, _, _ := strings.Cut(http.DetectContentType([]byte(data[:min(len(data), 512)])), ";")
	if kind != "text/plain" {
		return kind
	}
	switch strings.ToLower(filepath.Ext(name)) { // the machine's own table may lack these
	case ".json":
		return "application/json"
	case ".csv":
		return "text/csv"
	}
	return kind
}

// markdown shows pictures and films, and links the rest.
func markdown(address, title, name, kind string) string {
	if strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "video/") {
		if title == "" {
			return "![](" + address + ")"
		}
		return "![](" + address + ` "` + strings.ReplaceAll(title, `"`, `\"`) + `")`
	}
	if title == "" {
		title = name
	}
	return "[" + title + "](" + address + ")"
}

// files keeps the local files that a report shows or links and returns it with
// their addresses in the place of the old ones. What is not there stays as it
// is.
func (k *keeper) files(ctx context.Context, text, dir string) (string, error) {
	var out strings.Builder
	known := map[string]string{}
	at, warned := 0, false
	for _, l := range publish.Links(text) {
		old := l.Address
		if old == "" {
			continue // its definition has one
		}
		address, seen := known[old]
		if !seen {
			var err error
			address, err = k.file(ctx, old, dir)
			switch {
			case fault.Is(err, fault.Unsupported):
				if !warned {
					k.s.log.warn("%s: %s", noStore(err), fault.HintOf(noStore(err)))
					warned = true
				}
			case err != nil:
				return "", err
			}
			known[old] = address
		}
		if address != "" {
			out.WriteString(text[at:l.Start])
			out.WriteString(strings.NewReplacer("(", "%28", ")", "%29", " ", "%20", "<", "%3C", ">", "%3E").Replace(address))
			at = l.End
		}
	}
	out.WriteString(text[at:])
	return out.String(), nil
}

// file keeps what a destination names; empty if it is not to be kept.
func (k *keeper) file(ctx context.Context, address, dir string) (string, error) {
	if strings.HasPrefix(address, "data:image/") {
		head, encoded, _ := strings.Cut(address, ",")
		kind, _, _ := strings.Cut(strings.TrimPrefix(head, "data:"), ";")
		data, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			k.s.log.debug("found an embedded image that is not base64: %.40s", address)
			return "", nil
		}
		_, ext, _ := strings.Cut(kind, "/")
		ext, _, _ = strings.Cut(ext, "+")
		return k.keep(ctx, "file."+ext, kind, string(data))
	}
	if u, err := url.Parse(address); address == "" || address[0] == '#' || err == nil && (u.Scheme != "" && len(u.Scheme) > 1 || u.Host != "") {
		return "", nil
	}
	names := []string{address}
	if decoded, err := url.PathUnescape(address); err == nil && decoded != address {
		names = append(names, decoded)
	}
	for _, name := range names {
		f, err := k.open(name, dir)
		if err != nil {
			return "", err
		}
		if f == nil {
			continue
		}
		data, err := readAll(f, name)
		f.Close()
		if err != nil {
			return "", err
		}
		return k.keep(ctx, filepath.Base(name), sniff(name, data), data)
	}
	k.s.log.debug("file not found: %s", address)
	return "", nil
}

// open opens a file below the report's folder or the working directory; what
// lies elsewhere is not told to the forge, whoever wrote the report.
func (k *keeper) open(name, dir string) (*os.File, error) {
	path := filepath.FromSlash(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	for _, base := range []string{dir, k.s.env.Dir} {
		rel, err := filepath.Rel(base, path)
		if err != nil || !filepath.IsLocal(rel) || rel == "." {
			continue
		}
		root, err := os.OpenRoot(base)
		if err != nil {
			return nil, fault.New(fault.Invalid, "opening the report's folder: %w", err)
		}
		st, err := root.Stat(rel)
		if err != nil || !st.Mode().IsRegular() {
			root.Close()
			continue
		}
		f, err := root.Open(rel)
		root.Close()
		if err != nil {
			return nil, fault.New(fault.Invalid, "reading %s: %w", name, err)
		}
		return f, nil
	}
	if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
		k.s.log.warn("%s lies outside of the report's folder and of the working directory: not uploaded", name)
	}
	return nil, nil
}
