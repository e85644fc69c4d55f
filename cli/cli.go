// Package cli picks the face that the program shows by the name it was called
// with: assay, or cml and the old names of its commands. The words, flags and
// printing of each face live in its sub-folders.
package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/assay-ml/assay/cli/assay"
	"github.com/assay-ml/assay/cli/cml"
)

// Main runs the program and returns its exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	env := assay.Env{Dir: dir, Getenv: os.Getenv, Environ: os.Environ, Stdin: stdin, Stdout: stdout, Stderr: stderr}
	name, rest := face(args)
	if name == "cml" || strings.HasPrefix(name, "cml-") {
		return cml.Main(ctx, cml.Env(env), name, rest)
	}
	return assay.Main(ctx, env, rest)
}

// face is the name that the program was called by, and what follows; `assay
// cml …` is cml without a link.
func face(args []string) (name string, rest []string) {
	name, rest = strings.TrimSuffix(filepath.Base(args[0]), ".exe"), args[1:]
	if len(rest) > 0 && rest[0] == "cml" && !strings.HasPrefix(name, "cml") {
		return "cml", rest[1:]
	}
	return name, rest
}
