//go:build compat

package plot

import (
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
)

// limit is how much two renderings of a picture may differ: the mean over all
// channels of 0 to 255, and the share of pixels of which a channel is more than
// 96 away.
type limit struct{ mean, far float64 }

// usual is what antialiasing makes of edges and letters.
var usual = limit{mean: .7, far: .0005}

// others say why a picture may differ more.
var others = map[string]limit{
	"curves-words": {mean: .7, far: .003},   // resvg draws nothing for letters that no font has
	"curves-24":    {mean: 1.2, far: .0005}, // many dashed lines and their edges
	"scatter-many": {mean: 1.2, far: .0005}, // 3,000 translucent dots and their edges
}

func TestPainterAgreesWithResvg(t *testing.T) {
	folder := out(t)
	run(t, "../..", "go", "test", "-count=1", "./review/plot", "-run", "^TestDump$", "-dump", folder)
	run(t, ".", "npm", "ci", "--no-audit", "--no-fund", "--loglevel", "error")
	regular, bold := font(t, "regular.ttf", liberationsansregular.TTF), font(t, "bold.ttf", liberationsansbold.TTF)
	run(t, ".", "node", "render.mjs", folder, regular, bold)
	theirs, err := filepath.Glob(filepath.Join(folder, "*.resvg.png"))
	if err != nil {
		t.Fatal(err)
	}
	if len(theirs) < 40 {
		t.Fatalf("resvg rendered %d pictures", len(theirs))
	}
	for _, file := range theirs {
		name := strings.TrimSuffix(filepath.Base(file), ".resvg.png")
		max, ok := others[strings.TrimSuffix(strings.TrimSuffix(name, "-light"), "-dark")]
		if !ok {
			max = usual
		}
		got := difference(t, read(t, strings.TrimSuffix(file, ".resvg.png")+".png"), read(t, file))
		t.Logf("%-26s mean %.2f, far %.3f %%", name, got.mean, got.far*100)
		if got.mean > max.mean || got.far > max.far {
			t.Errorf("%s: mean %.2f of at most %v, far %.4f of at most %v: compare %s", name, got.mean, max.mean, got.far, max.far, file)
		}
	}
}

// difference compares two pictures of the same size.
func difference(t *testing.T, a, b image.Image) limit {
	t.Helper()
	if a.Bounds().Size() != b.Bounds().Size() {
		t.Fatalf("sizes differ: %v and %v", a.Bounds(), b.Bounds())
	}
	var sum, far float64
	n := a.Bounds().Dx() * a.Bounds().Dy()
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r, g, bl, _ := a.At(x, y).RGBA()
			r2, g2, bl2, _ := b.At(x, y).RGBA()
			most := 0.0
			for _, d := range []float64{apart(r, r2), apart(g, g2), apart(bl, bl2)} {
				sum += d
				most = max(most, d)
			}
			if most > 96 {
				far++
			}
		}
	}
	return limit{sum / float64(3*n), far / float64(n)}
}

func apart(a, b uint32) float64 {
	d := float64(a>>8) - float64(b>>8)
	return max(d, -d)
}

func read(t *testing.T, file string) image.Image {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return m
}

// out is the folder that the pictures are written to.
func out(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("ASSAY_PLOT_OUT")
	if folder == "" {
		return t.TempDir()
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}

func font(t *testing.T, name string, ttf []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, ttf, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
}
