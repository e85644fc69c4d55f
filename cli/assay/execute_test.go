//go:build linux || darwin

package assay_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/assay-ml/assay/cli"
	"github.com/assay-ml/assay/track/spool"
)

// The test binary is the program itself where this is set.
const asProgram = "ASSAY_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(cli.Main(os.Args, os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// patience bounds every wait; a test that passes never waits that long.
const patience = 30 * time.Second

// terminal is a terminal with a program in its foreground.
type terminal struct {
	t    *testing.T
	keys *os.File // our end
	cmd  *exec.Cmd
	dir  string

	mu   sync.Mutex
	seen strings.Builder
	news chan struct{}
	over chan struct{}
}

// onTerminal starts a program as the leader of a session on a new terminal of
// 40 by 100. setup may change what it gets before it starts.
func onTerminal(t *testing.T, setup func(*exec.Cmd), args ...string) *terminal {
	t.Helper()
	keys, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keys.Close() })
	if err := pty.Setsize(keys, &pty.Winsize{Rows: 40, Cols: 100}); err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, keys: keys, dir: t.TempDir(), news: make(chan struct{}, 1), over: make(chan struct{})}
	x.cmd = exec.Command(args[0], args[1:]...)
	x.cmd.Dir = x.dir
	x.cmd.Env = environment(t)
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = tty, tty, tty
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if setup != nil {
		setup(x.cmd)
	}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.cmd.Process.Kill() })
	tty.Close()
	go x.read()
	return x
}

func environment(t *testing.T) []string {
	return append(os.Environ(), asProgram+"=1", "ASSAY_SERVER=", "HOME="+t.TempDir(), "GIT_CONFIG_GLOBAL="+os.DevNull, "USER=ada")
}

// program is the test binary, that is Assay.
func program(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// runOnTerminal starts `assay run` around a shell script.
func runOnTerminal(t *testing.T, setup func(*exec.Cmd), script string) *terminal {
	t.Helper()
	return onTerminal(t, setup, program(t), "run", "--", "sh", "-c", script)
}

func (x *terminal) read() {
	defer close(x.over)
	buf := make([]byte, 4096)
	for {
		n, err := x.keys.Read(buf)
		x.mu.Lock()
		x.seen.Write(buf[:n])
		x.mu.Unlock()
		select {
		case x.news <- struct{}{}:
		default:
		}
		if err != nil {
			return // nobody has the terminal open any more
		}
	}
}

// screen is all that was shown.
func (x *terminal) screen() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seen.String()
}

// shows waits until a text was shown.
func (x *terminal) shows(text string) {
	x.t.Helper()
	limit := time.After(patience)
	for !strings.Contains(x.screen(), text) {
		select {
		case <-x.news:
		case <-limit:
			x.t.Fatalf("%q was not shown:\n%s", text, x.screen())
		}
	}
}

func (x *terminal) types(keys string) {
	x.t.Helper()
	if _, err := x.keys.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// ends waits for the program and returns its exit code.
func (x *terminal) ends() int {
	x.t.Helper()
	done := make(chan error, 1)
	go func() { done <- x.cmd.Wait() }()
	select {
	case err := <-done:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			x.t.Fatal(err)
		}
	case <-time.After(patience):
		x.t.Fatalf("the program did not end:\n%s", x.screen())
	}
	select {
	case <-x.over:
	case <-time.After(patience):
		x.t.Fatal("somebody still has the terminal open")
	}
	return x.cmd.ProcessState.ExitCode()
}

// left is what a run left behind in a folder.
type left struct {
	Dir      string `json:"dir"`
	ExitCode int    `json:"exit_code"`
	Tail     string `json:"tail"`
	output   string
	metrics  map[string]int // points by name
}

func leftIn(t *testing.T, dir string) left {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, ".assay", "last-run.json"))
	if err != nil {
		t.Fatal(err)
	}
	l := left{metrics: map[string]int{}}
	if err := json.Unmarshal(data, &l); err != nil {
		t.Fatal(err)
	}
	calls, err := os.Open(filepath.Join(l.Dir, "calls.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer calls.Close()
	lines := bufio.NewScanner(calls)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var e spool.Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(e.Path, "/streams/output") {
			l.output += string(e.Raw)
		}
		var batch struct{ Metrics []struct{ Key string } }
		if strings.HasSuffix(e.Path, "/log-batch") && json.Unmarshal(e.Body, &batch) == nil {
			for _, m := range batch.Metrics {
				l.metrics[m.Key]++
			}
		}
	}
	return l
}

