package search

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/assay-ml/assay/fault"
)

// Kinds of tokens.
type tokenKind int

const (
	end      tokenKind = iota
	word               // bare; a field or a keyword
	name               // entity. and `key` or "key", or a key quoted alone
	quoted             // '…' or "…" as a value
	number             // 1, -2.5, 1e-3
	operator           // = != <> < <= > >=
	punct              // ( ) ,
)

type token struct {
	kind   tokenKind
	text   string // unquoted
	entity string // of a name
	num    float64
	at     int // byte offset
}

func (t token) String() string {
	switch t.kind {
	case end:
		return "the end"
	case name:
		return strconv.Quote(t.entity + "." + t.text)
	}
	if utf8.RuneCountInString(t.text) > 60 {
		return strconv.Quote(string([]rune(t.text)[:60]) + "…")
	}
	return strconv.Quote(t.text)
}

type lexer struct {
	text string
	what string // for messages
	pos  int
}

func (l *lexer) wrongAt(at int, format string, args ...any) error {
	e := fault.New(fault.Invalid, format, args...)
	pos := utf8.RuneCountInString(l.text[:min(at, len(l.text))]) + 1
	shown := l.text
	if utf8.RuneCountInString(shown) > 300 {
		shown = string([]rune(shown)[:300]) + "…"
	}
	return fault.New(fault.Invalid, "Invalid %s at position %d: %s. Given: %q", l.what, pos, e.Message, shown)
}

func (l *lexer) next() (token, error) {
	l.pos = len(l.text) - len(strings.TrimLeftFunc(l.text[l.pos:], unicode.IsSpace))
	at, rest := l.pos, l.text[l.pos:]
	if rest == "" {
		return token{kind: end, at: at}, nil
	}
	for _, op := range []string{"!=", "<>", "<=", ">=", "==", "=", "<", ">"} {
		if !strings.HasPrefix(rest, op) {
			continue
		}
		l.pos += len(op)
		switch op {
		case "<>":
			op = "!="
		case "==":
			op = "="
		}
		return token{kind: operator, text: op, at: at}, nil
	}
	switch c := rest[0]; {
	case c == '(' || c == ')' || c == ',':
		l.pos++
		return token{kind: punct, text: rest[:1], at: at}, nil
	case c == '\'' || c == '"':
		s, err := l.quotedText()
		return token{kind: quoted, text: s, at: at}, err
	case c == '`':
		s, err := l.quotedText()
		return token{kind: name, text: s, at: at}, err
	case c == '-' || c == '+' || c == '.' || c >= '0' && c <= '9':
		return l.number()
	}
	return l.word()
}

// quotedText reads up to the same quote again; a doubled quote stands for one.
func (l *lexer) quotedText() (string, error) {
	q, start := l.text[l.pos], l.pos
	var b strings.Builder
	for i := start + 1; i < len(l.text); i++ {
		if l.text[i] != q {
			b.WriteByte(l.text[i])
			continue
		}
		if i+1 < len(l.text) && l.text[i+1] == q {
			b.WriteByte(q)
			i++
			continue
		}
		l.pos = i + 1
		return b.String(), nil
	}
	return "", l.wrongAt(start, "the quote %c is not closed", q)
}

func (l *lexer) number() (token, error) {
	at := l.pos
	n := strings.IndexFunc(l.text[at:], func(r rune) bool {
		return !strings.ContainsRune("+-.eE", r) && (r < '0' || r > '9')
	})
	if n < 0 {
		n = len(l.text) - at
	}
	l.pos += n
	s := l.text[at:l.pos]
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return token{}, l.wrongAt(at, "%.60q is not a number", s)
	}
	return token{kind: number, text: s, num: v, at: at}, nil
}

func inWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) || strings.ContainsRune(".-/:", r)
}

// word reads a bare word, or entity.`key`.
func (l *lexer) word() (token, error) {
	at := l.pos
	r, _ := utf8.DecodeRuneInString(l.text[at:])
	if r != '_' && !unicode.IsLetter(r) {
		return token{}, l.wrongAt(at, "unexpected %q", r)
	}
	n := strings.IndexFunc(l.text[at:], func(r rune) bool { return !inWord(r) })
	if n < 0 {
		n = len(l.text) - at
	}
	l.pos += n
	text := l.text[at:l.pos]
	entity, isName := strings.CutSuffix(text, ".")
	if !isName || l.pos == len(l.text) || l.text[l.pos] != '`' && l.text[l.pos] != '"' {
		return token{kind: word, text: text, at: at}, nil
	}
	key, err := l.quotedText()
	return token{kind: name, text: key, entity: entity, at: at}, err
}
