package fakegitlab

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

type status struct {
	id                     int64
	pipeline               *pipeline
	user                   *user
	name, state, line, url string
	created                time.Time
}

func (c *call) showStatus(s *status) map[string]any {
	return map[string]any{
		"id": s.id, "sha": s.pipeline.sha, "ref": s.pipeline.ref, "status": s.state, "name": s.name, "description": orNull(s.line),
		"target_url": orNull(s.url), "created_at": at(s.created), "allow_failure": false, "pipeline_id": s.pipeline.id, "author": c.person(s.user),
	}
}

// setStatus sets the status of a name that is still open, else adds a new one:
// one that is running cannot be set running.
func (s *Server) setStatus(c *call) answer {
	ctx, p := c.r.Context(), c.project
	id, err := p.repo.Run(ctx, "rev-parse", "--verify", "--quiet", c.r.PathValue("sha")+"^{commit}")
	if err != nil {
		return notFound("Commit")
	}
	state, name := c.text("state"), c.text("name")
	if !slices.Contains([]string{"pending", "running", "success", "failed", "canceled", "skipped"}, state) {
		return answer{http.StatusBadRequest, map[string]any{"error": "state does not have a valid value"}}
	}
	if name == "" {
		name = "default"
	}
	if utf8.RuneCountInString(name) > 255 || utf8.RuneCountInString(c.text("description")) > 255 {
		return failed(http.StatusBadRequest, map[string]any{"description": []string{"is too long (maximum is 255 characters)"}})
	}
	if u := c.text("target_url"); u != "" && !strings.HasPrefix(u, "http") {
		return failed(http.StatusBadRequest, map[string]any{"target_url": []string{"is blocked: Only allowed schemes are http, https"}})
	}
	line, found := p.pipelineOf(id)
	if !found {
		branches, err := p.repo.Run(ctx, "for-each-ref", "--contains", id, "--format=%(refname:short)", "refs/heads")
		if err != nil || branches == "" {
			return notFound("References for commit")
		}
		line = s.newPipeline(p, id, strings.Fields(branches)[0])
	}
	open := slices.IndexFunc(p.statuses, func(o *status) bool {
		return o.pipeline == line && o.name == name && o.user == c.user && (o.state == "pending" || o.state == "running")
	})
	if open < 0 {
		p.statuses = append(p.statuses, &status{id: s.id(), pipeline: line, user: c.user, name: name, state: "created", created: s.now()})
		open = len(p.statuses) - 1
	}
	one := p.statuses[open]
	if event := map[string]string{"pending": "enqueue", "running": "run"}[state]; one.state == state {
		return failed(http.StatusBadRequest, fmt.Sprintf("Cannot transition status via :%s from :%s (Reason(s): Status cannot transition via %q)", event, state, event))
	}
	one.state, one.line, one.url = state, c.text("description"), c.text("target_url")
	return created(c.showStatus(one))
}

// listStatuses lists the latest of each name in each pipeline.
func (s *Server) listStatuses(c *call) answer {
	out := list{}
	for i, one := range c.project.statuses {
		later := slices.ContainsFunc(c.project.statuses[i+1:], func(o *status) bool { return o.pipeline == one.pipeline && o.name == one.name })
		if one.pipeline.sha == c.r.PathValue("sha") && (!later || c.text("all") == "true") {
			out = append(out, c.showStatus(one))
		}
	}
	return ok(out)
}
