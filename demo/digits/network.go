package digits

import (
	"math"

	"github.com/assay-ml/assay/demo/digits/internal/steady"
	"github.com/assay-ml/assay/demo/digits/onnx"
)

// dense is one layer in training: weights row by row of outputs, their gradient
// summed over a batch, and the last step.
type dense struct {
	in, out            int
	weights, bias      []float64
	gradient, gradBias []float64
	step, stepBias     []float64
}

func newDense(in, out int, r random) *dense {
	l := &dense{
		in: in, out: out,
		weights: make([]float64, in*out), bias: make([]float64, out),
		gradient: make([]float64, in*out), gradBias: make([]float64, out),
		step: make([]float64, in*out), stepBias: make([]float64, out),
	}
	reach := math.Sqrt(6 / float64(in)) // He et al. 2015, uniform
	for i := range l.weights {
		l.weights[i] = r.around(reach)
	}
	return l
}

func (l *dense) forward(out, in []float64) {
	for o := range out {
		row := l.weights[o*l.in:][:len(in)]
		sum := l.bias[o]
		for i, w := range row {
			sum += float64(w * in[i])
		}
		out[o] = sum
	}
}

// backward adds the gradient for one digit, whose error at the outputs is
// delta, and sets back, if not nil, to the error at the inputs.
func (l *dense) backward(delta, in, back []float64) {
	clear(back)
	for o, d := range delta {
		if d == 0 { // half the hidden units are silent
			continue
		}
		l.gradBias[o] += d
		row := l.gradient[o*l.in:][:len(in)]
		for i, v := range in {
			row[i] += float64(d * v)
		}
		if back != nil {
			for i, w := range l.weights[o*l.in:][:len(back)] {
				back[i] += float64(d * w)
			}
		}
	}
}

// descend makes one step against the batch's mean gradient and forgets it.
func (l *dense) descend(p *Params, batch int) {
	rate := p.LearningRate / float64(batch)
	decay := float64(p.LearningRate * p.WeightDecay)
	for i, g := range l.gradient {
		l.step[i] = float64(p.Momentum*settled(l.step[i])) - float64(rate*g) - float64(decay*l.weights[i])
		l.weights[i] += l.step[i]
	}
	for i, g := range l.gradBias {
		l.stepBias[i] = float64(p.Momentum*l.stepBias[i]) - float64(rate*g)
		l.bias[i] += l.stepBias[i]
	}
	clear(l.gradient)
	clear(l.gradBias)
}

// settled is zero for steps that no longer move anything: left alone they would
// shrink to subnormal numbers, with which processors are slow.
func settled(step float64) float64 {
	if math.Abs(step) < 1e-100 {
		return 0
	}
	return step
}

// frozen is the layer in float32, its weights times scale.
func (l *dense) frozen(scale float64) onnx.Layer {
	f := onnx.Layer{In: l.in, Out: l.out, Weights: make([]float32, len(l.weights)), Bias: make([]float32, len(l.bias))}
	for i, w := range l.weights {
		f.Weights[i] = float32(w * scale)
	}
	for i, b := range l.bias {
		f.Bias[i] = float32(b)
	}
	return f
}

// network is a model in training with room for one digit's way through it.
type network struct {
	hidden, output *dense // hidden is nil for softmax regression
	middle, back   []float64
	scores         [Classes]float64
}

func newNetwork(hidden int, r random) *network {
	if hidden == 0 {
		return &network{output: newDense(Pixels, Classes, r)}
	}
	return &network{
		hidden: newDense(Pixels, hidden, r), output: newDense(hidden, Classes, r),
		middle: make([]float64, hidden), back: make([]float64, hidden),
	}
}

// learn adds the gradient of the cross entropy for one digit.
func (n *network) learn(in []float64, label int) {
	last := in
	if n.hidden != nil {
		n.hidden.forward(n.middle, in)
		for i, v := range n.middle {
			n.middle[i] = max(v, 0)
		}
		last = n.middle
	}
	n.output.forward(n.scores[:], last)
	softmax(&n.scores)
	n.scores[label]-- // now the error: probability minus truth
	n.output.backward(n.scores[:], last, n.back)
	if n.hidden == nil {
		return
	}
	for i, v := range n.middle {
		if v <= 0 {
			n.back[i] = 0
		}
	}
	n.hidden.backward(n.back, in, nil)
}

func softmax(scores *[Classes]float64) {
	top := scores[0]
	for _, s := range scores {
		top = max(top, s)
	}
	sum := 0.0
	for i, s := range scores {
		scores[i] = steady.Exp(s - top)
		sum += scores[i]
	}
	for i := range scores {
		scores[i] /= sum
	}
}

func (n *network) descend(p *Params, batch int) {
	if n.hidden != nil {
		n.hidden.descend(p, batch)
	}
	n.output.descend(p, batch)
}

func (n *network) model() *Model {
	if n.hidden == nil {
		return &Model{[]onnx.Layer{n.output.frozen(1.0 / maxPixel)}}
	}
	return &Model{[]onnx.Layer{n.hidden.frozen(1.0 / maxPixel), n.output.frozen(1)}}
}
