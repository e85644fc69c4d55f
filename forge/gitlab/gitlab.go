// Package gitlab is the driver of GitLab, on gitlab.com and self-managed, at
// the root of a host or below a sub-path. It has merge requests, notes, commit
// statuses, uploads, approvals, deployments and triggers. A job's own token
// (CI_JOB_TOKEN) writes none of these: it takes a project's, a group's or a
// person's.
package gitlab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// maxComment is the longest note, in characters: GitLab takes 1,000,000.
const maxComment = 999_999

// pageSize is the greatest that GitLab gives; maxPages bounds a listing.
const (
	pageSize = 100
	maxPages = 200
)

// Options is what a driver is made of.
type Options struct {
	Server string // base address; below a sub-path, with it
	API    string // base address of the API; empty: SERVER/api/v4
	Token  string
	HTTP   *http.Client // see forge/transport; nil: a plain one that follows no redirections
}

// Forge is the driver.
type Forge struct {
	o      Options
	client *gitlab.Client
	bare   *gitlab.Client // sends no token of ours

	mu sync.Mutex
	me *gitlab.User // once asked
}

// New makes a driver. It asks nothing yet.
func New(o Options) (*Forge, error) {
	o.Server, o.API = strings.TrimRight(o.Server, "/"), strings.TrimRight(o.API, "/")
	if o.Server == "" && o.API != "" {
		o.Server = strings.TrimSuffix(o.API, "/api/v4")
	}
	u, err := url.Parse(o.Server)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fault.New(fault.Usage, "%q is no address of a GitLab server", o.Server).
			WithHint("set `forge: {kind: gitlab, url: https://…}` in assay.yaml, or CI_SERVER_URL as its runner does")
	}
	if o.API == "" {
		o.API = o.Server + "/api/v4"
	}
	f := &Forge{o: o}
	if f.client, err = client(o, gitlab.AccessTokenAuthSource{Token: o.Token}); err == nil {
		f.bare, err = client(o, gitlab.Unauthenticated{})
	}
	if err != nil {
		return nil, fault.New(fault.Usage, "%q is no address of GitLab's API: %w", o.API, err)
	}
	return f, nil
}

// client is the library's, without what forge/transport does better: retries,
// and a limiter that waits without telling.
func client(o Options, as gitlab.AuthSource) (*gitlab.Client, error) {
	if o.Token == "" {
		as = gitlab.Unauthenticated{}
	}
	h := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if o.HTTP != nil {
		h = *o.HTTP
	}
	h.Transport = speaking{h.Transport}
	return gitlab.NewAuthSourceClient(as, gitlab.WithBaseURL(o.API), gitlab.WithHTTPClient(&h), gitlab.WithoutRetries(),
		gitlab.WithCustomLimiter(unlimited{}), gitlab.WithUserAgent("assay"), gitlab.WithURLWarningLogger(slog.New(slog.DiscardHandler)))
}

// unlimited leaves the pace to the transport.
type unlimited struct{}

func (unlimited) Wait(context.Context) error { return nil }

// speaking keeps what GitLab says when it does not find something: the library
// throws the words away, which tell a missing project from a missing commit.
type speaking struct{ base http.RoundTripper }

const wordsHeader = "X-Assay-Message"

func (s speaking) RoundTrip(req *http.Request) (*http.Response, error) {
	base := s.base
	if base == nil {
		base = http.DefaultTransport
	}
	res, err := base.RoundTrip(req)
	if err != nil || res.StatusCode != http.StatusNotFound {
		return res, err
	}
	said, _ := io.ReadAll(io.LimitReader(res.Body, 4096)) // what cannot be read is not said
	var body struct{ Message, Error any }
	words := ""
	if json.Unmarshal(said, &body) == nil {
		for _, v := range []any{body.Message, body.Error} {
			if text, ok := v.(string); ok && words == "" {
				words = strings.Join(strings.Fields(text), " ")
			}
		}
	}
	res.Header.Set(wordsHeader, words)
	return res, nil
}

// checked refuses what is no project's path. Names are escaped on the way.
func checked(project string) error {
	if group, name, ok := strings.Cut(project, "/"); !ok || group == "" || name == "" {
		return fault.New(fault.Invalid, "%q is no project of GitLab", project).WithHint("it is GROUP/NAME, or GROUP/SUBGROUP/NAME")
	}
	return nil
}

// isCommit guards calls that also take the name of a branch.
func isCommit(s string) bool {
	return len(s) >= 7 && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}

func short(commit string) string { return commit[:min(len(commit), 8)] }

// refused explains a failed call.
func (f *Forge) refused(doing, needs string, res *gitlab.Response, err error) error {
	return forge.Answer{
		Forge: "GitLab at " + f.o.Server, Doing: doing, Needs: needs, Status: status(res), Message: message(res, err), Err: err,
	}.Fault()
}

func status(res *gitlab.Response) int {
	if res == nil || res.Response == nil {
		return 0
	}
	return res.StatusCode
}

// message is GitLab's own words.
func message(res *gitlab.Response, err error) string {
	if status(res) == http.StatusNotFound {
		return res.Header.Get(wordsHeader)
	}
	var e *gitlab.ErrorResponse
	if !errors.As(err, &e) {
		return ""
	}
	if words, ok := strings.CutPrefix(e.Message, "failed to parse unknown error format: "); ok {
		return strings.TrimSpace(words) // a page of a proxy
	}
	return unwrapped(e.Message)
}

// unwrapped takes the library's rendering of a JSON answer off: {message: …},
// {error: …}.
func unwrapped(s string) string {
	inner, ok := strings.CutPrefix(s, "{")
	if !ok || !strings.HasSuffix(inner, "}") {
		return s
	}
	name, words, ok := strings.Cut(strings.TrimSuffix(inner, "}"), ": ")
	if !ok || name != "message" && name != "error" {
		return s
	}
	return words
}

// each reads all pages of a listing. more may end it by answering false.
func each[T any](list func(gitlab.RequestOptionFunc) ([]T, *gitlab.Response, error), more func([]T) bool) (*gitlab.Response, error) {
	for page := int64(1); page <= maxPages && page > 0; {
		// Not every call takes options; this one of the library's sets any values.
		part, res, err := list(gitlab.WithKeysetPaginationParameters(fmt.Sprintf("?page=%d&per_page=%d", page, pageSize)))
		if err != nil {
			return res, err
		}
		if len(part) == 0 || !more(part) {
			return res, nil
		}
		page = res.NextPage
	}
	return nil, nil
}

// Lacks lists what GitLab has not.
func (f *Forge) Lacks() []forge.Lack {
	return []forge.Lack{{Ability: forge.JobSummary, Reason: "GitLab shows no summary of a job; its widgets for merge requests do"}}
}

// MaxComment is the longest comment, in characters.
func (f *Forge) MaxComment() int { return maxComment }

// whose asks once whose token it is.
func (f *Forge) whose(ctx context.Context) (*gitlab.User, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.me != nil {
		return f.me, nil
	}
	u, res, err := f.client.Users.CurrentUser(gitlab.WithContext(ctx))
	if err != nil {
		return nil, f.refused("asking who we are", "the scope `read_api` or `api`", res, err)
	}
	f.me = u
	return u, nil
}
