package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Layer is one dense layer: out = weights · in + bias.
type Layer struct {
	In, Out int
	Weights []float32 // Out rows of In numbers
	Bias    []float32 // Out numbers
}

// Network is a stack of dense layers with ReLU between them and softmax after
// the last, with what is written beside it.
type Network struct {
	Name     string // of the graph
	Producer string // the program that made it
	Version  string // of that program
	Doc      string // for people
	Layers   []Layer
	Metadata map[string]string // written sorted by key, so that equal networks are equal files
}

// Names of the graph's input and output that [Encode] writes.
const (
	InputName  = "input"
	OutputName = "probabilities"
)

// Encode writes the network as an ONNX file of IR version 8 and operator set
// 13: Gemm, Relu, …, Gemm, Softmax; the input is "input", float32 of shape
// [N, first In], the output "probabilities", float32 of [N, last Out]. Equal
// networks give equal bytes. It fails if layers do not fit each other.
func Encode(n Network) ([]byte, error) {
	if err := n.check(); err != nil {
		return nil, fmt.Errorf("writing an ONNX file: %w", err)
	}
	var m message
	m.integer(modelIR, irVersion)
	m.text(modelProducer, n.Producer)
	m.text(modelProdVer, n.Version)
	m.text(modelDoc, n.Doc)
	m.child(modelGraph, n.graph)
	m.child(modelOpset, func(m *message) {
		m.text(opsetDomain, "")
		m.integer(opsetVersion, opset)
	})
	for _, key := range slices.Sorted(maps.Keys(n.Metadata)) {
		m.child(modelMetadata, func(m *message) {
			m.text(pairKey, key)
			m.text(pairValue, n.Metadata[key])
		})
	}
	return m.data, nil
}

func (n Network) check() error {
	if len(n.Layers) == 0 {
		return errors.New("the network has no layer")
	}
	for i, l := range n.Layers {
		if l.In <= 0 || l.Out <= 0 || len(l.Weights) != l.In*l.Out || len(l.Bias) != l.Out {
			return fmt.Errorf("layer %d: %d weights and %d biases do not make %d → %d", i+1, len(l.Weights), len(l.Bias), l.In, l.Out)
		}
		if i > 0 && n.Layers[i-1].Out != l.In {
			return fmt.Errorf("layer %d gives %d numbers, layer %d takes %d", i, n.Layers[i-1].Out, i+1, l.In)
		}
	}
	return nil
}

func (n Network) graph(m *message) {
	last := len(n.Layers) - 1
	value := InputName
	for i := range n.Layers {
		scores := fmt.Sprintf("scores%d", i+1)
		gemm := node{op: "Gemm", inputs: []string{value, weightName(i), biasName(i)}, output: scores, transB: true}
		m.child(graphNode, gemm.encode)
		if i == last {
			softmax := node{op: "Softmax", inputs: []string{scores}, output: OutputName, axis: true}
			m.child(graphNode, softmax.encode)
			break
		}
		value = fmt.Sprintf("hidden%d", i+1)
		relu := node{op: "Relu", inputs: []string{scores}, output: value}
		m.child(graphNode, relu.encode)
	}
	m.text(graphName, n.Name)
	for i, l := range n.Layers {
		m.child(graphInitializer, func(m *message) { encodeTensor(m, weightName(i), []int{l.Out, l.In}, l.Weights) })
		m.child(graphInitializer, func(m *message) { encodeTensor(m, biasName(i), []int{l.Out}, l.Bias) })
	}
	m.child(graphInput, func(m *message) { encodeValue(m, InputName, n.Layers[0].In) })
	m.child(graphOutput, func(m *message) { encodeValue(m, OutputName, n.Layers[last].Out) })
}

func weightName(layer int) string { return fmt.Sprintf("layer%d.weight", layer+1) }
func biasName(layer int) string   { return fmt.Sprintf("layer%d.bias", layer+1) }

// node is an operator as Encode writes it.
type node struct {
	op     string
	inputs []string
	output string
	transB bool // Gemm's attribute
	axis   bool // Softmax's attribute, -1
}

func (n node) encode(m *message) {
	for _, name := range n.inputs {
		m.text(nodeInput, name)
	}
	m.text(nodeOutput, n.output)
	m.text(nodeName, n.op+"_"+n.output)
	m.text(nodeOp, n.op)
	integer := func(name string, v int64) {
		m.child(nodeAttribute, func(m *message) {
			m.text(attrName, name)
			m.integer(attrI, v)
			m.integer(attrType, attrInt)
		})
	}
	if n.transB {
		integer("transB", 1)
	}
	if n.axis {
		integer("axis", -1)
	}
}

func encodeTensor(m *message, name string, shape []int, values []float32) {
	for _, d := range shape {
		m.integer(tensorDims, int64(d))
	}
	m.integer(tensorType, floatType)
	m.text(tensorName, name)
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	m.bytes(tensorRaw, raw)
}

func encodeValue(m *message, name string, width int) {
	m.text(valueName, name)
	m.child(valueType, func(m *message) {
		m.child(typeTensor, func(m *message) {
			m.integer(typeElement, floatType)
			m.child(typeShape, func(m *message) {
				m.child(shapeDimension, func(m *message) { m.text(dimensionName, "N") })
				m.child(shapeDimension, func(m *message) { m.integer(dimensionValue, int64(width)) })
			})
		})
	})
}
