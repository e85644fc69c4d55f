package capture

import (
	"bufio"
	"context"
	"math"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/assay-ml/assay/track"
)

// gpu is one look at one GPU; what is not known is NaN.
type gpu struct {
	busy        float64 // percent
	used, total float64 // bytes of memory
	power, most float64 // watts, and the limit
}

// add names the values as MLflow's client does.
func (g gpu) add(index int, add func(string, float64)) {
	name := "gpu_" + strconv.Itoa(index) + "_"
	for _, v := range []struct {
		name  string
		value float64
	}{
		{"utilization_percentage", g.busy},
		{"memory_usage_megabytes", g.used / 1e6},
		{"memory_usage_percentage", 100 * g.used / g.total},
		{"power_usage_watts", g.power},
		{"power_usage_percentage", 100 * g.power / g.most},
	} {
		if !math.IsNaN(v.value) && !math.IsInf(v.value, 0) {
			add(name+v.name, v.value)
		}
	}
}

const nvidiaQuery = "timestamp,index,utilization.gpu,memory.used,memory.total,power.draw,enforced.power.limit"

// watchNvidia logs what the NVIDIA GPUs use, read from one nvidia-smi that
// prints a line for each of them every so often, until ctx ends. Where there
// is none it returns at once.
func watchNvidia(ctx context.Context, program string, every time.Duration, log func([]track.Metric)) {
	cmd := exec.CommandContext(ctx, program, "--query-gpu="+nvidiaQuery, "--format=csv,noheader,nounits",
		"--loop-ms="+strconv.FormatInt(every.Milliseconds(), 10))
	ownGroup(cmd) // an interrupt from the keyboard is not for it
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return
	}
	defer func() { _ = cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }()
	steps := map[int]int64{}
	trusted := time.Duration(-1) // how far its clock may be behind ours
	for lines := bufio.NewScanner(out); lines.Scan(); {
		now := time.Now()
		g, index, at, ok := parseNvidia(lines.Text(), now)
		if !ok {
			continue
		}
		if trusted < 0 {
			trusted = 0
			if now.Sub(at) < time.Minute { // else it reads another time zone than we do
				trusted = math.MaxInt64
			}
		}
		if now.Sub(at) > trusted {
			at = now
		}
		var points []track.Metric
		g.add(index, func(name string, value float64) {
			points = append(points, track.Metric{Key: "system/" + name, Step: steps[index], Time: at.UnixMilli(), Value: value})
		})
		steps[index]++
		if len(points) > 0 {
			log(points)
		}
	}
}

// parseNvidia reads one line. What the card cannot say stands there in
// brackets: [N/A], [Not Supported]. The time is the machine's own, so that
// lines that waited while we were suspended keep theirs.
func parseNvidia(line string, now time.Time) (g gpu, index int, at time.Time, ok bool) {
	f := strings.Split(line, ",")
	if len(f) != strings.Count(nvidiaQuery, ",")+1 {
		return gpu{}, 0, now, false // a message, or cut off
	}
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	index, err := strconv.Atoi(f[1])
	if err != nil || index < 0 || index > 255 {
		return gpu{}, 0, now, false
	}
	at, err = time.ParseInLocation("2006/01/02 15:04:05.000", f[0], time.Local)
	if err != nil || at.After(now) {
		at = now
	}
	number := func(i int) float64 {
		v, err := strconv.ParseFloat(f[i], 64)
		if err != nil {
			return math.NaN()
		}
		return v
	}
	const mebibyte = 1 << 20
	return gpu{busy: number(2), used: number(3) * mebibyte, total: number(4) * mebibyte, power: number(5), most: number(6)}, index, at, true
}

// readAMD looks at the cards of the amdgpu driver, which Linux shows as files.
func readAMD(drm string) []gpu {
	busy, _ := filepath.Glob(filepath.Join(drm, "card[0-9]*", "device", "gpu_busy_percent"))
	var out []gpu
	for _, file := range busy {
		dir := filepath.Dir(file)
		number := func(name string) float64 {
			if names, err := filepath.Glob(filepath.Join(dir, name)); err == nil && len(names) > 0 {
				if v, err := strconv.ParseFloat(strings.TrimSpace(readSmall(names[0])), 64); err == nil {
					return v
				}
			}
			return math.NaN()
		}
		g := gpu{
			busy: number("gpu_busy_percent"), used: number("mem_info_vram_used"), total: number("mem_info_vram_total"),
			power: number("hwmon/hwmon*/power1_average") / 1e6, most: number("hwmon/hwmon*/power1_cap") / 1e6,
		}
		if math.IsNaN(g.power) {
			g.power = number("hwmon/hwmon*/power1_input") / 1e6 // newer cards
		}
		out = append(out, g)
	}
	return out
}
