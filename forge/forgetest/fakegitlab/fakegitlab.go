// Package fakegitlab is a double of GitLab for tests: an http.Handler over
// bare Git repositories that answers the calls of version 4 of its API that our
// driver and the cml face make, as GitLab answers them. What people do on the
// page – approve, merge – goes through the API too. It is our own reading of
// GitLab's documentation and code and has never met the real one; compat/gitlab
// holds it to GitLab's published description. It is no forge to work with:
// forge/local is.
package fakegitlab

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/assay-ml/assay/git"
)

// Access levels of GitLab.
const (
	Guest      = 10
	Reporter   = 20
	Developer  = 30
	Maintainer = 40
)

// Server is the double. Its fields are set before it is used.
type Server struct {
	Path     string // sub-path that it lies below, e.g. /gitlab
	Old      bool   // a GitLab that does not tell when an approval was given
	mux      *http.ServeMux
	mu       sync.Mutex
	users    []*user
	tokens   map[string]token
	projects []*Project
	nextID   int64
	last     time.Time
	limited  int // so many requests are turned away next
	wait     int // seconds that they are told to wait
}

type user struct {
	ID   int64
	Name string
	bot  bool
}

type token struct {
	user  *user
	scope string
}

// New makes an empty double.
func New() *Server {
	s := &Server{mux: http.NewServeMux(), tokens: map[string]token{}}
	s.routes()
	return s
}

// AddToken makes a token with a scope, api or read_api; its user is made if
// new. A name like project_1_bot is that of a project's access token.
func (s *Server) AddToken(name, secret, scope string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(name)
	if u == nil {
		u = &user{ID: s.id(), Name: name, bot: strings.HasSuffix(name, "_bot")}
		s.users = append(s.users, u)
	}
	s.tokens[secret] = token{u, scope}
}

func (s *Server) user(name string) *user {
	for _, u := range s.users {
		if u.Name == name {
			return u
		}
	}
	return nil
}

// RateLimit turns the next n requests away and tells them to wait.
func (s *Server) RateLimit(n, seconds int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limited, s.wait = n, seconds
}

// Project is a project. Its settings may be changed between calls.
type Project struct {
	ID             int64
	Path           string // group/subgroup/name
	Private        bool
	MergeMethod    string // merge (empty), ff
	AutoRebase     bool   // "automatic rebase before merging", for ff
	ResetApprovals bool   // a push takes approvals away

	repo         *git.Repo
	members      map[string]int
	changes      []*change
	uploads      map[string]upload // by secret
	pipelines    []*pipeline
	statuses     []*status
	deployments  []*deployment
	environments []*environment
	triggers     []string
	started      []map[string]string
	closed       bool
}

// AddProject makes a project of a bare repository; members are by name and
// level.
func (s *Server) AddProject(path, bare string, members map[string]int) *Project {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &Project{ID: s.id(), Path: path, repo: &git.Repo{Dir: bare}, members: members, uploads: map[string]upload{}}
	s.projects = append(s.projects, p)
	return p
}

// AddTrigger makes a trigger token.
func (p *Project) AddTrigger(secret string) { p.triggers = append(p.triggers, secret) }

// Triggered lists the variables of the pipelines that were started.
func (s *Server) Triggered(p *Project) []map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return p.started
}

func (s *Server) id() int64 { s.nextID++; return s.nextID }

// now is a time that nothing else here happened at, in whole milliseconds.
func (s *Server) now() time.Time {
	t := time.Now().UTC().Truncate(time.Millisecond)
	if !t.After(s.last) {
		t = s.last.Add(time.Millisecond)
	}
	s.last = t
	return t
}

// ServeHTTP implements http.Handler. One request is answered at a time.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limited > 0 {
		s.limited--
		w.Header().Set("Retry-After", fmt.Sprint(s.wait))
		w.Header().Set("RateLimit-Remaining", "0")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte("Retry later\n"))
		return
	}
	if s.Path != "" && !strings.HasPrefix(r.URL.Path, s.Path+"/") {
		http.NotFound(w, r) // another program lives there
		return
	}
	http.StripPrefix(s.Path, s.mux).ServeHTTP(w, r)
}

func (s *Server) routes() {
	const api, project = "/api/v4", "/api/v4/projects/{id}"
	const one = project + "/merge_requests/{iid}"
	s.handle("GET "+api+"/user", s.getUser)
	s.handle("GET "+api+"/version", s.getVersion)
	s.inProject("GET "+project, 0, s.getProject)
	s.inProject("POST "+project+"/merge_requests", Developer, s.openChange)
	s.inChange("GET "+one, 0, s.getChange)
	s.inChange("PUT "+one+"/merge", 0, s.merge)
	s.inChange("GET "+one+"/commits", 0, s.changeCommits)
	s.inChange("GET "+one+"/versions", 0, s.getVersions)
	s.inChange("GET "+one+"/approvals", 0, s.getApprovals)
	s.inChange("POST "+one+"/approve", Developer, s.approve)
	s.inChange("POST "+one+"/unapprove", Developer, s.unapprove)
	s.inChange("GET "+one+"/notes", 0, s.listNotes)
	s.inChange("POST "+one+"/notes", 0, s.createNote)
	s.inChange("PUT "+one+"/notes/{note}", 0, s.editNote)
	s.inChange("DELETE "+one+"/notes/{note}", 0, s.deleteNote)
	s.inProject("POST "+project+"/uploads", Guest, s.upload)
	s.inProject("GET "+project+"/repository/commits", 0, s.listCommits)
	s.inProject("GET "+project+"/repository/commits/{sha}", 0, s.getCommit)
	s.inProject("GET "+project+"/repository/commits/{sha}/merge_requests", 0, s.changesOfCommit)
	s.inProject("GET "+project+"/repository/commits/{sha}/statuses", 0, s.listStatuses)
	s.inProject("POST "+project+"/statuses/{sha}", Developer, s.setStatus)
	s.inProject("GET "+project+"/repository/tags/{name}", 0, s.getTag)
	s.inProject("POST "+project+"/deployments", Developer, s.createDeployment)
	s.inProject("PUT "+project+"/deployments/{deployment}", Developer, s.setDeployment)
	s.inProject("PUT "+project+"/environments/{environment}", Developer, s.setEnvironment)
	s.inProject("POST "+project+"/pipeline", Developer, s.createPipeline)
	s.handle("POST "+project+"/trigger/pipeline", s.trigger)
	s.mux.HandleFunc("GET /-/project/{id}/uploads/{secret}/{name}", s.showUpload)
}
