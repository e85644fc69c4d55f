package onnx

import (
	"errors"
	"fmt"
	"slices"

	"github.com/assay-ml/assay/demo/digits/internal/steady"
)

// step computes one value, a row of numbers, from one or two earlier ones.
type step struct {
	from, to int // places among a session's rows
	run      func(out, in []float32)
}

// planner turns a parsed file into steps, in the file's order: ONNX demands
// that a node stands after those that it needs, so a cycle cannot be written
// without using a value before it exists, which is refused.
type planner struct {
	file   *file
	place  map[string]int // of a value computed from the input
	widths []int          // by place
	steps  []step
	work   int // multiplications for one row
}

func (p *planner) add(name string, width int) (int, error) {
	if _, isTensor := p.file.tensors[name]; isTensor || name == "" {
		return 0, fmt.Errorf("the value name %q is empty or used twice", name)
	}
	if _, twice := p.place[name]; twice {
		return 0, fmt.Errorf("the value name %q is used twice", name)
	}
	if width > maxDimension {
		return 0, fmt.Errorf("the value %q is wider than %d", name, maxDimension)
	}
	p.place[name] = len(p.widths)
	p.widths = append(p.widths, width)
	return len(p.widths) - 1, nil
}

func (p *planner) node(o operator) error {
	if o.domain != "" && o.domain != "ai.onnx" {
		return fmt.Errorf("operator %s.%s is not supported: only ONNX's own operators are", o.domain, o.op)
	}
	build, known := map[string]func(operator) (builder, error){
		"Gemm":     p.gemm,
		"MatMul":   p.matMul,
		"Add":      p.bias,
		"Relu":     p.relu,
		"Softmax":  p.softmax,
		"Identity": p.identity,
	}[o.op]
	if !known {
		return fmt.Errorf("operator %q is not supported; Gemm, MatMul, Add, Relu, Softmax and Identity are", o.op)
	}
	if len(o.outputs) != 1 {
		return fmt.Errorf("%s has %d outputs, not one", o.title(), len(o.outputs))
	}
	b, err := build(o)
	if err != nil {
		return fmt.Errorf("%s: %w", o.title(), err)
	}
	to, err := p.add(o.outputs[0], b.width)
	if err != nil {
		return fmt.Errorf("%s: %w", o.title(), err)
	}
	p.work += b.work
	if p.work > maxWork {
		return fmt.Errorf("the model wants more than %d multiplications a row", maxWork)
	}
	p.steps = append(p.steps, step{b.from, to, b.run})
	return nil
}

// builder is a step before its result has a place.
type builder struct {
	from, width, work int
	run               func(out, in []float32)
}

// row is the place and width of the computed value that is input i of o.
func (p *planner) row(o operator, i int) (place, width int, err error) {
	if i >= len(o.inputs) {
		return 0, 0, fmt.Errorf("input %d is missing", i+1)
	}
	place, known := p.place[o.inputs[i]]
	if known {
		return place, p.widths[place], nil
	}
	if _, constant := p.file.tensors[o.inputs[i]]; constant {
		return 0, 0, fmt.Errorf("input %d (%q) is a constant; here it must come from the graph's input", i+1, o.inputs[i])
	}
	return 0, 0, fmt.Errorf("input %q does not exist at this point (unknown name, wrong order or a cycle)", o.inputs[i])
}

// constant is the tensor that is input i of o.
func (p *planner) constant(o operator, i int) (tensor, error) {
	if i >= len(o.inputs) {
		return tensor{}, fmt.Errorf("input %d is missing", i+1)
	}
	t, known := p.file.tensors[o.inputs[i]]
	if !known {
		return tensor{}, fmt.Errorf("input %d (%q) is not a constant; computed ones are not supported here", i+1, o.inputs[i])
	}
	return t, nil
}

// only refuses attributes and inputs that are not known, for an attribute that
// is ignored is a wrong answer.
func only(o operator, inputs int, known ...string) error {
	if len(o.inputs) > inputs {
		return fmt.Errorf("has %d inputs, at most %d are supported", len(o.inputs), inputs)
	}
	for name := range o.attributes {
		if !slices.Contains(known, name) {
			return fmt.Errorf("attribute %q is not supported", name)
		}
	}
	return nil
}

func (o operator) integer(name string, otherwise int64) (int64, error) {
	a, given := o.attributes[name]
	if !given {
		return otherwise, nil
	}
	if a.kind != attrInt {
		return 0, fmt.Errorf("attribute %q is not a whole number", name)
	}
	return a.i, nil
}

