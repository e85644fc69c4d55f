// Package cml is the face that the program shows as `cml`, and as
// `cml-send-comment`, `cml-publish`: the words, options, variables, output and
// exit codes of CML 0.20.6, so that pipelines that were written for it run. Where
// CML did harm it does better: pictures go to the forge and not to a third
// party, nothing but their addresses in a report is changed, and no Git setting
// of the user's is touched. What it does not offer yet it says.
package cml

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/fault"
)

// version is that of the CML whose behavior this face has.
const version = "0.20.6"

// failure is the one exit code of CML for everything that went wrong.
const failure = 1

// Env is all that a command sees of the world beside its arguments. It is the
// same as that of cli/assay.
type Env struct {
	Dir     string // working directory
	Getenv  func(string) string
	Environ func() []string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
}

// Main runs one command and returns its exit code. name is what the program was
// called by: cml, or cml-NAME, which is `cml NAME`.
func Main(ctx context.Context, env Env, name string, args []string) int {
	if command, ok := strings.CutPrefix(name, "cml-"); ok {
		args = append([]string{command}, args...)
	}
	s := &session{env: env, log: newLog(env)}
	root := newRoot(s)
	root.SetArgs(plain(args))
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	var wrong usageError
	if errors.As(err, &wrong) {
		fmt.Fprintf(env.Stderr, "%s\n%s\n", cmd.UsageString(), wrong.text)
		return failure
	}
	s.log.fail(err)
	return failure
}

// session is one call of the program.
type session struct {
	env    Env
	log    *log
	level  string
	driver string
	repo   string
	token  string
}

// usageError is a wrong call: it comes with the usage.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func newRoot(s *session) *cobra.Command {
	root := &cobra.Command{
		Use: "cml", Short: "Continuous Machine Learning", SilenceErrors: true, SilenceUsage: true, Version: version,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{"Not enough non-option arguments: got 0, need at least 1"}
			}
			return usageError{"Unknown argument: " + args[0]}
		},
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err.Error()} })
	root.SetGlobalNormalizationFunc(kebab)
	f := root.PersistentFlags()
	f.StringVar(&s.level, "log", "info", "logging verbosity: error, warn, info, debug")
	f.StringVar(&s.driver, "driver", "", "Git provider where the repository is hosted: github, gitlab, gitea (default: infer from the environment)")
	f.StringVar(&s.repo, "repo", "", "repository URL or slug (default: infer from the environment)")
	f.StringVar(&s.token, "token", "", "personal or project access token (default: infer from the environment)")
	root.AddCommand(newComment(s), newAsset(s), newSendComment(s), newPublish(s))
	for _, name := range []string{
		"check", "pr", "runner", "workflow", "repo", "ci", "tensorboard", "send-github-check", "rerun-workflow", "tensorboard-dev",
	} {
		root.AddCommand(missing(name))
	}
	return root
}

// missing says of a command of CML that it is not there.
func missing(name string) *cobra.Command {
	return &cobra.Command{
		Use: name, Hidden: true, DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error {
			return fault.New(fault.Unsupported, "`cml %s` is not offered yet", name)
		},
	}
}

// group makes a command that only has others below it.
func group(use, short string, below ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{"Not enough non-option arguments: got 0, need at least 1"}
			}
			return usageError{fmt.Sprintf("Unknown argument: %s\nDid you mean %s?", args[0], below[0].Name())}
		},
	}
	c.AddCommand(below...)
	return c
}

// one demands exactly one positional argument.
func one(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return usageError{"Not enough non-option arguments: got 0, need at least 1"}
	case 1:
		return nil
	}
	return usageError{"Unknown argument: " + args[1]}
}
