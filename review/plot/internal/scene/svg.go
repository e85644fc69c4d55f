package scene

import (
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// WriteSVG writes a picture of a few elements: path, rect, circle, text, image
// and nested svg. It holds no script, no style sheet, no identifier and no
// reference to anything outside: images are inside as data.
func (s *Scene) WriteSVG(w io.Writer) error {
	b := &svgWriter{}
	b.text(`<svg xmlns="http://www.w3.org/2000/svg" width="`, num(s.W), `" height="`, num(s.H), `" viewBox="0 0 `, num(s.W), " ", num(s.H),
		`" role="img" font-family="'Liberation Sans',Arial,Helvetica,sans-serif">`, "\n<title>", escape(s.Alt), "</title>\n")
	b.text(`<rect width="100%" height="100%" fill="`, s.Ground.String(), "\"/>\n")
	for _, n := range s.Nodes {
		b.write(n)
	}
	b.text("</svg>\n")
	if b.err != nil {
		return b.err
	}
	if _, err := w.Write(b.out); err != nil {
		return fmt.Errorf("writing an SVG: %w", err)
	}
	return nil
}

type svgWriter struct {
	out []byte
	err error
}

func (b *svgWriter) text(parts ...string) {
	for _, p := range parts {
		b.out = append(b.out, p...)
	}
}

// attr writes a number as an attribute.
func (b *svgWriter) attr(name string, v float64) {
	b.text(" ", name, `="`)
	b.num(v)
	b.text(`"`)
}

// paint writes a color as an attribute, with its opacity if it has one.
func (b *svgWriter) paint(name string, c Color) {
	if c.A == 0 {
		b.text(" ", name, `="none"`)
		return
	}
	b.text(" ", name, `="`, c.String(), `"`)
	if c.A < 255 {
		b.text(" ", name, `-opacity="`, strconv.FormatFloat(float64(c.A)/255, 'g', 3, 64), `"`)
	}
}

func (b *svgWriter) write(n Node) {
	switch n := n.(type) {
	case *Path:
		b.path(n)
	case Rect:
		b.text("<rect")
		b.attr("x", n.X)
		b.attr("y", n.Y)
		b.attr("width", math.Max(0, n.W))
		b.attr("height", math.Max(0, n.H))
		b.paint("fill", n.Fill)
		b.text("/>\n")
	case Dot:
		b.dot(n)
	case Text:
		b.textNode(n)
	case *Image:
		b.image(n)
	case *Group:
		b.text("<svg")
		b.attr("x", n.Clip.X)
		b.attr("y", n.Clip.Y)
		b.attr("width", n.Clip.W)
		b.attr("height", n.Clip.H)
		b.text(` viewBox="`, num(n.Clip.X), " ", num(n.Clip.Y), " ", num(n.Clip.W), " ", num(n.Clip.H), "\">\n")
		for _, m := range n.Nodes {
			b.write(m)
		}
		b.text("</svg>\n")
	}
}

func (b *svgWriter) path(p *Path) {
	if len(p.Points) == 0 {
		return
	}
	b.text(`<path d="`)
	for i, q := range p.Points {
		switch i {
		case 0:
			b.text("M")
		case 1:
			b.text("L")
		default:
			b.text(" ")
		}
		b.num(q.X)
		b.text(",")
		b.num(q.Y)
	}
	if p.Closed {
		b.text("Z")
	}
	b.text(`"`)
	b.paint("fill", p.Fill)
	if p.Stroke.A > 0 {
		b.paint("stroke", p.Stroke)
		b.attr("stroke-width", p.Width)
		b.text(` stroke-miterlimit="3"`)
		if len(p.Dash) == 2 {
			b.text(` stroke-dasharray="`, num(p.Dash[0]), " ", num(p.Dash[1]), `"`)
		}
	}
	b.text("/>\n")
}

func (b *svgWriter) dot(d Dot) {
	b.text("<circle")
	b.attr("cx", d.At.X)
	b.attr("cy", d.At.Y)
	if d.Ring > 0 {
		b.attr("r", d.R-d.Ring/2)
		b.text(` fill="none"`)
		b.paint("stroke", d.Fill)
		b.attr("stroke-width", d.Ring)
	} else {
		b.attr("r", d.R)
		b.paint("fill", d.Fill)
	}
	b.text("/>\n")
}

func (b *svgWriter) textNode(t Text) {
	b.text("<text")
	b.attr("x", t.At.X)
	b.attr("y", t.At.Y)
	b.attr("font-size", t.Size)
	b.paint("fill", t.Color)
	switch t.Anchor {
	case .5:
		b.text(` text-anchor="middle"`)
	case 1:
		b.text(` text-anchor="end"`)
	}
	if t.Bold {
		b.text(` font-weight="bold"`)
	}
	if t.Angle != 0 {
		b.text(` transform="rotate(`, num(t.Angle), " ", num(t.At.X), " ", num(t.At.Y), `)"`)
	}
	b.text(">", escape(t.S), "</text>\n")
}

func (b *svgWriter) image(m *Image) {
	data, err := m.encoded()
	if err != nil {
		b.err = err
		return
	}
	b.text("<image")
	b.attr("x", m.X)
	b.attr("y", m.Y)
	b.attr("width", m.W)
	b.attr("height", m.H)
	b.text(` preserveAspectRatio="none" href="data:image/png;base64,`)
	b.out = base64.StdEncoding.AppendEncode(b.out, data)
	b.text("\"/>\n")
}

// num writes a coordinate to a tenth of a unit; what is no number is 0.
func (b *svgWriter) num(v float64) {
	v = math.Round(v * 10)
	if v == 0 || v != v {
		b.out = append(b.out, '0') // never -0
		return
	}
	v = math.Max(-1e7, math.Min(1e7, v))
	b.out = strconv.AppendFloat(b.out, v/10, 'f', -1, 64)
}

func num(v float64) string {
	var b svgWriter
	b.num(v)
	return string(b.out)
}

// escape makes a text safe between tags and in attributes.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if forbidden(r) || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;", "\n", " ", "\t", " ", "\r", " ").Replace(s)
}
