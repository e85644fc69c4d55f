package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/go-github/v89/github"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

var deploymentStates = map[forge.DeploymentState]string{
	forge.DeploymentRunning: "in_progress", forge.DeploymentSuccess: "success", forge.DeploymentFailed: "failure",
}

// Deploy makes or updates a deployment's record. If the record was made and its
// state was refused, it comes back with its ID and the error.
func (f *Forge) Deploy(ctx context.Context, project string, d forge.Deployment) (forge.Deployment, error) {
	owner, repo, err := split(project)
	if err != nil {
		return d, err
	}
	state, ok := deploymentStates[d.State]
	if !ok {
		return d, fault.New(fault.Invalid, "%q is no state of a deployment", d.State)
	}
	if d.ID == "" {
		if d.ID, err = f.newDeployment(ctx, owner, repo, d); err != nil {
			return d, err
		}
	}
	id, err := strconv.ParseInt(d.ID, 10, 64)
	if err != nil || id <= 0 {
		return d, fault.New(fault.Invalid, "%q is no deployment's id", d.ID)
	}
	s := github.DeploymentStatusRequest{State: state, Description: github.Ptr(line(d.Description, maxDescription)), AutoInactive: github.Ptr(true)}
	if isWeb(d.URL) {
		s.EnvironmentURL = &d.URL
	}
	if _, res, err := f.client.Repositories.CreateDeploymentStatus(ctx, owner, repo, id, s); err != nil {
		return d, f.refused("setting the state of deployment "+d.ID+" of "+project, needsDeployments, res, err)
	}
	return d, nil
}

// newDeployment records that a commit goes to an environment. GitHub would
// otherwise merge the default branch into it and wait for all its checks.
func (f *Forge) newDeployment(ctx context.Context, owner, repo string, d forge.Deployment) (string, error) {
	ref := d.Commit
	if ref == "" {
		ref = d.Ref
	}
	made, res, err := f.client.Repositories.CreateDeployment(ctx, owner, repo, github.DeploymentRequest{
		Ref: ref, Environment: &d.Environment, Description: github.Ptr(line(d.Description, maxDescription)),
		AutoMerge: github.Ptr(false), RequiredContexts: []string{}, ProductionEnvironment: github.Ptr(d.Environment == "production"),
	})
	if err != nil {
		return "", f.refused("recording the deployment to "+d.Environment, needsDeployments, res, err)
	}
	return strconv.FormatInt(made.GetID(), 10), nil
}

// The most that GitHub takes along.
const (
	maxInputs  = 25
	maxPayload = 10
)

// event is the name under which a workflow waits for us: `on:
// {repository_dispatch: {types: [assay]}}`.
const event = "assay"

// Trigger starts a workflow by its file (workflow_dispatch), the variables being
// its inputs, else whatever waits for the event "assay" (repository_dispatch),
// the variables being its payload. Of the latter GitHub tells no id.
func (f *Forge) Trigger(ctx context.Context, t forge.Trigger) (forge.Pipeline, error) {
	owner, repo, err := split(t.Project)
	if err != nil {
		return forge.Pipeline{}, err
	}
	branch := ""
	if t.Ref == "" && t.Workflow != "" || t.Ref != "" && t.Workflow == "" {
		r, res, err := f.client.Repositories.Get(ctx, owner, repo)
		if err != nil {
			return forge.Pipeline{}, f.refused("reading "+t.Project, needsMetadata, res, err)
		}
		branch = r.GetDefaultBranch()
	}
	if t.Workflow == "" {
		if t.Ref != branch {
			return forge.Pipeline{}, fault.New(fault.Usage, "an event starts workflows of %s's default branch alone, not of %s", t.Project, t.Ref).
				WithHint("name the workflow's file, e.g. deploy.yml")
		}
		return forge.Pipeline{}, f.dispatchEvent(ctx, owner, repo, t)
	}
	if t.Ref == "" {
		t.Ref = branch
	}
	if strings.ContainsAny(t.Workflow, `/\`) || strings.Contains(t.Workflow, "..") {
		return forge.Pipeline{}, fault.New(fault.Invalid, "%q is no workflow's file", t.Workflow).
			WithHint("it is its name below .github/workflows, e.g. deploy.yml")
	}
	return f.dispatchWorkflow(ctx, owner, repo, t)
}

func (f *Forge) dispatchWorkflow(ctx context.Context, owner, repo string, t forge.Trigger) (forge.Pipeline, error) {
	if n := len(t.Variables); n > maxInputs {
		return forge.Pipeline{}, fault.New(fault.Invalid, "%d variables for %s: GitHub takes %d", n, t.Workflow, maxInputs)
	}
	o := github.CreateWorkflowDispatchEventRequest{Ref: t.Ref, Inputs: map[string]any{}}
	for k, v := range t.Variables {
		o.Inputs[k] = v
	}
	if f.cloud { // an Enterprise Server does not know it
		o.ReturnRunDetails = github.Ptr(true)
	}
	run, res, err := f.client.Actions.CreateWorkflowDispatchEventByFileName(ctx, owner, repo, url.PathEscape(t.Workflow), o)
	if err != nil {
		return forge.Pipeline{}, f.refused("starting "+t.Workflow+" of "+t.Project, needsActions, res, err)
	}
	if run == nil || run.WorkflowRunID == nil {
		return forge.Pipeline{}, nil
	}
	p := forge.Pipeline{ID: strconv.FormatInt(*run.WorkflowRunID, 10)}
	if run.HTMLURL != nil {
		p.URL = *run.HTMLURL
	}
	return p, nil
}

func (f *Forge) dispatchEvent(ctx context.Context, owner, repo string, t forge.Trigger) error {
	if n := len(t.Variables); n > maxPayload {
		return fault.New(fault.Invalid, "%d variables for the event %s: GitHub takes %d", n, event, maxPayload).
			WithHint("name the workflow's file: it takes %d", maxInputs)
	}
	payload, err := json.Marshal(t.Variables)
	if err != nil {
		return fmt.Errorf("writing the event's payload: %w", err)
	}
	o := github.DispatchRequestOptions{EventType: event}
	if len(t.Variables) > 0 {
		o.ClientPayload = github.Ptr(json.RawMessage(payload))
	}
	if _, res, err := f.client.Repositories.Dispatch(ctx, owner, repo, o); err != nil {
		return f.refused("sending the event "+event+" to "+t.Project, needsContents, res, err)
	}
	return nil
}
