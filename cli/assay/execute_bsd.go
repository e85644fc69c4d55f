//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package assay

import "golang.org/x/sys/unix"

const (
	getModes = unix.TIOCGETA
	setModes = unix.TIOCSETA
)
