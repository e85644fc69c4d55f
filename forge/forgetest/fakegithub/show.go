package fakegithub

import (
	"fmt"
	"strings"
	"time"
)

// object is JSON as GitHub writes it; every field that its description calls
// required is there, whether or not anybody reads it.
type object = map[string]any

// links adds addresses below a base, each under NAME_url.
func links(o object, base string, names ...string) {
	for _, n := range names {
		path, template, _ := strings.Cut(n, "{")
		if template != "" {
			template = "{" + template
		}
		o[path+"_url"] = base + "/" + path + template
	}
}

func node(kind string, id int) string { return fmt.Sprintf("%s_%d", kind, id) }

func (c *call) showUser(u *user) object {
	kind := "User"
	if u.bot {
		kind = "Bot"
	}
	at := c.api("/users/%s", u.login)
	o := object{
		"login": u.login, "id": u.id, "node_id": node("U", u.id), "avatar_url": c.web("/avatars/%d", u.id), "gravatar_id": "",
		"url": at, "html_url": c.web("/%s", u.login), "type": kind, "site_admin": false, "user_view_type": "public",
	}
	links(o, at, "followers", "following{/other_user}", "gists{/gist_id}", "starred{/owner}{/repo}", "subscriptions", "organizations",
		"repos", "events{/privacy}", "received_events")
	return o
}

func (c *call) showFullUser(u *user) object {
	o := c.showUser(u)
	for _, k := range []string{"name", "company", "location", "email", "hireable", "bio", "twitter_username"} {
		o[k] = nil
	}
	o["blog"] = ""
	for _, k := range []string{"public_repos", "public_gists", "followers", "following"} {
		o[k] = 0
	}
	o["created_at"], o["updated_at"] = stamp(time.Unix(1.6e9, 0)), stamp(time.Unix(1.6e9, 0))
	return o
}

func (c *call) showRepo(r *repo) object {
	at := c.api("/repos/%s", r.name())
	o := object{
		"id": r.id, "node_id": node("R", r.id), "name": r.title, "full_name": r.name(), "owner": c.showUser(c.user(r.owner)),
		"private": r.private, "html_url": c.web("/%s", r.name()), "description": nil, "fork": r.parent != nil, "url": at,
	}
	links(o, at, "forks", "keys{/key_id}", "collaborators{/collaborator}", "teams", "hooks", "events", "assignees{/user}",
		"branches{/branch}", "tags", "languages", "stargazers", "contributors", "subscribers", "subscription",
		"commits{/sha}", "comments{/number}", "merges", "downloads", "issues{/number}",
		"pulls{/number}", "milestones{/number}", "notifications{?since,all,participating}", "labels{/name}", "releases{/id}", "deployments",
		"archive{/ref}")
	for short, path := range map[string]string{
		"issue_events": "/issues/events{/number}", "blobs": "/git/blobs{/sha}", "git_tags": "/git/tags{/sha}", "git_refs": "/git/refs{/sha}",
		"trees": "/git/trees{/sha}", "statuses": "/statuses/{sha}", "git_commits": "/git/commits{/sha}",
		"issue_comment": "/issues/comments{/number}", "compare": "/compare/{base}...{head}", "contents": "/contents/{+path}",
	} {
		o[short+"_url"] = at + path
	}
	return o
}

// showBranchRepo is a project as a pull request names it.
func (c *call) showBranchRepo(r *repo) any {
	if c.repos[strings.ToLower(r.name())] != r {
		return nil // deleted
	}
	o := c.showRepo(r)
	for _, k := range []string{"forks", "forks_count", "open_issues", "open_issues_count", "size", "stargazers_count", "watchers", "watchers_count"} {
		o[k] = 0
	}
	for _, k := range []string{"has_downloads", "has_issues", "has_projects", "has_wiki"} {
		o[k] = true
	}
	for _, k := range []string{"has_pages", "archived", "disabled", "has_discussions"} {
		o[k] = false
	}
	for _, k := range []string{"homepage", "language", "mirror_url", "license"} {
		o[k] = nil
	}
	for _, k := range []string{"pushed_at", "created_at", "updated_at"} {
		o[k] = stamp(time.Unix(1.6e9, 0))
	}
	o["default_branch"], o["visibility"], o["topics"] = mainBranch, "public", []any{}
	if r.private {
		o["visibility"] = "private"
	}
	o["clone_url"], o["svn_url"] = c.web("/%s.git", r.name()), c.web("/%s", r.name())
	o["git_url"], o["ssh_url"] = "git://"+c.r.Host+"/"+r.name()+".git", "git@"+c.r.Host+":"+r.name()+".git"
	return o
}

