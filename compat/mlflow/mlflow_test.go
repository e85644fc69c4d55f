//go:build compat

// Package mlflow_test runs the real MLflow client against our server. It needs
// a Python with mlflow, scikit-learn, pandas and matplotlib, named by
// ASSAY_COMPAT_PYTHON (default python3):
//
//	go test -tags compat ./compat/mlflow
package mlflow_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestClient(t *testing.T) {
	python := os.Getenv("ASSAY_COMPAT_PYTHON")
	if python == "" {
		python = "python3"
	}
	if out, err := exec.Command(python, "-c", "import mlflow, sklearn, matplotlib").CombinedOutput(); err != nil {
		if os.Getenv("ASSAY_COMPAT_PYTHON") != "" {
			t.Fatalf("%s has no mlflow, scikit-learn and matplotlib (set ASSAY_COMPAT_PYTHON): %s", python, lastLine(out))
		}
		t.Skipf("%s has no mlflow, scikit-learn and matplotlib (set ASSAY_COMPAT_PYTHON): %s", python, lastLine(out))
	}
	uri := startServer(t, build(t))
	cmd := exec.CommandContext(t.Context(), python, "client.py")
	cmd.Env = append(os.Environ(), "MLFLOW_TRACKING_URI="+uri)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("client.py: %v", err)
	}
	if !strings.Contains(string(out), "checks passed") {
		t.Fatal("client.py did not reach its end")
	}
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// build makes the program at the repository's root.
func build(t *testing.T) string {
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

// startServer starts `assay server` on a free port and returns its address,
// which the server says in a line of its output.
func startServer(t *testing.T, bin string) string {
	t.Helper()
	cmd := exec.Command(bin, "server", "--listen", "127.0.0.1:0", "--data", t.TempDir())
	out, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	address, drained := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(drained)
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
	t.Cleanup(func() {
		if cmd.Process.Signal(os.Interrupt) != nil {
			_ = cmd.Process.Kill()
		}
		_ = cmd.Wait() // how it ended is not what is tested
		<-drained
		out.Close()
	})
	select {
	case a := <-address:
		return a
	case <-drained:
		t.Fatal("the server ended before it listened")
	case <-time.After(30 * time.Second):
		t.Fatal("the server did not say where it listens")
	}
	return ""
}
