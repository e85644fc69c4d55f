package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest/fakegithub"
)

// sky is the weather between jobs and their forge.
type sky struct {
	next http.Handler

	mu     sync.Mutex
	spells []*spell
	seen   []string
	gone   chan struct{} // ends what never answers
}

// spell is bad weather for some calls.
type spell struct {
	of   *regexp.Regexp // METHOD PATH
	left int
	do   func(w http.ResponseWriter, r *http.Request)
}

func (s *sky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := r.Method + " " + r.URL.RequestURI()
	s.mu.Lock()
	s.seen = append(s.seen, call)
	do := s.next.ServeHTTP
	for _, one := range s.spells {
		if one.left > 0 && one.of.MatchString(call) {
			one.left--
			do = one.do
			break
		}
	}
	s.mu.Unlock()
	do(w, r)
}

func (s *sky) calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.seen
	s.seen = nil
	return seen
}

// clear makes the weather fine.
func (s *sky) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone != nil {
		close(s.gone)
	}
	s.spells, s.gone = nil, nil
}

// weather makes the forge
//
//	fine                        again
//	answers STATUS N [CALLS]    the next N calls so, without doing anything
//	loses N [CALLS]             do the next N calls, and answer 502
//	limits N SECONDS            turn N calls away, to come back after SECONDS
//	hangs [CALLS]               never answer
//	stops [CALLS]               never end an answer that it began
//	gathers N [CALLS]           hold N calls back until all are there
//
// CALLS is a pattern of METHOD PATH.
func (h *hub) weather(ts *testscript.TestScript, a []string) {
	number := func(i int) int { n, err := strconv.Atoi(a[i]); ts.Check(err); return n }
	one := &spell{left: 1 << 30}
	calls := 1
	switch a[0] {
	case "fine":
		h.clear()
		return
	case "limits":
		if h.kind == forge.GitLab {
			h.gitlab.RateLimit(number(1), number(2))
		}
		for i := 0; h.kind == forge.GitHub && i < number(1); i++ {
			h.github.Next(fakegithub.TooFast(number(2)))
		}
		return
	case "answers":
		status := number(1)
		one.left, calls = number(2), 3
		one.do = func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html>"+http.StatusText(status)+"</html>", status)
		}
	case "loses":
		one.left, calls = number(1), 2
		one.do = func(w http.ResponseWriter, r *http.Request) {
			h.next.ServeHTTP(httptest.NewRecorder(), r)
			http.Error(w, "<html>Bad Gateway</html>", http.StatusBadGateway)
		}
	case "hangs", "stops":
		gone := make(chan struct{})
		one.do = func(w http.ResponseWriter, r *http.Request) {
			if a[0] == "stops" {
				_, _ = io.WriteString(w, `{"id": 1, "body": "`)
				_ = http.NewResponseController(w).Flush()
			}
			select {
			case <-gone:
			case <-r.Context().Done():
			}
		}
		h.clear()
		h.gone = gone
	case "gathers":
		one.left, calls = number(1), 2
		var missing atomic.Int32
		missing.Store(int32(one.left))
		all := make(chan struct{})
		one.do = func(w http.ResponseWriter, r *http.Request) {
			if missing.Add(-1) == 0 {
				close(all)
			}
			select {
			case <-all:
			case <-r.Context().Done(): // who asked gave up
			}
			h.next.ServeHTTP(w, r)
		}
	default:
		ts.Fatalf("there is no weather %q", a[0])
	}
	one.of = regexp.MustCompile(strings.Join(a[min(calls, len(a)):], " "))
	h.sky.mu.Lock()
	defer h.sky.mu.Unlock()
	h.spells = append(h.spells, one)
}
