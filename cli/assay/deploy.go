package assay

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/track"
)

type deployOptions struct {
	modelOptions
	to, ref, workflow, environment, url string
	failed                              bool
}

func newModelDeploy(env Env) *cobra.Command {
	var o deployOptions
	cmd := &cobra.Command{
		Use:   "deploy NAME@ALIAS|NAME@vN",
		Short: "Have the application's pipeline bring a version to an environment, or record that it did",
		Long: "With --to, start the pipeline of the application's project: it is given MODEL_NAME, MODEL_VERSION and\n" +
			"MODEL_DIGEST, so that it pulls exactly this version (`assay model pull --digest`). Without --to, record\n" +
			"that the version runs – for the application's own pipeline, once it does. The server keeps both with who\n" +
			"and when; a forge that keeps deployments is told, too.",
		Example: "  assay model deploy digits@production --to team/digits-app --workflow deploy.yml --environment production\n" +
			"  assay model deploy digits@v7 --environment production --url https://digits.example.com",
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error { return runModelDeploy(cmd.Context(), env, o, a[0]) },
	}
	o.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.environment, "environment", "production", "`NAME` of the environment")
	f.StringVar(&o.to, "to", "", "`PROJECT` of the application on the same forge, e.g. team/digits-app")
	f.StringVar(&o.ref, "ref", "", "`BRANCH` of that project (default: its default branch)")
	f.StringVar(&o.workflow, "workflow", "", "`FILE` of the workflow to start, on GitHub and Gitea, e.g. deploy.yml")
	f.StringVar(&o.url, "url", "", "`ADDRESS` where the version runs")
	f.BoolVar(&o.failed, "failed", false, "record that it could not be brought there")
	return cmd
}

func runModelDeploy(ctx context.Context, env Env, o deployOptions, text string) error {
	r, err := parseRef(text)
	if err != nil {
		return err
	}
	p, c, err := o.open(ctx, env)
	if err != nil {
		return err
	}
	v, err := resolve(ctx, c, r)
	if err != nil {
		return err
	}
	d := track.Deployment{Environment: o.environment, Project: o.to, URL: o.url, State: "running"}
	switch {
	case o.to != "":
		err = sendOn(ctx, env, p, o, v, &d)
	case o.failed:
		d.State = "failed"
		fallthrough
	default:
		err = record(ctx, env, p, v, &d)
	}
	if err != nil {
		return err
	}
	if err := c.Deployed(ctx, v.Model, v.Version, d); err != nil {
		return fmt.Errorf("recording the deployment: %w", err)
	}
	return printDeployed(env, o, v, d)
}

func printDeployed(env Env, o deployOptions, v track.ModelVersion, d track.Deployment) error {
	if o.json {
		return printJSON(env.Stdout, d)
	}
	what := map[string]string{"started": "is on its way to", "running": "runs in", "failed": "could not be brought to"}[d.State]
	if d.Pipeline != "" {
		what = d.Pipeline + "\n" + fmt.Sprintf("%s@v%d %s", v.Model, v.Version, what)
	} else {
		what = fmt.Sprintf("%s@v%d %s", v.Model, v.Version, what)
	}
	_, err := fmt.Fprintf(env.Stdout, "%s %s\n", what, d.Environment)
	return err
}

// sendOn starts the application's pipeline.
func sendOn(ctx context.Context, env Env, p *project, o deployOptions, v track.ModelVersion, d *track.Deployment) error {
	if v.Digest == "" {
		return fault.New(fault.Unsupported, "%s version %d was not registered with digests, so nobody can verify it", v.Model, v.Version).
			WithHint("register it with `assay model register %s`", v.Model)
	}
	f, err := openForge(ctx, env, p)
	if err != nil {
		return err
	}
	started, err := f.Trigger(ctx, forge.Trigger{
		Project: o.to, Ref: o.ref, Workflow: o.workflow, Token: env.Getenv("ASSAY_TRIGGER_TOKEN"),
		Variables: map[string]string{"MODEL_NAME": v.Model, "MODEL_VERSION": strconv.Itoa(v.Version), "MODEL_DIGEST": v.Digest},
	})
	d.State, d.Pipeline = "started", started.URL
	return err
}

// record tells the forge of a deployment, where it keeps them and the job is
// not one that it records by itself.
func record(ctx context.Context, env Env, p *project, v track.ModelVersion, d *track.Deployment) error {
	d.Project, d.Pipeline = p.job.Project, p.job.Pipeline
	if p.job.Kind == forge.None || env.Getenv("CI_ENVIRONMENT_NAME") != "" || p.repo == nil {
		return nil
	}
	f, err := openForge(ctx, env, p)
	if err != nil {
		return err
	}
	for _, l := range f.Lacks() {
		if l.Ability == forge.Deployments {
			return nil // the server keeps it
		}
	}
	head, err := p.repo.Head(ctx)
	if err != nil {
		return err
	}
	state := forge.DeploymentSuccess
	if d.State == "failed" {
		state = forge.DeploymentFailed
	}
	_, err = f.Deploy(ctx, p.job.Project, forge.Deployment{
		Environment: d.Environment, Commit: head, Ref: p.job.Branch, State: state, URL: d.URL,
		Description: fmt.Sprintf("%s@v%d", v.Model, v.Version),
	})
	return err
}
