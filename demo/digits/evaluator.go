package digits

import (
	"errors"
	"fmt"

	"github.com/assay-ml/assay/demo/digits/onnx"
)

// Evaluator reads digits with a model from an ONNX file. Many goroutines may
// use one at once.
type Evaluator struct {
	session *onnx.Session
}

// Load reads an ONNX file, whoever wrote it, that takes 64 numbers a row and
// gives ten. What it supports is said at package onnx; anything else, damage
// included, is an error that names the cause.
func Load(data []byte) (*Evaluator, error) {
	session, err := onnx.Load(data)
	if err != nil {
		return nil, err
	}
	if in, out := session.InputWidth(), session.OutputWidth(); in != Pixels || out != Classes {
		return nil, fmt.Errorf("the model takes %d numbers and gives %d; a reader of digits takes %d and gives %d", in, out, Pixels, Classes)
	}
	return &Evaluator{session}, nil
}

// Metadata returns the file's metadata properties, see [MetaLabels].
func (e *Evaluator) Metadata() map[string]string { return e.session.Metadata() }

// Predict returns the probability of each digit for a picture of 8×8 counts of
// 0 to 16, row by row from the top. It fails for pixels outside that range and
// for models whose answer is not ten probabilities.
func (e *Evaluator) Predict(pixels [Pixels]float32) ([Classes]float32, error) {
	if err := checkPixels(pixels); err != nil {
		return [Classes]float32{}, err
	}
	row, err := e.session.Run(pixels[:])
	if err != nil {
		return [Classes]float32{}, err
	}
	for _, p := range row {
		if !(p >= 0 && p <= 1.0001) {
			return [Classes]float32{}, errors.New("the model's answer is not a probability: does it end with Softmax?")
		}
	}
	return [Classes]float32(row), nil
}

func checkPixels(pixels [Pixels]float32) error {
	for i, v := range pixels {
		if !(v >= 0 && v <= maxPixel) { // written so that NaN fails
			return fmt.Errorf("pixel %d is %v, not within 0 to %d", i, v, maxPixel)
		}
	}
	return nil
}

// Answer is the digit that is most likely, and how likely it is.
func Answer(probabilities [Classes]float32) (digit int, score float32) { return best(probabilities) }
