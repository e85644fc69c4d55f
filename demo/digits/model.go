package digits

import (
	"maps"

	"github.com/assay-ml/assay/demo/digits/internal/steady"
	"github.com/assay-ml/assay/demo/digits/onnx"
)

// Model is a trained network: 64 pixel counts → hidden ReLU units → softmax
// over the digits 0 to 9; without hidden units the pixels go straight to the
// softmax. It takes counts of 0 to 16 as they are: the division by 16 with
// which it was trained is folded into the first layer's weights, which is exact
// because 16 is a power of two.
type Model struct {
	layers []onnx.Layer
}

// Probabilities returns how likely each of the ten digits is.
func (m *Model) Probabilities(pixels [Pixels]float32) [Classes]float32 {
	row := pixels[:]
	for i, l := range m.layers {
		next := make([]float32, l.Out)
		steady.Affine(next, l.Weights, l.Bias, row)
		if i < len(m.layers)-1 {
			steady.ReLU(next)
		}
		row = next
	}
	steady.Softmax(row)
	return [Classes]float32(row)
}

// Numbers is how many weights and biases the model has.
func (m *Model) Numbers() int {
	n := 0
	for _, l := range m.layers {
		n += len(l.Weights) + len(l.Bias)
	}
	return n
}

// Metadata keys that [Model.ONNX] writes beside the caller's.
const (
	MetaLabels        = "labels"        // the answers in the order of the probabilities, comma-separated
	MetaPreprocessing = "preprocessing" // how a picture becomes the input
)

// ONNX writes the model as an ONNX file (see [onnx.Encode]): input "input",
// float32 [N, 64], counts of 0 to 16; output "probabilities", float32 [N, 10].
// The caller's metadata is added to the model's; equal models with equal
// metadata are equal bytes.
func (m *Model) ONNX(metadata map[string]string) ([]byte, error) {
	all := map[string]string{
		MetaLabels: "0,1,2,3,4,5,6,7,8,9",
		MetaPreprocessing: "32x32 bitmap, ink per 4x4 block, 0 to 16, row by row from the top; " +
			"no scaling by the caller: the division by 16 is in the first layer's weights",
	}
	maps.Copy(all, metadata)
	return onnx.Encode(onnx.Network{
		Name:     "digits",
		Producer: "assay-demo-digits",
		Version:  "1",
		Doc:      "Reads one handwritten digit of 8x8 pixels.",
		Layers:   m.layers,
		Metadata: all,
	})
}

// best is the most likely digit and its probability; of equals the smallest.
func best(probabilities [Classes]float32) (digit int, score float32) {
	for d, p := range probabilities {
		if p > probabilities[digit] {
			digit = d
		}
	}
	return digit, probabilities[digit]
}
