package publish

import (
	"strings"
	"unicode/utf8"
)

// leftOut stands for what a forge would not have taken.
const leftOut = "\n*A part of this report is left out here: the forge takes no longer comments. The whole is in the file that the job wrote.*\n"

// Fit shortens a text to what a forge takes, in characters: folded parts go
// first, the last before the others, then whole lines from the end.
func Fit(text string, most int) string {
	for utf8.RuneCountInString(text) > most {
		start := strings.LastIndex(text, "<details>")
		if start < 0 {
			break
		}
		end := strings.Index(text[start:], "</details>")
		if end < 0 {
			break
		}
		rest := text[start+end+len("</details>"):]
		if strings.HasPrefix(strings.TrimLeft(rest, "\n"), strings.TrimLeft(leftOut, "\n")) {
			rest = strings.Replace(rest, leftOut, "", 1)
		}
		text = text[:start] + leftOut + rest
	}
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	room := most - utf8.RuneCountInString(leftOut)
	if room <= 0 {
		return string([]rune(text)[:most])
	}
	kept := string([]rune(text)[:room])
	if at := strings.LastIndexByte(kept, '\n'); at > 0 {
		kept = kept[:at]
	}
	return closed(kept) + leftOut
}

// closed ends a block of code that the cut left open.
func closed(text string) string {
	fence := ""
	for _, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimLeft(line, " ")
		switch {
		case fence != "" && strings.HasPrefix(trimmed, fence):
			fence = ""
		case fence == "" && strings.HasPrefix(trimmed, "```"):
			fence = trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, "`"))]
		}
	}
	if fence == "" {
		return text
	}
	return text[:max(0, len(text)-len(fence)-1)] + "\n" + fence
}
