package compare

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"github.com/assay-ml/assay/params"
)

// ExampleColumns names the columns of a table of answers.
type ExampleColumns struct {
	ID, Label, Prediction string // "" means id, label, prediction
}

func (c ExampleColumns) orDefault() ExampleColumns {
	or := func(s, def string) string {
		if s == "" {
			return def
		}
		return s
	}
	return ExampleColumns{or(c.ID, "id"), or(c.Label, "label"), or(c.Prediction, "prediction")}
}

// Example is one answer: what was right and what the model said.
type Example struct {
	ID, Label, Prediction string
	contradicts           bool // another row of this id says something else
}

// Right reports whether the model said what is right.
func (e Example) Right() bool { return e.Label == e.Prediction }

// Examples is one model's answers, by id.
type Examples struct {
	rows          []Example // sorted by id, one for each id
	Duplicates    int       // rows beyond the first of their id
	Contradicting int       // ids whose rows say different things: left out
	Digest        string    // of the test set: hex SHA-256 over sorted (id, label), see ReadExamples
}

// Len is the number of different ids.
func (e *Examples) Len() int { return len(e.rows) }

// ReadExamples takes the answers out of a table. Ids are bytes: "01" is not
// "1". Of labels and predictions "1" and "1.0" are one (pandas writes both);
// nothing else is normalised. Equal rows of an id count once; an id whose rows
// contradict each other is left out.
//
// The digest of the test set is SHA-256 over the different (id, label) pairs in
// byte order, each text with its length before it as 8 bytes, big end first.
// The order of the rows and the predictions do not matter to it.
func ReadExamples(t *params.Columns, cols ExampleColumns) (*Examples, error) {
	cols = cols.orDefault()
	at := [3]int{}
	for i, name := range []string{cols.ID, cols.Label, cols.Prediction} {
		if at[i] = t.Index(name); at[i] < 0 {
			return nil, fmt.Errorf("there is no column %q: the columns are %s; set examples.id, examples.label and examples.prediction",
				name, strings.Join(t.Names[:min(len(t.Names), 20)], ", "))
		}
	}
	all := make([]Example, len(t.Rows))
	for i, r := range t.Rows {
		all[i] = Example{ID: r[at[0]], Label: label(r[at[1]]), Prediction: label(r[at[2]])}
	}
	slices.SortFunc(all, compareExamples)
	return unite(all), nil
}

func compareExamples(a, b Example) int {
	if c := strings.Compare(a.ID, b.ID); c != 0 {
		return c
	}
	if c := strings.Compare(a.Label, b.Label); c != 0 {
		return c
	}
	return strings.Compare(a.Prediction, b.Prediction)
}

// unite makes one row of each id; all is sorted and reused.
func unite(all []Example) *Examples {
	e := &Examples{}
	sum := sha256.New()
	rows := all[:0]
	for i, x := range all {
		if i == 0 || x.ID != all[i-1].ID || x.Label != all[i-1].Label {
			writeSized(sum, x.ID)
			writeSized(sum, x.Label)
		}
		if n := len(rows); n > 0 && rows[n-1].ID == x.ID {
			e.Duplicates++
			if last := &rows[n-1]; !last.contradicts && (last.Label != x.Label || last.Prediction != x.Prediction) {
				last.contradicts = true
				e.Contradicting++
			}
			continue
		}
		rows = append(rows, x)
	}
	e.rows = rows
	e.Digest = hex.EncodeToString(sum.Sum(nil))
	return e
}

func writeSized(h hash.Hash, s string) {
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(s)))
	h.Write(size[:]) // a hash never fails
	h.Write([]byte(s))
}

// label strips the ".0" of an integer that passed through a float column.
func label(s string) string {
	whole, frac, ok := strings.Cut(s, ".")
	if !ok || frac == "" || strings.Trim(frac, "0") != "" {
		return s
	}
	if d := strings.TrimPrefix(whole, "-"); d == "" || strings.Trim(d, "0123456789") != "" {
		return s
	}
	return whole
}
