package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/assay-ml/assay/blob"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// maxFiles bounds how many files of one model are read.
const maxFiles = 10000

// Digester reads the digests of a run's files from the server's own bucket; it
// is what the registry compares with what a review showed.
type Digester struct{ Bucket blob.Bucket }

// Digests returns the files below an artifact address with their SHA-256,
// paths relative to it.
func (d Digester) Digests(ctx context.Context, uri string) ([]track.File, error) {
	root, ok, err := track.ArtifactPath(uri)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.New(fault.Unsupported, "the artifacts at %s are not kept by this server, so their digests cannot be checked", uri)
	}
	var out []track.File
	err = d.walk(ctx, root, func(i blob.Info) error {
		if len(out) == maxFiles {
			return fault.New(fault.TooLarge, "there are more than %d files at %s", maxFiles, uri)
		}
		sum, err := d.sum(ctx, i.Path)
		if err != nil {
			return err
		}
		out = append(out, track.File{Path: strings.TrimPrefix(i.Path, root+"/"), Size: i.Size, SHA256: sum})
		return nil
	})
	return out, err
}

func (d Digester) walk(ctx context.Context, prefix string, fn func(blob.Info) error) error {
	list, err := d.Bucket.List(ctx, prefix)
	if err != nil {
		return fmt.Errorf("listing %s: %w", prefix, err)
	}
	for _, i := range list {
		i.Path = path.Clean(i.Path)
		if i.Dir {
			err = d.walk(ctx, i.Path, fn)
		} else {
			err = fn(i)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d Digester) sum(ctx context.Context, p string) (string, error) {
	r, _, err := d.Bucket.Open(ctx, p)
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", fmt.Errorf("reading %s: %w", p, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
