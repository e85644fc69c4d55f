// Package plot holds our own painter against resvg: every picture of
// review/plot's tests is written as SVG and as PNG at double resolution, resvg
// renders the SVG with the same fonts, and the two must differ by no more than
// the tests say. It needs Node with npm:
//
//	go test -tags compat ./compat/plot/
//
// The pictures stay in ASSAY_PLOT_OUT (default: a temporary folder), beside
// resvg's, for whoever wants to look at them.
package plot
