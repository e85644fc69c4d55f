//go:build unix

package capture

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/track"
)

// folder writes files below a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// stat is a line of /proc/PID/stat with what matters here.
func stat(pid int, name string, parent, user, system, childUser, childSystem, pages int) string {
	f := strings.Fields("S 0 7 7 0 -1 4194304 1 2 3 4 0 0 0 0 20 0 1 0 5 6 0 18446744073709551615")
	f[1] = strconv.Itoa(parent)
	for i, n := range []int{user, system, childUser, childSystem} {
		f[11+i] = strconv.Itoa(n)
	}
	f[21] = strconv.Itoa(pages)
	return strconv.Itoa(pid) + " (" + name + ") " + strings.Join(f, " ") + "\n"
}

func TestTreeSumsOverDescendants(t *testing.T) {
	proc := folder(t, map[string]string{
		"1/stat":  stat(1, "init", 0, 9999, 0, 0, 0, 9999),
		"7/stat":  stat(7, "python", 1, 100, 50, 25, 25, 10),
		"8/stat":  stat(8, "a) (b", 7, 10, 0, 0, 0, 3),
		"9/stat":  stat(9, "worker", 8, 0, 90, 0, 0, 2),
		"10/stat": stat(10, "other", 1, 500, 0, 0, 0, 500),
		"11/stat": "cut o",
		"12/stat": stat(12, "circle", 13, 1, 0, 0, 0, 1),
		"13/stat": stat(13, "circle", 12, 1, 0, 0, 0, 1),
		"uptime":  "1 2",
	})
	want := tree{known: true, cpu: 3, resident: 15 * float64(os.Getpagesize())}
	if got := readTree(proc, 7); got != want {
		t.Errorf("tree is %+v, want %+v", got, want)
	}
	if got := readTree(proc, 99); got.known {
		t.Errorf("a process that is not there used %+v", got)
	}
	if got := readTree(filepath.Join(proc, "nowhere"), 7); got.known {
		t.Errorf("without /proc: %+v", got)
	}
}

func TestMachine(t *testing.T) {
	proc := folder(t, map[string]string{
		"stat":    "cpu  10 1 9 70 10 0 0 0 5 0\ncpu0 1 2 3\n",
		"meminfo": "MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    400 kB\n",
		"net/dev": "Inter-|   Receive |  Transmit\n face |bytes    packets\n    lo: 9 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0\n" +
			"  eth0: 1000 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0\n  eth1:7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0\n",
	})
	if got, want := readMachine(proc), (machine{busy: 20, total: 100, memory: 1000 * 1024, used: 600 * 1024}); got != want {
		t.Errorf("machine is %+v, want %+v", got, want)
	}
	if got, want := readNetwork(proc), (counters{known: true, received: 1007, sent: 508}); got != want {
		t.Errorf("network is %+v, want %+v", got, want)
	}
	if got := readNetwork(t.TempDir()); got.known {
		t.Errorf("without /proc: %+v", got)
	}
}

func TestLimitsOfTheContainer(t *testing.T) {
	for _, c := range []struct {
		name   string
		files  map[string]string
		memory int64
		cpus   float64
	}{
		{"none", map[string]string{"self/cgroup": "0::/\n", "memory.max": "max\n", "cpu.max": "max 100000\n"}, 0, 0},
		{"a container", map[string]string{"self/cgroup": "0::/\n", "memory.max": "1073741824\n", "cpu.max": "150000 100000\n"}, 1 << 30, 1.5},
		{"the parent's is less", map[string]string{
			"self/cgroup": "1:name=systemd:/x\n0::/a/b\n", "a/memory.max": "1048576\n", "a/b/memory.max": "2097152\n",
			"a/cpu.max": "max 100000\n", "a/b/cpu.max": "50000 100000\n",
		}, 1 << 20, 0.5},
		{"out of the tree", map[string]string{"self/cgroup": "0::/../../etc\n", "etc/memory.max": "5"}, 5, 0},
		{"version 1", map[string]string{"self/cgroup": "3:memory:/a\n"}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, c.files)
			if memory, cpus := limits(dir, dir); memory != c.memory || cpus != c.cpus {
				t.Errorf("limits are %d and %g, want %d and %g", memory, cpus, c.memory, c.cpus)
			}
		})
	}
}

