// Package cli picks the face that the program shows by the name it was called
// with. The words, flags and printing of each face live in its sub-folders;
// for now there is one, assay.
package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/assay-ml/assay/cli/assay"
)

// Main runs the program and returns its exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	return assay.Main(ctx, assay.Env{
		Dir: dir, Getenv: os.Getenv, Environ: os.Environ, Stdin: stdin, Stdout: stdout, Stderr: stderr,
	}, args[1:])
}
