package perexample

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Bounds of Read.
const (
	MaxFile = 2 << 30    // bytes
	MaxRows = 40_000_000 // rows
	maxCols = 4096
)

// Columns names the columns. An empty name, or an optional column that is not
// there, is read as none; Must lists the optional ones that have to be there.
type Columns struct {
	ID, Label, Prediction             string
	Score, Cluster, Seed, InputDigest string
	Slices                            []string
	Must                              []string
}

// Side is one model's answers as they stand in its file.
type Side struct {
	id, label, pred []uint32
	score           []float64  // nil without the column
	cluster         []uint32   // nil without the column
	seed            []uint32   // nil without the column
	input           []uint32   // nil without the column
	slices          [][]uint32 // by slice column; nil without it
}

// Rows is the number of rows read.
func (s *Side) Rows() int { return len(s.id) }

// HasScore reports whether there is a column of scores.
func (s *Side) HasScore() bool { return s.score != nil }

// SyntaxError says where a table cannot be read, and why.
type SyntaxError struct {
	Line int // 0 if no line is to blame
	Msg  string
}

func (e *SyntaxError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%d: %s", e.Line, e.Msg)
	}
	return " " + e.Msg
}

// Read takes the answers out of a CSV (RFC 4180), or a table with tabs if name
// ends in .tsv or .tab. A byte order mark is skipped, CRLF, quoted newlines,
// columns in any order and an empty cell after the last column are understood.
// Ids are bytes: "01" is not "1". Of labels and predictions "1" and "1.0" are
// one; nothing else is normalised. A score that is no number is NaN. Errors of
// the table are *SyntaxError.
func Read(r io.Reader, name string, cols Columns, pool *Pool) (*Side, error) {
	limited := &io.LimitedReader{R: r, N: MaxFile + 1}
	buf := bufio.NewReaderSize(limited, 1<<20)
	if mark, _ := buf.Peek(3); string(mark) == "\ufeff" {
		_, _ = buf.Discard(3)
	}
	c := csv.NewReader(buf)
	c.ReuseRecord = true
	c.FieldsPerRecord = -1
	if ext := strings.ToLower(path.Ext(name)); ext == ".tsv" || ext == ".tab" {
		c.Comma = '\t'
	}
	header, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, &SyntaxError{0, "the table is empty: a header row is needed"}
	}
	if err != nil {
		return nil, syntax(err)
	}
	b, err := newBuilder(header, cols, pool)
	if err != nil {
		return nil, err
	}
	for {
		row, err := c.Read()
		switch {
		case limited.N <= 0:
			return nil, &SyntaxError{0, fmt.Sprintf("the file is larger than %d GB", MaxFile>>30)}
		case errors.Is(err, io.EOF):
			return b.side, nil
		case err != nil:
			return nil, syntax(err)
		}
		if err := b.add(row); err != nil {
			line, _ := c.FieldPos(0)
			return nil, &SyntaxError{line, err.Error()}
		}
	}
}

func syntax(err error) error {
	var pe *csv.ParseError
	if errors.As(err, &pe) {
		return &SyntaxError{pe.Line, pe.Err.Error()}
	}
	return err
}

// builder puts the cells of a row where they belong.
type builder struct {
	side  *Side
	pool  *Pool
	width int
	at    [7]int // id, label, prediction, score, cluster, seed, input; −1 without
	slice []int
}

func newBuilder(header []string, cols Columns, pool *Pool) (*builder, error) {
	if len(header) > maxCols {
		return nil, &SyntaxError{1, fmt.Sprintf("more than %d columns", maxCols)}
	}
	seen := map[string]bool{}
	for _, h := range header {
		if h != "" && seen[h] { // pandas leaves the name of an index column empty
			return nil, &SyntaxError{1, fmt.Sprintf("the column %q stands twice", h)}
		}
		seen[h] = true
	}
	b := &builder{side: &Side{slices: make([][]uint32, len(cols.Slices))}, pool: pool, width: len(header)}
	find := func(name string, must bool) (int, error) {
		if name == "" {
			return -1, nil
		}
		at := slices.Index(header, name)
		if at < 0 && (must || slices.Contains(cols.Must, name)) {
			return -1, &SyntaxError{1, fmt.Sprintf("there is no column %q: the columns are %s", name, strings.Join(header[:min(len(header), 20)], ", "))}
		}
		return at, nil
	}
	for i, name := range []string{cols.ID, cols.Label, cols.Prediction, cols.Score, cols.Cluster, cols.Seed, cols.InputDigest} {
		var err error
		if b.at[i], err = find(name, i < 3); err != nil {
			return nil, err
		}
	}
	for _, name := range cols.Slices {
		at, err := find(name, false)
		if err != nil {
			return nil, err
		}
		b.slice = append(b.slice, at)
	}
	return b, nil
}

func (b *builder) add(row []string) error {
	for len(row) > b.width && row[len(row)-1] == "" {
		row = row[:len(row)-1]
	}
	s := b.side
	switch {
	case len(row) != b.width:
		return fmt.Errorf("the row has %d cells, the header %d", len(row), b.width)
	case len(s.id) == MaxRows:
		return fmt.Errorf("more than %d rows", MaxRows)
	case uint64(len(b.pool.text))+uint64(rowBytes(row)) > math.MaxUint32:
		return errors.New("more than 4 GB of different texts")
	}
	s.id = append(s.id, b.pool.Code(row[b.at[0]]))
	s.label = append(s.label, b.pool.Code(Label(row[b.at[1]])))
	s.pred = append(s.pred, b.pool.Code(Label(row[b.at[2]])))
	if b.at[3] >= 0 {
		s.score = append(s.score, Number(row[b.at[3]]))
	}
	for i, to := range []*[]uint32{&s.cluster, &s.seed, &s.input} {
		if at := b.at[4+i]; at >= 0 {
			*to = append(*to, b.pool.Code(row[at]))
		}
	}
	for i, at := range b.slice {
		if at >= 0 {
			s.slices[i] = append(s.slices[i], b.pool.Code(row[at]))
		}
	}
	return nil
}

func rowBytes(row []string) int {
	n := 0
	for _, c := range row {
		n += len(c)
	}
	return n
}

// Number reads a decimal number; anything else is NaN.
func Number(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return math.NaN()
	}
	return f
}

// Label strips the ".0" of an integer that passed through a float column.
func Label(s string) string {
	whole, frac, ok := strings.Cut(s, ".")
	if !ok || frac == "" || strings.Trim(frac, "0") != "" {
		return s
	}
	if d := strings.TrimPrefix(whole, "-"); d == "" || strings.Trim(d, "0123456789") != "" {
		return s
	}
	return whole
}
