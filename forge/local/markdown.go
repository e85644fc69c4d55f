package local

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// renderMarkdown turns a comment into HTML as forges do: GitHub's dialect, and
// of raw HTML only the few tags that reports use. Everything else is shown as
// text, for a comment holds names that strangers chose.
func renderMarkdown(text string) (string, error) {
	md := goldmark.New(
		goldmark.WithExtensions(extension.GFM),
		goldmark.WithRendererOptions(
			renderer.WithNodeRenderers(util.Prioritized(rawHTML{}, 100)),
		),
	)
	var out bytes.Buffer
	if err := md.Convert([]byte(text), &out); err != nil {
		return "", err
	}
	return out.String(), nil
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

// writeAllowed copies text, passing the allowed tags, dropping comments and
// escaping all else.
func writeAllowed(w util.BufWriter, text string) {
	for text != "" {
		i := strings.IndexByte(text, '<')
		if i < 0 {
			i = len(text)
		}
		_, _ = w.Write(util.EscapeHTML([]byte(text[:i])))
		text = text[i:]
		if text == "" {
			return
		}
		if rest, ok := strings.CutPrefix(text, "<!--"); ok {
			_, text, _ = strings.Cut(rest, "-->")
			continue
		}
		tag := tagAt(text)
		if tag == "" {
			_, _ = w.WriteString("&lt;")
			text = text[1:]
			continue
		}
		_, _ = w.WriteString(tag)
		text = text[len(tag):]
	}
}

func tagAt(text string) string {
	for _, t := range allowed {
		if strings.HasPrefix(text, t) {
			return t
		}
	}
	return ""
}

var _ renderer.NodeRenderer = rawHTML{}
