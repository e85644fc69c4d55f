package capture

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/assay-ml/assay/track"
)

// WatchOptions says what is measured while a command runs.
type WatchOptions struct {
	Every       time.Duration
	PID         int    // of the command
	Dir         string // whose volume is looked at
	CommandOnly bool   // nothing of the machine: somebody else measures that
	Log         func([]track.Metric)
}

// Watcher measures until it is stopped.
type Watcher struct {
	o     WatchOptions
	proc  string // where /proc is
	stop  context.CancelFunc
	all   sync.WaitGroup
	begun time.Time
	final chan *os.ProcessState

	nvidia  bool
	step    int64
	sampled time.Time
	last    machine // as of the last sample
	command tree
	network counters // as of the beginning
}

// Watch measures every so often until Stop, and hands the points on: what the
// machine uses, under the names and in the units (a megabyte is 10⁶ bytes) that
// MLflow's own client has for it, what its GPUs use, and what the command and
// its children use, as system/command_cpu_utilization_percentage (100 is one
// core) and system/command_memory_usage_megabytes (resident, summed). What
// cannot be measured here is left out.
func Watch(o WatchOptions) *Watcher {
	w := &Watcher{o: o, proc: "/proc", begun: time.Now(), final: make(chan *os.ProcessState, 1)}
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	w.last, w.network = readMachine(w.proc), readNetwork(w.proc)
	w.last.at, w.command.at = w.begun, w.begun
	if program, err := exec.LookPath("nvidia-smi"); err == nil && !o.CommandOnly {
		w.nvidia = true
		w.all.Go(func() { watchNvidia(ctx, program, o.Every, o.Log) })
	}
	w.all.Go(func() { w.follow(ctx) })
	return w
}

// Stop takes a last sample and returns when it was logged. ended is what is
// known of the command that ended; it may be nil.
func (w *Watcher) Stop(ended *os.ProcessState) {
	w.final <- ended
	w.stop()
	w.all.Wait()
}

func (w *Watcher) follow(ctx context.Context) {
	tick := time.NewTicker(w.o.Every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.sample(time.Now(), readTree(w.proc, w.o.PID))
		case <-ctx.Done():
			ended, now := <-w.final, time.Now()
			// Right after a sample there is nothing to divide by.
			if w.step == 0 || now.Sub(w.sampled) >= w.o.Every/2 {
				w.sample(now, endOf(ended, w.step == 0))
			}
			return
		}
	}
}

// sample logs one point of everything.
func (w *Watcher) sample(now time.Time, command tree) {
	var out []track.Metric
	add := func(name string, value float64) {
		out = append(out, track.Metric{Key: "system/" + name, Step: w.step, Time: now.UnixMilli(), Value: value})
	}
	command.at = now
	if d := now.Sub(w.command.at).Seconds(); command.known && d > 0 {
		add("command_cpu_utilization_percentage", 100*max(0, command.cpu-w.command.cpu)/d)
		if command.resident > 0 {
			add("command_memory_usage_megabytes", command.resident/1e6)
		}
		w.command = command
	}
	if !w.o.CommandOnly {
		w.machine(now, add)
	}
	if len(out) > 0 {
		w.sampled = now
		w.o.Log(out)
		w.step++
	}
}

func (w *Watcher) machine(now time.Time, add func(string, float64)) {
	m := readMachine(w.proc)
	m.at = now
	if m.total > w.last.total {
		add("cpu_utilization_percentage", 100*float64(m.busy-min(m.busy, w.last.busy))/float64(m.total-w.last.total))
		w.last = m
	}
	if m.memory > 0 {
		add("system_memory_usage_megabytes", m.used/1e6)
		add("system_memory_usage_percentage", 100*m.used/m.memory)
	}
	if used, free, ok := diskUsage(w.o.Dir); ok && used+free > 0 {
		add("disk_usage_percentage", 100*used/(used+free))
		add("disk_usage_megabytes", used/1e6)
		add("disk_available_megabytes", free/1e6)
	}
	if n := readNetwork(w.proc); n.known {
		add("network_receive_megabytes", max(0, n.received-w.network.received)/1e6)
		add("network_transmit_megabytes", max(0, n.sent-w.network.sent)/1e6)
	}
	if w.nvidia {
		return // its cards have the numbers
	}
	for i, g := range readAMD("/sys/class/drm") {
		g.add(i, add)
	}
}

// machine is what /proc says of the whole machine.
type machine struct {
	at           time.Time
	busy, total  uint64  // CPU time since it started, in clock ticks
	used, memory float64 // bytes; used is what is not available, as free(1) has it
}

func readMachine(proc string) machine {
	var m machine
	line, _, _ := strings.Cut(readSmall(filepath.Join(proc, "stat")), "\n")
	for i, f := range strings.Fields(line) {
		if i == 0 || i > 8 {
			continue // the name; guest time, which is in the user's already
		}
		n, _ := strconv.ParseUint(f, 10, 64)
		m.total += n
		if i != 4 && i != 5 { // idle, waiting for input and output
			m.busy += n
		}
	}
	file := filepath.Join(proc, "meminfo")
	kb := func(key string) float64 {
		n, _ := strconv.ParseFloat(strings.TrimSuffix(firstField(file, key), " kB"), 64)
		return n
	}
	m.memory = kb("MemTotal") * 1024
	m.used = m.memory - kb("MemAvailable")*1024
	return m
}

// counters are what the network interfaces moved since the machine started, in
// bytes; loopback, where our own relay is, apart.
type counters struct {
	known          bool
	received, sent float64
}

func readNetwork(proc string) counters {
	var c counters
	for _, line := range strings.Split(readSmall(filepath.Join(proc, "net", "dev")), "\n") {
		name, rest, ok := strings.Cut(line, ":")
		fields := strings.Fields(rest)
		if !ok || strings.TrimSpace(name) == "lo" || len(fields) < 9 {
			continue
		}
		in, err := strconv.ParseFloat(fields[0], 64)
		out, err2 := strconv.ParseFloat(fields[8], 64)
		if err == nil && err2 == nil {
			c.known = true
			c.received += in
			c.sent += out
		}
	}
	return c
}
