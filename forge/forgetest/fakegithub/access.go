package fakegithub

import (
	"net/http"
	"slices"
	"strings"
)

// Kind is a kind of token.
type Kind int

// The kinds of tokens. An installation's is an app's on one project; the
// GITHUB_TOKEN of a job is that of the app github-actions.
const (
	Classic Kind = iota
	FineGrained
	Installation
)

// Token is who comes with it and what it may do.
type Token struct {
	Kind        Kind
	Login       string            // of its user
	App         string            // of an installation: the app's slug
	Project     string            // of an installation: where it may write
	Scopes      []string          // of a classic one, e.g. repo
	Permissions map[string]string // of the others, e.g. {"pull_requests": "write"}
}

// Job is the token of a job of GitHub Actions.
func Job(project string, permissions map[string]string) Token {
	return Token{Kind: Installation, App: "github-actions", Project: project, Permissions: permissions}
}

// AddToken makes a token known.
func (s *Server) AddToken(name string, t Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.Kind == Installation {
		t.Login = t.App + "[bot]"
	}
	s.tokens[name] = t
}

// user is an account.
type user struct {
	id    int
	login string
	bot   bool
}

func (s *Server) user(login string) *user {
	u := s.users[login]
	if u == nil {
		u = &user{id: s.id(), login: login, bot: strings.HasSuffix(login, "[bot]")}
		s.users[login] = u
	}
	return u
}

// The roles of people on a project.
const (
	none = iota
	read
	write
	admin
)

func (r *repo) role(login string) int {
	switch {
	case strings.EqualFold(login, r.owner):
		return admin
	case r.roles[login] != none:
		return r.roles[login]
	case !r.private:
		return read
	}
	return none
}

// visible finds a project that the caller may see.
func (c *call) visible(name string) *repo {
	r := c.repos[strings.ToLower(name)]
	switch {
	case r == nil || !r.private:
		return r
	case c.token == nil:
		return nil
	case c.token.Kind == Installation && c.token.Project != r.name():
		return nil
	case c.token.Kind == Classic && !slices.Contains(c.token.Scopes, "repo"):
		return nil
	case c.token.Kind != Installation && r.role(c.token.Login) == none:
		return nil
	}
	return r
}

// need is what a call takes of a token.
type need struct {
	permissions []string // one of them, to write
	scope       string   // of a classic token, beside repo
	role        int      // of its user
}

var (
	toComment = need{permissions: []string{"issues", "pull_requests"}, role: read}
	toEdit    = need{permissions: []string{"issues", "pull_requests"}, role: write} // another's
	toLabel   = need{permissions: []string{"issues", "pull_requests"}, role: write}
	toPropose = need{permissions: []string{"pull_requests"}, role: read}
	toStatus  = need{permissions: []string{"statuses"}, scope: "repo:status", role: write}
	toDeploy  = need{permissions: []string{"deployments"}, scope: "repo_deployment", role: write}
	toStart   = need{permissions: []string{"actions"}, role: write}
	toSend    = need{permissions: []string{"contents"}, role: write}
)

// refuses looks at the token before the call is looked at. A classic token
// without the scope is answered 404, as GitHub does.
func (c *call) refuses(n need) (status int, answer any, refused bool) {
	t := c.token
	if t == nil {
		status, answer = c.fail(http.StatusUnauthorized, "Requires authentication")
		return status, answer, true
	}
	has := func(p string) bool { return t.Permissions[p] == "write" }
	switch {
	case t.Kind == Classic && !c.hasScope(n.scope):
		status, answer = c.notFound()
	case t.Kind == FineGrained && !slices.ContainsFunc(n.permissions, has):
		status, answer = c.fail(http.StatusForbidden, "Resource not accessible by personal access token")
	case t.Kind == Installation && (t.Project != c.repo.name() || !slices.ContainsFunc(n.permissions, has)):
		status, answer = c.fail(http.StatusForbidden, "Resource not accessible by integration")
	case t.Kind != Installation && c.repo.role(t.Login) < n.role:
		status, answer = c.fail(http.StatusForbidden, "Must have admin rights to Repository.")
	default:
		return 0, nil, false
	}
	return status, answer, true
}

func (c *call) hasScope(scope string) bool {
	s := c.token.Scopes
	return slices.Contains(s, "repo") || !c.repo.private && slices.Contains(s, "public_repo") || scope != "" && slices.Contains(s, scope)
}

func (c *call) getUser() (int, any) {
	switch {
	case c.token == nil:
		return c.fail(http.StatusUnauthorized, "Requires authentication")
	case c.token.Kind == Installation:
		return c.fail(http.StatusForbidden, "Resource not accessible by integration")
	}
	return http.StatusOK, c.showFullUser(c.user(c.token.Login))
}

func (c *call) getRepo() (int, any) { return http.StatusOK, c.showFullRepo(c.repo) }

func (c *call) getPermission() (int, any) {
	if c.token == nil {
		return c.fail(http.StatusUnauthorized, "Requires authentication")
	}
	login := c.r.PathValue("user")
	if c.users[login] == nil {
		return c.notFound()
	}
	name := [...]string{none: "none", read: "read", write: "write", admin: "admin"}[c.repo.role(login)]
	u := c.showUser(c.user(login))
	u["role_name"] = name
	return http.StatusOK, map[string]any{"permission": name, "role_name": name, "user": u}
}
