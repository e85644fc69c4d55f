package assay

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/capture"
	"github.com/assay-ml/assay/track/spool"
)

type runOptions struct {
	server, experiment string
	once               bool
	command            []string
}

func newRun(env Env) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run -- COMMAND [ARG…]",
		Short: "Run a command as it is and record a run around it",
		Long: "Run a command as it is – output, signals and exit code are kept – and record a run around it:\n" +
			"command, Git state, CI job, environment, output, system metrics, and the files that assay.yaml names.\n" +
			"A script that logs with MLflow joins the same run. A server that is slow, down or not there cannot\n" +
			"delay or fail the command: what it logs is kept on disk, and `assay run push` sends it later.",
		Example: "  assay run -- python train.py\n  assay run push .assay/runs/0123…",
		Args:    args(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			o.command = a
			return runRun(cmd.Context(), env, o)
		},
	}
	cmd.Flags().SetInterspersed(false)
	serverFlag(cmd, &o.server)
	cmd.Flags().StringVar(&o.experiment, "experiment", "", "`NAME` of the experiment (default: assay.yaml's, else the folder's name)")
	cmd.Flags().BoolVar(&o.once, "once", false, "do nothing if the server has a finished run of the same files and command")
	cmd.AddCommand(newRunPush(env))
	return cmd
}

func runRun(ctx context.Context, env Env, o runOptions) error {
	p, err := findProject(ctx, env, false)
	if err != nil {
		return err
	}
	if o.experiment != "" {
		p.config.Experiment = o.experiment
	}
	address, err := p.config.ServerAddress(o.server, env.Getenv)
	if err != nil {
		return err
	}
	program, err := lookPath(env, o.command[0])
	if err != nil {
		return err
	}
	facts := capture.Around(ctx, env.Dir, p.repo, p.job, o.command, p.config.Files.Inputs())
	if o.once {
		if id, err := measured(ctx, env, p, o, facts.Tags); id != "" || err != nil {
			return err
		}
	}
	r, err := newRecorder(ctx, env, p, address.Value, facts.Tags)
	if err != nil {
		return err
	}
	defer r.Close()
	if r.remote != nil {
		fmt.Fprintf(env.Stderr, "assay: recording %s/runs/%s\n", r.server, r.run.RunID)
	}
	began := time.Now()
	code := r.execute(ctx, env, program, o.command)
	after := context.WithoutCancel(ctx) // an interrupted training is recorded too
	problems := r.finish(after, facts, code)
	for _, err := range problems {
		fmt.Fprintf(env.Stderr, "assay: %s\n", err)
	}
	r.flush(after)
	l := lastRun{
		RunID: r.run.RunID, Experiment: r.run.Experiment, Server: r.server, Dir: r.journal.Dir(), ExitCode: code,
		Command: tagValue(facts.Tags, "assay.command"), Took: time.Since(began), Unsent: r.journal.Left(), Root: r.root,
	}
	if r.remote != nil {
		l.ExperimentID, l.Root = r.remote.ExperimentID, r.remote.ArtifactURI
	}
	if code != 0 {
		l.Tail = r.lastLines(40)
	}
	if err := writeLastRun(p.dir, l); err != nil {
		fmt.Fprintf(env.Stderr, "assay: %s\n", keeping(l.Dir, err)) // the exit code is the command's
	}
	if r.server == "" || l.Unsent > 0 {
		fmt.Fprintf(env.Stderr, "assay: the run is kept in %s; send it with `assay run push %[1]s`\n", relative(env.Dir, l.Dir))
	}
	if code != 0 {
		return exitCode(code)
	}
	return nil
}

// lookPath finds a program on the PATH of the command's own environment.
func lookPath(env Env, name string) (string, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		return within(env.Dir, name), nil
	}
	for _, dir := range filepath.SplitList(env.Getenv("PATH")) {
		if dir == "" {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(within(env.Dir, dir), name)); err == nil {
			return path, nil
		}
	}
	return "", fault.New(fault.Missing, "the command %s was not found on the PATH", name)
}

func tagValue(tags []track.Tag, key string) string {
	for _, t := range tags {
		if t.Key == key {
			return t.Value
		}
	}
	return ""
}

func relative(from, to string) string {
	if rel, err := filepath.Rel(from, to); err == nil && len(rel) < len(to) {
		return rel
	}
	return to
}

// finish logs what the run left behind and ends it.
func (r *recorder) finish(ctx context.Context, facts capture.Facts, code int) []error {
	var problems []error
	note := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	note(r.logMetricsFiles(ctx, true))
	note(r.logParamsFiles(ctx))
	c := r.project.config
	for _, name := range append(append(append(append([]string{}, c.Files.Metrics...), c.Files.Params...), c.Files.Model...), c.Examples.File) {
		note(r.logFile(ctx, name))
	}
	if len(facts.Patch) > 0 {
		note(r.local.PutArtifact(ctx, r.root, "assay/patch.diff", bytes.NewReader(facts.Patch)))
	}
	if facts.Environment != nil {
		note(r.local.PutArtifact(ctx, r.root, "assay/environment.json", bytes.NewReader(facts.Environment)))
	}
	note(r.unkept)
	note(r.local.LogBatch(ctx, r.run.RunID, track.Batch{Tags: []track.Tag{{Key: "assay.exit_code", Value: strconv.Itoa(code)}}}))
	status := track.Finished
	switch {
	case code > 128:
		status = track.Killed
	case code != 0:
		status = track.RunFailed
	}
	note(r.local.EndRun(ctx, r.run.RunID, status, time.Now().UnixMilli()))
	return problems
}

// flush gives the server a moment to take the rest, as long as it gets on.
func (r *recorder) flush(ctx context.Context) {
	if r.server == "" || r.remote == nil {
		return
	}
	for left := r.journal.Left(); left > 0; {
		time.Sleep(50 * time.Millisecond)
		for waited := 0; waited < 100 && r.journal.Left() == left; waited++ {
			time.Sleep(50 * time.Millisecond)
		}
		if now := r.journal.Left(); now < left {
			left = now
			continue
		}
		return
	}
}

func newRunPush(env Env) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use: "push DIR", Short: "Send a run that was kept on disk", Args: args(cobra.ExactArgs(1)),
		Example: "  assay run push .assay/runs/0123… --server http://assay:5000",
		RunE:    func(cmd *cobra.Command, a []string) error { return runPush(cmd.Context(), env, o, a[0]) },
	}
	serverFlag(cmd, &o.server)
	return cmd
}

func runPush(ctx context.Context, env Env, o runOptions, dir string) error {
	p, err := findProject(ctx, env, false)
	if err != nil {
		return err
	}
	j, err := spool.Open(within(env.Dir, dir))
	if err != nil {
		return err
	}
	defer j.Close()
	address, err := p.config.ServerAddress(o.server, env.Getenv)
	if err != nil {
		return err
	}
	if address.Value == "" {
		address.Value = j.Header.Server
	}
	if address.Value == "" {
		return fault.New(fault.Usage, "no server is named").WithHint("say --server http://HOST:PORT or set ASSAY_SERVER")
	}
	store, bucket, err := openStore(ctx, j.Dir())
	if err != nil {
		return err
	}
	defer store.Close()
	f := &spool.Forwarder{
		Journal: j, Server: address.Value, Actor: headerSafe(p.actor(ctx, env)), Token: env.Getenv("ASSAY_TOKEN"),
		HTTP: http.DefaultClient, Files: blobFiles{bucket},
	}
	before := j.Left()
	if err := f.Send(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "run %s: %d calls sent to %s\n", j.Header.Run.RunID, before, address.Value)
	return err
}
