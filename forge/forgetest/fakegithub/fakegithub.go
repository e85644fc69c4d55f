// Package fakegithub is a double of GitHub's REST API in memory, for tests: it
// answers the calls that a driver makes as GitHub does, pages, refusals and rate
// limits included, under / as api.github.com does and under /api/v3 as an
// Enterprise Server does. What people do on GitHub's pages – push, review, merge
// – are its methods.
//
// It is our own reading of GitHub. The shape of every request and answer is
// checked against GitHub's published description (see compat/github). How GitHub
// behaves beyond that is from its documentation and from what its users report:
// that it counts a comment's bytes, takes no four-byte characters in statuses,
// and does not lead from a fork's commit to its pull request.
package fakegithub

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Server is the double. Its methods may be called while it serves.
type Server struct {
	// Enterprise makes it an Enterprise Server, whose API is older.
	Enterprise bool

	mu     sync.Mutex
	mux    *http.ServeMux
	users  map[string]*user
	tokens map[string]Token
	repos  map[string]*repo // by OWNER/NAME in small letters
	last   int              // id given last
	trips  []Trip
	calls  []string
}

// Trip is an answer that the next call gets instead of its own.
type Trip struct {
	Status  int
	Message string
	Header  map[string]string
}

// New makes an empty one.
func New() *Server {
	s := &Server{mux: http.NewServeMux(), users: map[string]*user{}, tokens: map[string]Token{}, repos: map[string]*repo{}}
	s.routes()
	return s
}

// routes lists the calls.
func (s *Server) routes() {
	const in = "/repos/{owner}/{repo}"
	for pattern, h := range map[string]func(*call) (int, any){
		"GET /user": (*call).getUser,
		"GET " + in: (*call).getRepo,
		"GET " + in + "/collaborators/{user}/permission":      (*call).getPermission,
		"GET " + in + "/pulls":                                (*call).listPulls,
		"POST " + in + "/pulls":                               (*call).createPull,
		"GET " + in + "/pulls/{number}":                       (*call).getPull,
		"GET " + in + "/pulls/{number}/reviews":               (*call).listReviews,
		"GET " + in + "/commits/{sha}/pulls":                  (*call).pullsOfCommit,
		"GET " + in + "/commits/{sha}/status":                 (*call).combinedStatus,
		"POST " + in + "/statuses/{sha}":                      (*call).createStatus,
		"GET " + in + "/issues/{number}/comments":             (*call).listComments,
		"POST " + in + "/issues/{number}/comments":            (*call).createComment,
		"PATCH " + in + "/issues/comments/{id}":               (*call).editComment,
		"DELETE " + in + "/issues/comments/{id}":              (*call).deleteComment,
		"POST " + in + "/issues/{number}/labels":              (*call).addLabels,
		"POST " + in + "/labels":                              (*call).createLabel,
		"POST " + in + "/deployments":                         (*call).createDeployment,
		"POST " + in + "/deployments/{id}/statuses":           (*call).createDeploymentStatus,
		"POST " + in + "/actions/workflows/{file}/dispatches": (*call).dispatchWorkflow,
		"POST " + in + "/dispatches":                          (*call).dispatchEvent,
	} {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, h) })
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, func(c *call) (int, any) { return c.notFound() })
	})
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.Enterprise {
		r = r.Clone(r.Context())
		path, ok := strings.CutPrefix(r.URL.Path, "/api/v3")
		if !ok {
			path = "/there-is-only-a-page-here"
		}
		r.URL.Path = path
		r.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, "/api/v3")
	}
	s.mux.ServeHTTP(w, r)
}

// call is one request.
type call struct {
	*Server
	w     http.ResponseWriter
	r     *http.Request
	token *Token
	repo  *repo // nil where the token may not see it
	body  map[string]any
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, h func(*call) (int, any)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, r.Method+" "+r.URL.RequestURI())
	c := &call{Server: s, w: w, r: r}
	status, answer := c.answer(h)
	if answer == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func (c *call) answer(h func(*call) (int, any)) (int, any) {
	if len(c.trips) > 0 {
		t := c.trips[0]
		c.trips = c.trips[1:]
		for k, v := range t.Header {
			c.w.Header().Set(k, v)
		}
		return c.fail(t.Status, t.Message)
	}
	if sent := c.r.Header.Get("Authorization"); sent != "" {
		_, name, _ := strings.Cut(sent, " ")
		t, ok := c.tokens[name]
		if !ok {
			return c.fail(http.StatusUnauthorized, "Bad credentials")
		}
		c.token = &t
		if t.Kind == Classic {
			c.w.Header().Set("X-OAuth-Scopes", strings.Join(t.Scopes, ", "))
		}
	}
	data, err := io.ReadAll(io.LimitReader(c.r.Body, 8<<20))
	if err != nil {
		return c.fail(http.StatusBadRequest, "the body ended early")
	}
	if len(data) > 0 && json.Unmarshal(data, &c.body) != nil {
		return c.fail(http.StatusBadRequest, "Problems parsing JSON")
	}
	if owner := c.r.PathValue("owner"); owner != "" {
		c.repo = c.visible(owner + "/" + c.r.PathValue("repo"))
		if c.repo == nil {
			return c.notFound()
		}
	}
	return h(c)
}

