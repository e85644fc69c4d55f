package assay

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/demo"
	"github.com/assay-ml/assay/git"
)

type demoOptions struct {
	dir  string
	exit bool
}

func newDemo(env Env) *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch a model go from a merge request to production, in about a minute",
		Long: "Watch a model go from a merge request to production: two Git repositories, a small forge and a server\n" +
			"are made in one folder, a classifier of handwritten digits is really trained, three merge requests\n" +
			"follow, and a page is served on which you draw. Nothing but Git is needed, and no network.",
		Example: "  assay demo\n  assay demo --exit --dir /tmp/story",
		Args:    args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), env, o) },
	}
	cmd.Flags().StringVar(&o.dir, "dir", "", "`DIR` to make everything in and keep (default: a temporary one, removed at the end)")
	cmd.Flags().BoolVar(&o.exit, "exit", false, "end after the story instead of serving the pages until Ctrl-C")
	cmd.AddCommand(&cobra.Command{
		Use: "train", Hidden: true, Short: "Train the demo's classifier in the working directory", Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return demo.Train(cmd.Context(), env.Dir, env.Getenv, env.Stdout)
		},
	})
	return cmd
}

func runDemo(ctx context.Context, env Env, o demoOptions) error {
	if err := git.Need(); err != nil {
		return err
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	dir := o.dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "assay-demo-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	} else if dir = within(env.Dir, dir); os.MkdirAll(dir, 0o755) != nil {
		return fmt.Errorf("making %s", dir)
	}
	d, err := demo.Start(ctx, demo.Options{
		Dir: dir, Out: env.Stdout, Binary: binary, Command: inProcess(env),
		OpenServer: func(ctx context.Context, data string) (http.Handler, func(), error) {
			s, err := openServer(ctx, serverOptions{data: data, artifactRoot: "mlflow-artifacts:/"})
			if err != nil {
				return nil, nil, err
			}
			return s.Handler, s.Close, nil
		},
	})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Tell(ctx); err != nil {
		return err
	}
	p := d.Pages()
	fmt.Fprintf(env.Stdout, "\nLook at it:\n  merge request  %s\n  run            %s\n  model          %s\n  draw a digit   %s\n", p.Forge, p.Run, p.Model, p.Drawing)
	if o.exit {
		return nil
	}
	fmt.Fprintln(env.Stdout, "\nServing these pages; Ctrl-C ends.")
	<-ctx.Done()
	return nil
}

// inProcess runs our own commands in this process, as a user would type them.
func inProcess(env Env) demo.Command {
	return func(ctx context.Context, dir string, vars map[string]string, out io.Writer, args ...string) int {
		getenv := func(key string) string {
			if v, ok := vars[key]; ok {
				return v
			}
			if ciVariable(key) {
				return "" // the job that the demo itself may run in is not the story's
			}
			return env.Getenv(key)
		}
		return Main(ctx, Env{
			Dir: dir, Getenv: getenv, Stdin: strings.NewReader(""), Stdout: out, Stderr: out,
			Environ: func() []string {
				var all []string
				for _, kv := range env.Environ() {
					if k, _, _ := strings.Cut(kv, "="); vars[k] == "" && !ciVariable(k) {
						all = append(all, kv)
					}
				}
				for k, v := range vars {
					all = append(all, k+"="+v)
				}
				return all
			},
		}, args)
	}
}

func ciVariable(key string) bool {
	for _, prefix := range []string{"ASSAY_", "MLFLOW_", "CI_", "GITLAB_", "GITHUB_", "GITEA_", "FORGEJO_"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}
