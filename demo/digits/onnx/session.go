package onnx

import (
	"fmt"
	"maps"
)

// Session is a loaded model, ready to be run. It is not changed by running, so
// it may be used by many goroutines at once.
type Session struct {
	metadata map[string]string
	steps    []step
	widths   []int
	output   int // place of the result
}

// Load reads an ONNX file. It refuses, saying why, what is damaged, larger than
// 16 MiB, of another operator set than 13 to 26, or uses anything outside the
// bounds that the package comment names.
func Load(data []byte) (*Session, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("loading an ONNX model: %d bytes are more than %d", len(data), MaxBytes)
	}
	f, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("loading an ONNX model: %w", err)
	}
	s, err := f.session()
	if err != nil {
		return nil, fmt.Errorf("loading an ONNX model: %w", err)
	}
	return s, nil
}

func (f *file) session() (*Session, error) {
	if f.ir < minIR || f.ir > maxIR {
		return nil, fmt.Errorf("IR version %d is not within %d to %d", f.ir, minIR, maxIR)
	}
	if v := f.opsets[""]; v < opset || v > maxOpset {
		return nil, fmt.Errorf("operator set %d is not within %d to %d; export the model with opset 13", v, opset, maxOpset)
	}
	p := &planner{file: f, place: map[string]int{}}
	if err := p.input(); err != nil {
		return nil, err
	}
	for _, o := range f.nodes {
		if err := p.node(o); err != nil {
			return nil, err
		}
	}
	if len(f.outputs) != 1 {
		return nil, fmt.Errorf("the graph has %d outputs, not one", len(f.outputs))
	}
	out := f.outputs[0]
	place, known := p.place[out.name]
	if !known {
		return nil, fmt.Errorf("no node computes the output %q", out.name)
	}
	if n := len(out.dims); n > 0 && (n != 2 || out.dims[1] >= 0 && out.dims[1] != p.widths[place]) {
		return nil, fmt.Errorf("the output %q is declared as %v, but its rows have %d numbers", out.name, out.dims, p.widths[place])
	}
	return &Session{f.metadata, p.steps, p.widths, place}, nil
}

// input finds the one input that is not a constant (files of IR version 3 list
// constants among the inputs too).
func (p *planner) input() error {
	for _, v := range p.file.inputs {
		if _, constant := p.file.tensors[v.name]; constant {
			continue
		}
		if len(p.widths) > 0 {
			return fmt.Errorf("the graph has a second input, %q; one is supported", v.name)
		}
		if len(v.dims) != 2 || v.dims[1] < 1 {
			return fmt.Errorf("the input %q has shape %v; [N, fixed width] is supported", v.name, v.dims)
		}
		if _, err := p.add(v.name, v.dims[1]); err != nil {
			return err
		}
	}
	if len(p.widths) == 0 {
		return fmt.Errorf("the graph has no input")
	}
	return nil
}

// InputWidth is how many numbers one row of the input has.
func (s *Session) InputWidth() int { return s.widths[0] }

// OutputWidth is how many numbers one row of the output has.
func (s *Session) OutputWidth() int { return s.widths[s.output] }

// Metadata returns the file's metadata properties.
func (s *Session) Metadata() map[string]string { return maps.Clone(s.metadata) }

// Run computes the output for one row of the input. It fails if the row has
// another number of values than [Session.InputWidth].
func (s *Session) Run(input []float32) ([]float32, error) {
	if len(input) != s.widths[0] {
		return nil, fmt.Errorf("running an ONNX model: the row has %d numbers, the model takes %d", len(input), s.widths[0])
	}
	rows := make([][]float32, len(s.widths))
	rows[0] = input
	for _, st := range s.steps {
		rows[st.to] = make([]float32, s.widths[st.to])
		st.run(rows[st.to], rows[st.from])
	}
	if s.output == 0 {
		return append([]float32(nil), input...), nil
	}
	return rows[s.output], nil
}
