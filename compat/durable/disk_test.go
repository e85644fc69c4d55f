//go:build compat

package durable_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-ml/assay/compat/internal/program"
)

// smallDisk mounts a file system of its own of the given size, in megabytes.
func smallDisk(t *testing.T, megabytes string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+megabytes+"m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Fatalf("mounting a small file system (run as root): %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v\n%s", err, out)
		}
	})
	return dir
}

// TestFullDisk fills the disk under the server: it says so, loses nothing,
// and goes on when there is room again.
func TestFullDisk(t *testing.T) {
	bin, disk := program.Build(t), smallDisk(t, "24")
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 12<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	s := program.Serve(t, bin, "--data", filepath.Join(disk, "data"))
	a := api{t, s.URL}
	run := a.newRun()
	last, status, text := -1, 200, ""
	for i := 0; i < 5000; i++ {
		if status, text = a.logBatch(run, i); status != 200 {
			break
		}
		last = i
		if i == 20 { // what is left, but for a little, goes to a file beside
			if err := fill(filepath.Join(disk, "more"), 1<<20); err != nil {
				t.Fatal(err)
			}
		}
	}
	if status < 500 || !strings.Contains(text, "is full") || !strings.Contains(text, filepath.Join(disk, "data")) {
		t.Fatalf("log-batch on a full disk: %d %s", status, text)
	}
	t.Logf("full after %d batches: %s", last+1, text)
	status, text = a.send("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/"+run+"/artifacts/big.bin", bytes.NewReader(make([]byte, 8<<20)))
	if status < 500 || !strings.Contains(text, "full") {
		t.Errorf("an upload to a full disk: %d %s", status, text)
	}
	if got := len(a.history(run, "loss")); got != last+1 {
		t.Errorf("while full: %d points, %d were acknowledged", got, last+1)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if status, text = a.logBatch(run, last+1); status != 200 {
		t.Errorf("with room again: %d %s", status, text)
	}
	s.Kill()
	s = program.Serve(t, bin, "--data", filepath.Join(disk, "data"))
	a = api{t, s.URL}
	if got := len(a.history(run, "loss")); got != last+2 {
		t.Errorf("after a restart: %d points, %d were acknowledged", got, last+2)
	}
	if status, _ := a.send("GET", "/api/2.0/mlflow-artifacts/artifacts/0/"+run+"/artifacts/big.bin", nil); status != 404 {
		t.Errorf("half an upload is there: %d", status)
	}
}

// fill writes a file until only spare bytes are left on its disk.
func fill(path string, spare int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, 64<<10)
	for err == nil {
		_, err = f.Write(block)
	}
	st, err := f.Stat()
	if err != nil {
		return err
	}
	return f.Truncate(max(0, st.Size()-spare))
}

// TestTrainingOnAFullDisk: a run that cannot be recorded is refused before it
// costs anything; one whose disk fills in the middle runs to its own end.
func TestTrainingOnAFullDisk(t *testing.T) {
	bin, disk := program.Build(t), smallDisk(t, "8")
	train := func(script string) (int, string) {
		cmd := exec.Command(bin, "run", "--", "sh", "-c", script)
		cmd.Dir = disk
		cmd.Env = append(os.Environ(), "ASSAY_SERVER=", "MLFLOW_TRACKING_URI=")
		out, _ := cmd.CombinedOutput()
		t.Logf("%s", out)
		return cmd.ProcessState.ExitCode(), string(out)
	}
	fillUp := "cat /dev/zero > ballast; "
	code, out := train(fillUp + "seq 100000; echo trained; exit 7")
	if code != 7 || !strings.Contains(out, "trained") || !strings.Contains(out, "is full") {
		t.Errorf("a disk that fills in the middle: exit %d", code)
	}
	code, out = train("echo trained")
	if code != 3 || strings.Contains(out, "trained") || !strings.Contains(out, "is full") || !strings.Contains(out, disk) {
		t.Errorf("a disk that is full: exit %d", code)
	}
}

// TestReadOnly: a data directory that cannot be written to is refused at the
// start, by name and with what to do.
func TestReadOnly(t *testing.T) {
	bin, disk := program.Build(t), smallDisk(t, "24")
	program.Serve(t, bin, "--data", filepath.Join(disk, "data")).Kill()
	if out, err := exec.Command("mount", "-o", "remount,ro", disk).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(bin, "server", "--listen", "127.0.0.1:0", "--data", filepath.Join(disk, "data")).CombinedOutput()
	if err == nil || !strings.Contains(string(out), disk) || !strings.Contains(string(out), "writable for the user") {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
