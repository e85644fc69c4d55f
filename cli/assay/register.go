package assay

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/config"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/review"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/api"
	"github.com/assay-ml/assay/track/client"
)

type registerOptions struct {
	modelOptions
	run, logged, unreviewed string
	ifReviewed              bool
}

func newModelRegister(env Env) *cobra.Command {
	var o registerOptions
	cmd := &cobra.Command{
		Use:   "register NAME",
		Short: "Register a version of exactly the bytes that were reviewed",
		Long: "Register a version of exactly the bytes that were reviewed: run on the main branch after the merge, it\n" +
			"finds the merge request by its commit, takes the run that its last report showed, and records run,\n" +
			"commit, data, approvals and the digest of every file. Other bytes are refused.",
		Example: "  assay model register digits",
		Args:    args(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, a []string) error { return runRegister(cmd.Context(), env, o, a[0]) },
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.run, "run", "", "`ID` of the run whose model to register (default: the one that was reviewed)")
	cmd.Flags().StringVar(&o.logged, "logged", "", "`NAME` of the model that the run logged with MLflow 3 (default: found by `files: {model: …}`)")
	cmd.Flags().StringVar(&o.unreviewed, "unreviewed", "", "`REASON` for registering bytes that no review showed; it is kept")
	cmd.Flags().BoolVar(&o.ifReviewed, "if-reviewed", false, "do nothing, and succeed, for a commit of which no report was shown: a push of something else")
	return cmd
}

func runRegister(ctx context.Context, env Env, o registerOptions, name string) error {
	p, c, err := o.open(ctx, env)
	if err != nil {
		return err
	}
	if p.repo == nil {
		return fault.New(fault.NotFound, "%s is not in a Git repository", env.Dir)
	}
	g, err := registration(ctx, env, p, c, o, name)
	if errors.Is(err, errNotReviewed) {
		_, err = fmt.Fprintf(env.Stdout, "no report was shown of commit %.8s: nothing to register\n", g.Origin.RunCommit)
		return err
	}
	if err != nil {
		return err
	}
	v, err := c.Register(ctx, g)
	if err != nil {
		return err
	}
	if err := sendPolicy(ctx, p, c, name); err != nil {
		return err
	}
	if o.json {
		return printJSON(env.Stdout, v)
	}
	printVersion(env.Stdout, v)
	return nil
}

// errNotReviewed ends a registration that was asked for only of what was shown.
var errNotReviewed = errors.New("no report was shown of this commit")

// registration gathers where the version comes from.
func registration(ctx context.Context, env Env, p *project, c *client.Client, o registerOptions, name string) (track.Registration, error) {
	g := track.Registration{Model: name, RunID: o.run, Paths: p.config.Files.Model}
	head, err := p.repo.Head(ctx)
	if err != nil {
		return g, err
	}
	if p.job.Commit != "" {
		head = p.job.Commit
	}
	g.Origin = track.Origin{
		Repo: p.repo.Remote(ctx, "origin"), Commit: head, RunCommit: head, Branch: p.repo.Branch(ctx), Reason: o.unreviewed,
	}
	if err := fillChange(ctx, env, p, &g); err != nil {
		return g, err
	}
	if o.ifReviewed {
		reviews, err := c.Reviews(ctx, track.ReviewQuery{Head: g.Origin.RunCommit, Max: 1})
		if err != nil {
			return g, err
		}
		if len(reviews) == 0 {
			return g, errNotReviewed
		}
	}
	if g.RunID == "" {
		if g.RunID, err = reviewedRun(ctx, c, g.Origin.RunCommit); err != nil {
			return g, err
		}
	}
	run, err := c.Run(ctx, g.RunID)
	if err != nil {
		return g, err
	}
	g.Root = run.ArtifactURI
	if g.LoggedModel, err = loggedModel(ctx, c, o.logged, g); err != nil {
		return g, err
	}
	if o.run != "" {
		if g.Origin.RunCommit, err = shownAt(ctx, c, run, g.Origin.RunCommit); err != nil {
			return g, err
		}
	}
	g.Origin.Data, err = review.Digests(p.dir, p.config.Files.Data)
	return g, err
}

