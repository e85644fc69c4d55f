package sqlstore

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-ml/assay/track"
)

func samePoints(a, b []point) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].compare(b[i]) != 0 {
			return false
		}
	}
	return true
}

func mustCodec(t testing.TB) *codec {
	c, err := newCodec()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCodecRoundTrip(t *testing.T) {
	c := mustCodec(t)
	r := rand.New(rand.NewPCG(1, 2))
	even := make([]point, blockSize)
	wild := make([]point, blockSize)
	for i := range even {
		even[i] = point{int64(i), 1700000000000 + int64(i)*250, r.NormFloat64()}
		wild[i] = point{int64(r.Uint64()), int64(r.Uint64()), math.Float64frombits(r.Uint64())}
	}
	var scratch []byte
	for name, p := range map[string][]point{
		"even": even, "wild": wild, "one": {{5, 6, 7}},
		"ends": {{math.MinInt64, math.MaxInt64, math.NaN()}, {math.MaxInt64, math.MinInt64, -math.MaxFloat64}, {math.MinInt64, 0, 0}},
	} {
		z := c.encode(p)
		got, err := c.decode(z, nil, &scratch)
		if err != nil || !samePoints(got, p) {
			t.Errorf("%s: %v, %d points of %d", name, err, len(got), len(p))
		}
		if name == "even" && len(z) > 9*blockSize {
			t.Errorf("%d bytes for %d points", len(z), blockSize)
		}
	}
	for _, bad := range [][]byte{nil, {1, 2, 3}, c.enc.EncodeAll([]byte{5, 1}, nil), c.enc.EncodeAll(make([]byte, 1<<21), nil)} {
		if got, err := c.decode(bad, nil, &scratch); err == nil && len(got) > 0 {
			t.Errorf("%d points of a damaged block", len(got))
		}
	}
}

// FuzzCodec decodes anything without harm, and what was encoded exactly.
func FuzzCodec(f *testing.F) {
	f.Add([]byte("0123456789abcdef01234567"), true)
	f.Add(binary.AppendUvarint(nil, 1<<40), false)
	f.Fuzz(func(t *testing.T, b []byte, points bool) {
		c := mustCodec(t)
		var scratch []byte
		if !points {
			_, _ = c.decode(c.enc.EncodeAll(b, nil), nil, &scratch)
			_, _ = c.decode(b, nil, &scratch)
			return
		}
		var p []point
		for len(b) >= 24 && len(p) < blockSize {
			p = append(p, point{
				int64(binary.LittleEndian.Uint64(b)), int64(binary.LittleEndian.Uint64(b[8:])),
				math.Float64frombits(binary.LittleEndian.Uint64(b[16:])),
			})
			b = b[24:]
		}
		got, err := c.decode(c.encode(p), nil, &scratch)
		if err != nil || !samePoints(got, p) {
			t.Fatalf("%v: %v became %v", err, p, got)
		}
	})
}

// FuzzPack does the same with logs and rows of latest values.
func FuzzPack(f *testing.F) {
	f.Add(packLog([]group{{7, []point{{1, 2, 3}, {-4, 5, math.NaN()}}}, {9, []point{{1, 1, 1}}}}))
	f.Add(packLatest([]keyed{{1, point{2, 3, 4}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = unpackLatest(b)
		var gs []group
		err := unpackLog(b, func(int64) bool { return true }, func(key int64, ps []point) {
			gs = append(gs, group{key, append([]point(nil), ps...)})
		})
		if err != nil {
			return
		}
		i := 0
		err = unpackLog(packLog(gs), func(int64) bool { return true }, func(key int64, ps []point) {
			if key != gs[i].key || !samePoints(ps, gs[i].points) {
				t.Fatalf("group %d differs", i)
			}
			i++
		})
		if err != nil || i != len(gs) {
			t.Fatalf("%v: %d groups of %d", err, i, len(gs))
		}
	})
}

func TestLaterAgreesWithTrack(t *testing.T) {
	values := []float64{-1, 0, 1, math.NaN()}
	for _, a := range values {
		for _, b := range values {
			want := track.Metric{Value: a}.Later(track.Metric{Value: b})
			if got := (point{value: a}).later(point{value: b}); got != want {
				t.Errorf("later(%v, %v) = %v", a, b, got)
			}
		}
	}
}
