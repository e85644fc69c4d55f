package gitlab

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// Comments lists the notes that people and jobs wrote on a merge request,
// oldest first. What GitLab itself notes down is left out.
func (f *Forge) Comments(ctx context.Context, c forge.Change) ([]forge.Comment, error) {
	if err := checked(c.Project); err != nil {
		return nil, err
	}
	me, err := f.whose(ctx)
	if err != nil {
		return nil, err
	}
	var out []forge.Comment
	err = f.notes(ctx, c, func(n *gitlab.Note) {
		if !n.System {
			out = append(out, f.comment(c, n, n.Author.Username == me.Username))
		}
	})
	return out, err
}

// notes goes through all notes, the oldest first.
func (f *Forge) notes(ctx context.Context, c forge.Change, one func(*gitlab.Note)) error {
	o := &gitlab.ListMergeRequestNotesOptions{
		ListOptions: gitlab.ListOptions{PerPage: pageSize}, OrderBy: gitlab.Ptr("created_at"), Sort: gitlab.Ptr("asc"),
	}
	for o.Page = 1; o.Page <= maxPages && o.Page > 0; {
		list, res, err := f.client.Notes.ListMergeRequestNotes(c.Project, int64(c.Number), o, gitlab.WithContext(ctx))
		if err != nil {
			return f.refused(fmt.Sprintf("reading the comments of %s!%d", c.Project, c.Number), needsRead, res, err)
		}
		for _, n := range list { // a page may be short: notes that we may not see are taken out of it
			one(n)
		}
		o.Page = res.NextPage
	}
	return nil
}

func (f *Forge) comment(c forge.Change, n *gitlab.Note, own bool) forge.Comment {
	address := c.URL
	if address == "" {
		address = fmt.Sprintf("%s/%s/-/merge_requests/%d", f.o.Server, c.Project, c.Number)
	}
	return forge.Comment{
		ID: strconv.FormatInt(n.ID, 10), Author: n.Author.Username, Body: n.Body, Own: own,
		Created: milli(n.CreatedAt), Updated: milli(n.UpdatedAt), URL: fmt.Sprintf("%s#note_%d", address, n.ID),
	}
}

func milli(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.UnixMilli()
}

// CreateComment adds a note.
func (f *Forge) CreateComment(ctx context.Context, c forge.Change, body string) (forge.Comment, error) {
	if err := checked(c.Project); err != nil {
		return forge.Comment{}, err
	}
	body = tame(body)
	if err := forge.CheckLength(body, maxComment); err != nil {
		return forge.Comment{}, err
	}
	n, res, err := f.client.Notes.CreateMergeRequestNote(c.Project, int64(c.Number), &gitlab.CreateMergeRequestNoteOptions{Body: &body}, gitlab.WithContext(ctx))
	if err != nil {
		return forge.Comment{}, f.refused(fmt.Sprintf("posting a comment on %s!%d", c.Project, c.Number), needsWrite, res, err)
	}
	return f.comment(c, n, true), nil
}

// EditComment replaces the text of a note. GitLab lets maintainers edit
// everybody's: callers edit those that are their own.
func (f *Forge) EditComment(ctx context.Context, c forge.Change, id, body string) (forge.Comment, error) {
	note, err := locate(c, id)
	if err != nil {
		return forge.Comment{}, err
	}
	body = tame(body)
	if err := forge.CheckLength(body, maxComment); err != nil {
		return forge.Comment{}, err
	}
	n, res, err := f.client.Notes.UpdateMergeRequestNote(c.Project, int64(c.Number), note, &gitlab.UpdateMergeRequestNoteOptions{Body: &body}, gitlab.WithContext(ctx))
	if err != nil {
		return forge.Comment{}, f.refused("editing our comment", needsWrite, res, err)
	}
	return f.comment(c, n, true), nil
}

// DeleteComment takes a note away.
func (f *Forge) DeleteComment(ctx context.Context, c forge.Change, id string) error {
	note, err := locate(c, id)
	if err != nil {
		return err
	}
	if res, err := f.client.Notes.DeleteMergeRequestNote(c.Project, int64(c.Number), note, gitlab.WithContext(ctx)); err != nil {
		return f.refused("deleting our comment", needsWrite, res, err)
	}
	return nil
}

func locate(c forge.Change, id string) (int64, error) {
	if err := checked(c.Project); err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 0 {
		return 0, fault.New(fault.Invalid, "%q is no comment's id", id)
	}
	return n, nil
}

// tame keeps GitLab from taking lines of a report, which may hold the output
// of a program, for its quick actions: "/merge" on a line of its own merges. A
// backslash, which is not shown, stands before such a line; in code, where it
// would be shown, a space.
func tame(body string) string {
	if !strings.HasPrefix(body, "/") && !strings.Contains(body, "\n/") {
		return body
	}
	var out strings.Builder
	fence := ""
	for line := range strings.SplitAfterSeq(body, "\n") {
		trimmed := strings.TrimLeft(line, " ")
		switch {
		case fence != "" && strings.HasPrefix(trimmed, fence):
			fence = ""
		case fence == "" && (strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~")):
			fence = trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, trimmed[:1]))]
		case isAction(line) && fence != "":
			out.WriteByte(' ')
		case isAction(line):
			out.WriteByte('\\')
		}
		out.WriteString(line)
	}
	return out.String()
}

// isAction reports /name, alone or with words after it.
func isAction(line string) bool {
	rest, ok := strings.CutPrefix(line, "/")
	if !ok {
		return false
	}
	name := strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
	return len(name) < len(rest) && (name == "" || strings.ContainsAny(name[:1], " \t\r\n"))
}

// Upload keeps a file with the project. What comes back is relative to it, as
// GitLab wants it in notes of the project: /uploads/SECRET/NAME. Before GitLab
// 17 the page was at /GROUP/PROJECT/uploads/…, since then it is at
// /-/project/ID/uploads/…; the relative address is right in both.
func (f *Forge) Upload(ctx context.Context, c forge.Change, name string, r io.Reader) (string, error) {
	if err := checked(c.Project); err != nil {
		return "", err
	}
	up, res, err := f.client.ProjectMarkdownUploads.UploadProjectMarkdown(c.Project, r, name, gitlab.WithContext(ctx))
	if err != nil {
		return "", f.refused("uploading "+name, needsWrite, res, err)
	}
	// GitLab makes names plain itself; an address must not end a Markdown link.
	return (&url.URL{Path: up.URL}).EscapedPath(), nil
}
