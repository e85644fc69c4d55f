package digits

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func shippedParts(t testing.TB) Parts {
	t.Helper()
	all, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	parts, err := Split(all, SplitSeed)
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

func TestDefault(t *testing.T) {
	all, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1797 || all[0].ID != "digit-0001" || all[1796].ID != "digit-1797" {
		t.Fatalf("got %d digits, %q to %q", len(all), all[0].ID, all[len(all)-1].ID)
	}
	ink := 0
	for _, d := range all {
		for _, p := range d.Pixels {
			ink += int(p)
		}
	}
	if ink != 561718 { // as scikit-learn's load_digits().data.sum()
		t.Errorf("ink of all digits is %d, want 561718", ink)
	}
}

func TestCSVRoundTrip(t *testing.T) {
	text, err := CSV()
	if err != nil {
		t.Fatal(err)
	}
	all, err := ReadCSV(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := WriteCSV(&out, all); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), text) {
		t.Error("written again, the shipped digits are other bytes")
	}
}

func TestReadCSVRefuses(t *testing.T) {
	text, err := CSV()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfterN(string(text), "\n", 3)
	head, row := lines[0], lines[1]
	for name, c := range map[string]struct{ text, want string }{
		"empty":       {"", "header"},
		"no header":   {row, "header"},
		"repeated id": {head + row + row, "line 3"},
		"no id":       {head + strings.TrimPrefix(row, "digit-0001"), "id"},
		"label":       {head + strings.Replace(row, ",0,", ",10,", 1), "label"},
		"pixel":       {head + strings.Replace(row, ",13,", ",17,", 1), "pixel p03"},
		"too short":   {head + "digit-1,0,1\n", "wrong number of fields"},
	} {
		if _, err := ReadCSV(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
		}
	}
}

func TestSplit(t *testing.T) {
	parts := shippedParts(t)
	if len(parts.HeldOut) != 899 || len(parts.Train) != 898 {
		t.Fatalf("got %d held out and %d to train, want 899 and 898", len(parts.HeldOut), len(parts.Train))
	}
	var balance [Classes]int
	seen := map[string]bool{}
	for _, d := range parts.HeldOut {
		balance[d.Label]++
		seen[d.ID] = true
	}
	for _, d := range parts.Train {
		balance[d.Label]--
		if seen[d.ID] {
			t.Errorf("%s is in both parts", d.ID)
		}
	}
	for d, b := range balance {
		if b < -1 || b > 1 {
			t.Errorf("digit %d: %+d more held out than trained", d, b)
		}
	}
}

func TestSplitIgnoresOrder(t *testing.T) {
	all, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	ids := func(all []Digit) []string {
		parts, err := Split(all, SplitSeed)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, d := range parts.HeldOut {
			ids = append(ids, d.ID)
		}
		slices.Sort(ids)
		return ids
	}
	before := ids(all)
	slices.Reverse(all)
	if after := ids(all); !slices.Equal(before, after) {
		t.Error("rows in another order are split otherwise")
	}
	if _, err := Split(all[:10], SplitSeed); err == nil {
		t.Error("ten rows were split")
	}
}
