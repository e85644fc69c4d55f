// Command plot times our own pictures beside gonum/plot's in one run: a curve
// of two times a thousand points, 800 × 400, as PNG and SVG. Every drawing is a
// process of its own, as it is in a CI job; what is counted is its CPU, user and
// system, and its peak memory. It is a module of its own, so that the product
// never imports the other library.
//
//	cd bench/plot && go run . [ROUNDS]
package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/assay-ml/assay/review/plot"
	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// job is what one process draws.
type job struct {
	lib, format string
	scale, n    int
}

var jobs = []job{
	{"none", "png", 1, 0},
	{"ours", "png", 1, 1},
	{"gonum", "png", 1, 1},
	{"ours", "png", 2, 1},
	{"gonum", "png", 2, 1},
	{"ours", "png", 2, 20},
	{"gonum", "png", 2, 20},
	{"ours", "svg", 1, 1},
	{"gonum", "svg", 1, 1},
}

func main() {
	if len(os.Args) == 5 {
		if err := child(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	rounds := 15
	if len(os.Args) > 1 {
		rounds, _ = strconv.Atoi(os.Args[1])
	}
	if err := parent(max(rounds, 1)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// parent runs every job in turn, round by round, and prints medians.
func parent(rounds int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cpu, rss := make([][]time.Duration, len(jobs)), make([][]int64, len(jobs))
	for range rounds {
		for i, j := range jobs {
			cmd := exec.Command(self, j.lib, j.format, strconv.Itoa(j.scale), strconv.Itoa(j.n))
			cmd.Stderr = os.Stderr
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("%v: %w", j, err)
			}
			cpu[i] = append(cpu[i], cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
			if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
				rss[i] = append(rss[i], int64(u.Maxrss))
			}
		}
	}
	fmt.Printf("medians of %d processes each, %s, %d cores\n", rounds, runtime.Version(), runtime.NumCPU())
	for i, j := range jobs {
		slices.Sort(cpu[i])
		slices.Sort(rss[i])
		fmt.Printf("%-6s %2d × %s@%d  %7.1f ms of CPU  %6.1f MB\n", j.lib, j.n, j.format, j.scale,
			float64(cpu[i][rounds/2].Microseconds())/1000, float64(rss[i][len(rss[i])/2])/1024)
	}
	return nil
}

// child draws what its arguments say.
func child(args []string) error {
	scale, _ := strconv.Atoi(args[2])
	n, _ := strconv.Atoi(args[3])
	a, b := losses(.12, 1), losses(.2, 2)
	for range n {
		var err error
		if args[0] == "ours" {
			err = ours(a, b, plot.Format(args[1]), float64(scale))
		} else {
			err = theirs(a, b, args[1], scale)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func losses(end float64, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	y := make([]float64, 1000)
	for i := range y {
		y[i] = end + (2-end)*math.Exp(-float64(i)/200) + r.NormFloat64()*.02
	}
	return y
}

func ours(a, b []float64, f plot.Format, scale float64) error {
	c := plot.Curves{YLabel: "loss", Series: []plot.Series{
		{Name: "this change", Role: plot.Candidate, Y: a}, {Name: "baseline", Role: plot.Baseline, Y: b},
	}}
	return c.Draw(io.Discard, f, plot.Options{Scale: scale})
}

func theirs(a, b []float64, format string, scale int) error {
	p := gonum.New()
	p.Title.Text = "loss by step"
	p.X.Label.Text, p.Y.Label.Text = "step", "loss"
	for i, y := range [][]float64{a, b} {
		pts := make(plotter.XYs, len(y))
		for k, v := range y {
			pts[k] = plotter.XY{X: float64(k), Y: v}
		}
		l, err := plotter.NewLine(pts)
		if err != nil {
			return err
		}
		p.Add(l)
		p.Legend.Add([]string{"this change", "baseline"}[i], l)
	}
	const w, h = 800 * vg.Inch / 96, 400 * vg.Inch / 96
	if format == "svg" {
		c := vgsvg.New(w, h)
		p.Draw(draw.New(c))
		_, err := c.WriteTo(io.Discard)
		return err
	}
	c := vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(96*scale))
	p.Draw(draw.New(c))
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(io.Discard)
	return err
}
