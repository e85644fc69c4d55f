// Package publish brings a report to a forge: its pictures uploaded, their
// addresses replaced by position, and the text posted as one sticky comment
// that a later push edits. It words nothing.
package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// Forge is what publishing needs of a forge.
type Forge interface {
	Comments(ctx context.Context, c forge.Change) ([]forge.Comment, error)
	CreateComment(ctx context.Context, c forge.Change, body string) (forge.Comment, error)
	EditComment(ctx context.Context, c forge.Change, id, body string) (forge.Comment, error)
	Upload(ctx context.Context, project, name string, r io.Reader) (string, error)
}

// Comment posts text on a change. The pictures that it names by a relative
// path are read below dir and uploaded. A comment that begins with the same
// marker is edited; without a marker a new one is made each time.
func Comment(ctx context.Context, f Forge, c forge.Change, text, dir string) (forge.Comment, error) {
	body, err := upload(ctx, f, c.Project, text, dir)
	if err != nil {
		return forge.Comment{}, err
	}
	if mark := marker(text); mark != "" {
		all, err := f.Comments(ctx, c)
		if err != nil {
			return forge.Comment{}, err
		}
		for _, old := range all {
			if marker(old.Body) == mark {
				if old.Body == body {
					return old, nil
				}
				return f.EditComment(ctx, c, old.ID, body)
			}
		}
	}
	return f.CreateComment(ctx, c, body)
}

// marker returns the hidden first line by which a comment is found again.
func marker(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "<!-- assay:") && strings.HasSuffix(line, "-->") {
		return line
	}
	return ""
}

// upload replaces the addresses of local pictures, each by position; the same
// file is uploaded once.
func upload(ctx context.Context, f Forge, project, text, dir string) (string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", fmt.Errorf("opening the report's folder: %w", err)
	}
	defer root.Close()
	done := map[string]string{}
	var out strings.Builder
	at := 0
	for _, p := range pictures(text) {
		path := text[p.start:p.end]
		address, ok := done[path]
		if !ok {
			if address, err = uploadOne(ctx, f, project, root, path); err != nil {
				return "", err
			}
			done[path] = address
		}
		out.WriteString(text[at:p.start])
		out.WriteString(address)
		at = p.end
	}
	out.WriteString(text[at:])
	return out.String(), nil
}

func uploadOne(ctx context.Context, f Forge, project string, root *os.Root, path string) (string, error) {
	file, err := root.Open(filepath.FromSlash(path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fault.New(fault.NotFound, "the report shows %s, which is not there", path)
	}
	if err != nil {
		return "", fault.New(fault.Invalid, "the picture %s cannot be read: %w", path, err)
	}
	defer file.Close()
	return f.Upload(ctx, project, filepath.Base(path), file)
}

type span struct{ start, end int }

// pictures finds the addresses of Markdown pictures that are relative paths,
// outside of code.
func pictures(text string) []span {
	var out []span
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

func inLine(line string, pos int) []span {
	var out []span
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
		if local(line[start : start+end]) {
			out = append(out, span{pos + start, pos + start + end})
		}
		i = start + end
	}
	return out
}

func local(address string) bool {
	return address != "" && !strings.Contains(address, ":") && !strings.HasPrefix(address, "/") && !strings.ContainsAny(address, " \t\"<")
}
