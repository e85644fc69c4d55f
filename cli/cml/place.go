package cml

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/assay-ml/assay/cli/forges"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/git"
)

// place is where a command works.
type place struct {
	s      *session
	job    forge.Job
	forge  forges.Driver
	change *forge.Change // once asked
	probed bool          // the address of the forge is only guessed, by a repository's
}

// open finds the repository – by --repo, by what the job tells, by Git's remote
// origin – and the driver of its forge.
func (s *session) open(ctx context.Context) (*place, error) {
	p := &place{s: s, job: forge.Detect(s.env.Getenv)}
	if err := p.locate(ctx); err != nil {
		return nil, err
	}
	if s.driver != "" {
		switch k := forge.Kind(s.driver); k {
		case forge.GitHub, forge.GitLab, forge.Gitea:
			p.job.Kind = k
		case "bitbucket":
			return nil, fault.New(fault.Unsupported, "there is no driver for bitbucket yet")
		default:
			return nil, usageError{fmt.Sprintf("Invalid values:\n  Argument: driver, Given: %q, Choices: github, gitlab, gitea", s.driver)}
		}
	}
	client, err := s.client()
	if err != nil {
		return nil, err
	}
	if p.probed && p.job.Kind == forge.GitLab {
		p.probe(ctx, client)
	}
	p.forge, err = s.driverOf(p.job, client)
	return p, err
}

func (s *session) driverOf(j forge.Job, client *http.Client) (forges.Driver, error) {
	token := s.secret(j.Kind)
	if token == "" && j.Kind != forge.Local && j.Kind != forge.None {
		return nil, fault.New(fault.Denied, "token not found").WithHint("set REPO_TOKEN, or give --token")
	}
	if j.Kind == forge.None {
		return nil, fault.New(fault.Usage, "driver not set").WithHint("give --driver: github, gitlab or gitea")
	}
	return forges.Open(j, token, client)
}

// secret is the token: what was given, else CML's variables in its order, but
// none that is named for another forge: it would be told to it.
func (s *session) secret(k forge.Kind) string {
	names := []string{"REPO_TOKEN", "repo_token"}
	switch k {
	case forge.GitHub:
		names = append(names, "GITHUB_TOKEN")
	case forge.GitLab:
		names = append(names, "GITLAB_TOKEN")
	case forge.Gitea:
		names = append(names, "GITEA_TOKEN", "GITHUB_TOKEN") // its runner sets the last
	}
	if s.token != "" {
		return s.token
	}
	for _, name := range names {
		if v := strings.TrimSpace(s.env.Getenv(name)); v != "" {
			return v
		}
	}
	token, _ := forge.Token(s.env.Getenv, k)
	return token
}

// locate fills in server and project.
func (p *place) locate(ctx context.Context) error {
	address := strings.TrimRight(p.s.repo, "/")
	switch {
	case address == "" && p.job.Project != "":
		return nil
	case address == "":
		repo, err := git.Open(ctx, p.s.env.Dir)
		if err != nil {
			return err
		}
		address = repo.Remote(ctx, "origin")
	case !strings.Contains(address, ":"): // OWNER/NAME
		p.name(address)
		if p.job.Server == "" {
			return fault.New(fault.Usage, "--repo=%s does not say on which server", address).WithHint("write its whole address")
		}
		return nil
	}
	r, ok := forge.ParseRemote(address)
	if !ok {
		return fault.New(fault.Usage, "%q is no address of a repository", git.Redact(address)).WithHint("give --repo=https://HOST/OWNER/NAME")
	}
	if server, err := url.Parse(p.job.Server); err == nil && server.Host != "" && server.Hostname() == hostname(r.Server) {
		// The job tells of a sub-path and of an address of the API.
		p.name(strings.TrimPrefix(r.Project, strings.Trim(server.Path, "/")+"/"))
		return nil
	}
	kind := cmp.Or(r.Kind, p.job.Kind)
	p.job.API, p.job.Server, p.job.Kind, p.probed = "", r.Server, kind, true
	p.name(r.Project)
	return nil
}

// probe finds the sub-path that a GitLab lies below: which part of a
// repository's address is the group's cannot be told by looking. No token is
// sent; GitLab answers 401, in JSON.
func (p *place) probe(ctx context.Context, client *http.Client) {
	server, project := p.job.Server, p.job.Project
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/api/v4/version", nil)
		if err != nil {
			return
		}
		res, err := client.Do(req)
		if err != nil {
			return // the first call says it better
		}
		res.Body.Close()
		isAPI := strings.HasPrefix(res.Header.Get("Content-Type"), "application/json")
		if isAPI && (res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusOK) {
			p.job.Server = server
			p.name(project)
			return
		}
		first, rest, more := strings.Cut(project, "/")
		if !more || !strings.Contains(rest, "/") {
			return
		}
		server, project = server+"/"+first, rest
	}
}

// name sets the project; what the job says of a merge request is of its own.
func (p *place) name(project string) {
	if p.job.Project != project {
		p.job.Project, p.job.Change, p.job.Fork = project, 0, ""
	}
}

func hostname(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// commit is the job's, else the one that is checked out.
func (p *place) commit(ctx context.Context) (string, error) {
	if p.job.Commit != "" {
		return p.job.Commit, nil
	}
	repo, err := git.Open(ctx, p.s.env.Dir)
	if err != nil {
		return "", err
	}
	return repo.Head(ctx)
}

// target finds the merge request that a comment is for: pr/N, pr, or auto.
func (p *place) target(ctx context.Context, name string) (forge.Change, error) {
	kind, id, qualified := strings.Cut(name, "/")
	switch word := strings.ToLower(kind); {
	case qualified && word == "pr":
		n, err := strconv.Atoi(id)
		if err != nil || n < 1 {
			return forge.Change{}, fault.New(fault.Usage, "Failed to parse comment --target=%q", name)
		}
		return forge.Change{Project: p.job.Project, Number: n}, nil
	case word == "commit" && (!qualified || id != ""), qualified && word == "issue":
		return forge.Change{}, fault.New(fault.Unsupported, "--target=%s: comments on commits and issues are not offered yet", name).
			WithHint("--target=pr/N comments on a merge request")
	case qualified:
		return forge.Change{}, fault.New(fault.Usage, "unsupported comment target %q", name)
	case word != "auto" && word != "pr":
		return forge.Change{}, fault.New(fault.Usage, "Failed to parse comment --target=%q", name)
	}
	if p.change != nil {
		return *p.change, nil
	}
	c, err := p.find(ctx)
	if err == nil {
		p.change = &c
	}
	return c, err
}

// find asks by the number that the job tells, else by the commit: a pipeline of
// a branch is not told which merge request it is for.
func (p *place) find(ctx context.Context) (forge.Change, error) {
	if p.job.Change > 0 {
		return forge.Change{Project: p.job.Project, Number: p.job.Change, Fork: p.job.Fork}, nil
	}
	commit, err := p.commit(ctx)
	if err != nil {
		return forge.Change{}, err
	}
	c, err := p.forge.ChangeOfCommit(ctx, p.job.Project, commit)
	if fault.Is(err, fault.NotFound) {
		return c, fault.New(fault.NotFound, "PR for commit sha %q not found: %w", commit, err).
			WithHint("comments on commits are not offered yet: run this in pipelines of merge requests")
	}
	return c, err
}

// client is the patient one that all drivers use.
func (s *session) client() (*http.Client, error) {
	return forges.Client(s.env.Getenv, func(why string, d time.Duration) {
		s.log.say("info", fmt.Sprintf("%s; trying again in %s", why, d.Round(time.Second)))
	})
}
