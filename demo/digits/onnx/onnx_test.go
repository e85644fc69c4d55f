package onnx

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// sample is a network of 2 → 2 → 2 whose answers can be done in the head.
func sample() Network {
	return Network{
		Name: "sample", Producer: "test", Version: "1",
		Layers: []Layer{
			{In: 2, Out: 2, Weights: []float32{1, 0, 0, -1}, Bias: []float32{0, 0.5}},
			{In: 2, Out: 2, Weights: []float32{1, 2, 1, 2}, Bias: []float32{1, 1}},
		},
		Metadata: map[string]string{"b": "2", "a": "1"},
	}
}

func encode(t testing.TB, n Network) []byte {
	t.Helper()
	data, err := Encode(n)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRoundTrip(t *testing.T) {
	data := encode(t, sample())
	if !bytes.Equal(data, encode(t, sample())) {
		t.Error("the same network gave different files")
	}
	s, err := Load(data)
	if err != nil {
		t.Fatal(err)
	}
	if s.InputWidth() != 2 || s.OutputWidth() != 2 || s.Metadata()["a"] != "1" || s.Metadata()["b"] != "2" {
		t.Errorf("widths %d, %d, metadata %v", s.InputWidth(), s.OutputWidth(), s.Metadata())
	}
	got, err := s.Run([]float32{3, 4}) // → 3, -3.5 → relu 3, 0 → 4, 4 → ½, ½
	if err != nil || !slices.Equal(got, []float32{0.5, 0.5}) {
		t.Errorf("got %v, %v; want 0.5, 0.5", got, err)
	}
	if _, err := s.Run([]float32{1}); err == nil {
		t.Error("a row that is too short was run")
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, n := range map[string]Network{
		"no layer": {},
		"weights":  {Layers: []Layer{{In: 2, Out: 1, Weights: []float32{1}, Bias: []float32{0}}}},
		"misfit":   {Layers: []Layer{{1, 2, []float32{1, 1}, []float32{0, 0}}, {1, 1, []float32{1}, []float32{0}}}},
	} {
		if _, err := Encode(n); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

// model builds a file by hand, for what Encode does not write.
type model struct {
	opset   int64
	nodes   []node
	extra   func(graph *message)
	tensors map[string][]int
	output  string
	width   int
}

func (b model) bytes() []byte {
	var m message
	m.integer(modelIR, irVersion)
	m.child(modelGraph, func(m *message) {
		for _, n := range b.nodes {
			m.child(graphNode, n.encode)
		}
		for name, shape := range b.tensors {
			count := 1
			for _, d := range shape {
				count *= d
			}
			values := make([]float32, count)
			for i := range values {
				values[i] = float32(i + 1)
			}
			m.child(graphInitializer, func(m *message) { encodeTensor(m, name, shape, values) })
		}
		m.child(graphInput, func(m *message) { encodeValue(m, "x", 2) })
		m.child(graphOutput, func(m *message) { encodeValue(m, b.output, b.width) })
		if b.extra != nil {
			b.extra(m)
		}
	})
	m.child(modelOpset, func(m *message) { m.integer(opsetVersion, b.opset) })
	return m.data
}

func TestOperators(t *testing.T) {
	for name, c := range map[string]struct {
		nodes   []node
		tensors map[string][]int
		in      []float32
		want    []float32
	}{
		"matmul": {
			[]node{{op: "MatMul", inputs: []string{"x", "w"}, output: "y"}},
			map[string][]int{"w": {2, 3}},
			[]float32{1, 10},
			[]float32{41, 52, 63},
		},
		"gemm without bias": {
			[]node{{op: "Gemm", inputs: []string{"x", "w"}, output: "y"}},
			map[string][]int{"w": {2, 3}},
			[]float32{1, 10},
			[]float32{41, 52, 63},
		},
		"gemm transposed with scalar bias": {
			[]node{{op: "Gemm", inputs: []string{"x", "w", "b"}, output: "y", transB: true}},
			map[string][]int{"w": {3, 2}, "b": {1}},
			[]float32{1, 10},
			[]float32{22, 44, 66},
		},
		"constant added from the left": {
			[]node{{op: "Add", inputs: []string{"b", "x"}, output: "y"}},
			map[string][]int{"b": {1, 2}},
			[]float32{1, 10},
			[]float32{2, 12},
		},
		"relu, identity": {
			[]node{{op: "Relu", inputs: []string{"x"}, output: "z"}, {op: "Identity", inputs: []string{"z"}, output: "y"}},
			nil,
			[]float32{-1, 3},
			[]float32{0, 3},
		},
		"softmax": {
			[]node{{op: "Softmax", inputs: []string{"x"}, output: "y", axis: true}},
			nil,
			[]float32{7, 7},
			[]float32{0.5, 0.5},
		},
	} {
		s, err := Load(model{opset: 13, nodes: c.nodes, tensors: c.tensors, output: "y", width: len(c.want)}.bytes())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := s.Run(c.in); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, c.want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	relu := []node{{op: "Relu", inputs: []string{"x"}, output: "y"}}
	attribute := func(name string, v int64) func(*message) {
		return func(m *message) {
			m.child(graphNode, func(m *message) {
				m.text(nodeInput, "x")
				m.text(nodeInput, "w")
				m.text(nodeOutput, "z")
				m.text(nodeOp, "Gemm")
				m.child(nodeAttribute, func(m *message) {
					m.text(attrName, name)
					m.integer(attrI, v)
					m.integer(attrType, attrInt)
				})
			})
		}
	}
	w := map[string][]int{"w": {2, 2}}
	for want, m := range map[string]model{
		`"Conv" is not supported`:     {opset: 13, nodes: []node{{op: "Conv", inputs: []string{"x"}, output: "y"}}},
		"operator set 12":             {opset: 12, nodes: relu},
		"a cycle":                     {opset: 13, nodes: []node{{op: "Relu", inputs: []string{"y"}, output: "y"}}},
		"is used twice":               {opset: 13, nodes: append(relu, relu...)},
		`no node computes the output`: {opset: 13},
		"input 2 is missing":          {opset: 13, nodes: []node{{op: "MatMul", inputs: []string{"x"}, output: "y"}}},
		"computed ones":               {opset: 13, nodes: []node{{op: "Add", inputs: []string{"x", "x"}, output: "y"}}},
		"the weights take 3":          {opset: 13, tensors: map[string][]int{"w": {3, 2}}, nodes: []node{{op: "MatMul", inputs: []string{"x", "w"}, output: "y"}}},
		"three of them":               {},
		`"transA" is not supported`:   {opset: 13, nodes: relu, tensors: w, extra: attribute("transA", 1)},
		`"alpha" is not 1.0`:          {opset: 13, nodes: relu, tensors: w, extra: attribute("alpha", 1)},
		`"beth" is not supported`:     {opset: 13, nodes: relu, tensors: w, extra: attribute("beth", 1)},
		"a second input":              {opset: 13, nodes: relu, extra: func(m *message) { m.child(graphInput, func(m *message) { encodeValue(m, "x2", 2) }) }},
		"2 outputs":                   {opset: 13, nodes: relu, extra: func(m *message) { m.child(graphOutput, func(m *message) { encodeValue(m, "y", 2) }) }},
		"sparse":                      {opset: 13, nodes: relu, extra: func(m *message) { m.text(graphSparse, "") }},
		"not within 1 to":             {opset: 13, nodes: relu, extra: badTensor(1<<40, nil)},
		"more than 4194304 numbers":   {opset: 13, nodes: relu, extra: badTensor(1<<16, nil)},
		"data type 7":                 {opset: 13, nodes: relu, extra: badTensor(1, func(m *message) { m.integer(tensorType, 7) })},
		"outside the file":            {opset: 13, nodes: relu, extra: badTensor(1, func(m *message) { m.integer(tensorLocation, 1) })},
		"infinite or NaN":             {opset: 13, nodes: relu, extra: badTensor(1, func(m *message) { m.bytes(tensorRaw, []byte{0, 0, 0xc0, 0x7f}) })},
		"is declared as":              {opset: 13, nodes: relu, width: 3},
	} {
		if want == "three of them" { // a file without a version
			want, m = "operator set 0", model{nodes: relu}
		}
		m.output = "y"
		if m.width == 0 {
			m.width = 2
		}
		if _, err := Load(m.bytes()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

// badTensor adds a tensor of a square shape with further fields.
func badTensor(side int64, more func(*message)) func(*message) {
	return func(m *message) {
		m.child(graphInitializer, func(m *message) {
			m.integer(tensorDims, side)
			m.integer(tensorDims, side)
			m.integer(tensorType, floatType)
			m.text(tensorName, "t")
			if more != nil {
				more(m)
			}
		})
	}
}

func TestLoadRefusesEveryCut(t *testing.T) {
	data := encode(t, sample())
	graphEnd := bytes.LastIndex(data, []byte("probabilities")) // within the graph
	for n := range graphEnd {
		if _, err := Load(data[:n]); err == nil {
			t.Errorf("the first %d of %d bytes were loaded", n, len(data))
		}
	}
	if _, err := Load(make([]byte, MaxBytes+1)); err == nil {
		t.Error("a file that is too large was loaded")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(encode(f, sample()))
	f.Add(model{
		opset: 13, output: "y", width: 2, tensors: map[string][]int{"w": {2, 2}, "b": {2}},
		nodes: []node{
			{op: "MatMul", inputs: []string{"x", "w"}, output: "s"},
			{op: "Add", inputs: []string{"s", "b"}, output: "t"},
			{op: "Softmax", inputs: []string{"t"}, output: "y"},
		},
	}.bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Load(data)
		if err != nil {
			return
		}
		out, err := s.Run(make([]float32, s.InputWidth()))
		if err != nil || len(out) != s.OutputWidth() {
			t.Errorf("a loaded model gave %d of %d numbers and %v", len(out), s.OutputWidth(), err)
		}
	})
}
