package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-ml/assay/fault"
)

// Text is a report as it can be read where no pictures can be shown: in a
// job's summary, say. Every local picture becomes its description.
func Text(text string) string {
	return replace(text, func(p picture) string { return described(p) })
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

// withAddresses gives each local picture the address that keep returns for it,
// asked once each; "" makes it its description.
func withAddresses(text string, keep func(address string) (string, error)) (string, error) {
	done := map[string]string{}
	var failed error
	out := replace(text, func(p picture) string {
		address, known := done[p.address]
		if !known && failed == nil {
			address, failed = keep(p.address)
			done[p.address] = address
		}
		if address == "" {
			return described(p)
		}
		return "![" + p.alt + "](" + address + ")"
	})
	return out, failed
}

// openPicture opens a picture that a report names, inside the report's folder.
func openPicture(root *os.Root, address string) (*os.File, error) {
	path := address
	if plain, err := url.PathUnescape(address); err == nil {
		path = plain
	}
	file, err := root.Open(filepath.FromSlash(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "the report shows %s, which is not there", path)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "the picture %s cannot be read: %w", path, err)
	}
	return file, nil
}

// uploadOne returns the address of a picture, "" where it can be kept nowhere.
func uploadOne(ctx context.Context, o Options, root *os.Root, address string) (string, error) {
	file, err := openPicture(root, address)
	if err != nil {
		return "", err
	}
	defer file.Close()
	name := filepath.Base(file.Name())
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
func described(p picture) string {
	if p.alt == "" {
		return ""
	}
	return "*Picture: " + p.alt + "*"
}

// picture is ![alt](address) in a text, from start to end.
type picture struct {
	start, end   int
	alt, address string
}

// replace puts another text in the place of every local picture.
func replace(text string, with func(picture) string) string {
	var out strings.Builder
	at := 0
	for _, p := range pictures(text) {
		out.WriteString(text[at:p.start])
		out.WriteString(with(p))
		at = p.end
	}
	out.WriteString(text[at:])
	return out.String()
}

// pictures finds the Markdown pictures whose address is a relative path,
// outside of code.
func pictures(text string) []picture {
	var out []picture
	fence := ""
	pos := 0
	for _, line := range strings.SplitAfter(text, "\n") {
		trimmed := strings.TrimLeft(line, " ")
		switch {
		case fence != "":
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
		case strings.HasPrefix(trimmed, "```"):
			fence = trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, "`"))]
		default:
			out = append(out, inLine(line, pos)...)
		}
		pos += len(line)
	}
	return out
}

func inLine(line string, pos int) []picture {
	var out []picture
	for i := 0; i < len(line); {
		if line[i] == '`' { // inline code ends with as many backticks
			ticks := line[i : len(line)-len(strings.TrimLeft(line[i:], "`"))]
			end := strings.Index(line[i+len(ticks):], ticks)
			if end < 0 {
				i += len(ticks)
				continue
			}
			i += 2*len(ticks) + end
			continue
		}
		if !strings.HasPrefix(line[i:], "![") {
			i++
			continue
		}
		mid := strings.Index(line[i:], "](")
		if mid < 0 {
			break
		}
		start := i + mid + 2
		end := strings.IndexByte(line[start:], ')')
		if end < 0 {
			break
		}
		if address := line[start : start+end]; local(address) {
			out = append(out, picture{pos + i, pos + start + end + 1, line[i+2 : i+mid], address})
		}
		i = start + end
	}
	return out
}

func local(address string) bool {
	return address != "" && !strings.Contains(address, ":") && !strings.HasPrefix(address, "/") && !strings.ContainsAny(address, " \t\"<")
}
