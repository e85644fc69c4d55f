package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestExit(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{New(Failed, "gate"), 1},
		{New(Undecided, "gate"), 2},
		{New(NotFound, "no such run"), 3},
		{New(Denied, "policy"), 3},
		{errors.New("plain"), 3},
		{New(Usage, "flag"), 64},
		{New(Missing, "git"), 69},
		{fmt.Errorf("while reporting: %w", New(Interrupted, "stopped")), 130},
	} {
		if got := Exit(c.err); got != c.want {
			t.Errorf("Exit(%v) = %d, want %d", c.err, got, c.want)
		}
	}
}

func TestChain(t *testing.T) {
	inner := New(Unavailable, "connecting to %s: %w", "server", io.ErrUnexpectedEOF).WithHint("start it")
	outer := fmt.Errorf("loading runs: %w", inner)
	if CodeOf(outer) != Unavailable || HintOf(outer) != "start it" {
		t.Errorf("code %q hint %q", CodeOf(outer), HintOf(outer))
	}
	if !errors.Is(outer, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	wrapped := New(Invalid, "bad: %w", inner)
	if CodeOf(wrapped) != Invalid || HintOf(wrapped) != "start it" {
		t.Errorf("code %q hint %q", CodeOf(wrapped), HintOf(wrapped))
	}
}
