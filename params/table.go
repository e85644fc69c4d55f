package params

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
)

// Bounds of Table.
const (
	MaxTable   = 64 << 20 // bytes of a table
	MaxColumns = 4096
	maxCells   = 24 << 20 // each cell costs 16 bytes beside its text, each row as much as two cells
)

// Columns is a table of texts: a header and rows of the same width.
type Columns struct {
	Names []string
	Rows  [][]string
}

// Index returns the place of a column, -1 if there is none.
func (c *Columns) Index(name string) int { return slices.Index(c.Names, name) }

// Table reads a CSV (RFC 4180) or, if name ends in .tsv or .tab, a table with
// tabs. The first row is the header. A byte order mark is skipped, CRLF and
// quoted newlines are understood (a CRLF inside quotes reads as one newline),
// empty lines are skipped. Cells are bytes: nothing is trimmed or decoded.
// Every error is a *SyntaxError.
func Table(name string, data []byte) (*Columns, error) {
	c := &collector{file: name}
	if len(data) > MaxTable {
		return nil, c.fail(0, "%d bytes are more than the limit of %d MB", len(data), MaxTable>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if i := bytes.IndexByte(data, '\n'); countCommas(data, i, comma(name)) > MaxColumns {
		return nil, c.fail(1, "more than %d columns", MaxColumns)
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = comma(name)
	names, err := r.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, c.fail(0, "the table is empty: a header row is needed")
	case err != nil:
		return nil, c.csvError(err)
	case len(names) > MaxColumns:
		return nil, c.fail(1, "more than %d columns", MaxColumns)
	}
	if twice, ok := repeated(names); ok {
		return nil, c.fail(1, "the column %q stands twice", short(twice))
	}
	rows, err := c.rows(r, len(names), maxCells)
	if err != nil {
		return nil, err
	}
	return &Columns{Names: names, Rows: rows}, nil
}

func comma(name string) rune {
	if ext := strings.ToLower(path.Ext(name)); ext == ".tsv" || ext == ".tab" {
		return '\t'
	}
	return ','
}

// countCommas looks at the first line only, before any of it is stored.
func countCommas(data []byte, end int, comma rune) int {
	if end >= 0 {
		data = data[:end]
	}
	if bytes.IndexByte(data, '"') >= 0 {
		return 0 // quoted commas: the reader counts
	}
	return bytes.Count(data, []byte(string(comma))) + 1
}

func (c *collector) rows(r *csv.Reader, width, limit int) ([][]string, error) {
	var rows [][]string
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, c.csvError(err)
		}
		if (len(rows)+1)*(width+2) > limit {
			line, _ := r.FieldPos(0)
			return nil, c.fail(line, "the table is too large: more than %d cells (a row counts as two more)", limit)
		}
		rows = append(rows, row)
	}
}

func (c *collector) csvError(err error) error {
	var pe *csv.ParseError
	if !errors.As(err, &pe) {
		return c.fail(0, "%s", err)
	}
	if errors.Is(err, csv.ErrFieldCount) {
		return c.fail(pe.Line, "the row has another number of cells than the header")
	}
	return c.fail(pe.Line, "%s", pe.Err)
}

// repeated finds a column name that stands twice; pandas writes an unnamed
// index column, so the empty name may repeat.
func repeated(names []string) (string, bool) {
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		if n != "" && seen[n] {
			return n, true
		}
		seen[n] = true
	}
	return "", false
}
