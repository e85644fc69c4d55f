package publish

import (
	"cmp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Link is a picture, a link, or the definition of one in a Markdown text, each
// with where it lies, in bytes.
type Link struct {
	Picture    bool
	Definition bool   // [Label]: address "title"
	Label      string // of a definition, and of what refers to one

	From, To   int    // all of it; of a definition nothing
	Start, End int    // the address, as it is written; empty where a definition has it
	Address    string // what it means: without escapes
	Alt        string // a picture's description, as it is written
}

// Links finds the pictures, links and definitions of a text of GitHub Flavored
// Markdown, in the order of their addresses. What stands in code – fenced,
// indented, inline – or in a block of HTML is none: forges do not show it as
// one. Footnotes are no definitions.
func Links(markdown string) []Link {
	if !strings.Contains(markdown, "](") && !strings.Contains(markdown, "]:") {
		return nil // most texts of a terminal
	}
	s := linkScan{text: markdown}
	s.visit(linkParser().Parse(text.NewReader([]byte(markdown))))
	slices.SortStableFunc(s.found, func(a, b Link) int { return cmp.Compare(max(a.Start, a.From), max(b.Start, b.From)) })
	return s.found
}

// linkParser knows all blocks, but of what stands in a line only what makes a
// link, or keeps something from being one: emphasis costs time and changes none.
func linkParser() parser.Parser {
	m := goldmark.New(goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100), util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300), util.Prioritized(parser.NewRawHTMLParser(), 400),
		),
	)), goldmark.WithExtensions(extension.Table, extension.Footnote))
	return m.Parser()
}

// linkScan finds where in the text the parser's links are: it tells where they
// begin and what their addresses are.
type linkScan struct {
	text  string
	found []Link
}

// visit goes through a node and returns where the last thing in it that is
// known to be somewhere ends, 0 if nothing is.
func (s *linkScan) visit(n ast.Node) int {
	end := 0
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		end = max(end, s.visit(c))
	}
	switch n := n.(type) {
	case *ast.Text:
		return max(end, n.Segment.Stop)
	case *ast.RawHTML:
		if l := n.Segments.Len(); l > 0 {
			return n.Segments.At(l - 1).Stop
		}
	case *ast.Image:
		return s.inline(n.Pos(), max(end, n.Pos()+2), true, n.Destination, n.Reference)
	case *ast.Link:
		return s.inline(n.Pos(), max(end, n.Pos()+1), false, n.Destination, n.Reference)
	case *ast.LinkReferenceDefinition:
		s.definition(n)
	}
	return end
}

// inline notes [alt](address "title") or [alt][label], which begins at from and
// whose last part inside of the brackets ends at inner. It returns its end.
func (s *linkScan) inline(from, inner int, picture bool, address []byte, ref *ast.ReferenceLink) int {
	l := Link{Picture: picture, From: from}
	for closing := range s.closings(inner) {
		ok := false
		switch after := s.text[closing+1:]; {
		case ref == nil:
			if !strings.HasPrefix(after, "(") {
				continue
			}
			l.Start, l.End, l.To, ok = s.target(closing+2, string(address))
			l.Address = meant(address)
		case ref.Type == ast.ReferenceLinkFull:
			l.To, ok = closing+len(ref.Value)+3, strings.HasPrefix(after, "["+string(ref.Value)+"]")
		case ref.Type == ast.ReferenceLinkCollapsed:
			l.To, ok = closing+3, strings.HasPrefix(after, "[]")
		default:
			l.To, ok = closing+1, true
		}
		if !ok {
			continue
		}
		if ref != nil {
			l.Label = label(ref.Value)
		}
		if picture {
			l.Alt = strings.TrimPrefix(s.text[from:closing], "![")
		}
		s.found = append(s.found, l)
		return l.To
	}
	return inner
}

// closings yields the closing brackets of a paragraph from a place on.
func (s *linkScan) closings(at int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for ; at < len(s.text); at++ {
			if s.text[at] == '\n' && strings.HasPrefix(s.text[at+1:], "\n") || s.text[at] == ']' && !yield(at) {
				return
			}
		}
	}
}

// definition notes [label]: address.
func (s *linkScan) definition(n *ast.LinkReferenceDefinition) {
	for closing := range s.closings(n.Pos()) {
		if !strings.HasPrefix(s.text[closing+1:], ":") {
			continue
		}
		start, end, ok := s.address(closing+2, string(n.Destination))
		if !ok {
			continue
		}
		s.found = append(s.found, Link{Definition: true, Label: label(n.Label), Start: start, End: end, Address: meant(n.Destination)})
		return
	}
}

// address finds an address after white space, maybe in <>.
func (s *linkScan) address(at int, address string) (start, end int, ok bool) {
	at = s.skip(at)
	if at < len(s.text) && s.text[at] == '<' {
		start, end = at+1, at+1+len(address)
		ok = strings.HasPrefix(s.text[start:], address) && strings.HasPrefix(s.text[min(end, len(s.text)):], ">")
		return start, end, ok
	}
	return at, at + len(address), strings.HasPrefix(s.text[at:], address)
}

// target finds address "title") and where that ends.
func (s *linkScan) target(at int, address string) (start, end, to int, ok bool) {
	start, end, ok = s.address(at, address)
	if !ok {
		return 0, 0, 0, false
	}
	to = end
	if s.text[max(start-1, 0)] == '<' && strings.HasPrefix(s.text[to:], ">") {
		to++
	}
	to = s.skip(to)
	if to < len(s.text) && strings.IndexByte(`"'(`, s.text[to]) >= 0 {
		quote := s.text[to]
		if quote == '(' {
			quote = ')'
		}
		for to++; to < len(s.text) && s.text[to] != quote; to++ {
			if s.text[to] == '\\' {
				to++
			}
		}
		to = s.skip(min(to+1, len(s.text)))
	}
	return start, end, to + 1, to < len(s.text) && s.text[to] == ')'
}

func (s *linkScan) skip(at int) int {
	at = min(at, len(s.text))
	return len(s.text) - len(strings.TrimLeft(s.text[at:], " \t\r\n"))
}

// meant is an address without the escapes of Markdown and HTML.
func meant(address []byte) string {
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(address))))
}

// label is how a reference and its definition are the same.
func label(s []byte) string { return util.ToLinkReference(s) }
