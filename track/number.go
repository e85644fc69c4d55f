package track

import (
	"math"
	"strconv"
)

// NumberJSON writes a metric's value as the wires carry it: a JSON number, or
// the texts "NaN", "Infinity" and "-Infinity", which JSON has no number for.
func NumberJSON(v float64) string {
	switch {
	case math.IsNaN(v):
		return `"NaN"`
	case math.IsInf(v, 1):
		return `"Infinity"`
	case math.IsInf(v, -1):
		return `"-Infinity"`
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
