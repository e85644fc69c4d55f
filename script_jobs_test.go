package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/git"
)

// job sets the environment that the forge's runner sets, and makes its checkout.
func (h *hub) job(ts *testscript.TestScript, a []string) {
	ctx, p, dir := context.Background(), h.projects[h.project], at(ts, "job")
	ts.Check(ts.Chdir(ts.Getenv("WORK")))
	ts.Check(os.RemoveAll(dir))
	_, err := p.bare.Run(ctx, "clone", "-q", p.bare.Dir, dir)
	ts.Check(err)
	w := &git.Repo{Dir: dir}
	var c forge.Change
	if a[0] == "change" {
		c = h.changeOf(ts, a[1])
		from := p.bare.Dir
		if c.Fork != "" {
			from = h.projects[c.Fork].bare.Dir
		}
		_, err = w.Run(ctx, "fetch", "-q", from, c.Source)
		ts.Check(err)
	} else {
		c.Source, c.Target = a[1], ""
		c.Head, err = p.bare.Resolve(ctx, a[1])
		ts.Check(err)
	}
	at := c.Head
	_, err = w.Run(ctx, "checkout", "-q", "--detach", at)
	ts.Check(err)
	if h.kind == forge.GitHub && a[0] == "change" && len(a) == 2 { // the merge that GitHub makes for testing
		for _, s := range [][]string{{"checkout", "-q", "--detach", "origin/" + c.Target}, {"merge", "-q", "--no-ff", "-m", "Merge for testing", c.Head}} {
			_, err = w.Run(ctx, append([]string{"-c", "user.name=github", "-c", "user.email=noreply@github.com"}, s...)...)
			ts.Check(err)
		}
		at, err = w.Head(ctx)
		ts.Check(err)
	}
	vars := h.actions(ts, c, at)
	if h.kind == forge.GitLab {
		vars = h.pipeline(c)
		// GitLab's runner keeps the job's token there.
		h.tokens = append(h.tokens, "glcbt-SECRETSECRET")
		_, err = w.Run(ctx, "remote", "set-url", "origin", strings.Replace(h.url, "//", "//gitlab-ci-token:glcbt-SECRETSECRET@", 1)+"/"+h.project+".git")
		ts.Check(err)
	}
	for k, v := range vars {
		ts.Setenv(k, v)
	}
	ts.Check(ts.Chdir(dir))
}

// actions is the environment of a job of GitHub Actions
// (docs.github.com/actions/reference/workflows-and-actions/variables).
func (h *hub) actions(ts *testscript.TestScript, c forge.Change, commit string) map[string]string {
	owner, _, _ := strings.Cut(h.project, "/")
	event := map[string]any{"repository": map[string]any{"full_name": h.project, "default_branch": "main"}}
	vars := map[string]string{
		"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": h.url, "GITHUB_API_URL": h.url, "GITHUB_REPOSITORY": h.project,
		"GITHUB_REPOSITORY_OWNER": owner, "GITHUB_WORKFLOW": "model", "GITHUB_JOB": "report", "GITHUB_RUN_ID": "4711", "GITHUB_RUN_ATTEMPT": "1",
		"GITHUB_ACTOR": "ada", "GITHUB_SHA": commit, "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/" + c.Source,
		"GITHUB_REF_NAME": c.Source, "GITHUB_HEAD_REF": "", "GITHUB_BASE_REF": "",
		"GITHUB_EVENT_PATH": at(ts, "event.json"), "GITHUB_STEP_SUMMARY": at(ts, "summary.md"),
	}
	if c.Number > 0 {
		vars["GITHUB_EVENT_NAME"], vars["GITHUB_REF"] = "pull_request", fmt.Sprintf("refs/pull/%d/merge", c.Number)
		vars["GITHUB_REF_NAME"], vars["GITHUB_HEAD_REF"], vars["GITHUB_BASE_REF"] = fmt.Sprintf("%d/merge", c.Number), c.Source, c.Target
		event["number"] = c.Number
		event["pull_request"] = map[string]any{
			"number": c.Number, "title": c.Title, "base": map[string]any{"ref": c.Target},
			"head": map[string]any{"ref": c.Source, "sha": c.Head, "repo": map[string]any{"full_name": cmp.Or(c.Fork, h.project)}},
		}
	}
	data, err := json.Marshal(event)
	ts.Check(err)
	ts.Check(os.WriteFile(vars["GITHUB_EVENT_PATH"], data, 0o644))
	ts.Check(os.WriteFile(vars["GITHUB_STEP_SUMMARY"], nil, 0o644))
	return vars
}

// pipeline is the environment of a job of GitLab CI
// (docs.gitlab.com/ci/variables/predefined_variables).
func (h *hub) pipeline(c forge.Change) map[string]string {
	project := cmp.Or(c.Fork, h.project) // a fork's pipeline is the fork's
	vars := map[string]string{
		"CI": "true", "GITLAB_CI": "true", "CI_SERVER_URL": h.url, "CI_API_V4_URL": h.url + "/api/v4", "CI_PROJECT_PATH": project,
		"CI_PROJECT_URL": h.url + "/" + project, "CI_COMMIT_SHA": c.Head, "CI_COMMIT_REF_NAME": c.Source, "CI_COMMIT_BRANCH": c.Source,
		"CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push", "CI_PIPELINE_URL": h.url + "/" + project + "/-/pipelines/4711",
		"CI_JOB_NAME": "report", "CI_JOB_URL": h.url + "/" + project + "/-/jobs/42", "GITLAB_USER_LOGIN": "ada", "CI_JOB_TOKEN": "glcbt-SECRETSECRET",
		"CI_MERGE_REQUEST_IID": "", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "",
		"CI_MERGE_REQUEST_PROJECT_PATH": "", "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "",
		"GITHUB_STEP_SUMMARY": "", "GITHUB_ACTIONS": "",
	}
	if c.Number > 0 {
		vars["CI_PIPELINE_SOURCE"], vars["CI_COMMIT_BRANCH"] = "merge_request_event", ""
		vars["CI_MERGE_REQUEST_IID"] = strconv.Itoa(c.Number)
		vars["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"], vars["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] = c.Source, c.Target
		vars["CI_MERGE_REQUEST_PROJECT_PATH"], vars["CI_MERGE_REQUEST_SOURCE_PROJECT_PATH"] = h.project, project
	}
	return vars
}
