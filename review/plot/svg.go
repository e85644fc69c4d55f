package plot

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// writeSVG writes a picture of a few elements: polyline, rect, circle, text.
// It holds no script, no style sheet and no reference to anything outside.
func (s *scene) writeSVG(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" role="img" font-family="'Liberation Sans',Arial,Helvetica,sans-serif">`,
		num(s.w), num(s.h), num(s.w), num(s.h))
	fmt.Fprintf(&b, "\n<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n", escape(s.alt), s.c.ground)
	for _, o := range s.ops {
		writeOp(&b, o)
		b.WriteByte('\n')
	}
	b.WriteString("</svg>\n")
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing an SVG: %w", err)
	}
	return nil
}

func writeOp(b *bytes.Buffer, o op) {
	switch o.kind {
	case opLine:
		b.WriteString(`<polyline fill="none" points="`)
		for i, p := range o.points {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(num(p.x) + "," + num(p.y))
		}
		fmt.Fprintf(b, `" stroke="%s" stroke-width="%s"`, o.color, num(o.width))
		if len(o.dash) == 2 {
			fmt.Fprintf(b, ` stroke-dasharray="%s %s"`, num(o.dash[0]), num(o.dash[1]))
		}
		b.WriteString("/>")
	case opRect:
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`, num(o.at.x), num(o.at.y), num(o.width), num(o.height), o.color)
	case opDot:
		fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="%s" fill="%s"/>`, num(o.at.x), num(o.at.y), num(o.radius), o.color)
	case opText:
		writeText(b, o)
	}
}

func writeText(b *bytes.Buffer, o op) {
	fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s" fill="%s"`, num(o.at.x), num(o.at.y), num(o.text.size), o.color)
	switch o.text.anchor {
	case .5:
		b.WriteString(` text-anchor="middle"`)
	case 1:
		b.WriteString(` text-anchor="end"`)
	}
	if o.text.bold {
		b.WriteString(` font-weight="bold"`)
	}
	if o.text.angle != 0 {
		fmt.Fprintf(b, ` transform="rotate(%s %s %s)"`, num(o.text.angle), num(o.at.x), num(o.at.y))
	}
	b.WriteString(">" + escape(o.text.s) + "</text>")
}

// num writes a coordinate to a tenth of a unit.
func num(v float64) string {
	v = math.Round(v * 10)
	if v == 0 {
		return "0" // never -0
	}
	return strconv.FormatFloat(v/10, 'f', -1, 64)
}

// escape makes a text safe between tags; characters that XML 1.0 forbids go.
func escape(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", " ", "\t", " ").Replace(strings.ToValidUTF8(s, "\ufffd")))
}
