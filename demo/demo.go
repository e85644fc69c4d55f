// Package demo is the whole story in one process: two repositories, a small
// forge, a server, a trainer that really trains and an application that really
// answers. Each chapter runs, and prints, the command that a user would type.
// It is a story, not a test; the tests tell it too.
package demo

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-ml/assay/demo/digits"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge/local"
	"github.com/assay-ml/assay/git"
	"github.com/assay-ml/assay/server"
)

// Command runs one of our commands in a folder with variables on top of the
// environment, and returns its exit code.
type Command func(ctx context.Context, dir string, vars map[string]string, out io.Writer, args ...string) int

// Options is what the demo is made of.
type Options struct {
	Dir     string // everything lies below it
	Out     io.Writer
	Command Command
	// OpenServer opens a server on a data directory.
	OpenServer func(ctx context.Context, data string) (http.Handler, func(), error)
	Binary     string // this program, for the trainer's jobs
}

// Addresses is where the pages are.
type Addresses struct{ Forge, Run, Model, Drawing string }

// Demo is the story while it is told; Close ends its pages.
type Demo struct {
	o       Options
	forge   *local.Forge
	server  string
	app     http.Handler
	trainer *git.Repo
	appRepo *git.Repo
	stop    context.CancelFunc
	closers []func()
	pages   Addresses
}

// projectName is the trainer's repository on the forge.
const projectName = "digits-trainer"

// Start opens the forge, the server and the application's page.
func Start(ctx context.Context, o Options) (*Demo, error) {
	if err := git.Need(); err != nil {
		return nil, err
	}
	f, err := local.Open(filepath.Join(o.Dir, "forge"))
	if err != nil {
		return nil, err
	}
	handler, closeServer, err := o.OpenServer(ctx, filepath.Join(o.Dir, "server"))
	if err != nil {
		return nil, err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	d := &Demo{o: o, forge: f, stop: stop, closers: []func(){closeServer}}
	for into, h := range map[*string]http.Handler{
		&d.server: handler, &d.pages.Forge: f.Handler(),
		&d.pages.Drawing: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if d.app == nil {
				http.Error(w, "no model is deployed yet", http.StatusServiceUnavailable)
				return
			}
			d.app.ServeHTTP(w, r)
		}),
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			d.Close()
			return nil, fault.New(fault.Unavailable, "listening on loopback: %w", err)
		}
		*into = "http://" + l.Addr().String()
		done := make(chan struct{})
		go func() { _ = server.Serve(serving, l, h); close(done) }()
		d.closers = append(d.closers, func() { <-done })
	}
	return d, f.SetAddress(d.pages.Forge)
}

// Close ends the pages and closes the server's store.
func (d *Demo) Close() {
	d.stop()
	for i := len(d.closers) - 1; i >= 0; i-- {
		d.closers[i]()
	}
	d.closers = nil
}

// Pages is where to look.
func (d *Demo) Pages() Addresses { return d.pages }

func (d *Demo) say(format string, args ...any) {
	fmt.Fprintf(d.o.Out, format+"\n", args...)
}

// chapter begins one.
func (d *Demo) chapter(n int, title string) { d.say("\n%d. %s", n, title) }

// vars is the environment of a CI job of the trainer.
func (d *Demo) vars(who string) map[string]string {
	return map[string]string{
		"ASSAY_SERVER": d.server, "ASSAY_FORGE": filepath.Join(d.o.Dir, "forge"), "ASSAY_PROJECT": projectName,
		"ASSAY_ACTOR": who, "PATH": filepath.Join(d.o.Dir, "bin") + string(os.PathListSeparator) + os.Getenv("PATH"),
	}
}

// assay runs and prints one of our commands. What it prints is shown when show
// says so, and always when it failed unexpectedly.
func (d *Demo) assay(ctx context.Context, dir, who string, want int, show bool, args ...string) error {
	d.say("   $ assay %s", shown(args))
	var out strings.Builder
	code := d.o.Command(ctx, dir, d.vars(who), &out, args...)
	if ctx.Err() != nil {
		return fault.New(fault.Interrupted, "interrupted")
	}
	if show || code != want {
		for _, line := range strings.Split(strings.TrimRight(out.String(), "\n"), "\n") {
			d.say("     %s", line)
		}
	}
	if code != want {
		return fault.New(fault.Internal, "assay %s ended with exit code %d", args[0], code)
	}
	return nil
}

func shown(args []string) string {
	out := make([]string, len(args))
	for i, a := range args {
		if out[i] = a; strings.ContainsAny(a, " ") {
			out[i] = "'" + a + "'"
		}
	}
	return strings.Join(out, " ")
}

// git runs and prints a Git command in the trainer's repository.
func (d *Demo) git(ctx context.Context, repo *git.Repo, args ...string) error {
	d.say("   $ git %s", shown(args))
	return quietGit(ctx, repo, args...)
}

// quietGit runs Git with an identity of its own, so that none need be set up.
func quietGit(ctx context.Context, repo *git.Repo, args ...string) error {
	all := append([]string{"-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"}, args...)
	_, err := repo.Run(ctx, all...)
	return err
}

// serveModel puts a pulled model behind the drawing page.
func (d *Demo) serveModel(dir string, info digits.ModelInfo) error {
	data, err := os.ReadFile(filepath.Join(dir, modelFile))
	if err != nil {
		return fmt.Errorf("reading the pulled model: %w", err)
	}
	ev, err := digits.Load(data)
	if err != nil {
		return fmt.Errorf("loading the pulled model: %w", err)
	}
	d.app = digits.Handler(ev, info)
	return nil
}
