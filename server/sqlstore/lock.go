package sqlstore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/assay-ml/assay/fault"
)

// cannotLock explains why the lock file of a database could not be opened.
func cannotLock(path string, err error) error {
	f := fault.New(fault.Unavailable, "opening the lock file of the database: %w", err)
	if errors.Is(err, syscall.ENOSPC) {
		return f.WithHint("Free some space on that disk.")
	}
	return f.WithHint("Make the folder %s writable for the user that runs the server.", filepath.Dir(path))
}

// inUse names the process that holds the lock, as far as the file says.
func inUse(f *os.File) error {
	who := "another process"
	b := make([]byte, 20)
	if n, _ := f.ReadAt(b, 0); n > 0 {
		if pid := strings.TrimSpace(string(b[:n])); pid != "" && strings.Trim(pid, "0123456789") == "" {
			who = "process " + pid
		}
	}
	return fault.New(fault.Conflict, "the database %s is in use by %s", strings.TrimSuffix(f.Name(), ".lock"), who).
		WithHint("Stop that server first, or give this one another data directory.")
}
