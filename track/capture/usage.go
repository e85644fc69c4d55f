package capture

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/assay-ml/assay/track"
)

// Watch measures what the machine uses every interval until ctx ends, and
// hands the points on: system/cpu_utilization_percentage and
// system/system_memory_usage_megabytes, the names that MLflow's own client
// uses. Where /proc is not there it measures nothing.
func Watch(ctx context.Context, every time.Duration, log func([]track.Metric)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	busy, total, ok := cpu()
	for step := int64(0); ok; step++ {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			b, t, _ := cpu()
			var out []track.Metric
			if t > total {
				out = append(out, track.Metric{
					Key: "system/cpu_utilization_percentage", Step: step, Time: now.UnixMilli(),
					Value: 100 * float64(b-busy) / float64(t-total),
				})
			}
			busy, total = b, t
			if mb := memory(); mb > 0 {
				out = append(out, track.Metric{Key: "system/system_memory_usage_megabytes", Step: step, Time: now.UnixMilli(), Value: mb})
			}
			log(out)
		}
	}
}

// cpu reads the machine's busy and total time, in clock ticks.
func cpu() (busy, total uint64, ok bool) {
	if runtime.GOOS != "linux" {
		return 0, 0, false
	}
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, false
	}
	line, _, _ := strings.Cut(string(data), "\n")
	for i, f := range strings.Fields(line) {
		if i == 0 {
			continue
		}
		n, _ := strconv.ParseUint(f, 10, 64)
		total += n
		if i != 4 && i != 5 { // idle, iowait
			busy += n
		}
	}
	return busy, total, total > 0
}

// memory is what is in use, in megabytes.
func memory() float64 {
	kb := func(key string) float64 {
		n, _ := strconv.ParseFloat(strings.TrimSuffix(firstField("/proc/meminfo", key), " kB"), 64)
		return n
	}
	return (kb("MemTotal") - kb("MemAvailable")) / 1024
}
