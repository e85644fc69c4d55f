package capture

import (
	"bytes"
	"strconv"
	"time"
)

// state is where the reader of control sequences (ECMA-48, with the private
// ones of xterm) stands.
type state int

const (
	ground       state = iota
	escape             // after ESC
	charset            // ESC ( and alike: one more byte
	control            // CSI: parameters up to a final byte
	quoted             // OSC, DCS, APC …: up to BEL or ESC \
	quotedEscape       // ESC inside of it
)

const (
	maxParams = 64  // bytes of a sequence's parameters that are looked at
	maxWidth  = 512 // columns of a terminal: how far to the right a sequence can move
)

// step takes one byte that is no part of a longer character.
func (s *Stream) step(b byte, now time.Time) {
	switch s.state {
	case ground:
		s.plain(b, now)
	case escape:
		s.state = ground
		switch b {
		case '[':
			s.state, s.params = control, s.params[:0]
		case ']', 'P', '_', '^', 'X':
			s.state = quoted
		case '(', ')', '*', '+', '#', '%', ' ':
			s.state = charset
		case 0x1b:
			s.state = escape
		}
	case charset:
		s.state = ground
	case control:
		switch {
		case b == 0x1b:
			s.state = escape
		case b < 0x20:
			s.plain(b, now) // a terminal obeys it in the middle of a sequence
		case b >= 0x40 && b <= 0x7e:
			s.state = ground
			s.obey(b, now)
		case len(s.params) < maxParams:
			s.params = append(s.params, b)
		}
	case quoted:
		switch b {
		case 0x07:
			s.state = ground
		case 0x1b:
			s.state = quotedEscape
		}
	case quotedEscape:
		s.state = quoted
		if b == '\\' {
			s.state = ground
		}
	}
}

// plain takes a byte outside of sequences.
func (s *Stream) plain(b byte, now time.Time) {
	switch {
	case b >= 0x20 && b != 0x7f, b == '\t':
		s.put(rune(b), now)
	case b == '\n':
		s.newline(now)
	case b == '\r':
		s.c = 0
	case b == '\b':
		s.c = max(0, s.c-1)
	case b == 0x1b:
		s.state = escape
	}
}

// obey does what a CSI sequence says, as far as it matters for lines of text.
func (s *Stream) obey(final byte, now time.Time) {
	if bytes.HasPrefix(s.params, []byte("?")) {
		switch string(s.params) {
		case "?1049", "?1047", "?47":
			s.alternate = final == 'h'
		}
		return
	}
	if s.alternate {
		return
	}
	n := max(1, s.param(1))
	switch final {
	case 'A':
		s.up(n, now)
	case 'F':
		s.up(n, now)
		s.c = 0
	case 'B':
		s.r = min(s.r+n, len(s.rows)-1)
	case 'E':
		s.r, s.c = min(s.r+n, len(s.rows)-1), 0
	case 'C':
		s.c = max(s.c, min(s.c+n, maxWidth))
	case 'D':
		s.c = max(0, s.c-n)
	case 'G', '`':
		s.c = min(n-1, max(maxWidth, len(s.rows[s.r].cells)))
	case 'K':
		s.eraseLine(now)
	case 'J':
		s.eraseScreen(now)
	case 'H', 'f':
		s.keepAll()
	}
}

// up moves the cursor up, at most to the first row that is still held.
func (s *Stream) up(n int, now time.Time) {
	to := max(0, s.r-n)
	s.reach = max(s.reach, s.r-to)
	s.r, s.upAt = to, now
}

func (s *Stream) eraseLine(now time.Time) {
	line := &s.rows[s.r]
	line.over, line.changed = true, now
	switch s.param(0) {
	case 0:
		line.cells = line.cells[:min(s.c, len(line.cells))]
	case 1:
		for i := range min(s.c+1, len(line.cells)) {
			line.cells[i] = ' '
		}
	case 2:
		line.cells = line.cells[:0]
	}
}

func (s *Stream) eraseScreen(now time.Time) {
	if s.param(0) != 0 {
		s.keepAll()
		return
	}
	s.eraseLine(now)
	clear(s.rows[s.r+1:])
	s.rows = s.rows[:s.r+1]
}

// param is the first parameter of the sequence, missing where it has none.
func (s *Stream) param(missing int) int {
	first, _, _ := bytes.Cut(s.params, []byte(";"))
	n, err := strconv.Atoi(string(first))
	if err != nil || n < 0 {
		return missing
	}
	return min(n, maxCells)
}
