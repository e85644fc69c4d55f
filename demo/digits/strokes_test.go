package digits

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"testing"
)

type drawing struct {
	Name    string    `json:"name"`
	Label   int       `json:"label"`
	Strokes [][]Point `json:"strokes"`
}

// drawings are strokes as a hand makes them on a canvas of 280×280: 22 ways to
// write the ten digits, each in the middle, small at the edge, and large and
// leaning.
func drawings(t testing.TB) []drawing {
	t.Helper()
	text, err := os.ReadFile("testdata/strokes.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []drawing
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func change(strokes [][]Point, f func(Point) Point) [][]Point {
	changed := make([][]Point, len(strokes))
	for i, s := range strokes {
		for _, p := range s {
			changed[i] = append(changed[i], f(p))
		}
	}
	return changed
}

func TestDrawingsAreRead(t *testing.T) {
	all := drawings(t)
	if len(all) != 66 {
		t.Fatalf("%d drawings, want 66", len(all))
	}
	ev := evaluator(t, preset(t, "better").model)
	for _, d := range all {
		pixels, err := FromStrokes(d.Strokes)
		if err != nil {
			t.Fatalf("%s: %v", d.Name, err)
		}
		probabilities, err := ev.Predict(pixels)
		if err != nil {
			t.Fatalf("%s: %v", d.Name, err)
		}
		if digit, score := Answer(probabilities); digit != d.Label {
			t.Errorf("%s is read as %d (%.2f): %v", d.Name, digit, score, pixels)
		}
	}
}

// TestPlaceAndSizeDoNotMatter holds that a drawing 30 % larger or smaller, and
// elsewhere, gives the same picture.
func TestPlaceAndSizeDoNotMatter(t *testing.T) {
	for _, d := range drawings(t) {
		want, err := FromStrokes(d.Strokes)
		if err != nil {
			t.Fatal(err)
		}
		for _, scale := range []float64{0.7, 1.3} {
			got, err := FromStrokes(change(d.Strokes, func(p Point) Point { return Point{p.X*scale + 31, p.Y*scale - 17} }))
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				if math.Abs(float64(got[i]-want[i])) > 1 {
					t.Errorf("%s at %v: pixel %d is %v, was %v", d.Name, scale, i, got[i], want[i])
				}
			}
		}
	}
}

// TestOtherPens draws with pens 30 % thinner and thicker than the one chosen
// for the data's amount of ink: nine of ten must still be read right.
func TestOtherPens(t *testing.T) {
	all := drawings(t)
	ev := evaluator(t, preset(t, "better").model)
	for _, factor := range []float64{0.7, 1.3} {
		right := 0
		for _, d := range all {
			lines := segments(d.Strokes)
			pen := choosePen(lines) * factor
			bitmap := draw(fit(lines, pen), pen)
			probabilities, err := ev.Predict(bitmap.blocks())
			if err != nil {
				t.Fatal(err)
			}
			if digit, _ := Answer(probabilities); digit == d.Label {
				right++
			}
		}
		if right*10 < len(all)*9 {
			t.Errorf("with %v of the pen %d of %d are read right", factor, right, len(all))
		}
	}
}

// TestPicturesAreLikeTheData compares ink and extent with what the data show.
func TestPicturesAreLikeTheData(t *testing.T) {
	for _, d := range drawings(t) {
		pixels, err := FromStrokes(d.Strokes)
		if err != nil {
			t.Fatal(err)
		}
		var ink, top, bottom float32
		for i, v := range pixels {
			ink += v
			if i < 8 {
				top += v
			}
			if i >= 56 {
				bottom += v
			}
		}
		if ink < 270 || ink > 350 || top == 0 || bottom == 0 {
			t.Errorf("%s: ink %v, top row %v, bottom row %v; want about 310, and both rows touched", d.Name, ink, top, bottom)
		}
	}
}

func TestFromStrokesOddities(t *testing.T) {
	long := make([]Point, MaxPoints+1)
	for name, c := range map[string]struct {
		strokes [][]Point
		fails   bool
	}{
		"nothing":          {nil, true},
		"empty strokes":    {[][]Point{{}, {}}, true},
		"NaN":              {[][]Point{{{math.NaN(), 0}}}, true},
		"infinite":         {[][]Point{{{0, math.Inf(-1)}}}, true},
		"too far":          {[][]Point{{{1e9, 0}}}, true},
		"too many points":  {[][]Point{long}, true},
		"too many lines":   {append(make([][]Point, MaxStrokes), []Point{{1, 1}}), true},
		"a dot":            {[][]Point{{{5, 5}}}, false},
		"a dash":           {[][]Point{{{0, 0}, {100, 0}}}, false},
		"a pole":           {[][]Point{{{0, 0}, {0, 100}}}, false},
		"the same point":   {[][]Point{{{7, 7}, {7, 7}, {7, 7}}}, false},
		"tiny":             {[][]Point{{{0, 0}, {1e-300, 1e-300}}}, false},
		"as far as may be": {[][]Point{{{-1e6, -1e6}, {1e6, 1e6}, {1e6, -1e6}}}, false},
	} {
		pixels, err := FromStrokes(c.strokes)
		if (err != nil) != c.fails {
			t.Errorf("%s: error %v", name, err)
		}
		ink := float32(0)
		for _, v := range pixels {
			if !(v >= 0 && v <= maxPixel) {
				t.Errorf("%s: a pixel is %v", name, v)
			}
			ink += v
		}
		if !c.fails && ink == 0 {
			t.Errorf("%s: no ink", name)
		}
	}
	if _, err := FromStrokes(nil); !errors.Is(err, ErrNothingDrawn) {
		t.Errorf("nothing drawn gave %v", err)
	}
}
