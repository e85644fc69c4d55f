package local

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// sizer tells the width and height in pixels of the picture at an address, so
// that the page keeps its place; zeros where they are not known.
type sizer func(address string) (width, height int)

// renderMarkdown turns a comment into HTML as forges do: GitHub's dialect, and
// of raw HTML only the few tags that reports use. Everything else is shown as
// text, for a comment holds names that strangers chose.
func renderMarkdown(comment string, size sizer) (string, error) {
	md := goldmark.New(
		goldmark.WithExtensions(extension.GFM),
		goldmark.WithRendererOptions(
			renderer.WithNodeRenderers(util.Prioritized(rawHTML{}, 100), util.Prioritized(table{}, 100)),
		),
	)
	src := []byte(comment)
	doc := md.Parser().Parse(text.NewReader(src))
	if err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if img, ok := n.(*ast.Image); ok && entering {
			if w, h := size(string(img.Destination)); w > 0 && h > 0 {
				img.SetAttributeString("width", []byte(fmt.Sprint(w)))
				img.SetAttributeString("height", []byte(fmt.Sprint(h)))
				boxed(img, w)
			}
		}
		return ast.WalkContinue, nil
	}); err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := md.Renderer().Render(&out, src, doc); err != nil {
		return "", err
	}
	return out.String(), nil
}

// boxed marks a paragraph that holds one large picture and nothing else: where
// the page is narrow it is scrolled, also by keys, so that its text stays
// readable.
func boxed(img *ast.Image, width int) {
	const large = 800 // pixels
	p, ok := img.Parent().(*ast.Paragraph)
	if !ok || p.ChildCount() != 1 || width < large {
		return
	}
	p.SetAttributeString("class", []byte("picture"))
	p.SetAttributeString("tabindex", []byte("0"))
}

// table renders tables in boxes of their own, which are scrolled, also by keys,
// where the page is narrower than they are; and a header without words as a
// cell.
type table struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (table) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(tables.KindTable, func(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, _ = w.WriteString("<div class=\"wide\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table>\n")
		} else {
			_, _ = w.WriteString("</table></div>\n")
		}
		return ast.WalkContinue, nil
	})
	reg.Register(tables.KindTableCell, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		cell := n.(*tables.TableCell)
		tag := "td"
		if cell.Parent().Kind() == tables.KindTableHeader && cell.HasChildren() {
			tag = "th"
		}
		if !entering {
			_, _ = w.WriteString("</" + tag + ">\n")
			return ast.WalkContinue, nil
		}
		_, _ = w.WriteString("<" + tag)
		if cell.Alignment != tables.AlignNone {
			_, _ = w.WriteString(` style="text-align:` + cell.Alignment.String() + `"`)
		}
		_ = w.WriteByte('>')
		return ast.WalkContinue, nil
	})
}

// rawHTML renders the raw HTML of a comment through the list of tags below.
type rawHTML struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (r rawHTML) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindRawHTML, func(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			writeAllowed(w, string(n.(*ast.RawHTML).Segments.Value(src)))
		}
		return ast.WalkSkipChildren, nil
	})
	reg.Register(ast.KindHTMLBlock, func(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		b := n.(*ast.HTMLBlock)
		if entering {
			writeAllowed(w, string(b.Lines().Value(src)))
		} else if b.HasClosure() {
			writeAllowed(w, string(b.ClosureLine.Value(src)))
		}
		return ast.WalkContinue, nil
	})
}

// allowed are the tags that pass, as they are written.
var allowed = []string{
	"<details>", "<details open>", "</details>", "<summary>", "</summary>", "<br>", "<sub>", "</sub>", "<sup>", "</sup>",
	"<b>", "</b>", "<em>", "</em>", "<code>", "</code>",
}

// writeAllowed copies raw, passing the allowed tags, dropping comments and
// escaping all else.
func writeAllowed(w util.BufWriter, raw string) {
	for raw != "" {
		i := strings.IndexByte(raw, '<')
		if i < 0 {
			i = len(raw)
		}
		_, _ = w.Write(util.EscapeHTML([]byte(raw[:i])))
		raw = raw[i:]
		if raw == "" {
			return
		}
		if rest, ok := strings.CutPrefix(raw, "<!--"); ok {
			_, raw, _ = strings.Cut(rest, "-->")
			continue
		}
		tag := tagAt(raw)
		if tag == "" {
			_, _ = w.WriteString("&lt;")
			raw = raw[1:]
			continue
		}
		_, _ = w.WriteString(tag)
		raw = raw[len(tag):]
	}
}

func tagAt(raw string) string {
	for _, t := range allowed {
		if strings.HasPrefix(raw, t) {
			return t
		}
	}
	return ""
}

var (
	_ renderer.NodeRenderer = rawHTML{}
	_ renderer.NodeRenderer = table{}
)
