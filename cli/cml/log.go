package cml

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/assay-ml/assay/fault"
)

var levels = []string{"error", "warn", "info", "debug"}

// log writes to the standard error: an object a line, or plain lines where the
// standard output is a terminal, as CML does.
type log struct {
	w     io.Writer
	plain bool
	most  int
}

func newLog(env Env) *log {
	l := &log{w: env.Stderr, most: slices.Index(levels, "info")}
	if f, ok := env.Stdout.(*os.File); ok {
		l.plain = term.IsTerminal(int(f.Fd()))
	}
	return l
}

func (l *log) setLevel(name string) error {
	i := slices.Index(levels, name)
	if i < 0 {
		return usageError{fmt.Sprintf("Invalid values:\n  Argument: log, Given: %q, Choices: %s", name, strings.Join(levels, ", "))}
	}
	l.most = i
	return nil
}

func (l *log) say(level, message string) {
	if slices.Index(levels, level) > l.most {
		return
	}
	if l.plain {
		fmt.Fprintf(l.w, "%s: %s\n", level, message)
		return
	}
	enc := json.NewEncoder(l.w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(struct { // a standard error that cannot be written to
		Level   string `json:"level"`
		Message string `json:"message"`
	}{level, message})
}

func (l *log) debug(format string, a ...any) { l.say("debug", fmt.Sprintf(format, a...)) }
func (l *log) warn(format string, a ...any)  { l.say("warn", fmt.Sprintf(format, a...)) }

func (l *log) fail(err error) {
	message := err.Error()
	if hint := fault.HintOf(err); hint != "" {
		message += " (" + hint + ")"
	}
	l.say("error", message)
}

// outdated says that a command has a newer name: on GitHub so that it is shown
// with the job.
func (s *session) outdated(notice string) {
	if s.env.Getenv("GITHUB_ACTIONS") != "" && s.env.Getenv("GITEA_ACTIONS") == "" {
		fmt.Fprintf(s.env.Stderr, "::warning::%s\n", notice)
		return
	}
	s.log.warn("%s", notice)
}
