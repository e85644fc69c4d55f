package tracktest

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

func streams(t *testing.T, s Store) {
	ctx := t.Context()
	id := run(t, s)
	add := func(at int64, data string) {
		t.Helper()
		ok(t, s.AppendStream(ctx, track.StreamChunk{RunID: id, Name: "output", Offset: at, Data: []byte(data)}))
	}
	read := func(from int64, max int, want string, wantNext int64) {
		t.Helper()
		data, next, err := s.Stream(ctx, id, "output", from, max)
		ok(t, err)
		if string(data) != want || next != wantNext {
			t.Errorf("from %d: %q up to %d, want %q up to %d", from, data, next, want, wantNext)
		}
	}
	read(0, 0, "", 0)
	add(0, "hello ")
	add(0, "HELLO ") // a replay changes nothing
	add(4, "XXwor")  // trimmed
	add(9, "ld\x00\xff")
	read(0, 0, "hello world\x00\xff", 13)
	read(3, 5, "lo wo", 8)
	read(13, 0, "", 13)
	add(20, "far")
	read(0, 0, "hello world\x00\xff", 13) // up to the gap
	read(13, 0, "far", 23)                // over it
	add(10, "ZZZ1234567ZZZabc")           // the gap is filled and what was there stays
	read(0, 0, "hello world\x00\xff1234567farabc", 26)
	for name, c := range map[string]track.StreamChunk{
		"negative": {RunID: id, Name: "output", Offset: -1, Data: []byte("x")},
		"overflow": {RunID: id, Name: "output", Offset: 1<<63 - 1, Data: []byte("x")},
		"unnamed":  {RunID: id, Data: []byte("x")},
	} {
		if err := s.AppendStream(ctx, c); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantFault(t, s.AppendStream(ctx, track.StreamChunk{RunID: "nobody", Name: "output"}), fault.NotFound, "Run with id=nobody not found")
}

// streamModel compares a stream with a naive one: a byte that is there stays.
func streamModel(t *testing.T, s Store) {
	rapid.Check(t, func(rt *rapid.T) {
		id := run(t, s)
		model, there := make([]byte, 200), make([]bool, 200)
		for i := range rapid.IntRange(0, 12).Draw(rt, "chunks") {
			at := rapid.IntRange(0, 150).Draw(rt, "at")
			data := bytes.Repeat([]byte{byte('a' + i)}, rapid.IntRange(0, 50).Draw(rt, "size"))
			ok(t, s.AppendStream(t.Context(), track.StreamChunk{RunID: id, Name: "output", Offset: int64(at), Data: data}))
			for j, b := range data {
				if !there[at+j] {
					model[at+j], there[at+j] = b, true
				}
			}
		}
		got, have := make([]byte, 200), make([]bool, 200)
		max := rapid.IntRange(1, 60).Draw(rt, "max")
		for from := int64(0); ; {
			data, next, err := s.Stream(t.Context(), id, "output", from, max)
			ok(t, err)
			if len(data) == 0 {
				break
			}
			for j, b := range data {
				at := int(next) - len(data) + j
				got[at], have[at] = b, true
			}
			from = next
		}
		for i := range got {
			if got[i] != model[i] || have[i] != there[i] {
				rt.Fatalf("byte %d is %q, want %q", i, got[i], model[i])
			}
		}
	})
}