// loggedModel chooses among the models that the run logged: the one asked for,
// else the one that the configuration names in place of files, else the only
// one of a run of which no files are named.
func loggedModel(ctx context.Context, c *client.Client, name string, g track.Registration) (string, error) {
	if name == "" && len(g.Paths) > 1 {
		return "", nil
	}
	logged, err := c.LoggedFiles(ctx, g.RunID)
	if err != nil {
		if name == "" && (fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unsupported)) {
			return "", nil
		}
		return "", err
	}
	var have []string
	for _, m := range logged { // newest first
		if m.Name == name || name == "" && len(g.Paths) == 1 && m.Name == strings.TrimRight(g.Paths[0], "/") {
			return m.ID, nil
		}
		have = append(have, m.Name)
	}
	switch {
	case name != "":
		return "", fault.New(fault.NotFound, "run %s logged no model %q", g.RunID, name).
			WithHint("it logged: %s", orNone(have))
	case len(g.Paths) == 0 && len(logged) == 1:
		return logged[0].ID, nil
	case len(g.Paths) == 0 && len(logged) > 1:
		return "", fault.New(fault.Invalid, "run %s logged %d models: %s", g.RunID, len(logged), strings.Join(have, ", ")).
			WithHint("choose one with --logged NAME")
	}
	return "", nil
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// fillChange finds the merge request that brought the commit, and who approved it.
func fillChange(ctx context.Context, env Env, p *project, g *track.Registration) error {
	f, err := openForge(ctx, env, p)
	if fault.Is(err, fault.Unsupported) && p.job.Kind == forge.None {
		return nil // a folder's repository has no merge requests
	}
	if err != nil {
		return err
	}
	c, err := f.ChangeOfCommit(ctx, p.job.Project, g.Origin.Commit)
	if fault.Is(err, fault.NotFound) {
		return nil // pushed straight to the branch
	}
	if err != nil {
		return err
	}
	g.Origin.RunCommit = c.Head
	g.Origin.Change = &track.ChangeRef{Project: c.Project, Number: c.Number, Title: c.Title, URL: c.URL, Author: c.Author}
	approvals, err := f.Approvals(ctx, c)
	if err != nil {
		return err
	}
	for _, a := range approvals {
		g.Origin.Approvals = append(g.Origin.Approvals, track.Approval(a))
	}
	return nil
}

// shownAt is the commit of which a run that was named was shown: of a pull
// request its head, though GitHub had the job train on a merge that it made for
// testing. Of a run that was never shown it is the commit that was trained.
func shownAt(ctx context.Context, c *client.Client, run track.Run, commit string) (string, error) {
	reviews, err := c.Reviews(ctx, track.ReviewQuery{RunID: run.ID, Max: 1})
	if err != nil {
		return "", err
	}
	if len(reviews) > 0 {
		return reviews[0].Head, nil
	}
	if trained := tagValue(run.Tags, "mlflow.source.git.commit"); trained != "" {
		return trained, nil
	}
	return commit, nil
}

// reviewedRun is the run that the newest review of a commit showed.
func reviewedRun(ctx context.Context, c *client.Client, commit string) (string, error) {
	reviews, err := c.Reviews(ctx, track.ReviewQuery{Head: commit})
	if err != nil {
		return "", err
	}
	for _, r := range reviews {
		if r.RunID != "" {
			return r.RunID, nil
		}
	}
	ids, err := c.RunsByCommit(ctx, commit)
	if err == nil && len(ids) > 0 {
		return ids[0], nil
	}
	return "", fault.New(fault.NotFound, "no run of commit %.8s is known to the server", commit).
		WithHint("train it under `assay run`, or name a run with --run ID")
}

// sendPolicy sends what the default branch's assay.yaml says of the model; what
// lies in the working tree of a merge request is never believed.
func sendPolicy(ctx context.Context, p *project, c *client.Client, name string) error {
	branch := p.job.DefaultBranch
	if branch == "" {
		branch = "main"
	}
	for _, ref := range []string{"refs/remotes/origin/" + branch, "refs/heads/" + branch} {
		data, err := p.repo.FileAt(ctx, ref, config.FileName)
		if err != nil {
			continue
		}
		f, err := config.Parse(config.FileName, data)
		if err != nil {
			return err
		}
		m, ok := f.Models[name]
		if !ok {
			return nil
		}
		_, err = c.SetPolicy(ctx, name, api.SetPolicy{Aliases: m.Aliases, Source: fmt.Sprintf("%s of %s", config.FileName, branch)})
		return err
	}
	return nil
}
