package capture

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// limits are those of our control group (cgroup v2) and of all above it: bytes
// of memory and number of CPUs, 0 where there is none.
func limits(proc, sys string) (memory int64, cpus float64) {
	var at string
	for _, line := range strings.Split(readSmall(filepath.Join(proc, "self", "cgroup")), "\n") {
		if p, ok := strings.CutPrefix(line, "0::"); ok {
			at = filepath.Clean("/" + strings.TrimSpace(p))
		}
	}
	if at == "" {
		return 0, 0
	}
	for ; ; at = filepath.Dir(at) {
		dir := filepath.Join(sys, at)
		if n, err := strconv.ParseInt(strings.TrimSpace(readSmall(filepath.Join(dir, "memory.max"))), 10, 64); err == nil && n > 0 && (memory == 0 || n < memory) {
			memory = n
		}
		if f := strings.Fields(readSmall(filepath.Join(dir, "cpu.max"))); len(f) == 2 {
			quota, err := strconv.ParseFloat(f[0], 64) // "max": none
			period, err2 := strconv.ParseFloat(f[1], 64)
			if err == nil && err2 == nil && period > 0 && (cpus == 0 || quota/period < cpus) {
				cpus = quota / period
			}
		}
		if at == string(os.PathSeparator) {
			return memory, cpus
		}
	}
}
