package cml

import "strings"

// destination is where a picture, a link or a definition of one leads to: a
// part of a text.
type destination struct{ start, end int }

// destinations finds those of a Markdown text outside of code. It is a scanner
// and not a parser of Markdown: what it does not recognize stays as it is.
func destinations(text string) []destination {
	var out []destination
	fence := ""
	pos := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		trimmed := strings.TrimLeft(line, " ")
		indent := len(line) - len(trimmed)
		switch {
		case fence != "":
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
		case strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~"):
			fence = trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, trimmed[:1]))]
		default:
			if d, ok := definition(line, indent); ok {
				out = append(out, destination{pos + d.start, pos + d.end})
				break
			}
			for _, d := range inLine(line) {
				out = append(out, destination{pos + d.start, pos + d.end})
			}
		}
		pos += len(line)
	}
	return out
}

// definition reads [label]: destination "title".
func definition(line string, indent int) (destination, bool) {
	if indent > 3 || !strings.HasPrefix(line[indent:], "[") || strings.HasPrefix(line[indent:], "[^") {
		return destination{}, false
	}
	mid := strings.Index(line, "]:")
	if mid < 0 || strings.ContainsAny(line[indent+1:mid], "[]") {
		return destination{}, false
	}
	d, _ := target(line, mid+2)
	return d, d.end > d.start
}

func inLine(line string) []destination {
	var out []destination
	opened := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '`': // inline code ends with as many backticks
			ticks := line[i : len(line)-len(strings.TrimLeft(line[i:], "`"))]
			i += len(ticks) - 1
			if end := strings.Index(line[i+1:], ticks); end >= 0 {
				i += end + len(ticks)
			}
		case '[':
			opened++
		case ']':
			if opened == 0 {
				continue
			}
			opened--
			if !strings.HasPrefix(line[i:], "](") {
				continue
			}
			d, next := target(line, i+2)
			if d.end > d.start && next < len(line) && strings.IndexByte(`)"'(`, line[next]) >= 0 {
				out = append(out, d)
				i = next - 1
			}
		}
	}
	return out
}

// target reads a destination from a place in a line on, and where what comes
// after it begins.
func target(line string, i int) (d destination, next int) {
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	d = destination{i, i}
	if i < len(line) && line[i] == '<' {
		end := strings.IndexAny(line[i:], ">\n")
		if end < 0 || line[i+end] != '>' {
			return d, i
		}
		d, i = destination{i + 1, i + end}, i+end+1
	} else {
		depth := 0
	scan:
		for ; i < len(line); i++ {
			switch c := line[i]; {
			case c == '(':
				depth++
			case c == ')' && depth == 0, c <= ' ':
				break scan
			case c == ')':
				depth--
			case c == '\\':
				i++
			}
		}
		d.end = min(i, len(line))
	}
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	return d, i
}
