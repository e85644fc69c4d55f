// Package git asks the git program: commits, trees, merge bases, differences,
// files of a revision, worktrees. It is not a Git implementation and it never
// reads credentials; addresses that it returns have them cut out.
package git

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/assay-ml/assay/fault"
)

// Repo is a working tree or a bare repository.
type Repo struct {
	// Dir is the top of the working tree, or the bare repository's folder.
	Dir string
}

// maxOutput bounds what is read of one git command.
const maxOutput = 64 << 20

// Need returns a Missing fault when there is no git program.
func Need() error {
	if _, err := exec.LookPath("git"); err != nil {
		return fault.New(fault.Missing, "the program git was not found on the PATH").
			WithHint("install Git (https://git-scm.com/downloads) and try again")
	}
	return nil
}

// Open finds the repository that dir lies in.
func Open(ctx context.Context, dir string) (*Repo, error) {
	if err := Need(); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if st, err := os.Stat(abs); err != nil || !st.IsDir() {
		return nil, fault.New(fault.NotFound, "%s is not a folder", dir)
	}
	top, err := run(ctx, abs, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		if fault.Is(err, fault.Interrupted) {
			return nil, err
		}
		if bare, berr := run(ctx, abs, nil, "rev-parse", "--absolute-git-dir"); berr == nil {
			return &Repo{Dir: bare}, nil
		}
		return nil, fault.New(fault.NotFound, "%s is not in a Git repository", dir).
			WithHint("run this inside the repository, or make one with `git init`")
	}
	return &Repo{Dir: top}, nil
}

// Run runs git in the repository and returns its output without the last
// line end. An error holds what git said.
func (r *Repo) Run(ctx context.Context, args ...string) (string, error) {
	return run(ctx, r.Dir, nil, args...)
}

// RunInput is Run with standard input.
func (r *Repo) RunInput(ctx context.Context, in io.Reader, args ...string) (string, error) {
	return run(ctx, r.Dir, in, args...)
}

func run(ctx context.Context, dir string, in io.Reader, args ...string) (string, error) {
	out, err := output(ctx, dir, in, args...)
	return strings.TrimRight(string(out), "\r\n"), err
}

func output(ctx context.Context, dir string, in io.Reader, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Stdin = in
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0")
	out := &limited{max: maxOutput}
	var stderr limited
	stderr.max = 64 << 10
	cmd.Stdout, cmd.Stderr = out, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, fault.New(fault.Interrupted, "git %s was interrupted", args[0])
	}
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, Need()
		}
		said := withoutSecrets(strings.TrimSpace(stderr.String()))
		if said == "" {
			said = err.Error()
		}
		return out.Bytes(), fault.New(fault.Unavailable, "git %s: %s", args[0], said)
	}
	if out.cut {
		return nil, fault.New(fault.TooLarge, "git %s printed more than %d MB", args[0], maxOutput>>20)
	}
	return out.Bytes(), nil
}

// withoutSecrets drops what stands before the @ of addresses in a text: git
// names remotes as they are set, with their tokens.
func withoutSecrets(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "://")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		out.WriteString("://")
		end := strings.IndexAny(rest, " \t\n'\"/")
		if end < 0 {
			end = len(rest)
		}
		out.WriteString(rest[strings.LastIndexByte(rest[:end], '@')+1 : end])
		text = rest[end:]
	}
}

// limited keeps the first max bytes and drops the rest.
type limited struct {
	bytes.Buffer
	max int
	cut bool
}

func (l *limited) Write(p []byte) (int, error) {
	if room := l.max - l.Len(); room < len(p) {
		l.cut = true
		l.Buffer.Write(p[:max(room, 0)])
		return len(p), nil
	}
	return l.Buffer.Write(p)
}
