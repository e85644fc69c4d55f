//go:build compat

package pages

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
)

// withFiles has artifacts of every kind that the page shows, and of those that
// it does not.
func (s *seeder) withFiles() {
	r := s.base(sweepCount + 3)
	r.name = "with-files"
	r.metrics = s.histories(r.start, 20, map[string]float64{"accuracy": 0.93, "loss": 0.27})
	id, root := s.run(r)
	s.w.Runs["files"] = id
	s.file(root, "notes.txt", []byte("The third layer was frozen.\nÜmläuts and 漢字 stay what they are.\n"))
	s.file(root, "config.json", []byte(`{"model":{"layers":[64,32],"activation":"relu"},"seed":1}`))
	s.file(root, "plots/confusion.png", picture(s))
	s.file(root, "tables/deep/predictions.csv", []byte(table()))
	s.file(root, "weights.bin", append([]byte{0, 1, 2, 3}, make([]byte, 4096)...))
	s.file(root, "everything.log", bytes.Repeat([]byte("a line of a long log\n"), 300_000))
	s.file(root, "a-file-with-"+strings.Repeat("a-long-name-", 8)+".txt", []byte("short\n"))
}

// picture is a confusion matrix of ten classes.
func picture(s *seeder) []byte {
	s.t.Helper()
	const cell = 32
	img := image.NewRGBA(image.Rect(0, 0, 10*cell, 10*cell))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			shade := uint8(245 - (x/cell*7+y/cell*3)%12)
			if x/cell == y/cell {
				shade = 40
			}
			img.Set(x, y, color.RGBA{shade, shade, 255, 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		s.t.Fatal(err)
	}
	return out.Bytes()
}

// table has a quoted comma and quote, and more rows than are shown.
func table() string {
	var out strings.Builder
	out.WriteString("id,label,prediction,probability,note\n")
	for i := range 900 {
		fmt.Fprintf(&out, "d%d,%d,%d,%.3f,\"a, \"\"quoted\"\" note\"\n", i, i%10, (i+i/300)%10, 0.5+float64(i%50)/100)
	}
	return out.String()
}