// one refuses a factor that is not 1.
func (o operator) one(name string) error {
	a, given := o.attributes[name]
	if given && (a.kind != attrFloat || a.f != 1) {
		return fmt.Errorf("attribute %q is not 1.0, which alone is supported", name)
	}
	return nil
}

func (p *planner) gemm(o operator) (builder, error) {
	if err := only(o, 3, "alpha", "beta", "transA", "transB"); err != nil {
		return builder{}, err
	}
	transA, errA := o.integer("transA", 0)
	transB, errB := o.integer("transB", 0)
	if err := errors.Join(errA, errB, o.one("alpha"), o.one("beta")); err != nil {
		return builder{}, err
	}
	if transA != 0 {
		return builder{}, errors.New(`attribute "transA" is not supported`)
	}
	return p.product(o, transB != 0)
}

func (p *planner) matMul(o operator) (builder, error) {
	if err := only(o, 2); err != nil {
		return builder{}, err
	}
	return p.product(o, false)
}

// product is input 0 times input 1, whose rows are outputs if transposed, plus
// input 2, the bias, if there is one.
func (p *planner) product(o operator, transposed bool) (builder, error) {
	from, in, err := p.row(o, 0)
	if err != nil {
		return builder{}, err
	}
	t, err := p.constant(o, 1)
	if err != nil {
		return builder{}, err
	}
	if len(t.dims) != 2 {
		return builder{}, fmt.Errorf("the weights have %d dimensions, not two", len(t.dims))
	}
	rows, columns := t.dims[0], t.dims[1]
	weights := t.values
	if !transposed {
		weights = transpose(weights, rows, columns)
		rows, columns = columns, rows
	}
	if columns != in {
		return builder{}, fmt.Errorf("the weights take %d numbers, the value before has %d", columns, in)
	}
	var bias []float32
	if len(o.inputs) > 2 && o.inputs[2] != "" {
		t, err := p.constant(o, 2)
		if err != nil {
			return builder{}, err
		}
		if bias, err = t.asRow(rows); err != nil {
			return builder{}, err
		}
	}
	run := func(out, in []float32) { steady.Affine(out, weights, bias, in) }
	return builder{from, rows, len(weights), run}, nil
}

func transpose(values []float32, rows, columns int) []float32 {
	turned := make([]float32, len(values))
	for r := range rows {
		for c := range columns {
			turned[c*rows+r] = values[r*columns+c]
		}
	}
	return turned
}

// bias is Add of a computed value and a constant, in either order.
func (p *planner) bias(o operator) (builder, error) {
	if err := only(o, 2); err != nil {
		return builder{}, err
	}
	if len(o.inputs) == 2 {
		if _, first := p.file.tensors[o.inputs[0]]; first {
			o.inputs = []string{o.inputs[1], o.inputs[0]}
		}
	}
	from, width, err := p.row(o, 0)
	if err != nil {
		return builder{}, err
	}
	t, err := p.constant(o, 1)
	if err != nil {
		return builder{}, err
	}
	row, err := t.asRow(width)
	if err != nil {
		return builder{}, err
	}
	run := func(out, in []float32) {
		for i := range out {
			out[i] = in[i] + row[i]
		}
	}
	return builder{from, width, width, run}, nil
}

// asRow is the tensor repeated to one row of the given width (broadcasting).
func (t tensor) asRow(width int) ([]float32, error) {
	if len(t.dims) == 2 && t.dims[0] != 1 {
		return nil, fmt.Errorf("a bias of shape %v cannot be added to every row", t.dims)
	}
	switch len(t.values) {
	case width:
		return t.values, nil
	case 1:
		return slices.Repeat(t.values, width), nil
	}
	return nil, fmt.Errorf("a bias of shape %v cannot be added to %d numbers", t.dims, width)
}

func (p *planner) relu(o operator) (builder, error) {
	return p.unary(o, steady.ReLU)
}

func (p *planner) identity(o operator) (builder, error) {
	return p.unary(o, func([]float32) {})
}

func (p *planner) softmax(o operator) (builder, error) {
	axis, err := o.integer("axis", -1)
	if err != nil {
		return builder{}, err
	}
	if axis != -1 && axis != 1 {
		return builder{}, fmt.Errorf("axis %d is not supported; -1 and 1 are", axis)
	}
	return p.unary(o, steady.Softmax, "axis")
}

func (p *planner) unary(o operator, change func([]float32), attributes ...string) (builder, error) {
	if err := only(o, 1, attributes...); err != nil {
		return builder{}, err
	}
	from, width, err := p.row(o, 0)
	if err != nil {
		return builder{}, err
	}
	run := func(out, in []float32) {
		copy(out, in)
		change(out)
	}
	return builder{from, width, width, run}, nil
}
