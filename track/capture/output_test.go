package capture

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// record plays what a command writes, in pieces as given, and returns all of
// the record.
func record(pieces ...string) string {
	var o Output
	s := o.Stream()
	for _, p := range pieces {
		_, _ = s.Write([]byte(p))
	}
	o.End()
	return string(o.Take())
}

func TestRecordIsWhatATerminalShowsInTheEnd(t *testing.T) {
	long := strings.Repeat("x", maxCells)
	for _, c := range []struct{ name, in, want string }{
		{"plain", "epoch 1\nepoch 2\n", "epoch 1\nepoch 2\n"},
		{"no line end", "epoch 1\ndone", "epoch 1\ndone"},
		{"blank lines", "a\n\n\nb\n\n", "a\n\n\nb\n\n"},
		{"blanks at the end of a line", "a  \n", "a  \n"},
		{"tabs", "a\tb\n", "a\tb\n"},
		{"line ends of a terminal", "a\r\nb\r\n", "a\nb\n"},
		{"progress", "\r 0%|     |\r50%|##   |\r100%|####|\ndone\n", "100%|####|\ndone\n"},
		{"shorter over longer, erased", "\rlong line\r\x1b[Kshort\n", "short\n"},
		{"shorter over longer, padded", "\rlong line\rshort    \n", "short\n"},
		{"shorter over longer, left as it was", "abcdef\rxy\n", "xycdef\n"},
		{"erased to its beginning", "abc\x1b[1Kd\n", "   d\n"},
		{"erased whole", "abc\x1b[2K\rd\n", "d\n"},
		{"backspace", "|\b/\b-\b\\\n", "\\\n"},
		{"Keras", "1/3 [..]\b\b\b\b\b\b\b\b2/3 [=.]\b\b\b\b\b\b\b\b3/3 [==]\n", "3/3 [==]\n"},
		{"colors", "\x1b[1;31mError\x1b[0m: \x1b[38;2;1;2;3mno\x1b[m\n", "Error: no\n"},
		{"link and title", "\x1b]0;title\x07\x1b]8;;http://x\x1b\\text\x1b]8;;\x1b\\\n", "text\n"},
		{"charset, keypad", "\x1b(Ba\x1b=b\x1b>\n", "ab\n"},
		{"picture", "a\x1b_Gf=100;AAAA\x1b\\b\n", "ab\n"},
		{"bell and NUL", "a\ab\x00c\n", "abc\n"},
		{"hidden cursor", "\x1b[?25lwork\x1b[?25h\n", "work\n"},
		{"nested tqdm", "\router 0\n\rinner 0\x1b[A\n\rinner 1\x1b[A\router 1\n\rinner 2\x1b[A\n\n", "outer 1\ninner 2\n"},
		{
			"rich, drawn three times",
			"a 0\nb 0" + strings.Repeat("\r\x1b[2K\x1b[1A\x1b[2Ka 1\nb 1", 3) + "\nend\n", "a 1\nb 1\nend\n",
		},
		{"erased below", "a\nb\nc\x1b[2A\r\x1b[Jd\n", "d\n"},
		{"up farther than there is", "a\x1b[99Ab\n", "ab\n"},
		{"column", "abc\x1b[1Gx\x1b[3Gz\n", "xbz\n"},
		{"right", "a\x1b[2Cb\n", "a  b\n"},
		{"clear keeps what was there", "a\n\x1b[H\x1b[2Jb\n", "a\nb\n"},
		{"full-screen program", "a\n\x1b[?1049hmess\nmess\x1b[?1049lb\n", "a\nb\n"},
		{"sequence cut short by another", "a\x1b[3\x1b[1mb\n", "ab\n"},
		{"characters", "größer 日本 🚀\n", "größer 日本 🚀\n"},
		{"no UTF-8", "gr\xf6\xdfer\xff\n", "gr\xf6\xdfer\xff\n"},
		{"unfinished character", "a\xe6\x97", "a\xe6\x97"},
		{"a line without an end", long + "y\n", long + "\ny\n"},
		{"huge numbers", "a\x1b[99999999999999999999Cb\x1b[999999999Dc\n", "c b\n"},
		{"beyond the right edge", "a\x1b[9999Cb\n", "a" + strings.Repeat(" ", maxWidth-1) + "b\n"},
		{"cut off by a character", "a\x1bé\x1b[3ü\n", "aéü\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := record(c.in); got != c.want {
				t.Errorf("recorded %.200q, want %.200q", got, c.want)
			}
			// However it is cut into pieces.
			if got := record(strings.Split(c.in, "")...); got != c.want {
				t.Errorf("recorded %.200q character by character", got)
			}
			var bytewise []string
			for _, b := range []byte(c.in) {
				bytewise = append(bytewise, string([]byte{b}))
			}
			if got := record(bytewise...); got != c.want {
				t.Errorf("recorded %.200q byte by byte", got)
			}
		})
	}
}

// clock is a time that the test moves.
type clock struct{ time.Time }

func (c *clock) tick(o *Output, d time.Duration) string {
	c.Time = c.Add(d)
	o.Tick(c.Time)
	return string(o.Take())
}

