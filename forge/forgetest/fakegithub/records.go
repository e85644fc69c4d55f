package fakegithub

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

type status struct {
	id                             int
	name, state, description, link string
	by                             *user
	at                             time.Time
}

type deployment struct {
	id          int
	sha, ref    string
	environment string
	description string
	production  bool
	by          *user
	at          time.Time
	states      []string
}

// Dispatch is a workflow, or an event, that was started.
type Dispatch struct {
	Workflow, Event, Ref string
	Inputs               map[string]string
}

// maxLine is the longest description, in characters.
const maxLine = 140

// badLine refuses a description that GitHub would not keep.
func (c *call) badLine(resource string) (status int, answer any, bad bool) {
	line := []rune(c.text("description"))
	switch {
	case len(line) > maxLine:
		status, answer = c.invalid(resource, "description", "custom", "description is too long (maximum is 140 characters)")
	case slices.ContainsFunc(line, func(r rune) bool { return r > 0xffff }):
		status, answer = c.invalid(resource, "description", "custom", "description doesn't accept 4-byte Unicode")
	default:
		return 0, nil, false
	}
	return status, answer, true
}

func (c *call) createStatus() (int, any) {
	if status, answer, refused := c.refuses(toStatus); refused {
		return status, answer
	}
	sha := c.r.PathValue("sha")
	if !c.repo.known(sha) {
		return c.fail(http.StatusUnprocessableEntity, "No commit found for SHA: "+sha)
	}
	if !slices.Contains([]string{"error", "failure", "pending", "success"}, c.text("state")) {
		return c.invalid("Status", "state", "custom", "state is not included in the list")
	}
	if status, answer, bad := c.badLine("Status"); bad {
		return status, answer
	}
	if to := c.text("target_url"); to != "" && !strings.HasPrefix(to, "http://") && !strings.HasPrefix(to, "https://") {
		return c.invalid("Status", "target_url", "custom", "target_url must use http(s) scheme")
	}
	name := c.text("context")
	if name == "" {
		name = "default"
	}
	s := status{
		id: c.id(), name: name, state: c.text("state"), description: c.text("description"), link: c.text("target_url"),
		by: c.user(c.token.Login), at: time.Now(),
	}
	c.repo.statuses[sha] = append(c.repo.statuses[sha], s)
	return http.StatusCreated, c.showStatus(sha, s, true)
}

func (c *call) combinedStatus() (int, any) {
	sha := c.r.PathValue("sha")
	if !c.repo.known(sha) {
		return c.notFound()
	}
	var newest []status
	for _, s := range slices.Backward(c.repo.statuses[sha]) {
		if !slices.ContainsFunc(newest, func(n status) bool { return strings.EqualFold(n.name, s.name) }) {
			newest = append(newest, s)
		}
	}
	state := "success"
	list := []any{}
	for _, s := range newest {
		switch {
		case s.state == "failure" || s.state == "error":
			state = "failure"
		case s.state == "pending" && state == "success":
			state = "pending"
		}
	}
	if len(newest) == 0 {
		state = "pending"
	}
	for _, s := range page(c, newest) {
		list = append(list, c.showStatus(sha, s, false))
	}
	return http.StatusOK, map[string]any{
		"state": state, "statuses": list, "sha": sha, "total_count": len(newest), "repository": c.showRepo(c.repo),
		"commit_url": c.api("/repos/%s/commits/%s", c.repo.name(), sha), "url": c.api("/repos/%s/commits/%s/status", c.repo.name(), sha),
	}
}

func (c *call) createDeployment() (int, any) {
	if status, answer, refused := c.refuses(toDeploy); refused {
		return status, answer
	}
	ref := c.text("ref")
	sha := c.repo.branches[ref]
	if sha == "" && c.repo.known(ref) {
		sha = ref
	}
	if sha == "" {
		return c.fail(http.StatusUnprocessableEntity, "No ref found for: "+ref)
	}
	if contexts, ok := c.body["required_contexts"].([]any); !ok || len(contexts) > 0 {
		for _, s := range c.repo.statuses[sha] {
			if s.state != "success" {
				return c.fail(http.StatusConflict, "Conflict: Commit status checks failed for "+ref+".")
			}
		}
	}
	d := &deployment{
		id: c.id(), sha: sha, ref: ref, environment: c.text("environment"), description: c.text("description"),
		production: c.flag("production_environment"), by: c.user(c.token.Login), at: time.Now(),
	}
	if d.environment == "" {
		d.environment = "production"
	}
	c.repo.deployments[d.id] = d
	return http.StatusCreated, c.showDeployment(d)
}

func (c *call) createDeploymentStatus() (int, any) {
	if status, answer, refused := c.refuses(toDeploy); refused {
		return status, answer
	}
	d := c.repo.deployments[c.number("id")]
	if d == nil {
		return c.notFound()
	}
	if status, answer, bad := c.badLine("DeploymentStatus"); bad {
		return status, answer
	}
	d.states = append(d.states, c.text("state"))
	return http.StatusCreated, c.showDeploymentStatus(d)
}

// inputs reads texts by name; GitHub takes numbers and booleans, too.
func inputs(v any) map[string]string {
	out := map[string]string{}
	m, _ := v.(map[string]any)
	for k, v := range m {
		if s, ok := v.(string); ok {
			out[k] = s
		}
	}
	return out
}

func (c *call) dispatchWorkflow() (int, any) {
	if status, answer, refused := c.refuses(toStart); refused {
		return status, answer
	}
	file := c.r.PathValue("file")
	declared, ok := c.repo.workflows[file]
	if !ok {
		return c.notFound()
	}
	_, details := c.body["return_run_details"]
	if details && c.Enterprise {
		return c.fail(http.StatusUnprocessableEntity, `Invalid request. "return_run_details" is not a permitted key.`)
	}
	d := Dispatch{Workflow: file, Ref: c.text("ref"), Inputs: inputs(c.body["inputs"])}
	if c.repo.branches[d.Ref] == "" {
		return c.fail(http.StatusUnprocessableEntity, "No ref found for: "+d.Ref)
	}
	for k := range d.Inputs {
		if !slices.Contains(declared, k) {
			return c.fail(http.StatusUnprocessableEntity, "Unexpected inputs provided: ["+strconv.Quote(k)+"]")
		}
	}
	c.repo.dispatched = append(c.repo.dispatched, d)
	if !c.flag("return_run_details") {
		return http.StatusNoContent, nil
	}
	id := c.id()
	return http.StatusOK, map[string]any{
		"workflow_run_id": id, "run_url": c.api("/repos/%s/actions/runs/%d", c.repo.name(), id),
		"html_url": c.web("/%s/actions/runs/%d", c.repo.name(), id),
	}
}

func (c *call) dispatchEvent() (int, any) {
	if status, answer, refused := c.refuses(toSend); refused {
		return status, answer
	}
	payload, _ := c.body["client_payload"].(map[string]any)
	switch {
	case c.text("event_type") == "":
		return c.fail(http.StatusUnprocessableEntity, `Invalid request. "event_type" wasn't supplied.`)
	case len(payload) > 10:
		return c.fail(http.StatusUnprocessableEntity, "Invalid request. No more than 10 properties are allowed; 11 were supplied.")
	}
	c.repo.dispatched = append(c.repo.dispatched, Dispatch{Event: c.text("event_type"), Ref: mainBranch, Inputs: inputs(c.body["client_payload"])})
	return http.StatusNoContent, nil
}
