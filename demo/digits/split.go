package digits

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"strconv"
)

// SplitSeed is the seed with which the demonstration splits its data.
const SplitSeed = 1

// Parts are the digits to learn from and those held out to judge by.
type Parts struct {
	Train   []Digit
	HeldOut []Digit
}

// Split holds half of the digits out, the larger half where the number is odd
// (899 of the shipped 1,797), with every class halved too, as nearly as whole
// numbers allow. Within a class a digit's place is decided by the SHA-256 of
// seed and id, so that the order of rows does not matter and adding rows later
// moves few of the old ones. Both parts keep the order of the rows.
func Split(all []Digit, seed uint64) (Parts, error) {
	if len(all) < 2*Classes {
		return Parts{}, errors.New("splitting the digits: fewer than 20 rows, that is too few to hold half out")
	}
	var classes [Classes][]int
	for i, d := range all {
		if d.Label < 0 || d.Label >= Classes {
			return Parts{}, errors.New("splitting the digits: a label is outside 0 to 9")
		}
		classes[d.Label] = append(classes[d.Label], i)
	}
	// Classes of odd size leave a half over; the first of them get the rest.
	rest := (len(all) + 1) / 2
	for _, rows := range classes {
		rest -= len(rows) / 2
	}
	held := make([]bool, len(all))
	for _, rows := range classes {
		quota := len(rows) / 2
		if len(rows)%2 == 1 && rest > 0 {
			quota++
			rest--
		}
		for _, i := range byHash(all, rows, seed)[:quota] {
			held[i] = true
		}
	}
	var parts Parts
	for i, d := range all {
		if held[i] {
			parts.HeldOut = append(parts.HeldOut, d)
		} else {
			parts.Train = append(parts.Train, d)
		}
	}
	return parts, nil
}

func byHash(all []Digit, rows []int, seed uint64) []int {
	type place struct {
		hash [sha256.Size]byte
		row  int
	}
	places := make([]place, len(rows))
	prefix := strconv.FormatUint(seed, 10) + ":"
	for i, row := range rows {
		places[i] = place{sha256.Sum256([]byte(prefix + all[row].ID)), row}
	}
	slices.SortStableFunc(places, func(a, b place) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	sorted := make([]int, len(rows))
	for i, p := range places {
		sorted[i] = p.row
	}
	return sorted
}
