package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// file is what was read of a model, before it is understood.
type file struct {
	ir       int64
	opsets   map[string]int64
	metadata map[string]string
	nodes    []operator
	tensors  map[string]tensor
	inputs   []value
	outputs  []value
	elements int
	graphs   int
}

type operator struct {
	op, domain, name string
	inputs, outputs  []string
	attributes       map[string]attribute
}

// title names an operator in an error.
func (o operator) title() string {
	if o.name == "" {
		return o.op
	}
	return fmt.Sprintf("%s %q", o.op, o.name)
}

type attribute struct {
	kind int64
	f    float32
	i    int64
}

type tensor struct {
	dims   []int
	values []float32
}

// value is the declaration of an input or output; a dimension that is not a
// fixed number is -1.
type value struct {
	name string
	dims []int
}

func parse(data []byte) (*file, error) {
	f := &file{opsets: map[string]int64{}, metadata: map[string]string{}, tensors: map[string]tensor{}}
	err := eachField(data, func(at field) error {
		var err error
		switch at.number {
		case modelIR:
			f.ir, err = at.integer()
		case modelGraph:
			if f.graphs++; f.graphs > 1 {
				return errors.New("the file has two graphs")
			}
			err = f.graph(at)
		case modelOpset:
			err = f.opset(at)
		case modelMetadata:
			err = f.pair(at)
		case modelFunction:
			err = errors.New("model-local functions are not supported")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if f.graphs == 0 {
		return nil, errors.New("there is no graph in it, so it is not an ONNX model")
	}
	return f, nil
}

func (f *file) opset(at field) error {
	data, err := at.message()
	if err != nil {
		return err
	}
	var domain string
	var version int64
	err = eachField(data, func(at field) (err error) {
		switch at.number {
		case opsetDomain:
			domain, err = at.text()
		case opsetVersion:
			version, err = at.integer()
		}
		return err
	})
	if len(f.opsets) >= maxMetadata {
		return errors.New("the file imports too many operator sets")
	}
	if domain == "ai.onnx" {
		domain = ""
	}
	f.opsets[domain] = version
	return err
}

func (f *file) pair(at field) error {
	data, err := at.message()
	if err != nil {
		return err
	}
	var key, text string
	err = eachField(data, func(at field) (err error) {
		switch at.number {
		case pairKey:
			key, err = at.text()
		case pairValue:
			text, err = at.textUpTo(maxText)
		}
		return err
	})
	if len(f.metadata) >= maxMetadata {
		return fmt.Errorf("the file has more than %d metadata entries", maxMetadata)
	}
	f.metadata[key] = text
	return err
}

func (f *file) graph(at field) error {
	data, err := at.message()
	if err != nil {
		return err
	}
	return eachField(data, func(at field) error {
		switch at.number {
		case graphNode:
			return f.node(at)
		case graphInitializer:
			return f.tensor(at)
		case graphInput:
			v, err := parseValue(at)
			f.inputs = append(f.inputs, v)
			return tooMany(err, len(f.inputs), maxTensors, "inputs")
		case graphOutput:
			v, err := parseValue(at)
			f.outputs = append(f.outputs, v)
			return tooMany(err, len(f.outputs), maxTensors, "outputs")
		case graphSparse:
			return errors.New("sparse tensors are not supported")
		}
		return nil
	})
}

func tooMany(err error, n, limit int, what string) error {
	if err == nil && n > limit {
		return fmt.Errorf("the graph has more than %d %s", limit, what)
	}
	return err
}

func (f *file) node(at field) error {
	data, err := at.message()
	if err != nil {
		return err
	}
	o := operator{attributes: map[string]attribute{}}
	err = eachField(data, func(at field) (err error) {
		var text string
		switch at.number {
		case nodeInput:
			text, err = at.text()
			o.inputs = append(o.inputs, text)
			err = tooMany(err, len(o.inputs), 8, "inputs at one node")
		case nodeOutput:
			text, err = at.text()
			o.outputs = append(o.outputs, text)
			err = tooMany(err, len(o.outputs), 8, "outputs at one node")
		case nodeName:
			o.name, err = at.text()
		case nodeOp:
			o.op, err = at.text()
		case nodeDomain:
			o.domain, err = at.text()
		case nodeAttribute:
			err = o.attribute(at)
		}
		return err
	})
	f.nodes = append(f.nodes, o)
	return tooMany(err, len(f.nodes), maxNodes, "nodes")
}

func (o *operator) attribute(at field) error {
	data, err := at.message()
	if err != nil {
		return err
	}
	var name string
	var a attribute
	err = eachField(data, func(at field) (err error) {
		switch at.number {
		case attrName:
			name, err = at.text()
		case attrF:
			a.f, err = at.float()
		case attrI:
			a.i, err = at.integer()
		case attrType:
			a.kind, err = at.integer()
		case attrRefer:
			err = errors.New("attributes that refer to a function's are not supported")
		}
		return err
	})
	o.attributes[name] = a
	return tooMany(err, len(o.attributes), 16, "attributes at one node")
}

func (f *file) tensor(at field) error {
	data, err := at.message()
	if err != nil {
		return err
	}
	var name string
	var t tensor
	var dims []int64
	var raw []byte
	var kind int64
	err = eachField(data, func(at field) (err error) {
		switch at.number {
		case tensorDims:
			dims, err = at.integers(dims, 2)
		case tensorType:
			kind, err = at.integer()
		case tensorFloats:
			t.values, err = at.floats(t.values, maxElements-f.elements)
		case tensorName:
			name, err = at.text()
		case tensorRaw:
			raw, err = at.message()
		case tensorSegment, tensorExternal:
			err = errors.New("tensors stored in pieces or outside the file are not supported")
		case tensorLocation:
			if where, _ := at.integer(); where != rawStorage {
				err = errors.New("tensors stored outside the file are not supported")
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("tensor %q: %w", name, err)
	}
	if kind != floatType {
		return fmt.Errorf("tensor %q has data type %d; float32 (1) alone is supported", name, kind)
	}
	if err := t.finish(dims, raw, maxElements-f.elements); err != nil {
		return fmt.Errorf("tensor %q: %w", name, err)
	}
	f.elements += len(t.values)
	if _, twice := f.tensors[name]; twice || name == "" {
		return fmt.Errorf("the tensor name %q is empty or used twice", name)
	}
	f.tensors[name] = t
	return tooMany(nil, len(f.tensors), maxTensors, "tensors")
}

// finish checks a tensor's shape against its numbers, of which limit are allowed.
func (t *tensor) finish(dims []int64, raw []byte, limit int) error {
	count := 1
	for _, d := range dims {
		if d < 1 || d > maxDimension {
			return fmt.Errorf("dimension %d is not within 1 to %d", d, maxDimension)
		}
		count *= int(d)
		t.dims = append(t.dims, int(d))
	}
	if count > limit {
		return fmt.Errorf("the model has more than %d numbers", maxElements)
	}
	if raw != nil {
		if len(t.values) > 0 || len(raw) != 4*count {
			return fmt.Errorf("%d bytes do not make %d numbers", len(raw), count)
		}
		t.values = make([]float32, count)
		for i := range t.values {
			t.values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	}
	if len(t.values) != count {
		return fmt.Errorf("%d numbers where the shape wants %d", len(t.values), count)
	}
	for _, v := range t.values {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return errors.New("a number is infinite or NaN")
		}
	}
	return nil
}

func parseValue(at field) (value, error) {
	data, err := at.message()
	if err != nil {
		return value{}, err
	}
	var v value
	kind := int64(0)
	err = eachField(data, func(at field) (err error) {
		switch at.number {
		case valueName:
			v.name, err = at.text()
		case valueType:
			err = within(at, typeTensor, func(at field) error {
				switch at.number {
				case typeElement:
					kind, err = at.integer()
				case typeShape:
					err = v.shape(at)
				}
				return err
			})
		}
		return err
	})
	if err == nil && kind != floatType {
		err = fmt.Errorf("%q is not a tensor of float32", v.name)
	}
	return v, err
}

// within calls see for the fields of the message in field number of at.
func within(at field, number int, see func(field) error) error {
	data, err := at.message()
	if err != nil {
		return err
	}
	return eachField(data, func(inner field) error {
		if inner.number != number {
			return nil
		}
		data, err := inner.message()
		if err != nil {
			return err
		}
		return eachField(data, see)
	})
}

func (v *value) shape(at field) error {
	data, err := at.message()
	if err != nil {
		return err
	}
	return eachField(data, func(at field) error {
		if at.number != shapeDimension {
			return nil
		}
		data, err := at.message()
		if err != nil {
			return err
		}
		size := int64(-1)
		err = eachField(data, func(at field) (err error) {
			if at.number == dimensionValue {
				size, err = at.integer()
			}
			return err
		})
		if err == nil && (size < -1 || size > maxDimension) {
			err = fmt.Errorf("%q has a dimension of %d", v.name, size)
		}
		v.dims = append(v.dims, int(size))
		return tooMany(err, len(v.dims), 4, "dimensions at one value")
	})
}