func TestTheCommandHasATerminalAndIsRecorded(t *testing.T) {
	x := runOnTerminal(t, nil, `for fd in 0 1 2; do test -t $fd && echo "$fd is a terminal"; done
printf '\033[31mred\033[0m\n'; printf ' 0%%\r50%%\r'; echo to stderr >&2
printf 'your name? '; read name; echo "hello $name"; stty size; stty size <&1; exit 7`)
	x.shows("your name? ")
	x.types("Ada\n")
	if code := x.ends(); code != 7 {
		t.Errorf("exit code %d, want 7", code)
	}
	for _, want := range []string{"\x1b[31mred\x1b[0m\r\n 0%\r50%\rto stderr\r\n", "hello Ada\r\n"} {
		if !strings.Contains(x.screen(), want) {
			t.Errorf("the terminal did not show %q:\n%q", want, x.screen())
		}
	}
	want := "0 is a terminal\n1 is a terminal\n2 is a terminal\nred\nto stderr\nyour name? hello Ada\n40 100\n40 100"
	l := leftIn(t, x.dir)
	if l.output != want+"\n" {
		t.Errorf("recorded %q, want %q", l.output, want)
	}
	if l.Tail != want || l.ExitCode != 7 {
		t.Errorf("left %q and exit code %d", l.Tail, l.ExitCode)
	}
}

func TestAnInterruptComesOnce(t *testing.T) {
	x := runOnTerminal(t, nil, `trap 'n=1; echo interrupted' INT; echo ready
until test -n "$n"; do sleep 0.05; done; sleep 0.3; echo saved; trap - INT; kill -INT $$`)
	x.shows("ready")
	x.types("\x03")
	if code := x.ends(); code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
	if l := leftIn(t, x.dir); l.output != "ready\ninterrupted\nsaved\n" {
		t.Errorf("recorded %q", l.output)
	}
}

func TestASignalToUsIsPassedOn(t *testing.T) {
	for _, c := range []struct {
		signal syscall.Signal
		name   string
	}{{syscall.SIGTERM, "TERM"}, {syscall.SIGHUP, "HUP"}, {syscall.SIGUSR1, "USR1"}} {
		t.Run(c.name, func(t *testing.T) {
			if signal.Ignored(c.signal) {
				t.Skipf("%s is ignored here, as under nohup, and stays so", c.signal)
			}
			x := runOnTerminal(t, nil, `trap 'echo told; exit 3' `+c.name+`; echo ready; while :; do sleep 0.05; done`)
			x.shows("ready")
			if err := x.cmd.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			if code := x.ends(); code != 3 {
				t.Errorf("exit code %d, want 3", code)
			}
			if l := leftIn(t, x.dir); l.output != "ready\ntold\n" {
				t.Errorf("recorded %q", l.output)
			}
		})
	}
}

func TestTheWindowChangesItsSize(t *testing.T) {
	x := runOnTerminal(t, nil, `trap 'stty size <&1' WINCH; echo ready; until test -e enough; do sleep 0.05; done`)
	x.shows("ready")
	if err := pty.Setsize(x.keys, &pty.Winsize{Rows: 11, Cols: 77}); err != nil {
		t.Fatal(err)
	}
	x.shows("11 77")
	if err := os.WriteFile(filepath.Join(x.dir, "enough"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if code := x.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestOnlyOneIsATerminal(t *testing.T) {
	for _, c := range []struct{ name, screen, file string }{
		{"stderr is a file", "out 1", "err 0"},
		{"stdout is a file", "err 1", "out 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, err := os.Create(filepath.Join(t.TempDir(), "log"))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			x := runOnTerminal(t, func(cmd *exec.Cmd) {
				if c.file == "err 0" {
					cmd.Stderr = file
				} else {
					cmd.Stdout = file
				}
			}, `o=0; test -t 1 && o=1; e=0; test -t 2 && e=1; echo out $o; echo err $e >&2; cat; exit 1`)
			x.types("typed\n\x04")
			if code := x.ends(); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			data, err := os.ReadFile(file.Name())
			if err != nil || !strings.Contains(string(data), c.file) {
				t.Errorf("the file holds %q (%v)", data, err)
			}
			if !strings.Contains(x.screen(), c.screen) {
				t.Errorf("the terminal shows %q", x.screen())
			}
			l := leftIn(t, x.dir)
			for _, want := range []string{c.screen + "\n", c.file + "\n", "typed\n"} {
				if !strings.Contains(l.output, want) {
					t.Errorf("recorded %q, without %q", l.output, want)
				}
			}
		})
	}
}

