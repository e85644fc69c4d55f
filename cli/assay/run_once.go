package assay

import (
	"context"
	"fmt"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// measured finds a finished run of the same files and the same command on the
// server, and says so; "" if there is none, or if something is not committed.
// It is what keeps a pipeline from training on main what was trained in the
// merge request.
func measured(ctx context.Context, env Env, p *project, o runOptions, tags []track.Tag) (string, error) {
	command := tagValue(tags, "assay.command")
	key, value := "assay.inputs", tagValue(tags, "assay.inputs")
	if value == "" { // the project does not say what its model depends on
		key, value = "assay.git.tree", tagValue(tags, "assay.git.tree")
	}
	if value == "" {
		return "", nil
	}
	c, err := connect(ctx, env, p, o.server)
	if err != nil {
		return "", err
	}
	ids, err := c.RunsByCommit(ctx, value)
	if fault.Is(err, fault.Unavailable) {
		fmt.Fprintf(env.Stderr, "assay: whether this was measured before is not known: %s\n", err)
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		run, err := c.Run(ctx, id)
		if err != nil {
			return "", err
		}
		if run.Status == track.Finished && run.Lifecycle == track.Active &&
			tagValue(run.Tags, key) == value && tagValue(run.Tags, "assay.command") == command {
			_, err = fmt.Fprintf(env.Stdout, "these files were measured before: %s/runs/%s\n", c.Base(), id)
			return id, err
		}
	}
	return "", nil
}
