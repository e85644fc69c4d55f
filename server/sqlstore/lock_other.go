//go:build !unix && !windows

package sqlstore

import (
	"os"
)

// lockFile opens the lock file. On systems without flock nothing but an
// exclusive open keeps two servers apart, where the system has that.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, cannotLock(path, err)
	}
	return f, nil
}
