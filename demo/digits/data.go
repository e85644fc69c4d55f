package digits

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Pixels is the number of pixels of a digit: 8 rows of 8, row 0 at the top.
const Pixels = 64

// Classes is the number of answers: the digits 0 to 9.
const Classes = 10

// maxPixel is the largest value of a pixel: all 16 dots of a block are ink.
const maxPixel = 16

const (
	maxRows  = 100_000
	maxBytes = 64 << 20
	maxID    = 64
)

// Digit is one labeled picture.
type Digit struct {
	ID     string        // stable name of the row, such as "digit-0001"
	Label  int           // 0 to 9
	Pixels [Pixels]uint8 // ink per 4×4 block, 0 to 16, row by row from the top
}

// Input returns the picture as the model takes it: counts of 0 to 16.
func (d Digit) Input() [Pixels]float32 {
	var in [Pixels]float32
	for i, p := range d.Pixels {
		in[i] = float32(p)
	}
	return in
}

//go:embed data/digits.csv.gz
var shipped []byte

//go:embed data/LICENSE.md
var license string

// License returns the license note that belongs beside the data (Markdown).
func License() string { return license }

// CSV returns the shipped data as the text of a CSV file, 1,797 rows and a
// header, ready to be written into a repository and read back by [ReadCSV].
func CSV() ([]byte, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(shipped))
	if err != nil {
		return nil, fmt.Errorf("unpacking the shipped digits: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(unzip, maxBytes))
	if err != nil {
		return nil, fmt.Errorf("unpacking the shipped digits: %w", err)
	}
	return text, nil
}

// Default returns the shipped digits, 1,797 of them.
func Default() ([]Digit, error) {
	text, err := CSV()
	if err != nil {
		return nil, err
	}
	return ReadCSV(bytes.NewReader(text))
}

// ReadCSV reads digits from a CSV file with the header id,label,p00,…,p77.
// It refuses files over 64 MiB or 100,000 rows, ids that repeat or are longer
// than 64 bytes, labels outside 0 to 9 and pixels outside 0 to 16.
func ReadCSV(r io.Reader) ([]Digit, error) {
	limited := &io.LimitedReader{R: r, N: maxBytes + 1}
	table := csv.NewReader(limited)
	table.FieldsPerRecord = 2 + Pixels
	table.ReuseRecord = true
	head, err := table.Read()
	if err != nil {
		return nil, fmt.Errorf("reading the header of the digits: %w", err)
	}
	if head[0] != "id" || head[1] != "label" || head[2] != "p00" {
		return nil, errors.New("the digits file does not start with the header id,label,p00,…,p77")
	}
	var all []Digit
	seen := map[string]bool{}
	for {
		row, err := table.Read()
		switch {
		case limited.N <= 0:
			return nil, fmt.Errorf("the digits file is larger than %d MiB", maxBytes>>20)
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("reading digits: %w", err)
		}
		line, _ := table.FieldPos(0)
		d, err := parseDigit(row)
		if err != nil {
			return nil, fmt.Errorf("reading digits, line %d: %w", line, err)
		}
		if seen[d.ID] {
			return nil, fmt.Errorf("reading digits, line %d: id %q was there before", line, d.ID)
		}
		if len(all) == maxRows {
			return nil, fmt.Errorf("the digits file has more than %d rows", maxRows)
		}
		seen[d.ID] = true
		all = append(all, d)
	}
}

func parseDigit(row []string) (Digit, error) {
	d := Digit{ID: string([]byte(row[0]))} // a copy: the reader reuses the row
	if d.ID == "" || len(d.ID) > maxID {
		return Digit{}, fmt.Errorf("an id has 1 to %d bytes, this one has %d", maxID, len(d.ID))
	}
	label, err := strconv.ParseUint(row[1], 10, 8)
	if err != nil || label >= Classes {
		return Digit{}, fmt.Errorf("label %.20q is not a digit of 0 to 9", row[1])
	}
	d.Label = int(label)
	for i := range d.Pixels {
		p, err := strconv.ParseUint(row[2+i], 10, 8)
		if err != nil || p > maxPixel {
			return Digit{}, fmt.Errorf("pixel p%d%d is %.20q, not a whole number of 0 to %d", i/8, i%8, row[2+i], maxPixel)
		}
		d.Pixels[i] = uint8(p)
	}
	return d, nil
}

// WriteCSV writes digits as [ReadCSV] reads them.
func WriteCSV(w io.Writer, all []Digit) error {
	table := csv.NewWriter(w)
	row := make([]string, 0, 2+Pixels)
	row = append(row, "id", "label")
	for i := range Pixels {
		row = append(row, fmt.Sprintf("p%d%d", i/8, i%8))
	}
	if err := table.Write(row); err != nil {
		return fmt.Errorf("writing digits: %w", err)
	}
	for _, d := range all {
		row = append(row[:0], d.ID, strconv.Itoa(d.Label))
		for _, p := range d.Pixels {
			row = append(row, strconv.Itoa(int(p)))
		}
		if err := table.Write(row); err != nil {
			return fmt.Errorf("writing digits: %w", err)
		}
	}
	table.Flush()
	if err := table.Error(); err != nil {
		return fmt.Errorf("writing digits: %w", err)
	}
	return nil
}
