package gitlab

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

var deploymentStates = map[forge.DeploymentState]gitlab.DeploymentStatusValue{
	forge.DeploymentRunning: gitlab.DeploymentStatusRunning,
	forge.DeploymentSuccess: gitlab.DeploymentStatusSuccess,
	forge.DeploymentFailed:  gitlab.DeploymentStatusFailed,
}

// Deploy makes or updates a deployment's record. GitLab has no words with it;
// the address is its environment's. If the record was made and the address was
// refused, it comes back with its ID and the error.
func (f *Forge) Deploy(ctx context.Context, project string, d forge.Deployment) (forge.Deployment, error) {
	if err := checked(project); err != nil {
		return d, err
	}
	state, ok := deploymentStates[d.State]
	if !ok {
		return d, fault.New(fault.Invalid, "%q is no state of a deployment", d.State)
	}
	var made *gitlab.Deployment
	var err error
	if d.ID == "" {
		made, err = f.newDeployment(ctx, project, &d, state)
	} else {
		made, err = f.setDeployment(ctx, project, d, state)
	}
	if err != nil {
		return d, err
	}
	d.ID = strconv.FormatInt(made.ID, 10)
	if e := made.Environment; d.URL != "" && e != nil && e.ExternalURL != d.URL {
		if _, res, err := f.client.Environments.EditEnvironment(project, e.ID, &gitlab.EditEnvironmentOptions{ExternalURL: &d.URL}, gitlab.WithContext(ctx)); err != nil {
			return d, f.refused("setting the address of "+d.Environment, needsDeveloper, res, err)
		}
	}
	return d, nil
}

func (f *Forge) newDeployment(ctx context.Context, project string, d *forge.Deployment, state gitlab.DeploymentStatusValue) (*gitlab.Deployment, error) {
	tag := false
	if d.Ref == "" {
		branch, err := f.defaultBranch(ctx, project)
		if err != nil {
			return nil, err
		}
		d.Ref = branch
	} else {
		_, res, err := f.client.Tags.GetTag(project, d.Ref, gitlab.WithContext(ctx))
		if err != nil && status(res) != http.StatusNotFound {
			return nil, f.refused("asking whether "+d.Ref+" is a tag", needsRead, res, err)
		}
		tag = err == nil
	}
	made, res, err := f.client.Deployments.CreateProjectDeployment(project, &gitlab.CreateProjectDeploymentOptions{
		Environment: &d.Environment, Ref: &d.Ref, SHA: &d.Commit, Tag: &tag, Status: &state,
	}, gitlab.WithContext(ctx))
	if err != nil {
		return nil, f.refused("recording the deployment to "+d.Environment, needsDeveloper, res, err)
	}
	return made, nil
}

func (f *Forge) setDeployment(ctx context.Context, project string, d forge.Deployment, state gitlab.DeploymentStatusValue) (*gitlab.Deployment, error) {
	id, err := strconv.ParseInt(d.ID, 10, 64)
	if err != nil || id <= 0 {
		return nil, fault.New(fault.Invalid, "%q is no deployment's id", d.ID)
	}
	made, res, err := f.client.Deployments.UpdateProjectDeployment(project, id, &gitlab.UpdateProjectDeploymentOptions{Status: &state}, gitlab.WithContext(ctx))
	if err != nil {
		return nil, f.refused("setting the state of deployment "+d.ID+" of "+project, needsDeveloper, res, err)
	}
	return made, nil
}

func (f *Forge) defaultBranch(ctx context.Context, project string) (string, error) {
	p, res, err := f.client.Projects.GetProject(project, nil, gitlab.WithContext(ctx))
	if err != nil {
		return "", f.refused("asking for the default branch of "+project, needsRead, res, err)
	}
	return cmp.Or(p.DefaultBranch, "main"), nil
}

// Trigger starts a pipeline: with a trigger's token, which is all that it then
// takes, else in the name of the driver's own token.
func (f *Forge) Trigger(ctx context.Context, t forge.Trigger) (forge.Pipeline, error) {
	if err := checked(t.Project); err != nil {
		return forge.Pipeline{}, err
	}
	if t.Ref == "" {
		branch, err := f.defaultBranch(ctx, t.Project)
		if err != nil {
			return forge.Pipeline{}, err
		}
		t.Ref = branch
	}
	var p *gitlab.Pipeline
	var res *gitlab.Response
	var err error
	needs := needsDeveloper
	if t.Token != "" {
		needs = "a trigger token of " + t.Project
		p, res, err = f.bare.PipelineTriggers.RunPipelineTrigger(t.Project, &gitlab.RunPipelineTriggerOptions{
			Ref: &t.Ref, Token: &t.Token, Variables: t.Variables,
		}, gitlab.WithContext(ctx))
	} else {
		p, res, err = f.client.Pipelines.CreatePipeline(t.Project, pipeline(t), gitlab.WithContext(ctx))
	}
	if err != nil {
		return forge.Pipeline{}, f.refused("starting a pipeline of "+t.Project, needs, res, err)
	}
	return forge.Pipeline{ID: strconv.FormatInt(p.ID, 10), URL: p.WebURL}, nil
}

func pipeline(t forge.Trigger) *gitlab.CreatePipelineOptions {
	o := &gitlab.CreatePipelineOptions{Ref: &t.Ref}
	if len(t.Variables) == 0 {
		return o
	}
	var list []*gitlab.PipelineVariableOptions
	for _, k := range slices.Sorted(maps.Keys(t.Variables)) {
		list = append(list, &gitlab.PipelineVariableOptions{Key: &k, Value: gitlab.Ptr(t.Variables[k])})
	}
	o.Variables = &list
	return o
}
