//go:build !unix

package local

import (
	"fmt"
	"os"
	"time"
)

// lock makes a file that only one process can make, waiting while it is there.
func lock(path string) (unlock func(), err error) {
	for range 600 {
		file, err := os.OpenFile(path+".held", os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o644)
		if err == nil {
			return func() { file.Close(); os.Remove(path + ".held") }, nil
		}
		if !os.IsExist(err) {
			return nil, err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, fmt.Errorf("%s.held is there for half a minute: remove it if no other process uses the forge", path)
}
