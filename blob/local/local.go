// Package local is the driver of blob.Bucket that keeps objects as files below
// one folder, as people can read them without us. All access goes through
// os.Root, so neither a path nor a symbolic link leads out of the folder. It
// does not watch for disk space and does not keep old versions.
package local

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/assay-ml/assay/blob"
	"github.com/assay-ml/assay/fault"
)

// tmp is the folder of what is being written; it lies in the same tree, so
// that renaming is atomic, and is no part of the bucket.
const tmp = ".tmp"

// leftover is how old a half-written file must be before Open removes it.
const leftover = 24 * time.Hour

// Bucket is a folder of objects. It is safe for many goroutines and, since
// objects appear by renaming, for many processes.
type Bucket struct {
	root *os.Root
	dir  string // for messages
}

var _ blob.Bucket = (*Bucket)(nil)

// Open makes the folder if need be and removes what a crash left half-written.
func Open(dir string) (*Bucket, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, asFault(fmt.Errorf("making the artifact folder: %w", err), dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the artifact folder: %w", err)
	}
	b := &Bucket{root: root, dir: dir}
	if err := root.MkdirAll(tmp, 0o750); err != nil {
		return nil, errors.Join(b.fault("preparing", dir, err), root.Close())
	}
	b.sweep()
	return b, nil
}

// Close releases the folder.
func (b *Bucket) Close() error { return b.root.Close() }

// sweep is tidying alone: what it cannot remove stays.
func (b *Bucket) sweep() {
	entries, err := fs.ReadDir(b.root.FS(), tmp)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > leftover {
			_ = b.root.Remove(path.Join(tmp, e.Name()))
		}
	}
}

// Put implements blob.Bucket.
func (b *Bucket) Put(ctx context.Context, p string, r io.Reader) (int64, error) {
	p, err := clean(p)
	if err != nil {
		return 0, err
	}
	if p == "" {
		return 0, fault.New(fault.Invalid, "Invalid path: an object needs a name")
	}
	beside := path.Join(tmp, rand.Text())
	n, err := b.write(ctx, beside, r)
	if err == nil {
		err = b.moveIn(beside, p)
	}
	if err != nil {
		_ = b.root.Remove(beside)
		return 0, b.fault("storing", p, err)
	}
	return n, nil
}

func (b *Bucket) write(ctx context.Context, name string, r io.Reader) (n int64, err error) {
	f, err := b.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return 0, err
	}
	// The file's own ReadFrom would let a reader that is a socket splice; the
	// context must be asked between blocks, so plain blocks it is.
	n, err = io.CopyBuffer(struct{ io.Writer }{f}, &within{ctx, r}, make([]byte, 256<<10))
	if err == nil {
		err = f.Sync()
	}
	return n, errors.Join(err, f.Close())
}

// within is a reader that stops when the context does.
type within struct {
	ctx context.Context
	r   io.Reader
}

func (w *within) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p)
}

// moveIn renames a finished file to its place and makes the names durable.
func (b *Bucket) moveIn(from, p string) error {
	dir := path.Dir(p)
	var err error
	for range 100 { // a Delete beside us may remove the folder as empty
		_, missing := b.root.Stat(dir)
		if err = b.root.MkdirAll(dir, 0o750); err == nil {
			err = b.root.Rename(from, p)
		}
		switch {
		case err == nil:
			return b.syncDirs(dir, missing != nil)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return err
}

// syncDirs flushes a folder, and those above it if they may be new.
func (b *Bucket) syncDirs(dir string, all bool) error {
	for {
		d, err := b.root.Open(dir)
		if err != nil {
			return err
		}
		err = d.Sync()
		if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
			err = nil // file systems that cannot flush folders
		}
		if err := errors.Join(err, d.Close()); err != nil || !all || dir == "." {
			return err
		}
		dir = path.Dir(dir)
	}
}

// Open implements blob.Bucket.
func (b *Bucket) Open(_ context.Context, p string) (io.ReadSeekCloser, blob.Info, error) {
	p, err := clean(p)
	if err != nil {
		return nil, blob.Info{}, err
	}
	// Asked first: opening a named pipe would wait for its writer.
	info, err := b.root.Stat(orDot(p))
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, blob.Info{}, b.fault("reading", p, err)
	}
	f, err := b.root.Open(p)
	if err != nil {
		return nil, blob.Info{}, b.fault("reading", p, err)
	}
	if info, err = f.Stat(); err != nil {
		return nil, blob.Info{}, errors.Join(b.fault("reading", p, err), f.Close())
	}
	return f, blob.Info{Path: p, Size: info.Size()}, nil
}

// List implements blob.Bucket.
func (b *Bucket) List(ctx context.Context, prefix string) ([]blob.Info, error) {
	prefix, err := clean(prefix)
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(b.root.FS(), orDot(prefix))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, b.fault("listing", prefix, err)
	}
	out := make([]blob.Info, 0, len(entries))
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if prefix == "" && e.Name() == tmp {
			continue
		}
		p := path.Join(prefix, e.Name())
		info, err := b.root.Stat(p)
		switch { // gone meanwhile, or a link that leads out: not there
		case err != nil:
		case info.IsDir():
			out = append(out, blob.Info{Path: p, Dir: true})
		case info.Mode().IsRegular():
			out = append(out, blob.Info{Path: p, Size: info.Size()})
		}
	}
	slices.SortFunc(out, func(a, b blob.Info) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// Delete implements blob.Bucket. Folders that become empty go too.
func (b *Bucket) Delete(_ context.Context, p string) error {
	p, err := clean(p)
	if err != nil {
		return err
	}
	if p == "" {
		return fault.New(fault.Invalid, "Invalid path: the whole store is not deleted at once")
	}
	if _, err := b.root.Lstat(p); err != nil {
		return b.fault("deleting", p, err)
	}
	if err := b.root.RemoveAll(p); err != nil {
		return b.fault("deleting", p, err)
	}
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if b.root.Remove(dir) != nil { // not empty
			return nil
		}
	}
	return nil
}

func orDot(p string) string {
	if p == "" {
		return "."
	}
	return p
}

// clean checks a path and returns its shortest form, "" for the root.
func clean(p string) (string, error) {
	bad := len(p) > 4096 || strings.HasPrefix(p, "/") || strings.ContainsAny(p, "\\\x00")
	first := true
	for part := range strings.SplitSeq(p, "/") {
		if part == ".." || len(part) > 255 || first && part == tmp {
			bad = true
		}
		first = first && (part == "" || part == ".")
	}
	if bad {
		return "", fault.New(fault.Invalid, "Invalid path: %.200q", p)
	}
	if p = path.Clean(p); p == "." {
		return "", nil
	}
	return p, nil
}

// fault says what went wrong with an object in words for people.
func (b *Bucket) fault(doing, p string, err error) error {
	var f *fault.Error
	switch {
	case errors.As(err, &f), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.NotFound, "there is no artifact %q", p)
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EISDIR), errors.Is(err, fs.ErrExist),
		errors.Is(err, syscall.ENOTEMPTY):
		return fault.New(fault.Invalid, "Invalid path: %q is a folder, or lies below a file: %w", p, err)
	}
	return asFault(fmt.Errorf("%s %q: %w", doing, p, err), b.dir)
}

func asFault(err error, dir string) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.New(fault.Unavailable, "the disk of the artifact folder %s is full: %w", dir, err).
			WithHint("free or add space there; nothing was half-written")
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fault.New(fault.Unavailable, "the artifact folder %s cannot be written or read: %w", dir, err).
			WithHint("check the folder's owner and mode")
	}
	return err
}
