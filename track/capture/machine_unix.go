//go:build linux || darwin

package capture

import (
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// diskUsage is what is used and free, for users, of the volume that holds dir,
// in bytes.
func diskUsage(dir string) (used, free float64, ok bool) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, false
	}
	block := float64(st.Bsize)
	return (float64(st.Blocks) - float64(st.Bfree)) * block, float64(st.Bavail) * block, true
}

// peakMemory is the most that a process that ended had resident, in bytes.
func peakMemory(ended *os.ProcessState) float64 {
	use, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "linux" {
		return float64(use.Maxrss) * 1024
	}
	return float64(use.Maxrss)
}
