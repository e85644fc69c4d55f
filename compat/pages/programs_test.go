//go:build compat

package pages

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// patience is how long a program may take until it says that it is ready.
const patience = 2 * time.Minute

// chromium finds the browser. A suite that is asked for by name does not skip.
func chromium(t *testing.T) string {
	t.Helper()
	if named := os.Getenv("ASSAY_CHROMIUM"); named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			t.Fatalf("ASSAY_CHROMIUM names %s, which is no program: %v", named, err)
		}
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium: apt-get install chromium, or name one by ASSAY_CHROMIUM")
	return ""
}

// packages installs what the lock file names.
func packages(t *testing.T) {
	t.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Fatal("there is no npm: apt-get install nodejs npm")
	}
	cmd := exec.Command(npm, "ci", "--no-audit", "--no-fund", "--loglevel", "error")
	cmd.Env = append(os.Environ(), "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
}

// start runs a command of assay until the test ends. What it returns waits until
// a line of the output holds ready, and returns the lines up to that one.
func start(t *testing.T, bin, ready string, args ...string) func() []string {
	t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Dir, cmd.Env = t.TempDir(), environment()
	out, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	said, drained := make(chan []string, 1), make(chan struct{})
	var all []string // read by others only after drained is closed
	go func() {
		defer close(drained)
		all = listen(out, ready, said)
	}()
	t.Cleanup(func() {
		if cmd.Process.Signal(os.Interrupt) != nil {
			_ = cmd.Process.Kill()
		}
		_ = cmd.Wait() // how it ended is not what is tested
		<-drained
		out.Close()
		if t.Failed() {
			t.Logf("assay %s said:\n%s", args[0], strings.Join(all[max(0, len(all)-40):], "\n"))
		}
	})
	return func() []string {
		t.Helper()
		select {
		case lines := <-said:
			return lines
		case <-drained:
			t.Fatalf("assay %s ended before it was ready:\n%s", strings.Join(args, " "), strings.Join(all, "\n"))
		case <-time.After(patience):
			t.Fatalf("assay %s did not say %q", strings.Join(args, " "), ready)
		}
		return nil
	}
}

// listen reads a program's lines to their end, and passes on those up to ready.
func listen(out io.Reader, ready string, said chan<- []string) []string {
	var all []string
	told := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		all = append(all, lines.Text())
		if !told && strings.Contains(lines.Text(), ready) {
			told = true
			said <- append([]string{}, all...)
		}
	}
	return all
}

// environment is the caller's without the settings of CI jobs and of Git, which
// would change the story that the demo tells.
func environment() []string {
	env := []string{"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1"}
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if name == "CI" || strings.HasPrefix(name, "CI_") {
			continue
		}
		for _, p := range []string{"ASSAY_", "MLFLOW_", "GIT_", "GITLAB_", "GITHUB_", "GITEA_", "FORGEJO_"} {
			if strings.HasPrefix(name, p) {
				kv = ""
			}
		}
		if kv != "" {
			env = append(env, kv)
		}
	}
	return env
}

// serve starts a server on an empty folder and returns its address.
func serve(t *testing.T, bin string) string {
	t.Helper()
	lines := start(t, bin, "listening on ", "server", "--listen", "127.0.0.1:0", "--data", t.TempDir())()
	_, address, _ := strings.Cut(lines[len(lines)-1], "listening on ")
	return strings.Fields(address)[0]
}
