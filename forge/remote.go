package forge

import (
	"net/url"
	"strings"
)

// Remote is what a Git remote's address tells of a forge.
type Remote struct {
	Kind    Kind   // None where the host's name does not give it away
	Server  string // https://HOST, without the path of a forge below a sub-path
	Project string // all of the path, without .git
}

// ParseRemote reads a remote's address: https://host/owner/name.git,
// ssh://git@host:port/owner/name.git, or git@host:owner/name.git as scp writes
// it. Credentials are dropped. ok is false for a folder and for what has no
// path.
func ParseRemote(address string) (r Remote, ok bool) {
	address = strings.TrimSpace(address)
	host, path := "", ""
	scheme := "https"
	if u, err := url.Parse(address); err == nil && strings.Contains(address, "://") {
		switch u.Scheme {
		case "http", "https":
			scheme, host = u.Scheme, u.Host
		case "ssh", "git", "git+ssh":
			host = u.Hostname() // the port is SSH's, not the web's
		default:
			return r, false
		}
		path = u.Path
	} else if before, after, found := strings.Cut(address, ":"); found && !strings.ContainsAny(before, "/\\") && len(before) > 1 {
		host, path = before[strings.LastIndexByte(before, '@')+1:], after
	}
	path = strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	if host == "" || path == "" {
		return r, false
	}
	return Remote{Kind: kindOfHost(host), Server: scheme + "://" + host, Project: path}, true
}

// kindOfHost guesses by the host's name; a wrong guess is mended by `forge:`
// in assay.yaml.
func kindOfHost(host string) Kind {
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	for _, label := range strings.Split(name, ".") {
		switch label {
		case "github":
			return GitHub
		case "gitlab":
			return GitLab
		case "gitea", "forgejo", "codeberg":
			return Gitea
		}
	}
	return None
}

// TokenNames lists the variables that may hold a token for a forge, the most
// specific first. CI_JOB_TOKEN is not among them: it cannot write notes.
func TokenNames(kind Kind) []string {
	names := []string{"ASSAY_FORGE_TOKEN"}
	switch kind {
	case GitHub:
		names = append(names, "GH_TOKEN", "GITHUB_TOKEN")
	case GitLab:
		names = append(names, "GITLAB_TOKEN")
	case Gitea:
		names = append(names, "GITEA_TOKEN", "FORGEJO_TOKEN", "GITHUB_TOKEN") // its runner sets the last
	}
	return append(names, "REPO_TOKEN", "repo_token") // CML's names
}

// Token returns the first token of TokenNames that is set, and its variable.
func Token(getenv func(string) string, kind Kind) (token, name string) {
	for _, name := range TokenNames(kind) {
		if v := strings.TrimSpace(getenv(name)); v != "" {
			return v, name
		}
	}
	return "", ""
}
