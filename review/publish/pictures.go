package publish

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-ml/assay/fault"
)

// Text is a report as it can be read where no pictures can be shown: in a
// job's summary, say. Every local picture becomes its description.
func Text(text string) string {
	out, _ := withAddresses(text, func(string) (string, error) { return "", nil }) // never fails
	return out
}

// upload replaces the addresses of local pictures, each by position; the same
// file is uploaded once.
func upload(ctx context.Context, o Options, text string) (string, error) {
	root, err := os.OpenRoot(o.Dir)
	if err != nil {
		return "", fmt.Errorf("opening the report's folder: %w", err)
	}
	defer root.Close()
	return withAddresses(text, func(address string) (string, error) { return uploadOne(ctx, o, root, address) })
}

// edit puts another text in the place of a part of one.
type edit struct {
	from, to int
	with     string
}

// withAddresses gives each local picture the address that keep returns for it,
// asked once each, and leaves every other byte as it is; "" makes the picture
// its description.
func withAddresses(text string, keep func(address string) (string, error)) (string, error) {
	done := map[string]string{}
	var edits []edit
	for _, p := range pictures(text) {
		key := p.address
		if !isData(key) {
			key = path.Clean(key)
		}
		address, known := done[key]
		if !known {
			var err error
			if address, err = keep(p.address); err != nil {
				return "", err
			}
			done[key] = address
		}
		if address == "" {
			edits = append(edits, edit{p.from, p.to, described(p.alt)})
		} else {
			edits = append(edits, edit{p.start, p.end, address})
		}
	}
	return apply(text, edits), nil
}

// apply makes edits, each place once: pictures of one definition share it, and
// a picture may stand in another's description.
func apply(text string, edits []edit) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var out strings.Builder
	at := 0
	for _, e := range edits {
		if e.from < at {
			continue
		}
		out.WriteString(text[at:e.from])
		out.WriteString(e.with)
		at = e.to
	}
	out.WriteString(text[at:])
	return out.String()
}

// openPicture opens a picture that a report names, inside the report's folder,
// or holds itself, and returns its name.
func openPicture(root *os.Root, address string) (string, io.ReadSeekCloser, error) {
	if isData(address) {
		return embedded(address)
	}
	path := address
	if plain, err := url.PathUnescape(address); err == nil {
		path = plain
	}
	file, err := root.Open(filepath.FromSlash(path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, fault.New(fault.NotFound, "the report shows %s, which is not there", path)
	}
	if err != nil {
		return "", nil, fault.New(fault.Invalid, "the picture %s cannot be read: %w", path, err)
	}
	return filepath.Base(file.Name()), file, nil
}

// isData reports a picture that is written into its address.
func isData(address string) bool { return strings.HasPrefix(address, "data:image/") }

// embedded reads data:image/png;base64,… (RFC 2397), which no forge shows.
func embedded(address string) (string, io.ReadSeekCloser, error) {
	head, encoded, _ := strings.Cut(address, ",")
	kind, _, _ := strings.Cut(strings.TrimPrefix(head, "data:image/"), ";")
	kind, _, _ = strings.Cut(kind, "+") // svg+xml
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !strings.HasSuffix(head, ";base64") || strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz") != "" {
		return "", nil, fault.New(fault.Invalid, "the picture %.40s… cannot be read", address).WithHint("write it as data:image/png;base64,…, or name a file")
	}
	return "picture." + kind, inMemory{bytes.NewReader(data)}, nil
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// uploadOne returns the address of a picture, "" where it can be kept nowhere.
func uploadOne(ctx context.Context, o Options, root *os.Root, address string) (string, error) {
	name, file, err := openPicture(root, address)
	if err != nil {
		return "", err
	}
	defer file.Close()
	kept, err := o.Forge.Upload(ctx, o.Change, name, file)
	if !fault.Is(err, fault.Unsupported) {
		return kept, err
	}
	if o.Pictures == nil {
		return "", nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	return o.Pictures.Upload(ctx, o.Change, name, file)
}

// described is what stands for a picture that cannot be shown.
func described(alt string) string {
	if alt == "" {
		return ""
	}
	return "*Picture: " + strings.Join(strings.Fields(alt), " ") + "*"
}

// picture is a local picture in a text: all of it from from to to, its address,
// maybe in a definition elsewhere, from start to end.
type picture struct {
	from, to, start, end int
	alt, address         string
}

// pictures finds the pictures of a text whose files are local.
func pictures(text string) []picture {
	links := Links(text)
	defined := map[string]Link{}
	for _, l := range links {
		if _, earlier := defined[l.Label]; l.Definition && !earlier { // the first one counts
			defined[l.Label] = l
		}
	}
	var out []picture
	for _, l := range links {
		if !l.Picture {
			continue
		}
		at := l
		if l.Label != "" {
			at = defined[l.Label]
		}
		if local(at.Address) {
			out = append(out, picture{l.From, l.To, at.Start, at.End, l.Alt, at.Address})
		}
	}
	return out
}

// local reports a relative path, or a picture in its own address.
func local(address string) bool {
	return isData(address) || address != "" && !strings.Contains(address, ":") && address[0] != '/' && address[0] != '#'
}
