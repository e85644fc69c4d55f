//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package assay

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// openTerminal opens a terminal for the command's output that is like ours. It
// is not the command's controlling terminal, that is and stays ours: keys, job
// control, /dev/tty and a hang-up work as without us, and nothing about our
// terminal has to be changed and put back. So all that the new one does is to
// pass on what is written.
func openTerminal(ours *os.File) (from, child *os.File, err error) {
	from, child, err = pty.Open()
	if err != nil {
		if errors.Is(err, pty.ErrUnsupported) {
			err = errors.ErrUnsupported
		}
		return nil, nil, err
	}
	_ = pty.InheritSize(ours, from)
	if err := passOn(ours, child); err != nil {
		from.Close()
		child.Close()
		return nil, nil, err
	}
	return from, child, nil
}

// passOn gives a terminal the modes of ours, but leaves what is written as it
// is: ours turns line ends into what it needs.
func passOn(ours, child *os.File) error {
	modes, err := unix.IoctlGetTermios(int(ours.Fd()), getModes)
	if err != nil {
		return err
	}
	modes.Oflag &^= unix.OPOST
	return unix.IoctlSetTermios(int(child.Fd()), setModes, modes)
}

// resize gives the command's terminals the size of ours, and tells the command
// when that changed: it may have asked for the size before we set it.
func (all *outlets) resize() {
	changed := false
	for _, o := range all.list {
		changed = o.terminal && o.resize() || changed
	}
	if changed {
		_ = syscall.Kill(0, syscall.SIGWINCH) // our process group, and so the command
	}
}

// resize reports whether the size was another.
func (o *outlet) resize() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	size, err := pty.GetsizeFull(o.to.(*os.File))
	if err != nil {
		return false
	}
	old, err := pty.GetsizeFull(o.from)
	return err == nil && *old != *size && pty.Setsize(o.from, size) == nil
}

// signals are those that somebody sends to us and means for the command.
type signals chan os.Signal

// listenForSignals must be called before the command starts.
func listenForSignals() signals {
	s := make(signals, 16)
	list := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP) // else under nohup, which the command inherits
	}
	// Without this a closed standard output would end us, and the run's record.
	list = append(list, syscall.SIGPIPE)
	signal.Notify(s, list...)
	return s
}

func (s signals) stop() {
	signal.Stop(s)
	close(s)
}

// to passes on what the command would have got without us.
func (s signals) to(p *os.Process, all *outlets) {
	for sig := range s {
		switch sig {
		case syscall.SIGPIPE:
		case syscall.SIGWINCH:
			all.resize()
		case os.Interrupt, syscall.SIGQUIT:
			if !atKeyboard() {
				_ = p.Signal(sig)
			}
		default:
			_ = p.Signal(sig)
		}
	}
}

// atKeyboard reports whether we are in the foreground of a terminal. Then an
// interrupt comes from its keyboard and reached the command by itself: both
// are in one process group.
func atKeyboard() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// guard is a process that does nothing but outlive us. If we are killed, it
// holds the command's terminals open and goes on passing on what is written;
// else the command's next line would fail.
type guard struct {
	cmd *exec.Cmd
	say *os.File
}

// guardScript waits for a word on descriptor 3. Without one we are dead.
const guardScript = `read -r word <&3 && exit; exec 3<&-
case $1 in 2) cat <&6 >&7 & esac
exec cat <&4 >&5`

// newGuard starts the guard of the terminals among the outlets. There is none
// where there is no shell, and then the command notices that we are killed.
func newGuard(list []*outlet, env Env) *guard {
	var files []*os.File
	for _, o := range list {
		if o.terminal {
			files = append(files, o.from, o.to.(*os.File))
		}
	}
	if len(files) == 0 {
		return nil
	}
	hear, say, err := os.Pipe()
	if err != nil {
		return nil
	}
	defer hear.Close()
	cmd := exec.Command("/bin/sh", "-c", guardScript, "assay-guard", strconv.Itoa(len(files)/2))
	cmd.Env = env.Environ()
	cmd.ExtraFiles = append([]*os.File{hear}, files...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // out of reach of the keyboard
	if cmd.Start() != nil {
		say.Close()
		return nil
	}
	return &guard{cmd: cmd, say: say}
}

// dismiss ends the guard.
func (g *guard) dismiss() {
	if g == nil {
		return
	}
	_, _ = g.say.WriteString("done\n")
	g.say.Close()
	_ = g.cmd.Wait()
}
