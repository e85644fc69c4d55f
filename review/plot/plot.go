// Package plot draws the pictures of a review natively, without a browser:
// curves of a metric, confusion matrices and their difference. One scene is laid out once and written as SVG or as a paletted PNG.
//
// It does not draw the user's own Vega-Lite plots, and it decides nothing:
// titles, names and numbers are passed in.
//
// The text is set in Liberation Sans (regular and bold, unchanged, by
// codeberg.org/go-fonts/liberation), which is under the SIL Open Font License
// 1.1; see FONTS.md beside this file.
package plot

import (
	"fmt"
	"io"
)

// Format is a file format.
type Format string

// The formats.
const (
	SVG Format = "svg"
	PNG Format = "png"
)

// Theme is a set of colors.
type Theme string

// The themes. A PNG cannot follow the reader's theme, so Light with its opaque
// white ground is the default.
const (
	Light Theme = "light"
	Dark  Theme = "dark"
)

// Options say how a picture is written.
type Options struct {
	Theme Theme   // "" means Light
	Scale float64 // device pixels for each unit of a PNG, 1 to 4; 0 means 2. SVG has none
}

// write lays a scene down in a format.
func (s *scene) write(w io.Writer, f Format, o Options) error {
	switch f {
	case SVG:
		return s.writeSVG(w)
	case PNG:
		scale := o.Scale
		if scale == 0 {
			scale = 2
		}
		if !(scale >= 1 && scale <= 4) {
			return fmt.Errorf("drawing a PNG: the scale %v is not between 1 and 4", o.Scale)
		}
		return s.writePNG(w, scale)
	}
	return fmt.Errorf("drawing a picture: unknown format %q: use %q or %q", f, SVG, PNG)
}
