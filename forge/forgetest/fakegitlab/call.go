package fakegitlab

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// call is one request on its way.
type call struct {
	s       *Server
	r       *http.Request
	user    *user // nil: nobody's
	project *Project
	change  *change
	fields  map[string]any // of the body, or of the query
}

// answer is a status and what is told with it.
type answer struct {
	status int
	value  any // a list is cut into pages
}

type list []any

func ok(v any) answer      { return answer{http.StatusOK, v} }
func created(v any) answer { return answer{http.StatusCreated, v} }
func failed(status int, message any) answer {
	return answer{status, map[string]any{"message": message}}
}

func notFound(what string) answer {
	return failed(http.StatusNotFound, "404 "+what+" Not Found")
}
func forbidden() answer { return failed(http.StatusForbidden, "403 Forbidden") }

// handle adds a call that needs a token that is known, if one is sent.
func (s *Server) handle(pattern string, do func(*call) answer) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		c := &call{s: s, r: r}
		if a, refused := c.identify(); refused {
			c.reply(w, a)
			return
		}
		if err := c.read(); err != nil {
			c.reply(w, failed(http.StatusBadRequest, err.Error()))
			return
		}
		c.reply(w, do(c))
	})
}

// identify finds out whose token was sent, and whether it may do this at all.
func (c *call) identify() (answer, bool) {
	secret := c.r.Header.Get("Private-Token")
	if bearer, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer "); ok {
		secret = bearer
	}
	if secret == "" {
		return answer{}, false
	}
	t, known := c.s.tokens[secret]
	if !known {
		return failed(http.StatusUnauthorized, "401 Unauthorized"), true
	}
	c.user = t.user
	if t.scope != "api" && c.r.Method != http.MethodGet {
		return answer{http.StatusForbidden, map[string]any{
			"error": "insufficient_scope", "scope": "api",
			"error_description": "The request requires higher privileges than provided by the access token.",
		}}, true
	}
	return answer{}, false
}

// read takes the fields from the body, as JSON or as a form.
func (c *call) read() error {
	c.fields = map[string]any{}
	for k, v := range c.r.URL.Query() {
		c.fields[k] = v[0]
	}
	kind := c.r.Header.Get("Content-Type")
	switch {
	case c.r.Method == http.MethodGet || strings.HasPrefix(kind, "multipart/"):
	case strings.HasPrefix(kind, "application/json"):
		if c.r.ContentLength != 0 {
			return json.NewDecoder(c.r.Body).Decode(&c.fields)
		}
	default:
		if err := c.r.ParseForm(); err != nil {
			return err
		}
		for k, v := range c.r.PostForm {
			c.fields[k] = v[0]
		}
	}
	return nil
}

func (c *call) text(name string) string {
	s, _ := c.fields[name].(string)
	return s
}

// inProject adds a call on a project, for members of a level (0: readers).
func (s *Server) inProject(pattern string, level int, do func(*call) answer) {
	s.handle(pattern, func(c *call) answer {
		c.project = s.find(c.r.PathValue("id"))
		if c.project == nil || c.project.Private && c.level() < Guest {
			return notFound("Project")
		}
		if c.user == nil && (c.r.Method != http.MethodGet || c.project.Private) {
			return failed(http.StatusUnauthorized, "401 Unauthorized")
		}
		if c.level() < level {
			return forbidden()
		}
		return do(c)
	})
}

// inChange adds a call on a merge request.
func (s *Server) inChange(pattern string, level int, do func(*call) answer) {
	s.inProject(pattern, level, func(c *call) answer {
		iid, _ := strconv.Atoi(c.r.PathValue("iid"))
		if iid < 1 || iid > len(c.project.changes) {
			return notFound("Merge Request")
		}
		c.change = c.project.changes[iid-1]
		if err := s.sync(c.r.Context(), c.change); err != nil {
			return failed(http.StatusInternalServerError, err.Error())
		}
		return do(c)
	})
}