// log collects points.
type log struct {
	mu  sync.Mutex
	all []track.Metric
}

func (l *log) add(m []track.Metric) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, m...)
}

// values are those of each metric, in order; its steps must rise.
func (l *log) values(t *testing.T) map[string][]float64 {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	out, last := map[string][]float64{}, map[string]int64{}
	for _, m := range l.all {
		if before, ok := last[m.Key]; m.Time == 0 || ok && m.Step <= before || !ok && m.Step != 0 {
			t.Errorf("point %d of %s has step %d and time %d", len(out[m.Key]), m.Key, m.Step, m.Time)
		}
		last[m.Key] = m.Step
		out[m.Key] = append(out[m.Key], m.Value)
	}
	return out
}

func (l *log) await(t *testing.T, key string, n int) {
	t.Helper()
	for range 3000 {
		if len(l.values(t)[key]) >= n {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no %d points of %s: %v", n, key, l.values(t))
}

func TestWatchACommand(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	t.Setenv("PATH", barePath(t))
	cmd := exec.Command("sh", "-c", "sh -c 'while :; do :; done'; true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var l log
	w := Watch(WatchOptions{Every: 20 * time.Millisecond, PID: cmd.Process.Pid, Dir: t.TempDir(), Log: l.add})
	l.await(t, "system/command_memory_usage_megabytes", 4)
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	_ = cmd.Wait()
	w.Stop(cmd.ProcessState)
	got := l.values(t)
	points := len(got["system/system_memory_usage_megabytes"])
	for _, key := range []string{
		"system_memory_usage_percentage",
		"disk_usage_percentage", "disk_usage_megabytes", "disk_available_megabytes",
		"network_receive_megabytes", "network_transmit_megabytes",
	} {
		if n := len(got["system/"+key]); n != points {
			t.Errorf("%d points of %s, want %d", n, key, points)
		}
	}
	if p := got["system/system_memory_usage_percentage"][0]; p <= 0 || p >= 100 {
		t.Errorf("memory in use is %g %%", p)
	}
	busy := 0.0
	for _, v := range got["system/command_cpu_utilization_percentage"] {
		busy = max(busy, v)
		if v > 100*float64(runtime.NumCPU())+1000 {
			t.Errorf("the command used %g %%", v)
		}
	}
	if busy == 0 { // it is the grandchild that is busy
		t.Error("a busy command used no CPU")
	}
	for _, v := range got["system/command_memory_usage_megabytes"] {
		if v <= 0 || v > 1000 {
			t.Errorf("two shells have %g MB", v)
		}
	}
}

// However short a command is, there is a point of it.
func TestWatchAShortCommand(t *testing.T) {
	t.Setenv("PATH", barePath(t))
	cmd := exec.Command("sh", "-c", "exit 3")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var l log
	w := Watch(WatchOptions{Every: time.Hour, PID: cmd.Process.Pid, Dir: t.TempDir(), CommandOnly: true, Log: l.add})
	_ = cmd.Wait()
	w.Stop(cmd.ProcessState)
	got := l.values(t)
	if len(got) != 2 || len(got["system/command_cpu_utilization_percentage"]) != 1 || len(got["system/command_memory_usage_megabytes"]) != 1 {
		t.Errorf("points are %v", got)
	}
	if mb := got["system/command_memory_usage_megabytes"]; len(mb) == 1 && mb[0] < 0.1 {
		t.Errorf("a shell had %g MB", mb[0])
	}
}

// barePath is a PATH on which only sh is, no nvidia-smi.
func barePath(t *testing.T) string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs sh")
	}
	dir := t.TempDir()
	if err := os.Symlink(sh, filepath.Join(dir, "sh")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// What nvidia-smi prints for two cards, one of them split up (MIG) so that it
// says neither load nor power; and messages between.
const nvidiaLines = `2024/03/14 09:26:53.589, 0, 37, 2310, 24564, 65.32, 450.00
2024/03/14 09:26:53.592, 1, [N/A], 15, 81559, [Not Supported], [N/A]
Unable to determine the device handle for GPU 0000:05:00.0: Unknown Error
2024/03/14 09:26:58.590, 0, 100, 12282, 24564, 449.99, 450.00
2024/03/14 09:26:58.593, 1, [N/A], 15, 81559, [Not Supported], [N/A]
2024/03/14 09:27:03.59`

func TestNVIDIA(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho \"$*\" > " + dir + "/args\necho $$ > " + dir + "/pid\ncat <<'EOF'\n" + nvidiaLines + "\nEOF\nexec sleep 1000\n"
	if err := os.WriteFile(filepath.Join(dir, "nvidia-smi"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	var l log
	w := Watch(WatchOptions{Every: 5 * time.Second, PID: os.Getpid(), Dir: dir, Log: l.add})
	l.await(t, "system/gpu_1_memory_usage_megabytes", 2)
	w.Stop(nil)
	got := map[string][]float64{}
	for key, values := range l.values(t) {
		if strings.HasPrefix(key, "system/gpu_") {
			for _, v := range values {
				got[key] = append(got[key], math.Round(v*10)/10)
			}
		}
	}
	want := map[string][]float64{
		"system/gpu_0_utilization_percentage":  {37, 100},
		"system/gpu_0_memory_usage_megabytes":  {2422.2, 12878.6},
		"system/gpu_0_memory_usage_percentage": {9.4, 50},
		"system/gpu_0_power_usage_watts":       {65.3, 450},
		"system/gpu_0_power_usage_percentage":  {14.5, 100},
		"system/gpu_1_memory_usage_megabytes":  {15.7, 15.7},
		"system/gpu_1_memory_usage_percentage": {0, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("points (-want +got):\n%s", diff)
	}
	args, _ := os.ReadFile(filepath.Join(dir, "args"))
	if !strings.Contains(string(args), "--loop-ms=5000") || !strings.Contains(string(args), "--query-gpu=timestamp,index,") {
		t.Errorf("it was called with %s", args)
	}
	text, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); err == nil {
		t.Error("nvidia-smi is still there, or a zombie")
	}
}

func TestParseNVIDIATime(t *testing.T) {
	now := time.Date(2024, 3, 14, 9, 30, 0, 0, time.Local)
	for _, c := range []struct {
		line string
		ago  time.Duration
		ok   bool
	}{
		{"2024/03/14 09:29:50.000, 0, 1, 1, 1, 1, 1", 10 * time.Second, true},
		{"2024/03/14 10:29:50.000, 0, 1, 1, 1, 1, 1", 0, true}, // to come: another time zone
		{"soon, 0, 1, 1, 1, 1, 1", 0, true},
		{"2024/03/14 09:29:50.000, -1, 1, 1, 1, 1, 1", 0, false},
		{"2024/03/14 09:29:50.000, 9999999, 1, 1, 1, 1, 1", 0, false},
		{"No devices were found", 0, false},
		{"", 0, false},
	} {
		_, _, at, ok := parseNvidia(c.line, now)
		if ok != c.ok || now.Sub(at) != c.ago {
			t.Errorf("%q: %v ago, %v, want %v, %v", c.line, now.Sub(at), ok, c.ago, c.ok)
		}
	}
}

func TestAMD(t *testing.T) {
	drm := folder(t, map[string]string{
		"card0/device/gpu_busy_percent": "42\n", "card0/device/mem_info_vram_used": "1000000000\n",
		"card0/device/mem_info_vram_total": "4000000000\n", "card0/device/hwmon/hwmon3/power1_average": "150000000\n",
		"card0/device/hwmon/hwmon3/power1_cap":   "300000000\n",
		"card1/device/gpu_busy_percent":          "7\n",
		"card1/device/hwmon/hwmon4/power1_input": "9000000\n",
		"card2/device/vendor":                    "0x8086\n",
		"card0-HDMI-A-1/status":                  "connected\n",
	})
	got := map[string]float64{}
	for i, g := range readAMD(drm) {
		g.add(i, func(name string, v float64) { got[name] = v })
	}
	want := map[string]float64{
		"gpu_0_utilization_percentage": 42, "gpu_0_memory_usage_megabytes": 1000, "gpu_0_memory_usage_percentage": 25,
		"gpu_0_power_usage_watts": 150, "gpu_0_power_usage_percentage": 50,
		"gpu_1_utilization_percentage": 7, "gpu_1_power_usage_watts": 9,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}