func TestTheCommandOutlivesUs(t *testing.T) {
	script := `echo $PPID > pid; until test -e go-on; do sleep 0.05; done; echo later; echo more >&2; echo done > done`
	x := onTerminal(t, nil, "sh", "-c", `"$@"; until test -e enough; do sleep 0.05; done`, "sh", program(t), "run", "--", "sh", "-c", script)
	pid := await(t, filepath.Join(x.dir, "pid"))
	if out, err := exec.Command("kill", "-9", strings.TrimSpace(pid)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.WriteFile(filepath.Join(x.dir, "go-on"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	x.shows("later\r\nmore")
	await(t, filepath.Join(x.dir, "done"))
	if err := os.WriteFile(filepath.Join(x.dir, "enough"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	x.ends()
}

// await waits for a file with a line.
func await(t *testing.T, path string) string {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if data, err := os.ReadFile(path); err == nil && strings.HasSuffix(string(data), "\n") {
			return string(data)
		}
	}
	t.Fatalf("%s did not appear", filepath.Base(path))
	return ""
}

// Without a terminal, as in a CI job.
func TestPipes(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(program(t), "run", "--", "sh", "-c",
		`for i in 1 2 3 4 5 6 7 8 9; do echo out $i; echo err $i >&2; done; for fd in 1 2; do test -t $fd && echo terminal; done; exit 0`)
	cmd.Dir, cmd.Env = dir, environment(t)
	out, err := cmd.CombinedOutput() // one pipe for both
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var want strings.Builder
	for _, i := range "123456789" {
		want.WriteString("out " + string(i) + "\nerr " + string(i) + "\n")
	}
	if !strings.HasPrefix(string(out), want.String()+"assay: the run is kept") {
		t.Errorf("printed %q", out)
	}
	l := leftIn(t, dir)
	if l.output != want.String() {
		t.Errorf("recorded %q", l.output)
	}
	// However short it was, it was measured.
	if l.metrics["system/command_cpu_utilization_percentage"] != 1 {
		t.Errorf("measured %v", l.metrics)
	}
}

// A reader that goes away ends the command, as without us, and the record is
// brought to its end.
func TestTheReaderGoesAway(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", `{ "$0" run -- sh -c 'while echo line; do :; done'; echo $? > code; } | head -n 1`, program(t))
	cmd.Dir, cmd.Env = dir, environment(t)
	if out, err := cmd.Output(); err != nil || string(out) != "line\n" {
		t.Fatalf("printed %q (%v)", out, err)
	}
	if code := await(t, filepath.Join(dir, "code")); code != "141\n" {
		t.Errorf("exit code %q, want 141 (SIGPIPE)", code)
	}
	if l := leftIn(t, dir); l.ExitCode != 141 {
		t.Errorf("left exit code %d", l.ExitCode)
	}
}

// All of much output is there, in order.
func TestMuchOutput(t *testing.T) {
	x := runOnTerminal(t, nil, `i=0; while test $i -lt 400; do i=$((i+1)); printf '%05000d\n' $i; done`)
	x.ends()
	lines := strings.Split(strings.TrimSuffix(leftIn(t, x.dir).output, "\n"), "\n")
	if len(lines) != 400 {
		t.Fatalf("%d lines recorded, want 400", len(lines))
	}
	for i, l := range lines {
		if want := fmt.Sprintf("%05000d", i+1); l != want {
			t.Fatalf("line %d is %.20q… of %d bytes", i+1, l, len(l))
		}
	}
	if n := strings.Count(x.screen(), "\n"); n != 401 { // and where the run is kept
		t.Errorf("the terminal showed %d lines", n)
	}
}

// A grandchild that outlives the command keeps its terminal, and nobody waits
// for it.
func TestAGrandchildKeepsTheTerminal(t *testing.T) {
	x := onTerminal(t, nil, "sh", "-c", `"$@"; touch go-on; until test -e enough; do sleep 0.05; done`, "sh",
		program(t), "run", "--", "sh", "-c", `(until test -e go-on; do sleep 0.05; done; echo late; echo gone > gone) & echo done`)
	x.shows("late\r\n")
	await(t, filepath.Join(x.dir, "gone"))
	if err := os.WriteFile(filepath.Join(x.dir, "enough"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	x.ends()
	if l := leftIn(t, x.dir); l.output != "done\n" {
		t.Errorf("recorded %q", l.output)
	}
}
