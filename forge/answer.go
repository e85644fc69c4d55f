package forge

import (
	"errors"
	"net/http"
	"unicode/utf8"

	"github.com/assay-ml/assay/fault"
)

// Answer is how a forge answered a call that failed. The drivers' client
// libraries differ; what people are told does not.
type Answer struct {
	Forge   string // its kind and address, e.g. "Gitea at http://127.0.0.1:3000"
	Doing   string // e.g. "posting the comment"
	Needs   string // the right it takes, in the forge's words, e.g. "issues: write"
	Status  int    // HTTP status, 0 when there was no answer
	Message string // the forge's own words
	Err     error  // of the library
}

// Fault turns the answer into a fault for people; the error of a transport
// that is one already passes as it is, with what was being done.
func (a Answer) Fault() error {
	var f *fault.Error
	if errors.As(a.Err, &f) {
		return fault.New(f.Code, "%s: %s", a.Doing, f.Message).WithHint("%s", f.Hint)
	}
	said := ""
	if a.Message != "" {
		said = ": " + clip(a.Message)
	}
	switch {
	case a.Status == 0, a.Status < 300 && a.Err != nil:
		return fault.New(fault.Unavailable, "%s: %s gave no answer that can be read: %w", a.Doing, a.Forge, a.Err)
	case a.Status == http.StatusUnauthorized:
		return fault.New(fault.Denied, "%s: %s does not accept the token%s", a.Doing, a.Forge, said).
			WithHint("it may have expired or been revoked: make a new one (`assay doctor` says which variable it came from)")
	case a.Status == http.StatusForbidden:
		return fault.New(fault.Denied, "%s: %s refuses it%s", a.Doing, a.Forge, said).
			WithHint("the token needs %s; `assay doctor` shows what it has", a.Needs)
	case a.Status == http.StatusNotFound:
		return fault.New(fault.NotFound, "%s: %s does not find it%s", a.Doing, a.Forge, said).
			WithHint("a private project is not found either by a token without %s", a.Needs)
	case a.Status == http.StatusRequestEntityTooLarge:
		return fault.New(fault.TooLarge, "%s: %s finds it too large%s", a.Doing, a.Forge, said)
	case a.Status == http.StatusConflict:
		return fault.New(fault.Conflict, "%s: %s%s", a.Doing, a.Forge, said)
	case a.Status == http.StatusTooManyRequests:
		return fault.New(fault.Unavailable, "%s: %s limits how often it may be asked%s", a.Doing, a.Forge, said).
			WithHint("try again later, or use a token of its own for this project")
	case a.Status >= 500:
		return fault.New(fault.Unavailable, "%s: %s answered %d%s", a.Doing, a.Forge, a.Status, said).WithHint("try again later")
	}
	return fault.New(fault.Invalid, "%s: %s answered %d%s", a.Doing, a.Forge, a.Status, said)
}

// clip bounds a forge's own words, which may be a whole page of HTML.
func clip(s string) string {
	const most = 300
	if len(s) <= most {
		return s
	}
	s = s[:most]
	for len(s) > 0 && !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// CheckLength refuses a comment that the forge would refuse or cut.
func CheckLength(body string, most int) error {
	if n := utf8.RuneCountInString(body); n > most {
		return fault.New(fault.TooLarge, "the comment has %d characters, the forge takes %d", n, most).
			WithHint("leave sections out; the whole report stays on the server and in the job's output")
	}
	return nil
}
