package lineage

import "testing"

func TestCanonical(t *testing.T) {
	type pair struct {
		B int64  `json:"b"`
		A string `json:"a"`
	}
	got, err := Canonical(map[string]any{"z": pair{9007199254740993, "<ä>"}, "a": []any{nil, true, 0.1}})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"a":[null,true,0.1],"z":{"a":"<ä>","b":9007199254740993}}`; string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLink(t *testing.T) {
	first, err := Link("", map[string]int{"v": 1})
	if err != nil {
		t.Fatal(err)
	}
	second, _ := Link(first, map[string]int{"v": 2})
	if again, _ := Link(first, map[string]int{"v": 2}); again != second || len(second) != 64 {
		t.Errorf("%s, then %s", second, again)
	}
	forged, _ := Link("", map[string]int{"v": 3})
	if other, _ := Link(forged, map[string]int{"v": 2}); other == second {
		t.Error("the chain does not cover what came before")
	}
}
