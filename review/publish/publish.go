// Package publish brings a report to a forge: its pictures uploaded, their
// addresses replaced by position, and the text posted as one sticky comment
// that a later push edits. It words nothing but what had to be left out.
package publish

import (
	"context"
	"io"
	"slices"
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
	// Note is told what could not be done as asked; may be nil.
	Note func(string)
}

// Flusher is an Uploader that keeps what it was given only when asked to.
type Flusher interface {
	Flush(ctx context.Context) error
}

// Comment posts text on a change. One of our own comments that begins with the
// same marker is edited; without a marker a new one is made each time. What is
// longer than the forge takes loses its folded parts first, and says so.
func Comment(ctx context.Context, o Options, text string) (forge.Comment, error) {
	a, attaches := o.Forge.(Attacher)
	if !attaches {
		body, err := uploaded(ctx, o, text)
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

// uploaded is text with its pictures uploaded; where they cannot be kept, they
// are described, for a report without pictures is better than none.
func uploaded(ctx context.Context, o Options, text string) (string, error) {
	body, err := upload(ctx, o, text)
	f, ok := o.Pictures.(Flusher)
	if err != nil || !ok {
		return body, err
	}
	flushed := f.Flush(ctx)
	if flushed == nil {
		return body, nil
	}
	if o.Note != nil {
		o.Note(flushed.Error() + ": the pictures are described instead. " + fault.HintOf(flushed))
	}
	o.Pictures = nil
	return upload(ctx, o, text)
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
	m, err := create(ctx, o, mark, body, ours)
	if err != nil {
		return m, err
	}
	return yield(ctx, o, mark, m)
}

// create posts a comment. Whether one arrived whose answer is an error of the
// forge cannot be told by the answer: it is looked for by its mark, and only
// one that is not among before is posted again, once.
func create(ctx context.Context, o Options, mark, body string, before []forge.Comment) (forge.Comment, error) {
	m, err := o.Forge.CreateComment(ctx, o.Change, body)
	if !fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
		return m, err
	}
	now, lookErr := marked(ctx, o, mark)
	if lookErr != nil {
		return m, err
	}
	for _, c := range now {
		if !slices.ContainsFunc(before, func(b forge.Comment) bool { return b.ID == c.ID }) {
			if c.Body == body {
				return c, nil
			}
			return o.Forge.EditComment(ctx, o.Change, c.ID, body) // as the forge keeps it, or another job's
		}
	}
	return o.Forge.CreateComment(ctx, o.Change, body)
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
