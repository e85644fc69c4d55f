//go:build windows

package sqlstore

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"

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
	// A byte far behind the text is locked: Windows keeps others from reading
	// what is locked, and they shall read who holds it.
	at := &windows.Overlapped{Offset: 1 << 20}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if err != nil {
		defer f.Close()
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
			return nil, inUse(f)
		}
		return nil, fault.New(fault.Unavailable, "locking %s: %w", path, err)
	}
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintf(f, "%d\n", os.Getpid()) // only for people
	}
	return f, nil
}
