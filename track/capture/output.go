package capture

import (
	"bytes"
	"sync"
	"time"
)

// How what is still being drawn gets into the record.
const (
	settleAfter = time.Second      // a line that no longer changes is kept after this
	redrawEvery = 5 * time.Second  // a progress line is shown as it stands this often
	forgetUps   = 60 * time.Second // without a move upwards for so long, lines above are left alone
)

// Output is the readable record of what a command writes on its terminal,
// pipes or both: UTF-8 or whatever bytes it writes, without colors and other
// escape sequences. A line that is drawn over and over (a progress bar) is kept
// as it looked last. While it is being drawn the record shows it every five
// seconds; in the record a carriage return then means "this line anew".
// It is safe for concurrent use.
type Output struct {
	mu      sync.Mutex
	streams []*Stream
	out     []byte  // not yet taken
	open    *Stream // whose unfinished line the record ends with
}

// Stream returns a writer for one stream of the command. Lines of several
// streams never mix, though each may be drawn over on its own.
func (o *Output) Stream() *Stream {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := &Stream{output: o, now: time.Now, rows: make([]row, 1)}
	o.streams = append(o.streams, s)
	return s
}

// Tick lets lines that settled, and progress lines as they stand, into the
// record. It is to be called about once a second.
func (o *Output) Tick(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.streams {
		s.settle(now)
	}
}

// End lets everything into the record; what is written afterwards is lost.
func (o *Output) End() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.streams {
		s.end()
	}
}

// Take returns what came into the record since it was taken last.
func (o *Output) Take() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := o.out
	o.out = nil
	return out
}

// Size is how many bytes Take would return.
func (o *Output) Size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.out)
}

// emit writes a line of a stream, or the part of it that is new, over what
// stands in the record's last line.
func (o *Output) emit(s *Stream, text []byte, whole bool) {
	switch {
	case o.open == s && bytes.HasPrefix(text, s.shown):
		o.out = append(o.out, text[len(s.shown):]...)
	case o.open != nil:
		o.out = append(o.out, '\r')
		if len(text) == 0 {
			o.out = append(o.out, ' ') // "\r\n" would read as one line end
		}
		o.out = append(o.out, text...)
	default:
		o.out = append(o.out, text...)
	}
	if o.open != nil && o.open != s {
		o.open.shown = nil
	}
	if whole {
		o.out = append(o.out, '\n')
		o.open, s.shown = nil, nil
		return
	}
	o.open, s.shown = s, text
}

// LastLines returns the last n lines of a record as they look in the end.
func LastLines(record []byte, n int) string {
	lines := bytes.Split(bytes.TrimRight(record, "\n"), []byte("\n"))
	lines = lines[max(0, len(lines)-n):]
	for i, l := range lines {
		lines[i] = l[bytes.LastIndexByte(l, '\r')+1:]
	}
	return string(bytes.Join(lines, []byte("\n")))
}
