package scene

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is the number of characters of a string that a picture looks at; it
// is far more than any picture has room for.
const MaxText = 400

// Clean makes a string of a stranger fit for a picture: valid UTF-8 in one
// line, without controls and marks that change the direction of what follows,
// and no longer than MaxText, cut in the middle.
func Clean(s string) string {
	plain := len(s) <= MaxText
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= ' ' && s[i] < 0x7f
	}
	if plain {
		return strings.TrimSpace(s)
	}
	if len(s) > 16*MaxText { // what lies further in would be cut anyway
		s = s[:8*MaxText] + s[len(s)-8*MaxText:]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), forbidden(r), directs(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) > MaxText {
		r := []rune(s)
		s = string(r[:MaxText/2]) + "…" + string(r[len(r)-MaxText/2+1:])
	}
	return s
}

// forbidden says whether XML 1.0 forbids a character.
func forbidden(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff || r >= 0xd800 && r < 0xe000 || !utf8.ValidRune(r)
}

// directs says whether a character changes the direction of the text around it.
func directs(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c
}

// invisible says whether a character takes no room: controls, joiners,
// variation selectors.
func invisible(r rune) bool {
	return r < 0x20 || r >= 0x7f && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef)
}

// usualWidth is the advance of a letter of a font that is not at hand, for a
// font size of 1.
func usualWidth(r rune) float64 {
	switch {
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff,
		r >= 0xfe30 && r <= 0xfe4f, r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f000 && r <= 0x3fffd:
		return 1
	}
	return .62
}

// rightToLeft says whether a letter is of a script that runs from right to left.
func rightToLeft(r rune) bool {
	return r >= 0x590 && r <= 0x8ff || r >= 0xfb1d && r <= 0xfdff || r >= 0xfe70 && r <= 0xfefc || r >= 0x10800 && r <= 0x10fff || r >= 0x1e800 && r <= 0x1efff
}

// Isolate ends a name that holds right-to-left letters with a mark, so that a
// number behind it stays behind it where a browser orders the text.
func Isolate(s string) string {
	if strings.ContainsFunc(s, rightToLeft) {
		return "\u200e" + s + "\u200e"
	}
	return s
}

// visual orders letters as they are painted: runs of right-to-left letters,
// with the spaces between them, turn; numbers in them keep their order. It
// knows no embedding and joins no Arabic letters.
func visual(s string) []rune {
	r := []rune(s)
	if !slices.ContainsFunc(r, rightToLeft) {
		return r
	}
	for i := 0; i < len(r); i++ {
		if !rightToLeft(r[i]) {
			continue
		}
		end := i + 1
		for j := end; j < len(r) && !leftToRight(r[j]); j++ {
			if rightToLeft(r[j]) {
				end = j + 1
			}
		}
		turn(r[i:end])
		i = end
	}
	return r
}

func leftToRight(r rune) bool { return unicode.IsLetter(r) && !rightToLeft(r) || r == 0x200e }

// turn reverses a run, and numbers in it once more.
func turn(r []rune) {
	slices.Reverse(r)
	for i := 0; i < len(r); i++ {
		j := i
		for j < len(r) && unicode.IsDigit(r[j]) {
			j++
		}
		slices.Reverse(r[i:j])
		i = max(i, j-1)
	}
}

// Cut shortens a text that is wider than limit in its middle, where names
// differ least: "trainin…_v7".
func (f *Fonts) Cut(s string, size float64, bold bool, limit float64) string {
	if f.Width(s, size, bold) <= limit {
		return s
	}
	r := []rune(s)
	widths := make([]float64, len(r))
	for i, c := range r {
		widths[i] = f.glyph(c, bold).advance * size
	}
	free := limit - f.Width("…", size, bold)
	head, tail := 0, len(r)
	for head < tail { // by turns from both ends, while there is room
		front := head <= len(r)-tail
		w := widths[head]
		if !front {
			w = widths[tail-1]
		}
		if w > free {
			break
		}
		free -= w
		if front {
			head++
		} else {
			tail--
		}
	}
	for tail < len(r) && unicode.Is(unicode.Mn, r[tail]) { // an accent without its letter
		tail++
	}
	return string(r[:head]) + "…" + string(r[tail:])
}

// Wrap breaks a text at spaces into at most n lines; what does not fit is cut
// out of the middle of the last.
func (f *Fonts) Wrap(s string, size float64, bold bool, limit float64, n int) []string {
	words := strings.Fields(s)
	var lines []string
	for len(words) > 0 {
		if len(lines) == n-1 {
			return append(lines, f.Cut(strings.Join(words, " "), size, bold, limit))
		}
		k, w := 1, f.Width(words[0], size, bold)
		for k < len(words) {
			w += f.Width(" "+words[k], size, bold)
			if w > limit {
				break
			}
			k++
		}
		lines = append(lines, f.Cut(strings.Join(words[:k], " "), size, bold, limit))
		words = words[k:]
	}
	return lines
}
