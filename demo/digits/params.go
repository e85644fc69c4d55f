package digits

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Params are what a training is told. The zero value of a field is taken as it
// is: start from a [Preset] or [ReadParams] for sensible ones.
type Params struct {
	Hidden       int     `json:"hidden" yaml:"hidden"`               // units of the hidden layer; 0 is plain softmax regression
	Epochs       int     `json:"epochs" yaml:"epochs"`               // passes over the training digits
	LearningRate float64 `json:"learning_rate" yaml:"learning_rate"` // step of gradient descent
	Momentum     float64 `json:"momentum" yaml:"momentum"`           // share of the last step that is kept, 0 to below 1
	Batch        int     `json:"batch" yaml:"batch"`                 // digits a step
	WeightDecay  float64 `json:"weight_decay" yaml:"weight_decay"`   // L2 penalty on weights, not on biases
	Copies       int     `json:"copies" yaml:"copies"`               // bent copies of every digit an epoch, beside the digit itself
	Bend         float64 `json:"bend" yaml:"bend"`                   // how far copies are moved, scaled and sheared: 1 is up to 0.8 pixels, 10 % and 15 %
	Seed         int64   `json:"seed" yaml:"seed"`                   // of weights, order and copies
}

// Validate says which parameter is out of its range, if one is.
func (p Params) Validate() error {
	var errs []error
	within := func(name string, v, low, high float64) {
		if !(v >= low && v <= high) { // written so that NaN fails
			errs = append(errs, fmt.Errorf("%s is %v, must be within %v to %v", name, v, low, high))
		}
	}
	within("hidden", float64(p.Hidden), 0, 1024)
	within("epochs", float64(p.Epochs), 1, 1000)
	within("learning_rate", p.LearningRate, 1e-9, 1e3)
	within("momentum", p.Momentum, 0, 0.999)
	within("batch", float64(p.Batch), 1, 10000)
	within("weight_decay", p.WeightDecay, 0, 1)
	within("copies", float64(p.Copies), 0, 20)
	within("bend", p.Bend, 0, 3)
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("parameters of the training: %w", err)
	}
	return nil
}

// YAML writes the parameters as a flat YAML file, one a line.
func (p Params) YAML() string {
	var b strings.Builder
	for _, f := range p.fields() {
		fmt.Fprintf(&b, "%s: %s\n", f.name, f.text())
	}
	return b.String()
}

// Set sets one parameter by its name in the file, as decoded from YAML or JSON
// (int, int64, uint64 or float64).
func (p *Params) Set(name string, v any) error {
	for _, f := range p.fields() {
		if f.name == name {
			return f.set(v)
		}
	}
	return fmt.Errorf("there is no parameter %q", name)
}

// ReadParams makes parameters from a decoded file: the baseline's, with those
// that the file names set. Unknown names are refused, for they are mostly typing
// errors.
func ReadParams(file map[string]any) (Params, error) {
	p := Baseline().Params
	for name, v := range file {
		if err := p.Set(name, v); err != nil {
			return Params{}, fmt.Errorf("reading the parameters: %w", err)
		}
	}
	return p, p.Validate()
}

// param is one parameter by name; one of its pointers is set.
type param struct {
	name  string
	whole *int
	seed  *int64
	real  *float64
}

func (p *Params) fields() []param {
	return []param{
		{name: "hidden", whole: &p.Hidden},
		{name: "epochs", whole: &p.Epochs},
		{name: "learning_rate", real: &p.LearningRate},
		{name: "momentum", real: &p.Momentum},
		{name: "batch", whole: &p.Batch},
		{name: "weight_decay", real: &p.WeightDecay},
		{name: "copies", whole: &p.Copies},
		{name: "bend", real: &p.Bend},
		{name: "seed", seed: &p.Seed},
	}
}

func (f param) text() string {
	switch {
	case f.whole != nil:
		return strconv.Itoa(*f.whole)
	case f.seed != nil:
		return strconv.FormatInt(*f.seed, 10)
	}
	return strconv.FormatFloat(*f.real, 'g', -1, 64)
}

func (f param) set(v any) error {
	var real float64
	var whole int64
	exact := true
	switch v := v.(type) {
	case int:
		real, whole = float64(v), int64(v)
	case int64:
		real, whole = float64(v), v
	case uint64:
		real, whole, exact = float64(v), int64(v), v < 1<<63
	case float64:
		real, whole = v, int64(v)
		exact = v == float64(whole)
	default:
		return fmt.Errorf("%s is %v, not a number", f.name, v)
	}
	if f.real != nil {
		*f.real = real
		return nil
	}
	if !exact || (f.whole != nil && int64(int(whole)) != whole) {
		return fmt.Errorf("%s is %v, not a whole number", f.name, v)
	}
	if f.whole != nil {
		*f.whole = int(whole)
	} else {
		*f.seed = whole
	}
	return nil
}