// Next answers the next calls, whatever they are, with trips.
func (s *Server) Next(trips ...Trip) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trips = append(s.trips, trips...)
}

// Spent is how GitHub answers when an hour's calls are spent until reset.
func Spent(reset time.Time) Trip {
	return Trip{
		Status: http.StatusForbidden, Message: "API rate limit exceeded for user ID 1.",
		Header: map[string]string{
			"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(reset.Unix(), 10),
		},
	}
}

// TooFast is how GitHub answers what comes too fast (the secondary limit).
func TooFast(retryAfter int) Trip {
	return Trip{
		Status: http.StatusForbidden, Message: "You have exceeded a secondary rate limit.",
		Header: map[string]string{"Retry-After": strconv.Itoa(retryAfter)},
	}
}

// Calls lists what was asked so far, as "GET /user".
func (s *Server) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.calls...)
}

// id gives out ids; ours are unique across kinds, GitHub's are not.
func (s *Server) id() int {
	s.last++
	return s.last
}

// docs is where GitHub's errors send people.
const docs = "https://docs.github.com/rest"

func (c *call) fail(status int, message string) (int, any) {
	at := docs
	if strings.Contains(message, "secondary rate limit") {
		at += "/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
	}
	return status, map[string]any{"message": message, "documentation_url": at, "status": strconv.Itoa(status)}
}

func (c *call) notFound() (int, any) { return c.fail(http.StatusNotFound, "Not Found") }

// invalid is GitHub's answer to a body that breaks a rule. code is one of
// missing, missing_field, invalid, already_exists, custom.
func (c *call) invalid(resource, field, code, message string) (int, any) {
	one := map[string]any{"resource": resource, "code": code}
	if field != "" {
		one["field"] = field
	}
	if message != "" {
		one["message"] = message
	}
	_, answer := c.fail(http.StatusUnprocessableEntity, "Validation Failed")
	answer.(map[string]any)["errors"] = []any{one}
	return http.StatusUnprocessableEntity, answer
}

// text reads a text of the body; "" where there is none.
func (c *call) text(key string) string {
	s, _ := c.body[key].(string)
	return s
}

func (c *call) flag(key string) bool {
	b, _ := c.body[key].(bool)
	return b
}

func (c *call) number(key string) int {
	n, _ := strconv.Atoi(c.r.PathValue(key))
	return n
}

// api and web are addresses of this server, as the caller named it.
func (c *call) api(format string, args ...any) string {
	prefix := ""
	if c.Enterprise {
		prefix = "/api/v3"
	}
	return "http://" + c.r.Host + prefix + fmt.Sprintf(format, args...)
}

func (c *call) web(format string, args ...any) string {
	return "http://" + c.r.Host + fmt.Sprintf(format, args...)
}

// page cuts a list to the page that was asked for, and links to its neighbors.
func page[T any](c *call, list []T) []T {
	q := c.r.URL.Query()
	size, err := strconv.Atoi(q.Get("per_page"))
	if err != nil || size < 1 {
		size = 30
	}
	size = min(size, 100)
	n, err := strconv.Atoi(q.Get("page"))
	if err != nil || n < 1 {
		n = 1
	}
	last := max(1, (len(list)+size-1)/size)
	link := func(to int, rel string) string {
		q.Set("page", strconv.Itoa(to))
		return "<" + c.api("%s?%s", c.r.URL.EscapedPath(), q.Encode()) + `>; rel="` + rel + `"`
	}
	var links []string
	if n > 1 {
		links = append(links, link(n-1, "prev"), link(1, "first"))
	}
	if n < last {
		links = append(links, link(n+1, "next"), link(last, "last"))
	}
	if len(links) > 0 {
		c.w.Header().Set("Link", strings.Join(links, ", "))
	}
	from := min((n-1)*size, len(list))
	return list[from:min(from+size, len(list))]
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
