package params

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	tests := []struct {
		name, in string
		want     *Columns
	}{
		{"p.csv", "\ufeffid,label,note\r\n1,a,\"two\nlines, \"\"quoted\"\"\"\r\n\r\n 2,b,\r\n", &Columns{
			Names: []string{"id", "label", "note"},
			Rows:  [][]string{{"1", "a", "two\nlines, \"quoted\""}, {" 2", "b", ""}},
		}},
		{"p.tsv", "id\tx\n1\ta,b\n", &Columns{Names: []string{"id", "x"}, Rows: [][]string{{"1", "a,b"}}}},
		{"p.csv", "id,x\n\xff,1", &Columns{Names: []string{"id", "x"}, Rows: [][]string{{"\xff", "1"}}}},
		{"p.csv", ",,x\n", &Columns{Names: []string{"", "", "x"}}},
	}
	for _, tt := range tests {
		got, err := Table(tt.name, []byte(tt.in))
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%q (-want +got)\n%s", tt.in, d)
		}
	}
}

func TestTableErrors(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", "the table is empty"},
		{"a,b\n1,2\n3\n", "p.csv:3: the row has another number of cells"},
		{"a,b\n1,\"2\n", "p.csv:"},
		{"a,b\n1,x\"y\n", "p.csv:2:"},
		{"a,b,a\n", `p.csv:1: the column "a" stands twice`},
		{strings.Repeat(",", MaxColumns) + "\n", "more than 4096 columns"},
		{"\"\"" + strings.Repeat(",", MaxColumns) + "\n", "more than 4096 columns"},
		{strings.Repeat(" ", MaxTable+1), "more than the limit of 64 MB"},
	}
	for _, tt := range tests {
		_, err := Table("p.csv", []byte(tt.in))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.30q: got %v, want %q", tt.in, err, tt.want)
		}
	}
}

func TestTableCells(t *testing.T) {
	c := &collector{file: "p.csv"}
	read := func(limit int) error {
		_, err := c.rows(csv.NewReader(strings.NewReader("1\n2\n3\n")), 1, limit)
		return err
	}
	if err := read(9); err != nil {
		t.Error(err)
	}
	if err := read(8); err == nil || !strings.Contains(err.Error(), "p.csv:3: the table is too large") {
		t.Errorf("got %v", err)
	}
}