func (c *call) showFullRepo(r *repo) object {
	o := c.showBranchRepo(r).(object)
	o["network_count"], o["subscribers_count"] = 0, 0
	if c.token != nil {
		role := r.role(c.token.Login)
		if c.token.Kind == Installation {
			role = read
		}
		o["permissions"] = object{"admin": role >= admin, "maintain": role >= admin, "push": role >= write, "triage": role >= write, "pull": role >= read}
	}
	return o
}

func (c *call) showLabels(names []string) []any {
	out := []any{}
	for i, n := range names {
		out = append(out, object{
			"id": i + 1, "node_id": node("LA", i+1), "url": c.api("/repos/%s/labels/%d", c.repo.name(), i+1), "name": n, "description": "",
			"color": "ededed", "default": false,
		})
	}
	return out
}

// association is how a person belongs to a project.
func association(r *repo, login string) string {
	switch role := r.role(login); {
	case strings.EqualFold(login, r.owner):
		return "OWNER"
	case role >= write:
		return "COLLABORATOR"
	}
	return "NONE"
}

// at is a time that may not have come.
func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

// showPull shows a pull request as lists do.
func (c *call) showPull(p *pull) object {
	r := c.repo
	api, web := c.api("/repos/%s/pulls/%d", r.name(), p.number), c.web("/%s/pull/%d", r.name(), p.number)
	issue := c.api("/repos/%s/issues/%d", r.name(), p.number)
	side := func(r *repo, ref, sha string) object {
		return object{"label": r.owner + ":" + ref, "ref": ref, "sha": sha, "user": c.showUser(c.user(r.owner)), "repo": c.showBranchRepo(r)}
	}
	o := object{
		"id": p.id, "node_id": node("PR", p.id), "number": p.number, "title": p.title, "body": p.body, "user": c.showUser(p.author),
		"state": "open", "locked": false, "draft": p.draft, "labels": c.showLabels(p.labels), "milestone": nil, "assignee": nil, "assignees": []any{},
		"requested_reviewers": []any{}, "requested_teams": []any{}, "created_at": stamp(p.opened), "updated_at": stamp(p.touched),
		"closed_at": at(p.closed), "merged_at": nil, "author_association": association(r, p.author.login), "auto_merge": nil,
		"head": side(p.from, p.ref, p.tip()), "base": side(r, p.base, r.branches[p.base]),
		// Of an open one it is a merge for testing, which is on no branch.
		"merge_commit_sha": name("test merge", r.branches[p.base], p.tip()),
		"url":              api, "html_url": web, "diff_url": web + ".diff", "patch_url": web + ".patch", "issue_url": issue,
		"commits_url": api + "/commits", "review_comments_url": api + "/comments", "review_comment_url": c.api("/repos/%s/pulls/comments{/number}", r.name()),
		"comments_url": issue + "/comments", "statuses_url": c.api("/repos/%s/statuses/%s", r.name(), p.tip()),
	}
	if p.body == "" {
		o["body"] = nil
	}
	if !p.open() {
		o["state"] = "closed"
	}
	if p.merged {
		o["merged_at"], o["merge_commit_sha"] = stamp(p.closed), p.result[len(p.result)-1]
	}
	all := object{"self": object{"href": api}, "html": object{"href": web}}
	for _, k := range []string{"issue", "comments", "review_comments", "review_comment", "commits", "statuses"} {
		all[k] = object{"href": o[k+"_url"]}
	}
	o["_links"] = all
	return o
}

