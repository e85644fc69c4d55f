//go:build compat

package run_test

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assay-ml/assay/compat/internal/program"
)

// limit is how long one command may take. It is far more than a training
// needs and less than MLflow's client spends on the repetitions of one call.
const limit = 2 * time.Minute

// world is a fresh Git repository with the script, and a data directory.
type world struct {
	t                      *testing.T
	bin, python, dir, home string
	data                   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, bin: program.Build(t), python: program.Python(t, "mlflow", "sklearn"), dir: filepath.Join(t.TempDir(), "digits"), home: t.TempDir(), data: t.TempDir()}
	script, err := os.ReadFile("train.py")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(w.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "train.py"), script, 0o644); err != nil {
		t.Fatal(err)
	}
	w.do("git", "init", "-q")
	w.do("git", "add", "train.py")
	w.do("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "-q", "-m", "train")
	return w
}

// env is what a command gets: nothing of the caller's settings of Assay,
// MLflow, Git or CI.
func (w *world) env() []string {
	env := []string{
		"HOME=" + w.home, "MLFLOW_DISABLE_TELEMETRY=true", "DO_NOT_TRACK=true", "GIT_CONFIG_NOSYSTEM=1",
		"PYTHONIOENCODING=utf-8",
	}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "TMPDIR", "LANG", "SystemRoot"} {
		if v := os.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// assay runs a command that must end with 0 and returns its output.
func (w *world) assay(server string, args ...string) string {
	w.t.Helper()
	env := w.env()
	if server != "" {
		env = append(env, "ASSAY_SERVER="+server)
	}
	return w.start(env, w.bin, args...)
}

func (w *world) do(name string, args ...string) {
	w.t.Helper()
	w.start(w.env(), name, args...)
}

func (w *world) start(env []string, name string, args ...string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = w.dir, env, 5*time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that the script ends too
	out, err := cmd.CombinedOutput()
	if len(out) > 0 {
		w.t.Logf("%s %s\n%s", filepath.Base(name), strings.Join(args, " "), out)
	}
	if err != nil {
		w.t.Errorf("%s %s: %v (%v)", filepath.Base(name), strings.Join(args, " "), err, ctx.Err())
	}
	return string(out)
}

// freeAddress is one where nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// running is a server.
type running struct {
	url  string
	kill func()
}

// serve starts a server on the data directory; it is killed, not asked to end.
func (w *world) serve(listen string) *running {
	w.t.Helper()
	cmd := exec.Command(w.bin, "server", "--listen", listen, "--data", w.data)
	cmd.Env = w.env()
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	s := &running{kill: func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }}
	w.t.Cleanup(s.kill)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "listening on "); ok {
			s.url = strings.Fields(rest)[0]
			return s
		}
	}
	w.t.Fatal("the server ended before it listened")
	return nil
}
