package fakegitlab

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

type pipeline struct {
	id, iid          int64
	sha, ref, source string
	created          time.Time
}

// pipelineOf is the newest pipeline of a commit.
func (p *Project) pipelineOf(sha string) (*pipeline, bool) {
	for _, l := range slices.Backward(p.pipelines) {
		if l.sha == sha {
			return l, true
		}
	}
	return nil, false
}

func (s *Server) newPipeline(p *Project, sha, ref string) *pipeline {
	l := &pipeline{id: s.id(), iid: int64(len(p.pipelines) + 1), sha: sha, ref: ref, source: "external", created: s.now()}
	p.pipelines = append(p.pipelines, l)
	return l
}

func (c *call) showPipeline(l *pipeline) map[string]any {
	return map[string]any{
		"id": l.id, "iid": l.iid, "project_id": c.project.ID, "sha": l.sha, "ref": l.ref, "status": "created", "source": l.source,
		"created_at": at(l.created), "updated_at": at(l.created), "web_url": fmt.Sprintf("%s/%s/-/pipelines/%d", c.base(), c.project.Path, l.id),
	}
}

// start starts a pipeline of a branch or a tag.
func (s *Server) start(c *call, source string, variables map[string]string) answer {
	ref := c.text("ref")
	id, err := c.project.repo.Run(c.r.Context(), "rev-parse", "--verify", "--quiet", "refs/heads/"+ref+"^{commit}")
	if err != nil {
		if id, err = c.project.repo.Run(c.r.Context(), "rev-parse", "--verify", "--quiet", "refs/tags/"+ref+"^{commit}"); err != nil {
			return failed(http.StatusBadRequest, map[string]any{"base": []string{"Reference not found"}})
		}
	}
	l := s.newPipeline(c.project, id, ref)
	l.source = source
	c.project.started = append(c.project.started, variables)
	return created(c.showPipeline(l))
}

// createPipeline takes its variables as a list.
func (s *Server) createPipeline(c *call) answer {
	variables := map[string]string{}
	given, _ := c.fields["variables"].([]any)
	for _, v := range given {
		one, _ := v.(map[string]any)
		key, _ := one["key"].(string)
		value, isText := one["value"].(string)
		if key == "" || !isText {
			return answer{http.StatusBadRequest, map[string]any{"error": "variables is invalid"}}
		}
		variables[key] = value
	}
	return s.start(c, "api", variables)
}

// trigger takes a trigger's token and asks for no other.
func (s *Server) trigger(c *call) answer {
	c.project = s.find(c.r.PathValue("id"))
	if c.project == nil || !slices.Contains(c.project.triggers, c.text("token")) {
		return notFound("")
	}
	variables := map[string]string{}
	given, _ := c.fields["variables"].(map[string]any)
	for k, v := range given {
		text, isText := v.(string)
		if !isText {
			return failed(http.StatusBadRequest, "variables needs to be a map of key-valued strings")
		}
		variables[k] = text
	}
	return s.start(c, "trigger", variables)
}

func (s *Server) getTag(c *call) answer {
	name := c.r.PathValue("name")
	id, err := c.project.repo.Run(c.r.Context(), "rev-parse", "--verify", "--quiet", "refs/tags/"+name+"^{commit}")
	if err != nil {
		return notFound("Tag")
	}
	return ok(map[string]any{"name": name, "target": id, "message": "", "protected": false, "commit": c.commit(c.project, id)})
}

type environment struct {
	id        int64
	name, url string
	created   time.Time
}

type deployment struct {
	id              int64
	environment     *environment
	sha, ref, state string
	user            *user
	created         time.Time
}

func showEnvironment(e *environment) map[string]any {
	return map[string]any{"id": e.id, "name": e.name, "slug": strings.ToLower(e.name), "external_url": orNull(e.url), "created_at": at(e.created)}
}

func (c *call) showDeployment(d *deployment) map[string]any {
	return map[string]any{
		"id": d.id, "iid": d.id, "sha": d.sha, "ref": d.ref, "status": d.state, "environment": showEnvironment(d.environment),
		"user": c.person(d.user), "created_at": at(d.created), "deployable": nil,
	}
}

var deploymentStates = []string{"running", "success", "failed", "canceled"}

func (s *Server) createDeployment(c *call) answer {
	p := c.project
	for _, name := range []string{"environment", "sha", "ref", "status"} {
		if c.text(name) == "" {
			return answer{http.StatusBadRequest, map[string]any{"error": name + " is missing"}}
		}
	}
	if _, isBool := c.fields["tag"].(bool); !isBool || !slices.Contains(deploymentStates, c.text("status")) {
		return answer{http.StatusBadRequest, map[string]any{"error": "status does not have a valid value"}}
	}
	if _, err := p.repo.Run(c.r.Context(), "rev-parse", "--verify", "--quiet", c.text("sha")+"^{commit}"); err != nil {
		return failed(http.StatusBadRequest, map[string]any{"sha": []string{"The commit does not exist"}})
	}
	i := slices.IndexFunc(p.environments, func(e *environment) bool { return e.name == c.text("environment") })
	if i < 0 {
		p.environments = append(p.environments, &environment{id: s.id(), name: c.text("environment"), created: s.now()})
		i = len(p.environments) - 1
	}
	d := &deployment{id: s.id(), environment: p.environments[i], sha: c.text("sha"), ref: c.text("ref"), state: c.text("status"), user: c.user, created: s.now()}
	p.deployments = append(p.deployments, d)
	return created(c.showDeployment(d))
}

func (s *Server) setDeployment(c *call) answer {
	i := slices.IndexFunc(c.project.deployments, func(d *deployment) bool { return strconv.FormatInt(d.id, 10) == c.r.PathValue("deployment") })
	if i < 0 {
		return notFound("Deployment")
	}
	d := c.project.deployments[i]
	if state := c.text("status"); !slices.Contains(deploymentStates, state) || d.state != "running" && d.state != state {
		return failed(http.StatusBadRequest, "Invalid status transition")
	}
	d.state = c.text("status")
	return ok(c.showDeployment(d))
}

func (s *Server) setEnvironment(c *call) answer {
	i := slices.IndexFunc(c.project.environments, func(e *environment) bool { return strconv.FormatInt(e.id, 10) == c.r.PathValue("environment") })
	if i < 0 {
		return notFound("Environment")
	}
	c.project.environments[i].url = c.text("external_url")
	return ok(showEnvironment(c.project.environments[i]))
}
