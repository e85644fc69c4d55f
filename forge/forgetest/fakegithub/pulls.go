package fakegithub

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

type pull struct {
	id, number      int
	title, body     string
	author          *user
	from            *repo // of the source
	ref             string
	base            string
	draft           bool
	labels          []string
	opened, touched time.Time
	closed          time.Time
	merged          bool
	head            string   // once closed
	commits, result []string // once merged: its own, and what came to the base
	reviews         []*review
}

type review struct {
	id    int
	who   *user
	state string
	head  string
	at    time.Time
}

func (p *pull) open() bool { return p.closed.IsZero() }

// tip is the head: that of the branch, until the pull request is closed.
func (p *pull) tip() string {
	if p.open() {
		return p.from.branches[p.ref]
	}
	return p.head
}

func (r *repo) pull(number int) *pull {
	for _, p := range r.pulls {
		if p.number == number {
			return p
		}
	}
	return nil
}

func (c *call) getPull() (int, any) {
	p := c.repo.pull(c.number("number"))
	if p == nil {
		return c.notFound()
	}
	return http.StatusOK, c.showFullPull(p)
}

func (c *call) listPulls() (int, any) {
	state := c.r.URL.Query().Get("state")
	var list []*pull
	for _, p := range c.repo.pulls {
		if state == "all" || p.open() == (state != "closed") {
			list = append(list, p)
		}
	}
	by := func(p *pull) time.Time { return p.opened }
	if c.r.URL.Query().Get("sort") == "updated" {
		by = func(p *pull) time.Time { return p.touched }
	}
	slices.SortStableFunc(list, func(a, b *pull) int { return by(b).Compare(by(a)) })
	return http.StatusOK, c.showPulls(page(c, list))
}

func (c *call) showPulls(list []*pull) []any {
	out := []any{}
	for _, p := range list {
		out = append(out, c.showPull(p))
	}
	return out
}

func (c *call) createPull() (int, any) {
	if status, answer, refused := c.refuses(toPropose); refused {
		return status, answer
	}
	from, ref := c.repo, c.text("head")
	if owner, branch, ok := strings.Cut(ref, ":"); ok {
		title := c.repo.title
		if t := c.text("head_repo"); t != "" {
			title = t
		}
		from, ref = c.visible(owner+"/"+title), branch
	}
	base := c.repo.branches[c.text("base")]
	switch {
	case c.text("title") == "":
		return c.invalid("PullRequest", "title", "missing_field", "")
	case len([]rune(c.text("title"))) > 256:
		return c.invalid("PullRequest", "title", "custom", "title is too long (maximum is 256 characters)")
	case from == nil || from.net != c.repo.net || from.branches[ref] == "":
		return c.invalid("PullRequest", "head", "invalid", "")
	case base == "":
		return c.invalid("PullRequest", "base", "invalid", "")
	case len(c.repo.net.between(base, from.branches[ref])) == 0:
		return c.invalid("PullRequest", "", "custom", "No commits between "+c.text("base")+" and "+ref)
	}
	for _, p := range c.repo.pulls {
		if p.open() && p.from == from && p.ref == ref && p.base == c.text("base") {
			return c.invalid("PullRequest", "", "custom", "A pull request already exists for "+from.owner+":"+ref+".")
		}
	}
	c.repo.numbered++
	p := &pull{
		id: c.id(), number: c.repo.numbered, title: c.text("title"), body: c.text("body"), author: c.user(c.token.Login), from: from, ref: ref,
		base: c.text("base"), draft: c.flag("draft"), opened: time.Now(), touched: time.Now(),
	}
	c.repo.pulls = append(c.repo.pulls, p)
	return http.StatusCreated, c.showFullPull(p)
}

// known says whether this project, not only a fork of it, has a commit.
func (r *repo) known(sha string) bool {
	for _, tip := range r.branches {
		if r.net.reach(tip)[sha] {
			return true
		}
	}
	return slices.ContainsFunc(r.pulls, func(p *pull) bool { return r.net.reach(p.tip())[sha] })
}

// pullsOfCommit leads from a commit of the default branch to the pull request
// that brought it, from another to all that hold it; never from a fork's.
func (c *call) pullsOfCommit() (int, any) {
	sha := c.r.PathValue("sha")
	if !c.repo.known(sha) {
		return c.fail(http.StatusUnprocessableEntity, "No commit found for SHA: "+sha)
	}
	onMain := c.repo.net.reach(c.repo.branches[mainBranch])[sha]
	var list []*pull
	for _, p := range c.repo.pulls {
		held := p.merged && (slices.Contains(p.result, sha) || slices.Contains(p.commits, sha))
		if !onMain && p.open() && p.from == c.repo {
			held = slices.Contains(c.repo.net.between(c.repo.branches[p.base], p.tip()), sha)
		}
		if held {
			list = append(list, p)
		}
	}
	return http.StatusOK, c.showPulls(page(c, list))
}

func (c *call) listReviews() (int, any) {
	p := c.repo.pull(c.number("number"))
	if p == nil {
		return c.notFound()
	}
	out := []any{}
	for _, v := range page(c, p.reviews) {
		out = append(out, c.showReview(p, v))
	}
	return http.StatusOK, out
}

func (c *call) addLabels() (int, any) {
	if status, answer, refused := c.refuses(toLabel); refused {
		return status, answer
	}
	p := c.repo.pull(c.number("number"))
	if p == nil {
		return c.notFound()
	}
	names, _ := c.body["labels"].([]any)
	for _, n := range names {
		if s, ok := n.(string); ok && !slices.Contains(p.labels, s) {
			p.labels = append(p.labels, s)
		}
	}
	return http.StatusOK, c.showLabels(p.labels)
}

func (c *call) createLabel() (int, any) {
	if status, answer, refused := c.refuses(toLabel); refused {
		return status, answer
	}
	if c.text("name") == "" {
		return c.invalid("Label", "name", "missing_field", "")
	}
	if color := c.text("color"); len(color) != 6 || strings.Trim(strings.ToLower(color), "0123456789abcdef") != "" {
		return c.invalid("Label", "color", "invalid", "")
	}
	return http.StatusCreated, c.showLabels([]string{c.text("name")})[0]
}
