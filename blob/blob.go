// Package blob is an object store's plain types: a tree of named byte
// sequences. Drivers live in its sub-folders; who needs a store takes the
// Bucket interface. It is not a file system: there are no permissions, links
// or appends.
package blob

import (
	"context"
	"io"
)

// Info describes an object or, with Dir set, a common prefix of objects.
type Info struct {
	Path string // slash-separated, relative to the bucket's root
	Size int64  // bytes; 0 for a prefix
	Dir  bool
}

// Bucket is a store of objects. Paths are slash-separated and relative; a path
// that would leave the root ("..", absolute, NUL, backslash) is an Invalid
// fault, a missing object a NotFound fault.
type Bucket interface {
	// Put stores what r holds, whole or not at all: readers see the old object
	// or the new one, and what was acknowledged survives a crash. It streams.
	Put(ctx context.Context, path string, r io.Reader) (int64, error)
	// Open returns the object for reading; the reader can seek.
	Open(ctx context.Context, path string) (io.ReadSeekCloser, Info, error)
	// List returns the direct children of a prefix, sorted by path; a prefix
	// with no objects is an empty list.
	List(ctx context.Context, prefix string) ([]Info, error)
	// Delete removes an object, or all objects below a prefix.
	Delete(ctx context.Context, path string) error
}
