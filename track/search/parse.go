package search

import (
	"strconv"
	"strings"

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
		if p.isPunct(")") { // ('a',) is how Python writes a tuple of one
			return out, p.advance()
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