func (s *Server) find(id string) *Project {
	for _, p := range s.projects {
		if !p.closed && (p.Path == id || strconv.FormatInt(p.ID, 10) == id) {
			return p
		}
	}
	return nil
}

func (c *call) level() int {
	if c.user == nil {
		return 0
	}
	return c.project.members[c.user.Name]
}

// base is the server's own address, as the request has it.
func (c *call) base() string { return "http://" + c.r.Host + c.s.Path }

func (c *call) reply(w http.ResponseWriter, a answer) {
	if l, isList := a.value.(list); isList {
		a.value = c.page(w, l)
	}
	if a.status == http.StatusNoContent {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(a.value) // who asked may be gone
}

// page cuts a list: 20 by default, 100 at most.
func (c *call) page(w http.ResponseWriter, l list) list {
	size, page := number(c.r, "per_page", 20), number(c.r, "page", 1)
	size = min(size, 100)
	pages := max((len(l)+size-1)/size, 1)
	h := w.Header()
	h.Set("X-Total", strconv.Itoa(len(l)))
	h.Set("X-Total-Pages", strconv.Itoa(pages))
	h.Set("X-Per-Page", strconv.Itoa(size))
	h.Set("X-Page", strconv.Itoa(page))
	h.Set("X-Next-Page", "")
	h.Set("X-Prev-Page", "")
	link := func(n int, rel string) string {
		q := c.r.URL.Query()
		q.Set("page", strconv.Itoa(n))
		q.Set("per_page", strconv.Itoa(size))
		return fmt.Sprintf("<%s%s?%s>; rel=%q", c.base(), c.r.URL.EscapedPath(), q.Encode(), rel)
	}
	links := []string{link(1, "first"), link(pages, "last")}
	if page < pages {
		h.Set("X-Next-Page", strconv.Itoa(page+1))
		links = append(links, link(page+1, "next"))
	}
	if page > 1 {
		h.Set("X-Prev-Page", strconv.Itoa(page-1))
		links = append(links, link(page-1, "prev"))
	}
	h.Set("Link", strings.Join(links, ", "))
	from := min((page-1)*size, len(l))
	part := l[from:min(from+size, len(l))]
	if len(part) == 0 {
		return list{}
	}
	return part
}

func number(r *http.Request, name string, other int) int {
	if n, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil && n > 0 {
		return n
	}
	return other
}

func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Format("2006-01-02T15:04:05.000Z")
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (c *call) person(u *user) map[string]any {
	return map[string]any{
		"id": u.ID, "username": u.Name, "name": u.Name, "state": "active", "locked": false,
		"avatar_url": nil, "web_url": c.base() + "/" + url.PathEscape(u.Name),
	}
}

func (s *Server) getUser(c *call) answer {
	if c.user == nil {
		return failed(http.StatusUnauthorized, "401 Unauthorized")
	}
	u := c.person(c.user)
	u["bot"] = c.user.bot
	return ok(u)
}

func (s *Server) getVersion(c *call) answer {
	if c.user == nil {
		return failed(http.StatusUnauthorized, "401 Unauthorized")
	}
	return ok(map[string]any{"version": "18.5.0", "revision": "0000000"})
}

func (s *Server) getProject(c *call) answer {
	p := c.project
	v := map[string]any{
		"id": p.ID, "path_with_namespace": p.Path, "name": p.Path[strings.LastIndexByte(p.Path, '/')+1:],
		"default_branch": "main", "web_url": c.base() + "/" + p.Path, "visibility": "public",
		"merge_method": p.MergeMethod,
	}
	if p.MergeMethod == "" {
		v["merge_method"] = "merge"
	}
	if p.Private {
		v["visibility"] = "private"
	}
	if c.user != nil {
		access := map[string]any{"project_access": nil, "group_access": nil}
		if l := c.level(); l > 0 {
			access["project_access"] = map[string]any{"access_level": l, "notification_level": 3}
		}
		v["permissions"] = access
	}
	return ok(v)
}
