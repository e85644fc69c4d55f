package forge

import (
	"encoding/json"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// Kind names a forge.
type Kind string

// The forges that can be detected.
const (
	None   Kind = ""
	GitLab Kind = "gitlab"
	GitHub Kind = "github"
	Gitea  Kind = "gitea"
	Local  Kind = "local"
)

// Job is what a CI job's environment says of itself. Fields that the forge
// does not tell are empty.
type Job struct {
	Kind          Kind
	Server        string // base address of the forge
	API           string // base address of its API, where the job tells it
	Fork          string // project that the change comes from, when it is another one
	Project       string // e.g. team/digits-trainer
	Commit        string // the commit that the job is about: of a change its head, not the merge that was made for testing
	Branch        string // source branch
	Target        string // target branch of the change
	Change        int    // number of the merge request, 0 when none is told
	Pipeline      string // address, or id
	Name          string // of the job
	URL           string // of the job
	Actor         string
	DefaultBranch string
}

// Detect reads the environment through getenv. GitHub and Gitea tell a pull
// request's head only in the event file, which is read too.
func Detect(getenv func(string) string) Job {
	switch {
	case getenv("ASSAY_FORGE") != "":
		return local(getenv)
	case getenv("GITLAB_CI") != "":
		return gitlab(getenv)
	case getenv("GITEA_ACTIONS") != "" || getenv("FORGEJO_ACTIONS") != "":
		j := actions(getenv)
		j.Kind = Gitea
		return j
	case getenv("GITHUB_ACTIONS") != "":
		return actions(getenv)
	}
	return Job{}
}

// local is the small forge of the demo and the stories: ASSAY_FORGE is its
// folder.
func local(getenv func(string) string) Job {
	n, _ := strconv.Atoi(getenv("ASSAY_CHANGE"))
	return Job{
		Kind: Local, Server: getenv("ASSAY_FORGE"), Project: getenv("ASSAY_PROJECT"), Change: n,
		Name: getenv("ASSAY_JOB"), Actor: getenv("ASSAY_ACTOR"), Pipeline: getenv("ASSAY_PIPELINE"),
		DefaultBranch: "main",
	}
}

func gitlab(getenv func(string) string) Job {
	n, _ := strconv.Atoi(getenv("CI_MERGE_REQUEST_IID"))
	j := Job{
		Kind: GitLab, Server: getenv("CI_SERVER_URL"), API: getenv("CI_API_V4_URL"), Project: getenv("CI_PROJECT_PATH"),
		Commit: getenv("CI_COMMIT_SHA"), Branch: getenv("CI_COMMIT_REF_NAME"), Change: n,
		Target:   getenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
		Pipeline: getenv("CI_PIPELINE_URL"), Name: getenv("CI_JOB_NAME"), URL: getenv("CI_JOB_URL"),
		Actor: getenv("GITLAB_USER_LOGIN"), DefaultBranch: getenv("CI_DEFAULT_BRANCH"),
	}
	if b := getenv("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"); b != "" {
		j.Branch = b
	}
	// A fork's pipeline runs in the fork; the merge request is the target's.
	if target := getenv("CI_MERGE_REQUEST_PROJECT_PATH"); target != "" {
		j.Project = target
	}
	if source := getenv("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH"); source != j.Project {
		j.Fork = source
	}
	// A merged-result pipeline runs on a commit that nobody pushed.
	if sha := getenv("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"); sha != "" {
		j.Commit = sha
	}
	return j
}

func actions(getenv func(string) string) Job {
	j := Job{
		Kind: GitHub, Server: getenv("GITHUB_SERVER_URL"), API: getenv("GITHUB_API_URL"), Project: getenv("GITHUB_REPOSITORY"),
		Commit: getenv("GITHUB_SHA"), Branch: getenv("GITHUB_REF_NAME"), Target: getenv("GITHUB_BASE_REF"),
		Name: getenv("GITHUB_JOB"), Actor: getenv("GITHUB_ACTOR"),
	}
	if b := getenv("GITHUB_HEAD_REF"); b != "" {
		j.Branch = b
	}
	if id := getenv("GITHUB_RUN_ID"); id != "" && j.Server != "" && j.Project != "" {
		if u, err := url.JoinPath(j.Server, j.Project, "actions/runs", id); err == nil {
			j.Pipeline, j.URL = u, u
		}
	}
	if n, ok := strings.CutPrefix(getenv("GITHUB_REF"), "refs/pull/"); ok {
		number, _, _ := strings.Cut(n, "/")
		j.Change, _ = strconv.Atoi(number)
	}
	readEvent(getenv("GITHUB_EVENT_PATH"), &j)
	return j
}

// readEvent completes a job from the webhook's payload that started it.
func readEvent(path string, j *Job) {
	if path == "" {
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return // the facts are optional
	}
	var e struct {
		PullRequest struct {
			Number int
			Head   struct {
				SHA  string
				Repo struct {
					FullName string `json:"full_name"`
				}
			}
		} `json:"pull_request"`
		Repository struct {
			DefaultBranch string `json:"default_branch"`
		}
	}
	if json.Unmarshal(data, &e) != nil {
		return
	}
	if e.PullRequest.Number > 0 {
		j.Change = e.PullRequest.Number
	}
	if e.PullRequest.Head.SHA != "" {
		j.Commit = e.PullRequest.Head.SHA
	}
	if from := e.PullRequest.Head.Repo.FullName; from != j.Project {
		j.Fork = from
	}
	j.DefaultBranch = e.Repository.DefaultBranch
}
