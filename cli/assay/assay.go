// Package assay is the face that the program shows under its own name: its
// words, flags, help and printing. Each command is three parts: options,
// wiring (newX) and run (runX, which never sees the flag library). Drivers are
// chosen here.
package assay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/fault"
)

// Env is all that a command sees of the world beside its arguments.
type Env struct {
	Dir     string // working directory
	Getenv  func(string) string
	Environ func() []string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
}

// Main runs one command and returns its exit code (docs/exit-codes.md).
func Main(ctx context.Context, env Env, args []string) int {
	root := newRoot(env)
	root.SetArgs(args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return fault.ExitOK
	}
	var code exitCode
	if errors.As(err, &code) {
		return int(code)
	}
	if ctx.Err() != nil && fault.CodeOf(err) != fault.Interrupted {
		err = fault.New(fault.Interrupted, "interrupted")
	}
	fmt.Fprintf(env.Stderr, "assay: %s\n", err)
	if hint := fault.HintOf(err); hint != "" {
		fmt.Fprintf(env.Stderr, "  %s\n", hint)
	}
	return fault.Exit(err)
}

// exitCode ends a command with the code of another program, saying nothing.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func newRoot(env Env) *cobra.Command {
	root := &cobra.Command{
		Use:           "assay",
		Short:         "Continuous machine learning inside the Git workflow",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(cmd, fmt.Errorf("there is no command %q", args[0]))
			}
			return cmd.Help()
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(usage)
	root.AddCommand(newVersion(env), newServer(env), newModel(env), newRun(env), newReport(env), newComment(env), newCheck(env), newCompare(env), newDoctor(env), newDemo(env), newInit(env))
	return root
}

// usage turns what the flag library says into a Usage fault with the next step.
func usage(cmd *cobra.Command, err error) error {
	return fault.New(fault.Usage, "%s", strings.TrimPrefix(err.Error(), "pflag: ")).
		WithHint("`%s --help` shows what there is", cmd.CommandPath())
}

// args wraps a check of arguments so that it answers with a Usage fault.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, list []string) error {
		if err := check(cmd, list); err != nil {
			return usage(cmd, err)
		}
		return nil
	}
}
