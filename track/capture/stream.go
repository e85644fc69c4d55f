package capture

import (
	"bytes"
	"time"
	"unicode/utf8"
)

// Bounds of what a stream holds back because it may yet be drawn over.
const (
	maxRows  = 128
	maxCells = 1 << 16 // characters of one line; a longer one is broken
)

// Stream reduces what is written to one stream as a terminal would show it. It
// knows what progress bars use: carriage return, backspace, erasing, moving
// within the last lines. Other escape sequences are left out, and so is what is
// drawn on the alternate screen of a full-screen program.
type Stream struct {
	output *Output
	now    func() time.Time
	rows   []row // not yet in the record, topmost first; never empty
	r, c   int   // the cursor, in rows and cells
	reach  int   // how many rows above the cursor were drawn over
	upAt   time.Time
	shown  []byte // of rows[0], while it is the record's last line
	drawn  time.Time
	ended  bool

	state     state
	params    []byte // of the sequence that is being read
	partial   []byte // of a character
	alternate bool
}

type row struct {
	cells   []rune
	over    bool // something was drawn over: blanks at its end are padding
	changed time.Time
}

// Write takes what the command wrote; it never fails.
func (s *Stream) Write(p []byte) (int, error) {
	s.output.mu.Lock()
	defer s.output.mu.Unlock()
	if s.ended {
		return len(p), nil
	}
	now := s.now()
	n := len(p)
	if len(s.partial) > 0 {
		p = append(s.partial, p...)
		s.partial = nil
	}
	for len(p) > 0 {
		if p[0] >= utf8.RuneSelf && s.state < quoted {
			s.state = ground // no part of a sequence: it was cut off
		}
		if s.state == ground && p[0] >= utf8.RuneSelf {
			if !utf8.FullRune(p) {
				s.partial = bytes.Clone(p)
				break
			}
			r, size := utf8.DecodeRune(p)
			if r == utf8.RuneError && size == 1 {
				r = rawByte + rune(p[0]) // kept as it is
			}
			s.put(r, now)
			p = p[size:]
			continue
		}
		s.step(p[0], now)
		p = p[1:]
	}
	return n, nil
}

// rawByte marks a byte that is not UTF-8, in a range that no character has.
const rawByte = utf8.MaxRune + 1

// put writes a character at the cursor.
func (s *Stream) put(r rune, now time.Time) {
	if s.alternate {
		return
	}
	if s.c >= maxCells {
		s.newline(now)
	}
	line := &s.rows[s.r]
	for len(line.cells) < s.c {
		line.cells = append(line.cells, ' ')
	}
	if s.c == len(line.cells) {
		line.cells = append(line.cells, r)
	} else {
		line.cells[s.c] = r
		line.over = true
	}
	line.changed = now
	s.c++
}

func (s *Stream) newline(now time.Time) {
	if s.alternate {
		return
	}
	s.c = 0
	s.r++
	if s.r == len(s.rows) {
		if len(s.rows) == maxRows {
			s.keep(maxRows / 2)
		}
		s.rows = append(s.rows, row{changed: now})
	}
}

// keep lets the first n rows into the record.
func (s *Stream) keep(n int) {
	for _, line := range s.rows[:n] {
		s.output.emit(s, line.text(), true)
	}
	left := copy(s.rows, s.rows[n:])
	clear(s.rows[left:])
	s.rows = s.rows[:left]
	s.r = max(0, s.r-n)
	if left == 0 {
		s.rows = append(s.rows, row{})
	}
}

// keepAll lets everything into the record and begins on a fresh line.
func (s *Stream) keepAll() {
	n := len(s.rows)
	if len(s.rows[n-1].cells) == 0 && (n > 1 || s.output.open != s) {
		s.rows = s.rows[:n-1] // nothing was begun there
		n--
	}
	s.keep(n)
	s.r, s.c = 0, 0
}

// settle keeps the rows that nobody is going to draw over, and shows the first
// of the others as it stands.
func (s *Stream) settle(now time.Time) {
	if now.Sub(s.upAt) > forgetUps {
		s.reach = 0
	}
	n := 0
	for n < s.r-s.reach && now.Sub(s.rows[n].changed) >= settleAfter {
		n++
	}
	s.keep(n)
	first := &s.rows[0]
	text := first.text()
	switch {
	case s.ended, len(text) == 0, s.output.open == s && bytes.Equal(text, s.shown):
	case s.output.open == s && bytes.HasPrefix(text, s.shown), now.Sub(s.drawn) >= redrawEvery:
		s.output.emit(s, text, false)
		s.drawn = now
	}
}

func (s *Stream) end() {
	if s.ended {
		return
	}
	for _, b := range s.partial {
		s.put(rawByte+rune(b), s.now())
	}
	s.keep(len(s.rows) - 1)
	if text := s.rows[0].text(); len(text) > 0 || s.output.open == s {
		s.output.emit(s, text, false) // as the command left it: without a line end
	}
	s.ended = true
}

// text is the row as the record has it.
func (l row) text() []byte {
	out := make([]byte, 0, len(l.cells))
	for _, r := range l.cells {
		if r >= rawByte {
			out = append(out, byte(r-rawByte))
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	if l.over {
		out = bytes.TrimRight(out, " ")
	}
	return out
}
