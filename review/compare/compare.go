// Package compare says what changed between a baseline and a candidate: it
// compares answers example by example, judges the difference with the four
// words better, same, worse and unknown, asks gates, and puts all of it into
// one Table, the common coin of a review.
//
// It does not find the files, does not word the comment and does not draw.
// There are two ways in. Build makes a report's Table: accuracy from examples is
// judged, every other metric stands in it with its values and without a word.
// Folders compares two sides' files for `assay compare`: all built-in metrics,
// slices, clusters and seeds.
//
// The difference is always candidate minus baseline.
package compare

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Goal is the direction in which a metric gets better.
type Goal string

// The goals.
const (
	Max    Goal = "max"
	Min    Goal = "min"
	NoGoal Goal = "" // not known: no word, no best
)

// sign is +1 if more is better, −1 if less is, 0 if that is not known.
func (g Goal) sign() float64 {
	switch g {
	case Max:
		return 1
	case Min:
		return -1
	}
	return 0
}

// Unit says how a metric's number is to be shown.
type Unit string

// The units.
const (
	Share  Unit = "share"  // 0…1, shown as a percentage; differences in points
	Number Unit = "number" // shown as it is
)

// Note is a finding with a stable code for machines and a sentence for people.
type Note struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// The codes of notes.
const (
	IDsDiffer       = "ids-differ"
	LabelsDiffer    = "labels-differ"
	DuplicateIDs    = "duplicate-ids"
	MetricMismatch  = "metric-mismatch"
	NotFinite       = "metric-not-finite"
	NoBaseline      = "no-baseline"
	NoExamples      = "no-examples"
	NotMeasured     = "not-measured"
	FewExamples     = "few-examples"
	FewFlips        = "few-flips"
	WideInterval    = "wide-interval"
	WithinTolerance = "within-tolerance"
	RealChange      = "real-change"
	TooManyClasses  = "too-many-classes"
	NotAdjusted     = "not-after-holm"
)

// Num is a float64 whose JSON is strict: NaN and the infinities are the strings
// "NaN", "Infinity" and "-Infinity". A missing number is a nil *Num, null in
// JSON.
type Num float64

// NumOf returns a pointer to a number.
func NumOf(f float64) *Num { n := Num(f); return &n }

// Float returns the value, NaN for a missing number.
func (n *Num) Float() float64 {
	if n == nil {
		return math.NaN()
	}
	return float64(*n)
}

// MarshalJSON implements json.Marshaler.
func (n Num) MarshalJSON() ([]byte, error) {
	f := float64(n)
	switch {
	case math.IsNaN(f):
		return []byte(`"NaN"`), nil
	case math.IsInf(f, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(f, -1):
		return []byte(`"-Infinity"`), nil
	}
	return json.Marshal(f)
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Num) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		switch s {
		case "NaN", "Infinity", "-Infinity":
			f, err := strconv.ParseFloat(s, 64)
			*n = Num(f)
			return err
		}
		return fmt.Errorf("reading a number: %q is none", s)
	}
	return json.Unmarshal(data, (*float64)(n))
}
