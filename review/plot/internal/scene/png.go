package scene

import (
	"fmt"
	"image"
	"image/png"
	"io"
)

// WritePNG writes a PNG at a scale of device pixels a unit: paletted, which is
// a third of the size and a fifth of the time of true color, unless the picture
// holds images whose colors a palette would spoil.
func (s *Scene) WritePNG(w io.Writer, scale float64) error {
	im := s.Paint(scale)
	var out image.Image = im
	if !hasImage(s.Nodes) || fewColors(im.Pix) {
		out = paletted(im)
	}
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(w, out); err != nil {
		return fmt.Errorf("writing a PNG: %w", err)
	}
	return nil
}

func hasImage(all []Node) bool {
	for _, n := range all {
		switch n := n.(type) {
		case *Image:
			return true
		case *Group:
			if hasImage(n.Nodes) {
				return true
			}
		}
	}
	return false
}

func fewColors(px []uint8) bool { return len(countColors(px)) <= 1024 }
