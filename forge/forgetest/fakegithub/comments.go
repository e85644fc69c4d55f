package fakegithub

import (
	"net/http"
	"slices"
	"time"
)

type comment struct {
	id, number int
	author     *user
	app        string
	body       string
	at, edited time.Time
}

// maxBody is what GitHub keeps of a comment, in bytes.
const maxBody = 262_144

func (r *repo) commentsOf(number int) []*comment {
	var list []*comment
	for _, m := range r.comments {
		if m.number == number {
			list = append(list, m)
		}
	}
	return list
}

func (c *call) listComments() (int, any) {
	p := c.repo.pull(c.number("number"))
	if p == nil {
		return c.notFound()
	}
	out := []any{}
	for _, m := range page(c, c.repo.commentsOf(p.number)) {
		out = append(out, c.showComment(m))
	}
	return http.StatusOK, out
}

// badBody refuses a text that GitHub would not keep.
func (c *call) badBody() (status int, answer any, bad bool) {
	switch body := c.text("body"); {
	case body == "":
		status, answer = c.invalid("IssueComment", "body", "missing_field", "")
	case len(body) > maxBody:
		status, answer = c.invalid("IssueComment", "body", "custom", "body is too long (maximum is 65536 characters)")
	default:
		return 0, nil, false
	}
	return status, answer, true
}

func (c *call) createComment() (int, any) {
	p := c.repo.pull(c.number("number"))
	if p == nil {
		return c.notFound()
	}
	if status, answer, refused := c.refuses(toComment); refused {
		return status, answer
	}
	if status, answer, bad := c.badBody(); bad {
		return status, answer
	}
	m := &comment{id: c.id(), number: p.number, author: c.user(c.token.Login), app: c.token.App, body: c.text("body"), at: time.Now(), edited: time.Now()}
	c.repo.comments = append(c.repo.comments, m)
	p.touched = m.at
	return http.StatusCreated, c.showComment(m)
}

// comment finds the one that a call names, and refuses who may not change it:
// its author may, and whoever may write to the project.
func (c *call) comment() (m *comment, status int, answer any) {
	i := slices.IndexFunc(c.repo.comments, func(m *comment) bool { return m.id == c.number("id") })
	if i < 0 {
		status, answer = c.notFound()
		return nil, status, answer
	}
	m = c.repo.comments[i]
	n := toEdit
	if c.token != nil && c.token.Login == m.author.login {
		n = toComment
	}
	if status, answer, refused := c.refuses(n); refused {
		return nil, status, answer
	}
	return m, 0, nil
}

func (c *call) editComment() (int, any) {
	m, status, answer := c.comment()
	if m == nil {
		return status, answer
	}
	if status, answer, bad := c.badBody(); bad {
		return status, answer
	}
	m.body, m.edited = c.text("body"), time.Now()
	return http.StatusOK, c.showComment(m)
}

func (c *call) deleteComment() (int, any) {
	m, status, answer := c.comment()
	if m == nil {
		return status, answer
	}
	c.repo.comments = slices.DeleteFunc(c.repo.comments, func(one *comment) bool { return one == m })
	return http.StatusNoContent, nil
}
