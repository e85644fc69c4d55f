package scene

import (
	"cmp"
	"encoding/binary"
	"image"
	"image/color"
	"slices"
)

// keepExact is how many of the most frequent colors stay as they are; the rest,
// the blends at the edges of letters and lines, may be rounded.
const keepExact = 128

// paletted reduces an opaque picture to 256 colors. The result depends on the
// pixels alone.
func paletted(im *image.RGBA) *image.Paletted {
	exact := countColors(im.Pix)
	count, round := exact, func(k uint32) uint32 { return k }
	if len(exact) > 256 {
		keep := map[uint32]bool{}
		for _, k := range byCount(exact)[:keepExact] {
			keep[k] = true
		}
		for bits := uint(1); len(count) > 256 && bits <= 5; bits++ {
			round = func(k uint32) uint32 {
				if keep[k] {
					return k
				}
				return roundColor(k, bits)
			}
			count = map[uint32]int{}
			for k, n := range exact {
				count[round(k)] += n
			}
		}
	}
	palette, index := choose(count)
	out := image.NewPaletted(im.Bounds(), palette)
	seen := map[uint32]uint8{}
	last, at := ^uint32(0), uint8(0)
	for i, j := 0, 0; j < len(out.Pix); i, j = i+4, j+1 {
		if k := packed(im.Pix[i:]); k != last {
			last = k
			known := false
			if at, known = seen[k]; !known {
				at = index[round(k)]
				seen[k] = at
			}
		}
		out.Pix[j] = at
	}
	return out
}

// packed is a pixel's color as one number; the alpha, which is full, is left out.
func packed(p []uint8) uint32 { return binary.BigEndian.Uint32(p) >> 8 }

// roundColor drops the lowest bits of each channel and fills them with the
// highest, so that black and white stay.
func roundColor(k uint32, bits uint) uint32 {
	channel := uint32(0xff>>bits<<bits) & 0xff
	mask := channel<<16 | channel<<8 | channel
	return k&mask | k&mask>>(8-bits)&^mask
}

func countColors(px []uint8) map[uint32]int {
	count := map[uint32]int{}
	last, run := packed(px), 0
	for i := 0; i < len(px); i += 4 {
		if k := packed(px[i:]); k != last {
			count[last] += run
			last, run = k, 0
		}
		run++
	}
	count[last] += run
	return count
}

// byCount lists colors, the most frequent first.
func byCount(count map[uint32]int) []uint32 {
	all := make([]uint32, 0, len(count))
	for k := range count {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b uint32) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	return all
}

// choose takes the 256 most frequent colors; the rest go to their nearest.
func choose(count map[uint32]int) (color.Palette, map[uint32]uint8) {
	all := byCount(count)
	n := min(len(all), 256)
	palette := make(color.Palette, n)
	index := make(map[uint32]uint8, len(all))
	for i, k := range all[:n] {
		palette[i] = color.RGBA{uint8(k >> 16), uint8(k >> 8), uint8(k), 255}
		index[k] = uint8(i)
	}
	for _, k := range all[n:] {
		index[k] = nearest(all[:n], k)
	}
	return palette, index
}

func nearest(colors []uint32, k uint32) uint8 {
	best, least := 0, 1<<30
	for i, c := range colors {
		d := 0
		for s := 0; s < 24; s += 8 {
			x := int(k>>s&255) - int(c>>s&255)
			d += x * x
		}
		if d < least {
			best, least = i, d
		}
	}
	return uint8(best)
}
