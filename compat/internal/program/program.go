//go:build compat

// Package program builds the binary and runs it as a server of its own, for
// the suites of compat/. It checks nothing itself.
package program

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Build makes the program at the repository's root and returns its path.
func Build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "assay")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	cmd := exec.Command("go", "build", "-o", bin, ".")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building assay: %v\n%s", err, out)
	}
	return bin
}

// Server is a running `assay server`.
type Server struct {
	URL     string
	Process *os.Process
	cmd     *exec.Cmd
	drained chan struct{}
}

// Serve starts a server and waits for its address, which it says in a line of
// its output. Flags come after `server`; without --listen it takes a free port
// of the loopback. The test's end kills it.
func Serve(t *testing.T, bin string, flags ...string) *Server {
	t.Helper()
	args := append([]string{"server", "--listen", "127.0.0.1:0"}, flags...)
	cmd := exec.Command(bin, args...)
	out, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	s := &Server{Process: cmd.Process, cmd: cmd, drained: make(chan struct{})}
	t.Cleanup(s.Kill)
	address := make(chan string, 1)
	go func() {
		defer close(s.drained)
		defer close(address)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			t.Log("server:", lines.Text())
			if _, rest, ok := strings.Cut(lines.Text(), "listening on "); ok {
				select {
				case address <- strings.Fields(rest)[0]:
				default:
				}
			}
		}
	}()
	url, ok := <-address
	if !ok {
		t.Fatalf("the server ended before it listened (%v)", strings.Join(args, " "))
	}
	s.URL = url
	return s
}

// Kill ends the server as kill -9 does, and waits until it is gone.
func (s *Server) Kill() {
	_ = s.Process.Kill() // it may be gone
	_ = s.cmd.Wait()
	<-s.drained
}
