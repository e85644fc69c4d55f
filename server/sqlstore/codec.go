package sqlstore

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// blockSize is how many points a full block holds.
const blockSize = 1024

// A block is, compressed with zstd:
//
//	uvarint n
//	n varints: steps as differences of differences
//	n varints: times as differences
//	8 planes of n bytes: the values' bytes, lowest first
//
// Steps and times of a series run evenly and cost next to nothing; of the
// values, the planes of exponent and sign repeat and compress, those of the
// low mantissa stay as they are.
type codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// newCodec is shared by all: coders are safe for use at the same time and
// costly to make.
var newCodec = sync.OnceValues(func() (*codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	// A block that claims to be larger than any we write is damaged.
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(1<<20))
	if err != nil {
		return nil, err
	}
	return &codec{enc, dec}, nil
})

func (c *codec) encode(p []point) []byte {
	b := binary.AppendUvarint(make([]byte, 0, 16*len(p)+16), uint64(len(p)))
	var step, diff, time int64
	for _, x := range p {
		d := x.step - step
		b = binary.AppendVarint(b, d-diff)
		step, diff = x.step, d
	}
	for _, x := range p {
		b = binary.AppendVarint(b, x.time-time)
		time = x.time
	}
	at, n := len(b), len(p)
	b = append(b, make([]byte, 8*n)...)
	for i, x := range p {
		u := math.Float64bits(x.value)
		for k := range 8 {
			b[at+k*n+i] = byte(u >> (8 * k))
		}
	}
	return c.enc.EncodeAll(b, nil)
}

// decode appends a block's points to out; scratch is reused between calls.
func (c *codec) decode(z []byte, out []point, scratch *[]byte) ([]point, error) {
	b, err := c.dec.DecodeAll(z, (*scratch)[:0])
	if err != nil {
		return out, fmt.Errorf("decoding a block: %w", err)
	}
	*scratch = b
	u := unpacker{b: b}
	n64 := u.uvarint()
	if u.bad || n64 > blockSize {
		return out, errPacked
	}
	n, start := int(n64), len(out)
	for range n {
		out = append(out, point{})
	}
	q := out[start:]
	var step, diff, time int64
	for i := range q {
		diff += u.varint()
		step += diff
		q[i].step = step
	}
	for i := range q {
		time += u.varint()
		q[i].time = time
	}
	if u.bad || len(u.b) != 8*n {
		return out[:start], errPacked
	}
	b = u.b
	for i := range q {
		q[i].value = math.Float64frombits(uint64(b[i]) | uint64(b[n+i])<<8 | uint64(b[2*n+i])<<16 | uint64(b[3*n+i])<<24 |
			uint64(b[4*n+i])<<32 | uint64(b[5*n+i])<<40 | uint64(b[6*n+i])<<48 | uint64(b[7*n+i])<<56)
	}
	return out, nil
}
