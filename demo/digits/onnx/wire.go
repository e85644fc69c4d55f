package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The wire types of Protocol Buffers that ONNX uses; the group types 3 and 4
// do not occur in it. See https://protobuf.dev/programming-guides/encoding/.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// message builds one protobuf message; its zero value is an empty one.
type message struct{ data []byte }

func (m *message) tag(field int, wire byte) {
	m.data = binary.AppendUvarint(m.data, uint64(field)<<3|uint64(wire))
}

func (m *message) integer(field int, v int64) {
	m.tag(field, wireVarint)
	m.data = binary.AppendUvarint(m.data, uint64(v))
}

func (m *message) bytes(field int, v []byte) {
	m.tag(field, wireBytes)
	m.data = binary.AppendUvarint(m.data, uint64(len(v)))
	m.data = append(m.data, v...)
}

func (m *message) text(field int, v string) { m.bytes(field, []byte(v)) }

func (m *message) child(field int, build func(*message)) {
	var child message
	build(&child)
	m.bytes(field, child.data)
}

// field is one field of a message as it stands on the wire.
type field struct {
	number int
	wire   byte
	value  uint64 // of a varint, fixed32 or fixed64
	data   []byte // of bytes; shares memory with the message
}

var errTruncated = errors.New("the file ends in the middle of a field")

// eachField calls see for every field of a message, in order. The input may be
// anything: lengths are checked before they are used, nothing is allocated.
func eachField(data []byte, see func(field) error) error {
	for len(data) > 0 {
		tag, n := binary.Uvarint(data)
		if n <= 0 {
			return errTruncated
		}
		data = data[n:]
		if tag>>3 == 0 || tag>>3 > 1<<29-1 {
			return fmt.Errorf("field number %d is not one of protobuf's", tag>>3)
		}
		f := field{number: int(tag >> 3), wire: byte(tag & 7)}
		rest, err := f.read(data)
		if err != nil {
			return err
		}
		data = rest
		if err := see(f); err != nil {
			return err
		}
	}
	return nil
}

func (f *field) read(data []byte) ([]byte, error) {
	switch f.wire {
	case wireVarint:
		v, n := binary.Uvarint(data)
		if n <= 0 {
			return nil, errTruncated
		}
		f.value = v
		return data[n:], nil
	case wireFixed32:
		if len(data) < 4 {
			return nil, errTruncated
		}
		f.value = uint64(binary.LittleEndian.Uint32(data))
		return data[4:], nil
	case wireFixed64:
		if len(data) < 8 {
			return nil, errTruncated
		}
		f.value = binary.LittleEndian.Uint64(data)
		return data[8:], nil
	case wireBytes:
		size, n := binary.Uvarint(data)
		if n <= 0 || size > uint64(len(data)-n) {
			return nil, errTruncated
		}
		f.data = data[n:][:size]
		return data[n+int(size):], nil
	default:
		return nil, fmt.Errorf("wire type %d is not used by ONNX", f.wire)
	}
}

// integer is the field as an int64.
func (f field) integer() (int64, error) {
	if f.wire != wireVarint {
		return 0, fmt.Errorf("field %d is not a whole number", f.number)
	}
	return int64(f.value), nil
}

// float is the field as a float32.
func (f field) float() (float32, error) {
	if f.wire != wireFixed32 {
		return 0, fmt.Errorf("field %d is not a 32-bit float", f.number)
	}
	return math.Float32frombits(uint32(f.value)), nil
}

// text is the field as a string of at most maxName bytes.
func (f field) text() (string, error) {
	return f.textUpTo(maxName)
}

func (f field) textUpTo(limit int) (string, error) {
	if f.wire != wireBytes {
		return "", fmt.Errorf("field %d is not text", f.number)
	}
	if len(f.data) > limit {
		return "", fmt.Errorf("field %d has %d bytes of text, more than %d", f.number, len(f.data), limit)
	}
	return string(f.data), nil
}

// message is the field as the bytes of a message.
func (f field) message() ([]byte, error) {
	if f.wire != wireBytes {
		return nil, fmt.Errorf("field %d is not a message", f.number)
	}
	return f.data, nil
}

// integers appends the field, packed or not, to list.
func (f field) integers(list []int64, limit int) ([]int64, error) {
	if f.wire == wireVarint {
		list = append(list, int64(f.value))
	} else {
		data, err := f.message()
		if err != nil {
			return nil, err
		}
		for len(data) > 0 {
			v, n := binary.Uvarint(data)
			if n <= 0 {
				return nil, errTruncated
			}
			if len(list) >= limit {
				break
			}
			list = append(list, int64(v))
			data = data[n:]
		}
		if len(data) == 0 && len(list) <= limit {
			return list, nil
		}
		return nil, fmt.Errorf("field %d lists more than %d numbers", f.number, limit)
	}
	if len(list) > limit {
		return nil, fmt.Errorf("field %d lists more than %d numbers", f.number, limit)
	}
	return list, nil
}

// floats appends the field, packed or not, to list.
func (f field) floats(list []float32, limit int) ([]float32, error) {
	if f.wire == wireFixed32 {
		if len(list) >= limit {
			return nil, fmt.Errorf("field %d lists more than %d numbers", f.number, limit)
		}
		return append(list, math.Float32frombits(uint32(f.value))), nil
	}
	data, err := f.message()
	if err != nil {
		return nil, err
	}
	if len(data)%4 != 0 || len(data)/4 > limit-len(list) {
		return nil, fmt.Errorf("field %d has %d bytes of floats, not a multiple of 4 within %d numbers", f.number, len(data), limit)
	}
	for ; len(data) > 0; data = data[4:] {
		list = append(list, math.Float32frombits(binary.LittleEndian.Uint32(data)))
	}
	return list, nil
}
