// Package plot draws the pictures of a review natively, without a browser:
// curves of a metric, sparklines, bars by class, confusion matrices and their
// difference, ROC and precision-recall curves, histograms, scatter plots, and
// images side by side. A chart is laid out as a scene (internal/scene), which is
// written as SVG or as PNG; its AltText says in sentences what it shows.
//
// A chart with an empty title gets one that says the answer: "accuracy by step:
// 98.6 %, baseline 97.2 %". Names and titles may come from strangers: they are
// cleaned, cut and escaped. Numbers may be anything: what cannot be drawn is
// left out, and the picture says how much that is.
//
// It does not draw the user's own Vega-Lite plots, and it judges nothing: which
// numbers are compared, and whether a change matters, is decided by the caller.
//
// The text is set in Liberation Sans (regular and bold, unchanged, by
// codeberg.org/go-fonts/liberation), which is under the SIL Open Font License
// 1.1; see FONTS.md beside this file. It has Latin, Greek and Cyrillic letters;
// others come from the system's fonts in a PNG, and from the reader's in an SVG.
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

// Role says what a series is in the comparison; it decides its color.
type Role uint8

// The roles.
const (
	Other     Role = iota // one of several, colored in order
	Candidate             // the accent, drawn last and thicker
	Baseline              // grey
)

// chart is what every picture here can do.
type chart interface {
	AltText() string
	layout(style) *page
}

// style is what a layout needs to know of the options.
type style struct {
	theme   Theme
	painted bool // becomes pixels; letters may come from the system's fonts
}

// write lays a chart out and writes it in a format. An unknown format or a
// scale out of range is refused before anything is written.
func write(w io.Writer, f Format, o Options, c chart) error {
	if o.Theme != "" && o.Theme != Light && o.Theme != Dark {
		return fmt.Errorf("drawing a picture: unknown theme %q: use %q or %q", o.Theme, Light, Dark)
	}
	switch f {
	case SVG:
		p := c.layout(style{theme: o.Theme})
		p.Alt = c.AltText()
		return p.WriteSVG(w)
	case PNG:
		scale := o.Scale
		if scale == 0 {
			scale = 2
		}
		if !(scale >= 1 && scale <= 4) {
			return fmt.Errorf("drawing a PNG: the scale %v is not between 1 and 4", o.Scale)
		}
		return c.layout(style{theme: o.Theme, painted: true}).WritePNG(w, scale)
	}
	return fmt.Errorf("drawing a picture: unknown format %q: use %q or %q", f, SVG, PNG)
}
