package scene

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"
)

// A stroke covers its line once: the paint is as wide as the line.
func TestStroke(t *testing.T) {
	s := New(100, 100, Hex(0xffffff), true)
	s.Line([]Point{{10, 50}, {50, 50}, {90, 50}}, Hex(0), 10)
	s.Line([]Point{{20, 80}, {80, 80}}, Hex(0), 4, 10, 10)
	im := s.Paint(1)
	dark := func(x, y int) bool { return im.RGBAAt(x, y).R < 10 }
	for x := 11; x < 89; x++ {
		if !dark(x, 46) || !dark(x, 54) || dark(x, 43) || dark(x, 57) {
			t.Fatalf("the line is broken at %d", x)
		}
	}
	for _, tt := range []struct {
		x  int
		on bool
	}{{22, true}, {35, false}, {45, true}, {55, false}, {65, true}, {75, false}} {
		if dark(tt.x, 80) != tt.on {
			t.Errorf("dash at %d", tt.x)
		}
	}
}

// What is painted in tiles has no seams: a shape over many of them is even, and
// a half covered edge is the same everywhere.
func TestTilesHaveNoSeams(t *testing.T) {
	s := New(1300, 300, Hex(0xffffff), true)
	s.Add(&Path{Points: []Point{{10, 10.5}, {1290, 10.5}, {1290, 290}, {10, 290}}, Closed: true, Fill: Hex(0).With(.5)})
	im := s.Paint(1)
	inner, edge := im.RGBAAt(700, 100), im.RGBAAt(700, 10)
	for x := 11; x < 1289; x++ {
		if im.RGBAAt(x, 10) != edge {
			t.Fatalf("the edge changes at %d: %v, not %v", x, im.RGBAAt(x, 10), edge)
		}
	}
	for y := 11; y < 289; y++ {
		for _, x := range []int{11, 511, 512, 513, 521, 522, 523, 1033, 1034, 1288} {
			if im.RGBAAt(x, y) != inner {
				t.Fatalf("a seam at %d, %d: %v, not %v", x, y, im.RGBAAt(x, y), inner)
			}
		}
	}
	if inner.R < 126 || inner.R > 129 || edge.R < 190 || edge.R > 193 {
		t.Errorf("half black is %v, its edge %v", inner, edge)
	}
}

func TestGroupClips(t *testing.T) {
	s := New(40, 40, Hex(0xffffff), true)
	s.Add(&Group{Clip: Box{10, 10, 20, 20}, Nodes: []Node{Dot{At: Point{20, 20}, R: 30, Fill: Hex(0)}, &Path{Points: []Point{{0, 0}, {1e12, 1e12}}, Stroke: Hex(0), Width: 3}}})
	s.Add(Dot{At: Point{5, 5}, R: 4, Ring: 1.5, Fill: Hex(0)})
	im := s.Paint(1)
	for _, tt := range []struct {
		x, y int
		on   bool
	}{{9, 20, false}, {10, 20, true}, {29, 20, true}, {30, 20, false}, {5, 5, false}, {5, 1, true}, {20, 30, false}} {
		if on := im.RGBAAt(tt.x, tt.y).R < 60; on != tt.on {
			t.Errorf("%d, %d: %v", tt.x, tt.y, on)
		}
	}
}

// An image fills its box; a small one keeps the edges of its pixels, and one
// that is translucent shows what is under it.
func TestImage(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	m.Set(0, 0, color.NRGBA{255, 0, 0, 255})
	m.Set(1, 0, color.NRGBA{0, 0, 255, 0})
	s := New(40, 20, Hex(0xffffff), true)
	s.Add(&Image{Box{0, 0, 40, 20}, m})
	im := s.Paint(1)
	for x := range 40 {
		want := color.RGBA{255, 0, 0, 255}
		if x >= 20 {
			want = color.RGBA{255, 255, 255, 255}
		}
		if im.RGBAAt(x, 10) != want {
			t.Fatalf("%d: %v", x, im.RGBAAt(x, 10))
		}
	}
	var b bytes.Buffer
	if err := s.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b.Bytes(), []byte(`href="data:image/png;base64,`)) {
		t.Errorf("%s", b.Bytes())
	}
	wellFormed(t, b.Bytes())
}

// A picture of many colors stays as it is; one of few is paletted.
func TestPNGOfImages(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 200, 200))
	for i := range 200 * 200 {
		m.SetRGBA(i%200, i/200, color.RGBA{uint8(i % 200), uint8(i / 200), 90, 255})
	}
	s := New(200, 200, Hex(0xffffff), true)
	s.Add(&Image{Box{0, 0, 200, 200}, m})
	var b bytes.Buffer
	if err := s.WritePNG(&b, 1); err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if r, g, bl, _ := got.At(150, 70).RGBA(); r>>8 != 150 || g>>8 != 70 || bl>>8 != 90 {
		t.Errorf("a pixel is %d %d %d", r>>8, g>>8, bl>>8)
	}
}

// A color that many pixels have survives the reduction exactly.
func TestPalettedKeepsFrequentColors(t *testing.T) {
	s := New(200, 200, Hex(0xffffff), true)
	for i := range 100 { // a ramp of 100 cells, with text that makes blends
		s.Fill(float64(i%10)*20, float64(i/10)*20, 20, 20, Hex(0xffffff).Mix(Hex(0x0072b2), float64(i)/100))
		s.Add(Text{At: Point{float64(i%10) * 20, float64(i/10)*20 + 15}, S: "8", Size: 12, Color: Hex(0)})
	}
	im := s.Paint(2)
	p := paletted(im)
	if len(p.Palette) > 256 {
		t.Fatalf("%d colors", len(p.Palette))
	}
	for i := range 100 {
		x, y := i%10*40+36, i/10*40+4
		r, g, b, _ := p.At(x, y).RGBA()
		if want := im.RGBAAt(x, y); uint8(r>>8) != want.R || uint8(g>>8) != want.G || uint8(b>>8) != want.B {
			t.Fatalf("cell %d: %v, want %v", i, p.At(x, y), want)
		}
	}
}

// Coordinates that no picture has are cut, not followed.
func TestFarCoordinates(t *testing.T) {
	s := New(50, 50, Hex(0xffffff), true)
	for _, v := range []float64{1e300, -1e300, math.Inf(1), math.NaN()} {
		s.Line([]Point{{25, 25}, {v, v}, {v, 0}}, Hex(0), 2, 1e-9, 1e-9)
		s.Fill(v, v, v, v, Hex(0))
		s.Add(Dot{At: Point{v, v}, R: v, Fill: Hex(0)}, Text{At: Point{v, v}, S: "far", Size: 12, Color: Hex(0)}, &Group{Clip: Box{v, v, v, v}})
	}
	s.Paint(1)
	var b bytes.Buffer
	if err := s.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b.Bytes(), []byte("NaN")) || bytes.Contains(b.Bytes(), []byte("Inf")) {
		t.Errorf("%s", b.Bytes())
	}
}
