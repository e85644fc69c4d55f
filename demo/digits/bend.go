package digits

import "math/rand/v2"

// random draws the numbers of a training. PCG's sequence is specified; what is
// made of it here does not depend on the methods of rand.Rand.
type random struct{ source *rand.PCG }

func newRandom(seed int64) random { return random{rand.NewPCG(uint64(seed), 0x64696769)} }

// unit is uniform in [0, 1).
func (r random) unit() float64 { return float64(r.source.Uint64()>>11) / (1 << 53) }

// around is uniform in [-reach, reach).
func (r random) around(reach float64) float64 { return float64((2*r.unit() - 1) * reach) }

// below is uniform in 0 to n-1; its bias of less than n/2**53 does not matter here.
func (r random) below(n int) int { return int(r.unit() * float64(n)) }

func (r random) shuffle(list []int32) {
	for i := len(list) - 1; i > 0; i-- {
		j := r.below(i + 1)
		list[i], list[j] = list[j], list[i]
	}
}

// Reach of a bend of 1.
const (
	bendMove  = 0.8  // pixels
	bendScale = 0.10 // of the size
	bendShear = 0.15 // columns a row, and rows a column
)

// bend writes a copy of in, moved, scaled and sheared at random, to out: each
// pixel is the mean of the four around the place that it comes from.
func (r random) bend(out, in []float64, strength float64) {
	dx, dy := r.around(bendMove*strength), r.around(bendMove*strength)
	sx, sy := 1+r.around(bendScale*strength), 1+r.around(bendScale*strength)
	kx, ky := r.around(bendShear*strength), r.around(bendShear*strength/2)
	for row := range 8 {
		for column := range 8 {
			x, y := float64(column)-3.5, float64(row)-3.5
			fromX := float64(sx*x) + float64(kx*y) + dx + 3.5
			fromY := float64(sy*y) + float64(ky*x) + dy + 3.5
			out[row*8+column] = sample(in, fromX, fromY)
		}
	}
}

func sample(in []float64, x, y float64) float64 {
	if x <= -1 || y <= -1 || x >= 8 || y >= 8 {
		return 0
	}
	column, row := int(x+1)-1, int(y+1)-1 // floor, for x and y are above -1
	fx, fy := x-float64(column), y-float64(row)
	at := func(row, column int) float64 {
		if row < 0 || row > 7 || column < 0 || column > 7 {
			return 0
		}
		return in[row*8+column]
	}
	top := float64(at(row, column)*(1-fx)) + float64(at(row, column+1)*fx)
	bottom := float64(at(row+1, column)*(1-fx)) + float64(at(row+1, column+1)*fx)
	return float64(top*(1-fy)) + float64(bottom*fy)
}
