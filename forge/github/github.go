// Package github is the driver of GitHub, on github.com and as Enterprise
// Server. It has pull requests, comments, commit statuses, reviews, deployments
// and dispatches; it has no address to upload pictures to.
package github

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/google/go-github/v89/github"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// maxComment bounds a comment, in characters. GitHub says "maximum is 65536
// characters" when it refuses one, but counts bytes: 262,144 of them, which
// 65,536 characters of UTF-8 never exceed. Descriptions of pull requests are
// held to 65,536 characters indeed, so that one bound serves both.
const maxComment = 65_536

// pageSize is the greatest that GitHub gives; maxPages bounds a listing.
const (
	pageSize = 100
	maxPages = 200
)

// Options is what a driver is made of.
type Options struct {
	Server string // base address, e.g. https://github.com
	API    string // base address of the API; empty: as Server has it
	Token  string
	HTTP   *http.Client // see forge/transport; nil: a plain one that follows no redirections
}

// Forge is the driver.
type Forge struct {
	o      Options
	client *github.Client
	cloud  bool // not an Enterprise Server, whose API is older

	mu sync.Mutex
	me *who // once asked
}

// New makes a driver. It asks nothing yet.
func New(o Options) (*Forge, error) {
	o.Server, o.API = strings.TrimRight(o.Server, "/"), strings.TrimRight(o.API, "/")
	if o.Server == "" {
		o.Server = "https://github.com"
	}
	u, err := url.Parse(o.Server)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fault.New(fault.Usage, "%q is no address of a GitHub server", o.Server).
			WithHint("set `forge: {kind: github, url: https://…}` in assay.yaml, or GITHUB_SERVER_URL as its runner does")
	}
	cloud := u.Host == "github.com" || strings.HasSuffix(u.Host, ".ghe.com")
	switch {
	case o.API != "":
	case cloud:
		o.API = u.Scheme + "://api." + u.Host
	default:
		o.API = o.Server + "/api/v3"
	}
	base := o.API + "/"
	// Waiting for limits is the transport's: it knows how long a job may wait.
	options := []github.ClientOptionsFunc{github.WithURLs(&base, nil), github.WithUserAgent("assay"), github.WithDisableRateLimitCheck()}
	// The library puts the token into the client that it is given, which others
	// may share, and then sends it wherever a redirection leads.
	h := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if o.HTTP != nil {
		h = *o.HTTP
	}
	options = append(options, github.WithHTTPClient(&h))
	if o.Token != "" {
		options = append(options, github.WithAuthToken(o.Token))
	}
	c, err := github.NewClient(options...)
	if err != nil {
		return nil, fault.New(fault.Usage, "%q is no address of GitHub's API: %w", o.API, err)
	}
	return &Forge{o: o, client: c, cloud: cloud}, nil
}

// split takes a project's name apart. Names go into the library's addresses as
// they are, so only what GitHub allows in them passes.
func split(project string) (owner, repo string, err error) {
	owner, repo, ok := strings.Cut(project, "/")
	if !ok || !isName(owner) || !isName(repo) {
		return "", "", fault.New(fault.Invalid, "%q is no project of GitHub", project).WithHint("it is OWNER/NAME")
	}
	return owner, repo, nil
}

func isName(s string) bool {
	for _, c := range s {
		if c != '-' && c != '_' && c != '.' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != "" && s != "." && !strings.Contains(s, "..")
}

// isCommit guards addresses that commits go into.
func isCommit(s string) bool {
	return len(s) >= 4 && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}

func short(commit string) string { return commit[:min(len(commit), 8)] }

// refused explains a failed call.
func (f *Forge) refused(doing, needs string, res *github.Response, err error) error {
	a := forge.Answer{Forge: "GitHub at " + f.o.Server, Doing: doing, Needs: needs, Err: err, Status: status(res)}
	if a.Status != 0 {
		a.Message = message(err)
	}
	if limited(err) { // GitHub answers 403, which would read as a missing right
		a.Status = http.StatusTooManyRequests
	}
	return a.Fault()
}

// limited reports a call that was turned away for its rate alone.
func limited(err error) bool {
	var primary *github.RateLimitError
	var secondary *github.AbuseRateLimitError
	return errors.As(err, &primary) || errors.As(err, &secondary)
}

// message is GitHub's own words, those on single fields included.
func message(err error) string {
	var e *github.ErrorResponse
	if !errors.As(err, &e) {
		var primary *github.RateLimitError
		var secondary *github.AbuseRateLimitError
		switch {
		case errors.As(err, &primary):
			return primary.Message
		case errors.As(err, &secondary):
			return secondary.Message
		}
		return ""
	}
	said := []string{e.Message}
	for _, one := range e.Errors {
		switch {
		case one.Message != "":
			said = append(said, one.Message)
		case one.Field != "":
			said = append(said, one.Field+" is "+one.Code)
		}
	}
	return strings.Join(said, ": ")
}

func status(res *github.Response) int {
	if res == nil || res.Response == nil {
		return 0
	}
	return res.StatusCode
}

// Lacks lists what GitHub has not.
func (f *Forge) Lacks() []forge.Lack {
	return []forge.Lack{{Ability: forge.Uploads, Reason: "GitHub has no API that takes pictures for comments"}}
}

// MaxComment is the longest comment, in characters.
func (f *Forge) MaxComment() int { return maxComment }

// who is whose token we have.
type who struct {
	login  string // empty: GitHub does not tell
	kind   string // user, bot, job
	scopes []string
	old    bool // a classic token: its scopes are told, and all that it has
}

// whose asks once whose token it is. The tokens of jobs and of other apps may
// not ask: GitHub answers 403.
func (f *Forge) whose(ctx context.Context) (who, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.me != nil {
		return *f.me, nil
	}
	w := who{kind: "user"}
	if f.o.Token != "" {
		u, res, err := f.client.Users.Get(ctx, "")
		switch {
		case status(res) == http.StatusForbidden && !limited(err):
			w.kind = "job"
		case err != nil:
			return w, f.refused("asking who we are", "any right", res, err)
		default:
			w.login = u.GetLogin()
			if u.GetType() == "Bot" {
				w.kind = "bot"
			}
			w.scopes, w.old = scopes(res.Header)
		}
	}
	f.me = &w
	return w, nil
}

// scopes reads what a classic token may; other tokens have no such header.
func scopes(h http.Header) (list []string, classic bool) {
	values, classic := h["X-Oauth-Scopes"]
	for s := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	return list, classic
}

// learn keeps the name under which GitHub shows what we wrote, where it did not
// tell it before.
func (f *Forge) learn(login string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.me != nil && f.me.kind == "job" && f.me.login == "" {
		f.me.login = login
	}
}
