package digits

import (
	"strings"
	"testing"
)

func FuzzQuestion(f *testing.F) {
	f.Add(`{"strokes": [[[1, 2], [30, 40]], [[5, 5]]]}`)
	f.Add(`{"pixels": [1, 2, 3]}`)
	f.Fuzz(func(t *testing.T, body string) {
		q, _, err := readQuestion(strings.NewReader(body))
		if err != nil {
			return
		}
		pixels, err := q.picture()
		if err != nil || q.Pixels != nil {
			return
		}
		for i, v := range pixels {
			if !(v >= 0 && v <= maxPixel) {
				t.Errorf("pixel %d is %v", i, v)
			}
		}
	})
}
