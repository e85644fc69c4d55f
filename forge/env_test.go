package forge

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDetect(t *testing.T) {
	event := filepath.Join(t.TempDir(), "event.json")
	os.WriteFile(event, []byte(`{"pull_request":{"number":7,"head":{"sha":"9f8e7d6","repo":{"full_name":"team/digits"}}},"repository":{"default_branch":"trunk"}}`), 0o644)
	for name, c := range map[string]struct {
		env  map[string]string
		want Job
	}{
		"plain shell": {nil, Job{}},
		"GitLab merge request": {
			map[string]string{
				"GITLAB_CI": "true", "CI_SERVER_URL": "https://gitlab.com", "CI_PROJECT_PATH": "team/digits",
				"CI_COMMIT_SHA": "merged", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "head", "CI_COMMIT_REF_NAME": "refs/merge-requests/3/head",
				"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "wider", "CI_MERGE_REQUEST_IID": "3", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
				"CI_JOB_NAME": "report", "GITLAB_USER_LOGIN": "ada", "CI_DEFAULT_BRANCH": "main",
			},
			Job{
				Kind: GitLab, Server: "https://gitlab.com", Project: "team/digits", Commit: "head", Branch: "wider",
				Target: "main", Change: 3, Name: "report", Actor: "ada", DefaultBranch: "main",
			},
		},
		"GitHub pull request": {
			map[string]string{
				"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "team/digits",
				"GITHUB_SHA": "testmerge", "GITHUB_HEAD_REF": "wider", "GITHUB_BASE_REF": "trunk", "GITHUB_REF": "refs/pull/7/merge",
				"GITHUB_REF_NAME": "7/merge", "GITHUB_EVENT_PATH": event, "GITHUB_RUN_ID": "99", "GITHUB_JOB": "report", "GITHUB_ACTOR": "ada",
			},
			Job{
				Kind: GitHub, Server: "https://github.com", Project: "team/digits", Commit: "9f8e7d6", Branch: "wider", Target: "trunk",
				Change: 7, Name: "report", Actor: "ada", DefaultBranch: "trunk",
				Pipeline: "https://github.com/team/digits/actions/runs/99", URL: "https://github.com/team/digits/actions/runs/99",
			},
		},
		"GitHub pull request from a fork": {
			map[string]string{
				"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_API_URL": "https://api.github.com",
				"GITHUB_REPOSITORY": "other/digits", "GITHUB_EVENT_PATH": event,
			},
			Job{
				Kind: GitHub, Server: "https://github.com", API: "https://api.github.com", Project: "other/digits", Fork: "team/digits",
				Commit: "9f8e7d6", Change: 7, DefaultBranch: "trunk",
			},
		},
		"GitLab, in the fork": {
			map[string]string{
				"GITLAB_CI": "true", "CI_SERVER_URL": "https://gitlab.example.com/sub", "CI_API_V4_URL": "https://gitlab.example.com/sub/api/v4",
				"CI_PROJECT_PATH": "eve/digits", "CI_MERGE_REQUEST_PROJECT_PATH": "team/digits",
				"CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "eve/digits", "CI_COMMIT_SHA": "c", "CI_MERGE_REQUEST_IID": "4",
			},
			Job{
				Kind: GitLab, Server: "https://gitlab.example.com/sub", API: "https://gitlab.example.com/sub/api/v4", Project: "team/digits",
				Fork: "eve/digits", Commit: "c", Change: 4,
			},
		},
		"the small forge": {
			map[string]string{"ASSAY_FORGE": "/srv/forge", "ASSAY_PROJECT": "digits", "ASSAY_CHANGE": "2"},
			Job{Kind: Local, Server: "/srv/forge", Project: "digits", Change: 2, DefaultBranch: "main"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := Detect(func(k string) string { return c.env[k] })
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
