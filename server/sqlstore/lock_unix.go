//go:build unix

package sqlstore

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/assay-ml/assay/fault"
)

// lockFile takes the lock of a database for this process and writes the
// process's number into the file. The lock ends with the process, however that
// ends; the file stays.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, cannotLock(path, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		return nil, held(f, err)
	}
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintf(f, "%d\n", os.Getpid()) // only for people: a full disk must not keep us from reading
	}
	return f, nil
}

func held(f *os.File, err error) error {
	if err != unix.EWOULDBLOCK {
		return fault.New(fault.Unavailable, "locking %s: %w", f.Name(), err).
			WithHint("Put the database on a disk of this machine: network file systems often cannot lock.")
	}
	return inUse(f)
}
