// Package publish brings a report to a forge: its pictures uploaded, their
// addresses replaced by position, and the text posted as one sticky comment
// that a later push edits. It words nothing but what had to be left out.
package publish

import (
	"context"
	"io"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// Forge is what publishing needs of a forge.
type Forge interface {
	Comments(ctx context.Context, c forge.Change) ([]forge.Comment, error)
	CreateComment(ctx context.Context, c forge.Change, body string) (forge.Comment, error)
	EditComment(ctx context.Context, c forge.Change, id, body string) (forge.Comment, error)
	DeleteComment(ctx context.Context, c forge.Change, id string) error
	MaxComment() int
	Uploader
}

// Uploader keeps a picture and returns the address that shows it.
type Uploader interface {
	Upload(ctx context.Context, c forge.Change, name string, r io.Reader) (string, error)
}

// Options is what is published where.
type Options struct {
	Forge  Forge
	Change forge.Change
	Dir    string // pictures that the text names by a relative path are read below it
	// Pictures keeps pictures where the forge has no uploads; nil: a picture
	// becomes its description.
	Pictures Uploader
}

// Comment posts text on a change. One of our own comments that begins with the
// same marker is edited; without a marker a new one is made each time. What is
// longer than the forge takes loses its folded parts first, and says so.
func Comment(ctx context.Context, o Options, text string) (forge.Comment, error) {
	a, attaches := o.Forge.(Attacher)
	if !attaches {
		body, err := upload(ctx, o, text)
		if err != nil {
			return forge.Comment{}, err
		}
		return stick(ctx, o, marker(text), Fit(body, o.Forge.MaxComment()), false)
	}
	m, err := stick(ctx, o, marker(text), Fit(Text(text), o.Forge.MaxComment()), true)
	if err != nil {
		return m, err
	}
	shown, err := attach(ctx, o, a, m, text)
	if !fault.Is(err, fault.Denied) || marker(text) == "" {
		return shown, err
	}
	// It was another job's, under the same name: ours is a new one.
	if m, err = o.Forge.CreateComment(ctx, o.Change, Fit(Text(text), o.Forge.MaxComment())); err != nil {
		return m, err
	}
	return attach(ctx, o, a, m, text)
}

// stick puts body into our comment with a marker, or into a new one. keep
// leaves the text of one that is there as it is: it is edited later.
func stick(ctx context.Context, o Options, mark, body string, keep bool) (forge.Comment, error) {
	if mark == "" {
		return o.Forge.CreateComment(ctx, o.Change, body)
	}
	ours, err := marked(ctx, o, mark)
	if err != nil {
		return forge.Comment{}, err
	}
	if len(ours) > 0 {
		if keep || ours[0].Body == body {
			return ours[0], nil
		}
		m, err := o.Forge.EditComment(ctx, o.Change, ours[0].ID, body)
		if !fault.Is(err, fault.Denied) { // else it was another job's, under the same name
			return m, err
		}
	}
	m, err := o.Forge.CreateComment(ctx, o.Change, body)
	if err != nil {
		return m, err
	}
	return yield(ctx, o, mark, m)
}

// marked lists our own comments with a marker, oldest first.
func marked(ctx context.Context, o Options, mark string) ([]forge.Comment, error) {
	all, err := o.Forge.Comments(ctx, o.Change)
	if err != nil {
		return nil, err
	}
	var out []forge.Comment
	for _, m := range all {
		if m.Own && marker(m.Body) == mark {
			out = append(out, m)
		}
	}
	return out, nil
}

// yield keeps two jobs that comment at once from leaving two comments: whoever
// finds an older one beside its own writes there and takes its own away. The
// comment is posted whatever happens here.
func yield(ctx context.Context, o Options, mark string, m forge.Comment) (forge.Comment, error) {
	ours, err := marked(ctx, o, mark)
	if err != nil || len(ours) < 2 || ours[0].ID == m.ID {
		return m, nil //nolint:nilerr // posted is posted
	}
	older, err := o.Forge.EditComment(ctx, o.Change, ours[0].ID, m.Body)
	if err != nil {
		return m, nil //nolint:nilerr // it is another's, or gone
	}
	if err := o.Forge.DeleteComment(ctx, o.Change, m.ID); err != nil {
		return older, nil //nolint:nilerr // two are better than none
	}
	return older, nil
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