func stream(o *Output, c *clock) *Stream {
	s := o.Stream()
	s.now = func() time.Time { return c.Time }
	return s
}

func write(s *Stream, text string) { _, _ = s.Write([]byte(text)) }

func TestRecordWhileItGrows(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	var o Output
	s := stream(&o, c)
	write(s, "epoch 1\nloading")
	for i, want := range []string{"epoch 1\nloading", "", ""} {
		if got := c.tick(&o, time.Second); got != want {
			t.Errorf("second %d: %q, want %q", i, got, want)
		}
	}
	write(s, " done")
	if got := c.tick(&o, time.Second); got != " done" {
		t.Errorf("a line that went on: %q", got)
	}
	write(s, "\n")
	if got := c.tick(&o, time.Second); got != "\n" {
		t.Errorf("a line that ended: %q", got)
	}
	var all strings.Builder
	for i := range 600 { // a minute of a progress bar
		write(s, fmt.Sprintf("\r%d of 60", i/10))
		all.WriteString(c.tick(&o, 100*time.Millisecond))
	}
	if n := strings.Count(all.String(), "\r"); n < 5 || n > 12 {
		t.Errorf("drawn %d times in a minute: %q", n, all.String())
	}
	write(s, "\r100%"+strings.Repeat(" ", 60)+"\nend\n")
	all.WriteString(c.tick(&o, time.Second))
	if got := LastLines([]byte(all.String()), 2); got != "100%\nend" {
		t.Errorf("last lines are %q", got)
	}
}

func TestSlowBarsAreNotKeptTwice(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	var o Output
	s := stream(&o, c)
	write(s, "a 0\nb 0")
	var all strings.Builder
	all.WriteString(c.tick(&o, time.Second/2))
	for i := range 5 {
		write(s, "\r\x1b[2K\x1b[1A\x1b[2Ka "+string(rune('1'+i))+"\nb "+string(rune('1'+i)))
		for range 8 {
			all.WriteString(c.tick(&o, time.Second))
		}
	}
	write(s, "\n")
	o.End()
	all.Write(o.Take())
	if got := LastLines([]byte(all.String()), 9); got != "a 5\nb 5" {
		t.Errorf("the record is %q", all.String())
	}
}

func TestStreamsDoNotMix(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	var o Output
	out, bar := stream(&o, c), stream(&o, c)
	var all strings.Builder
	write(bar, "\r10%")
	all.WriteString(c.tick(&o, time.Second))
	write(out, "epoch 1\nepo")
	write(bar, "\r20%")
	write(out, "ch 2\n\n")
	all.WriteString(c.tick(&o, time.Second))
	write(bar, "\r100%\n")
	all.WriteString(c.tick(&o, 6*time.Second))
	o.End()
	all.Write(o.Take())
	if got := strings.ReplaceAll(LastLines([]byte(all.String()), 9), " \n", "\n"); got != "epoch 1\nepoch 2\n\n100%" {
		t.Errorf("the record is %q", all.String())
	}
	write(out, "late\n")
	if o.End(); o.Size() != 0 {
		t.Errorf("written after the end: %q", o.Take())
	}
}

// What is held back is bounded, whatever the command writes.
func TestWhatIsHeldIsBounded(t *testing.T) {
	var o Output
	s := o.Stream()
	write(s, strings.Repeat("line\n", 10_000))
	if len(s.rows) > maxRows {
		t.Errorf("%d rows are held", len(s.rows))
	}
	o.End()
	if got, want := string(o.Take()), strings.Repeat("line\n", 10_000); got != want {
		t.Errorf("%d bytes recorded, want %d", len(got), len(want))
	}
}

func TestLastLines(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"", 3, ""},
		{"a\nb\nc\n", 2, "b\nc"},
		{"a\n1%\r2%\r3%\nc", 9, "a\n3%\nc"},
	} {
		if got := LastLines([]byte(c.in), c.n); got != c.want {
			t.Errorf("last %d lines of %q are %q, want %q", c.n, c.in, got, c.want)
		}
	}
}

func FuzzOutput(f *testing.F) {
	f.Add([]byte("a\rb\x1b[2A\x1b[Kc\n\x1b[?1049h\x1b[J"), 3)
	f.Add([]byte("日\x1b]0;t\x07\b\b\xff\x1b[9999C.\n\n\x1b[9F"), 1)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		whole := record(string(data))
		if cut > 0 && cut < len(data) {
			if got := record(string(data[:cut]), string(data[cut:])); got != whole {
				t.Errorf("cut at %d: %q, whole %q", cut, got, whole)
			}
		}
		for _, b := range []byte(whole) {
			if b < 0x20 && b != '\n' && b != '\t' || b == 0x7f {
				t.Fatalf("control byte %#x in %q", b, whole)
			}
		}
		if utf8.Valid(data) && !utf8.ValidString(whole) {
			t.Errorf("%q became %q", data, whole)
		}
		if plain := !bytes.ContainsFunc(data, func(r rune) bool { return r < 0x20 && r != '\n' && r != '\t' || r == 0x7f }); plain &&
			len(data) < maxCells && whole != string(data) {
			t.Errorf("plain %q became %q", data, whole)
		}
	})
}
