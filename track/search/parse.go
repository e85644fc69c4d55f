package search

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/assay-ml/assay/fault"
)

// Bounds of what is parsed, so that a hostile filter costs little.
const (
	maxText   = 64 << 10 // bytes of a filter, or of all order clauses together
	maxDepth  = 64       // nested parentheses and NOTs
	maxOrders = 100
)

// Parse reads a filter in MLflow's grammar, and its superset with OR, NOT and
// parentheses; NOT binds tightest, then AND, then OR. An empty text is nil. A
// mistake is an Invalid fault that names it and its position (in characters,
// from 1).
func Parse(kind Kind, text string) (Expr, error) {
	if len(text) > maxText {
		return nil, fault.New(fault.Invalid, "Invalid filter: it is longer than %d bytes", maxText)
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	p := &parser{lexer: lexer{text: text, what: "filter"}, kind: kind}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != end {
		return nil, p.wrong("expected AND, OR or the end, found %s", p.tok)
	}
	return e, nil
}

// ParseOrder reads order clauses: a field and ASC (the default) or DESC. The
// same field twice is an Invalid fault.
func ParseOrder(kind Kind, clauses []string) ([]Order, error) {
	if len(clauses) > maxOrders {
		return nil, fault.New(fault.Invalid, "Invalid order_by: more than %d clauses", maxOrders)
	}
	var out []Order
	seen := map[Field]bool{}
	for _, text := range clauses {
		if len(text) > maxText {
			return nil, fault.New(fault.Invalid, "Invalid order_by clause: it is longer than %d bytes", maxText)
		}
		o, err := parseOrder(kind, text)
		if err != nil {
			return nil, err
		}
		if seen[o.Field] {
			return nil, fault.New(fault.Invalid, "`order_by` contains duplicate fields: %q", clauses)
		}
		seen[o.Field] = true
		out = append(out, o)
	}
	return out, nil
}

func parseOrder(kind Kind, text string) (Order, error) {
	p := &parser{lexer: lexer{text: text, what: "order_by clause"}, kind: kind}
	if err := p.advance(); err != nil {
		return Order{}, err
	}
	f, err := p.field()
	if err != nil {
		return Order{}, err
	}
	o := Order{Field: f.Field}
	if p.isWord("ASC") || p.isWord("DESC") {
		o.Desc = p.isWord("DESC")
		if err := p.advance(); err != nil {
			return Order{}, err
		}
	}
	if p.tok.kind != end {
		return Order{}, p.wrong("expected ASC, DESC or the end, found %s", p.tok)
	}
	return o, nil
}

type parser struct {
	lexer
	kind Kind
	tok  token
}

func (p *parser) advance() (err error) {
	p.tok, err = p.next()
	return err
}

func (p *parser) isWord(w string) bool {
	return p.tok.kind == word && strings.EqualFold(p.tok.text, w)
}

func (p *parser) isPunct(s string) bool { return p.tok.kind == punct && p.tok.text == s }

func (p *parser) wrong(format string, args ...any) error {
	return p.wrongAt(p.tok.at, format, args...)
}

// expect consumes one word or punctuation mark.
func (p *parser) expect(s string) error {
	if !p.isWord(s) && !p.isPunct(s) {
		return p.wrong("expected %s, found %s", s, p.tok)
	}
	return p.advance()
}

func (p *parser) or(depth int) (Expr, error) {
	x, err := p.and(depth)
	if err != nil {
		return nil, err
	}
	all := Or{x}
	for p.isWord("OR") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		if x, err = p.and(depth); err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

func (p *parser) and(depth int) (Expr, error) {
	x, err := p.unary(depth)
	if err != nil {
		return nil, err
	}
	all := And{x}
	for p.isWord("AND") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		if x, err = p.unary(depth); err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

func (p *parser) unary(depth int) (Expr, error) {
	if depth > maxDepth {
		return nil, p.wrong("it is nested deeper than %d", maxDepth)
	}
	switch {
	case p.isWord("NOT"):
		if err := p.advance(); err != nil {
			return nil, err
		}
		x, err := p.unary(depth + 1)
		if err != nil {
			return nil, err
		}
		return Not{x}, nil
	case p.isPunct("("):
		if err := p.advance(); err != nil {
			return nil, err
		}
		x, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		return x, p.expect(")")
	}
	return p.comparison()
}

func (p *parser) comparison() (Expr, error) {
	f, err := p.field()
	if err != nil {
		return nil, err
	}
	at := p.tok.at
	op, err := p.operator()
	if err != nil {
		return nil, err
	}
	c := Cmp{Field: f.Field, Op: op, IsNum: f.numeric}
	switch {
	case op == IsNull || op == NotNull:
		c.IsNum = false
		return c, nil
	case f.numeric && f.Key == "experiment_id" && f.Entity == Attribute && (p.tok.kind == quoted || op == In || op == NotIn):
		return p.idComparison(c)
	case f.numeric && (op == Like || op == ILike || op == In || op == NotIn):
		return nil, p.wrongAt(at, "comparator %s is not for numbers such as %s", op, f)
	case !f.numeric && (op == Lt || op == Le || op == Gt || op == Ge):
		return nil, p.wrongAt(at, "comparator %s is not for texts such as %s", op, f)
	case op == In || op == NotIn:
		c.List, err = p.list()
		return c, err
	case f.numeric:
		if p.tok.kind != number {
			return nil, p.wrong("expected a numeric value for %s, found %s", f, p.tok)
		}
		c.Num = p.tok.num
		return c, p.advance()
	}
	if p.tok.kind != quoted {
		return nil, p.wrong("expected a quoted string value for %s, found %s", f, p.tok)
	}
	c.Str = p.tok.text
	return c, p.advance()
}

// idComparison reads ids, which clients write as texts and stores keep as
// numbers.
func (p *parser) idComparison(c Cmp) (Expr, error) {
	at := p.tok.at
	ids := []string{p.tok.text}
	var err error
	if c.Op == In || c.Op == NotIn {
		ids, err = p.list()
	} else {
		err = p.advance()
	}
	if err != nil {
		return nil, err
	}
	var any Or
	for _, id := range ids {
		one := c
		if one.Num, err = strconv.ParseFloat(id, 64); err != nil {
			return nil, p.wrongAt(at, "%.60q is not an experiment's id", id)
		}
		if c.Op == In || c.Op == NotIn {
			one.Op = Eq
		}
		any = append(any, one)
	}
	switch {
	case c.Op == NotIn:
		return Not{any}, nil
	case len(any) == 1:
		return any[0], nil
	}
	return any, nil
}

// list reads the texts of IN ('a', 'b').
func (p *parser) list() ([]string, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var out []string
	for {
		if p.tok.kind != quoted {
			return nil, p.wrong("expected a quoted string value in the list, found %s", p.tok)
		}
		out = append(out, p.tok.text)
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.isPunct(")") {
			return out, p.advance()
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}

func (p *parser) operator() (Op, error) {
	if p.tok.kind == operator {
		op := Op(p.tok.text)
		return op, p.advance()
	}
	for _, o := range []struct {
		words []string
		op    Op
	}{
		{[]string{"LIKE"}, Like},
		{[]string{"ILIKE"}, ILike},
		{[]string{"IN"}, In},
		{[]string{"NOT", "IN"}, NotIn},
	} {
		if !p.isWord(o.words[0]) {
			continue
		}
		for _, w := range o.words {
			if err := p.expect(w); err != nil {
				return "", err
			}
		}
		return o.op, nil
	}
	if !p.isWord("IS") {
		return "", p.wrong("expected a comparator, found %s", p.tok)
	}
	if err := p.advance(); err != nil {
		return "", err
	}
	op := IsNull
	if p.isWord("NOT") {
		op = NotNull
		if err := p.advance(); err != nil {
			return "", err
		}
	}
	return op, p.expect("NULL")
}

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
