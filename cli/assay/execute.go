package assay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/capture"
)

const (
	usageEvery = 5 * time.Second
	filesEvery = 2 * time.Second
	// How long the output is awaited after the command ended: a grandchild may
	// hold its pipes or its terminal open.
	pipeDelay     = 5 * time.Second
	terminalDelay = time.Second
)

// execute runs the command and returns its exit code, 128 and the signal's
// number when a signal ended it.
func (r *recorder) execute(ctx context.Context, env Env, program string, command []string) int {
	// An interrupt is the command's to answer: we go on until it ends.
	ctx = context.WithoutCancel(ctx)
	cmd := exec.Command(program, command[1:]...)
	cmd.Args[0] = command[0]
	cmd.Dir = env.Dir
	cmd.Env = append(env.Environ(), "MLFLOW_TRACKING_URI="+r.address, "MLFLOW_RUN_ID="+r.run.RunID, "ASSAY_RUN_ID="+r.run.RunID,
		"MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT=true") // the relay's address is nothing to open later
	cmd.Stdin = env.Stdin
	out, err := r.outlets(env, cmd)
	if err != nil {
		fmt.Fprintf(env.Stderr, "assay: cannot record the output: %s\n", err)
		return 127
	}
	relay := listenForSignals()
	defer relay.stop()
	if err := cmd.Start(); err != nil {
		out.drop()
		fmt.Fprintf(env.Stderr, "assay: cannot run %s: %s\n", command[0], err)
		return 127
	}
	follow := r.followers(ctx, env, cmd.Process.Pid)
	out.copy()
	go relay.to(cmd.Process, out)
	err = cmd.Wait()
	out.wait()
	follow(cmd.ProcessState)
	return exitCodeOf(cmd, err)
}

// followers starts what is looked at while the command runs, and returns a
// function that ends it.
func (r *recorder) followers(ctx context.Context, env Env, pid int) (end func(*os.ProcessState)) {
	usage := capture.Watch(capture.WatchOptions{
		Every: usageEvery, PID: pid, Dir: env.Dir, CommandOnly: truthy(env.Getenv("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING")),
		Log: func(m []track.Metric) { _ = r.local.LogBatch(ctx, r.run.RunID, track.Batch{Metrics: m}) },
	})
	watch, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() { r.followOutput(watch) })
	all.Go(func() { r.followFiles(watch) })
	return func(ended *os.ProcessState) {
		usage.Stop(ended)
		stop()
		all.Wait()
	}
}

// truthy reads a switch of the environment as MLflow does.
func truthy(s string) bool { return s == "1" || s == "true" || s == "True" || s == "TRUE" }

func exitCodeOf(cmd *exec.Cmd, err error) int {
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			return 128 + int(ws.Signal())
		}
		return exit.ExitCode()
	case err != nil && cmd.ProcessState == nil:
		return 127
	}
	return 0
}

func isTerminal(s any) bool {
	f, ok := s.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// outlet is a stream of the command on its way to where it was going anyway.
type outlet struct {
	from, child *os.File // our end and the command's
	to          io.Writer
	record      io.Writer
	terminal    bool
	done        chan struct{}

	mu     sync.Mutex // held while the descriptor of from is used beside copy
	closed bool
}

func (o *outlet) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.from.Close()
}

// outlets are the command's standard output and error; one where both go to
// the same place, so that their order is kept.
type outlets struct {
	list  []*outlet
	guard *guard // of those that are terminals; may be nil
}

// outlets makes the command's standard output and error. Where ours is a
// terminal the command gets one too.
func (r *recorder) outlets(env Env, cmd *exec.Cmd) (*outlets, error) {
	all := &outlets{}
	var err error
	if cmd.Stdout, err = r.outlet(all, env.Stdout); err != nil {
		return nil, err
	}
	if same(env.Stdout, env.Stderr) {
		cmd.Stderr = cmd.Stdout
	} else if cmd.Stderr, err = r.outlet(all, env.Stderr); err != nil {
		all.drop()
		return nil, err
	}
	all.guard = newGuard(all.list, env)
	return all, nil
}

// outlet adds one and returns what the command is to write to.
func (r *recorder) outlet(all *outlets, to io.Writer) (io.Writer, error) {
	o := &outlet{to: to, record: recorded{r, r.output.Stream()}, done: make(chan struct{})}
	var err error
	if isTerminal(to) {
		o.terminal = true
		o.from, o.child, err = openTerminal(to.(*os.File))
		if errors.Is(err, errors.ErrUnsupported) {
			return to, nil // as it is, not recorded
		}
	} else {
		o.from, o.child, err = os.Pipe()
	}
	if err != nil {
		return nil, err
	}
	all.list = append(all.list, o)
	return o.child, nil
}

// same reports whether two writers are one file, pipe or terminal.
func same(a, b io.Writer) bool {
	f, ok := a.(*os.File)
	g, too := b.(*os.File)
	if !ok || !too {
		return false
	}
	s, err := f.Stat()
	t, err2 := g.Stat()
	return err == nil && err2 == nil && os.SameFile(s, t)
}

// copy starts moving what the command writes.
func (all *outlets) copy() {
	for _, o := range all.list {
		o.child.Close() // only the command's own is left: its end is the end
		go o.copy()
	}
}

func (o *outlet) copy() {
	defer close(o.done)
	defer o.close() // then the command's next write to a pipe fails
	buf := make([]byte, 32<<10)
	for {
		n, err := o.from.Read(buf)
		if n > 0 {
			_, _ = o.record.Write(buf[:n])
			if _, broken := o.to.Write(buf[:n]); broken != nil && !o.terminal {
				return // whoever read us is gone: let the command notice, as without us
			}
		}
		if err != nil {
			return
		}
	}
}

// wait waits for the end of the output of a command that ended.
func (all *outlets) wait() {
	whole := true
	for _, o := range all.list {
		delay := pipeDelay
		if o.terminal {
			delay = terminalDelay
		}
		select {
		case <-o.done:
		case <-time.After(delay):
			if o.terminal {
				whole = false // the guard goes on when we are gone
				continue
			}
			o.close()
			<-o.done
		}
	}
	if whole {
		all.guard.dismiss()
	}
}

// drop closes what no command got.
func (all *outlets) drop() {
	for _, o := range all.list {
		o.child.Close()
		o.close()
	}
	all.guard.dismiss()
}
