//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package assay

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// openTerminal: the command keeps our terminal, and is not recorded.
func openTerminal(*os.File) (from, child *os.File, err error) {
	return nil, nil, errors.ErrUnsupported
}

// signals are those that somebody sends to us and means for the command.
type signals chan os.Signal

func listenForSignals() signals {
	s := make(signals, 4)
	signal.Notify(s, os.Interrupt, syscall.SIGTERM)
	return s
}

func (s signals) stop() {
	signal.Stop(s)
	close(s)
}

// to swallows an interrupt: the console sends it to the command too.
func (s signals) to(p *os.Process, _ *outlets) {
	for sig := range s {
		if sig != os.Interrupt {
			_ = p.Signal(sig)
		}
	}
}

// guard is not needed where the command keeps our terminal.
type guard struct{}

func newGuard([]*outlet, Env) *guard { return nil }

func (g *guard) dismiss() {}
