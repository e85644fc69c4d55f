//go:build compat

package large

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-ml/assay/compat/internal/program"
)

const (
	size      = 5 << 30
	maxMemory = 200 << 10 // KB that the server may reach
)

// counting is a stream of numbers, so that a lost or doubled block shows.
type counting struct{ next uint64 }

func (c *counting) Read(p []byte) (int, error) {
	n := len(p) / 8 * 8
	for i := 0; i < n; i += 8 {
		binary.LittleEndian.PutUint64(p[i:], c.next)
		c.next++
	}
	return n, nil
}

func TestFiveGigabytes(t *testing.T) {
	server := program.Serve(t, program.Build(t), "--data", t.TempDir())
	url := server.URL + "/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/large.bin"

	sent := sha256.New()
	req, err := http.NewRequest("PUT", url, io.TeeReader(io.LimitReader(&counting{}, size), sent))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Fatalf("upload: %s", res.Status)
	}
	if res, err = http.Get(url); err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got := sha256.New()
	n, err := io.Copy(got, res.Body)
	if err != nil || n != size || hex.EncodeToString(got.Sum(nil)) != hex.EncodeToString(sent.Sum(nil)) {
		t.Fatalf("download: %d bytes, %v", n, err)
	}
	peak := peakMemory(t, server.Process.Pid)
	t.Logf("the server's peak memory was %d MB", peak>>10)
	if peak > maxMemory {
		t.Errorf("the server reached %d KB, at most %d", peak, maxMemory)
	}
}

// peakMemory is the process's VmHWM, in KB.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(string(data), "\n") {
		if v, ok := strings.CutPrefix(l, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(v)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kb
		}
	}
	t.Fatal("no VmHWM")
	return 0
}