func (c *call) showFullPull(p *pull) object {
	o := c.showPull(p)
	for _, k := range []string{"additions", "deletions", "changed_files", "commits", "review_comments"} {
		o[k] = 1
	}
	o["comments"] = len(c.repo.commentsOf(p.number))
	o["merged"], o["mergeable"], o["rebaseable"], o["mergeable_state"] = p.merged, p.open(), p.open(), "clean"
	o["maintainer_can_modify"], o["merged_by"] = false, nil
	return o
}

func (c *call) showReview(p *pull, v *review) object {
	web, api := c.web("/%s/pull/%d#pullrequestreview-%d", c.repo.name(), p.number, v.id), c.api("/repos/%s/pulls/%d", c.repo.name(), p.number)
	return object{
		"id": v.id, "node_id": node("PRR", v.id), "user": c.showUser(v.who), "body": "", "state": v.state, "commit_id": v.head,
		"submitted_at": stamp(v.at), "html_url": web, "pull_request_url": api, "author_association": association(c.repo, v.who.login),
		"_links": object{"html": object{"href": web}, "pull_request": object{"href": api}},
	}
}

func (c *call) showComment(m *comment) object {
	o := object{
		"id": m.id, "node_id": node("IC", m.id), "url": c.api("/repos/%s/issues/comments/%d", c.repo.name(), m.id), "body": m.body,
		"html_url":  c.web("/%s/pull/%d#issuecomment-%d", c.repo.name(), m.number, m.id),
		"issue_url": c.api("/repos/%s/issues/%d", c.repo.name(), m.number), "user": c.showUser(m.author),
		"created_at": stamp(m.at), "updated_at": stamp(m.edited), "author_association": association(c.repo, m.author.login),
		"performed_via_github_app": nil,
	}
	if m.app != "" {
		owner := c.user(m.app)
		o["performed_via_github_app"] = object{
			"id": owner.id, "slug": m.app, "node_id": node("A", owner.id), "owner": c.showUser(owner), "name": m.app, "description": nil,
			"external_url": c.web("/apps/%s", m.app), "html_url": c.web("/apps/%s", m.app), "created_at": stamp(time.Unix(1.6e9, 0)),
			"updated_at": stamp(time.Unix(1.6e9, 0)), "permissions": object{"issues": "write"}, "events": []any{},
		}
	}
	return o
}

// showStatus shows a status; only the answer to making one tells by whom.
func (c *call) showStatus(sha string, s status, creator bool) object {
	o := object{
		"id": s.id, "node_id": node("SC", s.id), "url": c.api("/repos/%s/statuses/%s", c.repo.name(), sha), "state": s.state,
		"avatar_url": c.web("/avatars/%d", s.by.id), "description": nil, "target_url": nil, "context": s.name,
		"created_at": stamp(s.at), "updated_at": stamp(s.at),
	}
	if s.description != "" {
		o["description"] = s.description
	}
	if s.link != "" {
		o["target_url"] = s.link
	}
	if creator {
		o["creator"] = c.showUser(s.by)
	}
	return o
}

func (c *call) showDeployment(d *deployment) object {
	api := c.api("/repos/%s/deployments/%d", c.repo.name(), d.id)
	return object{
		"id": d.id, "node_id": node("DE", d.id), "url": api, "sha": d.sha, "ref": d.ref, "task": "deploy", "payload": object{},
		"original_environment": d.environment, "environment": d.environment, "description": d.description, "creator": c.showUser(d.by),
		"created_at": stamp(d.at), "updated_at": stamp(d.at), "statuses_url": api + "/statuses", "repository_url": c.api("/repos/%s", c.repo.name()),
		"transient_environment": false, "production_environment": d.production,
	}
}

func (c *call) showDeploymentStatus(d *deployment) object {
	api, id := c.api("/repos/%s/deployments/%d", c.repo.name(), d.id), c.id()
	return object{
		"id": id, "node_id": node("DES", id), "url": fmt.Sprintf("%s/statuses/%d", api, id), "state": d.states[len(d.states)-1],
		"creator": c.showUser(c.user(c.token.Login)), "description": c.text("description"), "environment": d.environment, "target_url": "",
		"log_url": "", "environment_url": c.text("environment_url"), "deployment_url": api, "repository_url": c.api("/repos/%s", c.repo.name()),
		"created_at": stamp(time.Now()), "updated_at": stamp(time.Now()),
	}
}
