package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// Attacher is a forge that keeps pictures with the comment that shows them:
// there they come and go with it.
type Attacher interface {
	// Attachments lists what a comment has, address by name.
	Attachments(ctx context.Context, c forge.Change, comment string) (map[string]string, error)
	Attach(ctx context.Context, c forge.Change, comment, name string, r io.Reader) (string, error)
	Detach(ctx context.Context, c forge.Change, comment, name string) error
}

// maxPicture bounds one picture, in bytes.
const maxPicture = 10 << 20

// attach puts the pictures that text names to a comment, replaces their
// addresses, and takes away those of an earlier report. The same picture is
// put there once.
func attach(ctx context.Context, o Options, a Attacher, m forge.Comment, text string) (forge.Comment, error) {
	if len(pictures(text)) == 0 && m.Body == Fit(text, o.Forge.MaxComment()) {
		return m, nil
	}
	root, err := os.OpenRoot(o.Dir)
	if err != nil {
		return m, fmt.Errorf("opening the report's folder: %w", err)
	}
	defer root.Close()
	have, err := a.Attachments(ctx, o.Change, m.ID)
	if err != nil {
		return m, err
	}
	shown := map[string]bool{}
	body, err := withAddresses(text, func(address string) (string, error) {
		name, data, err := pictureFile(root, address)
		if err != nil {
			return "", err
		}
		shown[name] = true
		if _, there := have[name]; !there {
			if have[name], err = a.Attach(ctx, o.Change, m.ID, name, bytes.NewReader(data)); err != nil {
				return "", err
			}
		}
		return have[name], nil
	})
	if err != nil {
		return m, err
	}
	if body = Fit(body, o.Forge.MaxComment()); body != m.Body {
		if m, err = o.Forge.EditComment(ctx, o.Change, m.ID, body); err != nil {
			return m, err
		}
	}
	for name := range have {
		if !shown[name] {
			_ = a.Detach(ctx, o.Change, m.ID, name) // a picture too many does no harm
		}
	}
	return m, nil
}

// pictureFile reads a picture and names it after its content, so that another
// one of the same name is another.
func pictureFile(root *os.Root, address string) (string, []byte, error) {
	base, file, err := openPicture(root, address)
	if err != nil {
		return "", nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxPicture+1))
	if err != nil {
		return "", nil, fmt.Errorf("reading %s: %w", base, err)
	}
	if len(data) > maxPicture {
		return "", nil, fault.New(fault.TooLarge, "the picture %s is larger than %d MB", base, maxPicture>>20)
	}
	ext := filepath.Ext(base)
	sum := sha256.Sum256(data)
	return strings.TrimSuffix(base, ext) + "-" + hex.EncodeToString(sum[:4]) + ext, data, nil
}
