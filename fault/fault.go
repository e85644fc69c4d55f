// Package fault is the one error of Assay: a code for machines, a message for
// people, a cause for operators and a hint for the next step. Every command and
// every HTTP face maps it once, to an exit code or to a status. It is not a
// logging package and knows nothing of HTTP or terminals.
package fault

import (
	"errors"
	"fmt"
)

// Code says what kind of thing went wrong. Codes are stable: scripts and the
// wires (MLflow's error_code among them) depend on them.
type Code string

// The codes. Each maps to one exit code (see Exit) and, in the HTTP faces, to
// one status.
const (
	Invalid     Code = "invalid"     // the input breaks a rule
	NotFound    Code = "not_found"   // the thing named does not exist
	Exists      Code = "exists"      // the thing to create is there already
	Denied      Code = "denied"      // not allowed, by permission or by policy
	Conflict    Code = "conflict"    // the state does not allow it
	TooLarge    Code = "too_large"   // a bound was exceeded
	Unavailable Code = "unavailable" // a server, forge or disk cannot answer now
	Failed      Code = "failed"      // a gate or a verification failed
	Undecided   Code = "undecided"   // a gate could not decide, and that counts
	Usage       Code = "usage"       // wrong flags or arguments
	Missing     Code = "missing"     // a needed program is missing
	Interrupted Code = "interrupted" // stopped by the user
	Internal    Code = "internal"    // our own mistake; the cause is for operators
	Unsupported Code = "unsupported" // known, but not offered here
)

// Error is a fault. Message is complete without Cause; Hint, if any, is one
// sentence that says what to do next.
type Error struct {
	Code    Code
	Message string
	Hint    string
	Cause   error
}

// Error returns the message for people, without cause and hint.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes a fault with a formatted message. A %w verb sets the cause.
func New(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Cause: errors.Unwrap(err)}
}

// WithHint returns a copy of e that carries the next step.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// CodeOf finds the code of the first fault in err's chain. An error without a
// fault is Internal; nil is the empty code.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var f *Error
	if errors.As(err, &f) {
		return f.Code
	}
	return Internal
}

// HintOf returns the hint of the first fault in err's chain that has one.
func HintOf(err error) string {
	var f *Error
	for errors.As(err, &f) {
		if f.Hint != "" {
			return f.Hint
		}
		err = f.Cause
	}
	return ""
}

// Is reports whether err is a fault with the given code.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }
